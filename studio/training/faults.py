"""Finding the step and the node where numbers stopped being finite.

The loop only notices that a loss is not finite, perhaps steps after the harm was done: gradients can
overflow while the loss still looks fine. So the run goes back to the last state that was sound and repeats
the steps one by one with every number checked, and stops before the one that ruins the weights. Steps
repeat bit by bit, so it finds the same harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from studio.training.loop import Loop
from studio.training.scaling import finite
from studio.training.state import State

ADVICE = "Nothing of it reached the weights. A smaller learning rate or clipped gradients often help."


@dataclass(frozen=True)
class Fault:
    """Where it went wrong: `step` is the step that could not be made, `module` the path of the first bad layer
    ("stage1.0.conv", "" when it is the data or the loss), `message` one sentence or two for a person with
    `{name}` in the place of the node's name."""

    step: int
    module: str
    message: str


def retrace(loop: Loop, sound: State, last: int, cancelled: Callable[[], bool] = lambda: False) -> Fault | None:
    """Repeats the steps after `sound` up to step `last`; the loop is left before the bad one.

    None when nothing bad came up (the loop then stands at `last`) or `cancelled` said so.
    """
    loop.restore(sound)
    while loop.step < last and not cancelled():
        before = loop.capture()
        loop.stretch(1)
        if loop.step == before.step or not _sound(loop):
            after = {name: tensor.clone() for name, tensor in loop.module.state_dict().items()}
            loop.restore(before)
            fault = _Watched(loop).fault(before.step + 1) or _update_fault(loop, before.step + 1, after)
            loop.restore(before)
            return fault
    return None


def _sound(loop: Loop) -> bool:
    """Whether the last step's gradients and the weights are finite; float16 may overflow, its steps are
    left out."""
    gradients = [] if loop.scaler else list(loop.gradients)
    return finite(gradients) and finite(list(loop.module.state_dict().values()))


def layers(module: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """The modules that nodes own, by their paths: what stands in containers and in blocks, not these themselves."""
    for name, child in module.named_children():
        if isinstance(child, fx.GraphModule) or type(child) is nn.Module:
            yield from layers(child, f"{path}{name}.")
        else:
            yield f"{path}{name}", child


def _owner(module: nn.Module, tensor: str) -> str:
    """The path of the layer that a weight belongs to."""
    return next((path for path, _ in layers(module) if tensor.startswith(f"{path}.")), tensor.split(".")[0])


def _update_fault(loop: Loop, step: int, after: Mapping[str, Tensor]) -> Fault:
    name = next((name for name, tensor in after.items() if not finite([tensor])), "")
    message = f"Step {step} was so large that weights of “{{name}}” were no longer finite. {ADVICE}"
    return Fault(step, _owner(loop.module, name), message)


class _Watched:
    """Repeats the pass of the present step with hooks on every submodule that a node owns."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._forward: list[str] = []
        self._backward: list[tuple[str, bool]] = []

    def fault(self, step: int) -> Fault | None:
        """The first submodule that turned finite numbers into others, or None where each did well."""
        loop = self._loop
        piece = loop.batches.piece(loop.epoch, loop.place)
        inputs, targets = (part[loop.place - piece.first] for part in (piece.inputs, piece.targets))
        if not finite([inputs, targets]):
            return Fault(step, "", f"The samples of step {step} hold values that are not finite: check the data.")
        inputs = inputs.detach().requires_grad_(inputs.is_floating_point())  # so that hooks see its gradient too
        hooks = [hook for name, module in layers(loop.module) for hook in self._hooks(name, module)]
        try:
            output, loss = loop.compute_at(inputs, targets)
            if self._forward or not finite([loss]):
                return self._forward_fault(step, finite([output]))
            gradients = dict(zip(loop.names, torch.autograd.grad(loss, loop.weights), strict=True))
        finally:
            for hook in hooks:
                hook.remove()
        return self._backward_fault(step, gradients)

    def _hooks(self, name: str, module: nn.Module) -> list[Any]:
        def forward(_module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            if finite(_tensors(inputs)) and not finite(_tensors(output)):
                self._forward.append(name)

        def backward(_module: nn.Module, at_inputs: Any, at_outputs: Any) -> None:
            if finite(_tensors(at_outputs)):
                self._backward.append((name, finite(_tensors(at_inputs))))

        return [module.register_forward_hook(forward), module.register_full_backward_hook(backward)]

    def _forward_fault(self, step: int, output_finite: bool) -> Fault:
        if output_finite and not self._forward:
            return Fault(step, "", f"The loss of step {step} was not finite, though the output was. {ADVICE}")
        name = self._forward[0] if self._forward else ""
        return Fault(
            step,
            name,
            f"In step {step} “{{name}}” was the first to give values that are not finite. {ADVICE}",
        )

    def _backward_fault(self, step: int, gradients: Mapping[str, Tensor]) -> Fault | None:
        bad = {_owner(self._loop.module, name) for name, gradient in gradients.items() if not finite([gradient])}
        if not bad:
            return None
        name = next((name for name, passed_on in self._backward if name in bad or not passed_on), "")
        if not name:
            return Fault(step, "", f"In step {step} the gradient of the loss itself was not finite. {ADVICE}")
        return Fault(step, name, f"In step {step} “{{name}}” was the first whose gradient was not finite. {ADVICE}")


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, tuple | list):
        return [tensor for part in value for tensor in _tensors(part)]
    return []
