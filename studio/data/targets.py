"""From labels as they stand in a file to classes or numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import Field

from studio.data.base import DataFault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_CLASSES = 1000
FEW_NUMBERS = 20
"""Up to so many different whole numbers in a text file are taken for classes."""

HOLDS_TEXT = "holds text, which cannot be learnt as a number; choose the task classification."
TaskChoice = Literal["auto", "classification", "regression"]


class Targets(NamedTuple):
    """int64 [N] with class names, or float32 [N, k] without."""

    values: NDArray[np.generic]
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def task_field() -> Any:
    """The declaration of the option `task`."""
    return Field(
        default="auto",
        title="Task",
        description=(
            "classification learns one of several classes, regression a number; auto takes text and a few "
            "whole numbers for classes and everything else for numbers."
        ),
    )


def from_array(values: NDArray[np.generic], task: TaskChoice, where: str, few: int = FEW_NUMBERS) -> Targets:
    """Targets from an array [N] or [N, k] of text, whole numbers or numbers. Raises DataFault.

    `where` names file and column in a fault; `few` is how many different whole numbers still are classes.
    """
    if values.dtype.kind in "US":
        if task == "regression":
            raise DataFault(f"{where} {HOLDS_TEXT}")
        return _text_classes([str(v) for v in values.reshape(-1).astype(str)], where)
    if values.ndim == 2 and values.shape[1] > 1 and task != "regression" and _one_hot(values):
        return _classes(values.argmax(1), where, ("The one-hot targets are read as classes.",))
    flat = values.reshape(-1) if values.ndim == 2 and values.shape[1] == 1 else values
    if task == "classification" or (task == "auto" and _looks_like_classes(flat, few)):
        return _whole_classes(flat, task, where)
    return _numbers(flat, where)


def from_text(labels: list[str], task: TaskChoice, where: str, decimal: Callable[[str], str]) -> Targets:
    """Targets from text: numbers where all of it is, classes otherwise. Raises DataFault."""
    import numpy as np

    try:
        numbers = np.array([float(decimal(label)) for label in labels])
    except ValueError:
        if task == "regression":
            raise DataFault(f"{where} {HOLDS_TEXT}") from None
        return _text_classes(labels, where)
    return from_array(numbers, task, where)


def _text_classes(labels: list[str], where: str) -> Targets:
    import numpy as np

    names = sorted(set(labels))
    _check_number(len(names), where)
    index = {name: k for k, name in enumerate(names)}
    return Targets(np.array([index[label] for label in labels], np.int64), tuple(names), ())


def _looks_like_classes(values: NDArray[Any], few: int) -> bool:
    import numpy as np

    if values.ndim != 1 or not _whole(values):
        return False
    return len(np.unique(values)) <= min(few, max(len(values) // 2, 2))


def _whole(values: NDArray[Any]) -> bool:
    import numpy as np

    return bool(np.all(values == np.round(values)) and np.all(np.abs(values) < 2**53))


def _one_hot(values: NDArray[Any]) -> bool:
    return bool(((values == 0) | (values == 1)).all() and (values.sum(1) == 1).all())


def _whole_classes(values: NDArray[Any], task: TaskChoice, where: str) -> Targets:
    import numpy as np

    if values.ndim != 1:
        shape = "×".join(map(str, values.shape[1:]))
        raise DataFault(f"{where} holds {shape} values a sample, where a class is one; choose the task regression.")
    if not _whole(values):
        raise DataFault(f"{where} holds fractions, which are no classes; choose the task regression.")
    whole = values.astype(np.int64)
    found = len(np.unique(whole))
    note = f"The {found} different whole numbers of the target are read as classes."
    return _classes(whole, where, (note,) if task == "auto" else ())


def _classes(values: NDArray[Any], where: str, notes: tuple[str, ...]) -> Targets:
    import numpy as np

    names, indices = np.unique(values, return_inverse=True)
    _check_number(len(names), where)
    return Targets(indices.reshape(-1).astype(np.int64), tuple(map(str, names)), notes)


def _check_number(classes: int, where: str) -> None:
    if classes > MOST_CLASSES:
        limit = f"more than the {MOST_CLASSES:,} that can be learnt"
        raise DataFault(f"{where} holds {classes:,} different classes, {limit}; choose another target.")


def _numbers(values: NDArray[Any], where: str) -> Targets:
    import numpy as np

    numbers = values.astype(np.float32)
    if not np.isfinite(numbers).all():
        row = int(np.argwhere(~np.isfinite(numbers))[0][0])
        raise DataFault(f"{where} holds a value that is not finite at sample {row + 1}; correct or remove it.")
    numbers = numbers.reshape(len(numbers), -1)
    return Targets(numbers, (), _spread_note(numbers))


def _spread_note(numbers: NDArray[np.float32]) -> tuple[str, ...]:
    deviation, middle = float(numbers.std()), float(abs(numbers.mean()))
    if max(deviation, middle) <= 100:
        return ()
    low, high = float(numbers.min()), float(numbers.max())
    return (f"The target runs from {low:g} to {high:g}: networks learn it faster when it is scaled to around 1.",)
