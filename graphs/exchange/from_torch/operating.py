"""What no layer says becomes an operation: the call itself, with the calls before it that cannot stand alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch.program import Call, Ref, Word, refs
from graphs.exchange.from_torch.running import LARGEST_CONSTANT, Known, always_trains, function_of, run_call
from graphs.files.faults import FileFault, shown
from graphs.layers.tensor_names import usable

if TYPE_CHECKING:
    from torch import Tensor

_MODES = """
    dropout feature_dropout alpha_dropout feature_alpha_dropout batch_norm rrelu lstm gru rnn_tanh rnn_relu
"""
MODES = frozenset(_MODES.split())
"""Functions that are told whether the network trains."""
RANDOM = frozenset(["rand_like", "randn_like", "bernoulli", "dropout", "feature_dropout", "alpha_dropout", "rrelu"])
MOST_HELD, MOST_WORK, DEEPEST = 2**30, 2**33, 100
"""Bytes of all constants together, numbers that are reckoned with for them, how many calls one may follow from."""
_PRODUCTS = """
    addbmm addmm addmv addr baddbmm bilinear block_diag bmm cdist chain_matmul col2im conv1d conv2d conv3d
    conv_transpose1d conv_transpose2d conv_transpose3d convolution dot einsum gru im2col inner kron linalg_matmul
    linalg_matrix_norm linalg_norm linalg_vecdot linear lstm lstm_cell gru_cell matmul mm mv norm rnn_relu rnn_tanh
    rnn_relu_cell rnn_tanh_cell scaled_dot_product_attention tensordot vdot mvlgamma igamma igammac nuclear_norm
"""
PRODUCTS = frozenset(_PRODUCTS.split())
"""Functions that may take every number of one tensor with every one of another."""
SMALL = 64
"""Numbers of a constant that stands in the arguments themselves."""
MOST_STEPS = 400


@dataclass
class Operation:
    """The fields of a TorchOp, the values on its wires, and the tensors that it keeps, by their names in it."""

    fields: dict[str, Any]
    wires: list[str]
    tensors: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Tensor] = field(default_factory=dict)


class Constants:
    """Values that follow from no input and no weight, worked out once."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._found: dict[str, Tensor | None] = {}
        self._held, self._work, self._depth = 0, 0, 0

    def value(self, name: str) -> Any:
        """The numbers of a value; None where they follow from inputs, weights, the batch or chance."""
        if name not in self._found:
            self._found[name] = None
            self._depth += 1
            self._found[name] = self._work_out(name) if self._depth <= DEEPEST else None
            self._depth -= 1
        return self._found[name]

    def _work_out(self, name: str) -> Any:
        import torch

        program, seen = self.known.program, self.known.values.get(name)
        if name in program.tensors:
            fqn = program.tensors[name]
            return None if fqn in program.learnt else program.state[fqn]
        if seen is None or seen.follows or seen.sizes[0] != seen.sizes[1]:
            return None
        call = self.known.makers[name]
        if call.operation in RANDOM or math.prod(seen.sizes[0]) * 8 > LARGEST_CONSTANT:
            return None
        values: dict[str, Any] = {}
        for key in call.takes():
            if key in self.known.numbers:
                first, second = self.known.numbers[key]
                if first != second:
                    return None
                values[key] = first
            elif (found := self.value(key)) is None:
                return None
            else:
                values[key] = found
        if not self._afforded(call, values):
            return None
        with torch.no_grad():
            results = run_call(call, values, "cpu")
        return results[call.outputs.index(name)]

    def _afforded(self, call: Call, values: dict[str, Any]) -> bool:
        """Whether the numbers of a call may be held and worked out beside those of all others; they count from now."""
        results = [self.known.values[name] for name in call.outputs if name in self.known.values]
        sizes = [math.prod(seen.sizes[0]) for seen in results]
        taken = [value.numel() for value in values.values() if hasattr(value, "numel")]
        work = sum(sizes) + sum(taken)
        if call.operation in PRODUCTS and taken:
            work *= max(1, max(taken) if len(taken) == 1 else sorted(taken)[-2])
        self._held += 8 * sum(sizes)
        self._work += work
        return self._held <= MOST_HELD and self._work <= MOST_WORK


class Operator:
    """Makes an operation of a call."""

    def __init__(self, known: Known, constants: Constants, file: str) -> None:
        self.known, self.constants, self.file = known, constants, file

    def operation(self, call: Call, outputs: list[str]) -> Operation:
        """The operation that gives these results of the call."""
        made = _Made(self.known, self.constants, self.file)
        fields = made.call(call)
        if not made.wires:
            made.wires.append(self.known.program.inputs[0])
        results = [self._result(call, name) for name in outputs]
        fields |= {"takes": len(made.wires), "before": made.steps, "results": results}
        usual = {"takes": 1, "before": [], "results": [{}], "kwargs": {}}
        kept = {key: value for key, value in fields.items() if key not in usual or value != usual[key]}
        return Operation(kept, made.wires, made.tensors, made.constants)

    def _result(self, call: Call, name: str) -> dict[str, int]:
        part, axis = call.outputs.index(name), self.known.values[name].axis
        return {**({"part": part} if part else {}), **({"axis": axis} if axis else {})}


