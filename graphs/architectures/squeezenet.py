"""SqueezeNet and SqueezeNext: few weights, by narrowing before every wide convolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing
from graphs.network import End


class SqueezeNet(Picture):
    name: ClassVar[str] = "squeezenet"
    title: ClassVar[str] = "SqueezeNet"
    help: ClassVar[str] = (
        "Fire modules squeeze the channels before they expand them: AlexNet's accuracy with 50 times fewer weights."
    )
    paper: ClassVar[Paper] = Paper(
        "F. Iandola, S. Han, M. Moskewicz, K. Ashraf, W. Dally, K. Keutzer",
        "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size", 2016,
        "https://arxiv.org/abs/1602.07360",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "squeezenet1_0": torchvision("SqueezeNet1_0", 1_248_424, 0.819),
        "squeezenet1_1": torchvision("SqueezeNet1_1", 1_235_496, 0.349),
    }
    titles: ClassVar[Mapping[str, str]] = {"squeezenet1_0": "SqueezeNet 1.0", "squeezenet1_1": "SqueezeNet 1.1"}
    torchvision: ClassVar[frozenset[str]] = frozenset(published)

    variant: Literal["squeezenet1_0", "squeezenet1_1"] = variant(
        "squeezenet1_0", "1.0 is that of the paper; 1.1 pools earlier and needs less than half the work.", titles
    )

    def draw(self, d: Drawing) -> None:
        _fire(d)
        early = self.variant == "squeezenet1_1"
        with d.block("features", "Fire modules") as b:
            x = b.input()
            x = b.conv(x, 64, 3, "0", stride=2) if early else b.conv(x, 96, 7, "0", stride=2)
            x, place = b.relu(x, "1"), 2
            for squeeze in (
                (0, 16, 16, 0, 32, 32, 0, 48, 48, 64, 64) if early else (0, 16, 16, 32, 0, 32, 48, 48, 64, 0, 64)
            ):
                if squeeze:
                    x = b.use("fire", x, id=str(place), squeeze=squeeze, expand=squeeze * 4)
                else:
                    x = b.max_pool(x, 3, str(place), stride=2, ceil_mode=True)
                place += 1
            b.output(x)
        with d.block(
            "classifier", "Classifier", "A map of scores for each class, of which the mean is taken.", classes=1000
        ) as b:
            x = b.relu(b.conv(b.dropout(b.input(), id="0"), "=classes", 1, "1"), "2")
            b.output(b.layer("AdaptiveAvgPool2d", x, id="3"))
        x = d.use("features", self.image(d), id="features")
        d.output(d.flatten(d.use("classifier", x, id="classifier", classes=self.classes), id="flatten"))


def _fire(d: Drawing) -> None:
    help = "Few 1×1 filters squeeze the channels; 1×1 and 3×3 filters side by side expand them."
    with d.block("fire", "Fire", help, squeeze=16, expand=64) as b:
        x = b.relu(b.conv(b.input(), "=squeeze", 1, "squeeze"), "squeeze_activation")
        small = b.relu(b.conv(x, "=expand", 1, "expand1x1"), "expand1x1_activation")
        large = b.relu(b.conv(x, "=expand", 3, "expand3x3", padding=1), "expand3x3_activation")
        b.output(b.concat(small, large))


class SqueezeNext(Picture):
    name: ClassVar[str] = "squeezenext"
    title: ClassVar[str] = "SqueezeNext"
    help: ClassVar[str] = "Narrows twice, then looks along rows and along columns, and adds the input."
    paper: ClassVar[Paper] = Paper(
        "A. Gholami, K. Kwon, B. Wu, Z. Tai, X. Yue, P. Jin, S. Zhao, K. Keutzer",
        "SqueezeNext: Hardware-Aware Neural Network Design", 2018, "https://arxiv.org/abs/1803.10615",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "squeezenext23": Published(724_056, "osmr/imgclsmob, 1.0-SqNxt-23; the paper says 0.72 million"),
        "squeezenext23v5": Published(921_816, "osmr/imgclsmob, 1.0-SqNxt-23v5; the paper says 0.93 million"),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "squeezenext23": "1.0-SqNxt-23", "squeezenext23v5": "1.0-SqNxt-23v5"
    }  # fmt: skip

    variant: Literal["squeezenext23", "squeezenext23v5"] = variant(
        "squeezenext23", "How the blocks are spread over the stages: v5 has fewer on large maps.", titles
    )

    def draw(self, d: Drawing) -> None:
        with d.block("conv", "Convolution", "A convolution, normalised.", filters=32, high=1, wide=1, stride=1) as b:
            padding = ["=(high-1)//2", "=(wide-1)//2"]
            x = b.conv(b.input(), "=filters", ["=high", "=wide"], "conv", stride="=stride", padding=padding)
            b.output(b.relu(b.norm(x, "bn")))
        _unit(d, "unit", "SqueezeNext block", resized=False)
        _unit(d, "narrowing", "SqueezeNext block, narrower", resized=True)
        x = d.relu(d.norm(d.conv(self.image(d), 64, 7, "conv1", stride=2, padding=1), "bn1"), "relu1")
        x = d.max_pool(x, 3, "pool1", stride=2, ceil_mode=True)
        depths = (6, 6, 8, 1) if self.variant == "squeezenext23" else (2, 4, 14, 1)
        for stage, depth in enumerate(depths):
            width = 32 << stage
            first, stride = (16, 1) if not stage else (width // 2, 2)
            with d.frame(f"Stage {stage + 1}: {width} channels"):
                x = d.use("narrowing", x, id=f"stage{stage + 1}", inner=first, width=width, stride=stride)
                if depth > 1:
                    x = d.use("unit", x, id=f"stage{stage + 1}_rest", inner=width // 2, width=width, repeat=depth - 1)
        x = d.use("conv", x, id="conv2", filters=128)
        x = d.flatten(d.layer("AdaptiveAvgPool2d", x, id="pool2"), id="flatten")
        d.output(d.linear(x, self.classes, "fc"))


def _unit(d: Drawing, id: str, title: str, resized: bool) -> None:
    """A block whose five convolutions have 1, ½, 1 and 1 times `inner` filters, and `width` at the end."""
    given = {"stride": 1} if resized else {}
    with d.block(
        id, title, "Narrow, look along rows, along columns, widen; add the input.", inner=16, width=32, **given
    ) as b:
        x: End = b.input()
        step = {"stride": "=stride"} if resized else {}
        y = b.use("conv", x, id="conv1", filters="=inner", **step)
        y = b.use("conv", y, id="conv2", filters="=inner//2")
        y = b.use("conv", y, id="conv3", filters="=inner", wide=3)
        y = b.use("conv", y, id="conv4", filters="=inner", high=3)
        y = b.use("conv", y, id="conv5", filters="=width")
        skip = b.use("conv", x, id="identity_conv", filters="=width", **step) if resized else x
        b.output(b.relu(b.add(y, skip, id="sum")))
