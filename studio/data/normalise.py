"""Shifting and scaling of inputs: measured on the training samples, stored with the model."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.data.base import DataFault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


@dataclass(frozen=True)
class Normalisation:
    """x becomes (x − mean) / std, per channel of pictures [C, H, W] or feature of rows [F] and series [T, F].

    One value each stands for all of the input. `axis` is where the channels are in a sample, from its
    end: −3 for pictures, −1 for rows.
    """

    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    axis: int = -1

    @property
    def changes(self) -> bool:
        """Whether anything is shifted or scaled at all."""
        return any(m != 0 for m in self.mean) or any(s != 1 for s in self.std)

    def apply(self, x: Tensor) -> Tensor:
        """Raw inputs [..., *shape] to what the network is fed, on the device of `x`."""
        return (x - self._like(self.mean, x)) / self._like(self.std, x) if self.changes else x

    def invert(self, x: Tensor) -> Tensor:
        """What the network is fed back to raw inputs."""
        return x * self._like(self.std, x) + self._like(self.mean, x) if self.changes else x

    def _like(self, values: tuple[float, ...], x: Tensor) -> Tensor:
        ones = [1] * (-self.axis - 1) if len(values) > 1 else []
        return x.new_tensor(values).reshape(len(values), *ones)

    def to_json(self) -> str:
        """One line of JSON, for the metadata of a model."""
        return json.dumps({"mean": self.mean, "std": self.std, "axis": self.axis})

    @classmethod
    def from_json(cls, text: str) -> Normalisation:
        """The opposite of `to_json`. Raises DataFault where the text is something else."""
        try:
            found = json.loads(text)
            mean, std, axis = _numbers(found["mean"]), _numbers(found["std"]), int(found["axis"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise DataFault("The stored normalisation is damaged; train the network again.") from error
        if len(mean) != len(std) or not mean or axis not in (-1, -3) or min(std) <= 0:
            raise DataFault("The stored normalisation is damaged; train the network again.")
        return cls(mean, std, axis)


def measure(inputs: NDArray[np.generic], how: str) -> Normalisation:
    """The normalisation "none", "standard" or "unit" of the training inputs [N, *shape]."""
    import numpy as np

    if how == "none" or inputs.dtype.kind != "f":
        return Normalisation()
    axis = -3 if inputs.ndim == 4 else -1
    channels = inputs.ndim in (2, 3, 4)
    over = tuple(a for a in range(inputs.ndim) if not channels or a != inputs.ndim + axis)
    if how == "unit":
        low, high = inputs.min(over).astype(np.float64), inputs.max(over).astype(np.float64)
        return Normalisation(_tuple(low), _scale(high - low), axis)
    mean = inputs.mean(over, dtype=np.float64)
    return Normalisation(_tuple(mean), _scale(inputs.std(over, dtype=np.float64)), axis)


def _tuple(values: Any) -> tuple[float, ...]:
    import numpy as np

    return tuple(float(v) for v in np.atleast_1d(values))


def _scale(values: Any) -> tuple[float, ...]:
    """Scales to divide by; what never changes is left as it is."""
    return tuple(v if v > 1e-12 else 1.0 for v in _tuple(values))


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    numbers = tuple(float(v) for v in values)
    if not all(map(math.isfinite, numbers)):
        raise ValueError("not finite")
    return numbers
