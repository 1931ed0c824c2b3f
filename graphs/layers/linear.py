"""Layers in which every result looks at every input."""

from __future__ import annotations

from typing import Any, ClassVar

from graphs.layers.base import Fault, Layer, Port, Remedy, Shape, setting
from graphs.layers.weights import Initialise, bias_field, initial, initialise_field


class Linear(Layer):
    title: ClassVar[str] = "Linear"
    family: ClassVar[str] = "linear"
    help: ClassVar[str] = "Every unit weighs all inputs, adds them up and adds a bias."
    stem: ClassVar[str] = "fc"
    synonyms: ClassVar[tuple[str, ...]] = (
        "dense",
        "fc",
        "fully connected",
        "perceptron",
        "affine",
        "multilayer perceptron",
    )
    torch: ClassVar[str] = "nn.Linear"

    out_features: int = setting(64, "Units", "How many results there are.", ge=1, le=1_000_000)
    bias: bool = bias_field()
    last_axis: bool = setting(
        False,
        "Along the last axis",
        "Work on each position of a map by itself, along its last axis, as transformers do.",
    )
    initialise: Initialise = initialise_field()

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"in_features": inputs[0].dims[-1], "out_features": self.out_features, "bias": self.bias}

    def initial(self) -> tuple[str, dict[str, Any]] | None:
        return initial(self.initialise)

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        return inputs[0].size * self.out_features

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        shape = inputs[0]
        if len(shape.dims) in (1, 2) or (shape.dims and self.last_axis):
            return None
        pool = (Remedy("Insert GlobalAvgPool", insert="GlobalAvgPool"),) if len(shape.dims) == 3 else ()
        remedies = (
            Remedy("Insert Flatten", insert="Flatten"),
            *pool,
            Remedy("Work along the last axis", {"last_axis": True}),
        )
        message = f"Linear takes a row of numbers, and this input is a map of {len(shape.dims)} axes."
        return Fault(message, f"{shape.size} numbers in a row", str(shape), remedies if shape.dims else ())

    def summary(self) -> str:
        return str(self.out_features)


class Bilinear(Layer):
    title: ClassVar[str] = "Bilinear"
    family: ClassVar[str] = "linear"
    help: ClassVar[str] = "Weighs every product of a number from one input with a number from the other."
    stem: ClassVar[str] = "bilinear"
    synonyms: ClassVar[tuple[str, ...]] = ("product", "interaction", "two inputs")
    torch: ClassVar[str] = "nn.Bilinear"

    out_features: int = setting(16, "Units", "How many results there are.", ge=1, le=1_000_000)
    bias: bool = bias_field()

    def inputs(self) -> tuple[Port, ...]:
        return (Port("a", "first"), Port("b", "second"))

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        first, second = (shape.dims[-1] for shape in inputs)
        return {"in1_features": first, "in2_features": second, **self.model_dump()}

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        first, second = (shape.dims[-1] for shape in inputs)
        return outputs[0].size * first * second

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        for port, shape in zip(("a", "b"), inputs, strict=True):
            if len(shape.dims) > 2:
                remedy = Remedy("Insert Flatten", insert="Flatten", port=port)
                message = "Bilinear takes rows of numbers, and this input is a map."
                return Fault(message, f"{shape.size} numbers in a row", str(shape), (remedy,))
        if inputs[0].dims[:-1] != inputs[1].dims[:-1]:
            message = "The two inputs of Bilinear must have the same axes except the last."
            longer = "a" if len(inputs[0].dims) > 1 else "b"
            remedy = Remedy(f"Insert Flatten before {longer}", insert="Flatten", port=longer)
            return Fault(message, f"{inputs[0]} and the like", str(inputs[1]), (remedy,))
        return None

    def summary(self) -> str:
        return str(self.out_features)
