"""How an operation of PyTorch stands in source: "torch.roll(x, [1], [2])", as a person would write it.

A function is written as torch has it where that one is made from the same declaration, then as torch.nn.functional has
it, then as a method of its first tensor, and by its full name among torch.ops.aten where nothing else is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from graphs.layers.operation import literal, plain
from graphs.layers.torch_allowed import allowed

METHODS = frozenset({"to"})
"""Methods of tensors that take other values than the function of their name."""
ALONE = frozenset({"elu", "glu", "hardsigmoid", "hardswish", "leaky_relu", "mish", "relu6", "silu"})
"""Functions of torch.nn.functional that are the same where they are told nothing."""
PLACED = {"pad": "torch.nn.functional.pad", "split": "torch.split"}
"""Functions written in Python that are the same where nothing is told by name."""
PARTS = ("special_", "linalg_")
"""Beginnings of names for which torch has a place of its own."""
MADE_ON = ("layout", "pin_memory", "generator", "device")
"""What says where and how a tensor is made; it is made where the input is, as an ordinary one."""


class Source:
    """The calls of one operation while they are written. `module` is what keeps its tensors, `wires` what comes in."""

    def __init__(self, calls: Sequence[Mapping[str, Any]], module: str, wires: Sequence[str]) -> None:
        self._calls, self._module, self._wires = calls, module, wires
        self._names = {id(value): name for name, value in constants(calls).items()}

    def result(self, results: Sequence[Mapping[str, Any]]) -> str:
        """What comes out: one value, or the first of several."""
        if len(results) > 1:
            return self.text() if _several(self._calls[-1]) == len(results) else f"{self.text()}[:{len(results)}]"
        (result,) = results
        step = int(result.get("step", -1))
        part = f"[{int(result.get('part', 0))}]" if _several(self._calls[step]) != 1 else ""
        moved = f".movedim({int(result['axis'])}, 0)" if result.get("axis") else ""
        return f"{self.text(step)}{part}{moved}"

    def text(self, place: int = -1) -> str:
        """One of its calls, with those that it takes results of inside."""
        call = self._calls[place]
        given = [self._value(value) for value in call.get("args", ())]
        named = {name: self._value(value) for name, value in call.get("kwargs", {}).items()}
        return _called(str(call["target"]), given, named, f"{self._wires[0]}.device")

    def _value(self, value: Any) -> str:
        if isinstance(value, list | tuple):
            return f"[{', '.join(map(self._value, value))}]"
        if not isinstance(value, dict):
            return literal(value)
        word, said = next(iter(value.items()))
        if word == "wire":
            wire = self._wires[int(said)]
            return f"{wire}.movedim(0, {int(value['axis'])})" if value.get("axis") else wire
        if word == "step":
            text = self.text(int(said))
            return f"{text}[{int(value['part'])}]" if "part" in value else text
        if word == "tensor":
            return f"self.{self._module}.{said}"
        if word == "value":
            return f"self.{self._module}.{self._names[id(value)]}"
        if word == "list":
            return self._value(said)
        return self._word(word, said)

    def _word(self, word: str, said: Any) -> str:
        samples = f"{self._wires[0]}.shape[0]"
        plainly: dict[str, Callable[[], str]] = {
            "batch": lambda: samples if said == 1 else f"{samples} * {int(said)}",
            "float": lambda: literal(plain(said)),
            "training": lambda: "self.training",
            "device": lambda: f"{self._wires[0]}.device",
        }
        return plainly[word]() if word in plainly else f"torch.{said}"


def plain_calls(calls: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one expression says it all: no result is taken twice, and several that come out are the first ones."""
    taken = [value["step"] for call in calls for value in _values(call) if "step" in value]
    first = all(result.get("part", 0) == place and not result.get("axis") for place, result in enumerate(results))
    last = all(result.get("step", -1) in (-1, len(calls) - 1) for result in results)
    return len(taken) == len(set(taken)) and (len(results) == 1 or (first and last))


