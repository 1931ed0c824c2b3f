"""Show and Tell: what a convolutional network sees in a picture is the first word that an LSTM reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.architectures.resnet import bottlenecks, stages, stem
from graphs.layers.base import setting


class Captioner(Architecture):
    name: ClassVar[str] = "captioner"
    title: ClassVar[str] = "Show and Tell"
    family: ClassVar[Family] = "sequence"
    help: ClassVar[str] = (
        "Describes a picture: a ResNet-50 sees it, and an LSTM reads that and the words so far to score the next."
    )
    paper: ClassVar[Paper] = Paper(
        "O. Vinyals, A. Toshev, S. Bengio, D. Erhan", "Show and Tell: A Neural Image Caption Generator", 2015,
        "https://arxiv.org/abs/1411.4555",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "show_and_tell": Published(
            36_908_368,
            "by hand: 23,508,032 of torchvision's ResNet-50 without fc, 2048·512 + 512, words 10,000·512, "
            "LSTM 4·(512·512 + 512·512 + 2·512), scores 512·10,000 + 10,000",
        ),
    }
    titles: ClassVar[Mapping[str, str]] = {"show_and_tell": "Show and Tell, ResNet-50"}

    variant: Literal["show_and_tell"] = variant("show_and_tell", "The network that sees.", titles)
    vocabulary: int = setting(10_000, "Vocabulary", "How many different words there are.", ge=2, le=10_000_000)
    length: int = setting(20, "Length", "How many words a caption has.", ge=1, le=4096, extra={"unit": "words"})
    features: int = setting(
        512, "Numbers a word", "How many numbers stand for a word, and for the picture.", ge=1, le=65536
    )
    units: int = setting(512, "Units", "How many numbers the LSTM remembers.", ge=1, le=65536)
    channels: int = setting(3, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    height: int = setting(224, "Height", "Rows of a picture.", ge=32, le=4096, extra={"unit": "pixels"})
    width: int = setting(224, "Width", "Columns of a picture.", ge=32, le=4096, extra={"unit": "pixels"})

    def draw(self, d: Drawing) -> None:
        bottlenecks(d)
        with d.block("encoder", "What is seen", "A ResNet-50, whose last features become one word.", features=512) as b:
            x = stages(b, stem(b, b.input()), (3, 4, 6, 3))
            x = b.flatten(b.layer("AdaptiveAvgPool2d", x, id="avgpool"), "flatten")
            b.output(b.layer("Reshape", b.linear(x, "=features", "fc"), id="word", shape=[1, "=features"]))
        x = d.at(d.image(self.channels, self.height, self.width), 0, 0)
        seen = d.at(d.use("encoder", x, id="encoder", features=self.features), 1, 0)
        words = d.layer("TokensInput", id="words", name="Words so far", length=self.length, vocabulary=self.vocabulary)
        d.at(words, 0, 1)
        table: dict[str, Any] = {"num_embeddings": self.vocabulary, "embedding_dim": self.features}
        words = d.at(d.layer("Embedding", words, id="embedding", **table), 1, 1)
        x = d.at(d.concat(seen, words, id="series", axis=1), 2, 0.5)
        x = d.at(d.layer("LSTM", x, id="lstm", hidden_size=self.units, result="all"), 3, 0.5)
        d.at(d.output(d.at(d.linear(x, self.vocabulary, "decoder", last_axis=True), 4, 0.5), "Next words"), 5, 0.5)
