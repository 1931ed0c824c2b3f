"""Autoencoders: a picture becomes a few numbers, from which the picture comes again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting
from graphs.network import End

_CHOLLET = "by hand after F. Chollet, “Building Autoencoders in Keras” (2016), {}"
_CODES = {"autoencoder_deep": 30, "autoencoder_dense": 10, "autoencoder_sparse": 32, "autoencoder_conv": 8,
          "autoencoder_denoising": 32}  # fmt: skip


class Autoencoder(Architecture):
    name: ClassVar[str] = "autoencoder"
    title: ClassVar[str] = "Autoencoder"
    family: ClassVar[Family] = "generative"
    help: ClassVar[str] = "Squeezes a picture into a few numbers, the code, and draws the picture again from them."
    paper: ClassVar[Paper] = Paper(
        "G. Hinton, R. Salakhutdinov", "Reducing the Dimensionality of Data with Neural Networks", 2006,
        "https://doi.org/10.1126/science.1127647",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "autoencoder_deep": Published(2_837_314, "by hand: 784-1000-500-250-30 and back, the paper's for digits"),
        "autoencoder_dense": Published(219_546, "by hand: 784-128-64-10 and back"),
        "autoencoder_sparse": Published(50_992, _CHOLLET.format("784-32-784")),
        "autoencoder_conv": Published(4_385, _CHOLLET.format("its convolutional autoencoder")),
        "autoencoder_denoising": Published(28_353, _CHOLLET.format("its application to image denoising")),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "autoencoder_deep": "Autoencoder, deep", "autoencoder_dense": "Autoencoder, small",
        "autoencoder_sparse": "Autoencoder, sparse", "autoencoder_conv": "Autoencoder, convolutional",
        "autoencoder_denoising": "Autoencoder, denoising",
    }  # fmt: skip

    variant: Literal[
        "autoencoder_deep", "autoencoder_dense", "autoencoder_sparse", "autoencoder_conv", "autoencoder_denoising"
    ] = variant(
        "autoencoder_dense",
        "Of Linear or convolutions. The sparse one is for a penalty on its code; the denoising one loses half of its "
        "pixels.",
        titles,
    )  # fmt: skip
    channels: int = setting(1, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    size: int = setting(28, "Side", "Rows and columns of a picture.", ge=8, le=1024, multiple_of=4,
                        extra={"unit": "pixels"})  # fmt: skip
    codes: int | None = setting(
        None, "Code", "How many numbers, or channels of the smallest map, the picture becomes.", ge=1, le=65536,
        extra={"none": "as published"},
    )  # fmt: skip
    noise: float = setting(
        0.5, "Noise", "The share of pixels that a denoising one loses.", ge=0, le=0.95,
        extra={"step": 0.05, "when": {"variant": "autoencoder_denoising"}},
    )  # fmt: skip

    def draw(self, d: Drawing) -> None:
        codes = self.codes or _CODES[self.variant]
        x = d.image(self.channels, self.size, self.size)
        if self.variant == "autoencoder_conv":
            x = self._conv(d, x, codes)
        elif self.variant == "autoencoder_denoising":
            x = self._denoising(d, x, codes)
        else:
            x = self._dense(d, x, codes)
        d.output(d.layer("Sigmoid", x, id="pixels"), "Picture")

    def _dense(self, d: Drawing, x: End, codes: int) -> End:
        widths = {"deep": (1000, 500, 250), "dense": (128, 64), "sparse": ()}[self.variant.split("_")[1]]
        bend = "Sigmoid" if self.variant == "autoencoder_deep" else "ReLU"
        with d.block("dense", "Layer", "Linear, bent.", units=64) as b:
            b.output(b.layer(bend, b.linear(b.input(), "=units", "fc")))
        x = d.flatten(x, "flatten")
        for place, units in enumerate(widths):
            x = d.use("dense", x, id=f"encoder{place + 1}", units=units)
        x = d.linear(x, codes, "code")
        if self.variant != "autoencoder_deep":
            x = d.relu(x, "code_relu")
        for place, units in enumerate(reversed(widths)):
            x = d.use("dense", x, id=f"decoder{place + 1}", units=units)
        x = d.linear(x, self.channels * self.size**2, "drawn")
        return d.layer("Reshape", x, id="picture", shape=[self.channels, self.size, self.size])

    def _conv(self, d: Drawing, x: End, codes: int) -> End:
        self._steps(d)
        x = d.use("down", x, id="encoder1", filters=16)
        x = d.use("down", x, id="encoder2", filters=8)
        x = d.use("down", x, id="code", name="Code", filters=codes)
        x = d.use("up", x, id="decoder1", filters=8)
        x = d.use("up", x, id="decoder2", filters=8)
        x = d.relu(d.conv(x, 16, 3, "decoder3", padding=self._loss()), "relu3")
        x = d.layer("Upsample", x, id="enlarge3")
        return d.conv(x, self.channels, 3, "last", padding=1)

    def _loss(self) -> int:
        """Halving 28 three times gives 4, which becomes 16 in two steps: a convolution without padding makes it 14."""
        return 0 if -(-self.size // 8) * 8 == self.size + 4 else 1

    def _denoising(self, d: Drawing, x: End, codes: int) -> End:
        self._steps(d)
        x = d.dropout(x, self.noise, "noise")
        x = d.use("down", x, id="encoder1", filters=32)
        x = d.use("down", x, id="code", name="Code", filters=codes)
        x = d.use("up", x, id="decoder1", filters=32)
        x = d.use("up", x, id="decoder2", filters=32)
        return d.conv(x, self.channels, 3, "last", padding=1)

    def _steps(self, d: Drawing) -> None:
        with d.block("down", "Down", "A convolution; the map is halved.", filters=16) as b:
            b.output(b.max_pool(b.relu(b.conv(b.input(), "=filters", 3, "conv", padding=1)), 2, ceil_mode=True))
        with d.block("up", "Up", "A convolution; the map is doubled.", filters=16) as b:
            b.output(b.layer("Upsample", b.relu(b.conv(b.input(), "=filters", 3, "conv", padding=1)), id="enlarge"))
