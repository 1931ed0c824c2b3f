"""Layers that keep numbers in a good range, and layers that drop some of them while training."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from graphs.layers.base import Fault, Layer, Remedy, Shape, setting
from graphs.layers.windows import map_fault

_EPS = "Epsilon", "A small number that keeps the division safe."
_AFFINE = "Learn scale and shift", "Learn a factor and an offset for each channel."


class BatchNorm(Layer):
    """What both batch normalisations share."""

    family: ClassVar[str] = "normalisation"
    stem: ClassVar[str] = "norm"

    eps: float = setting(1e-5, *_EPS, gt=0, le=1)
    momentum: float = setting(0.1, "Momentum", "How fast the remembered mean and spread follow each batch.", ge=0, le=1)
    affine: bool = setting(True, *_AFFINE)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"num_features": inputs[0].dims[0], **self.model_dump()}


class BatchNorm2d(BatchNorm):
    title: ClassVar[str] = "BatchNorm2d"
    help: ClassVar[str] = "Scales each channel of a map to mean 0 and spread 1 over the batch, which steadies training."
    synonyms: ClassVar[tuple[str, ...]] = (
        "bn",
        "batch normalisation",
        "normalization",
        "normalise",
        "normalize",
        "batchnorm",
    )
    torch: ClassVar[str] = "nn.BatchNorm2d"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if len(inputs[0].dims) == 1:
            message = "BatchNorm2d works on maps, and this input is a row of numbers: BatchNorm1d suits it."
            remedy = Remedy("Use BatchNorm1d instead", instead="BatchNorm1d")
            return Fault(message, "channels × height × width", str(inputs[0]), (remedy,))
        return map_fault(self.title, inputs[0], 2)


class BatchNorm1d(BatchNorm):
    title: ClassVar[str] = "BatchNorm1d"
    help: ClassVar[str] = "Scales each number of a row to mean 0 and spread 1 over the batch, which steadies training."
    synonyms: ClassVar[tuple[str, ...]] = (
        "bn",
        "batch normalisation",
        "normalization",
        "normalise",
        "normalize",
        "batchnorm",
    )
    torch: ClassVar[str] = "nn.BatchNorm1d"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if len(inputs[0].dims) in (1, 2):
            return None
        message = "BatchNorm1d works on rows of numbers, and this input is a map: BatchNorm2d suits it."
        remedies: tuple[Remedy, ...] = (Remedy("Insert Flatten", insert="Flatten"),)
        if len(inputs[0].dims) == 3:
            remedies = (Remedy("Use BatchNorm2d instead", instead="BatchNorm2d"), *remedies)
        return Fault(message, f"{inputs[0].size} numbers in a row", str(inputs[0]), remedies)


class BatchNorm3d(BatchNorm):
    title: ClassVar[str] = "BatchNorm3d"
    help: ClassVar[str] = "Scales each channel of a volume to mean 0 and spread 1 over the batch."
    synonyms: ClassVar[tuple[str, ...]] = ("bn", "batch normalisation", "normalization", "volume", "video", "batchnorm")
    torch: ClassVar[str] = "nn.BatchNorm3d"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], 3)


class LastAxes(Layer):
    """What the normalisations share that scale the last axes together; the subclass declares the fields."""

    family: ClassVar[str] = "normalisation"
    stem: ClassVar[str] = "norm"
    if TYPE_CHECKING:
        axes: int

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"normalized_shape": inputs[0].dims[-self.axes :], **self.model_dump(exclude={"axes"})}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        count = len(inputs[0].dims)
        if self.axes <= count:
            return None
        remedies = (Remedy(f"Set the axes to {count}", {"axes": count}),) if count else ()
        message = f"{self.title} scales more axes than its input has."
        return Fault(message, f"at most {count}", str(self.axes), remedies)

    def summary(self) -> str:
        return "last axis" if self.axes == 1 else f"last {self.axes} axes"


def last_axes() -> Any:
    """The field that says how many."""
    return setting(1, "Axes", "How many of the last axes are scaled together.", ge=1, le=8)


class LayerNorm(LastAxes):
    title: ClassVar[str] = "LayerNorm"
    help: ClassVar[str] = "Scales the numbers of each sample to mean 0 and spread 1, whatever else is in the batch."
    synonyms: ClassVar[tuple[str, ...]] = (
        "ln",
        "layer normalisation",
        "normalization",
        "normalise",
        "normalize",
        "transformer",
    )
    torch: ClassVar[str] = "nn.LayerNorm"

    axes: int = last_axes()
    eps: float = setting(1e-5, *_EPS, gt=0, le=1)
    elementwise_affine: bool = setting(True, "Learn scale and shift", "Learn a factor and an offset for each number.")
    bias: bool = setting(
        True, "Learn a shift too", "Learn the offset beside the factor.", extra={"when": {"elementwise_affine": True}}
    )


class GroupNorm(Layer):
    title: ClassVar[str] = "GroupNorm"
    family: ClassVar[str] = "normalisation"
    help: ClassVar[str] = "Scales groups of channels of each sample to mean 0 and spread 1; good with small batches."
    stem: ClassVar[str] = "norm"
    synonyms: ClassVar[tuple[str, ...]] = (
        "gn",
        "group normalisation",
        "normalization",
        "normalise",
        "normalize",
        "instance norm",
    )
    torch: ClassVar[str] = "nn.GroupNorm"

    num_groups: int = setting(4, "Groups", "How many groups the channels are split into.", ge=1, le=65536)
    eps: float = setting(1e-5, *_EPS, gt=0, le=1)
    affine: bool = setting(True, *_AFFINE)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {
            "num_groups": self.num_groups,
            "num_channels": inputs[0].dims[0],
            "eps": self.eps,
            "affine": self.affine,
        }

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        channels = inputs[0].dims[0] if inputs[0].dims else 0
        if channels and channels % self.num_groups == 0:
            return None
        common = math.gcd(channels, self.num_groups)
        remedies = (Remedy(f"Set groups to {common}", {"num_groups": common}),)
        message = f"{self.num_groups} groups do not divide {channels} channels evenly."
        return Fault(message, f"channels that {self.num_groups} divides", str(inputs[0]), remedies)

    def summary(self) -> str:
        return "1 group" if self.num_groups == 1 else f"{self.num_groups} groups"


class Dropout(Layer):
    title: ClassVar[str] = "Dropout"
    family: ClassVar[str] = "normalisation"
    help: ClassVar[str] = "Sets random numbers to zero while training, so that no unit relies on another."
    stem: ClassVar[str] = "drop"
    synonyms: ClassVar[tuple[str, ...]] = ("regularisation", "regularization", "overfitting")
    torch: ClassVar[str] = "nn.Dropout"

    p: float = setting(0.5, "Share", "The share of numbers that is dropped.", ge=0, le=1, extra={"step": 0.05})

    def summary(self) -> str:
        return f"{self.p:.0%}"


class Dropout2d(Dropout):
    title: ClassVar[str] = "Dropout2d"
    help: ClassVar[str] = "Sets whole channels of a map to zero at random while training."
    synonyms: ClassVar[tuple[str, ...]] = ("regularisation", "regularization", "spatial dropout", "channels")
    torch: ClassVar[str] = "nn.Dropout2d"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if len(inputs[0].dims) == 1:
            message = "Dropout2d drops channels of a map, and this input is a row of numbers: Dropout suits it."
            remedy = Remedy("Use Dropout instead", instead="Dropout")
            return Fault(message, "channels × height × width", str(inputs[0]), (remedy,))
        return map_fault(self.title, inputs[0], 2)


class Dropout1d(Dropout):
    title: ClassVar[str] = "Dropout1d"
    help: ClassVar[str] = "Sets whole channels of a series to zero at random while training."
    synonyms: ClassVar[tuple[str, ...]] = ("regularisation", "regularization", "spatial dropout", "temporal")
    torch: ClassVar[str] = "nn.Dropout1d"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], 1)


class Dropout3d(Dropout):
    title: ClassVar[str] = "Dropout3d"
    help: ClassVar[str] = "Sets whole channels of a volume to zero at random while training."
    synonyms: ClassVar[tuple[str, ...]] = ("regularisation", "regularization", "spatial dropout", "video")
    torch: ClassVar[str] = "nn.Dropout3d"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], 3)


class AlphaDropout(Dropout):
    title: ClassVar[str] = "AlphaDropout"
    help: ClassVar[str] = "A dropout for networks of SELU: mean and spread of the numbers stay as they are."
    synonyms: ClassVar[tuple[str, ...]] = ("regularisation", "regularization", "selu", "self-normalising")
    torch: ClassVar[str] = "nn.AlphaDropout"
