"""SharpMask: a coarse mask from the top of a ResNet, refined with the maps of each stage below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.architectures.resnet import bottlenecks, stages
from graphs.layers.base import setting
from graphs.network import End


class SharpMask(Architecture):
    name: ClassVar[str] = "sharpmask"
    title: ClassVar[str] = "SharpMask"
    family: ClassVar[Family] = "segmentation"
    help: ClassVar[str] = "A coarse mask of the object in the middle, refined stage by stage with what the ResNet saw."
    paper: ClassVar[Paper] = Paper(
        "P. Pinheiro, T.-Y. Lin, R. Collobert, P. Dollár", "Learning to Refine Object Segments", 2016,
        "https://arxiv.org/abs/1603.08695",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "sharpmask_resnet50": Published(
            17_271_933, "by hand after the paper's sections 3 and 4.2 (the mask branch; k = 32, halved by each module)"
        ),
    }
    titles: ClassVar[Mapping[str, str]] = {"sharpmask_resnet50": "SharpMask, ResNet-50"}

    variant: Literal["sharpmask_resnet50"] = variant("sharpmask_resnet50", "The network that it stands on.", titles)
    channels: int = setting(3, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    size: int = setting(
        160, "Side", "Rows and columns of a picture.", ge=32, le=1024, multiple_of=16, extra={"unit": "pixels"}
    )
    filters: int = setting(32, "Filters", "Channels of the coarsest mask; each module halves them.", ge=16, le=1024,
                           multiple_of=8)  # fmt: skip

    def draw(self, d: Drawing) -> None:
        bottlenecks(d)
        self._blocks(d)
        x = d.at(d.image(self.channels, self.size, self.size), 0, 0)
        x = d.at(d.use("stem", x, id="stem"), 1, 0)
        seen = [x]
        x = d.at(d.max_pool(x, 3, "maxpool", stride=2, padding=1), 2, 0)
        x = stages(d, x, (3, 4, 6))
        seen += [End(f"layer{i}", x.port) for i in (1, 2, 3)]
        for place, end in enumerate(seen[1:]):
            d.at(end, 3 + place, 1 + place)
        side = self.size // 16
        x = d.use("mask", x, id="mask", side=side, filters=self.filters)
        d.at(x, 6, 3)
        for step, map in enumerate(reversed(seen)):
            x = d.use("refine", x, map, id=f"refine{step + 1}", filters=self.filters >> step)
            d.at(x, 7 + step, 3 - step)
        x = d.conv(x, 1, 3, "last", padding=1)
        d.at(d.output(d.at(x, 11, 0), "Mask"), 12, 0)

    def _blocks(self, d: Drawing) -> None:
        with d.block("stem", "First convolution", "Halves the picture.") as b:
            x = b.conv(b.input(), 64, 7, "conv1", stride=2, padding=3, bias=False)
            b.output(b.relu(b.norm(x, "bn1"), "relu"))
        with d.block("mask", "Coarse mask", "Looks at the whole map at once.", side=10, filters=32) as b:
            x = b.relu(b.conv(b.input(), 128, 1, "narrow"))
            x = b.linear(b.flatten(x), 512, "whole")
            x = b.linear(x, "=filters*side*side", "coarse")
            b.output(b.layer("Reshape", x, id="map", shape=["=filters", "=side", "=side"]))
        help = "Puts a view of what the stage saw beside the mask, mixes both, and doubles the size."
        with d.block("refine", "Refinement", help, filters=32) as b:
            mask, map = b.input("Mask"), b.input("Map")
            skip = b.relu(b.conv(map, "=filters", 3, "skip", padding=1))
            x = b.relu(b.conv(b.concat(mask, skip), "=filters//2", 3, "mix", padding=1))
            b.output(b.layer("Upsample", x, id="enlarge", mode="bilinear"))
