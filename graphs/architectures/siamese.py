"""Two pictures seen by one network, which says whether they show the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting
from graphs.network import End

_TITLES = {"siamese_omniglot": "Siamese network"}
_FILTERS = ((1, 10), (2, 7), (2, 4), (4, 4))
"""How many times the filters of the first convolution, and their size, of each convolution."""


class Siamese(Architecture):
    name: ClassVar[str] = "siamese"
    title: ClassVar[str] = "Siamese network"
    family: ClassVar[Family] = "classification"
    help: ClassVar[str] = "Two pictures go through the same layers; how far apart the results are says if they match."
    paper: ClassVar[Paper] = Paper(
        "G. Koch, R. Zemel, R. Salakhutdinov",
        "Siamese Neural Networks for One-shot Image Recognition", 2015,
        "https://www.cs.cmu.edu/~rsalakhu/papers/oneshot1.pdf",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "siamese_omniglot": Published(
            38_951_745, "by hand from figure 4: 6,464 + 401,536 + 262,272 + 524,544 + 9,217·4,096 + 4,097"
        ),
    }
    titles: ClassVar[Mapping[str, str]] = _TITLES

    variant: Literal["siamese_omniglot"] = variant("siamese_omniglot", "That of the paper.", _TITLES)
    size: int = setting(105, "Picture", "How high and wide each picture is.", ge=76, le=4096, extra={"unit": "px"})
    channels: int = setting(1, "Channels", "1 for grey pictures, 3 for colours.", ge=1, le=1024)
    filters: int = setting(64, "Filters", "How many the first convolution has.", ge=1, le=4096)
    units: int = setting(4096, "Numbers", "How many numbers stand for a picture.", ge=1, le=65536)

    def draw(self, d: Drawing) -> None:
        with d.block("twin", "Twin", "What both pictures go through.", filters=64, units=4096) as b:
            b.output(self._twin(b))
        with d.block("distance", "Distance", "How far apart two rows are, number by number.") as b:
            first, second = b.input("first"), b.input("second")
            apart = b.add(first, b.layer("Scale", second, id="minus", factor=-1.0), id="apart")
            b.output(b.add(b.relu(apart), b.relu(b.layer("Scale", apart, id="turned", factor=-1.0)), id="size"))
        seen = [
            d.use("twin", self._picture(d, id), id=f"twin_{id}", filters=self.filters, units=self.units)
            for id in ("first", "second")
        ]
        d.output(d.linear(d.use("distance", *seen, id="distance"), 1, "fc"), "Same")
        for part in ("conv_1", "conv_2", "conv_3", "conv_4", "fc"):
            d.tie(f"twin_second/{part}", f"twin_first/{part}")

    def _picture(self, d: Drawing, id: str) -> End:
        shape = {"channels": self.channels, "height": self.size, "width": self.size}
        return d.layer("ImageInput", id=id, name=f"{id.capitalize()} picture", **shape)

    def _twin(self, b: Drawing) -> End:
        x = b.input()
        for number, (times, size) in enumerate(_FILTERS, 1):
            x = b.relu(b.conv(x, f"=filters*{times}", size, f"conv_{number}"))
            x = b.max_pool(x, 2) if number < len(_FILTERS) else x
        return b.layer("Sigmoid", b.linear(b.flatten(x), "=units", "fc"))
