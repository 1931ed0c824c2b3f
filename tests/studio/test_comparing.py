"""Projects beside each other: totals, what follows, and where the last save is."""

from __future__ import annotations

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
