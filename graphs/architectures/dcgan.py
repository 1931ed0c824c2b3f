"""DCGAN: one network draws pictures out of noise, the other tells them from real ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting
from graphs.network import End

_TUTORIAL = "the networks of PyTorch's DCGAN tutorial, by hand: weights of the convolutions and 2 a channel normalised"
_SHAPE: Mapping[str, Any] = {"kernel_size": 4, "stride": 2, "padding": 1, "bias": False}


class DCGAN(Architecture):
    name: ClassVar[str] = "dcgan"
    title: ClassVar[str] = "DCGAN"
    family: ClassVar[Family] = "generative"
    help: ClassVar[str] = (
        "The generator draws a picture of 64×64 out of noise; the discriminator says whether one is real."
    )
    paper: ClassVar[Paper] = Paper(
        "A. Radford, L. Metz, S. Chintala",
        "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks", 2016,
        "https://arxiv.org/abs/1511.06434",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "dcgan_generator": Published(3_576_704, _TUTORIAL),
        "dcgan_discriminator": Published(2_765_568, _TUTORIAL),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "dcgan_generator": "DCGAN, generator", "dcgan_discriminator": "DCGAN, discriminator"
    }  # fmt: skip

    variant: Literal["dcgan_generator", "dcgan_discriminator"] = variant(
        "dcgan_generator", "Which of the two networks.", titles
    )
    channels: int = setting(3, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    filters: int = setting(
        64, "Filters", "Filters of the layer next to the picture; the others have more.", ge=1, le=1024
    )
    noise: int = setting(
        100, "Noise", "Numbers out of which a picture is drawn.", ge=1, le=65536,
        extra={"when": {"variant": "dcgan_generator"}},
    )  # fmt: skip

    def draw(self, d: Drawing) -> None:
        if self.variant == "dcgan_generator":
            d.output(self._generator(d), "Picture")
        else:
            d.output(self._discriminator(d), "Real")

    def _generator(self, d: Drawing) -> End:
        given: dict[str, Any] = {"filters": 512, "stride": 2, "padding": 1}
        with d.block("up", "Up", "A transposed convolution, normalised.", **given) as b:
            shape = {"out_channels": "=filters", "stride": "=stride", "padding": "=padding"}
            x = b.layer("ConvTranspose2d", b.input(), id="conv", kernel_size=4, bias=False, **shape)
            b.output(b.relu(b.norm(x, "bn")))
        x = d.layer("VectorInput", id="noise", name="Noise", features=self.noise)
        x = d.layer("Reshape", x, id="map", shape=[self.noise, 1, 1])
        x = d.use("up", x, id="up1", filters=self.filters * 8, stride=1, padding=0)
        for step in (2, 3, 4):
            x = d.use("up", x, id=f"up{step}", filters=self.filters * 8 >> (step - 1))
        return d.layer("Tanh", d.layer("ConvTranspose2d", x, id="up5", out_channels=self.channels, **_SHAPE), id="tanh")

    def _discriminator(self, d: Drawing) -> End:
        with d.block("down", "Down", "A convolution that halves the map, normalised.", filters=128) as b:
            x = b.layer("Conv2d", b.input(), id="conv", out_channels="=filters", **_SHAPE)
            b.output(b.layer("LeakyReLU", b.norm(x, "bn"), negative_slope=0.2))
        x = d.image(self.channels, 64, 64)
        x = d.layer("Conv2d", x, id="down1", out_channels=self.filters, **_SHAPE)
        x = d.layer("LeakyReLU", x, id="leaky1", negative_slope=0.2)
        for step in (2, 3, 4):
            x = d.use("down", x, id=f"down{step}", filters=self.filters << (step - 1))
        return d.flatten(d.conv(x, 1, 4, "real", bias=False), "flatten")
