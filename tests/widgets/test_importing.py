"""Importing through the window: what it opens itself, what it asks about, what it tells, and how one gives up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from graphs.building.build import build
from graphs.exchange.imported import Imported
from graphs.exchange.to_onnx.export import export_onnx
from graphs.files.storage import load_weights
from studio.importing import importing
from studio.owncode import trust
from studio.project import open_project
from widgets.panels.class_dialog import ClassDialog
from widgets.panels.import_report import ImportReport
from widgets.preferences import Preferences
from widgets.window import Window

LONG = 60_000
NET = """from pathlib import Path
from torch import nn
Path(__file__).with_name("ran").touch()

class Net(nn.Module):
    def forward(self, x):
        return x
"""


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(None, Preferences())
    made.resize(1280, 800)
    made.show()
    made.begin()
    qtbot.addWidget(made, before_close_func=let_go)
    yield made
    wait(made)


def let_go(window: Window) -> None:
    if window.document is not None:
        window.document.mark_saved()


def wait(window: Window) -> None:
    """Threads of imports that were given up come to their end."""
    for thread in threading.enumerate():
        if thread.name in ("netloom-import", "netloom-likeness"):
            thread.join(10)


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file of another program whose importer stands by: it gives a network of ours."""
    path = tmp_path / "foreign.onnx"
    path.write_bytes(b"\x08\x03")
    project = open_project("iris")
    built = build(project.network, project.catalogue, seed=5)

    def read(found: object, told: Any) -> Imported:
        told(0.5, "Reading half of it")
        return Imported(project.network, built.module.state_dict(), "ONNX, opset 9", ("One thing was left out.",))

    monkeypatch.setattr(importing, "_read", read)
    return path


def dialog(kind: type) -> Any:
    return next((w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()), None)


def test_another_programs_file_becomes_a_project(
    window: Window, foreign: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert window.open(foreign)
    assert window.importing
    qtbot.waitUntil(lambda: window.project is not None, timeout=LONG)
    assert window.project is not None
    assert window.project.name == "foreign"
    assert window.project.path is None
    assert "“foreign” is imported: " in window.notice.text()
    assert window.preferences.recent[0] == str(foreign)
    button = next(b for b in window.notice.findChildren(QPushButton) if b.isVisible())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    report = dialog(ImportReport)
    assert report is not None
    report.close()
    assert window._save(tmp_path / "kept.netloom")
    qtbot.waitUntil(lambda: (tmp_path / "kept.safetensors").is_file(), timeout=LONG)
    assert load_weights(tmp_path / "kept.safetensors")[0]


def test_our_own_onnx_is_opened_at_once(window: Window, tmp_path: Path) -> None:
    project = open_project("iris")
    built = build(project.network, project.catalogue, seed=1)
    export_onnx(built, tmp_path / "ours.onnx", samples=built.example(5))
    assert window.import_file(tmp_path / "ours.onnx")
    assert not window.importing
    assert window.project is not None
    assert window.project.network == project.network


def test_an_import_can_be_given_up(window: Window, foreign: Path, qtbot: QtBot, monkeypatch: Any) -> None:
    hold, ended = threading.Event(), threading.Event()

    def slow(found: object, told: Any) -> Imported:
        try:
            told(0.1, "Reading")
            hold.wait(10)
            told(0.2, "Reading on")
        finally:
            ended.set()
        raise AssertionError("it went on although nobody wants it")

    monkeypatch.setattr(importing, "_read", slow)
    assert window.import_file(foreign)
    qtbot.waitUntil(lambda: "10%" in window.notice.text(), timeout=LONG)
    button = next(b for b in window.notice.findChildren(QPushButton) if b.isVisible())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not window.importing
    hold.set()
    assert ended.wait(10)
    assert window.project is None
    assert window.notice.text() == ""


def test_what_is_wrong_is_one_sentence(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pth"
    broken.write_bytes(b"PK\x03\x04")
    assert not window.import_file(broken)
    assert "load the weights into it" in window.notice.text()
    assert not window.import_file(tmp_path / "missing.onnx")
    assert "no such file" in window.notice.text()


def test_code_is_shown_before_anything_runs(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    net = tmp_path / "net.py"
    net.write_text(NET, encoding="utf-8")
    assert window.import_file(net)
    qtbot.waitUntil(lambda: dialog(ClassDialog) is not None, timeout=LONG)
    asked = dialog(ClassDialog)
    assert asked.code.toPlainText() == NET
    assert str(net) in asked.where.text()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        qtbot.keyClick(asked.inputs, key)
    qtbot.waitUntil(lambda: dialog(ClassDialog) is None)
    assert not trust.allowed(asked.files[0])
    assert not (tmp_path / "ran").exists()
    assert window.project is None


def test_what_is_shown_is_what_is_agreed_to(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that changes while the question stands there does not run."""
    net = tmp_path / "net.py"
    net.write_text(NET, encoding="utf-8")
    window.import_file(net)
    qtbot.waitUntil(lambda: dialog(ClassDialog) is not None, timeout=LONG)
    asked = dialog(ClassDialog)
    qtbot.mouseClick(asked.allow, Qt.MouseButton.LeftButton)
    assert "what Net takes" in asked.fault.text()
    net.write_text(NET + "# changed\n", encoding="utf-8")
    asked.inputs.setText("4")
    qtbot.mouseClick(asked.allow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "nobody has agreed" in window.notice.text(), timeout=LONG)
    assert trust.allowed(asked.files[0])
    assert not (tmp_path / "ran").exists()


def test_a_size_that_does_not_fit_is_asked_again(
    window: Window, qtbot: QtBot, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    net = tmp_path / "net.py"
    text = "from torch import nn\n\nclass Net(nn.Sequential):\n    def __init__(self, width=4):\n"
    net.write_text(text + "        super().__init__(nn.Linear(8, width))\n", encoding="utf-8")
    window.import_file(net)
    qtbot.waitUntil(lambda: dialog(ClassDialog) is not None, timeout=LONG)
    first = dialog(ClassDialog)
    first.inputs.setText("5x15")
    first.arguments.setText("width=3")
    qtbot.mouseClick(first.allow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog(ClassDialog) not in (None, first), timeout=LONG)
    again = dialog(ClassDialog)
    assert again.typed() == ("Net", "5x15", "width=3")
    assert again.fault.text().startswith("Net does not take 5×15: mat1 and mat2 shapes cannot be multiplied")
    assert window.project is None and "Traceback" not in capfd.readouterr().err
    again.inputs.setText("8")
    qtbot.mouseClick(again.allow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.project is not None, timeout=LONG)


def test_a_class_that_is_not_there_is_told_before_anybody_agrees(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    net = tmp_path / "net.py"
    net.write_text(NET, encoding="utf-8")
    assert window.import_file(f"{net}:Nope")
    qtbot.waitUntil(lambda: window.notice.text() == "net.py has no class Nope; it has Net.", timeout=LONG)
    assert dialog(ClassDialog) is None
