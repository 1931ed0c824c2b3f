"""Whether a function of single numbers is an activation: computed in double precision where it bends, far out where a
bound or a factor shows, and closely around every constant that it is made of.

The constants of a file are rounded to single precision. So a curve may differ from an activation by what the activation
itself changes when its number is moved by that rounding, and by no more: 1e-7 where there should be 0 is another curve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.model import Op

if TYPE_CHECKING:
    from torch import Tensor

ROUNDED = 5e-7
"""How far constants of seven digits are from those that are meant, in relation to them."""
OVERFLOWS = 80.0
"""From here on a formula may exceed what single precision holds, where the activation that it spells does not."""
ENDLESS = 1e30
"""Bounds that stand for none."""


def probes(constants: Iterable[float] = ()) -> Tensor:
    """Numbers, in double precision, at which curves are compared: [n]. Those around constants alone where there are."""
    import torch

    near = sorted({c for c in constants if abs(c) < ENDLESS})
    if near:
        steps = torch.tensor([0.0, 1e-6, 1e-4, 1e-2], dtype=torch.float64)
        centres = torch.tensor([*near, *(-c for c in near), *(1 / c for c in near if c)], dtype=torch.float64)
        around = torch.cat([centres[:, None] * (1 + sign * steps) + sign * steps for sign in (1, -1)], 1)
        return around.reshape(-1).clamp(-ENDLESS, ENDLESS)
    far = torch.logspace(-7, 4, 111, dtype=torch.float64)
    return torch.cat([torch.linspace(-8, 8, 331, dtype=torch.float64), far, -far, torch.zeros(1, dtype=torch.float64)])


@dataclass(frozen=True)
class Curves:
    """What each of several functions gives at `x`, [n] each, and how much it may differ there."""

    x: Tensor
    values: Sequence[Tensor]
    leeway: Sequence[Tensor]

    @classmethod
    def of(cls, x: Tensor, curves: Callable[[Tensor], Sequence[Tensor]]) -> Curves:
        """Computes them."""
        values, less, more = (curves(x * (1 + by)) for by in (0.0, -ROUNDED, ROUNDED))
        least = 1e-14 * (1 + x.abs())
        spread = [(a - b).abs() + least + 3e-7 * v.abs() for v, a, b in zip(values, less, more, strict=True)]
        return cls(x, values, spread)

    def same(self, place: int, found: Tensor) -> bool:
        """Whether `found` is the function of this place."""
        import torch

        wide = ~torch.isfinite(found) & (self.x.abs() > OVERFLOWS)
        return bool((wide | ((found - self.values[place]).abs() <= self.leeway[place])).all())


def cut(x: Tensor, found: Tensor, constants: Iterable[float]) -> tuple[float, float] | None:
    """The bounds out of these constants at which numbers are cut off and left alone between; None where it is more."""
    import torch

    bounds = sorted({0.0, *(c for c in constants if abs(c) < ENDLESS)})[:12]
    for low in bounds:
        for high in bounds:
            if low < high and torch.equal(found, x.clamp(low, high)):
                return low, high
    return None


def decided(op: Op, inputs: Sequence[Tensor | None], attributes: Mapping[str, Any]) -> bool:
    """Whether the numbers went both ways at what the operator decides: past each of its bounds, and not past it."""
    given = [t for t in inputs if t is not None]
    if op.type == "Where":
        return given[0].ndim == 0 or bool(given[0].any() and not given[0].all())
    if op.type not in ("Clip", "Max", "Min") or given[0].ndim + given[-1].ndim == 0:
        return True
    if op.type == "Clip":
        low, high = (
            attributes.get(name) if len(inputs) <= place or inputs[place] is None else float(inputs[place])  # type: ignore[arg-type]
            for place, name in ((1, "min"), (2, "max"))
        )
        below = low is None or low < -ENDLESS or bool((given[0] <= low).any())
        return below and (high is None or high > ENDLESS or bool((given[0] >= high).any()))
    bounds, values = [t for t in given if t.ndim == 0], [t for t in given if t.ndim]
    return all(float(b.abs()) > ENDLESS or bool((v <= b).any() and (v >= b).any()) for b in bounds for v in values)