class _Made:
    """One operation while it is written."""

    def __init__(self, known: Known, constants: Constants, file: str) -> None:
        self.known, self.all, self.file = known, constants, file
        self.wires: list[str] = []
        self.steps: list[dict[str, Any]] = []
        self.tensors: dict[str, str] = {}
        self.constants: dict[str, Tensor] = {}
        self._kept: dict[str, dict[str, Any]] = {}
        self._placed: dict[str, int] = {}

    def call(self, call: Call) -> dict[str, Any]:
        """A call as JSON."""
        args, kwargs = list[Any](), dict[str, Any]()
        function = function_of(call.target)
        given = set(call.given)
        placed = [a for a in function._schema.arguments if not a.kwarg_only]
        last = max((i for i, a in enumerate(placed) if a.name in given), default=-1)
        for index, argument in enumerate(placed):
            if index <= last:
                value = call.given.get(argument.name, argument.default_value if argument.has_default_value() else None)
                args.append(self._mode(call, argument.name, value))
        for argument in function._schema.arguments:
            if argument.kwarg_only and argument.name in given and call.given[argument.name] is not None:
                kwargs[argument.name] = self._mode(call, argument.name, call.given[argument.name])
            elif argument.name == "device" and not any(n in self.known.values for n in call.takes()):
                kwargs["device"] = {"device": True}
        made: dict[str, Any] = {"target": call.target, "args": args}
        return {**made, "kwargs": kwargs} if kwargs else made

    def _mode(self, call: Call, name: str, value: Any) -> Any:
        if call.operation in MODES and name in ("train", "training") and not always_trains(call.given):
            return {"training": True}
        return self._value(value)

    def _value(self, value: Any) -> Any:
        """An argument as JSON."""
        if isinstance(value, Ref):
            return self._ref(value)
        if isinstance(value, Word):
            return {value.about: value.name}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            return {"float": "nan" if value != value else "inf" if value > 0 else "-inf"}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise FileFault(self.file, "", f"holds an argument that is not kept ({shown(value)})", "do without it")

    def _ref(self, value: Ref) -> Any:
        name = value.name
        if name in self.known.numbers:
            try:
                return self.known.number(value)
            except ValueError as error:
                raise FileFault(self.file, "", f"takes {error}", "use sizes that do not") from error
        seen = self.known.values[name]
        if seen.wired:
            if name not in self.wires:
                self.wires.append(name)
            place = {"wire": self.wires.index(name)}
            return {**place, "axis": seen.axis} if seen.axis else place
        if name in self.known.program.tensors:
            return self._tensor(name)
        constant = self.all.value(name)
        return self._step(name) if constant is None else self._constant(name, constant)

    def _tensor(self, name: str) -> dict[str, Any]:
        """A tensor of the program under the last part of its name."""
        if name not in self._kept:
            program, seen = self.known.program, self.known.values[name]
            fqn = program.tensors[name]
            own = self._free(fqn.rpartition(".")[2])
            learn = {"learn": True} if fqn in program.learnt else {}
            dtype = {"dtype": seen.dtype} if seen.dtype != "float32" else {}
            self.tensors[own] = name
            self._kept[name] = {"tensor": own, "shape": list(seen.sizes[0]), **dtype, **learn}
        return self._kept[name]

    def _free(self, wanted: str) -> str:
        name = (wanted if wanted.isidentifier() else f"_{''.join(c for c in wanted if c.isalnum())}")[:70]
        name = name if usable(f"{name}_") else "tensor"
        while name in self.tensors or name in self.constants or not usable(name):
            name += "_"
        return name

    def _constant(self, name: str, value: Tensor) -> dict[str, Any]:
        if name not in self._kept:
            dtype = str(value.dtype).removeprefix("torch.")
            if value.numel() <= SMALL and value.numel() and not value.is_complex():
                self._kept[name] = {"value": self._numbers(value.tolist()), "dtype": dtype}
            else:
                own = self._free(f"constant{len(self.constants) + 1}")
                self.constants[own] = value
                self._kept[name] = {"tensor": own, "shape": list(value.shape), "dtype": dtype}
        return self._kept[name]

    def _numbers(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._numbers(item) for item in value]
        return self._value(value)["float"] if isinstance(value, float) and not math.isfinite(value) else value

    def _step(self, name: str) -> dict[str, Any]:
        """A call that cannot stand alone, before the call itself."""
        call = self.known.makers[name]
        first = call.outputs[0]
        if first not in self._placed:
            made = self.call(call)
            if len(self.steps) >= MOST_STEPS:
                raise FileFault(
                    self.file, "", "mixes the batch with other axes for too long", "keep the batch in front"
                )
            self.steps.append(made)
            self._placed[first] = len(self.steps) - 1
        place = {"step": self._placed[first]}
        return {**place, "part": call.outputs.index(name)} if len(call.outputs) > 1 else place


def inner(call: Call) -> set[str]:
    """The values that a call takes."""
    return set(refs(call.given))
