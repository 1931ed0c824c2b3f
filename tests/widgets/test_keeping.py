"""“Saved” covers what was learnt: it is written beside a saved project, or the project counts as unsaved."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from studio.weights import learnt
from tests.widgets.test_window import LONG, desk, window
from widgets.desk import Desk
from widgets.window import Window

__all__ = ["desk", "window"]


def epoch(desk: Desk, qtbot: QtBot, state: str = "paused") -> int:
    """Train for one epoch; the step it ends at."""
    session = desk.session
    assert session is not None
    before = session.status().step
    desk.epoch()

    def there() -> bool:
        status, newest = session.status(), session.snapshot()
        at_end = status.step != before and status.steps and status.step % (status.steps // status.epochs) == 0
        return bool(at_end and status.state == state and newest is not None and newest.step == status.step)

    qtbot.waitUntil(there, timeout=LONG)
    return session.status().step


def kept(path: Path) -> int:
    found = learnt.read(learnt.beside(path))
    return found.step if found is not None else 0


@pytest.fixture
def saved(window: Window, desk: Desk, tmp_path: Path) -> Path:
    path = tmp_path / "mine.netloom"
    assert window._save(path)
    return path


def test_what_is_learnt_after_saving_is_written_beside_it(
    window: Window, desk: Desk, saved: Path, qtbot: QtBot
) -> None:
    first = epoch(desk, qtbot)
    qtbot.waitUntil(lambda: kept(saved) == first, timeout=LONG)
    assert window._save(None)
    last = epoch(desk, qtbot, "ended")
    assert last > first
    qtbot.waitUntil(lambda: kept(saved) == last, timeout=LONG)
    assert window.header.saved.text() == "· saved" and not desk.learnt_anew


def test_weights_of_another_run_are_asked_about_before_they_are_replaced(
    window: Window, desk: Desk, saved: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    epoch(desk, qtbot)
    last = epoch(desk, qtbot, "ended")
    qtbot.waitUntil(lambda: kept(saved) == last, timeout=LONG)
    desk.reset()
    qtbot.waitUntil(lambda: desk.transport.state == "idle", timeout=LONG)
    first = epoch(desk, qtbot)
    qtbot.waitUntil(lambda: window.header.saved.text() == "· unsaved", timeout=LONG)
    assert kept(saved) == last
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or QMessageBox.StandardButton.Save)
    window.attended = True
    assert window.may_leave()
    desk._keeping.wait()
    assert asked == ["“mine” has learnt further since it was saved."]
    assert kept(saved) == first and window.header.saved.text() == "· saved"
    assert window.may_leave() and len(asked) == 1
    window.attended = False


def test_closing_keeps_what_was_learnt_meanwhile(window: Window, desk: Desk, saved: Path, qtbot: QtBot) -> None:
    desk._keeping._timer.setInterval(10**7)  # as though it were closed before anybody looked
    step = epoch(desk, qtbot)
    assert kept(saved) == 0
    window.show_start()
    assert kept(saved) == step


def test_nothing_is_written_beside_a_project_with_other_changes(
    window: Window, desk: Desk, saved: Path, qtbot: QtBot
) -> None:
    desk.project.set_recipe(desk.project.recipe.model_copy(update={"epochs": 3}))
    epoch(desk, qtbot)
    desk._keeping._look()
    desk._keeping.close()
    assert kept(saved) == 0 and desk.unsaved
