"""Convolutions over the words of a sentence, each as wide as a group of neighbouring words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting
from graphs.network import End

WINDOWS = (3, 4, 5)


class SentenceCNN(Architecture):
    name: ClassVar[str] = "sentence_cnn"
    title: ClassVar[str] = "Sentence CNN"
    family: ClassVar[Family] = "sequence"
    help: ClassVar[str] = "Looks at every 3, 4 and 5 words in a row, and keeps the strongest answer of each filter."
    paper: ClassVar[Paper] = Paper(
        "Y. Kim", "Convolutional Neural Networks for Sentence Classification", 2014, "https://arxiv.org/abs/1408.5882"
    )
    published: ClassVar[Mapping[str, Published]] = {
        "kim_cnn": Published(
            5_990_402,
            "by hand after the paper's section 3.1 and the 18,765 words of MR in its table 1: "
            "300·18,765 + (3 + 4 + 5)·300·100 + 3·100 + 2·300 + 2",
        ),
    }
    titles: ClassVar[Mapping[str, str]] = {"kim_cnn": "Sentence CNN (Kim)"}

    variant: Literal["kim_cnn"] = variant(
        "kim_cnn", "One table of words, which learns (CNN-rand, CNN-non-static).", titles
    )
    vocabulary: int = setting(18_765, "Vocabulary", "How many different words there are.", ge=2, le=10_000_000)
    length: int = setting(56, "Length", "How many words a sentence has.", ge=5, le=4096, extra={"unit": "words"})
    classes: int = setting(2, "Classes", "How many classes are told apart.", ge=1, le=65536)
    features: int = setting(300, "Numbers a word", "How many numbers stand for one word.", ge=1, le=65536)
    filters: int = setting(100, "Filters", "How many filters there are of each width.", ge=1, le=65536)
    dropout: float = setting(0.5, "Dropout", "The share dropped before the scores.", ge=0, le=1, extra={"step": 0.05})

    def draw(self, d: Drawing) -> None:
        help = "A convolution as wide as some words, and the largest value of each filter."
        with d.block("words", "Words in a row", help, width=3, filters=100, steps=54) as b:
            x = b.relu(b.layer("Conv1d", b.input(), id="conv", out_channels="=filters", kernel_size="=width"))
            b.output(b.flatten(b.layer("MaxPool1d", x, id="strongest", kernel_size="=steps")))
        x = d.layer("TokensInput", id="sentence", name="Sentence", length=self.length, vocabulary=self.vocabulary)
        d.at(x, 0, 1)
        x = d.layer("Embedding", x, id="embedding", num_embeddings=self.vocabulary, embedding_dim=self.features)
        x = d.at(d.layer("Permute", d.at(x, 1, 1), id="words_last", axes=[2, 1]), 2, 1)
        ways: list[End] = []
        for place, width in enumerate(WINDOWS):
            given = {"width": width, "filters": self.filters, "steps": self.length - width + 1}
            ways.append(d.at(d.use("words", x, id=f"words{width}", name=f"{width} words", **given), 3, place))
        x = d.at(d.concat(*ways, id="features"), 4, 1)
        x = d.at(d.dropout(x, self.dropout, "dropout"), 5, 1)
        d.at(d.output(d.at(d.linear(x, self.classes, "fc"), 6, 1)), 7, 1)
