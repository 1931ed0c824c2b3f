"""Learnt weights that go with a design: NAME.safetensors beside NAME.netloom, or those of an ONNX file. Light."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.network import Network
from graphs.storage import digest

if TYPE_CHECKING:
    from torch import Tensor

    from studio.data.prepare import Prepared
    from studio.training.snapshot import Snapshot

SUFFIX = ".safetensors"
STEP, DIGEST = "netloom.step", "netloom.digest"


@dataclass(frozen=True, eq=False)
class Learnt:
    """Weights by their names in the state dict, after `step` steps of training the design of that `digest`."""

    digest: str
    weights: Mapping[str, Tensor]
    step: int


Bring = Callable[[], Learnt | None]
"""Fetches learnt weights, None where there are none. Raises FileFault."""


def beside(project: Path) -> Path:
    """Where the weights of the project in this file are kept."""
    return project.with_suffix(SUFFIX)


def read(path: Path) -> Learnt | None:
    """The weights in a file, None where there is no such file or none of a design. Raises FileFault."""
    from graphs.weights import load_weights

    if not path.is_file():
        return None
    state, told = load_weights(path)
    step = told.get(STEP, "0")
    return Learnt(told.get(DIGEST, ""), state, int(step) if step.isdecimal() and len(step) < 19 else 0)


def write(path: Path, network: Network, snapshot: Snapshot, data: Prepared | None) -> None:
    """Writes weights with all that belongs to them: design, step, classes and normalisation. Raises FileFault."""
    from graphs.weights import save_weights

    told = {**(metadata(data) if data else {}), STEP: str(snapshot.step), DIGEST: digest(network)}
    save_weights(path, snapshot.weights, told)


def fitting(bring: Bring | None, network: Network, expected: Mapping[str, Tensor]) -> Learnt | None:
    """What `bring` fetches where it was learnt by this very design, else None. Raises FileFault."""
    from graphs.weights import check_fit

    found = bring() if bring is not None else None
    if found is None or found.digest != digest(network):
        return None
    check_fit(found.weights, expected, "the learnt weights")
    return found


def metadata(data: Prepared, step: int | None = None) -> dict[str, str]:
    """What a program that runs the model must know beside it: classes and normalisation."""
    told = {
        "netloom.classes": json.dumps(list(data.classes), ensure_ascii=False),
        "netloom.normalisation": data.normalisation.to_json(),
    }
    return told if step is None else {**told, STEP: str(step)}
