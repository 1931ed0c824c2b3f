"""Layers that cut, pad, part and reorder what comes in."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from pydantic import field_validator

from graphs.layers.base import Axes, Fault, Layer, Port, Remedy, Shape, Window, setting
from graphs.layers.combine import Join
from graphs.layers.windows import MAPS, axes, map_fault

_ANY = (Port("in", accepts="any"),)
_PORTS = "abcdefghijklmnopqrstuvwxyz"


def axis_field(default: int, text: str) -> Any:
    """A field that names an axis of one sample."""
    return setting(default, "Axis", f"{text}: 1 is the first after the batch (channels), −1 the last.", ge=-8, le=8)


def place(axis: int, count: int) -> int:
    """Where an axis stands among `count`, from 0; −1 where there is no such axis."""
    return -1 if not axis or not -count <= axis <= count else axis - 1 if axis > 0 else count + axis


def axis_fault(title: str, axis: int, shape: Shape) -> Fault | None:
    """A fault where `shape` has no such axis."""
    count = len(shape.dims)
    if place(axis, count) >= 0:
        return None
    remedies = (Remedy("Use axis 1", {"axis": 1}), Remedy("Use the last axis", {"axis": -1})) if count else ()
    return Fault(
        f"{title} cannot work along axis {axis}.", f"1 to {count}, or −1" if count else "an axis", str(shape), remedies
    )


class Slice(Layer):
    title: ClassVar[str] = "Slice"
    help: ClassVar[str] = "Keeps a part of one axis: a stretch of a series, some channels, one row."
    stem: ClassVar[str] = "slice"
    synonyms: ClassVar[tuple[str, ...]] = ("crop", "select", "index", "narrow", "cut", "part")
    torch: ClassVar[str] = "modules.Slice"
    written: ClassVar[str | None] = ""

    axis: int = axis_field(1, "The axis that is cut")
    start: int = setting(0, "From", "The first place that is kept, from 0; −1 is the last.", ge=-65536, le=65536)
    end: int | None = setting(
        None,
        "Until",
        "The place before which it ends; negative ones count from the end.",
        extra={"none": "the end"},
        ge=-65536,
        le=65536,
    )
    step: int = setting(1, "Step", "Keep every place, or every second or third.", ge=1, le=65536)
    drop: bool = setting(False, "Drop the axis", "Where one place is left, leave its axis out.")

    def inputs(self) -> tuple[Port, ...]:
        return _ANY

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = axis_fault(self.title, self.axis, inputs[0])
        if wrong is not None:
            return wrong
        size = inputs[0].dims[place(self.axis, len(inputs[0].dims))]
        left = len(range(size)[self.start : self.end : self.step])
        if not left:
            remedy = Remedy("Keep everything", {"start": 0, "end": None})
            return Fault("Nothing is left of this axis.", f"places 0 to {size - 1}", self.summary(), (remedy,))
        if self.drop and left > 1:
            remedies = (Remedy("Keep the axis", {"drop": False}), Remedy("Keep one place", _one(self.start)))
            return Fault(f"An axis of {left} cannot be left out.", "one place", f"{left} places", remedies)
        return None

    def call(self, module: str, args: list[str]) -> str:
        start, step = self.start or "", "" if self.step == 1 else f":{self.step}"
        part = f"{start}:{'' if self.end is None else self.end}{step}"
        if self.drop:
            part = str(self.start)
        if self.axis > 0:
            return f"{args[0]}[{', '.join([':'] * self.axis + [part])}]"
        return f"{args[0]}[{', '.join(['...', part] + [':'] * (-self.axis - 1))}]"

    def summary(self) -> str:
        step = "" if self.step == 1 else f" by {self.step}"
        return f"{self.start} to {'the end' if self.end is None else self.end}{step}"


def _one(start: int) -> dict[str, Any]:
    return {"end": start + 1 if start != -1 else None, "step": 1}


class Pad(Layer):
    title: ClassVar[str] = "Pad"
    help: ClassVar[str] = "Adds numbers around a map: zeros, copies of its edge, or its mirror image."
    stem: ClassVar[str] = "pad"
    synonyms: ClassVar[tuple[str, ...]] = ("zero padding", "reflection", "replicate", "circular", "border", "margin")
    torch: ClassVar[str] = "modules.Pad"
    written: ClassVar[str | None] = ""

    padding: Axes = setting(
        (1, 1, 1, 1),
        "Padding",
        "How many numbers: left, right, top, bottom; two are for a series, more go on to the axes before.",
        min_length=2,
        max_length=8,
    )
    mode: Literal["constant", "reflect", "replicate", "circular"] = setting(
        "constant",
        "Filled with",
        "What stands in the margin.",
        extra={
            "labels": {
                "constant": "a number",
                "reflect": "the mirror image",
                "replicate": "copies of the edge",
                "circular": "the other side",
            }
        },
    )
    value: float = setting(
        0.0, "Number", "What fills the margin.", extra={"when": {"mode": "constant"}}, ge=-1e6, le=1e6
    )

    @field_validator("padding")
    @classmethod
    def _pairs(cls, padding: tuple[int, ...]) -> tuple[int, ...]:
        if len(padding) % 2 or any(not 0 <= n <= 4096 for n in padding):
            raise ValueError("takes two numbers from 0 to 4096 for each axis, such as 1, 1, 1, 1")
        return padding

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return self.model_dump()

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        dims, count = inputs[0].dims, len(self.padding) // 2
        most = len(dims) if self.mode == "constant" else len(dims) - 1
        exact = self.mode == "constant" or (count == most and count in MAPS)
        if not count <= most or not exact:
            fit = [1, 1] * max(1, min(len(dims) - 1, 3))
            right = 1 <= len(dims) - 1 <= 3 or (self.mode == "constant" and dims)
            remedies = (Remedy(f"Pad by {', '.join(map(str, fit))}", {"padding": fit}),) if right else ()
            message = f"Pad has numbers for {axes(count)}, and these do not suit its input."
            return Fault(message, f"two numbers for each of {axes(max(most, 0))}", str(inputs[0]), remedies)
        return self._margin_fault(inputs[0])

    def _margin_fault(self, shape: Shape) -> Fault | None:
        if self.mode not in ("reflect", "circular"):
            return None
        less = 1 if self.mode == "reflect" else 0
        sizes = [n - less for n in reversed(shape.dims) for _ in range(2)]
        fit = [min(p, n) for p, n in zip(self.padding, sizes, strict=False)]
        if fit == list(self.padding):
            return None
        remedy = Remedy(f"Pad by {', '.join(map(str, fit))}", {"padding": fit})
        message = "The margin is larger than what can be taken from the map for it."
        return Fault(message, f"at most {', '.join(map(str, sizes[: len(fit)]))}", self.summary(), (remedy,))

    def call(self, module: str, args: list[str]) -> str:
        if self.mode != "constant":
            return f'nn.functional.pad({args[0]}, {self.padding}, mode="{self.mode}")'
        value = f", value={self.value}" if self.value else ""
        return f"nn.functional.pad({args[0]}, {self.padding}{value})"

    def summary(self) -> str:
        return ", ".join(map(str, self.padding))


class Split(Layer):
    title: ClassVar[str] = "Split"
    help: ClassVar[str] = "Parts one axis into equal pieces, each with an output of its own."
    stem: ClassVar[str] = "split"
    synonyms: ClassVar[tuple[str, ...]] = ("chunk", "part", "divide", "branches", "unbind")
    torch: ClassVar[str] = "modules.Split"
    written: ClassVar[str | None] = ""

    count: int = setting(2, "Parts", "How many outputs it has.", ge=2, le=26)
    axis: int = axis_field(1, "The axis that is parted")

    def inputs(self) -> tuple[Port, ...]:
        return _ANY

    def outputs(self) -> tuple[Port, ...]:
        return tuple(Port(name) for name in _PORTS[: self.count])

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = axis_fault(self.title, self.axis, inputs[0])
        if wrong is not None:
            return wrong
        size = inputs[0].dims[place(self.axis, len(inputs[0].dims))]
        if size % self.count == 0:
            return None
        fits = [n for n in range(2, 27) if size % n == 0]
        best = min(fits, key=lambda n: abs(n - self.count), default=0)
        remedies = (Remedy(f"Make {best} parts", {"count": best}),) if best else ()
        return Fault(
            f"{size} does not part into {self.count} equal pieces.",
            f"a multiple of {self.count}",
            str(inputs[0]),
            remedies,
        )

    def call(self, module: str, args: list[str]) -> str:
        return f"torch.chunk({args[0]}, {self.count}, dim={self.axis})"

    def summary(self) -> str:
        return f"{self.count} parts"


class Stack(Join):
    title: ClassVar[str] = "Stack"
    help: ClassVar[str] = "Lays its inputs one behind the other along a new axis."
    stem: ClassVar[str] = "stack"
    synonyms: ClassVar[tuple[str, ...]] = ("pile", "join", "merge", "new axis", "unsqueeze")
    torch: ClassVar[str] = "modules.Stack"

    axis: int = axis_field(1, "Where the new axis stands")

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"axis": self.axis}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        first = inputs[0]
        count = len(first.dims) + 1
        if place(self.axis, count) < 0:
            message = f"Stack cannot put the new axis at {self.axis}."
            return Fault(message, f"1 to {count}, or −1", str(self.axis), (Remedy("Use axis 1", {"axis": 1}),))
        for port, shape in zip(_PORTS[1:], inputs[1:], strict=False):
            if shape.dims != first.dims:
                same = shape.size == first.size and first.dims
                insert = Remedy(
                    f"Insert Reshape before {port}",
                    insert="Reshape",
                    insert_fields={"shape": list(first.dims)},
                    port=port,
                )
                cut = Remedy(f"Remove the wire to {port}", cut=port)
                message = "Stack needs inputs of one shape, and they differ."
                return Fault(message, str(first), str(shape), (insert,) if same else (cut,))
        return None

    def call(self, module: str, args: list[str]) -> str:
        return f"torch.stack(({', '.join(args)}), dim={self.axis})"


class PixelShuffle(Layer):
    title: ClassVar[str] = "PixelShuffle"
    help: ClassVar[str] = "Enlarges a map by laying the numbers of several channels side by side."
    stem: ClassVar[str] = "shuffle"
    synonyms: ClassVar[tuple[str, ...]] = ("depth to space", "sub-pixel", "super-resolution", "upsample", "espcn")
    torch: ClassVar[str] = "nn.PixelShuffle"

    upscale_factor: int = setting(2, "Factor", "How many times larger the map becomes.", ge=1, le=64)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = map_fault(self.title, inputs[0], 2)
        if wrong is not None:
            return wrong
        channels, block = inputs[0].dims[0], self.upscale_factor**2
        if channels % block == 0:
            return None
        more = {"out_channels": -(-channels // block) * block, "kernel_size": [1, 1]}
        remedy = Remedy(f"Insert Conv2d 1×1 with {more['out_channels']} filters", insert="Conv2d", insert_fields=more)
        message = f"The channels are laid out in squares of {block}, and {channels} do not part into such."
        return Fault(message, f"a multiple of {block} channels", str(inputs[0]), (remedy,))

    def window(self, dims: tuple[int, ...]) -> Window | None:
        return Window((1, 1), (1, 1), (1, 1), (self.upscale_factor,) * 2)

    def summary(self) -> str:
        return f"×{self.upscale_factor}"


class PixelUnshuffle(Layer):
    title: ClassVar[str] = "PixelUnshuffle"
    help: ClassVar[str] = "Shrinks a map by putting the numbers of each square into channels of their own."
    stem: ClassVar[str] = "unshuffle"
    synonyms: ClassVar[tuple[str, ...]] = ("space to depth", "reorg", "downsample", "sub-pixel")
    torch: ClassVar[str] = "nn.PixelUnshuffle"

    downscale_factor: int = setting(2, "Factor", "How many times smaller the map becomes.", ge=1, le=64)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = map_fault(self.title, inputs[0], 2)
        factor = self.downscale_factor
        if wrong is not None or all(n % factor == 0 for n in inputs[0].dims[1:]):
            return wrong
        more = [(-n) % factor for n in inputs[0].dims[1:]]
        pad = {"padding": [0, more[1], 0, more[0]]}
        remedies = (
            Remedy(f"Insert Pad to a multiple of {factor}", insert="Pad", insert_fields=pad),
            Remedy("Set the factor to 1", {"downscale_factor": 1}),
        )
        message = f"Height and width do not part into squares of {factor}×{factor}."
        return Fault(message, f"multiples of {factor}", str(inputs[0]), remedies)

    def window(self, dims: tuple[int, ...]) -> Window | None:
        return Window((self.downscale_factor,) * 2, (self.downscale_factor,) * 2, (1, 1))

    def summary(self) -> str:
        return f"1/{self.downscale_factor}"


class ChannelShuffle(Layer):
    title: ClassVar[str] = "ChannelShuffle"
    help: ClassVar[str] = "Mixes the channels of groups in turn, so that grouped convolutions exchange what they see."
    stem: ClassVar[str] = "shuffle"
    synonyms: ClassVar[tuple[str, ...]] = ("shufflenet", "groups", "interleave", "permute channels")
    torch: ClassVar[str] = "modules.ChannelShuffle"
    written: ClassVar[str | None] = ""

    groups: int = setting(2, "Groups", "How many groups the channels come from.", ge=1, le=65536)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        channels = inputs[0].dims[0] if inputs[0].dims else 0
        if channels and channels % self.groups == 0:
            return None
        common = math.gcd(channels, self.groups)
        message = f"{self.groups} groups do not divide {channels} channels evenly."
        remedies = (Remedy(f"Set groups to {common}", {"groups": common}),)
        return Fault(message, f"channels that {self.groups} divides", str(inputs[0]), remedies)

    def call(self, module: str, args: list[str]) -> str:
        return f"{args[0]}.unflatten(1, ({self.groups}, -1)).transpose(1, 2).flatten(1, 2)"

    def summary(self) -> str:
        return "1 group" if self.groups == 1 else f"{self.groups} groups"
