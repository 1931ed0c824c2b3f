"""Instance normalisation: each channel of each sample by itself."""

from __future__ import annotations

from typing import Any, ClassVar

from graphs.layers.base import Fault, Layer, Remedy, Shape, setting
from graphs.layers.windows import map_fault


class InstanceNorm(Layer):
    """What instance normalisations share."""

    family: ClassVar[str] = "normalisation"
    stem: ClassVar[str] = "norm"
    rank: ClassVar[int] = 2
    places: ClassVar[str] = "maps of at least two places"

    eps: float = setting(1e-5, "Epsilon", "A small number that keeps the division safe.", gt=0, le=1)
    affine: bool = setting(False, "Learn scale and shift", "Learn a factor and an offset for each channel.")

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"num_features": inputs[0].dims[0], **self.model_dump()}

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = map_fault(self.title, inputs[0], self.rank)
        if wrong is not None or inputs[0].size > inputs[0].dims[0]:
            return wrong
        message = f"{self.title} needs more than one number in a channel: of one alone only 0 would be left."
        batch = f"BatchNorm{self.rank}d"
        return Fault(message, self.places, str(inputs[0]), (Remedy(f"Use {batch} instead", instead=batch),))


class InstanceNorm2d(InstanceNorm):
    title: ClassVar[str] = "InstanceNorm2d"
    help: ClassVar[str] = "Scales each channel of each sample to mean 0 and spread 1, which takes contrast away."
    synonyms: ClassVar[tuple[str, ...]] = ("instance normalisation", "style transfer", "normalization", "contrast")
    torch: ClassVar[str] = "nn.InstanceNorm2d"


class InstanceNorm1d(InstanceNorm):
    title: ClassVar[str] = "InstanceNorm1d"
    help: ClassVar[str] = "Scales each channel of each series to mean 0 and spread 1, whatever else is in the batch."
    synonyms: ClassVar[tuple[str, ...]] = ("instance normalisation", "normalization", "voice", "sound", "temporal")
    torch: ClassVar[str] = "nn.InstanceNorm1d"
    rank: ClassVar[int] = 1
    places: ClassVar[str] = "series of at least two steps"


class InstanceNorm3d(InstanceNorm):
    title: ClassVar[str] = "InstanceNorm3d"
    help: ClassVar[str] = "Scales each channel of each volume to mean 0 and spread 1, as nnU-Net does with scans."
    synonyms: ClassVar[tuple[str, ...]] = ("instance normalisation", "normalization", "scan", "medical", "volume")
    torch: ClassVar[str] = "nn.InstanceNorm3d"
    rank: ClassVar[int] = 3
    places: ClassVar[str] = "volumes of at least two places"
