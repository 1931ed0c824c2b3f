"""What is known of every value of a program: its shape and where the batch is in it, found by running it on the meta
device with two sizes of batch. What differs between the two is the batch; nothing is assumed of expressions of sizes.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch.freeing import batch_of, freed
from graphs.exchange.from_torch.program import Call, Program, Ref, Word
from graphs.exchange.imported import Progress
from graphs.files.faults import FileFault, shown
from graphs.layers.torch_allowed import allowed

if TYPE_CHECKING:
    from torch import Tensor

BATCHES = (3, 5)
"""The two sizes of batch."""
LARGEST, LARGEST_CONSTANT = 2**36, 2**28
"""Bytes of a value that a network may have, and of a constant that is worked out here."""
INTEGERS: Mapping[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in ("add", "sub", "mul", "floordiv", "mod", "neg", "eq", "ne", "lt", "le", "gt", "ge", "truediv")
}


@dataclass(frozen=True)
class Seen:
    """What is known of one value: its sizes at both batches, its type, and whether it follows from the inputs."""

    sizes: tuple[tuple[int, ...], tuple[int, ...]]
    dtype: str
    follows: bool

    @property
    def axis(self) -> int | None:
        """Which of its axes is the batch; None where there is none, or one that is mixed with others."""
        if len(self.sizes[0]) != len(self.sizes[1]):
            return None
        found = [i for i, pair in enumerate(zip(*self.sizes, strict=True)) if pair[0] != pair[1]]
        return found[0] if len(found) == 1 and tuple(s[found[0]] for s in self.sizes) == BATCHES else None

    @property
    def wired(self) -> bool:
        """Whether it can run along a wire: it follows from the inputs, and has the batch as an axis of its own."""
        return self.follows and self.axis is not None

    @property
    def dims(self) -> tuple[int, ...]:
        """The sizes of one sample; only where it can run along a wire."""
        return tuple(n for i, n in enumerate(self.sizes[0]) if i != self.axis)


@dataclass(frozen=True)
class Known:
    """A program and what is known of its values: tensors, and whole numbers at both batches."""

    program: Program
    values: Mapping[str, Seen]
    numbers: Mapping[str, tuple[Any, Any]]
    makers: Mapping[str, Call] = field(default_factory=dict)

    def number(self, value: Any) -> Any:
        """A number that is the same for every batch, as itself; {"batch": k} for k times the batch. ValueError
        otherwise."""
        if not isinstance(value, Ref):
            return value
        first, second = self.numbers[value.name]
        if first == second:
            return first
        times = first // BATCHES[0]
        if (times * BATCHES[0], times * BATCHES[1]) != (first, second) or times < 1:
            raise ValueError("a size that follows from the batch in another way than by its multiple")
        return {"batch": times}


def known(program: Program, name: str, progress: Progress | None = None) -> Known:
    """What is known of a program. Raises FileFault for what may not or cannot run."""
    for call in program.calls:
        _permit(call, name)
    program = _fed(program, name)
    runs = []
    for place, batch in enumerate(BATCHES):
        if progress:
            progress(0.2 + 0.1 * place, "Working out the shapes")
        runs.append(_Run(program, name, batch).run())
    values, numbers = dict[str, Seen](), dict[str, tuple[Any, Any]]()
    follows = _follows(program)
    for key, first in runs[0].items():
        second = runs[1][key]
        if hasattr(first, "shape"):
            sizes = tuple(first.shape), tuple(second.shape)
            values[key] = Seen(sizes, str(first.dtype).removeprefix("torch."), key in follows)
        else:
            numbers[key] = (first, second)
    makers = {output: call for call in program.calls for output in call.outputs if output}
    return Known(program, values, numbers, makers)


def _follows(program: Program) -> set[str]:
    found = set(program.inputs)
    for call in program.calls:
        if call.operation not in ("sym_size", "sym_numel") and found.intersection(call.takes()):
            found.update(call.outputs)
    return found


def _permit(call: Call, name: str) -> None:
    place, _, operation = call.target.partition(".")
    if place == "operator" and operation in INTEGERS:
        return
    if call.target == "aten.sym_size.int" or (place == "aten" and allowed(call.target) and _is_there(call.target)):
        return
    raise FileFault(name, "", f"calls {shown(call.target)}, which is not read", "do without it, or as torch.nn does it")


def _is_there(target: str) -> bool:
    try:
        return function_of(target) is not None
    except (AttributeError, ValueError):
        return False


def _fed(program: Program, name: str) -> Program:
    """The program with a batch of any size: literal sizes that were the traced batch become the batch."""
    if not program.inputs or any(not sizes for sizes, _ in program.examples.values()):
        raise FileFault(name, "", "takes an input without a batch", "give inputs with the batch in front")
    if any(axis == 0 for _, axis in program.free):
        return program
    batch = batch_of(program.examples)
    if batch is None:
        raise FileFault(name, "", "takes inputs of different batches", "give inputs with the batch in front")
    return freed(program, batch)


class _Run:
    """One run on the meta device."""

    def __init__(self, program: Program, name: str, batch: int) -> None:
        self.program, self.name, self.batch = program, name, batch

    def run(self) -> dict[str, Any]:
        """Every value by its name."""
        import torch

        found: dict[str, Any] = {}
        with torch.device("meta"), torch.no_grad():
            for key, (sizes, dtype) in self.program.examples.items():
                found[key] = torch.empty((self.batch, *sizes[1:]), dtype=getattr(torch, dtype))
            for key, fqn in self.program.tensors.items():
                found[key] = self.program.state[fqn].to("meta")
            for call in self.program.calls:
                self._call(call, found)
        return found

    def _call(self, call: Call, found: dict[str, Any]) -> None:
        try:
            results = run_call(call, found, "meta")
        except Exception as error:  # PyTorch raises errors of every kind
            words = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
            problem = f"cannot be run at another batch size: {call.operation} says {shown(words, 120)}"
            raise FileFault(self.name, "", problem, "export it with a batch of any size (torch.export.Dim)") from error
        for key, value in zip(call.outputs, results, strict=False):
            if hasattr(value, "numel") and value.numel() * value.element_size() > LARGEST:
                raise FileFault(self.name, "", f"holds a value too large to keep ({shown(call.target)})", "shrink it")
            if isinstance(value, int) and abs(value) > 2**62:
                raise FileFault(self.name, "", "reckons with numbers beyond 64 bits", "shrink them")
            found[key] = value


def run_call(
    call: Call, values: Mapping[str, Any], device: str, find: Callable[[str], Any] | None = None
) -> tuple[Any, ...]:
    """The results of one call. `values` holds what it takes; `find` finds the function, `function_of` where it is left
    out."""
    if call.target.startswith("operator."):
        return (INTEGERS[call.operation](*(resolved(value, values) for value in call.given.values())),)
    if call.operation == "sym_size":
        return (values[call.given["self"].name].shape[call.given["dim"]],)
    given = {key: resolved(value, values) for key, value in call.given.items()}
    if device == "meta" and call.operation in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
        return _recurrent(call.operation, given)
    if device == "meta" and call.target == "aten.batch_norm.default" and given["input"].ndim > 1:
        return (given["input"].new_empty(given["input"].shape),)  # PyTorch works out every step of it, 3 ms
    function = (find or function_of)(call.target)
    makes = any(argument.name == "device" for argument in function._schema.arguments)
    if makes and not any(hasattr(values.get(name), "shape") for name in call.takes()):
        given["device"] = device
    result = call_with(function, given)
    return tuple(result) if isinstance(result, list | tuple) else (result,)


def function_of(target: str) -> Any:
    """The function of torch.ops. Raises ValueError for one that writes into what it takes, or gives no tensors."""
    from graphs.building.modules.torch_op import function_of as found

    return found(target)


def always_trains(given: Mapping[str, Any]) -> bool:
    """Whether a call with these arguments follows its batch in any case: normalisation that keeps no statistics."""
    return "running_mean" in given and given["running_mean"] is None


def call_with(function: Any, given: Mapping[str, Any]) -> Any:
    """The function called with arguments by their names."""
    placed, named = list[Any](), dict[str, Any]()
    by_name = False
    for argument in function._schema.arguments:
        if argument.kwarg_only or by_name:
            if argument.name in given:
                named[argument.name] = given[argument.name]
        elif argument.name in given:
            placed.append(given[argument.name])
        elif argument.has_default_value():
            placed.append(argument.default_value)
    return function(*placed, **named)


def resolved(value: Any, values: Mapping[str, Any]) -> Any:
    """An argument with the values themselves."""
    import torch

    if isinstance(value, Ref):
        return values[value.name]
    if isinstance(value, Word):
        return getattr(torch, value.name)
    if isinstance(value, list):
        return [resolved(item, values) for item in value]
    return value


def _recurrent(operation: str, given: Mapping[str, Any]) -> tuple[Tensor, ...]:
    """Shapes alone of a recurrent layer: PyTorch would walk through every step."""
    x, states = given["input"], given["hx"]
    first = states[0] if isinstance(states, list) else states
    ways, units = (2 if given["bidirectional"] else 1), first.shape[2]
    if math.prod(x.shape[:2]) > 2**40:
        raise ValueError("a series too long")
    steps = x.new_empty(*x.shape[:2], ways * (given["params"][0].shape[0] // _GATES[operation]))
    batch = x.shape[0 if given["batch_first"] else 1]
    ends = [
        x.new_empty(given["num_layers"] * ways, batch, units) for _ in (states if isinstance(states, list) else [0])
    ]
    return (steps, *ends)


_GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}
