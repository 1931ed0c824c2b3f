"""A project: network, data and recipe in one file, its runs in a folder beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError

from graphs.document import Change, Document
from graphs.edits import SetSetting
from graphs.files import storage
from graphs.files.faults import shown
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Network
from studio import examples
from studio.data.spec import DataSpec, dump_spec, parse_spec, relative_to, resolved
from studio.owncode import codes
from studio.recipe import Recipe
from studio.weights import learnt
from studio.weights.starting import AT, relocated, start_of

SUFFIX = ".netloom"


class ProjectFault(ValueError):
    """Why a project cannot be opened or saved: one sentence with the file and the remedy."""


class Project:
    """An open project. Data and recipe are settings of the network, so that undo covers them too.

    A project opened from an example, or new, has no `path` until it is saved.
    """

    def __init__(
        self,
        document: Document,
        path: Path | None = None,
        catalogue: Catalogue | None = None,
        name: str = "untitled",
    ) -> None:
        self.document = document
        self.path = path
        self.catalogue = (catalogue or standard()).copy()
        """The project's own: it knows the blocks and the hyperparameters of the design as it stands."""
        self.catalogue.know(document.network)
        self.read_code()
        document.subscribe(self._learn)
        self.learnt: learnt.Bring | None = None
        """Fetches the learnt weights that the project was opened with."""
        self._name = name

    @property
    def name(self) -> str:
        """The name of the file without its ending, of the example, or "untitled"."""
        return self.path.stem if self.path else self._name

    @property
    def file(self) -> str:
        """What a message calls it: the name of its file, or its own without one."""
        return self.path.name if self.path else self._name

    @property
    def network(self) -> Network:
        """The network as it stands."""
        return self.document.network

    @property
    def data(self) -> DataSpec:
        """Where the samples come from, a relative path taken from the project's folder. Raises DataFault."""
        return resolved(parse_spec(self.network.settings.get("data")), self.folder)

    @property
    def recipe(self) -> Recipe:
        """How to train. Raises ProjectFault where the project's section is unsound."""
        return parse_recipe(self.network.settings.get("recipe"))

    @property
    def folder(self) -> Path | None:
        """The folder that relative paths in the project start from; None until it is saved."""
        return self.path.parent if self.path else None

    @property
    def runs(self) -> Path:
        """The folder of its runs: NAME.runs beside the file, or in the user's data without one."""
        return (self.folder or home() / "runs") / f"{self.name}.runs"

    @property
    def modified(self) -> bool:
        """Whether there is something to save."""
        return self.document.modified

    def set_data(self, spec: DataSpec, merge: str | None = "data") -> None:
        """Changes the data, as one step of undo. A path inside the project's folder is kept relative."""
        values = dump_spec(relative_to(spec, self.folder))
        self.document.apply(SetSetting("data", values), merge=merge)

    def set_recipe(self, recipe: Recipe, merge: str | None = "recipe") -> None:
        """Changes the recipe, as one step of undo."""
        self.document.apply(SetSetting("recipe", dump_recipe(recipe)), merge=merge)

    def read_code(self) -> bool:
        """Reads the files of code that layers name, as they lie there now; whether anything is new. Nothing runs."""
        return self.catalogue.read(codes.codes(self.network, self.folder))

    def _learn(self, change: Change) -> None:
        """The first to hear of a change, so that all others find the blocks, the names and the files of code known."""
        if change.patch.blocks or "hyperparameters" in change.patch.settings:
            self.catalogue.know(change.after)
        touched = (node for node in change.patch.nodes.values() if node is not None)
        if change.patch.blocks or any(file not in self.catalogue.codes for file in map(codes.file_of, touched) if file):
            self.read_code()

    def save(self, path: str | Path | None = None) -> Path:
        """Writes the project to `path`, or to where it came from; returns where. Raises ProjectFault."""
        target = with_suffix(Path(path)).absolute() if path else self.path
        if target is None:
            raise ProjectFault(f"“{self.name}” has no file yet; choose where to save it.")
        network = _moved(self.network, self.folder, target.parent)
        code = codes.Renamed(codes.moved(network, self.folder, target.parent))
        try:
            storage.save(target, code.apply(network)[0])
        except storage.FileFault as fault:
            raise ProjectFault(str(fault)) from fault
        self.path = target
        if network is not self.network:
            self.document.apply(SetSetting("data", network.settings["data"]))
        if code.changes:
            self.document.apply(code)
        self.read_code()
        self.document.mark_saved()
        return target


def home() -> Path:
    """The user's data folder of Netloom; the environment variable NETLOOM_HOME overrides where."""
    override = os.environ.get("NETLOOM_HOME")
    if override:
        return Path(override) / "data"
    return platformdirs.user_data_path("Netloom", appauthor=False)


