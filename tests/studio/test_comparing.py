"""Projects beside each other: totals, what follows, and where the last save is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphs.edits import SetFields
from studio.comparing import beside, last_save
from studio.project import ProjectFault, new_project, open_project


def test_two_files_are_compared(tmp_path: Path) -> None:
    project = open_project("lenet-digits")
    assert last_save(project) is not None
    first = project.save(tmp_path / "first")
    project.document.apply(SetFields("conv1", {"out_channels": 8}))
    assert last_save(project) == first
    found = beside(first, project.save(tmp_path / "second"))
    assert [line.title for line in found.lines] == ["conv1"]
    assert {said.title: str(said) for said in found.totals}["Parameters"].startswith("Parameters: 61,706 → ")
    assert "conv1" not in found.follows and {"relu1", "pool1", "conv2"} <= set(found.follows)
    assert [str(said) for said in found.costs("relu1")] == ["Output: 6×28×28 → 8×28×28"]


def test_no_file_no_last_save(tmp_path: Path) -> None:
    assert last_save(new_project()) is None
    with pytest.raises(ProjectFault):
        beside("lenet-digits", tmp_path / "none.netloom")


def test_the_terminal_says_what_differs(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from studio.terminal.commands import app

    project = open_project("lenet-digits")
    project.document.apply(SetFields("conv1", {"out_channels": 8}))
    other = project.save(tmp_path / "other")
    said = CliRunner().invoke(app, ["diff", "lenet-digits", str(other)])
    assert said.exit_code == 0, said.output
    same = CliRunner().invoke(app, ["diff", "lenet-digits", "lenet-digits"]).output
    assert same.startswith("There is no difference.") and "before → after" not in same
    told = json.loads(CliRunner().invoke(app, ["diff", "lenet-digits", str(other), "--json"]).output)
    assert told["differences"][0]["values"][0] == {"title": "Filters", "before": "6", "after": "8"}
    assert told["totals"]["Parameters"]["before"] == "61,706"
    found = beside("lenet-digits", other)
    assert ("changed", "node conv1", "Filters: 6 → 8") in found.rows()
    assert ("follows", "relu1", "Output: 6×28×28 → 8×28×28") in found.rows()
