"""The history travels and follows; a comparison lists and draws what differs, and ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from graphs.edits import AddNodes, Connect, Move, RemoveNodes, Rename, SetFields, SetSetting
from graphs.network import End, Node, Wire
from studio.project import Project, open_project
from widgets.bench import Bench
from widgets.editor.painting.difference import Difference
from widgets.panels.comparing import Comparing
from widgets.panels.comparing_rows import ROW
from widgets.panels.history import STATE, History
from widgets.preferences import Preferences

LONG = 60_000


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    made = Bench(open_project("lenet-digits"), Preferences())
    made.canvas.ease.reduced = True
    qtbot.addWidget(made, before_close_func=lambda bench: bench.close_aside())
    made.resize(1280, 800)
    made.show()
    return made


def history(bench: Bench) -> History:
    page = History(bench.project.document, bench.project.catalogue, lambda: None)
    bench.open_aside(page)
    return page


def states(page: History) -> list[str]:
    return [page.steps.index(row).data(STATE) for row in range(page.steps.rowCount())]


def test_the_history_follows_and_travels(bench: Bench, qtbot: QtBot) -> None:
    page, document = history(bench), bench.project.document
    start = document.network
    document.apply(Rename("conv1", "First"))
    document.apply(SetFields("conv1", {"out_channels": 8}))
    document.apply(Move({"conv1": (7.0, 7.0)}))
    assert [page.steps.words(row) for row in range(4)] == [
        "Start", "Rename conv1 to First", "Change filters of First to 8", "Move First",
    ]  # fmt: skip
    assert states(page) == ["done", "done", "done", "here"]
    index = page.steps.index(1)
    middle = page.list.visualRect(index).center()
    qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle.x(), middle.y()))
    assert document.position == 1
    assert states(page) == ["done", "here", "undone", "undone"]
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Up)
    assert document.position == 1, "walking through the list changes nothing"
    qtbot.keyClick(page.list, Qt.Key.Key_Return)
    assert document.network == start
    page.go(3)
    assert document.network.nodes["conv1"].position == (7.0, 7.0)
    assert "you are here" in page.steps.index(3).data(Qt.ItemDataRole.AccessibleTextRole)


def test_escape_closes_the_page_and_gives_the_keyboard_back(bench: Bench, qtbot: QtBot) -> None:
    page = history(bench)
    assert bench._right.currentWidget() is page
    bench.show_workspace("Inspect")
    assert bench._right.currentWidget() is page
    qtbot.keyClick(page.list, Qt.Key.Key_Escape)
    assert bench.aside is None
    assert bench._right.currentWidget() is bench.inspector
    bench.project.document.apply(Rename("conv1", "First"))


def comparing(bench: Bench, qtbot: QtBot, other: Project | Path) -> Comparing:
    page = Comparing(
        bench.canvas, bench.project, "it", lambda: other if isinstance(other, Project) else open_project(other)
    )
    bench.open_aside(page)
    return page


def titles(page: Comparing) -> list[str]:
    rows = [page.list.item(row).data(ROW) for row in range(page.list.count())]
    return [f"{row.sign} {row.title}".strip() for row in rows]


def test_what_differs_is_listed_drawn_and_gone_to(bench: Bench, qtbot: QtBot) -> None:
    document = bench.project.document
    document.apply(SetFields("conv1", {"out_channels": 8}))
    document.apply(RemoveNodes(("pool2",)))
    document.apply(Connect((Wire(End("relu2", "out"), End("flatten", "in")),)))
    document.apply(AddNodes((Node("drop1", "Dropout", position=(0.0, 900.0)),)))
    document.apply(SetSetting("recipe", {"learning_rate": 0.5}))
    document.apply(Move({"image": (-500.0, 0.0)}))
    page = comparing(bench, qtbot, open_project("lenet-digits"))
    qtbot.waitUntil(lambda: page.found is not None, timeout=LONG)
    listed = titles(page)
    for row in ("+ drop1", "− pool2", "~ conv1", "+ relu2 → flatten", "− relu2 → pool2", "~ Recipe", "· Image"):
        assert row in listed, row
    details = {row.title: row.details for row in (page.list.item(i).data(ROW) for i in range(page.list.count()))}
    assert details["conv1"] == ("Filters: 6 → 8", "Parameters: 156 → 208", "Output: 6×28×28 → 8×28×28")
    assert "61,706" in {said.title: said.before for said in page.found.totals}["Parameters"]  # type: ignore[union-attr]
    over = bench.canvas.overlay
    assert isinstance(over, Difference)
    assert set(over.ghosts.items) == {"pool2"}
    before = bench.canvas.grab().toImage()
    page.step(1)
    assert over.focus == "drop1"
    page.step(1)
    assert over.focus == "pool2"
    page.step(-1)
    assert over.focus == "drop1"
    assert bench.canvas.grab().toImage() != before
    document.undo()
    qtbot.waitUntil(lambda: "· Image" not in titles(page), timeout=LONG)
    bench.canvas.escape()
    assert bench.aside is None and bench.canvas.overlay is None


def test_a_ghost_makes_room_for_what_stands_there_now(bench: Bench, qtbot: QtBot) -> None:
    document = bench.project.document
    place = document.network.nodes["pool2"].position
    document.apply(RemoveNodes(("pool2",)))
    document.apply(AddNodes((Node("other", "AvgPool2d", position=place),)))
    page = comparing(bench, qtbot, open_project("lenet-digits"))
    qtbot.waitUntil(lambda: page.found is not None, timeout=LONG)
    over = bench.canvas.overlay
    assert isinstance(over, Difference)
    ghost = over.ghosts.items["pool2"].rect
    assert not any(item.rect.intersects(ghost) for item in bench.canvas.scene.items.values())


def test_nothing_is_different(bench: Bench, qtbot: QtBot) -> None:
    page = comparing(bench, qtbot, open_project("lenet-digits"))
    qtbot.waitUntil(lambda: page.found is not None, timeout=LONG)
    assert titles(page) == []
    assert page.says.text() == "Nothing is different."


@pytest.mark.parametrize("text", ["", "{", '{"format": 99}', "[[[[", "\x00\x01"])
def test_a_hostile_file_is_one_sentence(bench: Bench, qtbot: QtBot, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.netloom"
    path.write_text(text, encoding="utf-8")
    page = comparing(bench, qtbot, path)
    qtbot.waitUntil(lambda: page.says.text() != "Comparing…", timeout=LONG)
    assert "bad.netloom" in page.says.text() and "\n" not in page.says.text()
    assert bench.canvas.overlay is None
