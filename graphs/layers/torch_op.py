"""One operation of PyTorch that no other layer says: how a network from elsewhere keeps all that it computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import field_validator, model_validator

from graphs.layers.base import Fault, Shape, setting
from graphs.layers.operation import DTYPES, Operation, checked, plain, scalar, whole
from graphs.layers.torch_allowed import allowed
from graphs.layers.torch_source import Source, constants, plain_calls

VALUES, DEPTH, WORDS = 20_000, 24, 200
"""Bounds of what an operation is given: values and depth of its arguments, characters of a word among them."""
_PRODUCTS = """
    addbmm addmm addmv baddbmm bilinear bmm chain_matmul conv1d conv2d conv3d conv_transpose1d conv_transpose2d
    conv_transpose3d convolution dot einsum gru inner linalg_matmul linear lstm matmul mm mv rnn_relu rnn_tanh
    scaled_dot_product_attention tensordot vdot
"""
PRODUCTS = frozenset(_PRODUCTS.split())
"""Functions that take products of matrices."""
_POINTWISE = """
    abs absolute acos acosh add addcdiv addcmul alias arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh
    atan atan2 atanh bernoulli bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor
    ceil
    celu clamp clamp_max clamp_min clip clone contiguous copysign cos cosh deg2rad digamma div divide dropout elu eq erf
    erfc erfinv exp exp2 expm1 fix float_power floor floor_divide fmax fmin fmod frac ge gelu greater greater_equal gt
    hardshrink hardsigmoid hardswish hardtanh heaviside hypot i0 isclose isfinite isinf isnan isneginf isposinf ldexp
    le leaky_relu lerp less less_equal lgamma log log10 log1p log2 log_sigmoid logaddexp logaddexp2 logical_and
    logical_not logical_or logical_xor logit lt masked_fill maximum minimum mish mul multiply nan_to_num ne neg
    negative nextafter not_equal positive pow prelu rad2deg reciprocal relu relu6 remainder round rrelu rsqrt rsub
    selu sigmoid sign signbit silu sin sinc sinh softplus softshrink special_digamma special_entr special_erf
    special_erfc special_erfinv special_exp2 special_expit special_expm1 special_log1p special_ndtr special_ndtri
    special_xlog1py special_xlogy sqrt square sub subtract tan tanh threshold to true_divide trunc where xlogy
