"""ResNet and its relatives: what a block learns is added to what came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing
from graphs.network import End

_DEPTHS: Mapping[str, tuple[int, int, int, int]] = {
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
    "resnet101": (3, 4, 23, 3),
    "resnet152": (3, 8, 36, 3),
}


class ResNet(Picture):
    name: ClassVar[str] = "resnet"
    title: ClassVar[str] = "ResNet"
    help: ClassVar[str] = "Blocks learn what to add to their input, so that more than a hundred layers can be trained."
    paper: ClassVar[Paper] = Paper(
        "K. He, X. Zhang, S. Ren, J. Sun", "Deep Residual Learning for Image Recognition", 2015,
        "https://arxiv.org/abs/1512.03385",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "resnet18": torchvision("ResNet18", 11_689_512, 1.814),
        "resnet34": torchvision("ResNet34", 21_797_672, 3.664),
        "resnet50": torchvision("ResNet50", 25_557_032, 4.089),
        "resnet101": torchvision("ResNet101", 44_549_160, 7.801),
        "resnet152": torchvision("ResNet152", 60_192_808, 11.514),
    }
    titles: ClassVar[Mapping[str, str]] = {name: name.replace("resnet", "ResNet-") for name in _DEPTHS}
    torchvision: ClassVar[frozenset[str]] = frozenset(_DEPTHS)

    variant: Literal["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"] = variant(
        "resnet18", "How many layers it has.", titles
    )

    def draw(self, d: Drawing) -> None:
        if self.variant in ("resnet18", "resnet34"):
            _basic(d, "residual", False)
            _basic(d, "reduction", True)
            first = "residual"
        else:
            bottlenecks(d)
            first = "reduction"
        head(d, stages(d, stem(d, self.image(d)), _DEPTHS[self.variant], first), self.classes)


class ResNeXt(Picture):
    name: ClassVar[str] = "resnext"
    title: ClassVar[str] = "ResNeXt"
    help: ClassVar[str] = "A ResNet whose 3×3 convolutions work in many groups side by side."
    paper: ClassVar[Paper] = Paper(
        "S. Xie, R. Girshick, P. Dollár, Z. Tu, K. He",
        "Aggregated Residual Transformations for Deep Neural Networks", 2017, "https://arxiv.org/abs/1611.05431",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "resnext50_32x4d": torchvision("ResNeXt50_32X4D", 25_028_904, 4.23),
        "resnext101_32x8d": torchvision("ResNeXt101_32X8D", 88_791_336, 16.414),
        "resnext101_64x4d": torchvision("ResNeXt101_64X4D", 83_455_272, 15.46),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "resnext50_32x4d": "ResNeXt-50 32×4d", "resnext101_32x8d": "ResNeXt-101 32×8d",
        "resnext101_64x4d": "ResNeXt-101 64×4d",
    }  # fmt: skip
    torchvision: ClassVar[frozenset[str]] = frozenset(published)

    variant: Literal["resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d"] = variant(
        "resnext50_32x4d", "How many layers it has, and how many groups of how many channels.", titles
    )

    def draw(self, d: Drawing) -> None:
        deep = "101" in self.variant
        groups, factor = {"32x4d": (32, 2), "32x8d": (32, 4), "64x4d": (64, 4)}[self.variant.split("_")[1]]
        bottlenecks(d, factor, groups)
        x = stages(d, stem(d, self.image(d)), _DEPTHS["resnet101" if deep else "resnet50"])
        head(d, x, self.classes)


class WideResNet(Picture):
    name: ClassVar[str] = "wide_resnet"
    title: ClassVar[str] = "Wide ResNet"
    help: ClassVar[str] = "A ResNet whose 3×3 convolutions are twice as wide."
    paper: ClassVar[Paper] = Paper(
        "S. Zagoruyko, N. Komodakis", "Wide Residual Networks", 2016, "https://arxiv.org/abs/1605.07146"
    )
    published: ClassVar[Mapping[str, Published]] = {
        "wide_resnet50_2": torchvision("Wide_ResNet50_2", 68_883_240, 11.398),
        "wide_resnet101_2": torchvision("Wide_ResNet101_2", 126_886_696, 22.753),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "wide_resnet50_2": "Wide ResNet-50-2", "wide_resnet101_2": "Wide ResNet-101-2"
    }  # fmt: skip
    torchvision: ClassVar[frozenset[str]] = frozenset(published)

    variant: Literal["wide_resnet50_2", "wide_resnet101_2"] = variant(
        "wide_resnet50_2", "How many layers it has.", titles
    )

    def draw(self, d: Drawing) -> None:
        bottlenecks(d, 2)
        depths = _DEPTHS["resnet101" if "101" in self.variant else "resnet50"]
        head(d, stages(d, stem(d, self.image(d)), depths), self.classes)


class SEResNet(Picture):
    name: ClassVar[str] = "se_resnet"
    title: ClassVar[str] = "SE-ResNet"
    help: ClassVar[str] = (
        "A ResNet whose blocks weigh their channels by what they see as a whole (squeeze and excitation)."
    )
    paper: ClassVar[Paper] = Paper(
        "J. Hu, L. Shen, G. Sun", "Squeeze-and-Excitation Networks", 2018, "https://arxiv.org/abs/1709.01507"
    )
    published: ClassVar[Mapping[str, Published]] = {
        "se_resnet50": Published(28_088_024, "osmr/imgclsmob, table of SE-ResNet-50, after Cadene's weights", 3.877),
        "se_resnet101": Published(49_326_872, "osmr/imgclsmob, table of SE-ResNet-101, after Cadene's weights", 7.6),
        "se_resnet152": Published(66_821_848, "osmr/imgclsmob, table of SE-ResNet-152, after Cadene's weights"),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "se_resnet50": "SE-ResNet-50", "se_resnet101": "SE-ResNet-101", "se_resnet152": "SE-ResNet-152"
    }  # fmt: skip

    variant: Literal["se_resnet50", "se_resnet101", "se_resnet152"] = variant(
        "se_resnet50", "How many layers it has.", titles
    )

    def draw(self, d: Drawing) -> None:
        with d.block("excitation", "Squeeze and excitation", "Weighs every channel by what the whole map says.",
                     channels=256) as b:  # fmt: skip
            x = b.input()
            y = b.relu(b.conv(b.layer("AdaptiveAvgPool2d", x), "=channels//16", 1, "fc1"))
            b.output(b.multiply(x, b.layer("Sigmoid", b.conv(y, "=channels", 1, "fc2"))))
        bottlenecks(d, excitation="excitation", early=True)
        x = d.relu(d.norm(d.conv(self.image(d), 64, 7, "conv1", stride=2, padding=3, bias=False), "bn1"), "relu1")
        x = d.max_pool(x, 3, "pool", stride=2, ceil_mode=True)
        head(d, stages(d, x, _DEPTHS[self.variant.removeprefix("se_")]), self.classes)


def stem(d: Drawing, x: End) -> End:
    """The first convolution and the first pool, after which the map is a quarter as wide."""
    x = d.norm(d.conv(x, 64, 7, "conv1", stride=2, padding=3, bias=False), "bn1")
    return d.max_pool(d.relu(x, "relu"), 3, "maxpool", stride=2, padding=1)


def head(d: Drawing, x: End, classes: int) -> None:
    """The mean of each channel, and a score for each class."""
    x = d.flatten(d.layer("AdaptiveAvgPool2d", x, id="avgpool"), id="flatten")
    d.output(d.linear(x, classes, id="fc"))


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


def bottlenecks(d: Drawing, factor: int = 1, groups: int = 1, excitation: str = "", early: bool = False) -> None:
    """Defines the blocks "residual" and "reduction". The middle is `factor` times as wide and has `groups`; before the
    sum stands a use of the block `excitation`; an `early` reduction takes place in the first convolution."""
    _downsample(d, "=width*4")
    help = "A 1×1 convolution narrows, a 3×3 one works, a 1×1 one widens; the input is added."
    inner = "=width" if factor == 1 else f"=width*{factor}"
    for down in (False, True):
        step = "=stride" if down else 1
        title, given = ("Bottleneck, smaller", {"stride": 1}) if down else ("Bottleneck", {})
        with d.block("reduction" if down else "residual", title, help, width=64, **given) as b:
            x = b.input()
            y = b.norm(b.conv(x, inner, 1, "conv1", stride=step if early else 1, bias=False), "bn1")
            y = b.conv(
                b.relu(y, "relu"), inner, 3, "conv2", stride=1 if early else step, padding=1, groups=groups, bias=False
            )
            y = b.conv(b.relu(b.norm(y, "bn2"), "relu2"), "=width*4", 1, "conv3", bias=False)
            y = b.norm(y, "bn3")
            if excitation:
                y = b.use(excitation, y, id="se_module", channels="=width*4")
            skip = b.use("downsample", x, id="downsample", width="=width", stride="=stride") if down else x
            b.output(b.relu(b.add(y, skip, id="sum"), "relu3"))
