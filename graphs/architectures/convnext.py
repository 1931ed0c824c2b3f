"""ConvNeXt: a ResNet brought up to date with what Transformers taught."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing

_SHAPES: Mapping[str, tuple[int, int, float]] = {
    "convnext_tiny": (96, 9, 0.1),
    "convnext_small": (96, 27, 0.4),
    "convnext_base": (128, 27, 0.5),
    "convnext_large": (192, 27, 0.5),
}
"""Channels of the first stage, depth of the third (3 elsewhere), share of samples left out in the last block."""


class ConvNeXt(Picture):
    name: ClassVar[str] = "convnext"
    title: ClassVar[str] = "ConvNeXt"
    help: ClassVar[str] = "7×7 filters for each channel, then two layers at each place, as in a Transformer."
    paper: ClassVar[Paper] = Paper(
        "Z. Liu, H. Mao, C. Wu, C. Feichtenhofer, T. Darrell, S. Xie", "A ConvNet for the 2020s", 2022,
        "https://arxiv.org/abs/2201.03545",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "convnext_tiny": torchvision("ConvNeXt_Tiny", 28_589_128, 4.456),
        "convnext_small": torchvision("ConvNeXt_Small", 50_223_688, 8.684),
        "convnext_base": torchvision("ConvNeXt_Base", 88_591_464, 15.355),
        "convnext_large": torchvision("ConvNeXt_Large", 197_767_336, 34.361),
    }
    titles: ClassVar[Mapping[str, str]] = {name: f"ConvNeXt-{name[9].upper()}" for name in _SHAPES}
    torchvision: ClassVar[frozenset[str]] = frozenset(_SHAPES)

    variant: Literal["convnext_tiny", "convnext_small", "convnext_base", "convnext_large"] = variant(
        "convnext_tiny", "How large it is.", titles
    )

    def draw(self, d: Drawing) -> None:
        _blocks(d)
        width, third, most = _SHAPES[self.variant]
        depths = (3, 3, third, 3)
        for stage, depth in enumerate(depths):
            done = sum(depths[:stage])
            with d.block(f"stage{stage + 1}", f"Stage of {depth}", "Blocks on maps of one size.", width=width) as b:
                x = b.input()
                for place in range(depth):
                    drop = round(most * (done + place) / (sum(depths) - 1), 6)
                    x = b.use("block", x, id=str(place), width="=width", drop=drop)
                b.output(x)
        with d.block("features", "Four stages") as b:
            x = b.use("stem", b.input(), id="0", width=width)
            for stage in range(4):
                if stage:
                    x = b.use("down", x, id=str(2 * stage), width=width << stage)
                x = b.use(f"stage{stage + 1}", x, id=str(2 * stage + 1), width=width << stage)
            b.output(x)
        with d.block("classifier", "Classifier", classes=1000) as b:
            x = b.flatten(b.layer("LayerNorm2d", b.input(), id="0"), "1")
            b.output(b.linear(x, "=classes", "2"))
        x = d.layer("AdaptiveAvgPool2d", d.use("features", self.image(d), id="features"), id="avgpool")
        d.output(d.use("classifier", x, id="classifier", classes=self.classes))

    def weights_map(self) -> tuple[tuple[str, str], ...]:
        return ((r"\.layer_scale$", ".layer_scale.weight"),)


def _blocks(d: Drawing) -> None:
    with d.block("stem", "Patches", "Patches of 4×4, side by side.", width=96) as b:
        b.output(b.layer("LayerNorm2d", b.conv(b.input(), "=width", 4, "0", stride=4), id="1"))
    with d.block("down", "Smaller", "Normalises, then halves the map.", width=192) as b:
        b.output(b.conv(b.layer("LayerNorm2d", b.input(), id="0"), "=width", 2, "1", stride=2))
    with d.block("inside", "Filter, widen, narrow", "Channels stand last for the two layers.", width=96) as b:
        x = b.conv(b.input(), "=width", 7, "0", padding=3, groups="=width")
        x = b.layer("LayerNorm", b.layer("Permute", x, id="1", axes=[2, 3, 1]), id="2", eps=1e-6)
        x = b.layer("GELU", b.linear(x, "=width*4", "3", last_axis=True), id="4")
        b.output(b.layer("Permute", b.linear(x, "=width", "5", last_axis=True), id="6", axes=[3, 1, 2]))
    with d.block("block", "ConvNeXt block", "What is learned is scaled and added.", width=96, drop=0.0) as b:
        x = b.input()
        y = b.layer("LayerScale", b.use("inside", x, id="block", width="=width"), id="layer_scale")
        b.output(b.add(b.layer("DropPath", y, id="stochastic_depth", p="=drop"), x, id="sum"))
