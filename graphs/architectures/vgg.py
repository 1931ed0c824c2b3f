"""VGG: small convolutions, one after another, in five stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing

_STAGES: Mapping[str, tuple[int, int, int, int, int]] = {
    "11": (1, 1, 2, 2, 2),
    "13": (2, 2, 2, 2, 2),
    "16": (2, 2, 3, 3, 3),
    "16c": (2, 2, 3, 3, 3),
    "19": (2, 2, 4, 4, 4),
}
_WIDTHS = (64, 128, 256, 512, 512)


class VGG(Picture):
    name: ClassVar[str] = "vgg"
    title: ClassVar[str] = "VGG"
    help: ClassVar[str] = "Stages of 3×3 convolutions, a pool behind each, and three large layers at the end."
    paper: ClassVar[Paper] = Paper(
        "K. Simonyan, A. Zisserman", "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014,
        "https://arxiv.org/abs/1409.1556",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "vgg11": torchvision("VGG11", 132_863_336, 7.609),
        "vgg11_lrn": Published(132_863_336, "the paper's table 2 says 133 million; exactly as VGG-11 (A)", 7.609),
        "vgg11_bn": torchvision("VGG11_BN", 132_868_840, 7.609),
        "vgg13": torchvision("VGG13", 133_047_848, 11.308),
        "vgg13_bn": torchvision("VGG13_BN", 133_053_736, 11.308),
        "vgg16c": Published(133_638_952, "the paper's table 2 says 134 million; exactly by its table 1"),
        "vgg16": torchvision("VGG16", 138_357_544, 15.47),
        "vgg16_bn": torchvision("VGG16_BN", 138_365_992, 15.47),
        "vgg19": torchvision("VGG19", 143_667_240, 19.632),
        "vgg19_bn": torchvision("VGG19_BN", 143_678_248, 19.632),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "vgg11": "VGG-11 (A)", "vgg11_lrn": "VGG-11 (A-LRN)", "vgg11_bn": "VGG-11 (A), normalised",
        "vgg13": "VGG-13 (B)",
        "vgg13_bn": "VGG-13 (B), normalised", "vgg16c": "VGG-16 (C)", "vgg16": "VGG-16 (D)",
        "vgg16_bn": "VGG-16 (D), normalised", "vgg19": "VGG-19 (E)", "vgg19_bn": "VGG-19 (E), normalised",
    }  # fmt: skip
    torchvision: ClassVar[frozenset[str]] = frozenset(published) - {"vgg16c", "vgg11_lrn"}

    variant: Literal[
        "vgg11", "vgg11_lrn", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16c", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"
    ] = variant("vgg16", "How many layers it has; the paper's letter in brackets.", titles)  # fmt: skip

    def draw(self, d: Drawing) -> None:
        depths = _STAGES[self.variant.removeprefix("vgg").split("_")[0]]
        with d.block(
            "features", f"{sum(depths)} convolutions", "Five stages, after each of which the map is halved."
        ) as b:
            self._features(b, depths)
        with d.block("classifier", "Three layers", classes=1000) as b:
            x = b.dropout(b.relu(b.linear(b.input(), 4096, "0"), "1"), id="2")
            x = b.dropout(b.relu(b.linear(x, 4096, "3"), "4"), id="5")
            b.output(b.linear(x, "=classes", "6"))
        x = d.use("features", self.image(d), id="features")
        x = d.flatten(d.layer("AdaptiveAvgPool2d", x, id="avgpool", output_size=7), id="flatten")
        d.output(d.use("classifier", x, id="classifier", classes=self.classes))

    def _features(self, b: Drawing, depths: Sequence[int]) -> None:
        """The layers are numbered through, as in torchvision; a frame stands around each stage."""
        x, places = b.input(), iter(range(100))
        for stage, depth in enumerate(depths):
            with b.frame(f"Stage {stage + 1}: {_WIDTHS[stage]} channels", "convolution"):
                for index in range(depth):
                    small = self.variant == "vgg16c" and index == 2
                    x = b.conv(x, _WIDTHS[stage], 1 if small else 3, str(next(places)), padding=0 if small else 1)
                    if self.variant.endswith("bn"):
                        x = b.norm(x, str(next(places)))
                    x = b.relu(x, str(next(places)))
                if self.variant.endswith("lrn") and not stage:
                    x = b.layer("LocalResponseNorm", x, id=str(next(places)), size=5, alpha=5e-4, beta=0.75, k=2.0)
                x = b.max_pool(x, 2, str(next(places)))
        b.output(x)
