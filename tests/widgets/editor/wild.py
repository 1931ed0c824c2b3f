"""A child at the canvas: presses, drags, types and chooses at random, for a seed.

What it can do is read off the program: every key of the canvas, every declared action that is done on the canvas,
every kind of gesture that buttons and held keys begin. What is new there is tried without a line here."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QMenu, QPlainTextEdit, QWidget

from graphs.document import Document
from graphs.edits import SetFields, SetMarks, SetSetting
from graphs.files import storage
from graphs.inference.shapes import Inference
from graphs.meaning.flat import flatten
from graphs.network import Frame, Network, Note
from studio.project import Project
from tests.widgets.editor.tools import ALT, CTRL, LEFT, MIDDLE, NONE, RIGHT, SHIFT, Hand, lenet
from widgets.actions import ACTIONS, Action
from widgets.editor import keys
from widgets.editor.canvas import Canvas
from widgets.editor.gestures import Gesture
from widgets.editor.mirror.marks import Marks
from widgets.editor.mirror.scene import Scene

Key = Qt.Key
WORDS = ("Encoder", "why?", "", "conv", "=width*2", "  ", "é/ü", "pool", "a" * 90)
MOST = 60
"""Nodes in one place; with more of them the child starts over."""
PRESSES = [
    *((held, key) for held, key in keys.KEYS),
    *((held, key) for key in keys.DIGITS for held in (NONE, CTRL)),
    *((held, key) for key in keys.ARROWS for held in (NONE, CTRL)),
]
CANVAS_ACTIONS = tuple(action for action in ACTIONS if action.run.__qualname__.startswith("_canvas."))
"""What menus and the command palette do with the canvas, beside its keys."""


def drawn() -> Project:
    """LeNet with a hyperparameter, a block, a frame, a note and a dot."""
    from graphs.reuse.blocks import make_block

    project = Project(Document(lenet()))
    document = project.document
    document.apply(SetSetting("hyperparameters", {"width": 16, "wide": "=width*2"}))
    document.apply(make_block(project.network, ["conv1", "pool1"], project.catalogue, "Stage"))
    document.apply(SetFields("fc2", {"out_features": "=wide"}))
    marks = {
        "frame1": Frame("frame1", "Head", "linear", ("fc1", "fc2")),
        "note1": Note("note1", "What is this?", (420.0, 420.0), (200.0, 96.0)),
    }
    document.apply(SetMarks(marks))
    return Project(Document(project.network))


def kinds_of_gesture(kind: type[Gesture] = Gesture) -> Iterator[type[Gesture]]:
    """All classes of gestures there are."""
    for below in kind.__subclasses__():
        if below.__module__.startswith("widgets."):
            yield below
        yield from kinds_of_gesture(below)


class Child:
    """`act` does one thing. `trail` has the last of what it did; `seen` how often each sort of thing came up."""

    def __init__(self, canvas: Canvas, seed: int) -> None:
        self.canvas, self.hand, self.random = canvas, Hand(canvas), random.Random(seed)
        self.trail: list[str] = []
        self.seen: Counter[str] = Counter()
        self.window: Any = SimpleNamespace(desk=SimpleNamespace(canvas=canvas))
        self._begin, canvas.begin_gesture = canvas.begin_gesture, self._watch  # type: ignore[method-assign]
        self.acts: list[Callable[[], None]] = [
            self.drag, self.drag, self.drag, self.drag, self.click, self.click, self.key, self.key, self.key,
            self.action, self.wheel, self.drop, self.context,
        ]  # fmt: skip

    def act(self) -> None:
        """One thing, and what has popped up because of it."""
        act = self.random.choice(self.acts)
        self._note(act.__name__)
        act()
        self.popups()
        self.fields()
        if len(self.canvas.scene.items) > MOST:
            self._note("all away")
            self.canvas.select_all()
            self.canvas.delete_selection()

    def every_gesture(self) -> None:
        """Drags with every button and held key from every sort of place once, and drops a layer."""
        self.canvas.fit()
        for held in (NONE, SHIFT, CTRL, ALT):
            for button in (LEFT, MIDDLE, RIGHT):
                for number in range(len(self.places())):
                    start = self.places()[number]
                    end = start + QPointF(48, 32)
                    self.hand.press(start, button, held)
                    self.hand.move(end, button, held)
                    self.hand.release(end, button, held)
                    self._shut()
        self.hand.drop("ReLU", self.places()[-1])
        self._shut()

    def _shut(self) -> None:
        """Closes what has popped up."""
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        let_go(self.canvas)

    def places(self) -> list[QPointF]:
        """One place of each sort: both sorts of ports, a card, a wire, marks and their corners, and empty canvas."""
        scene, marks = self.canvas.scene, self.canvas.marks
        first = min(scene.items)
        ports = {port.output: port.point for id in sorted(scene.items) for port in scene.sockets(id)}
        rects = [marks.rect(id) for id in sorted(marks.known)]
        whole = scene.items[first].rect
        for rect in (*(item.rect for item in scene.items.values()), *rects):
            whole = whole.united(rect)
        wires = [scene.routes[end].anchor for end in sorted(scene.routes, key=str)[:1]]
        grips = [at for rect in rects for at in (rect.topLeft() + QPointF(40, 10), rect.bottomRight() - QPointF(2, 2))]
        card = scene.items[first].rect.topLeft() + QPointF(30, 12)
        return [*ports.values(), card, *wires, *grips, whole.bottomRight() + QPointF(80, 80)]

    def _note(self, words: str) -> None:
        self.trail = [*self.trail[-11:], words]
        self.seen[words] += 1

    def _watch(self, gesture: Gesture | None) -> None:
        if gesture is not None:
            self._note(type(gesture).__name__)
        self._begin(gesture)

    def point(self) -> QPointF:
        """Somewhere in view, often on a node, a port, a frame or a note."""
        chance = self.random.random()
        ids = sorted(self.canvas.scene.items)
        if not ids or chance < 0.2:
            view = QPointF(self.random.uniform(-50, 1330), self.random.uniform(-50, 850))
            return self.canvas.camera.to_scene(view)
        marks = sorted(self.canvas.marks.known)
        if marks and chance > 0.85:
            rect = self.canvas.marks.rect(self.random.choice(marks))
            x, y = self.random.choice([(40, 10), (0, 30), (rect.width() - 3, rect.height() - 3)])
            return rect.topLeft() + QPointF(x, y)
        if self.canvas.scene.routes and chance < 0.3:
            return self.canvas.scene.routes[self.random.choice(sorted(self.canvas.scene.routes, key=str))].anchor
        item = self.canvas.scene.items[self.random.choice(ids)]
        ports = self.canvas.scene.sockets(item.node.id)
        if ports and chance < 0.75:
            return self.random.choice(ports).point
        return item.rect.topLeft() + QPointF(self.random.uniform(0, 130), self.random.uniform(0, 80))

    def corner(self) -> QPointF | None:
        """Now and then the corner of a note, which is small."""
        notes = sorted(self.canvas.marks.notes())
        if not notes or self.random.random() > 0.06:
            return None
        return self.canvas.marks.rect(self.random.choice(notes)).bottomRight() - QPointF(2, 2)

    def drag(self) -> None:
        button = self.random.choice([LEFT, LEFT, LEFT, LEFT, MIDDLE, RIGHT])
        held = self.random.choice([NONE, NONE, NONE, SHIFT, CTRL, ALT])
        start, end = self.corner() or self.point(), self.point()
        self.hand.press(start, button, held)
        for _ in range(self.random.choice([1, 1, 2, 9])):
            self.hand.move(start + (end - start) * self.random.uniform(0, 1.2), button, held)
        self.hand.move(end, button, held)
        if self.random.random() < 0.2:
            self.canvas.grab()
        if self.random.random() < 0.15:
            self._press(*self.random.choice(PRESSES))
        if self.random.random() < 0.1:
            self.hand.press(self.point(), RIGHT)
        self.hand.release(end, button, held)

    def click(self) -> None:
        held = self.random.choice([NONE, NONE, NONE, SHIFT, CTRL, ALT])
        if self.random.random() < 0.4:
            self.hand.double_click(self.point())
        else:
            self.hand.click(self.point(), LEFT, held)

    def _press(self, held: Qt.KeyboardModifier, key: Qt.Key) -> None:
        self._note(f"{held.name} {key.name}")
        QTest.keyClick(self.canvas, key, held)

    def key(self) -> None:
        for _ in range(self.random.choice([1, 1, 1, 4])):
            self._press(*self.random.choice(PRESSES))

    def action(self) -> None:
        action: Action = self.random.choice(CANVAS_ACTIONS)
        self._note(action.id)
        action.run(cast("Any", self.window))

    def wheel(self) -> None:
        angle = self.random.choice([-6000, -1200, -360, -120, 120, 240, 1200, 6000])
        self.hand.wheel(self.point(), angle, self.random.choice([NONE, SHIFT, CTRL]))
        if self.random.random() < 0.5:
            self.random.choice([self.canvas.zoom_reset, self.canvas.fit])()

    def drop(self) -> None:
        shelf = self.canvas.shelf.kinds if self.canvas.shelf is not None else ()
        self.hand.drop(self.random.choice([*self.canvas.catalogue.kinds, *shelf, "NoSuchKind"]), self.point())

    def context(self) -> None:
        self.hand.context(self.point())

    # What comes up

    def popups(self) -> None:
        """Chooses something from what has popped up, or closes it."""
        for _ in range(6):
            popup = QApplication.activePopupWidget()
            if popup is None:
                return
            self._note(f"in {type(popup).__name__}")
            if isinstance(popup, QMenu):
                self._choose(popup)
            else:
                self._type(popup)
            if popup.isVisible():
                popup.close()

    def _choose(self, menu: QMenu) -> None:
        actions = [action for action in menu.actions() if action.isEnabled() and not action.isSeparator()]
        if not actions or self.random.random() < 0.2:
            return
        action = self.random.choice(actions)
        if action.menu() is not None:
            self._choose(cast("QMenu", action.menu()))
            return
        self._note(action.text())
        menu.close()
        action.trigger()

    def _type(self, popup: QWidget) -> None:
        fields, lists = popup.findChildren(QLineEdit), popup.findChildren(QListWidget)
        if not fields:
            return
        field = self.random.choice(fields)
        field.setFocus()
        typed(field, self.random.choice(WORDS))
        if lists and lists[0].count():
            lists[0].setCurrentRow(self.random.randrange(lists[0].count()))
        QTest.keyClick(field, self.random.choice([Key.Key_Return, Key.Key_Return, Key.Key_Escape]))

    def fields(self) -> None:
        """Writes into the field that lies over the canvas, or leaves it open for what comes next."""
        for place in (self.canvas.writing, self.canvas.naming):
            if place.field is None or self.random.random() < 0.15:
                continue
            text = self.random.choice(WORDS)
            self._note(f"writes {text!r}")
            place.field.setFocus()
            typed(place.field, text)
            if place.field is not None:
                QTest.keyClick(place.field, self.random.choice([Key.Key_Return, Key.Key_Escape, Key.Key_Tab]))


def typed(field: QLineEdit | QPlainTextEdit, text: str) -> None:
    """Letter by letter; QTest has no keys for letters beyond ASCII, which arrive as an input method sends them."""
    if text.isascii():
        QTest.keyClicks(field, text)
        return
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(field, event)


def let_go(canvas: Canvas) -> None:
    """Nothing in hand, nothing half written."""
    canvas.end_gesture(cancel=True)
    canvas.writing.finish()
    canvas.naming.finish()


def analyse(canvas: Canvas) -> None:
    """What the desk does behind the canvas: blocks are known, shapes and problems are found."""
    inference = Inference(canvas.root_catalogue)
    canvas.set_inference(inference)
    canvas.set_analysis(inference.analyse(canvas.root.network))


def valid(canvas: Canvas) -> None:
    """The document is whole, can be written and read, and the canvas shows just what it says."""
    whole = canvas.root.network
    sound(whole)
    flatten(whole, canvas.root_catalogue)
    network = canvas.document.network
    assert set(canvas.selection) <= set(network.nodes)
    assert canvas.chosen_wires <= set(network.wires)
    assert canvas.chosen_marks <= set(network.marks)
    if canvas.gesture is None:
        assert not canvas.hidden_wires and not canvas.scene._moved
        _shown(canvas, network)


def sound(whole: Network) -> None:
    """It can be written and read, wires have ends, and nothing is in two frames."""
    assert storage.loads(storage.dumps(whole)) == whole
    for network in (whole, *(block.network for block in whole.blocks.values())):
        _whole(network)


def _whole(network: Network) -> None:
    for end, wire in network.wires.items():
        assert end == wire.target
        assert {wire.source.node, wire.target.node} <= set(network.nodes)
    held = [id for mark in network.marks.values() if isinstance(mark, Frame) for id in (*mark.members, *mark.notes)]
    assert len(held) == len(set(held)), "a node is in two frames"
    assert set(held) <= {*network.nodes, *network.marks}
    assert all(abs(x) < 1e9 for node in network.nodes.values() for x in node.position)


def _shown(canvas: Canvas, network: Network) -> None:
    fresh = Scene(canvas.catalogue)
    fresh.analysis = canvas.scene.analysis
    fresh.load(network)
    assert fresh.routes.keys() == canvas.scene.routes.keys()
    assert fresh.items.keys() == canvas.scene.items.keys()
    stored = Marks(fresh)
    assert stored.notes() == canvas.marks.notes()
    assert stored.frames().keys() == canvas.marks.frames().keys()
    for id, item in canvas.scene.items.items():
        assert item.rect.topLeft() == fresh.items[id].rect.topLeft(), id


def there_and_back(document: Document, start: Network) -> None:
    """Everything undone is the start, everything done again the end, with the same file."""
    end, count = document.network, 0
    while document.can_undo:
        document.undo()
        count += 1
    assert document.network == start
    for _ in range(count):
        document.redo()
    assert document.network == end and not document.can_redo
