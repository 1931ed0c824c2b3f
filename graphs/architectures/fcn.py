"""Fully convolutional networks: VGG-16 whose large layers are convolutions, which score every pixel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting
from graphs.network import End

_SOURCE = "the paper's table 1 says 134 million without the enlarging layers; exactly by hand from its prototxt"
_PAD = 100
Size = tuple[int, int]


class FCN(Architecture):
    name: ClassVar[str] = "fcn"
    title: ClassVar[str] = "FCN"
    help: ClassVar[str] = (
        "VGG-16 made of convolutions alone; its scores are enlarged to the picture, with or without skips."
    )
    family: ClassVar[Family] = "segmentation"
    paper: ClassVar[Paper] = Paper(
        "J. Long, E. Shelhamer, T. Darrell", "Fully Convolutional Networks for Semantic Segmentation", 2015,
        "https://arxiv.org/abs/1411.4038",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "fcn32s": Published(136_152_917, _SOURCE),
        "fcn16s": Published(134_815_994, _SOURCE),
        "fcn8s": Published(134_489_759, _SOURCE),
    }
    titles: ClassVar[Mapping[str, str]] = {"fcn32s": "FCN-32s", "fcn16s": "FCN-16s", "fcn8s": "FCN-8s"}

    variant: Literal["fcn32s", "fcn16s", "fcn8s"] = variant(
        "fcn8s", "How coarse the map is from which the last step enlarges the scores.", titles
    )
    classes: int = setting(21, "Classes", "How many classes each pixel is one of.", ge=1, le=65536)
    channels: int = setting(3, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    height: int = setting(500, "Height", "Rows of a picture.", ge=8, le=4096, extra={"unit": "pixels"})
    width: int = setting(500, "Width", "Columns of a picture.", ge=8, le=4096, extra={"unit": "pixels"})
    filters: int = setting(
        64, "Filters", "Filters of the first stage, from which those of all others follow.", ge=1, le=512
    )

    def draw(self, d: Drawing) -> None:
        vgg_stages(d)
        crop(d)
        with d.block("score", "Scores", "A score of each class at each place.", classes=21) as b:
            b.output(b.conv(b.input(), "=classes", 1, "score"))
        self._head(d)
        self._decoder(d)

    def _head(self, d: Drawing) -> None:
        with d.block("head", "Layers 6 and 7", "The large layers of VGG-16, as convolutions.", filters=4096) as b:
            x = b.dropout(b.relu(b.conv(b.input(), "=filters", 7, "fc6")))
            b.output(b.dropout(b.relu(b.conv(x, "=filters", 1, "fc7"))))

    def _decoder(self, d: Drawing) -> None:
        whole = (self.height, self.width)
        x = d.at(d.image(self.channels, *whole), 0, 0)
        size, pools = (whole[0] + 2 * _PAD - 2, whole[1] + 2 * _PAD - 2), dict[int, End]()
        for stage in range(5):
            first: dict[str, Any] = {"padding": _PAD} if not stage else {}
            block = "double" if stage < 2 else "triple"
            x = d.use(block, x, id=f"stage{stage + 1}", filters=self.filters << min(stage, 3), **first)
            size = (-(-size[0] // 2), -(-size[1] // 2))
            pools[stage + 1] = d.at(x, stage + 1, 0)
        x = d.at(d.use("head", x, id="head", filters=self.filters * 64), 6, 0)
        x = d.at(d.use("score", x, id="score_fr", classes=self.classes), 7, 0)
        size, column = (size[0] - 6, size[1] - 6), 8
        coarse = int(self.variant.removeprefix("fcn").removesuffix("s"))
        for pool, at in ((4, 5), (3, 9))[: {32: 0, 16: 1, 8: 2}[coarse]]:
            size = (size[0] * 2 + 2, size[1] * 2 + 2)
            x = d.at(self._up(d, x, 4, 2, f"upscore{2 if pool == 4 else '_pool4'}"), column, 0)
            skip = d.at(d.use("score", pools[pool], id=f"score_pool{pool}", classes=self.classes), column - 2, 5 - pool)
            skip = d.at(_window(d, skip, at, size, f"score_pool{pool}c"), column - 1, 5 - pool)
            x = d.at(d.add(x, skip, id=f"fuse_pool{pool}"), column + 1, 0)
            column += 2
        x = d.at(self._up(d, x, 2 * coarse, coarse, f"upscore{coarse}"), column, 0)
        offset = {32: 19, 16: 27, 8: 31}[coarse]
        d.at(d.output(d.at(_window(d, x, offset, whole, "cropped"), column + 1, 0), "Classes"), column + 2, 0)

    def _up(self, d: Drawing, x: End, kernel: int, stride: int, id: str) -> End:
        fields: dict[str, Any] = {"out_channels": self.classes, "kernel_size": kernel, "stride": stride, "bias": False}
        return d.layer("ConvTranspose2d", x, id=id, **fields)


def _window(d: Drawing, x: End, at: int, size: Size, id: str) -> End:
    return d.use("crop", x, id=id, top=at, left=at, rows=size[0], columns=size[1])


def crop(d: Drawing) -> None:
    """Defines the block "crop": a window of `rows` × `columns` whose corner is `top` and `left`."""
    with d.block("crop", "Crop", "Cuts a window out of a map.", top=0, left=0, rows=1, columns=1) as b:
        x = b.layer("Slice", b.input(), name="Rows", axis=2, start="=top", end="=top+rows")
        b.output(b.layer("Slice", x, name="Columns", axis=3, start="=left", end="=left+columns"))


def vgg_stages(d: Drawing) -> None:
    """Defines the blocks "double" and "triple": two or three 3×3 convolutions and a pool, as in VGG-16."""
    for id, title, count in (
        ("double", "Two convolutions and a pool", 2),
        ("triple", "Three convolutions and a pool", 3),
    ):
        given = {"filters": 64, **({"padding": 1} if count == 2 else {})}
        with d.block(id, title, "A stage of VGG-16.", **given) as b:
            x = b.input()
            for place in range(count):
                padding = "=padding" if count == 2 and not place else 1
                x = b.relu(b.conv(x, "=filters", 3, f"conv{place + 1}", padding=padding))
            b.output(b.max_pool(x, 2, "pool", ceil_mode=True))
