"""DeepMask: the mask of the object in the middle of a picture, and a score that says whether there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting
from graphs.network import End

_TITLES = {"deepmask_vgg": "DeepMask, VGG-A"}
_STAGES = ((64,), (128,), (256, 256), (512, 512), (512, 512))
"""The filters of VGG-A, stage by stage."""


class DeepMask(Architecture):
    name: ClassVar[str] = "deepmask"
    title: ClassVar[str] = "DeepMask"
    family: ClassVar[Family] = "segmentation"
    help: ClassVar[str] = "One way draws the mask of the object in the middle, the other one says whether there is one."
    paper: ClassVar[Paper] = Paper(
        "P. Pinheiro, R. Collobert, P. Dollár", "Learning to Segment Object Candidates", 2015,
        "https://arxiv.org/abs/1506.06204",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "deepmask_vgg": Published(
            75_844_545, "by hand after the paper's section 3.2, which says around 75M: VGG-A's convolutions 9,220,480"
        ),
    }
    titles: ClassVar[Mapping[str, str]] = _TITLES

    variant: Literal["deepmask_vgg"] = variant("deepmask_vgg", "The network that it stands on.", _TITLES)
    channels: int = setting(3, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    size: int = setting(
        224, "Side", "Rows and columns of a picture.", ge=32, le=1024, multiple_of=32, extra={"unit": "pixels"}
    )
    filters: int = setting(64, "Filters", "How many the first convolution has.", ge=1, le=1024)

    def draw(self, d: Drawing) -> None:
        side = self.size // 16
        self._blocks(d)
        x = d.at(d.image(self.channels, self.size, self.size), 0, 0.5)
        for place, widths in enumerate(_STAGES):
            given: dict[str, Any] = {"first": widths[0] * self.filters // 64, "second": widths[-1] * self.filters // 64}
            x = d.use("one" if len(widths) == 1 else "two", x, id=f"stage{place + 1}", **given)
            d.at(x, 1 + 2 * place, 0.5)
            x = d.at(d.max_pool(x, 2, f"pool{place + 1}"), 2 + 2 * place, 0.5) if place < 4 else x
        wide, column = 512 * self.filters // 64, 2 * len(_STAGES)
        mask = d.at(d.use("mask", x, id="mask", filters=wide, side=4 * side), column, 0)
        mask = d.at(d.layer("Upsample", mask, id="enlarge", scale_factor=4, mode="bilinear"), column + 1, 0)
        d.at(d.output(mask, "Mask"), column + 2, 0)
        score = d.at(d.use("score", x, id="score", units=wide), column, 1)
        d.at(d.output(score, "Object", id="output2"), column + 1, 1)

    def _blocks(self, d: Drawing) -> None:
        for id, count in (("one", 1), ("two", 2)):
            words = "A convolution" if count == 1 else "Two convolutions"
            with d.block(id, words, "Small filters, each followed by ReLU.", first=64, second=64) as b:
                x = b.input()
                for number, filters in zip(range(1, count + 1), ("=first", "=second"), strict=False):
                    x = b.relu(b.conv(x, filters, 3, f"conv{number}", padding=1))
                b.output(x)
        with d.block("mask", "Mask", "Each point of the mask looks at the whole map.", filters=512, side=56) as b:
            x = b.relu(b.conv(b.input(), "=filters", 1, "narrow"))
            x = b.linear(b.linear(b.flatten(x), "=filters", "whole"), "=side*side", "points")
            b.output(b.layer("Reshape", x, id="map", shape=[1, "=side", "=side"]))
        with d.block("score", "Score", "Whether an object is in the middle, and whole.", units=512) as b:
            b.output(self._score(b))

    def _score(self, b: Drawing) -> End:
        x = b.flatten(b.max_pool(b.input(), 2, "pool"))
        for number, units in enumerate(("=units", "=2*units"), 1):
            x = b.dropout(b.relu(b.linear(x, units, f"fc{number}")), 0.5)
        return b.linear(x, 1, "fc3")