"""
POINTWISE = frozenset(_POINTWISE.split())
"""Functions whose results each come from the values at one place."""
MARKS = {
    "wire": {"axis"},
    "step": {"part"},
    "tensor": {"shape", "dtype", "learn"},
    "value": {"dtype"},
    "list": set(),
    "batch": set(),
    "training": set(),
    "dtype": set(),
    "device": set(),
    "float": set(),
    "memory_format": set(),
}
"""What an object among the arguments may say, by its first word, and what it may say beside it."""


class TorchOp(Operation):
    """One function of torch.ops.aten.

    Its arguments are JSON: numbers, words, lists, and objects for what JSON lacks. {"wire": 0, "axis": 1} is an input
    (its batch moved to axis 1), {"step": 0, "part": 1} a result of `before`, {"tensor": "weight", "shape": […],
    "dtype": …, "learn": true} numbers in the state dict, {"value": […], "dtype": …} numbers written here, {"batch": 2}
    twice as many as there are samples, {"training": true} whether it trains; then {"dtype": "float32"},
    {"device": true}, {"float": "-inf"}. `results` says for each output which step, which part of it and which of its
    axes is the batch.
    """

    title: ClassVar[str] = "PyTorch operation"
    help: ClassVar[str] = "One function of PyTorch that no other layer says, as a network from elsewhere uses it."
    stem: ClassVar[str] = "torch"
    synonyms: ClassVar[tuple[str, ...]] = ("aten", "function", "operation", "imported", "torch.export", "roll")
    torch: ClassVar[str] = "modules.TorchOp"
    written: ClassVar[str | None] = ""

    target: str = setting(
        "aten.roll.default", "Function", "Its name among torch.ops, with its overload.", max_length=80
    )
    args: list[Any] = setting(
        [{"wire": 0}, [1], [-1]], "Arguments", "What it is called with, in order, as JSON.", max_length=64
    )
    kwargs: dict[str, Any] = setting({}, "Keywords", "What it is called with by name, as JSON.", max_length=64)
    before: list[Any] = setting([], "Before", "Calls whose results it takes, as JSON.", max_length=2000)
    results: list[Any] = setting(
        [{}],
        "Results",
        "Which results it gives and which of their axes is the batch, as JSON.",
        min_length=1,
        max_length=64,
    )

    @property
    def count(self) -> int:
        return len(self.results)

    @field_validator("target")
    @classmethod
    def _known(cls, target: str) -> str:
        if not allowed(target):
            raise ValueError("is no function that may run")
        return target

    @field_validator("kwargs")
    @classmethod
    def _named(cls, kwargs: dict[str, Any]) -> dict[str, Any]:
        if not all(name.isidentifier() and len(name) <= WORDS for name in kwargs):
            raise ValueError("takes values by plain names")
        return kwargs

    @field_validator("before")
    @classmethod
    def _calls(cls, before: list[Any]) -> list[Any]:
        for call in before:
            if not isinstance(call, dict) or not call.keys() <= {"target", "args", "kwargs"}:
                raise ValueError("takes calls of a target, args and kwargs")
            target, args, kwargs = call.get("target"), call.get("args", []), call.get("kwargs", {})
            if not (
                isinstance(target, str) and allowed(target) and isinstance(args, list) and isinstance(kwargs, dict)
            ):
                raise ValueError("takes calls of functions that may run")
            cls._named(kwargs)
        return before

    @field_validator("results")
    @classmethod
    def _given(cls, results: list[Any]) -> list[Any]:
        for result in results:
            if not isinstance(result, dict) or not result.keys() <= {"step", "part", "axis"}:
                raise ValueError("takes results of a step, a part and an axis")
            if not all(whole(value, -1, 2000) for value in result.values()):
                raise ValueError("takes results of a step, a part and an axis")
        return results

    @model_validator(mode="after")
    def _bounded(self) -> TorchOp:
        for count, (value, depth) in enumerate(self._values()):
            if count > VALUES or depth > DEPTH:
                raise ValueError("is larger than an operation may be")
            if problem := self._problem(value):
                raise ValueError(problem)
        return self

    def _values(self) -> Iterator[tuple[Any, int]]:
        """Everything among the arguments of all its calls, with how deep it stands; numbers of a constant as one."""
        stack: list[tuple[Any, int]] = [(self.args, 0), *((value, 0) for value in self.kwargs.values())]
        for call in self.before:
            stack += [
                (call.get("args", []), 0),
                *((value, 0) for value in call.get("kwargs", {}).values()),
            ]
        while stack:
            value, depth = stack.pop()
            yield value, depth
            if isinstance(value, list):
                stack += [(item, depth + 1) for item in value]
            elif isinstance(value, dict) and "list" in value:
                stack.append((value["list"], depth + 1))

    def _problem(self, value: Any) -> str:
        """What is wrong with a value among the arguments; empty where nothing is."""
        if not isinstance(value, dict):
            fits = isinstance(value, list) or (scalar(value) and (not isinstance(value, str) or len(value) <= WORDS))
            return "" if fits else "holds a value that is no number, word or list"
        word = next(iter(value), "")
        if word not in MARKS or not value.keys() <= {word, *MARKS[word]}:
            return "holds an object that says nothing to it"
        if word in ("tensor", "value"):
            checked({"dtype": "float32", **value})
            return ""
        said = value[word]
        judged: dict[str, Callable[[], bool]] = {
            "wire": lambda: whole(said, 0, self.takes - 1) and whole(value.get("axis", 0), 0, 16),
            "step": lambda: whole(said, 0, len(self.before) - 1) and whole(value.get("part", 0), 0, 64),
            "list": lambda: isinstance(said, list),
            "batch": lambda: whole(said, 1, 2**31),
            "dtype": lambda: said in DTYPES,
            "float": lambda: said in ("inf", "-inf", "nan"),
            "memory_format": lambda: said in ("contiguous_format", "preserve_format", "channels_last"),
        }
        fits = judged.get(word, lambda: said is True)()
        return "" if fits else f"holds a {word} that cannot be"

    def tensors(self) -> dict[str, Mapping[str, Any]]:
        """The tensors that it keeps in the state dict, by their names."""
        return {v["tensor"]: v for v, _ in self._values() if isinstance(v, dict) and "tensor" in v}

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        made = self.model_dump(mode="json", exclude={"takes"} | ({"results"} if self.results == [{}] else set()))
        return {name: value for name, value in made.items() if value or name in ("target", "args")}

    # The source

    def constructs(self) -> str:
        if not plain_calls(self.steps, self.results):
            return self.torch
        return "modules.Tensors" if self._kept() else ""

    def source_arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return self._kept() if plain_calls(self.steps, self.results) else self.arguments(inputs)

    def call(self, module: str, args: list[str]) -> str:
        if not plain_calls(self.steps, self.results):
            return super().call(module, args)
        return Source(self.steps, module, args).result(self.results)

    def _kept(self) -> dict[str, Any]:
        """What `Tensors` is given."""
        tensors = {
            name: (tuple(tensor["shape"]), tensor.get("dtype", "float32"), bool(tensor.get("learn")))
            for name, tensor in self.tensors().items()
        }
        numbers = {
            name: (plain(value["value"]), value.get("dtype", "float32"))
            for name, value in constants(self.steps).items()
        }
        return {name: value for name, value in (("tensors", tensors), ("constants", numbers)) if value}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        from graphs.inference.measure import Unfit, measure

        try:
            measure(self, inputs)
        except Unfit as error:
            words = str(error).rstrip(".")
            return Fault(f"{self.operation} does not take these inputs: {words}.", "", " and ".join(map(str, inputs)))
        return None

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        names = {str(call["target"]).split(".")[1] for call in (*self.before, {"target": self.target})}
        if not names & PRODUCTS:
            return 0
        from graphs.inference.measure import counted

        return counted(self, inputs)

    @property
    def local(self) -> bool:
        moved = any(isinstance(value, dict) and "axis" in value for value, _ in self._values())
        moved = moved or any("axis" in result for result in self.results)
        return not moved and {str(call["target"]).split(".")[1] for call in self.steps} <= POINTWISE

    @property
    def steps(self) -> list[dict[str, Any]]:
        """All that is called, the last being the function itself."""
        return [*self.before, {"target": self.target, "args": self.args, "kwargs": self.kwargs}]

    @property
    def label(self) -> str:
        return self.operation

    @property
    def operation(self) -> str:
        """What a person calls it: "roll"."""
        return self.target.split(".")[1]

    def summary(self) -> str:
        given = [*self.args, *(f"{name} {_plainly(value)}" for name, value in self.kwargs.items() if _plainly(value))]
        return " · ".join(words for value in given if (words := _plainly(value)))


def _plainly(value: Any) -> str:
    """A number, a word or a short list of them, as a card shows it; empty for everything else."""
    if isinstance(value, list):
        words = [_plainly(inner) for inner in value]
        return ", ".join(words) if all(words) and len(words) <= 4 else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float | str):
        return ""
    text = str(value)
    return (text if len(text) <= 24 else text[:23] + "…").replace("-", "−")
