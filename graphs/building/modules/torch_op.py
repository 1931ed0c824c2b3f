"""One function of torch.ops.aten as a module."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class TorchOp(nn.Module):
    """A function of torch.ops.aten, called with `args` and `kwargs` after the calls in `before`.

    In them {"wire": 0, "axis": 1} is an input (its batch moved to axis 1), {"step": 0, "part": 1} a result of a call
    before, {"tensor": "weight", "shape": …} numbers of its own, {"value": …} numbers written here, {"batch": 2} twice
    as many as there are samples and {"training": True} whether it trains. `results` says what comes out.
    """

    def __init__(
        self,
        target: str,
        args: Any,
        kwargs: Any = None,
        before: Any = (),
        results: Any = ({},),
    ) -> None:
        super().__init__()
        last = {"target": target, "args": args, "kwargs": kwargs or {}}
        self.target, self.calls = target, [self._kept(dict(call)) for call in (*before, last)]
        self.functions = [function_of(call["target"]) for call in self.calls]
        self.results = list(results)

    def forward(self, *inputs: Tensor) -> Any:
        made: list[Any] = []
        for function, call in zip(self.functions, self.calls, strict=True):
            arguments = [self._value(value, inputs, made) for value in call.get("args", ())]
            keywords = {k: self._value(value, inputs, made) for k, value in call.get("kwargs", {}).items()}
            made.append(_called(function, arguments, keywords, inputs[0].device))
        found = tuple(self._result(result, made) for result in self.results)
        return found if len(found) > 1 else found[0]

    def extra_repr(self) -> str:
        return self.target

    def _kept(self, value: Any) -> Any:
        """The same arguments, once the tensors among them are made; numbers that are written there become one too."""
        if isinstance(value, list | tuple):
            return [self._kept(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "value" not in value and "tensor" not in value:
            return {key: self._kept(item) for key, item in value.items()}
        dtype = getattr(torch, value.get("dtype", "float32"))
        if "value" in value:
            name = f"_value{len(self._buffers)}"
            self.register_buffer(name, torch.tensor(_numbers(value["value"]), dtype=dtype), persistent=False)
            return {"tensor": name}
        if not hasattr(self, value["tensor"]):
            self._add(value["tensor"], torch.zeros(value["shape"], dtype=dtype), bool(value.get("learn")))
        return value

    def _add(self, name: str, numbers: Tensor, learn: bool) -> None:
        if learn:
            self.register_parameter(name, nn.Parameter(nn.init.normal_(numbers, std=0.02)))
        else:
            self.register_buffer(name, numbers)

    def _value(self, value: Any, inputs: tuple[Tensor, ...], made: list[Any]) -> Any:
        """What an argument stands for."""
        if isinstance(value, list | tuple):
            return [self._value(item, inputs, made) for item in value]
        if not isinstance(value, dict):
            return value
        word, said = next(iter(value.items()))
        if word == "wire":
            return inputs[said].movedim(0, value["axis"]) if value.get("axis") else inputs[said]
        if word == "step":
            return made[said][value["part"]] if "part" in value else made[said]
        if word == "tensor":
            return getattr(self, said)
        if word == "batch":
            return inputs[0].shape[0] * int(said)
        if word == "list":
            return [self._value(item, inputs, made) for item in said]
        if word == "float":
            return float(said)
        if word == "training":
            return self.training
        return inputs[0].device if word == "device" else getattr(torch, said)

    def _result(self, result: Any, made: list[Any]) -> Tensor:
        value = made[result.get("step", -1)]
        value = value[result.get("part", 0)] if isinstance(value, tuple | list) else value
        found: Tensor = value.movedim(result["axis"], 0) if result.get("axis") else value
        return found


def function_of(target: str) -> Any:
    """The function itself. Raises ValueError for none, one that writes into what it takes or gives no tensors."""
    _, name, overload = target.split(".")
    function = getattr(getattr(torch.ops.aten, name, None), overload, None)
    if function is None:
        raise ValueError(f"PyTorch has no function {target}.")
    if function._schema.is_mutable:
        raise ValueError(f"{target} writes into what it is given.")
    if any(str(result.type) not in ("Tensor", "List[Tensor]") for result in function._schema.returns):
        raise ValueError(f"{target} gives no tensors.")
    return function


def _called(function: Any, arguments: list[Any], keywords: dict[str, Any], device: torch.device) -> Any:
    """What the function gives. What it makes, it makes on the device of the input, as ordinary tensors."""
    for place, argument in enumerate(function._schema.arguments):
        if argument.name == "device" and place < len(arguments):
            arguments[place] = device
        elif argument.name == "device":
            keywords["device"] = device
        elif argument.name in ("layout", "pin_memory", "generator"):
            arguments[place : place + 1] = [None] if place < len(arguments) else []
            keywords.pop(argument.name, None)
    given = [value for value in arguments if isinstance(value, Tensor)]
    listed = any(str(result.type) == "List[Tensor]" for result in function._schema.returns)
    if listed and len(given) == 1 and max(given[0].shape, default=0) > 65536:
        raise ValueError("It would come apart into too many tensors.")
    return function(*arguments, **keywords)


def _numbers(value: Any) -> Any:
    """Nested lists of numbers; "inf" and its like stand as words."""
    if isinstance(value, list | tuple):
        return [_numbers(item) for item in value]
    return float(value) if isinstance(value, str) else value
