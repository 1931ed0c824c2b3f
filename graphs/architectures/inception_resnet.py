"""Inception-ResNet-v2: Inception's branches, with what they find scaled down and added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, variant
from graphs.architectures.draw import Drawing
from graphs.architectures.inception import basic, conv
from graphs.network import End

_Steps = tuple[tuple[int, int | tuple[int, int]], ...]


class InceptionResNetV2(Picture):
    name: ClassVar[str] = "inception_resnet"
    title: ClassVar[str] = "Inception-ResNet-v2"
    help: ClassVar[str] = "Forty Inception blocks, each adding a small share of what its branches find."
    paper: ClassVar[Paper] = Paper(
        "C. Szegedy, S. Ioffe, V. Vanhoucke, A. Alemi",
        "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning", 2016,
        "https://arxiv.org/abs/1602.07261",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "inception_resnet_v2": Published(
            55_843_464, "timm's and Cadene's inception_resnet_v2 (Keras: 55,873,736)", 13.19
        ),
    }
    side: ClassVar[int] = 299

    variant: Literal["inception_resnet_v2"] = variant("inception_resnet_v2", "The second, as wide as Inception-v4.")

    def draw(self, d: Drawing) -> None:
        basic(d)
        _residuals(d)
        x = conv(d, self.image(d), "conv2d_1a", 32, 3, stride=2, pad=0)
        x = conv(d, conv(d, x, "conv2d_2a", 32, 3, pad=0), "conv2d_2b", 64, 3)
        x = conv(d, d.max_pool(x, 3, "maxpool_3a", stride=2), "conv2d_3b", 80)
        x = d.max_pool(conv(d, x, "conv2d_4a", 192, 3, pad=0), 3, "maxpool_5a", stride=2)
        x = d.use("mixed_5b", x, id="mixed_5b")
        x = d.use("block35", x, id="repeat", repeat=10)
        x = d.use("mixed_6a", x, id="mixed_6a")
        x = d.use("block17", x, id="repeat_1", repeat=20)
        x = d.use("mixed_7a", x, id="mixed_7a")
        x = d.use("block8_last", d.use("block8", x, id="repeat_2", repeat=9), id="block8")
        x = d.layer("AdaptiveAvgPool2d", conv(d, x, "conv2d_7b", 1536), id="avgpool")
        d.output(d.linear(d.flatten(x, id="flatten"), self.classes, "classif"))


def _branch(b: Drawing, x: End, id: str, steps: _Steps, last: int = 1) -> End:
    """Convolutions one after another: filters and sizes; the last has a stride of `last` and no padding."""
    for place, (filters, size) in enumerate(steps):
        end = last > 1 and place == len(steps) - 1
        x = conv(b, x, f"{id}_{place}", filters, size, **({"stride": last, "pad": 0} if end else {}))
    return x


def _residuals(d: Drawing) -> None:
    _mixed_5b(d)
    _residual(d, "block35", "Block 35", 320, 0.17, (((32, 1),), ((32, 1), (32, 3)), ((32, 1), (48, 3), (64, 3))))
    _smaller(d, "mixed_6a", "Reduction A", (((384, 3),), ((256, 1), (256, 3), (384, 3))))
    _residual(d, "block17", "Block 17", 1088, 0.1, (((192, 1),), ((128, 1), (160, (1, 7)), (192, (7, 1)))))
    _smaller(d, "mixed_7a", "Reduction B", (((256, 1), (384, 3)), ((256, 1), (288, 3)), ((256, 1), (288, 3), (320, 3))))
    last: tuple[_Steps, ...] = (((192, 1),), ((192, 1), (224, (1, 3)), (256, (3, 1))))
    _residual(d, "block8", "Block 8", 2080, 0.2, last)
    _residual(d, "block8_last", "Block 8, last", 2080, 1.0, last)


def _mixed_5b(d: Drawing) -> None:
    with d.block("mixed_5b", "Mixed 5b", "Four branches side by side.") as b:
        x = b.input()
        branches = (((96, 1),), ((48, 1), (64, 5)), ((64, 1), (96, 3), (96, 3)))
        found = [_branch(b, x, f"branch{place}", steps) for place, steps in enumerate(branches)]
        pooled = b.avg_pool(x, 3, "pool", stride=1, padding=1, count_include_pad=False)
        b.output(b.concat(*found, conv(b, pooled, "branch3", 64)))


def _smaller(d: Drawing, id: str, title: str, branches: tuple[_Steps, ...]) -> None:
    with d.block(id, title, "Halves the map in branches and a pool.") as b:
        x = b.input()
        found = [_branch(b, x, f"branch{place}", steps, last=2) for place, steps in enumerate(branches)]
        b.output(b.concat(*found, b.max_pool(x, 3, "pool", stride=2)))


def _residual(d: Drawing, id: str, title: str, channels: int, share: float, branches: tuple[_Steps, ...]) -> None:
    with d.block(id, title, "What the branches find is brought to the shape of the input and added.") as b:
        x = b.input()
        found = [_branch(b, x, f"branch{place}", steps) for place, steps in enumerate(branches)]
        y = b.conv(b.concat(*found), channels, 1, "conv2d")
        if share < 1:
            b.output(b.relu(b.add(b.layer("Scale", y, id="scale", factor=share), x, id="sum"), "relu"))
        else:
            b.output(b.add(y, x, id="sum"))
