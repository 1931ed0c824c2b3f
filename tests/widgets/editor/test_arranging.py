"""Order by hand: modes, align and distribute, guides, layout with frames, what is new, shaking, bookmarks."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from graphs.edits import SetMarks, SetMode
from graphs.layers.catalogue import standard
from graphs.network import End, Frame, Network, Node, Note
from tests.widgets.editor.test_gestures import steps
from tests.widgets.editor.test_marks import framed, said
from tests.widgets.editor.tools import ALT, CTRL, NONE, SHIFT, Hand, lenet, wire
from widgets.editor.canvas import Canvas
from widgets.editor.gestures.shake import Shake
from widgets.editor.guides import Guides
from widgets.editor.mirror.scene import Scene

Key = Qt.Key
MakeCanvas = Callable[[Network], Canvas]


# Modes


@pytest.mark.parametrize(("key", "keys", "mode"), [(Key.Key_B, CTRL, "bypass"), (Key.Key_M, NONE, "mute")])
def test_a_key_switches_the_selection_off_and_on_again(
    canvas: Canvas, key: Qt.Key, keys: Qt.KeyboardModifier, mode: str
) -> None:
    canvas.select(["pool1", "pool2"])
    canvas.document.apply(SetMode(("pool1",), "mute" if mode == "bypass" else "bypass"))
    QTest.keyClick(canvas, key, keys)
    nodes = canvas.document.network.nodes
    assert nodes["pool1"].mode == nodes["pool2"].mode == mode and not nodes["conv1"].mode
    canvas.grab()
    QTest.keyClick(canvas, key, keys)
    assert canvas.document.network == lenet() and steps(canvas) == 3


def test_everything_computes_again(canvas: Canvas) -> None:
    canvas.document.apply(SetMode(("pool1",), "mute"))
    canvas.document.apply(SetMode(("pool2",), "bypass"))
    canvas.wake_all()
    assert canvas.document.network == lenet() and steps(canvas) == 3
    heard = said(canvas)
    canvas.wake_all()
    assert heard and steps(canvas) == 3


def test_a_card_that_is_off_looks_different(canvas: Canvas) -> None:
    rect = canvas.camera.view_rect(canvas.scene.items["pool1"].rect).toRect()
    looks = [canvas.grab(rect).toImage()]
    for mode in ("bypass", "mute"):
        canvas.document.apply(SetMode(("pool1",), mode))  # type: ignore[arg-type]
        looks.append(canvas.grab(rect).toImage())
    assert looks[0] != looks[1] != looks[2] != looks[0]


# Align and distribute


@pytest.mark.parametrize(
    ("key", "keys", "value"),
    [
        (Key.Key_Left, ALT, QRectF.left), (Key.Key_Right, ALT, QRectF.right), (Key.Key_Up, ALT, QRectF.top),
        (Key.Key_Down, ALT, QRectF.bottom), (Key.Key_Right, ALT | SHIFT, lambda r: r.center().y()),
        (Key.Key_Up, ALT | SHIFT, lambda r: r.center().x()),
    ],
)  # fmt: skip
def test_keys_align(canvas: Canvas, key: Qt.Key, keys: Qt.KeyboardModifier, value: Callable[[QRectF], float]) -> None:
    ids = ["conv1", "fc1", "output1"]
    canvas.select(ids)
    QTest.keyClick(canvas, key, keys)
    assert len({value(canvas.scene.items[i].rect) for i in ids}) == 1 and steps(canvas) == 1


def test_frames_are_aligned_as_one(canvas: Canvas) -> None:
    framed(canvas, "conv1", "pool1")
    canvas.document.apply(SetMarks({"note1": Note("note1", "Look", (0.0, 500.0))}))
    canvas.select_marks(["frame1", "note1"])
    canvas.align("left")
    assert canvas.marks.rect("frame1").left() == canvas.marks.note("note1").left() == 0.0
    nodes = canvas.document.network.nodes
    assert nodes["pool1"].position[0] - nodes["conv1"].position[0] == 208.0 and steps(canvas) == 3


def test_gaps_become_equal(make_canvas: MakeCanvas) -> None:
    places = {"a": 0.0, "b": 150.0, "c": 420.0, "d": 800.0}
    canvas = make_canvas(Network.of([Node(i, "ReLU", position=(x, 0.0)) for i, x in places.items()], []))
    canvas.select(places)
    QTest.keyClick(canvas, Key.Key_H, CTRL | ALT)
    rects = [canvas.scene.items[i].rect for i in places]
    gaps = [b.left() - a.right() for a, b in itertools.pairwise(rects)]
    assert max(gaps) - min(gaps) < 1e-6


# Guides


def scene_of(*places: tuple[float, float]) -> Scene:
    scene = Scene(standard())
    scene.load(Network.of([Node(f"n{i}", "ReLU", position=p) for i, p in enumerate(places)], []))
    return scene


VIEW = QRectF(-2000, -2000, 4000, 4000)


def test_edges_pull_and_far_ones_do_not() -> None:
    scene = scene_of((0, 0), (400, 300))
    box = scene.items["n1"].rect
    guides = Guides(scene, ["n1"])
    assert guides.pull(box.translated(-396, 0), VIEW, 1.0) == (-4.0, None) and len(guides.lines) == 1
    assert guides.pull(box.translated(-380, 0), VIEW, 1.0) == (None, None) and not guides.lines
    assert guides.pull(box.translated(-380, 0), VIEW, 0.25)[0] == -20.0


def test_equal_gaps_pull() -> None:
    scene = scene_of((0, 0), (200, 3), (397, 1))
    guides = Guides(scene, ["n2"])
    step = guides.pull(scene.items["n2"].rect, VIEW, 1.0)
    assert step[0] == 3.0 and len(guides.lines) >= 2
    between = Guides(scene, ["n1"])
    assert between.pull(scene.items["n1"].rect, VIEW, 1.0)[0] == pytest.approx(-1.5)


def test_what_is_out_of_view_does_not_pull() -> None:
    scene = scene_of((0, 0), (400, 3000))
    box = scene.items["n1"].rect
    assert Guides(scene, ["n1"]).pull(box.translated(-396, 0), QRectF(-10, 2900, 900, 400), 1.0) == (None, None)


def test_a_drag_comes_to_rest_in_line_and_alt_does_not(make_canvas: MakeCanvas) -> None:
    canvas = make_canvas(Network.of([Node("a", "ReLU", position=(3, 0)), Node("b", "ReLU", position=(300, 200))], []))
    hand = Hand(canvas)
    hand.drag(hand.grip("b"), hand.grip("b") + QPointF(-294, 90))
    assert canvas.document.network.nodes["b"].position == (3.0, 288.0)
    hand.drag(hand.grip("b"), hand.grip("b") + QPointF(2, 90), keys=ALT)
    assert canvas.document.network.nodes["b"].position == (5.0, 378.0)


# Layout


def test_tidying_up_keeps_frames_together_and_is_one_step(canvas: Canvas) -> None:
    framed(canvas, "conv1", "conv2", "fc1")
    canvas.document.apply(SetMarks({"note1": Note("note1", "Look", (0.0, -200.0))}))
    canvas.arrange()
    rect = canvas.marks.rect("frame1")
    for id, item in canvas.scene.items.items():
        assert rect.contains(item.rect) if id in ("conv1", "conv2", "fc1") else not rect.intersects(item.rect)
    note = canvas.marks.note("note1")
    assert not any(note.intersects(item.rect) for item in canvas.scene.items.values()) and not note.intersects(rect)
    assert steps(canvas) == 3
    canvas.arrange()
    assert steps(canvas) == 3, "a layout of what is laid out changes nothing"


def test_only_what_is_new_gets_a_place(canvas: Canvas, hand: Hand) -> None:
    heard = said(canvas)
    canvas.arrange_new()
    assert "Nothing is new" in heard[-1]
    one = canvas.add_layer("ReLU", QPointF(300, 20))
    two = canvas.add_layer("ReLU", QPointF(300, 30))
    three = canvas.add_layer("ReLU", QPointF(700, 700))
    assert one and two and three
    hand.drag(hand.grip(three), hand.grip(three) + QPointF(40, 40))
    before = dict(canvas.document.network.nodes)
    QTest.keyClick(canvas, Key.Key_L, SHIFT)
    after = canvas.document.network.nodes
    assert {i for i in after if after[i] != before[i]} == {one, two}
    rects = {i: item.rect for i, item in canvas.scene.items.items()}
    assert not any(rects[a].intersects(rects[b]) for a in (one, two) for b in rects if a != b)
    assert canvas.tidy.new() == []


def test_what_comes_back_by_undo_is_not_new(canvas: Canvas) -> None:
    canvas.select(["conv1"])
    canvas.delete_selection()
    canvas.undo()
    assert canvas.tidy.new() == []


# Shaking


def test_three_turns_in_half_a_second_are_a_shake(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(Shake, "clock", staticmethod(lambda: now[0]))

    def shaken(pause: float) -> bool:
        shake, found = Shake(0.0), False
        for x in (40.0, 0.0, 40.0, 0.0):
            now[0] += pause
            found = shake.feed(x)
        return found

    assert shaken(0.1) and not shaken(0.4)
    small = Shake(0.0)
    assert not any(small.feed(x) for x in (5.0, -5.0) * 10)


def test_a_shaken_node_falls_out_and_the_flow_goes_on(
    canvas: Canvas, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shake, "clock", staticmethod(lambda: 0.0))
    start = hand.grip("pool1")
    hand.press(start)
    for x in (0, 60, 0, 60, 0, 60):
        hand.move(start + QPointF(x, 0))
        canvas.grab()
    assert canvas.hidden_wires
    hand.release(start + QPointF(60, 300))
    network = canvas.document.network
    assert not network.incoming("pool1") and network.wires[End("conv2", "in")] == wire("conv1", "conv2")
    assert network.nodes["pool1"].position[1] > 250 and steps(canvas) == 1 and not canvas.hidden_wires
    canvas.undo()
    assert canvas.document.network == lenet()


def test_escape_takes_a_shake_back(canvas: Canvas, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shake, "clock", staticmethod(lambda: 0.0))
    start = hand.grip("pool1")
    hand.press(start)
    for x in (0, 60, 0, 60, 0):
        hand.move(start + QPointF(x, 0))
    QTest.keyClick(canvas, Key.Key_Escape)
    assert not canvas.hidden_wires and canvas.document.network == lenet()


# Bookmarks


def test_bookmarks_are_set_and_found_again(canvas: Canvas) -> None:
    heard = said(canvas)
    QTest.keyClick(canvas, Key.Key_3)
    assert "Ctrl+3" in heard[-1]
    canvas.zoom(0.5)
    before = canvas.camera.state()
    QTest.keyClick(canvas, Key.Key_3, CTRL)
    assert steps(canvas) == 1
    canvas.pan(300, 200)
    canvas.zoom(1.7)
    QTest.keyClick(canvas, Key.Key_3)
    assert canvas.camera.state() == pytest.approx(before, abs=0.2)
    canvas.undo()
    assert canvas.bookmark(3) is None


@pytest.mark.parametrize("value", [None, 3, {"bookmarks": 4}, {"bookmarks": {"1": {"x": "left", "y": 0, "scale": 1}}}])
def test_bookmarks_that_cannot_be_read_are_none(make_canvas: MakeCanvas, value: object) -> None:
    canvas = make_canvas(replace(lenet(), settings={"canvas": value}))
    assert canvas.bookmark(1) is None
    canvas.set_bookmark(1)
    assert canvas.bookmark(1) is not None


def test_frames_stay_valid_through_layout_of_a_selection(canvas: Canvas) -> None:
    framed(canvas, "conv1", "pool1")
    canvas.select_marks(["frame1"], ["conv2"])
    canvas.arrange()
    mark = canvas.document.network.marks["frame1"]
    assert isinstance(mark, Frame) and mark.members == ("conv1", "pool1")
