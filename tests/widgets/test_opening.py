"""Opening in the window: what a file is that holds no network, and when somebody is asked about the open project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from pytestqt.qtbot import QtBot

from graphs.building.build import build
from graphs.edits import Rename
from graphs.exchange.to_onnx.export import export_onnx
from studio.project import open_project
from widgets.preferences import Preferences
from widgets.window import Window

LONG = 60_000


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window("iris", Preferences())
    made.resize(1280, 800)
    made.show()
    made.begin()
    qtbot.addWidget(made, before_close_func=lambda window: window.document.mark_saved())
    yield made


def change(window: Window) -> None:
    assert window.document is not None
    window.document.apply(Rename(next(iter(window.document.network.nodes)), "another"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "w.pth",
            "w.pth: holds weights and no network; open or import the network first, then load the weights into it.",
        ),
        ("w.h5", "w.h5: is a format that cannot be read; convert it to ONNX where it was made."),
        ("w.xyz", "w.xyz: is of no kind that can be read; choose a .netloom, .onnx, .pt2 or .py file."),
        ("w.netloom", "no valid JSON"),
        ("w.onnx", "w.onnx"),
    ],
)
def test_nobody_is_asked_before_the_other_project_is_there(
    window: Window, tmp_path: Path, qtbot: QtBot, name: str, said: str
) -> None:
    change(window)  # a question would fail the test
    before = window.project
    (tmp_path / name).write_bytes(b"not a network")
    window.open(tmp_path / name)
    qtbot.waitUntil(lambda: said in window.notice.text() and not window.importing, timeout=LONG)
    assert window.project is before


def test_one_question_once_it_was_read(
    window: Window, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project("iris")
    built = build(project.network, project.catalogue, seed=1)
    export_onnx(built, tmp_path / "mine.onnx", samples=built.example(5))
    model = onnx.load(tmp_path / "mine.onnx")
    model.graph.initializer[0].raw_data = bytes(len(model.graph.initializer[0].raw_data))
    onnx.save(model, tmp_path / "mine.onnx")
    change(window)
    asked: list[bool] = []
    monkeypatch.setattr(window, "may_leave", lambda: asked.append(window.importing) or True)
    assert window.open(tmp_path / "mine.onnx") and not asked
    qtbot.waitUntil(lambda: window.project is not None and window.project.name == "mine", timeout=LONG)
    assert asked == [False]
