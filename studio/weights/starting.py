"""With which weights training begins, where that is not with fresh ones: published ones, or those of a file.

A project says so in its section "start", so that undo covers it and its file needs no copy of them. Light; torch is
imported on use.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.files.faults import FileFault, elsewhere, shown
from graphs.files.landing import Landing, Rules, land
from graphs.layers.catalogue import Catalogue
from graphs.meaning.flat import flatten
from graphs.names import module_names
from graphs.network import Network
from studio.weights.learnt import CLASSES, NORMALISATION, PREPROCESSING, START

if TYPE_CHECKING:
    from torch import Tensor

    from graphs.architectures.weights import Weights
    from graphs.building.build import Built

Progress = Callable[[float, str], None]
SECTION = START
AT = "@"
"""Between the name of an architecture and that of its weights: resnet50@IMAGENET1K_V1."""
NOWHERE = "no tensor of it fits this network; choose other weights, or begin with fresh ones"


@dataclass(frozen=True)
class Start:
    """Published weights, by variant and name, or a file of weights."""

    published: str = ""
    weights: str = ""
    file: str = ""

    @property
    def words(self) -> str:
        """What a person calls them: “ResNet-50, IMAGENET1K_V2”, “mine.pth”."""
        if self.file:
            return Path(self.file).name
        from graphs.architectures import find

        kind, variant = find(self.published)
        return f"{kind.titles.get(variant, kind.title)}, {self.weights}"

    @property
    def chosen(self) -> Weights | None:
        """The published weights, None for those of a file."""
        from graphs.architectures.weights import named

        return named(self.published, self.weights) if self.published else None

    def to_json(self) -> dict[str, str]:
        """The section of the settings."""
        return {name: text for name, text in vars(self).items() if text}


@dataclass(frozen=True, eq=False)
class Begun:
    """A network's first weights: what landed of `start`, and what a program must know that runs them."""

    start: Start
    landing: Landing
    told: Mapping[str, str] = field(default_factory=dict)


def of(name: str) -> Start:
    """The published weights that a name says, such as "resnet50@pretrained". Raises ValueError."""
    from studio.weights.pretrained import chosen

    variant, weights = chosen(name)
    return Start(published=variant, weights=weights.name)


def chosen_by(text: str | Path) -> Start:
    """What a person names: a file of weights, else published weights. Raises ValueError, FileFault."""
    from graphs.files.states import SUFFIXES

    path = Path(text)
    if path.suffix.lower() in SUFFIXES or path.is_file():
        if not path.is_file():
            raise FileFault(path.name, "", "there is no such file", "check its name and folder")
        return Start(file=str(path.absolute()))
    return of(str(text))


def parse(section: object) -> Start | None:
    """What the section of a project says; None where it begins with fresh weights. Raises ValueError."""
    if section is None:
        return None
    if not isinstance(section, Mapping) or not all(isinstance(text, str) for text in section.values()):
        raise ValueError("The project's start section is no table of names; correct it or remove it.")
    strange = [str(name) for name in section if name not in Start.__dataclass_fields__]
    if strange or bool(section.get("file")) == bool(section.get("published")):
        wrong = f"has no option {shown(strange[0])}" if strange else "must name a file or published weights"
        raise ValueError(f"The project's start section {wrong}; correct it or remove it.")
    start = Start(**section)
    if start.published:
        try:
            start.chosen  # noqa: B018 (looked up to see whether it is there)
        except LookupError as fault:
            raise ValueError(f"The project's start section is wrong: {fault.args[0]}") from None
    return start


def start_of(network: Network) -> Start | None:
    """What training of this network begins with, None for fresh weights. Raises ValueError."""
    return parse(network.settings.get(SECTION))


def starting(network: Network, start: Start | None) -> Network:
    """The network that begins with these weights."""
    rest = {name: value for name, value in network.settings.items() if name != SECTION}
    return replace(network, settings={**rest, **({SECTION: start.to_json()} if start else {})})


def relocated(network: Network, folder: Path) -> Network:
    """The network of a project in this folder: a file of weights that has moved along with it is found beside it."""
    section = network.settings.get(SECTION)
    file = section.get("file") if isinstance(section, Mapping) else None
    if not isinstance(file, str) or elsewhere(file):
        return network
    path = Path(file)
    beside = folder / (path if not path.is_absolute() else path.name)
    found = not (path.is_absolute() and _is_file(path)) and _is_file(beside)
    return starting(network, Start(file=str(beside))) if found else network


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def begun(
    network: Network,
    catalogue: Catalogue,
    expected: Mapping[str, Tensor],
    *,
    fetch: bool = False,
    progress: Progress | None = None,
) -> Begun | None:
    """The first weights of a network whose fresh state dict is `expected`; None where it begins with those.

    Published weights that are not on this machine are fetched only where `fetch` says so. Raises FileFault, ValueError.
    """
    start = start_of(network)
    return None if start is None else landed(start, network, catalogue, expected, fetch=fetch, progress=progress)


