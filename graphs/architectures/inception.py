"""GoogLeNet and Inception-v3: filters of several sizes side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing
from graphs.network import End

_MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
"""Filters of 1×1; narrowed, then 3×3; narrowed, then the larger ones; behind the pool: the paper's table 1."""


def basic(d: Drawing, normalised: bool = True) -> None:
    """Defines the block "conv": a convolution of any two sizes, normalised; it keeps the map unless `pad` is 0."""
    given = {"filters": 32, "high": 1, "wide": 1, "stride": 1, "pad": 1}
    told = "A convolution, normalised." if normalised else "A convolution."
    with d.block("conv", "Convolution", told, **given) as b:
        padding = ["=pad*(high-1)//2", "=pad*(wide-1)//2"]
        shape = {"stride": "=stride", "padding": padding, "bias": not normalised}
        x = b.conv(b.input(), "=filters", ["=high", "=wide"], "conv", **shape)
        b.output(b.relu(b.norm(x, "bn", eps=0.001) if normalised else x, "relu"))


def conv(b: Drawing, x: End, id: str, filters: int | str, size: int | tuple[int, int] = 1, **fields: Any) -> End:
    """A use of the block "conv"."""
    high, wide = (size, size) if isinstance(size, int) else size
    return b.use("conv", x, id=id, filters=filters, high=high, wide=wide, **fields)


class GoogLeNet(Picture):
    name: ClassVar[str] = "googlenet"
    title: ClassVar[str] = "GoogLeNet"
    help: ClassVar[str] = "Nine modules look at every place through filters of several sizes at once; no side exits."
    paper: ClassVar[Paper] = Paper(
        "C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke, A. Rabinovich",
        "Going Deeper with Convolutions", 2014, "https://arxiv.org/abs/1409.4842",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "googlenet": torchvision("GoogLeNet", 6_624_904, 1.498),
        "googlenet_original": Published(6_998_552, "Caffe's bvlc_googlenet without its side exits", 1.583),
    }
    titles: ClassVar[Mapping[str, str]] = {"googlenet_original": "GoogLeNet, as published"}
    torchvision: ClassVar[frozenset[str]] = frozenset({"googlenet"})

    variant: Literal["googlenet", "googlenet_original"] = variant(
        "googlenet", "As in torchvision, normalised and with 3×3 in place of 5×5; or as in the paper.",
        {"googlenet": title, **titles},
    )  # fmt: skip

    def draw(self, d: Drawing) -> None:
        original = self.variant == "googlenet_original"
        basic(d, normalised=not original)
        _module(d, large=5 if original else 3)
        lrn: dict[str, Any] = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 1.0}
        x = d.max_pool(conv(d, self.image(d), "conv1", 64, 7, stride=2), 3, "maxpool1", stride=2, ceil_mode=True)
        x = d.layer("LocalResponseNorm", x, id="norm1", **lrn) if original else x
        x = conv(d, conv(d, x, "conv2", 64), "conv3", 192, 3)
        x = d.layer("LocalResponseNorm", x, id="norm2", **lrn) if original else x
        x = d.max_pool(x, 3, "maxpool2", stride=2, ceil_mode=True)
        for name, sizes in _MODULES.items():
            filters: dict[str, Any] = dict(
                zip(("one", "three_in", "three", "five_in", "five", "pooled"), sizes, strict=True)
            )
            x = d.use("inception", x, id=f"inception{name}", **filters)
            if name in ("3b", "4e"):
                size = 3 if original or name == "3b" else 2
                x = d.max_pool(x, size, "maxpool3" if name == "3b" else "maxpool4", stride=2, ceil_mode=True)
        x = d.flatten(d.layer("AdaptiveAvgPool2d", x, id="avgpool"), id="flatten")
        d.output(d.linear(d.dropout(x, 0.4 if original else 0.2, "dropout"), self.classes, "fc"))


def _module(d: Drawing, large: int) -> None:
    with d.block("branch", "Branch", "Narrows, then looks.", narrow=96, filters=128, size=3) as b:
        x = conv(b, b.input(), "0", "=narrow")
        b.output(b.use("conv", x, id="1", filters="=filters", high="=size", wide="=size"))
    with d.block("pooled", "Branch behind a pool", "Looks at the largest around.", filters=32) as b:
        x = b.max_pool(b.input(), 3, "0", stride=1, padding=1, ceil_mode=True)
        b.output(conv(b, x, "1", "=filters"))
    names = {"one": 64, "three_in": 96, "three": 128, "five_in": 16, "five": 32, "pooled": 32}
    help = "Four branches look at the same map; their results stand side by side."
    with d.block("inception", "Inception", help, **names) as b:
        x = b.input()
        first = conv(b, x, "branch1", "=one")
        second = b.use("branch", x, id="branch2", narrow="=three_in", filters="=three")
        third = b.use("branch", x, id="branch3", narrow="=five_in", filters="=five", size=large)
        b.output(b.concat(first, second, third, b.use("pooled", x, id="branch4", filters="=pooled")))


