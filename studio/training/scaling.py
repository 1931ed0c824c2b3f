"""Loss scaling for float16, whose smallest numbers are too large for many gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

GROWTH_STEPS = 2000


class Scaler:
    """Multiplies the loss, divides the gradients, and leaves a step out where they overflowed (as
    torch.amp.GradScaler).

    Half the scale after an overflow, twice the scale after 2,000 steps without one.
    """

    def __init__(self, scale: float = 2.0**16) -> None:
        self.scale = scale
        self._good = 0

    def update(
        self,
        loss: Tensor,
        weights: Sequence[nn.Parameter],
        apply: Callable[[tuple[Tensor, ...] | list[Tensor], float], None],
        rate: float,
    ) -> tuple[Tensor, ...]:
        """Works out the gradients of `loss`, applies them where they are finite, and gives them back."""
        large = torch.autograd.grad(loss * self.scale, weights)
        gradients = torch._foreach_mul(large, 1.0 / self.scale)
        if finite(gradients):
            apply(gradients, rate)
            self._good += 1
            if self._good >= GROWTH_STEPS:
                self.scale, self._good = self.scale * 2, 0
        else:
            self.scale, self._good = max(self.scale / 2, 1.0), 0
        return tuple(gradients)

    def state(self) -> dict[str, Any]:
        """What a resumed run needs, as JSON."""
        return {"scale": self.scale, "good": self._good}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave."""
        self.scale, self._good = float(state["scale"]), int(state["good"])


def finite(tensors: Sequence[Tensor]) -> bool:
    """Whether every number in every tensor is finite; one wait for the device."""
    floating = [tensor for tensor in tensors if tensor.is_floating_point() and tensor.numel()]
    if not floating:
        return True
    return bool(torch.stack([torch.isfinite(tensor).all() for tensor in floating]).all())
