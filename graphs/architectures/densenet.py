"""DenseNet: every layer sees the results of all layers before it in its block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing

_DEPTHS: Mapping[str, tuple[int, int, int, int]] = {
    "densenet121": (6, 12, 24, 16),
    "densenet161": (6, 12, 36, 24),
    "densenet169": (6, 12, 32, 32),
    "densenet201": (6, 12, 48, 32),
}


class DenseNet(Picture):
    name: ClassVar[str] = "densenet"
    title: ClassVar[str] = "DenseNet"
    help: ClassVar[str] = "Every layer adds a few channels to all that came before, and sees all of them."
    paper: ClassVar[Paper] = Paper(
        "G. Huang, Z. Liu, L. van der Maaten, K. Weinberger", "Densely Connected Convolutional Networks", 2017,
        "https://arxiv.org/abs/1608.06993",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "densenet121": torchvision("DenseNet121", 7_978_856, 2.834),
        "densenet161": torchvision("DenseNet161", 28_681_000, 7.728),
        "densenet169": torchvision("DenseNet169", 14_149_480, 3.36),
        "densenet201": torchvision("DenseNet201", 20_013_928, 4.291),
    }
    titles: ClassVar[Mapping[str, str]] = {name: name.replace("densenet", "DenseNet-") for name in _DEPTHS}
    torchvision: ClassVar[frozenset[str]] = frozenset(_DEPTHS)

    variant: Literal["densenet121", "densenet161", "densenet169", "densenet201"] = variant(
        "densenet121", "How many layers it has.", titles
    )

    def draw(self, d: Drawing) -> None:
        growth, channels = (48, 96) if self.variant == "densenet161" else (32, 64)
        _layer(d, growth)
        with d.block("transition", "Transition", "Half as many channels on a map half as wide.", channels=128) as b:
            x = b.conv(b.relu(b.norm(b.input(), "norm"), "relu"), "=channels", 1, "conv", bias=False)
            b.output(b.avg_pool(x, 2, "pool"))
        depths = _DEPTHS[self.variant]
        for depth in dict.fromkeys(depths):
            with d.block(f"dense-{depth}", f"Dense block of {depth}") as b:
                x = b.input()
                for place in range(depth):
                    x = b.use("layer", x, id=f"denselayer{place + 1}")
                b.output(x)
        with d.block("features", "Dense blocks") as b:
            x = b.conv(b.input(), channels, 7, "conv0", stride=2, padding=3, bias=False)
            x = b.max_pool(b.relu(b.norm(x, "norm0"), "relu0"), 3, "pool0", stride=2, padding=1)
            for place, depth in enumerate(depths, 1):
                x = b.use(f"dense-{depth}", x, id=f"denseblock{place}")
                channels += depth * growth
                if place < len(depths):
                    channels //= 2
                    x = b.use("transition", x, id=f"transition{place}", channels=channels)
            b.output(b.norm(x, "norm5"))
        x = d.relu(d.use("features", self.image(d), id="features"), "relu")
        x = d.flatten(d.layer("AdaptiveAvgPool2d", x, id="avgpool"), id="flatten")
        d.output(d.linear(x, self.classes, "classifier"))

    def weights_map(self) -> tuple[tuple[str, str], ...]:
        return ((r"(denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2."),)  # the published files are older


def _layer(d: Drawing, growth: int) -> None:
    help = f"Makes {growth} new channels from all that came before, and puts them beside them."
    with d.block("layer", "Dense layer", help) as b:
        x = b.input()
        y = b.conv(b.relu(b.norm(x, "norm1"), "relu1"), 4 * growth, 1, "conv1", bias=False)
        y = b.conv(b.relu(b.norm(y, "norm2"), "relu2"), growth, 3, "conv2", padding=1, bias=False)
        b.output(b.concat(x, y))
