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
    published: ClassVar[Mapping[str, Published]] = {"alexnet": torchvision("AlexNet", 61_100_840, 0.714)}
    titles: ClassVar[Mapping[str, str]] = {"alexnet": "AlexNet, one column"}
    torchvision: ClassVar[frozenset[str]] = frozenset({"alexnet"})

    variant: Literal["alexnet"] = variant("alexnet", "One column, after Krizhevsky's paper of 2014.", titles)

    def draw(self, d: Drawing) -> None:
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


def _layer(b: Drawing, x: End, place: int, filters: int, kernel: int, **fields: Any) -> End:
    return b.relu(b.conv(x, filters, kernel, str(place), **fields), str(place + 1))
