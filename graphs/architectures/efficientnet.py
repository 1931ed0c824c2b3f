"""EfficientNet: one small network, made deeper, wider and finer together by one rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing
from graphs.architectures.inverted import inverted
from graphs.architectures.mobilenet import divisible
from graphs.layers.base import setting


class _Stage(NamedTuple):
    """A row of the paper's table 1."""

    factor: int
    kernel: int
    stride: int
    channels: int
    depth: int


_STAGES = (
    _Stage(1, 3, 1, 16, 1),
    _Stage(6, 3, 2, 24, 2),
    _Stage(6, 5, 2, 40, 2),
    _Stage(6, 3, 2, 80, 3),
    _Stage(6, 5, 1, 112, 3),
    _Stage(6, 5, 2, 192, 4),
    _Stage(6, 3, 1, 320, 1),
)
_SCALES: Mapping[str, tuple[float, float, int, float]] = {
    "efficientnet_b0": (1.0, 1.0, 224, 0.2),
    "efficientnet_b1": (1.0, 1.1, 240, 0.2),
    "efficientnet_b2": (1.1, 1.2, 288, 0.3),
    "efficientnet_b3": (1.2, 1.4, 300, 0.3),
    "efficientnet_b4": (1.4, 1.8, 380, 0.4),
    "efficientnet_b5": (1.6, 2.2, 456, 0.4),
    "efficientnet_b6": (1.8, 2.6, 528, 0.5),
    "efficientnet_b7": (2.0, 3.1, 600, 0.5),
}
"""Times as wide, times as deep, side of the input, dropout."""
_DROP = 0.2
"""The share of samples that the last block is left out for while training; it grows from 0 with the depth."""


class EfficientNet(Picture):
    name: ClassVar[str] = "efficientnet"
    title: ClassVar[str] = "EfficientNet"
    help: ClassVar[str] = "Depth, width and size of the picture grow together, each by its own power of one number."
    paper: ClassVar[Paper] = Paper(
        "M. Tan, Q. Le", "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019,
        "https://arxiv.org/abs/1905.11946",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "efficientnet_b0": torchvision("EfficientNet_B0", 5_288_548, 0.386),
        "efficientnet_b1": torchvision("EfficientNet_B1", 7_794_184, 0.687),
        "efficientnet_b2": torchvision("EfficientNet_B2", 9_109_994, 1.088),
        "efficientnet_b3": torchvision("EfficientNet_B3", 12_233_232, 1.827),
        "efficientnet_b4": torchvision("EfficientNet_B4", 19_341_616, 4.394),
        "efficientnet_b5": torchvision("EfficientNet_B5", 30_389_784, 10.266),
        "efficientnet_b6": torchvision("EfficientNet_B6", 43_040_704, 19.068),
        "efficientnet_b7": torchvision("EfficientNet_B7", 66_347_960, 37.746),
    }
    titles: ClassVar[Mapping[str, str]] = {name: f"EfficientNet-{name[-2:].upper()}" for name in published}
    torchvision: ClassVar[frozenset[str]] = frozenset(published)
    sizes: ClassVar[Mapping[str, int]] = {name: scale[2] for name, scale in _SCALES.items()}

    variant: Literal[
        "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3",
        "efficientnet_b4", "efficientnet_b5", "efficientnet_b6", "efficientnet_b7",
    ] = variant("efficientnet_b0", "How far it is scaled.", titles)  # fmt: skip
    multiplier: float | None = setting(
        None, "Width", "How many times as wide as B0.", gt=0, le=8, extra={"none": "as published"}
    )
    depth: float | None = setting(
        None, "Depth", "How many times as deep as B0.", gt=0, le=8, extra={"none": "as published"}
    )

    def draw(self, d: Drawing) -> None:
        wide, deep, _, dropped = _SCALES[self.variant]
        wide, deep = self.multiplier or wide, self.depth or deep
        large = self.variant in ("efficientnet_b5", "efficientnet_b6", "efficientnet_b7")
        norm = {"eps": 0.001, "momentum": 0.01} if large else {}
        d.unit("conv-silu", "SiLU", title="Convolution", norm=norm)
        depths = [math.ceil(stage.depth * deep) for stage in _STAGES]
        start = divisible(32 * wide)
        before = [start, *(divisible(stage.channels * wide) for stage in _STAGES)]
        for index, stage in enumerate(_STAGES):
            done = sum(depths[:index])
            drops = [round(_DROP * (done + place) / sum(depths), 6) for place in range(depths[index])]
            self._stage(d, index + 1, stage, before[index], before[index + 1], drops, norm)
        last = 4 * before[-1]
        with d.block("features", "Seven stages") as b:
            x = b.use("conv-silu", b.input(), id="0", filters=start, stride=2)
            for index in range(len(_STAGES)):
                x = b.use(f"stage{index + 1}", x, id=str(index + 1))
            b.output(b.use("conv-silu", x, id=str(len(_STAGES) + 1), filters=last, kernel=1))
        with d.block("classifier", "Classifier", classes=1000) as b:
            b.output(b.linear(b.dropout(b.input(), dropped, "0"), "=classes", "1"))
        x = d.layer("AdaptiveAvgPool2d", d.use("features", self.image(d), id="features"), id="avgpool")
        d.output(d.use("classifier", d.flatten(x, id="flatten"), id="classifier", classes=self.classes))

    @staticmethod
    def _stage(
        d: Drawing, number: int, stage: _Stage, before: int, width: int, drops: list[float], norm: dict[str, Any]
    ) -> None:
        """Defines the block of one stage: all but the first of its blocks keep the shape of the map."""
        steps: list[tuple[str, dict[str, Any]]] = []
        for place, drop in enumerate(drops):
            stride = 1 if place else stage.stride
            added, expand = stride == 1 and before == width, stage.factor > 1
            kind = inverted(
                d, "SiLU", expand=expand, added=added, excitation={"activation": "silu"}, drop=True, norm=norm
            )
            wide = divisible(before * stage.factor)
            given = {"wide": wide, "width": width, "kernel": stage.kernel, "squeezed": max(1, before // 4)}
            steps.append((kind, {**given, **({"drop": drop} if added else {"stride": stride})}))
            before = width
        with d.block(f"stage{number}", f"Stage {number}: {width} channels") as b:
            x = b.input()
            for place, (kind, fields) in enumerate(steps):
                x = b.use(kind, x, id=str(place), **fields)
            b.output(x)
