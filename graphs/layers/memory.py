"""LSTMs whose gates differ from PyTorch's: they look into the memory, or share one gate."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from graphs.layers.attention import series_fault
from graphs.layers.base import Fault, Layer, Shape, setting


class _Gated(Layer):
    """What both share; they are written out step by step, so they are slower than LSTM."""

    family: ClassVar[str] = "recurrent"
    stem: ClassVar[str] = "lstm"
    torch: ClassVar[str] = "modules.GatedLSTM"
    gates: ClassVar[int] = 4

    hidden_size: int = setting(64, "Units", "How many numbers it remembers.", ge=1, le=65536)
    result: Literal["last", "all"] = setting(
        "last",
        "Result",
        "What it says after the last step, or after every step.",
        extra={"labels": {"last": "after the last step", "all": "after every step"}},
    )
    bias: bool = setting(True, "Bias", "Learn a number that is added to each gate.")

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        given = {"input_size": inputs[0].dims[-1], "hidden_size": self.hidden_size, "bias": self.bias}
        return {**given, **self.special(), "last": self.result == "last"}

    def special(self) -> dict[str, bool]:
        """What makes this one different."""
        raise NotImplementedError

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        steps, width = inputs[0].dims
        return steps * self.gates * self.hidden_size * (width + self.hidden_size)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return series_fault(self.title, inputs[0])

    def summary(self) -> str:
        return str(self.hidden_size)


class PeepholeLSTM(_Gated):
    title: ClassVar[str] = "PeepholeLSTM"
    help: ClassVar[str] = "An LSTM whose gates also look at the memory that they open and close."
    synonyms: ClassVar[tuple[str, ...]] = ("peepholes", "recurrent", "memory", "sequence", "timing", "lstm")

    def special(self) -> dict[str, bool]:
        return {"peepholes": True}


class CoupledLSTM(_Gated):
    title: ClassVar[str] = "CoupledLSTM"
    help: ClassVar[str] = "An LSTM that forgets just as much as it takes in: one gate decides both."
    synonyms: ClassVar[tuple[str, ...]] = ("coupled gates", "joined gates", "cifg", "recurrent", "memory", "lstm")
    gates: ClassVar[int] = 3

    peepholes: bool = setting(False, "Peepholes", "Let the gates look at the memory, too.")

    def special(self) -> dict[str, bool]:
        return {"peepholes": self.peepholes, "coupled": True}
