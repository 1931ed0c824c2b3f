"""Learnt weights that go with a design: NAME.safetensors beside NAME.netloom, or those of an ONNX file. Light."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from graphs.files.faults import FileFault
from graphs.layers.catalogue import Catalogue
from graphs.network import Network
from studio.design import design_of, known_as
from studio.weights.following import Names, names_of, renamed

if TYPE_CHECKING:
    from torch import Tensor

    from studio.data.prepare import Prepared
    from studio.training.snapshot import Snapshot

SUFFIX = ".safetensors"
STEP, DIGEST, NAMES, RUN = "netloom.step", "netloom.digest", "netloom.names", "netloom.run"
CLASSES, NORMALISATION, PREPROCESSING = "netloom.classes", "netloom.normalisation", "netloom.preprocessing"
START = "start"
"""The section of a design that names the weights it begins with (`studio.weights.starting`)."""
BEGINS = "netloom.begins"
TOLD = (CLASSES, NORMALISATION, PREPROCESSING)


@dataclass(frozen=True, eq=False)
class Learnt:
    """Weights by their names in the state dict, after `step` steps of training the design of that `digest`.

    `told` are classes and normalisation of the data that they were learnt on, as they stand in a file; `run` is the
    folder of the run that learnt them, where there is one. `names` tells which node each name belongs to. `begins`:
    training goes on from them, as from what was imported; it begins with other weights else. `fresh` are tensors that
    are not among them, since the design was changed, and are as new layers begin.
    """

    digest: str
    weights: Mapping[str, Tensor]
    step: int
    told: Mapping[str, str] = field(default_factory=dict)
    run: Path | None = None
    names: Names = field(default_factory=dict)
    begins: bool = False
    fresh: tuple[str, ...] = ()

    def under(self, names: Names) -> Learnt:
        """The same, by the names that the layers have now."""
        return replace(self, weights=renamed(self.weights, self.names, names), names=names if self.names else {})


Bring = Callable[[], Learnt | None]
"""Fetches learnt weights, None where there are none. Raises FileFault."""


def beside(project: Path) -> Path:
    """Where the weights of the project in this file are kept."""
    return project.with_suffix(SUFFIX)


def read(path: Path) -> Learnt | None:
    """The weights in a file, None where there is no such file or none of a design. Raises FileFault."""
    from graphs.files.weights import load_weights

    if not path.is_file():
        return None
    state, told = load_weights(path)
    step, told_digest = told.get(STEP, "0"), told.get(DIGEST, "")
    names = names_in(told)
    begins = BEGINS in told
    told = {name: text for name, text in told.items() if name in TOLD}
    steps = int(step) if step.isdecimal() and len(step) < 19 else 0
    return Learnt(told_digest, state, steps, told, names=names, begins=begins)


def opened(path: Path, network: Network, catalogue: Catalogue) -> Learnt | None:
    """The weights in a file beside the project that was opened with this network. Raises FileFault.

    What an older program wrote says nothing of nodes; its names are those of the project that it was kept with."""
    found = read(path)
    if found is None or found.names or found.digest not in known_as(network, catalogue):
        return found
    return replace(found, digest=design_of(network, catalogue), names=names_of(network, catalogue))


def names_in(told: Mapping[str, str]) -> dict[str, str]:
    """Which node each name in a file belongs to; nothing where it does not say so."""
    try:
        names = json.loads(told.get(NAMES, "{}"))
        return {str(node): str(name) for node, name in names.items()}
    except (ValueError, AttributeError, RecursionError):
        return {}


def write(path: Path, learnt: Learnt) -> None:
    """Writes weights with all that belongs to them: design, step, classes and normalisation. Raises FileFault."""
    from graphs.files.weights import save_weights

    told = {**learnt.told, STEP: str(learnt.step), DIGEST: learnt.digest}
    told |= {RUN: learnt.run.name} if learnt.run is not None else {}
    told |= {BEGINS: "1"} if learnt.begins else {}
    save_weights(path, learnt.weights, told | ({NAMES: json.dumps(dict(learnt.names))} if learnt.names else {}))


Standing = Literal["kept", "behind", "other"]


def standing(path: Path, learnt: Learnt) -> Standing:
    """How the weights in a file stand to what has been learnt since. Looks at the file's head only.

    "kept": they are as far in the same run, or farther. "behind": the same run has gone on, or there is no file: to
    write it loses nothing. "other": they are of another run or design, or nobody can tell."""
    from graphs.files.weights import load_metadata

    if not path.exists():
        return "behind"
    try:
        told = load_metadata(path)
    except FileFault:
        return "other"
    step = int(text) if (text := told.get(STEP, "")).isdecimal() and len(text) < 19 else -1
    run = learnt.run.name if learnt.run is not None else ""
    if told.get(DIGEST) != learnt.digest or told.get(RUN, run) != run:
        return "other"
    if step >= learnt.step:
        return "kept"
    return "behind" if RUN in told else "other"


def learnt_by(network: Network, catalogue: Catalogue, snapshot: Snapshot, data: Prepared | None) -> Learnt:
    """What this network has learnt on this data, by the names that it has now."""
    told, names = metadata(data) if data is not None else {}, names_of(network, catalogue)
    return Learnt(design_of(network, catalogue), snapshot.under(names).weights, snapshot.step, told, names=names)


def fitting(
    bring: Bring | None, network: Network, catalogue: Catalogue, expected: Mapping[str, Tensor]
) -> Learnt | None:
    """What `bring` fetches where it was learnt by this very design, by the names it has now, else None.

    Of weights that training begins with, those that still fit a changed design are kept; they stand back where the
    design names others to begin with. Raises FileFault."""
    from graphs.files.weights import check_fit

    found = bring() if bring is not None else None
    if found is None or (found.begins and network.settings.get(START) is not None):
        return None
    names = names_of(network, catalogue)
    if found.digest not in known_as(network, catalogue):
        return _still(replace(found.under(names), digest=design_of(network, catalogue), names=names), expected)
    found = found.under(names)
    check_fit(found.weights, expected, "the learnt weights")
    return found


def _still(found: Learnt, expected: Mapping[str, Tensor]) -> Learnt | None:
    """What of these weights fits the design as it has become, where training begins with them."""
    from graphs.files.landing import land

    landing = land(found.weights, expected) if found.begins else None
    if landing is None or not landing.placed:
        return None
    fresh = (*landing.missing, *(each.name for each in landing.other_shape))
    return replace(found, weights=landing.state, fresh=fresh)


def metadata(data: Prepared, step: int | None = None) -> dict[str, str]:
    """What a program that runs the model must know beside it: classes and normalisation."""
    told = {
        CLASSES: json.dumps(list(data.classes), ensure_ascii=False),
        NORMALISATION: data.normalisation.to_json(),
    }
    return told if step is None else {**told, STEP: str(step)}
