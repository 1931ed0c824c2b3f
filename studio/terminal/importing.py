"""The verb `import`: a network of another program becomes a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.project import with_suffix
from studio.terminal import speech as terminal

if TYPE_CHECKING:
    from graphs.files.python_files import SourceFile
    from studio.importing.importing import Arrival

NONE = " "


def _named(text: str | Path) -> Path:
    if not str(text).strip():
        raise typer.BadParameter("the name is empty.")
    return Path(text)


def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A .onnx or .pt2 file, or a class: net.py:Net, package.module:Net.")
    ],
    out: Annotated[
        Path | None, typer.Option(parser=_named, metavar="PROJECT", help="The project to write; NAME.netloom without.")
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="SIZE", help="What a class takes, without the batch: 3x224x224, 128:int64."),
    ] = None,
    arguments: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An argument of the class: width=8.")
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", metavar=NONE, help="Agree that the code of the class runs on this computer.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", metavar=NONE, help="Replace PROJECT where it is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar=NONE, help="Write JSON instead of words.")] = False,
) -> None:
    """Make a project of an ONNX model, an exported PyTorch program, or a class of your own code."""
    from studio.importing.importing import import_file, safe_name, wanted, write
    from studio.importing.likeness import likeness
    from studio.owncode.classes import arguments_of

    target = with_suffix(out or Path(safe_name(wanted(file).title)))
    if target.exists() and not force:
        raise FileExistsError(17, "is there already: name another with --out, or say --force", str(target))
    with terminal.working(f"importing {file}"):
        arrival = import_file(
            file, inputs=inputs or (), arguments=arguments_of(arguments or ()), ask=_agree if trust else None
        )
    with terminal.working("comparing with the original"):
        apart = _apart(arrival, likeness)
    saved = write(arrival, target)
    terminal.write_json(_json(arrival, apart, saved)) if as_json else _say(arrival, apart, saved)


def _agree(files: Sequence[SourceFile]) -> bool:
    """--trust was said; what runs is named."""
    for file in files:
        terminal.complain(f"Agreed: {file.path} (SHA-256 {file.digest[:16]}…) may run on this computer.")
    return True


def _apart(arrival: Arrival, likeness: Any) -> float | None:
    """How far its results are from the original's; a network with problems is told by `check`, not here."""
    from graphs.building.build import BuildError

    try:
        found: float | None = likeness(arrival)
    except BuildError:
        return None
    return found


def _say(arrival: Arrival, apart: float | None, saved: Path) -> None:
    from studio.importing.likeness import told

    unknown = "" if arrival.reference is None else "It was not compared with the original."
    terminal.say(f"{arrival.words()} {told(apart) or unknown}".strip())
    for note in arrival.imported.notes:
        terminal.say(note)
    terminal.written(saved, arrival.imported.origin)


def _json(arrival: Arrival, apart: float | None, saved: Path) -> dict[str, Any]:
    weights = arrival.imported.weights
    return {
        "project": str(saved),
        "origin": arrival.imported.origin,
        "layers": arrival.layers,
        "operations": dict(arrival.imported.operations),
        "tensors": len(weights),
        "numbers": sum(tensor.numel() for tensor in weights.values()),
        "difference": apart,
        "notes": list(arrival.imported.notes),
    }
