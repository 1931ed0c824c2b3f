"""Networks of other programs as projects: an ONNX model, an exported PyTorch program, a class of somebody's own code.

What a file is follows from its name and its content. Files are only read; a class is code and runs once somebody has
agreed to the very file it stands in (`studio.owncode.trust`). torch and onnx are imported on use.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from graphs.document import Document
from graphs.exchange.imported import Imported
from graphs.files.faults import FileFault
from graphs.layers.catalogue import standard
from studio.importing import onnxfile
from studio.importing.onnxfile import is_ours
from studio.owncode.trust import Ask
from studio.project import SUFFIX, Project, ProjectFault
from studio.weights.brought import Brought
from studio.weights.learnt import START

if TYPE_CHECKING:
    from graphs.exchange.imported import Progress
    from studio.importing.likeness import Reference

What = Literal["project", "ours", "onnx", "program", "class"]
SUFFIXES = (".onnx", ".pt2", ".py")
"""Endings of the files that are imported; a class is named behind a colon: net.py:Net."""
WEIGHTS = (".pth", ".pt", ".ckpt", ".bin", ".safetensors")
OTHERS = (".h5", ".keras", ".pb", ".tflite", ".mlmodel", ".caffemodel", ".prototxt", ".weights", ".cfg")
LARGEST_NAME = 1000
CHANGED = (
    "Netloom wrote this file and another program has changed it since: the design in it no longer matches, so that the "
    "model was read as it is now."
)


@dataclass(frozen=True)
class Wanted:
    """What shall be imported: a file, or the class called `name` in a file or in an importable `module`."""

    what: What
    path: Path | None = None
    name: str = ""
    module: str = ""

    @property
    def title(self) -> str:
        """What its project is called."""
        return self.name or (self.path.stem if self.path is not None else self.module)


@dataclass(frozen=True, eq=False)
class Arrival:
    """A project made of what was imported. `reference` computes what the original does, where that can be had."""

    project: Project
    imported: Imported
    reference: Callable[[], Reference] | None = field(default=None, repr=False)

    @property
    def layers(self) -> int:
        """How many layers it has, those of a block as often as it stands there; no inputs, no outputs."""
        from graphs.meaning.flat import flatten

        kinds = self.project.catalogue.kinds
        plain = flatten(self.project.network, self.project.catalogue).network.nodes.values()
        found = [kinds[node.kind] for node in plain if node.kind in kinds]
        return sum(not (kind.source_only or kind.is_output or kind.wiring) for kind in found) - self.operations

    @property
    def operations(self) -> int:
        """How many operations no layer says."""
        return sum(self.imported.operations.values())

    def words(self) -> str:
        """What came of it, in one sentence: "53 layers and 2 operations (Erf, Where)"."""
        said = f"{self.layers:,} {'layer' if self.layers == 1 else 'layers'}"
        if count := self.operations:
            names = [called(name) for name, _ in self.imported.operations.most_common()]
            listed = ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")
            said += f" and {count:,} {'operation' if count == 1 else 'operations'} that no layer says ({listed})"
        return f"“{self.project.name}” is imported: {said}."


def called(operation: str) -> str:
    """What a person calls an operation: roll for aten.roll.default, Erf for Erf."""
    return operation.split(".")[1] if operation.startswith("aten.") else operation


def wanted(text: str | Path) -> Wanted:
    """What a person names: a file by its path, a class as "net.py:Net" or "package.module:Net". Raises ProjectFault,
    FileFault."""
    named = str(text).strip()
    if not named or len(named) > LARGEST_NAME or "\0" in named:
        raise ProjectFault("Name a file to import: .onnx, .pt2, or a class such as net.py:Net.")
    place, colon, name = named.rpartition(":")
    if colon and name.isidentifier() and not Path(named).is_file():
        if place.lower().endswith(".py"):
            return Wanted("class", _there(Path(place)), name)
        if place and all(part.isidentifier() for part in place.split(".")):
            return Wanted("class", None, name, place)
    path = _there(Path(named))
    return Wanted(_what(path), path)


def _there(path: Path) -> Path:
    if path.is_dir():
        raise ProjectFault(f"{path.name} is a folder; name a file in it.")
    if not path.is_file():
        raise FileFault(path.name or str(path), "", "there is no such file", "check its name and folder")
    return path.absolute()


def _what(path: Path) -> What:
    """What the file is, by its ending, or by its content where the ending says nothing. Raises FileFault."""
    suffix = path.suffix.lower()
    if suffix in WEIGHTS and not _is_program(path):
        remedy = "open or import the network first, then load the weights into it"
        raise FileFault(path.name, "", "holds weights and no network", remedy)
    if suffix in OTHERS:
        raise FileFault(path.name, "", "is a format that cannot be read", "convert it to ONNX where it was made")
    if suffix == SUFFIX:
        return "project"
    if suffix == ".py":
        return "class"
    if suffix == ".pt2" or _is_program(path):
        return "program"
    if suffix == ".onnx" or not suffix:
        return "ours" if is_ours(path) else "onnx"
    raise FileFault(path.name, "", "is of no kind that can be read", f"choose a {SUFFIX}, .onnx, .pt2 or .py file")


def _is_program(path: Path) -> bool:
    """Whether it is an archive as torch.export writes it; only the names in it are looked at."""
    try:
        if not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:10_000]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    marks = ("archive_format", "serialized_exported_program.json")
    return any(name.rpartition("/")[2] in marks for name in names)


def import_file(
    text: str | Path,
    *,
    inputs: Sequence[str] = (),
    arguments: Mapping[str, Any] | None = None,
    ask: Ask | None = None,
    progress: Progress | None = None,
) -> Arrival:
    """A project made of another program's network, under its weights.

    `inputs` says what a class takes, one text for each of its inputs ("3x224x224", "128:int64", without the batch);
    `arguments` are those of its constructor. `ask` is asked before code runs. `progress` may raise to cancel.
    Raises FileFault, ProjectFault, NotAgreed.
    """
    told = progress or (lambda share, words: None)
    found = wanted(text)
    told(0.0, f"Reading {found.title}")
    if found.what in ("project", "ours"):
        return _ours(found, told)
    if found.what == "class":
        from studio.owncode.classes import import_class

        imported, reference = import_class(found, inputs, arguments or {}, ask, told)
        return arrived(found.title, imported, reference)
    assert found.path is not None
    if inputs or arguments:
        raise ProjectFault(f"{found.path.name} says itself what it takes; inputs and arguments are for a class.")
    return arrived(found.title, _read(found, told), _reference(found))


def _read(found: Wanted, told: Progress) -> Imported:
    path = found.path
    assert path is not None
    if found.what == "onnx":
        from graphs.exchange.from_onnx import read_onnx

        return read_onnx(path, standard(), progress=told)
    from graphs.exchange.from_torch import read_program

    return read_program(path, progress=told)


def _reference(found: Wanted) -> Callable[[], Reference] | None:
    if found.what not in ("onnx", "program") or found.path is None:
        return None
    from studio.importing.likeness import of_onnx, of_program

    return partial(of_onnx if found.what == "onnx" else of_program, found.path)


def _ours(found: Wanted, told: Progress) -> Arrival:
    """What Netloom wrote itself is opened as it is."""
    from graphs.exchange.from_onnx.ours import Changed

    path = found.path
    assert path is not None
    if found.what == "project":
        raise ProjectFault(f"{path.name} is a project of Netloom: open it, there is nothing to import.")
    try:
        project = onnxfile.opened_onnx(path)
    except Changed:
        return _changed(found, told)
    learnt = project.learnt() if project.learnt is not None else None
    weights = learnt.weights if learnt is not None else {}
    return Arrival(project, Imported(project.network, weights, "ONNX, written by Netloom"))


def _changed(found: Wanted, told: Progress) -> Arrival:
    """What another program has made of a file of ours, fine-tuned, simplified or quantised: the model as it is now."""
    found = replace(found, what="onnx")
    imported = _read(found, told)
    return arrived(found.title, replace(imported, notes=(CHANGED, *imported.notes)), _reference(found))


def arrived(name: str, imported: Imported, reference: Callable[[], Reference] | None = None) -> Arrival:
    """A new project, not saved, that holds the network and brings its weights along."""
    about = {"title": name, "text": imported.origin, "origin": imported.origin}
    settings = {key: value for key, value in imported.network.settings.items() if key != START}
    network = replace(imported.network, settings={"about": about, **settings})
    project = Project(Document(network), name=safe_name(name))
    project.learnt = Brought(network, project.catalogue.copy(), imported.weights)
    return Arrival(project, replace(imported, network=network), reference)


def safe_name(name: str) -> str:
    """A name that a file can have."""
    kept = "".join(sign if sign.isprintable() and sign not in '/\\:*?"<>|' else "-" for sign in name).strip(" .")
    return kept[:80] or "imported"


def write(arrival: Arrival, path: Path) -> Path:
    """Saves the project, its weights beside it; gives where. Raises ProjectFault, FileFault."""
    from studio.weights import learnt

    saved = arrival.project.save(path)
    bring = arrival.project.learnt
    found = bring() if bring is not None else None
    if found is not None and found.weights:
        learnt.write(learnt.beside(saved), found)
    return saved