class InceptionV3(Picture):
    name: ClassVar[str] = "inception"
    title: ClassVar[str] = "Inception-v3"
    help: ClassVar[str] = (
        "Large filters are factorised into rows and columns; without the side exit that helps training."
    )
    paper: ClassVar[Paper] = Paper(
        "C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna",
        "Rethinking the Inception Architecture for Computer Vision", 2015, "https://arxiv.org/abs/1512.00567",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "inception_v3": Published(
            23_834_568, "torchvision's Inception_V3_Weights (27,161,264) less its side exit; timm's inception_v3", 5.713
        ),
        "inception_v3_aux": torchvision("Inception_V3", 27_161_264, 0.0),
    }
    titles: ClassVar[Mapping[str, str]] = {"inception_v3_aux": "Inception-v3 with its side exit"}
    torchvision: ClassVar[frozenset[str]] = frozenset(published)
    side: ClassVar[int] = 299

    variant: Literal["inception_v3", "inception_v3_aux"] = variant(
        "inception_v3", "The side exit gives a second result, which helps training.", {"inception_v3": title, **titles}
    )

    def draw(self, d: Drawing) -> None:
        basic(d)
        for define in (_a, _b, _c, _d, _e):
            define(d)
        x = conv(d, self.image(d), "Conv2d_1a_3x3", 32, 3, stride=2, pad=0)
        x = conv(d, conv(d, x, "Conv2d_2a_3x3", 32, 3, pad=0), "Conv2d_2b_3x3", 64, 3)
        x = conv(d, d.max_pool(x, 3, "maxpool1", stride=2), "Conv2d_3b_1x1", 80)
        x = d.max_pool(conv(d, x, "Conv2d_4a_3x3", 192, 3, pad=0), 3, "maxpool2", stride=2)
        for letter, pooled in zip("bcd", (32, 64, 64), strict=True):
            x = d.use("a", x, id=f"Mixed_5{letter}", pooled=pooled)
        x = d.use("b", x, id="Mixed_6a")
        for letter, inner in zip("bcde", (128, 160, 160, 192), strict=True):
            x = d.use("c", x, id=f"Mixed_6{letter}", inner=inner)
        if self.variant == "inception_v3_aux":
            _side_exit(d)
            d.output(d.use("aux", x, id="AuxLogits", classes=self.classes), "Side exit", id="output2")
        x = d.use("d", x, id="Mixed_7a")
        x = d.use("e", d.use("e", x, id="Mixed_7b"), id="Mixed_7c")
        x = d.dropout(d.layer("AdaptiveAvgPool2d", x, id="avgpool"), id="dropout")
        d.output(d.linear(d.flatten(x, id="flatten"), self.classes, "fc"))


def _row(b: Drawing, x: End, stem: str, *steps: tuple[int | str, int | tuple[int, int]], last: int = 1) -> End:
    """Convolutions one after another: filters and sizes; the last has a stride of `last`."""
    for place, (filters, size) in enumerate(steps, 1):
        end = place == len(steps) and last > 1
        x = conv(b, x, f"{stem}_{place}", filters, size, **({"stride": last, "pad": 0} if end else {}))
    return x


def _pooled(b: Drawing, x: End, filters: int | str) -> End:
    return conv(b, b.avg_pool(x, 3, "pool", stride=1, padding=1), "branch_pool", filters)


def _a(d: Drawing) -> None:
    with d.block("a", "Inception A", "5×5 is two 3×3.", pooled=32) as b:
        x = b.input()
        first = conv(b, x, "branch1x1", 64)
        second = _row(b, x, "branch5x5", (48, 1), (64, 5))
        third = _row(b, x, "branch3x3dbl", (64, 1), (96, 3), (96, 3))
        b.output(b.concat(first, second, third, _pooled(b, x, "=pooled")))


def _b(d: Drawing) -> None:
    with d.block("b", "Inception B", "Halves the map without losing what a pool would.") as b:
        x = b.input()
        first = conv(b, x, "branch3x3", 384, 3, stride=2, pad=0)
        second = _row(b, x, "branch3x3dbl", (64, 1), (96, 3), (96, 3), last=2)
        b.output(b.concat(first, second, b.max_pool(x, 3, "pool", stride=2)))


def _c(d: Drawing) -> None:
    row, column = (1, 7), (7, 1)
    with d.block("c", "Inception C", "7×7 is a row of 7 and a column of 7.", inner=128) as b:
        x, c = b.input(), "=inner"
        first = conv(b, x, "branch1x1", 192)
        second = _row(b, x, "branch7x7", (c, 1), (c, row), (192, column))
        third = _row(b, x, "branch7x7dbl", (c, 1), (c, column), (c, row), (c, column), (192, row))
        b.output(b.concat(first, second, third, _pooled(b, x, 192)))


def _d(d: Drawing) -> None:
    with d.block("d", "Inception D", "Halves the map once more.") as b:
        x = b.input()
        first = _row(b, x, "branch3x3", (192, 1), (320, 3), last=2)
        second = _row(b, x, "branch7x7x3", (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3), last=2)
        b.output(b.concat(first, second, b.max_pool(x, 3, "pool", stride=2)))


def _e(d: Drawing) -> None:
    def parted(b: Drawing, x: End, stem: str) -> End:
        return b.concat(conv(b, x, f"{stem}a", 384, (1, 3)), conv(b, x, f"{stem}b", 384, (3, 1)))

    with d.block("e", "Inception E", "Rows and columns side by side: as wide as it gets.") as b:
        x = b.input()
        first = conv(b, x, "branch1x1", 320)
        second = parted(b, conv(b, x, "branch3x3_1", 384), "branch3x3_2")
        third = parted(b, _row(b, x, "branch3x3dbl", (448, 1), (384, 3)), "branch3x3dbl_3")
        b.output(b.concat(first, second, third, _pooled(b, x, 192)))


def _side_exit(d: Drawing) -> None:
    with d.block(
        "aux", "Side exit", "Classes from half-way, so that the gradient finds a shorter way.", classes=1000
    ) as b:
        x = conv(b, b.avg_pool(b.input(), 5, "pool", stride=3), "conv0", 128)
        x = b.layer("AdaptiveAvgPool2d", conv(b, x, "conv1", 768, 5, pad=0), id="avgpool")
        b.output(b.linear(b.flatten(x, id="flatten"), "=classes", "fc"))
