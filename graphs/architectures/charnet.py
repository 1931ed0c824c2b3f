"""Networks that read a text letter by letter and say at each which letter comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting

_SOURCE = "by hand, layers of h units on i inputs with g gates: g·(h·i + h·h + 2h) each"


class CharNet(Architecture):
    name: ClassVar[str] = "charnet"
    title: ClassVar[str] = "Character model"
    family: ClassVar[Family] = "sequence"
    help: ClassVar[str] = (
        "Reads a text letter by letter and gives at each place a score for every letter that may follow."
    )
    paper: ClassVar[Paper] = Paper(
        "A. Karpathy", "The Unreasonable Effectiveness of Recurrent Neural Networks", 2015,
        "https://karpathy.github.io/2015/05/21/rnn-effectiveness/",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "char_rnn": Published(82_753, _SOURCE + "; with a table of 65 · 128 in front and 128 · 65 + 65 behind"),
        "char_lstm": Published(280_897, _SOURCE + "; with a table of 65 · 128 in front and 128 · 65 + 65 behind"),
        "char_gru": Published(214_849, _SOURCE + "; with a table of 65 · 128 in front and 128 · 65 + 65 behind"),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "char_rnn": "Character RNN", "char_lstm": "Character LSTM", "char_gru": "Character GRU"
    }  # fmt: skip

    variant: Literal["char_rnn", "char_lstm", "char_gru"] = variant("char_lstm", "What remembers the text.", titles)
    vocabulary: int = setting(65, "Letters", "How many different letters there are.", ge=2, le=1_000_000)
    length: int = setting(
        50, "Length", "How many letters it reads at a time.", ge=1, le=65536, extra={"unit": "letters"}
    )
    features: int = setting(128, "Numbers a letter", "How many numbers stand for one letter.", ge=1, le=65536)
    units: int = setting(128, "Units", "How many numbers it remembers.", ge=1, le=65536)
    layers: int = setting(2, "Layers", "How many of them are stacked.", ge=1, le=16)
    dropout: float = setting(0.0, "Dropout", "The share dropped between layers.", ge=0, le=1, extra={"step": 0.05})
    result: Literal["all", "last"] = setting(
        "all", "Says", "What follows each letter, or only what follows the last.",
        extra={"labels": {"all": "what follows each letter", "last": "what follows the last letter"}},
    )  # fmt: skip

    def draw(self, d: Drawing) -> None:
        x = d.layer("TokensInput", id="text", name="Text", length=self.length, vocabulary=self.vocabulary)
        x = d.layer("Embedding", x, id="embedding", num_embeddings=self.vocabulary, embedding_dim=self.features)
        kind = self.variant.removeprefix("char_").upper()
        for layer in range(self.layers):
            last = layer == self.layers - 1
            result = self.result if last else "all"
            x = d.layer(kind, x, id=f"{kind.lower()}{layer + 1}", hidden_size=self.units, result=result)
            if self.dropout and not last:
                x = d.dropout(x, self.dropout, f"dropout{layer + 1}")
        fields = {"last_axis": True} if self.result == "all" else {}
        d.output(d.linear(x, self.vocabulary, "decoder", **fields), "Next letter")