def open_project(name: str | Path, catalogue: Catalogue | None = None) -> Project:
    """The project in a file, one of our ONNX files too, or the example or architecture of that name.

    Raises ProjectFault.

    Data and recipe are checked; the files that the data names are not opened before they are used.
    """
    try:
        path = locate(name)
    except ProjectFault:
        made = _from_architecture(str(name).strip())
        if made is None:
            raise
        return made
    try:
        project = _from_onnx(path) if path.suffix.lower() == ".onnx" else _from_file(path, catalogue)
        parse_spec(project.network.settings.get("data"))
        start_of(project.network)
    except storage.FileFault as fault:
        raise ProjectFault(str(fault)) from fault
    except ValueError as fault:
        raise ProjectFault(f"{path.name}: {fault}") from fault
    try:
        project.recipe  # noqa: B018 (parsed to see whether it is sound)
    except ProjectFault as fault:
        raise ProjectFault(f"{path.name}: {fault}") from fault
    return project


def named(name: str) -> str:
    """What `open_project` opens under this name: the path of a file, or an architecture's own name. Raises
    ProjectFault."""
    from studio import listing

    plain, _, weights = name.strip().partition(AT)
    if plain in listing.names() and not Path(name).is_file():
        if weights:
            _from_architecture(name.strip())
        return name.strip()
    return str(locate(name))


def _from_file(path: Path, catalogue: Catalogue | None) -> Project:
    example = path.parent == examples.FOLDER
    network = relocated(storage.load(path), path.parent)
    project = Project(Document(network), None if example else path, catalogue, path.stem)
    if not example:
        known = project.catalogue.copy()
        project.learnt = partial(learnt.opened, learnt.beside(path), project.network, known)
    return project


def _from_architecture(name: str) -> Project | None:
    from studio import listing

    plain, _, weights = name.partition(AT)
    if weights and plain in listing.names():
        try:
            return listing.as_project(plain, weights=weights)
        except ValueError as fault:
            raise ProjectFault(str(fault)) from fault
    return listing.as_project(name) if name in listing.names() else None


def _from_onnx(path: Path) -> Project:
    from studio.importing.onnxfile import opened_onnx

    return opened_onnx(path)


def new_project(catalogue: Catalogue | None = None) -> Project:
    """An empty project on the digits."""
    settings = {"data": {"source": "digits", "size": 28}, "recipe": {}}
    return Project(Document(Network(settings=settings)), None, catalogue)


def locate(name: str | Path) -> Path:
    """The file of a project named by path, with or without ending, or as an example. Raises ProjectFault."""
    text = str(name).strip()
    if text in examples.names():
        return examples.path(text)
    if not text:
        raise ProjectFault("No project is named; give a .netloom file or the name of an example.")
    try:
        for path in (Path(text), Path(text + SUFFIX)):
            if path.is_file():
                return path.absolute()
        if Path(text).is_dir():
            raise ProjectFault(f"{shown(text, 200)} is a folder; name the {SUFFIX} file in it.")
        near = [p.name for p in Path(text).parent.glob(f"*{SUFFIX}")]
    except (OSError, ValueError) as error:
        if isinstance(error, ProjectFault):
            raise
        near = []
    raise ProjectFault(f"There is no project or example {shown(text, 200)}{_hint(text, near)}")


def _hint(text: str, near: list[str]) -> str:
    wanted = Path(text).name.removesuffix(SUFFIX)
    choices = {name.removesuffix(SUFFIX): name for name in near} | {name: name for name in examples.names()}
    published, usual = _published(wanted)
    if usual:
        return f"; did you mean the architecture “{usual}”?"
    choices |= {name: name for name in published if name not in choices}
    close = get_close_matches(wanted.lower(), choices, 1, 0.5)
    if close:
        return f"; did you mean “{choices[close[0]]}”?"
    listed = ", ".join(examples.names())
    return f"; the examples are {listed}, and the verb “architectures” lists published networks."


def _published(wanted: str) -> tuple[tuple[str, ...], str]:
    """The names of the architectures, and that of the usual one where the name is that of its family."""
    from graphs.architectures import find
    from studio import listing

    for name in (wanted.lower(), re.sub(r"[\s-]", "", wanted.lower())):
        with suppress(LookupError):
            return listing.names(), find(name)[1]
    return listing.names(), ""


def with_suffix(path: Path) -> Path:
    """The path with the ending of project files."""
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def parse_recipe(values: Mapping[str, Any] | None) -> Recipe:
    """The recipe that a project's "recipe" section describes. Raises ProjectFault."""
    if not isinstance(values, Mapping | None):
        raise ProjectFault("The project's recipe section is no table of options; correct it or remove it.")
    try:
        return Recipe.model_validate(dict(values or {}))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            raise ProjectFault(f"The recipe has no option {shown(name)}; remove it.") from None
        field = Recipe.model_fields.get(name)
        reason = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
        title = (field and field.title) or name
        raise ProjectFault(f"{title} of the recipe cannot be {shown(first['input'])}: it {reason}.") from None


def dump_recipe(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain JSON values, without what has its default, so that projects stay short."""
    return recipe.model_dump(mode="json", exclude_defaults=True)


def _moved(network: Network, old: Path | None, new: Path) -> Network:
    """The network with its data path written relative to the folder it is saved in, where it can be."""
    values = network.settings.get("data")
    if not isinstance(values, Mapping) or not values.get("path"):
        return network
    spec = dump_spec(relative_to(resolved(parse_spec(values), old), new))
    if spec["path"] == values["path"]:
        return network
    return replace(network, settings={**network.settings, "data": spec})
