"""The verb `weights`: what is published, what of it lands in a network, and a project that begins with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.project import Project, open_project, with_suffix
from studio.terminal import speech as terminal
from studio.weights.starting import AT

if TYPE_CHECKING:
    from studio.weights.starting import Start

NONE = " "


def weights(
    project: Annotated[
        str, typer.Argument(metavar="PROJECT", help="A .netloom file, an example or an architecture.")
    ] = "",
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="W", help="resnet50@IMAGENET1K_V2, “pretrained”, or a file: .pth, .pt, .safetensors."
        ),
    ] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="F", help="Write a project whose training begins with them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar=NONE, help="Write JSON instead of words.")] = False,
) -> None:
    """List published weights; with PROJECT and --from, load them and tell what landed."""
    if bool(project) != bool(source):
        raise typer.BadParameter("give PROJECT together with --from, or neither to list what is published.")
    if out and not project:
        raise typer.BadParameter("--out belongs to PROJECT and --from.")
    if not project:
        _list(as_json)
        return
    opened = open_project(project)
    start = _start(opened, project, source)
    told = _landed(opened, start, as_json)
    if out:
        path = opened.save(with_suffix(out))
        told |= {"project": str(path)}
        if not as_json:
            terminal.written(path, f"begins with {start.words}")
    if as_json:
        terminal.write_json(told)


def _list(as_json: bool) -> None:
    from studio.weights.pretrained import published

    rows = published()
    if as_json:
        terminal.write_json(rows)
        return
    table = [(r["architecture"], r["weights"], f"{r['score']:.1f} %", f"{r['mebibytes']:,.1f} MB") for r in rows]
    terminal.table(("architecture", "weights", "right", "file"), table, right=(2, 3))
    terminal.say(
        "\nright: ImageNet pictures, of one guess each; COCO…: mean overlap. --json names files and preprocessing."
    )


def _start(opened: Project, name: str, source: str) -> Start:
    """The weights that are asked for; “pretrained” means the usual ones of an architecture that PROJECT names."""
    from studio.weights.starting import chosen_by

    return chosen_by(name.partition(AT)[0] if source == "pretrained" else source)


def _landed(opened: Project, start: Start, as_json: bool) -> dict[str, object]:
    """Sets them as the beginning of the project, and tells what landed. Raises FileFault, BuildError."""
    from graphs.edits import SetSetting
    from studio.weights.starting import SECTION, landing

    opened.document.apply(SetSetting(SECTION, start.to_json()))
    with terminal.progressing(f"loading {start.words}") as progress, terminal.building(opened.file):
        found = landing(opened.network, opened.catalogue, progress)
    if not as_json:
        terminal.say(" ".join([f"{start.words}: {found.headline}", *found.sentences()]))
    return {"weights": start.words, "headline": found.headline, **found.to_json()}
