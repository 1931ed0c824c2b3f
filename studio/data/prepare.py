"""From a source to tensors that a network can learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.data.base import DataFault, DataSpec, Raw, Report, Task, class_counts
from studio.data.normalise import Normalisation, measure
from studio.data.splits import FEWEST, split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["DataFault", "Normalisation", "Part", "Prepared", "prepare"]


@dataclass(frozen=True)
class Part:
    """Samples to learn from or to check with, normalised, in the order of the source.

    `inputs` float32 [N, *shape] (int64 for tokens); `targets` int64 [N] for classification, float32 [N, k]
    for regression; `rows` int64 [N] says which sample of the source each one is.
    """

    inputs: Tensor
    targets: Tensor
    rows: Tensor

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Prepared:
    """Everything about the data that training and looking inside need. `bounds` are those of raw inputs; `vocabulary`
    says what each token stands for, where that is known."""

    train: Part
    validation: Part
    classes: tuple[str, ...]
    task: Task
    shape: tuple[int, ...]
    normalisation: Normalisation
    bounds: tuple[float, float]
    name: str
    features: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()


def prepare(spec: DataSpec, progress: Report | None = None) -> Prepared:
    """Loads, splits and normalises. The same spec gives the same tensors. Raises DataFault.

    `progress` is called with the share done, 0…1, while a source loads; what it raises ends the loading.
    """
    raw = spec.load(progress)
    train, validation = split(raw.targets, len(raw.classes), spec.validation, spec.split_seed)
    normalisation = measure(raw.inputs[train], spec.normalise)
    first = _part(raw, train, normalisation)
    same = len(train) == len(validation) == len(raw.targets)
    return Prepared(
        train=first,
        validation=first if same else _part(raw, validation, normalisation),
        classes=raw.classes,
        task=raw.task,
        shape=raw.inputs.shape[1:],
        normalisation=normalisation,
        bounds=raw.bounds,
        name=spec.title,
        features=raw.features,
        notes=(*raw.notes, *notes(class_counts(raw), len(raw.targets), spec)),
        vocabulary=raw.vocabulary,
    )


def notes(counts: dict[str, int], total: int, spec: DataSpec) -> tuple[str, ...]:
    """What a person should know about these samples before using them, a sentence each."""
    return tuple(note for note in (_split_note(total, spec), _balance_note(counts), _class_note(counts)) if note)


def _split_note(total: int, spec: DataSpec) -> str:
    if not spec.validation:
        return "No samples are kept apart: validation is measured on the training samples."
    if total < FEWEST or not round(total * spec.validation):
        return f"With only {total} samples none is kept apart: validation is measured on the training samples."
    return ""


def _balance_note(counts: dict[str, int]) -> str:
    present = {name: n for name, n in counts.items() if n}
    if len(present) < 2 or sum(present.values()) < FEWEST:
        return ""
    most, least = max(present, key=present.__getitem__), min(present, key=present.__getitem__)
    ratio = present[most] / present[least]
    if ratio < 3:
        return ""
    numbers = f"“{most}” has {present[most]:,} samples, “{least}” {present[least]:,}"
    return f"The classes are uneven ({numbers}): accuracy alone can mislead."


def _class_note(counts: dict[str, int]) -> str:
    if len(counts) == 1:
        return f"There is only one class, “{next(iter(counts))}”: there is nothing to tell apart."
    return ""


def _part(raw: Raw, rows: NDArray[np.int64], normalisation: Normalisation) -> Part:
    import torch

    inputs = torch.from_numpy(raw.inputs[rows])
    return Part(
        normalisation.apply(inputs) if inputs.is_floating_point() else inputs,
        torch.from_numpy(raw.targets[rows]),
        torch.from_numpy(rows),
    )
