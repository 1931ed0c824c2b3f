"""MobileNetV3: found by search, with cheap activations and weighed channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing
from graphs.architectures.inverted import inverted
from graphs.architectures.mobilenet import divisible
from graphs.layers.base import setting

_Row = tuple[int, int, int, bool, bool, int]
_ROWS: Mapping[str, tuple[_Row, ...]] = {
    "mobilenet_v3_large": (
        (3, 16, 16, False, False, 1), (3, 64, 24, False, False, 2), (3, 72, 24, False, False, 1),
        (5, 72, 40, True, False, 2), (5, 120, 40, True, False, 1), (5, 120, 40, True, False, 1),
        (3, 240, 80, False, True, 2), (3, 200, 80, False, True, 1), (3, 184, 80, False, True, 1),
        (3, 184, 80, False, True, 1), (3, 480, 112, True, True, 1), (3, 672, 112, True, True, 1),
        (5, 672, 160, True, True, 2), (5, 960, 160, True, True, 1), (5, 960, 160, True, True, 1),
    ),
    "mobilenet_v3_small": (
        (3, 16, 16, True, False, 2), (3, 72, 24, False, False, 2), (3, 88, 24, False, False, 1),
        (5, 96, 40, True, True, 2), (5, 240, 40, True, True, 1), (5, 240, 40, True, True, 1),
        (5, 120, 48, True, True, 1), (5, 144, 48, True, True, 1), (5, 288, 96, True, True, 2),
        (5, 576, 96, True, True, 1), (5, 576, 96, True, True, 1),
    ),
}  # fmt: skip
"""Kernel, channels inside, channels out, weighed, Hardswish, stride: tables 1 and 2 of the paper."""


class MobileNetV3(Picture):
    name: ClassVar[str] = "mobilenet_v3"
    title: ClassVar[str] = "MobileNetV3"
    help: ClassVar[str] = "Inverted residuals whose sizes were searched for, with Hardswish and weighed channels."
    paper: ClassVar[Paper] = Paper(
        "A. Howard, M. Sandler, G. Chu, L. Chen, B. Chen, M. Tan, W. Wang, Y. Zhu, R. Pang, V. Vasudevan and others",
        "Searching for MobileNetV3", 2019, "https://arxiv.org/abs/1905.02244",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "mobilenet_v3_large": torchvision("MobileNet_V3_Large", 5_483_032, 0.217),
        "mobilenet_v3_small": torchvision("MobileNet_V3_Small", 2_542_856, 0.057),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "mobilenet_v3_large": "MobileNetV3 large", "mobilenet_v3_small": "MobileNetV3 small"
    }  # fmt: skip
    torchvision: ClassVar[frozenset[str]] = frozenset(published)

    variant: Literal["mobilenet_v3_large", "mobilenet_v3_small"] = variant(
        "mobilenet_v3_large", "How large it is.", titles
    )
    multiplier: float = setting(1.0, "Width", "How many times the published filters each layer has.", gt=0, le=8)

    def draw(self, d: Drawing) -> None:
        norm = {"eps": 0.001, "momentum": 0.01}
        wide = self.multiplier
        d.unit("conv-hardswish", "Hardswish", title="Convolution", norm=norm)
        rows = _ROWS[self.variant]
        channels = divisible(16 * wide)
        kinds, uses = [], []
        for kernel, inside, out, weighed, hard, stride in rows:
            inside, out = divisible(inside * wide), divisible(out * wide)
            given: dict[str, Any] = {"wide": inside, "width": out, "kernel": kernel}
            given |= {"squeezed": divisible(inside // 4)} if weighed else {}
            added = stride == 1 and channels == out
            given |= {} if added else {"stride": stride}
            excitation = {"gate": "hardsigmoid"} if weighed else None
            activation = "Hardswish" if hard else "ReLU"
            kinds.append(
                inverted(d, activation, expand=inside != channels, added=added, excitation=excitation, norm=norm)
            )
            uses.append(given)
            channels = out
        with d.block("features", "Inverted residuals") as b:
            x = b.use("conv-hardswish", b.input(), id="0", filters=divisible(16 * wide), stride=2)
            for place, (kind, given) in enumerate(zip(kinds, uses, strict=True), 1):
                x = b.use(kind, x, id=str(place), **given)
            b.output(b.use("conv-hardswish", x, id=str(len(rows) + 1), filters=6 * channels, kernel=1))
        last = divisible((1280 if self.variant.endswith("large") else 1024) * wide)
        with d.block("classifier", "Classifier", classes=1000) as b:
            x = b.layer("Hardswish", b.linear(b.input(), last, "0"), id="1")
            b.output(b.linear(b.dropout(x, 0.2, "2"), "=classes", "3"))
        x = d.layer("AdaptiveAvgPool2d", d.use("features", self.image(d), id="features"), id="avgpool")
        d.output(d.use("classifier", d.flatten(x, id="flatten"), id="classifier", classes=self.classes))
