"""MobileNet: convolutions for each channel by itself, and 1×1 convolutions that mix the channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting


def divisible(value: float, by: int = 8) -> int:
    """The number of channels near `value` that `by` divides, not more than a tenth below it."""
    near = max(by, int(value + by / 2) // by * by)
    return near + by if near < 0.9 * value else near


class MobileNet(Picture):
    name: ClassVar[str] = "mobilenet"
    title: ClassVar[str] = "MobileNet"
    help: ClassVar[str] = "Thirteen separable convolutions: every channel is filtered by itself, then all are mixed."
    paper: ClassVar[Paper] = Paper(
        "A. Howard, M. Zhu, B. Chen, D. Kalenichenko, W. Wang, T. Weyand, M. Andreetto, H. Adam",
        "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", 2017,
        "https://arxiv.org/abs/1704.04861",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "mobilenet_v1": Published(
            4_231_976, "Keras, trainable parameters of MobileNet (4,253,864 with the running statistics)", 0.569
        ),
    }

    variant: Literal["mobilenet_v1"] = variant("mobilenet_v1", "The first MobileNet.")
    multiplier: float = setting(1.0, "Width", "How many times the published filters each layer has.", gt=0, le=8)

    def draw(self, d: Drawing) -> None:
        d.unit("conv", "ReLU", title="Convolution", ids=("conv", "bn", "relu"))
        with d.block(
            "separable", "Separable", "A filter for each channel, then 1×1 filters.", channels=32, filters=64, stride=1
        ) as b:
            x = b.use("conv", b.input(), id="depthwise", filters="=channels", groups="=channels", stride="=stride")
            b.output(b.use("conv", x, id="pointwise", filters="=filters", kernel=1))
        channels = self._filters(32)
        x = d.use("conv", self.image(d), id="conv1", filters=channels, stride=2)
        plan = (
            (64, 1, 1),
            (128, 2, 1),
            (128, 1, 1),
            (256, 2, 1),
            (256, 1, 1),
            (512, 2, 1),
            (512, 1, 5),
            (1024, 2, 1),
            (1024, 1, 1),
        )
        for place, (filters, stride, repeat) in enumerate(plan, 1):
            shape: dict[str, Any] = {"channels": channels, "filters": self._filters(filters), "stride": stride}
            x = d.use("separable", x, id=f"separable{place}", repeat=repeat, **shape)
            channels = shape["filters"]
        x = d.flatten(d.layer("AdaptiveAvgPool2d", x, id="avgpool"), id="flatten")
        d.output(d.linear(x, self.classes, "fc"))

    def _filters(self, count: int) -> int:
        return max(1, int(count * self.multiplier))


class MobileNetV2(Picture):
    name: ClassVar[str] = "mobilenet_v2"
    title: ClassVar[str] = "MobileNetV2"
    help: ClassVar[str] = "Blocks widen, filter each channel, narrow without an activation, and add their input."
    paper: ClassVar[Paper] = Paper(
        "M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L. Chen",
        "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, "https://arxiv.org/abs/1801.04381",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {"mobilenet_v2": torchvision("MobileNet_V2", 3_504_872, 0.301)}
    torchvision: ClassVar[frozenset[str]] = frozenset(published)

    variant: Literal["mobilenet_v2"] = variant("mobilenet_v2", "The second MobileNet.")
    multiplier: float = setting(1.0, "Width", "How many times the published filters each layer has.", gt=0, le=8)

    def draw(self, d: Drawing) -> None:
        d.unit("conv", "ReLU6")
        self._blocks(d)
        last = divisible(1280 * max(1.0, self.multiplier))
        with d.block("features", "Inverted residuals") as b:
            channels, place = divisible(32 * self.multiplier), 1
            x = b.use("conv", b.input(), id="0", filters=channels, stride=2)
            for wide, filters, repeat, stride in (
                (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                (6, 320, 1, 1),
            ):  # fmt: skip
                width = divisible(filters * self.multiplier)
                for index in range(repeat):
                    step = 1 if index else stride
                    kind = "first" if wide == 1 else "inverted" if (step, channels) == (1, width) else "narrowing"
                    given: dict[str, Any] = {"stride": step} if kind != "inverted" else {}
                    x = b.use(kind, x, id=str(place), wide=channels * wide, width=width, **given)
                    channels, place = width, place + 1
            b.output(b.use("conv", x, id=str(place), filters=last, kernel=1))
        with d.block("classifier", "Classifier", classes=1000) as b:
            b.output(b.linear(b.dropout(b.input(), 0.2, "0"), "=classes", "1"))
        x = d.layer("AdaptiveAvgPool2d", d.use("features", self.image(d), id="features"), id="avgpool")
        d.output(d.use("classifier", d.flatten(x, id="flatten"), id="classifier", classes=self.classes))

    @staticmethod
    def _blocks(d: Drawing) -> None:
        for id, title in (
            ("first", "First block"),
            ("narrowing", "Inverted, other shape"),
            ("inverted", "Inverted residual"),
        ):
            given = {"wide": 32, "width": 16, **({} if id == "inverted" else {"stride": 1})}
            step = 1 if id == "inverted" else "=stride"
            with d.block(
                f"{id}-conv", "Widen, filter, narrow", "Three convolutions; the last is not activated.", **given
            ) as b:
                x, places = b.input(), iter("01234")
                if id != "first":
                    x = b.use("conv", x, id=next(places), filters="=wide", kernel=1)
                x = b.use("conv", x, id=next(places), filters="=wide", groups="=wide", stride=step)
                x = b.conv(x, "=width", 1, next(places), bias=False)
                b.output(b.norm(x, next(places)))
            with d.block(id, title, "Wide inside, narrow at both ends.", **given) as b:
                x = b.input()
                passed = {name: f"={name}" for name in given}
                y = b.use(f"{id}-conv", x, id="conv", **passed)
                b.output(b.add(x, y, id="sum") if id == "inverted" else y)
