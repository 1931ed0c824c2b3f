"""What hands know from other editors does the same here: every key of the table, pressed on the canvas.

| gesture | test |
|---|---|
| Tab, Shift+A, double-click on empty canvas: the palette | here; test_gestures (double-click), tests/window |
| a wire dropped on empty canvas asks what fits and connects it | test_gestures, tests/window |
| Enter chains a layer | test_commands; here |
| a layer dropped on a wire goes into it, neighbours move over | test_gestures, tests/window |
| Ctrl+right-drag cuts, Alt+click loosens a port | test_gestures, tests/window |
| Ctrl+Shift+X takes out; a shake does | here; test_arranging (shake), tests/window |
| Ctrl+drag moves all wires of a port | test_gestures, tests/window |
| every port says what would come of a wire; a drop that does not fit offers the mend | test_fitting |
| a double-click, or a right drag with Shift, puts dots into wires | test_marks |
| Ctrl+B, M | here; test_arranging, tests/window |
| Ctrl+G, Shift+P, F2 | here; test_marks, tests/window |
| Ctrl+Alt+G, Enter, Ctrl+Return, double-click, Esc, Ctrl+Backspace, the way | here; test_rooms, tests/window |
| Ctrl+D, Ctrl+C, Ctrl+X, Ctrl+V, Ctrl+Shift+V | here; test_commands |
| Home, F, Ctrl+0, Ctrl++, Ctrl+−, wheel, middle drag, space | here; test_gestures, tests/window |
| L, Shift+L, Alt+arrows, Ctrl+Alt+H and V | here; test_arranging, test_commands |
| Ctrl+1…9 and 1…9, Alt+M | here; test_arranging, tests/window |
| arrows walk, Ctrl+arrows nudge | test_commands |
| Ctrl+K | tests/widgets/test_actions.py, tests/window |
| undo, redo | here; test_commands |
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.network import Frame, Network, Note
from studio.project import Project
from tests.widgets.editor.tools import ALT, CTRL, NONE, SHIFT, Hand, lenet
from widgets.editor.canvas import Canvas

Key = Qt.Key
Check = Callable[[Canvas], bool]
Press = tuple[Qt.Key, Qt.KeyboardModifier]


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    """LeNet in a project, so that blocks are known."""
    project = Project(Document(lenet()))
    made = Canvas(project.document, project.catalogue)
    qtbot.addWidget(made)
    made.ease.reduced = True
    made.resize(1280, 800)
    made.show()
    made.setFocus()
    made.zoom_reset()
    return made


def nodes(canvas: Canvas) -> int:
    return len(canvas.document.network.nodes)


def kept(canvas: Canvas, kind: type) -> bool:
    """Whether there is a frame, or a note."""
    return any(isinstance(mark, kind) for mark in canvas.document.network.marks.values())


def feeder(canvas: Canvas, id: str) -> str:
    return canvas.document.network.incoming(id)[0].source.node


PAIR = ("conv1", "pool1")
CHANGES: list[tuple[str, tuple[str, ...], list[Press], Check]] = [
    ("take out", ("pool1",), [(Key.Key_X, CTRL | SHIFT)], lambda c: feeder(c, "conv2") == "conv1"),
    ("delete", ("pool1",), [(Key.Key_Delete, NONE)], lambda c: nodes(c) == 9),
    ("bypass", ("pool1",), [(Key.Key_B, CTRL)], lambda c: c.document.network.nodes["pool1"].mode == "bypass"),
    ("mute", ("pool1",), [(Key.Key_M, NONE)], lambda c: c.document.network.nodes["pool1"].mode == "mute"),
    ("frame", PAIR, [(Key.Key_G, CTRL)], lambda c: kept(c, Frame)),
    ("note", (), [(Key.Key_P, SHIFT)], lambda c: kept(c, Note)),
    ("block", PAIR, [(Key.Key_G, CTRL | ALT)], lambda c: len(c.root.network.blocks) == 1 and nodes(c) == 9),
    ("duplicate", PAIR, [(Key.Key_D, CTRL)], lambda c: nodes(c) == 12),
    ("paste", PAIR, [(Key.Key_C, CTRL), (Key.Key_V, CTRL)], lambda c: nodes(c) == 12),
    ("keep inputs", PAIR, [(Key.Key_C, CTRL), (Key.Key_V, CTRL | SHIFT)], lambda c: feeder(c, "conv3") == "image1"),
    ("cut", PAIR, [(Key.Key_X, CTRL)], lambda c: nodes(c) == 8),
    ("tidy", (), [(Key.Key_L, NONE)], lambda c: c.document.network != lenet()),
    ("align", ("conv1", "fc1"), [(Key.Key_Left, ALT)], lambda c: _left(c, "conv1") == _left(c, "fc1")),
    ("align tops", ("conv1", "fc1"), [(Key.Key_Up, ALT)], lambda c: _top(c, "conv1") == _top(c, "fc1")),
    ("nudge", ("conv1",), [(Key.Key_Right, CTRL)], lambda c: _left(c, "conv1") == 216),
    ("bookmark", (), [(Key.Key_3, CTRL)], lambda c: c.bookmark(3) is not None),
]


def _left(canvas: Canvas, id: str) -> float:
    return canvas.document.network.nodes[id].position[0]


def _top(canvas: Canvas, id: str) -> float:
    return canvas.document.network.nodes[id].position[1]


def settle(canvas: Canvas) -> None:
    """Ends what asks for a title, and waits for a layout."""
    canvas.writing.finish()
    canvas.naming.finish()


@pytest.mark.parametrize(("name", "chosen", "presses", "done"), CHANGES, ids=[row[0] for row in CHANGES])
def test_a_key_changes_the_network_in_one_step(
    canvas: Canvas, qtbot: QtBot, name: str, chosen: tuple[str, ...], presses: list[Press], done: Check
) -> None:
    """And Ctrl+Z takes it back, Ctrl+Shift+Z and Ctrl+Y do it again."""
    start: Network = canvas.document.network
    canvas.select(chosen)
    for key, held in presses:
        QTest.keyClick(canvas, key, held)
    settle(canvas)
    qtbot.waitUntil(lambda: done(canvas), timeout=30_000)
    after = canvas.document.network
    QTest.keyClick(canvas, Key.Key_Z, CTRL)
    assert canvas.document.network == start and not canvas.document.can_undo, name
    QTest.keyClick(canvas, Key.Key_Z, CTRL | SHIFT)
    assert canvas.document.network == after
    QTest.keyClick(canvas, Key.Key_Z, CTRL)
    QTest.keyClick(canvas, Key.Key_Y, CTRL)
    assert canvas.document.network == after


@pytest.mark.parametrize("press", [(Key.Key_Tab, NONE), (Key.Key_A, SHIFT), (Key.Key_Return, NONE)])
def test_a_key_opens_the_palette_and_enter_adds_the_layer(canvas: Canvas, press: Press) -> None:
    hand = Hand(canvas)
    canvas.select(["conv1"] if press[0] == Key.Key_Return else [])
    hand.move(QPointF(300, 560))
    QTest.keyClick(canvas, *press)
    QTest.keyClicks(canvas.popup.field, "lrelu")
    QTest.keyClick(canvas.popup.field, Key.Key_Return)
    (new,) = canvas.selected()
    assert canvas.document.network.nodes[new].kind == "LeakyReLU"
    if press[0] == Key.Key_Return:
        assert feeder(canvas, new) == "conv1" and feeder(canvas, "pool1") == new
    else:
        assert _left(canvas, new) == 304


def test_keys_move_the_view(canvas: Canvas) -> None:
    """Home, F, Ctrl+0, Ctrl++, bookmarks; none of them but the bookmark changes the document."""

    def seen() -> tuple[float, float, float]:
        return canvas.camera.x, canvas.camera.y, canvas.camera.scale

    canvas.pan(70, 30)
    places = {seen()}
    canvas.select(["conv1"])
    for key, held in ((Key.Key_Home, NONE), (Key.Key_Plus, CTRL), (Key.Key_F, NONE), (Key.Key_Minus, CTRL)):
        QTest.keyClick(canvas, key, held)
        assert seen() not in places
        places.add(seen())
    assert canvas.document.network == lenet()
    QTest.keyClick(canvas, Key.Key_1, CTRL)
    place = seen()
    QTest.keyClick(canvas, Key.Key_0, CTRL)
    assert canvas.camera.scale == 1.0
    QTest.keyClick(canvas, Key.Key_1, NONE)
    assert seen() == pytest.approx(place, abs=0.2)
    shown = canvas.minimap.wanted
    QTest.keyClick(canvas, Key.Key_M, ALT)
    assert canvas.minimap.wanted is not shown


@pytest.mark.parametrize("enter", [(Key.Key_Return, NONE), (Key.Key_Return, CTRL)])
@pytest.mark.parametrize("leave", [(Key.Key_Escape, NONE), (Key.Key_Backspace, CTRL)])
def test_keys_go_into_a_block_and_out(canvas: Canvas, enter: Press, leave: Press) -> None:
    canvas.select(PAIR)
    QTest.keyClick(canvas, Key.Key_G, CTRL | ALT)
    settle(canvas)
    (use,) = canvas.selected()
    QTest.keyClick(canvas, *enter)
    assert canvas.path == (use,)
    canvas.select([])
    QTest.keyClick(canvas, *leave)
    assert canvas.path == ()
