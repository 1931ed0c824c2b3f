"""A thousand gestures without sense: nothing is raised, and the document stays one that can be read and undone."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from graphs import storage
from graphs.layers.catalogue import standard
from graphs.network import Network
from tests.widgets.editor.tools import ALT, CTRL, LEFT, MIDDLE, NONE, RIGHT, SHIFT, Hand, lenet
from widgets.editor.canvas import Canvas
from widgets.editor.marks import Marks
from widgets.editor.palette import Palette
from widgets.editor.scene import Scene

Key = Qt.Key
KEYS = [
    (Key.Key_Tab, NONE), (Key.Key_Return, NONE), (Key.Key_Delete, NONE), (Key.Key_Escape, NONE), (Key.Key_L, NONE),
    (Key.Key_Z, CTRL), (Key.Key_Z, CTRL), (Key.Key_Y, CTRL), (Key.Key_C, CTRL), (Key.Key_V, CTRL), (Key.Key_D, CTRL),
    (Key.Key_X, CTRL), (Key.Key_X, CTRL | SHIFT), (Key.Key_V, CTRL | SHIFT), (Key.Key_A, CTRL), (Key.Key_Home, NONE),
    (Key.Key_F, NONE), (Key.Key_0, CTRL), (Key.Key_M, ALT), (Key.Key_Left, NONE), (Key.Key_Right, NONE),
    (Key.Key_Up, NONE), (Key.Key_Down, CTRL), (Key.Key_Right, CTRL), (Key.Key_G, CTRL), (Key.Key_G, CTRL),
    (Key.Key_P, SHIFT), (Key.Key_P, SHIFT), (Key.Key_B, CTRL), (Key.Key_M, NONE), (Key.Key_L, SHIFT),
    (Key.Key_F2, NONE), (Key.Key_Left, ALT), (Key.Key_Down, ALT | SHIFT), (Key.Key_H, CTRL | ALT), (Key.Key_1, CTRL),
    (Key.Key_1, NONE),
]  # fmt: skip


class Child:
    """Presses, drags and types at random, for a seed."""

    def __init__(self, canvas: Canvas, seed: int) -> None:
        self.canvas, self.hand, self.random = canvas, Hand(canvas), random.Random(seed)

    def point(self) -> QPointF:
        """Somewhere in view, often on a node or a port."""
        chance = self.random.random()
        ids = list(self.canvas.scene.items)
        if not ids or chance < 0.25:
            view = QPointF(self.random.uniform(-50, 1330), self.random.uniform(-50, 850))
            return self.canvas.camera.to_scene(view)
        marks = sorted(self.canvas.marks.known)
        if marks and chance > 0.85:
            rect = self.canvas.marks.rect(self.random.choice(marks))
            x, y = self.random.choice([(40, 10), (0, 30), (rect.width() - 3, rect.height() - 3)])
            return rect.topLeft() + QPointF(x, y)
        item = self.canvas.scene.items[self.random.choice(ids)]
        if chance < 0.75:
            ports = self.canvas.scene.sockets(item.node.id)
            if ports:
                return self.random.choice(ports).point
        return item.rect.topLeft() + QPointF(self.random.uniform(0, 130), self.random.uniform(0, 80))

    def act(self) -> None:
        act = self.random.choice(
            [self.drag, self.drag, self.drag, self.click, self.key, self.key, self.wheel, self.drop]
        )
        act()
        self.popups()
        if len(self.canvas.scene.items) > 60:
            self.canvas.select_all()
            self.canvas.delete_selection()

    def drag(self) -> None:
        button = self.random.choice([LEFT, LEFT, LEFT, LEFT, MIDDLE, RIGHT])
        keys = self.random.choice([NONE, NONE, NONE, SHIFT, CTRL, ALT])
        start, end = self.point(), self.point()
        self.hand.press(start, button, keys)
        self.hand.move(end, button, keys)
        if self.random.random() < 0.1:
            QTest.keyClick(self.canvas, self.random.choice([Key.Key_Escape, Key.Key_Delete]))
        if self.random.random() < 0.1:
            self.hand.press(self.point(), RIGHT)
        self.hand.release(end, button, keys)

    def click(self) -> None:
        self.random.choice([self.hand.click, self.hand.double_click])(self.point())

    def key(self) -> None:
        QTest.keyClick(self.canvas, *self.random.choice(KEYS))
        if (field := self.canvas.writing.field) is not None:
            QTest.keyClicks(field, self.random.choice(["Encoder", "why?", ""]))
            QTest.keyClick(field, self.random.choice([Key.Key_Return, Key.Key_Escape, Key.Key_Tab]))

    def wheel(self) -> None:
        self.hand.wheel(
            self.point(), self.random.choice([-360, -120, 120, 240]), self.random.choice([NONE, SHIFT, CTRL])
        )

    def drop(self) -> None:
        self.hand.drop(self.random.choice([*standard().kinds, "NoSuchKind"]), self.point())

    def popups(self) -> None:
        """Chooses something from what has popped up, or closes it."""
        popup = getattr(self.canvas, "popup", None)
        if isinstance(popup, Palette):
            popup.list.setCurrentRow(self.random.randrange(max(1, popup.list.count())))
            QTest.keyClick(popup.field, self.random.choice([Key.Key_Return, Key.Key_Escape]))
            popup.close()
        elif isinstance(popup, QMenu):
            actions = [action for action in popup.actions() if action.isEnabled()]
            if actions:
                self.random.choice(actions).trigger()
            popup.close()
        self.canvas.popup = None


def places(scene: Scene) -> dict[str, tuple[float, float, float]]:
    """Corners and heights; how wide a card is depends on the room it had when it grew."""
    return {i: (item.rect.x(), item.rect.y(), item.rect.height()) for i, item in scene.items.items()}


def corners(marks: Marks) -> dict[str, tuple[float, float, float]]:
    """Corners and heights of frames."""
    return {i: (rect.x(), rect.y(), rect.height()) for i, rect in marks.frames().items()}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_thousand_gestures(make_canvas: Callable[[Network], Canvas], seed: int) -> None:
    canvas = make_canvas(lenet())
    child = Child(canvas, seed)
    for number in range(500):
        child.act()
        if number % 25 == 0:
            canvas.grab()
    canvas.end_gesture(cancel=True)
    network = canvas.document.network
    again = storage.loads(storage.dumps(network))
    assert again == network
    fresh = Scene(standard())
    fresh.load(network)
    assert places(fresh) == places(canvas.scene)
    assert fresh.routes.keys() == canvas.scene.routes.keys()
    assert not canvas.scene._moved and not canvas.hidden_wires
    stored = Marks(fresh)
    assert stored.notes() == canvas.marks.notes() and corners(stored) == corners(canvas.marks)
    while canvas.document.can_undo:
        canvas.document.undo()
    assert canvas.document.network == lenet()
