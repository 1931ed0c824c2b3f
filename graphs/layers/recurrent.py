"""Layers that read a series step by step, and the table that turns tokens into numbers."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from graphs.layers.base import Fault, Layer, Port, Remedy, Shape, setting
from graphs.layers.windows import axes


class Embedding(Layer):
    title: ClassVar[str] = "Embedding"
    family: ClassVar[str] = "recurrent"
    help: ClassVar[str] = "Looks up a learned row of numbers for each token."
    stem: ClassVar[str] = "embedding"
    synonyms: ClassVar[tuple[str, ...]] = ("tokens", "words", "lookup", "text", "table")
    torch: ClassVar[str] = "nn.Embedding"

    num_embeddings: int = setting(128, "Vocabulary", "How many different tokens there are.", ge=1, le=10_000_000)
    embedding_dim: int = setting(32, "Numbers a token", "How many numbers stand for one token.", ge=1, le=65536)

    padding_idx: int | None = setting(
        None, "Filler", "The token that fills up short texts: its row stays 0.", ge=0, extra={"none": "none"}
    )

    def inputs(self) -> tuple[Port, ...]:
        return (Port("in", accepts="tokens"),)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        tokens = inputs[0].values
        if self.padding_idx is not None and self.padding_idx >= self.num_embeddings:
            last = self.num_embeddings - 1
            remedies = (Remedy(f"Set the filler to {last}", {"padding_idx": last}), _no_filler())
            return Fault("The filler has no row in the table.", f"at most {last}", str(self.padding_idx), remedies)
        if tokens <= self.num_embeddings:
            return None
        message = f"The text has {tokens} different tokens, and the table has rows for {self.num_embeddings} only."
        remedy = Remedy(f"Set the vocabulary to {tokens}", {"num_embeddings": tokens})
        return Fault(message, f"at least {tokens} rows", f"{self.num_embeddings} rows", (remedy,))

    def summary(self) -> str:
        return f"{self.num_embeddings} → {self.embedding_dim}"


def _no_filler() -> Remedy:
    return Remedy("Take no filler", {"padding_idx": None})


class Recurrent(Layer):
    """What RNN, LSTM and GRU share: a series of steps × features goes in."""

    family: ClassVar[str] = "recurrent"
    own: ClassVar[tuple[str, ...]] = ("last",)
    gates: ClassVar[int] = 1
    state: ClassVar[str] = "[1]"
    """Where PyTorch's result holds the final state of the last layer."""

    hidden_size: int = setting(64, "Units", "How many numbers it remembers.", ge=1, le=65536)
    num_layers: int = setting(1, "Layers", "How many of them are stacked.", ge=1, le=64)
    bidirectional: bool = setting(
        False, "Both directions", "Also read the series from its end, which doubles the result."
    )
    result: Literal["last", "all"] = setting(
        "last",
        "Result",
        "What it remembers after the last step, or after every step.",
        extra={"labels": {"last": "after the last step", "all": "after every step"}},
    )
    dropout: float = setting(
        0.0, "Dropout", "The share dropped between stacked layers.", ge=0, le=1, extra={"step": 0.05}
    )
    bias: bool = setting(True, "Bias", "Learn a number that is added to each result.")

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        fields = self.model_dump(exclude={"result"})
        fields["dropout"] = self.dropout if self.num_layers > 1 else 0.0
        return {
            "input_size": inputs[0].dims[-1],
            **fields,
            "batch_first": True,
            "last": self.result == "last",
        }

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        ways, units = 2 if self.bidirectional else 1, self.hidden_size
        widths = [inputs[0].dims[-1]] + [units * ways] * (self.num_layers - 1)
        return inputs[0].dims[0] * sum(ways * self.gates * units * (width + units) for width in widths)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        dims = inputs[0].dims
        if len(dims) == 2:
            return None
        message = f"{self.title} reads a series of steps × features, and this input has {axes(len(dims))}."
        return Fault(message, "steps × features", str(inputs[0]), as_series(dims))

    def call(self, module: str, args: list[str]) -> str:
        made = super().call(module, args)
        if self.result == "all":
            return f"{made}[0]"
        if self.bidirectional:
            return f"{made}{self.state}[-2:].transpose(0, 1).flatten(1)"
        return f"{made}{self.state}[-1]"

    def summary(self) -> str:
        parts = [str(self.hidden_size)]
        parts += [f"{self.num_layers} layers"] if self.num_layers > 1 else []
        parts += ["both ways"] if self.bidirectional else []
        return " · ".join(parts)


def as_series(dims: tuple[int, ...]) -> tuple[Remedy, ...]:
    """A row becomes a series of single numbers; the rows of a grey picture, or channels, become steps."""
    if len(dims) == 1:
        return (_reshape((dims[0], 1), "Read it number by number"),)
    if len(dims) == 3 and dims[0] == 1:
        return (_reshape(dims[1:], "Read it row by row"),)
    if len(dims) == 3:
        return (_reshape((dims[0], dims[1] * dims[2]), "Read it channel by channel"),)
    return ()


def _reshape(shape: tuple[int, ...], label: str) -> Remedy:
    return Remedy(f"{label} (Reshape)", insert="Reshape", insert_fields={"shape": list(shape)})


class RNN(Recurrent):
    title: ClassVar[str] = "RNN"
    help: ClassVar[str] = "Reads a series step by step and mixes what it sees with what it remembers."
    stem: ClassVar[str] = "rnn"
    synonyms: ClassVar[tuple[str, ...]] = ("recurrent", "elman", "memory", "sequence", "time series")
    torch: ClassVar[str] = "modules.RNN"
    written: ClassVar[str | None] = "nn.RNN"

    nonlinearity: Literal["tanh", "relu"] = setting("tanh", "Activation", "How each step bends its numbers.")


class LSTM(Recurrent):
    title: ClassVar[str] = "LSTM"
    help: ClassVar[str] = "Reads a series step by step and learns what to remember and what to forget."
    stem: ClassVar[str] = "lstm"
    synonyms: ClassVar[tuple[str, ...]] = (
        "recurrent",
        "long short-term memory",
        "gates",
        "sequence",
        "time series",
    )
    torch: ClassVar[str] = "modules.LSTM"
    written: ClassVar[str | None] = "nn.LSTM"
    gates: ClassVar[int] = 4
    state: ClassVar[str] = "[1][0]"


class GRU(Recurrent):
    title: ClassVar[str] = "GRU"
    help: ClassVar[str] = "As LSTM with fewer gates: reads a series and learns what to keep."
    stem: ClassVar[str] = "gru"
    synonyms: ClassVar[tuple[str, ...]] = (
        "recurrent",
        "gated recurrent unit",
        "memory",
        "sequence",
        "time series",
    )
    torch: ClassVar[str] = "modules.GRU"
    written: ClassVar[str | None] = "nn.GRU"
    gates: ClassVar[int] = 3
