"""The dynamic convolutional network: of a sentence of any length the strongest features stay, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting

_TITLES = {"dcnn_sst": "DCNN, sentiment"}
_WIDTHS = (7, 5)
"""How many words in a row each convolution looks at."""


class DCNN(Architecture):
    name: ClassVar[str] = "dcnn"
    title: ClassVar[str] = "Dynamic CNN"
    family: ClassVar[Family] = "sequence"
    help: ClassVar[str] = "Wide convolutions row by row; what is strongest stays, fewer the higher, in its order."
    paper: ClassVar[Paper] = Paper(
        "N. Kalchbrenner, E. Grefenstette, P. Blunsom",
        "A Convolutional Neural Network for Modelling Sentences", 2014, "https://arxiv.org/abs/1404.2188",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "dcnn_sst": Published(
            757_589,
            "by hand after the paper's section 5.2 and the 15,448 words it counts: "
            "48·15,448 + 48·(6·7 + 6) + 24·(6·14·5 + 14) + 672·5 + 5",
        ),
    }
    titles: ClassVar[Mapping[str, str]] = _TITLES

    variant: Literal["dcnn_sst"] = variant("dcnn_sst", "The network for the Stanford sentiment treebank.", _TITLES)
    vocabulary: int = setting(15_448, "Vocabulary", "How many different words there are.", ge=2, le=10_000_000)
    length: int = setting(50, "Length", "How many words a sentence has.", ge=5, le=4096, extra={"unit": "words"})
    classes: int = setting(5, "Classes", "How many classes are told apart.", ge=1, le=65536)
    features: int = setting(48, "Numbers a word", "How many numbers stand for one word.", ge=4, le=4096, multiple_of=4)
    maps: int = setting(6, "First maps", "How many maps the first convolution makes.", ge=1, le=1024)
    upper: int = setting(14, "Second maps", "How many maps the second convolution makes.", ge=1, le=1024)
    kept: int = setting(4, "Kept", "How many numbers of each row stay at the end.", ge=1, le=1024)
    dropout: float = setting(0.5, "Dropout", "The share dropped before the scores.", ge=0, le=1, extra={"step": 0.05})

    def draw(self, d: Drawing) -> None:
        self._block(d)
        x = d.layer("TokensInput", id="sentence", name="Sentence", length=self.length, vocabulary=self.vocabulary)
        x = d.layer("Embedding", x, id="embedding", num_embeddings=self.vocabulary, embedding_dim=self.features)
        x = d.layer("Permute", x, id="words_last", axes=[2, 1])
        for level, (width, maps) in enumerate(zip(_WIDTHS, (self.maps, self.upper), strict=True), 1):
            given: dict[str, Any] = {"rows": self.features >> (level - 1), "maps": maps, "width": width, "level": level}
            x = d.use("layer", x, id=f"layer{level}", length=self.length, kept=self.kept, **given)
        x = d.dropout(d.flatten(x), self.dropout, "dropout")
        d.output(d.linear(x, self.classes, "fc"))

    def _block(self, d: Drawing) -> None:
        given: dict[str, Any] = {"rows": 48, "maps": 6, "width": 7, "level": 1, "length": 50, "kept": 4}
        help = "Filters for each row, wider than the sentence; rows are added in pairs; the strongest stay."
        with d.block("layer", "Wide convolution", help, **given) as b:
            x = b.layer(
                "Conv1d", b.input(), id="conv", out_channels="=rows*maps", kernel_size="=width",
                padding="=width-1", groups="=rows",
            )  # fmt: skip
            x = b.layer("Reshape", x, id="pairs", shape=["=rows//2", 2, "=maps", -1])
            x = b.layer("Scale", b.layer("Mean", x, id="middle", axes=[2]), id="sum", factor=2.0)
            x = b.layer("Reshape", x, id="folded", shape=["=rows//2*maps", -1])
            pool: dict[str, Any] = {"k": "=kept", "level": "=level", "levels": len(_WIDTHS), "length": "=length"}
            b.output(b.layer("Tanh", b.layer("DynamicKMaxPool", x, id="strongest", **pool), id="bend"))
