"""Where a network begins and ends: what the data feeds, and what the loss sees."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from pydantic import field_validator

from graphs.layers.base import Axes, Layer, Port, Shape, setting


class Input(Layer):
    """What all inputs share: no ports to feed, one to read, no module of their own."""

    family: ClassVar[str] = "io"
    source_only: ClassVar[bool] = True

    def inputs(self) -> tuple[Port, ...]:
        return ()

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {}

    def summary(self) -> str:
        return f"N×{self.feeds()}"


class ImageInput(Input):
    title: ClassVar[str] = "Image"
    help: ClassVar[str] = "Feeds pictures into the network, as channels of rows and columns of numbers."
    stem: ClassVar[str] = "image"
    synonyms: ClassVar[tuple[str, ...]] = ("input", "picture", "photo", "start", "in")

    channels: int = setting(1, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    height: int = setting(28, "Height", "Rows of a picture.", ge=1, le=4096, extra={"unit": "pixels"})
    width: int = setting(28, "Width", "Columns of a picture.", ge=1, le=4096, extra={"unit": "pixels"})

    def feeds(self) -> Shape:
        return Shape((self.channels, self.height, self.width))


class VectorInput(Input):
    title: ClassVar[str] = "Vector"
    help: ClassVar[str] = "Feeds rows of numbers into the network, such as the columns of a table."
    stem: ClassVar[str] = "vector"
    synonyms: ClassVar[tuple[str, ...]] = ("input", "table", "features", "csv", "start", "in")

    features: int = setting(4, "Features", "Numbers in one row.", ge=1, le=1_000_000)

    def feeds(self) -> Shape:
        return Shape((self.features,))


class SequenceInput(Input):
    title: ClassVar[str] = "Sequence"
    help: ClassVar[str] = "Feeds series into the network: a row of numbers for each step in time."
    stem: ClassVar[str] = "sequence"
    synonyms: ClassVar[tuple[str, ...]] = ("input", "time series", "signal", "audio", "start", "in")

    length: int = setting(32, "Length", "Steps of a series.", ge=1, le=1_000_000, extra={"unit": "steps"})
    features: int = setting(8, "Features", "Numbers at each step.", ge=1, le=1_000_000)

    def feeds(self) -> Shape:
        return Shape((self.length, self.features))


class TokensInput(Input):
    title: ClassVar[str] = "Text"
    help: ClassVar[str] = "Feeds text into the network as whole numbers, one for each character or word."
    stem: ClassVar[str] = "tokens"
    synonyms: ClassVar[tuple[str, ...]] = ("input", "tokens", "words", "characters", "start", "in")

    length: int = setting(32, "Length", "Tokens of a text.", ge=1, le=1_000_000, extra={"unit": "tokens"})
    vocabulary: int = setting(128, "Vocabulary", "How many different tokens there are.", ge=1, le=10_000_000)

    def outputs(self) -> tuple[Port, ...]:
        return (Port("out", accepts="tokens"),)

    def feeds(self) -> Shape:
        return Shape((self.length,), "int64", self.vocabulary)


class TensorInput(Input):
    title: ClassVar[str] = "Tensor"
    help: ClassVar[str] = "Feeds numbers of any shape and type into the network, as networks from other programs take."
    stem: ClassVar[str] = "tensor"
    synonyms: ClassVar[tuple[str, ...]] = ("input", "any shape", "onnx", "imported", "mask", "video", "start", "in")

    shape: Axes = setting((3, 4), "Shape", "The axes of one sample; none for one number.", max_length=8)
    dtype: Literal["float32", "float64", "int64", "int32", "uint8", "bool"] = setting(
        "float32", "Type", "What each number is."
    )

    @field_validator("shape")
    @classmethod
    def _sizes(cls, shape: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 1 <= size <= 2**24 for size in shape) or math.prod(shape) > 2**31:
            raise ValueError("takes whole numbers from 1, at most 2,147,483,648 numbers in all")
        return shape

    def outputs(self) -> tuple[Port, ...]:
        return (Port("out", accepts="float" if self.dtype.startswith("float") else "tokens"),)

    def feeds(self) -> Shape:
        return Shape(self.shape, self.dtype)


class Output(Layer):
    title: ClassVar[str] = "Output"
    family: ClassVar[str] = "loss"
    help: ClassVar[str] = "Marks the result of the network: what the loss compares with the right answer."
    stem: ClassVar[str] = "output"
    synonyms: ClassVar[tuple[str, ...]] = ("classes", "target", "result", "end", "loss", "out", "prediction")
    is_output: ClassVar[bool] = True

    def inputs(self) -> tuple[Port, ...]:
        return (Port("in", accepts="any"),)

    def outputs(self) -> tuple[Port, ...]:
        return ()

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {}
