"""What PyTorch says about one layer: its module is made and run on the meta device, without any numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from graphs.layers.base import Layer, Shape

if TYPE_CHECKING:
    from torch import nn

BATCH = 2
"""The batch that is sent through; no layer may depend on it."""


REFUSALS = (RuntimeError, ValueError, TypeError, LookupError, AttributeError, AssertionError, ArithmeticError)
"""What PyTorch raises for what it does not take."""


class Unfit(ValueError):
    """PyTorch refuses these inputs; the message is its own, shortened to one line."""


@dataclass(frozen=True)
class Measured:
    """Shapes that come out (one per output port), names and shapes of the weights, and what the layer costs for one
    sample."""

    outputs: tuple[Shape, ...]
    weights: tuple[tuple[str, tuple[int, ...]], ...] = ()
    multiply_adds: int = 0
    kept: int = 0
    """Numbers that it keeps beside its weights."""

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(prod(shape) for _, shape in self.weights)


def make(layer: Layer, inputs: tuple[Shape, ...]) -> nn.Module:
    """A fresh module of this layer for inputs of these shapes, on torch's current default device."""
    from torch import nn

    if layer.own_code:
        from graphs.building.own import made

        own: nn.Module = made(layer, inputs)
        return own
    place, _, name = layer.torch.partition(".")
    if place == "nn":
        return _constructed(getattr(nn, name), layer.arguments(inputs))
    from graphs.building import modules

    return _constructed(getattr(modules, name), layer.arguments(inputs))


def _constructed(kind: Any, arguments: dict[str, Any]) -> nn.Module:
    module: nn.Module = kind(**arguments)
    return module


def measure(layer: Layer, inputs: tuple[Shape, ...]) -> Measured:
    """Shapes, parameters and multiply-adds of a layer. Raises Unfit when PyTorch refuses the inputs."""
    fed = layer.feeds()
    if fed is not None:
        return Measured((fed,))
    if not layer.torch:
        return Measured(())
    try:
        outputs, weights, kept = _run(layer, inputs)
        return Measured(outputs, weights, layer.multiply_adds(inputs, outputs), kept)
    except REFUSALS as error:
        raise Unfit(_line(error)) from None


def counted(layer: Layer, inputs: tuple[Shape, ...]) -> int:
    """Multiply-adds for one sample, as PyTorch counts them while the layer runs without numbers."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        tensors = [torch.empty((BATCH, *shape.dims), dtype=getattr(torch, shape.dtype)) for shape in inputs]
        make(layer, inputs).eval()(*tensors)
    return int(counter.get_total_flops()) // 2 // BATCH


def _run(
    layer: Layer, inputs: tuple[Shape, ...]
) -> tuple[tuple[Shape, ...], tuple[tuple[str, tuple[int, ...]], ...], int]:
    """What comes out, the weights, and how many numbers are kept beside them."""
    import torch

    with torch.device("meta"), torch.no_grad():
        module = make(layer, inputs).eval()
        tensors = [torch.empty((BATCH, *shape.dims), dtype=getattr(torch, shape.dtype)) for shape in inputs]
        result = _called(layer, module, tensors)
    results = result if isinstance(result, tuple) else (result,)
    if len(results) != len(layer.outputs()) or not all(isinstance(tensor, torch.Tensor) for tensor in results):
        raise ValueError(f"it does not give {len(layer.outputs())} tensors")
    if not layer.own_code and any(tensor.device.type != "meta" for tensor in results):
        raise ValueError("it computes with numbers where only shapes are wanted")
    if any(tensor.shape[:1] != (BATCH,) for tensor in results):
        raise ValueError("the batch axis does not come out as it went in")
    weights = tuple((name, tuple(weight.shape)) for name, weight in module.named_parameters())
    kept = sum(buffer.numel() for _, buffer in module.named_buffers())
    return tuple(_shape(tensor) for tensor in results), weights, kept


def _called(layer: Layer, module: nn.Module, tensors: list[Any]) -> Any:
    if not layer.own_code:
        return module(*tensors)
    from graphs.building.own import called

    return called(layer, module, tensors)


def _shape(tensor: Any) -> Shape:
    return Shape(tuple(tensor.shape[1:]), str(tensor.dtype).removeprefix("torch."))


def _line(error: Exception) -> str:
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return text if len(text) <= 200 else text[:199] + "…"
