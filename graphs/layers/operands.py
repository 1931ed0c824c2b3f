"""What an operation is given, as rows that a person reads: "axis 1", "x input 1", "weight tensor 3×4, learns"."""

from __future__ import annotations

import copy
import inspect
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphs.layers.onnx_op import OnnxOp
from graphs.layers.operation import Operation, scalar
from graphs.layers.torch_op import TorchOp

MOST = 8
"""Numbers of a row that can be edited in it."""


@dataclass(frozen=True)
class Row:
    """One value that an operation is given: its name, what it is in words, and where it stands among the fields if it
    can be edited as `value`."""

    name: str
    words: str
    value: Any = None
    path: tuple[str | int, ...] = ()


def rows_of(layer: Operation) -> tuple[Row, ...]:
    """Everything that an operation is given. The names of arguments are known once PyTorch is loaded."""
    if isinstance(layer, OnnxOp):
        return tuple(_onnx(layer))
    return tuple(_torch(layer)) if isinstance(layer, TorchOp) else ()


def changed(layer: Operation, row: Row, text: str) -> tuple[str, Any]:
    """The field that a row stands in, and what it is once this text is the value. Raises ValueError in a sentence."""
    name, *path = row.path
    made = copy.deepcopy(layer.model_dump(mode="json")[str(name)])
    within = made
    for step in path[:-1]:
        within = within[step]
    within[path[-1]] = _read(text.strip(), row.value)
    return str(name), made


def _read(text: str, before: Any) -> Any:
    words = {"yes": "true", "no": "false", "−": "-"}
    plain = text.replace("−", "-")
    plain = words.get(plain.lower(), plain)
    try:
        found = json.loads(f"[{plain.strip('[]')}]")
    except ValueError:
        if isinstance(before, str):
            return text
        raise ValueError(_wanted(before)) from None
    if isinstance(before, list) and all(map(scalar, found)):
        return found
    if len(found) != 1 or not scalar(found[0]) or (isinstance(before, str) != isinstance(found[0], str)):
        raise ValueError(_wanted(before))
    return found[0]


def _wanted(before: Any) -> str:
    if isinstance(before, list):
        return "Takes numbers with commas between, such as 1, 2."
    return "Takes yes or no." if isinstance(before, bool) else "Takes one number."


def _onnx(layer: OnnxOp) -> Iterator[Row]:
    names = _parameters(layer.function[0])
    for place, operand in enumerate(layer.operands):
        name = names[place] if place < len(names) else f"operand {place + 1}"
        path = ("slots", place, "value") if layer.slots and operand and "value" in operand else ()
        yield _row(name, operand, path)
    for key, value in layer.attributes.items():
        yield _row(key, value, ("attributes", key))


def _parameters(function: str) -> Sequence[str]:
    """The names of what a function of ONNX takes in order."""
    loaded = sys.modules.get("graphs.building.modules.onnx")
    if loaded is None or function not in loaded.FUNCTIONS:
        return ()
    parameters = inspect.signature(loaded.FUNCTIONS[function]).parameters.values()
    return [p.name for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD]


def _torch(layer: TorchOp) -> Iterator[Row]:
    for step, call in enumerate(layer.steps):
        last = step == len(layer.before)
        target, around = str(call["target"]), () if last else ("before", step)
        said = "" if last else f"{target.split('.')[1]} "
        names = _declared(target)
        for place, value in enumerate(call.get("args", [])):
            name = names[place] if place < len(names) else f"argument {place + 1}"
            yield _row(f"{said}{name}", value, (*around, "args", place), layer)
        for key, value in call.get("kwargs", {}).items():
            yield _row(f"{said}{key}", value, (*around, "kwargs", key), layer)


def _declared(target: str) -> Sequence[str]:
    """The names of what a function of PyTorch takes in order."""
    if "torch" not in sys.modules:
        return ()
    from graphs.building.modules.torch_op import function_of

    return [argument.name for argument in function_of(target)._schema.arguments]


def _row(name: str, value: Any, path: tuple[str | int, ...], layer: TorchOp | None = None) -> Row:
    title = name.replace("_", " ")
    if isinstance(value, Mapping):
        if "value" in value and _short(value["value"]):
            inner = path if path and path[-1] == "value" else (*path, "value")
            return Row(title, _words(value["value"]), value["value"], inner if path else ())
        return Row(title, _object(value, layer))
    if value is None:
        return Row(title, "left out")
    return Row(title, _words(value), value, path) if _short(value) else Row(title, f"{len(value)} values")


def _short(value: Any) -> bool:
    return scalar(value) or (isinstance(value, list) and len(value) <= MOST and all(map(scalar, value)))


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return ("yes" if value else "no") if isinstance(value, bool) else str(value).replace("-", "−")


def _object(value: Mapping[str, Any], layer: TorchOp | None) -> str:
    """An operand that is no plain value, in words."""
    word, said = next(iter(value.items()))
    if word == "tensor":
        sizes = "×".join(map(str, value["shape"])) or "of 1 value"
        return f"tensor {sizes}, {'learns' if value.get('learn') else 'fixed'}"
    if word == "step" and layer is not None:
        part = f", part {value['part'] + 1}" if "part" in value else ""
        return f"result of {str(layer.steps[said]['target']).split('.')[1]}{part}"
    samples = "the number of samples" if said == 1 else f"{said} × the number of samples"
    told = {
        "wire": f"input {said + 1}" if word == "wire" else "",
        "value": f"{value.get('dtype', '')} numbers".strip(),
        "batch": samples,
        "training": "yes while it trains",
        "device": "that of the input",
    }
    return told.get(word, str(said).replace("_", " "))
