"""SegNet and DeconvNet: VGG-16 and its mirror image, which puts each number back to where a pool had found it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting
from graphs.network import End

DEPTHS = (2, 2, 3, 3, 3)


class SegNet(Architecture):
    name: ClassVar[str] = "segnet"
    title: ClassVar[str] = "SegNet"
    family: ClassVar[Family] = "segmentation"
    help: ClassVar[str] = "VGG-16 and its mirror image; the pools tell the mirror image where each number had been."
    paper: ClassVar[Paper] = Paper(
        "V. Badrinarayanan, A. Kendall, R. Cipolla",
        "SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image Segmentation", 2017,
        "https://arxiv.org/abs/1511.00561",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "segnet": Published(
            29_449_932, "by hand after the paper's figure 2 with CamVid's 12 classes; its table 6 says 29.45 million"
        ),
        "deconvnet": Published(
            251_805_653, "by hand after table 2 of H. Noh, S. Hong, B. Han, Learning Deconvolution Network for "
            "Semantic Segmentation (2015), which says about 252 million"
        ),
    }  # fmt: skip
    titles: ClassVar[Mapping[str, str]] = {"segnet": "SegNet", "deconvnet": "DeconvNet"}

    variant: Literal["segnet", "deconvnet"] = variant(
        "segnet", "DeconvNet has two large layers between the halves, and transposed convolutions.", titles
    )
    classes: int | None = setting(
        None, "Classes", "How many classes each pixel is one of.", ge=1, le=65536, extra={"none": "21, or 12 in SegNet"}
    )
    channels: int = setting(3, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    size: int = setting(
        224, "Side", "Rows and columns of a picture.", ge=32, le=2048, multiple_of=32, extra={"unit": "pixels"}
    )
    filters: int = setting(
        64, "Filters", "Filters of the first stage, from which those of all others follow.", ge=1, le=512
    )

    def draw(self, d: Drawing) -> None:
        deconv = self.variant == "deconvnet"
        classes = self.classes or (21 if deconv else 12)
        widths = [self.filters << min(stage, 3) for stage in range(5)]
        for depth in (2, 3):
            self._down(d, depth)
            self._up(d, depth, deconv)
        if not deconv:
            self._up(d, 1, deconv)  # the second convolution of the last stage gives the scores
        x, places = d.at(d.image(self.channels, self.size, self.size), 0, 0), list[End]()
        for stage, depth in enumerate(DEPTHS):
            x, where = d.uses(
                f"down-{depth}", x, id=f"down{stage + 1}", name=f"Stage {stage + 1}", filters=widths[stage]
            )
            places.append(d.at(where, 1 + stage, stage))
        column = 6
        if deconv:
            x = d.at(d.use(self._middle(d), x, id="middle", filters=self.filters * 64, out=widths[4]), 6, 5)
            column = 7
        for stage in reversed(range(5)):
            out = widths[stage - 1] if stage else self.filters
            given: dict[str, Any] = {"filters": widths[stage], "out": out, "name": f"Stage {stage + 1}, up"}
            depth = DEPTHS[stage] if stage or deconv else 1
            x = d.use(f"up-{depth}", x, places[stage], id=f"up{stage + 1}", **given)
            d.at(x, column + 4 - stage, stage)
        x = d.at(d.conv(x, classes, 1 if deconv else 3, "score", padding=0 if deconv else 1), column + 5, 0)
        d.at(d.output(x, "Classes"), column + 6, 0)

    def _down(self, d: Drawing, depth: int) -> None:
        with d.block(f"down-{depth}", f"Down, {depth} convolutions", "A stage of VGG-16, normalised.", filters=64) as b:
            x = b.input()
            for place in range(depth):
                x = b.relu(b.norm(b.conv(x, "=filters", 3, f"conv{place + 1}", padding=1), f"bn{place + 1}"))
            x, where = b.layers("MaxPool2d", x, id="pool", return_indices=True)
            b.output(x, "Map")
            b.output(where, "Places")

    def _up(self, d: Drawing, depth: int, deconv: bool) -> None:
        kind = "ConvTranspose2d" if deconv else "Conv2d"
        shape: dict[str, Any] = {"kernel_size": 3, "padding": 1, **({"stride": 1} if deconv else {})}
        title, given = f"Up, {depth} convolution{'s' if depth > 1 else ''}", {"filters": 64, "out": 64}
        with d.block(f"up-{depth}", title, "Puts numbers back to their places, and fills in between.", **given) as b:
            x, where = b.input("Map"), b.input("Places")
            x = b.layer("MaxUnpool2d", x, where, id="unpool")
            for place in range(depth):
                out = "=out" if place == depth - 1 else "=filters"
                x = b.layer(kind, x, id=f"conv{place + 1}", out_channels=out, **shape)
                x = b.relu(b.norm(x, f"bn{place + 1}"))
            b.output(x)

    def _middle(self, d: Drawing) -> str:
        given, side = {"filters": 4096, "out": 512}, self.size // 32
        with d.block("middle", "Large layers", "Looks at the whole picture at once, and opens it again.", **given) as b:
            x = b.relu(b.norm(b.conv(b.input(), "=filters", side, "fc6")))
            x = b.relu(b.norm(b.conv(x, "=filters", 1, "fc7")))
            x = b.layer("ConvTranspose2d", x, id="open", out_channels="=out", kernel_size=side, stride=1)
            b.output(b.relu(b.norm(x)))
        return "middle"
