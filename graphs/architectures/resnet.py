"""ResNet and its relatives: what a block learns is added to what came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, variant
from graphs.architectures.draw import Drawing
from graphs.network import End

_TORCHVISION = "torchvision documentation, {}_Weights"
_DEPTHS: Mapping[str, tuple[int, int, int, int]] = {
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
    "resnet101": (3, 4, 23, 3),
    "resnet152": (3, 8, 36, 3),
}


def _published(name: str, count: int, giga: float) -> Published:
    return Published(count, _TORCHVISION.format(name), giga)


class ResNet(Picture):
    name: ClassVar[str] = "resnet"
    title: ClassVar[str] = "ResNet"
    help: ClassVar[str] = "Blocks learn what to add to their input, so that more than a hundred layers can be trained."
    paper: ClassVar[Paper] = Paper(
        "K. He, X. Zhang, S. Ren, J. Sun", "Deep Residual Learning for Image Recognition", 2015,
        "https://arxiv.org/abs/1512.03385",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "resnet18": _published("ResNet18", 11_689_512, 1.814),
        "resnet34": _published("ResNet34", 21_797_672, 3.664),
        "resnet50": _published("ResNet50", 25_557_032, 4.089),
        "resnet101": _published("ResNet101", 44_549_160, 7.801),
        "resnet152": _published("ResNet152", 60_192_808, 11.514),
    }
    titles: ClassVar[Mapping[str, str]] = {name: name.replace("resnet", "ResNet-") for name in _DEPTHS}
    torchvision: ClassVar[frozenset[str]] = frozenset(_DEPTHS)

    variant: Literal["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"] = variant(
        "resnet18", "How many layers it has.", titles
    )

    def draw(self, d: Drawing) -> None:
        basic = self.variant in ("resnet18", "resnet34")
        for name, down in (("residual", False), ("reduction", True)):
            (_basic if basic else _bottleneck)(d, name, down)
        x = stem(d, self.image(d))
        x = stages(d, x, _DEPTHS[self.variant], first="residual" if basic else "reduction")
        x = d.flatten(d.layer("AdaptiveAvgPool2d", x, id="avgpool"), id="flatten")
        d.output(d.linear(x, self.classes, id="fc"))


def stem(d: Drawing, x: End) -> End:
    """The first convolution and the first pool, after which the map is a quarter as wide."""
    x = d.norm(d.conv(x, 64, 7, "conv1", stride=2, padding=3, bias=False), "bn1")
    return d.max_pool(d.relu(x, "relu"), 3, "maxpool", stride=2, padding=1)


def stages(d: Drawing, x: End, depths: tuple[int, ...], first: str = "reduction") -> End:
    """Stages of blocks; all but the first stage halve the map. The first block of each changes the channels."""
    for index, depth in enumerate(depths):
        start = first if not index else "reduction"
        id = f"{start}-{depth}"
        if id not in d.blocks:
            with d.block(id, f"Stage of {depth}", "Blocks on maps of one size.", width=64, stride=1) as b:
                y = b.input()
                if start == "residual":
                    y = b.use("residual", y, id="0", width="=width")
                else:
                    y = b.use("reduction", y, id="0", width="=width", stride="=stride")
                for place in range(1, depth):
                    y = b.use("residual", y, id=str(place), width="=width")
                b.output(y)
        x = d.use(id, x, id=f"layer{index + 1}", width=64 << index, stride=1 if not index else 2)
    return x


def _downsample(d: Drawing, channels: str) -> None:
    with d.block("downsample", "Downsample", "Brings the input to the shape of the sum.", width=64, stride=1) as b:
        b.output(b.norm(b.conv(b.input(), channels, 1, "0", stride="=stride", bias=False), "1"))


def _basic(d: Drawing, name: str, down: bool) -> None:
    title, stride = ("Residual, smaller", {"stride": 1}) if down else ("Residual", {})
    if down:
        _downsample(d, "=width")
    step = "=stride" if down else 1
    with d.block(name, title, "Two convolutions whose result is added to the input.", width=64, **stride) as b:
        x = b.input()
        y = b.norm(b.conv(x, "=width", 3, "conv1", stride=step, padding=1, bias=False), "bn1")
        y = b.norm(b.conv(b.relu(y, "relu"), "=width", 3, "conv2", padding=1, bias=False), "bn2")
        skip = b.use("downsample", x, id="downsample", width="=width", stride="=stride") if down else x
        b.output(b.relu(b.add(y, skip, id="sum"), "relu2"))


def _bottleneck(d: Drawing, name: str, down: bool) -> None:
    title, stride = ("Bottleneck, smaller", {"stride": 1}) if down else ("Bottleneck", {})
    if down:
        _downsample(d, "=width*4")
    step = "=stride" if down else 1
    help = "A 1×1 convolution narrows, a 3×3 one works, a 1×1 one widens; the input is added."
    with d.block(name, title, help, width=64, **stride) as b:
        x = b.input()
        y = b.norm(b.conv(x, "=width", 1, "conv1", bias=False), "bn1")
        y = b.conv(b.relu(y, "relu"), "=width", 3, "conv2", stride=step, padding=1, bias=False)
        y = b.conv(b.relu(b.norm(y, "bn2"), "relu2"), "=width*4", 1, "conv3", bias=False)
        skip = b.use("downsample", x, id="downsample", width="=width", stride="=stride") if down else x
        b.output(b.relu(b.add(b.norm(y, "bn3"), skip, id="sum"), "relu3"))
