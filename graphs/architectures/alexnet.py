"""AlexNet and ZFNet: five convolutions, three pools, three fully connected layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing
from graphs.network import End


class AlexNet(Picture):
    name: ClassVar[str] = "alexnet"
    title: ClassVar[str] = "AlexNet"
    help: ClassVar[str] = "Five convolutions and three large layers: the network that won ImageNet in 2012."
    paper: ClassVar[Paper] = Paper(
        "A. Krizhevsky, I. Sutskever, G. Hinton",
        "ImageNet Classification with Deep Convolutional Neural Networks", 2012,
        "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "alexnet": torchvision("AlexNet", 61_100_840, 0.714),
        "alexnet_original": Published(60_965_224, "Caffe's bvlc_alexnet; the paper says 60 million", 0.724),
    }
    titles: ClassVar[Mapping[str, str]] = {"alexnet": "AlexNet, one column", "alexnet_original": "AlexNet, two columns"}
    torchvision: ClassVar[frozenset[str]] = frozenset({"alexnet"})
    sizes: ClassVar[Mapping[str, int]] = {"alexnet_original": 227}

    variant: Literal["alexnet", "alexnet_original"] = variant(
        "alexnet", "One column, after Krizhevsky's note of 2014, or two with local response normalisation.", titles
    )

    def draw(self, d: Drawing) -> None:
        if self.variant == "alexnet_original":
            x = _convolutions(
                d, self.image(d), (96, 11, {"stride": 4}), (256, 5, {"padding": 2, "groups": 2}), groups=2
            )
            _layers(d, x, self.classes)
        else:
            self._one_column(d)

    def _one_column(self, d: Drawing) -> None:
        with d.block("features", "Five convolutions") as b:
            x = _layer(b, b.input(), 0, 64, 11, stride=4, padding=2)
            x = _layer(b, b.max_pool(x, 3, "2", stride=2), 3, 192, 5, padding=2)
            x = _layer(b, b.max_pool(x, 3, "5", stride=2), 6, 384, 3, padding=1)
            x = _layer(b, x, 8, 256, 3, padding=1)
            x = _layer(b, x, 10, 256, 3, padding=1)
            b.output(b.max_pool(x, 3, "12", stride=2))
        with d.block("classifier", "Three layers", classes=1000) as b:
            x = b.relu(b.linear(b.dropout(b.input(), id="0"), 4096, "1"), "2")
            x = b.relu(b.linear(b.dropout(x, id="3"), 4096, "4"), "5")
            b.output(b.linear(x, "=classes", "6"))
        x = d.use("features", self.image(d), id="features")
        x = d.flatten(d.layer("AdaptiveAvgPool2d", x, id="avgpool", output_size=6), id="flatten")
        d.output(d.use("classifier", x, id="classifier", classes=self.classes))


class ZFNet(Picture):
    name: ClassVar[str] = "zfnet"
    title: ClassVar[str] = "ZFNet"
    help: ClassVar[str] = "AlexNet with smaller filters and steps at the start, after a look at what they had learned."
    paper: ClassVar[Paper] = Paper(
        "M. Zeiler, R. Fergus", "Visualizing and Understanding Convolutional Networks", 2013,
        "https://arxiv.org/abs/1311.2901",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "zfnet": Published(62_357_608, "osmr/imgclsmob, table of ZFNet; by hand after the paper's figure 3", 1.170)
    }

    variant: Literal["zfnet"] = variant("zfnet", "That of figure 3 of the paper.")

    def draw(self, d: Drawing) -> None:
        x = _convolutions(d, self.image(d), (96, 7, {"stride": 2, "padding": 1}), (256, 5, {"stride": 2}))
        _layers(d, x, self.classes)


_Step = tuple[int, int, dict[str, int]]


def _convolutions(d: Drawing, x: End, first: _Step, second: _Step, groups: int = 1) -> End:
    """The five convolutions; the first two are normalised over neighbouring channels, then pooled."""
    with d.frame("Five convolutions", "convolution"):
        for place, (filters, kernel, fields) in enumerate((first, second), 1):
            x = d.relu(d.conv(x, filters, kernel, f"conv{place}", **fields), f"relu{place}")
            x = d.layer("LocalResponseNorm", x, id=f"norm{place}", size=5, alpha=5e-4, beta=0.75, k=2.0)
            x = d.max_pool(x, 3, f"pool{place}", stride=2, ceil_mode=True)
        for place, (filters, parts) in enumerate(((384, 1), (384, groups), (256, groups)), 3):
            x = d.relu(d.conv(x, filters, 3, f"conv{place}", padding=1, groups=parts), f"relu{place}")
        return d.max_pool(x, 3, "pool5", stride=2)


def _layers(d: Drawing, x: End, classes: int) -> None:
    """The three fully connected layers."""
    x = d.flatten(x, "flatten")
    with d.frame("Three layers", "linear"):
        for place in (6, 7):
            x = d.dropout(d.relu(d.linear(x, 4096, f"fc{place}"), f"relu{place}"), id=f"drop{place}")
        x = d.linear(x, classes, "fc8")
    d.output(x)


def _layer(b: Drawing, x: End, place: int, filters: int, kernel: int, **fields: Any) -> End:
    return b.relu(b.conv(x, filters, kernel, str(place), **fields), str(place + 1))