def constants(calls: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The numbers that are written among the arguments, by the names that they go by in source."""
    found = [value for call in calls for value in _values(call) if "value" in value]
    return {f"constant_{place}": value for place, value in enumerate(found)}


def _values(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object among the arguments of a call, from the first on."""
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _values(inner)
    elif isinstance(value, dict):
        yield value
        for word in ("args", "kwargs", "list"):
            yield from _values([*value[word].values()] if word == "kwargs" and word in value else value.get(word))


def _several(call: Mapping[str, Any]) -> int:
    """How many results a call gives; 0 for as many as there are."""
    returns = _function(str(call["target"]))._schema.returns
    return 0 if str(returns[0].type) == "List[Tensor]" else len(returns)


def _function(target: str) -> Any:
    from graphs.building.modules.torch_op import function_of

    if not allowed(target):
        raise ValueError(f"{target} is no function that may run")
    return function_of(target)


def _called(target: str, given: list[str], named: dict[str, str], device: str) -> str:
    """One call. Raises ValueError for a function that may not run."""
    arguments = _function(target)._schema.arguments
    declared = [argument.name for argument in arguments]
    if len(given) > len(declared) or not named.keys() <= set(declared):
        raise ValueError(f"{target} is given what it does not take")
    kept = [value for place, value in enumerate(given) if declared[place] not in MADE_ON]
    words = {key: value for key, value in named.items() if key not in MADE_ON}
    if len(kept) < len(given):  # what stood behind what is left out is said by its name
        first = next(place for place in range(len(given)) if declared[place] in MADE_ON)
        words |= {declared[p]: given[p] for p in range(first, len(given)) if declared[p] not in MADE_ON}
        kept = given[:first]
    if "device" in declared:
        words["device"] = device
    kept = [_alone(value) if arguments[place].N == 1 else value for place, value in enumerate(kept)]
    if target == "aten.slice.Tensor" and (sliced := _sliced(kept)) and not words:
        return sliced
    said = [*kept, *(f"{key}={value}" for key, value in words.items())]
    spoken = _spoken(target, declared, len(said), bool(words))
    if target.endswith(".dtype") and not any(value.startswith("torch.") for value in said):
        spoken = f"torch.ops.{target}"  # a type as a number, which a method takes for something else
    return f"{said[0]}{spoken}({', '.join(said[1:])})" if spoken[0] == "." else f"{spoken}({', '.join(said)})"


def _alone(text: str) -> str:
    """[1] as 1, for an argument that takes a number for a list of one."""
    return text[1:-1] if re.fullmatch(r"\[-?\d+\]", text) else text


def _sliced(given: list[str]) -> str:
    """A slice as Python has it, "x[:, 0:3]"; empty where it is none of plain numbers."""
    value, axis, start, end, step = [*given, *("0", "None", "None", "1")[len(given) - 1 :]]
    if not axis.isdecimal() or not all(re.fullmatch(r"-?\d+|None", text) for text in (start, end, step)):
        return ""
    first, last = start.replace("None", ""), "" if end == "None" or int(end) >= 2**31 - 1 else end
    return f"{value}[{':, ' * int(axis)}{first}:{last}{'' if step in ('1', 'None') else f':{step}'}]"


def _spoken(target: str, declared: list[str], count: int, named: bool) -> str:
    """How a function is called in source; ".view" for a method of its first value."""
    import inspect

    import torch

    name = target.split(".")[1]
    for part in PARTS:
        if name.startswith(part) and inspect.isbuiltin(
            getattr(getattr(torch, part[:-1]), name.removeprefix(part), None)
        ):
            return f"torch.{part[:-1]}.{name.removeprefix(part)}"
    if inspect.isbuiltin(getattr(torch, name, None)):
        return f"torch.{name}"
    if inspect.isbuiltin(getattr(torch.nn.functional, name, None)) or (name in ALONE and count == 1):
        return f"torch.nn.functional.{name}"
    if name in PLACED and not named:
        return PLACED[name]
    if target == "aten.to.dtype" and count == 2 and not named:
        return ".to"
    own = declared[0] == "self" and inspect.ismethoddescriptor(getattr(torch.Tensor, name, None))
    return f".{name}" if own and name not in METHODS and count else f"torch.ops.{target}"
