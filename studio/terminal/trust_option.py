"""The option --trust of the terminal's verbs: agree that the code of a project's custom layers runs here."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.owncode import trust
from studio.project import Project, open_project
from studio.terminal import speech as terminal

Trust = Annotated[
    bool, typer.Option("--trust", metavar=" ", help="Agree that the code of its custom layers runs on this computer.")
]


def opened(name: str, agreed: bool) -> Project:
    """The project of that name; its code is allowed where a person said so, and named. Raises ProjectFault,
    FileFault."""
    project = open_project(name)
    codes = project.catalogue.codes.values()
    files = [code.source for code in codes if code.source is not None and not code.allowed]
    if agreed and files:
        trust.allow(files)
        for file in files:
            terminal.complain(f"Agreed: {file.path} (SHA-256 {file.digest[:16]}…) may run on this computer.")
        project.read_code()
    return project
