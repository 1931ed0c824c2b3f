"""What is unsaved survives the end of the program; what is saved leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from graphs.edits import AddNodes, Rename
from graphs.network import Network, Node
from studio.project import Project, new_project, open_project
from studio.weights import learnt
from widgets import preferences, recovery
from widgets.recovery import Autosave, recoverable


def changed(project: Project) -> Project:
    """The project with a layer more."""
    project.document.apply(AddNodes((Node("conv9", "Conv2d"),)))
    return project


def crash(autosave: Autosave) -> None:
    """End as a killed process does: nothing is cleaned up, its lock is free."""
    autosave._end()
    assert autosave._held is not None
    autosave._held.unlock()


def test_unsaved_work_is_offered_after_a_crash(qtbot: QtBot) -> None:
    project = new_project()
    autosave = Autosave(project)
    changed(project)
    autosave.write()
    assert recoverable() == [], "a program that runs holds on to its file"
    crash(autosave)
    found = recoverable()
    assert [one.name for one in found] == ["untitled"]
    recovered = found[0].load()
    assert recovered.network == project.network
    assert recovered.modified
    found[0].discard()
    assert recoverable() == []
    assert list(recovery.folder().glob("*")) == []


def test_a_recovered_project_keeps_its_file_and_undo_leads_back_to_it(qtbot: QtBot, tmp_path: Path) -> None:
    project = open_project("lenet-digits")
    project.save(tmp_path / "mine.netloom")
    saved = project.network
    autosave = Autosave(project)
    changed(project)
    autosave.write()
    crash(autosave)
    recovered = recoverable()[0].load()
    assert recovered.path == tmp_path / "mine.netloom"
    recovered.document.undo()
    assert recovered.network == saved
    assert not recovered.modified


def test_it_is_written_after_a_pause_and_removed_when_nothing_is_unsaved(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "DELAY", 20)
    project = new_project()
    autosave = Autosave(project)
    changed(project)
    qtbot.waitUntil(autosave.file.is_file, timeout=20_000)
    project.document.undo()
    qtbot.waitUntil(lambda: not autosave.file.exists(), timeout=20_000)
    autosave.close()


def test_closing_leaves_nothing(qtbot: QtBot) -> None:
    project = changed(new_project())
    autosave = Autosave(project)
    project.document.apply(Rename("conv9", "first"))
    autosave.write()
    autosave.close()
    assert not autosave.file.exists()
    assert recoverable() == []


def test_a_full_disk_is_said_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    project = changed(new_project())
    autosave = Autosave(project)
    monkeypatch.setattr(recovery.storage, "save", full)
    heard: list[str] = []
    autosave.failed.connect(heard.append)
    autosave.write()
    project.document.apply(Rename("conv9", "first"))
    autosave.write()
    qtbot.waitUntil(lambda: bool(heard), timeout=10_000)
    qtbot.wait(20)
    assert len(heard) == 1
    assert "No space left" in heard[0]
    autosave.close()


def test_a_damaged_recovery_file_stops_nothing(qtbot: QtBot) -> None:
    recovery.folder().mkdir(parents=True)
    (recovery.folder() / f"broken{recovery.SUFFIX}").write_text("{", encoding="utf-8")
    assert recoverable() == []


def test_preferences_survive_and_forgive(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    mine = preferences.Preferences(theme="light", view_budget=0.2)
    for number in range(20):
        preferences.remember(mine, tmp_path / f"{number}.netloom")
    preferences.save(mine, path)
    again = preferences.load(path)
    assert again == mine
    assert len(again.recent) == preferences.MOST_RECENT
    assert again.recent[0].endswith("19.netloom")
    path.write_text('{"theme": "pink", "view_budget": 0.1, "future": 1}', encoding="utf-8")
    assert preferences.load(path) == preferences.Preferences(view_budget=0.1)
    path.write_text("no json", encoding="utf-8")
    assert preferences.load(path) == preferences.Preferences()
    assert path.with_suffix(".unreadable.json").is_file()


def test_the_restoring_edit_is_exact() -> None:
    before = Network.of([Node("a", "ReLU")], [], {"data": {"source": "iris"}})
    after = Network.of([Node("b", "Conv2d")], [], {"recipe": {"epochs": 3}})
    restored, back = recovery.Restore(after).apply(before)
    assert restored == after
    assert back.apply(restored)[0] == before


def test_recovered_work_has_what_it_had_learnt(qtbot: QtBot, tmp_path: Path) -> None:
    import torch

    project = open_project("lenet-digits")
    path = project.save(tmp_path / "mine.netloom")
    learnt.write(learnt.beside(path), learnt.Learnt("a design", {"w": torch.ones(2)}, 7))
    autosave = Autosave(project)
    changed(project)
    autosave.write()
    crash(autosave)
    bring = recoverable()[0].load().learnt
    found = bring() if bring is not None else None
    assert found is not None
    assert (found.step, found.digest) == (7, "a design")