def landed(
    start: Start,
    network: Network,
    catalogue: Catalogue,
    expected: Mapping[str, Tensor],
    *,
    fetch: bool = True,
    progress: Progress | None = None,
) -> Begun:
    """The same for weights that a network is yet to begin with. Raises FileFault where none of them fits."""
    weights, progress = start.chosen, progress or _quiet
    state = _file(start, progress) if weights is None else _published(weights, fetch, progress)
    progress(1.0, "Putting them into the network")
    rules = rules_of(start.published)
    landing = land(state, expected, rules, weights.spare if weights else (), _aliases(network, catalogue))
    if not landing.placed:
        raise FileFault(start.words, "", NOWHERE.partition(";")[0], NOWHERE.partition("; ")[2])
    return Begun(start, landing, told(weights, landing) if weights else {})


def build_begun(
    network: Network, catalogue: Catalogue, seed: int, *, fetch: bool = False
) -> tuple[Built, Begun | None]:
    """The network with the weights that training begins with. Raises BuildError, FileFault, ValueError."""
    from graphs.building.build import build

    built = build(network, catalogue, seed=seed)
    first = begun(network, catalogue, built.module.state_dict(), fetch=fetch)
    if first is not None:
        built.module.load_state_dict(dict(first.landing.state))
    return built, first


def landing(network: Network, catalogue: Catalogue, progress: Progress | None = None) -> Landing:
    """What lands of the weights that a network begins with, without building it. Raises BuildError, FileFault,
    ValueError."""
    import torch

    from graphs.building.build import build

    with torch.device("meta"):
        expected = build(network, catalogue).module.state_dict()
    found = begun(network, catalogue, expected, fetch=True, progress=progress)
    return found.landing if found is not None else Landing(expected)


def told(weights: Weights, landing: Landing) -> dict[str, str]:
    """What goes with published weights as metadata: how pictures are readied, and classes where the head landed."""
    from studio.weights.pretrained import preprocessing

    normalisation = {"mean": list(weights.mean), "std": list(weights.std), "axis": -3}
    said = {PREPROCESSING: json.dumps(preprocessing(weights)), NORMALISATION: json.dumps(normalisation)}
    if not landing.heads:
        said[CLASSES] = json.dumps(list(weights.labels), ensure_ascii=False)
    return said


def rules_of(variant: str = "") -> Rules:
    """How the names in torchvision's files become ours: for one variant, or for all where it is not known."""
    from graphs.architectures import ARCHITECTURES, find

    if variant:
        kind, variant = find(variant)
        return kind(variant=variant).weights_map()
    firsts = [kind(variant=min(kind.torchvision)) for kind in ARCHITECTURES if kind.torchvision]
    return [rule for architecture in firsts for rule in architecture.weights_map()]


def _quiet(_share: float, _words: str) -> None:
    """Progress that nobody watches."""


def _published(weights: Weights, fetch: bool, progress: Progress) -> dict[str, Tensor]:
    from studio.weights import pretrained

    if not fetch and pretrained.kept(weights) is None:
        remedy = "fetch it with “Load weights…”, or begin with fresh weights"
        raise FileFault(weights.file, "", "is not on this machine, and this network begins with it", remedy)
    return pretrained.state_of(weights, progress)


def _file(start: Start, progress: Progress) -> dict[str, Tensor]:
    from graphs.files.states import read_state

    progress(0.5, f"Reading {start.words}")
    path = Path(start.file)
    if elsewhere(start.file) or not path.is_absolute():
        problem = "lies on another computer" if elsewhere(start.file) else "is not beside the project"
        raise FileFault(path.name, "", problem, "copy it beside the project, or begin with other weights")
    return read_state(path)


def _aliases(network: Network, catalogue: Catalogue) -> dict[str, str]:
    """What layers are called now that rules know by their ids: a person may have given them titles."""
    flat = flatten(network, catalogue).network
    plain = replace(flat, nodes={id: replace(node, name="") for id, node in flat.nodes.items()})
    before, now = module_names(plain), module_names(flat)
    return {before[id]: name for id, name in now.items() if before[id] != name}
