"""U-Net: a way down that sees what, a way up that says where, and a skip at every level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import ValidationInfo, field_validator

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.architectures.fcn import crop
from graphs.layers.base import setting

DEPTH = 4


class UNet(Architecture):
    name: ClassVar[str] = "unet"
    title: ClassVar[str] = "U-Net"
    family: ClassVar[Family] = "segmentation"
    help: ClassVar[str] = (
        "Four halvings and four doublings; what each level saw on the way down joins it on the way up."
    )
    paper: ClassVar[Paper] = Paper(
        "O. Ronneberger, P. Fischer, T. Brox", "U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015,
        "https://arxiv.org/abs/1505.04597",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "unet_valid": Published(31_030_658, "by hand from the paper's figure 1: 23 convolutions with biases"),
        "unet_same": Published(31_030_658, "the same layers as in the paper's figure 1, with padding"),
        "unet_bn": Published(31_036_546, "milesial/Pytorch-UNet: 31,037,698 with 3 channels, less 2·64·9 weights"),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "unet_valid": "U-Net, as in the paper",
        "unet_same": "U-Net, padded",
        "unet_bn": "U-Net, padded and normalised",
    }

    variant: Literal["unet_valid", "unet_same", "unet_bn"] = variant(
        "unet_valid", "The paper's convolutions lose a border; padded ones keep the size of the picture.", titles
    )
    classes: int = setting(2, "Classes", "How many classes each pixel is one of.", ge=1, le=65536)
    channels: int = setting(1, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    height: int | None = setting(
        None, "Height", "Rows of a picture.", ge=16, le=4096, extra={"unit": "pixels", "none": "572, or 512 if padded"}
    )
    width: int | None = setting(
        None,
        "Width",
        "Columns of a picture.",
        ge=16,
        le=4096,
        extra={"unit": "pixels", "none": "572, or 512 if padded"},
    )
    filters: int = setting(
        64, "Filters", "Filters of the first level; each level down has twice as many.", ge=1, le=1024
    )

    @field_validator("height", "width")
    @classmethod
    def _halves(cls, size: int | None, info: ValidationInfo) -> int | None:
        """Every level can be halved: 16·n for padded convolutions, 16·n + 12 (at least 188) for the paper's."""
        cut = info.data.get("variant") == "unet_valid"
        rest, least = (12, 188) if cut else (0, 16)
        if size is None or (size % 16 == rest and size >= least):
            return size
        near = max(least, (size - rest + 8) // 16 * 16 + rest)
        raise ValueError(f"cannot be halved four times without a rest; {near} can")

    def draw(self, d: Drawing) -> None:
        cut = self.variant == "unet_valid"
        self._convolutions(d)
        if cut:
            crop(d)
        self._steps(d, cut)
        usual = 572 if cut else 512
        size = (self.height or usual, self.width or usual)
        x = d.at(d.image(self.channels, *size), 0, 0)
        x = d.at(d.use("double_conv", x, id="inc", name="Level 1", filters=self.filters), 1, 0)
        sizes, skips = [self._convolved(size)], [x]
        for level in range(1, DEPTH + 1):
            x = d.use("down", x, id=f"down{level}", name=f"Level {level + 1}", filters=self.filters << level)
            d.at(x, level + 1, level)
            skips.append(x)
            sizes.append(self._convolved((sizes[-1][0] // 2, sizes[-1][1] // 2)))
        size = sizes.pop()
        skips.pop()
        for step in range(1, DEPTH + 1):
            level, size, seen = DEPTH - step, (size[0] * 2, size[1] * 2), sizes.pop()
            window = {"top": (seen[0] - size[0]) // 2, "left": (seen[1] - size[1]) // 2, "rows": size[0]} if cut else {}
            window |= {"columns": size[1]} if cut else {}
            name = f"Level {level + 1}, up"
            x = d.use("up", x, skips.pop(), id=f"up{step}", name=name, filters=self.filters << level, **window)
            d.at(x, DEPTH + 1 + step, level)
            size = self._convolved(size)
        d.at(d.output(d.at(d.conv(x, self.classes, 1, "outc"), 2 * DEPTH + 2, 0), "Classes"), 2 * DEPTH + 3, 0)

    def _convolved(self, size: tuple[int, int]) -> tuple[int, int]:
        lost = 4 if self.variant == "unet_valid" else 0
        return size[0] - lost, size[1] - lost

    def _convolutions(self, d: Drawing) -> None:
        norm = self.variant == "unet_bn"
        padding = 0 if self.variant == "unet_valid" else 1
        with d.block("double_conv", "Two convolutions", "Two 3×3 convolutions, each with ReLU.", filters=64) as b:
            x = b.input()
            for _ in range(2):
                x = b.conv(x, "=filters", 3, padding=padding, bias=not norm)
                x = b.relu(b.norm(x) if norm else x)
            b.output(x)

    def _steps(self, d: Drawing, cut: bool) -> None:
        with d.block("down", "Down", "Halves the map, then two convolutions.", filters=128) as b:
            x = b.max_pool(b.input(), 2, "pool")
            b.output(b.use("double_conv", x, id="double_conv", filters="=filters"))
        window = {"top": 0, "left": 0, "rows": 1, "columns": 1} if cut else {}
        help = "Doubles the map, puts beside it what came before the halving, then two convolutions."
        with d.block("up", "Up", help, filters=64, **window) as b:
            x, skip = b.input("From below"), b.input("Skip")
            x = b.layer("ConvTranspose2d", x, id="up", out_channels="=filters", kernel_size=2, stride=2)
            if cut:
                skip = b.use("crop", skip, id="crop", **{name: f"={name}" for name in window})
            x = b.concat(skip, x, id="concat")
            b.output(b.use("double_conv", x, id="conv", filters="=filters"))
