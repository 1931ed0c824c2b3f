"""Layers that enlarge a map, a series or a volume without weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from graphs.layers.base import (
    Fault,
    Layer,
    OptionalPair,
    OptionalTriple,
    Positive,
    Shape,
    Window,
    setting,
    times,
)
from graphs.layers.windows import map_fault, spread

_BY_FACTOR = {"none": "by the factor"}
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def _factor(what: str) -> Any:
    return setting(2, "Factor", f"How many times larger the {what} becomes.", ge=1, le=64)


def _size(words: str) -> Any:
    return setting(None, "Size", f"{words} of the result, in place of the factor.", extra=_BY_FACTOR)


def _mode(description: str, **labels: str) -> Any:
    return setting("nearest", "Between values", description, extra={"labels": labels})


def _corners() -> Any:
    text = "Where values are blended, keep those at the corners as they are."
    return setting(False, "Keep the corners", text)


class Enlarging(Layer):
    """What they share; the subclass declares the fields."""

    stem: ClassVar[str] = "up"
    rank: ClassVar[int] = 2
    if TYPE_CHECKING:
        scale_factor: int
        size: int | tuple[int, ...] | None
        mode: str
        align_corners: bool

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        target = {"scale_factor": self.scale_factor} if self.size is None else {"size": self.size}
        mode = _LINEAR[self.rank] if self.mode in ("linear", "bilinear", "trilinear") else self.mode
        corners = {"align_corners": True} if self.align_corners and self.mode != "nearest" else {}
        return {**target, "mode": mode, **corners}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], self.rank)

    def goal(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """The size of the result along each axis."""
        return tuple(n * self.scale_factor for n in sizes) if self.size is None else spread(self.size, self.rank)

    def window(self, dims: tuple[int, ...]) -> Window | None:
        seen = {"nearest": 1, "bicubic": 4}.get(self.mode, 2)
        larger = tuple(goal / n for goal, n in zip(self.goal(dims[1:]), dims[1:], strict=True))
        ones = (1,) * self.rank
        return Window((seen,) * self.rank, ones, ones, larger)

    def summary(self) -> str:
        return f"×{self.scale_factor}" if self.size is None else f"to {times(self.size)}"


class Upsample(Enlarging):
    title: ClassVar[str] = "Upsample"
    help: ClassVar[str] = "Enlarges a map by repeating or blending its values."
    synonyms: ClassVar[tuple[str, ...]] = ("resize", "interpolate", "enlarge", "decoder", "unpool")
    torch: ClassVar[str] = "nn.Upsample"

    scale_factor: int = _factor("map")
    size: OptionalPair = _size("Rows and columns")
    mode: Literal["nearest", "bilinear", "bicubic"] = _mode(
        "Repeat values, or blend them along lines or curves.",
        nearest="repeat",
        bilinear="blend",
        bicubic="blend smoothly",
    )
    align_corners: bool = _corners()


class Upsample1d(Enlarging):
    title: ClassVar[str] = "Upsample1d"
    help: ClassVar[str] = "Makes a series longer by repeating or blending its values."
    synonyms: ClassVar[tuple[str, ...]] = ("resize", "interpolate", "enlarge", "decoder", "sound", "temporal")
    torch: ClassVar[str] = "nn.Upsample"
    rank: ClassVar[int] = 1

    scale_factor: int = _factor("series")
    size: Positive | None = _size("Steps")
    mode: Literal["nearest", "linear"] = _mode("Repeat values, or blend them.", nearest="repeat", linear="blend")
    align_corners: bool = _corners()


class Upsample3d(Enlarging):
    title: ClassVar[str] = "Upsample3d"
    help: ClassVar[str] = "Enlarges a volume by repeating or blending its values."
    synonyms: ClassVar[tuple[str, ...]] = ("resize", "interpolate", "enlarge", "decoder", "volume", "video")
    torch: ClassVar[str] = "nn.Upsample"
    rank: ClassVar[int] = 3

    scale_factor: int = setting(2, "Factor", "How many times larger the volume becomes.", ge=1, le=16)
    size: OptionalTriple = _size("Slices, rows and columns")
    mode: Literal["nearest", "trilinear"] = _mode("Repeat values, or blend them.", nearest="repeat", trilinear="blend")
    align_corners: bool = _corners()
