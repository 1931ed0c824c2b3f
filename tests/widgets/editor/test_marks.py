"""Frames, notes and dots by hand: what they do to the document, in how many steps, and that Escape takes them back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from graphs.edits import SetMarks
from graphs.network import End, Frame, Network, Note
from tests.widgets.editor.test_gestures import steps
from tests.widgets.editor.tools import CTRL, RIGHT, SHIFT, Hand, lenet
from widgets import theme
from widgets.editor.canvas import Canvas
from widgets.editor.mirror.marks import Marks
from widgets.editor.painting.markpaint import frame_shares, note_colours, title_colour, tone

Key = Qt.Key
MakeCanvas = Callable[[Network], Canvas]


def framed(canvas: Canvas, *ids: str, title: str = "Encoder") -> str:
    canvas.document.apply(SetMarks({"frame1": Frame("frame1", title, "convolution", ids)}))
    return "frame1"


def members(canvas: Canvas, id: str = "frame1") -> tuple[str, ...]:
    mark = canvas.document.network.marks.get(id)
    return mark.members if isinstance(mark, Frame) else ()


def title_point(canvas: Canvas, id: str = "frame1") -> QPointF:
    return canvas.marks.rect(id).topLeft() + QPointF(40, 12)


def said(canvas: Canvas) -> list[str]:
    heard: list[str] = []
    canvas.message.connect(heard.append)
    canvas.told.connect(heard.append)
    return heard


# Frames


def test_ctrl_g_frames_the_selection_and_asks_for_its_title_in_one_step(canvas: Canvas) -> None:
    canvas.select(["conv1", "pool1"])
    QTest.keyClick(canvas, Key.Key_G, CTRL)
    field = canvas.writing.field
    assert field is not None and canvas.chosen_marks == {"frame1"}
    field.setText("Encoder")  # type: ignore[union-attr]
    QTest.keyClick(field, Key.Key_Return)
    assert canvas.document.network.marks == {"frame1": Frame("frame1", "Encoder", "", ("conv1", "pool1"))}
    assert canvas.writing.field is None and steps(canvas) == 1


def test_while_a_title_is_written_keys_are_letters(canvas: Canvas) -> None:
    canvas.select(["conv1"])
    canvas.frame_selection()
    QTest.keyClicks(canvas.writing.field, "mlf1")
    QTest.keyClick(canvas.writing.field, Key.Key_Escape)
    assert canvas.document.network.marks["frame1"].title == "Frame"  # type: ignore[union-attr]
    assert canvas.document.network.nodes == lenet().nodes


def test_a_frame_lies_around_what_it_holds(canvas: Canvas) -> None:
    framed(canvas, "conv1", "pool1")
    rect = canvas.marks.rect("frame1")
    for id in ("conv1", "pool1"):
        assert rect.contains(canvas.scene.items[id].rect)
    assert not rect.intersects(canvas.scene.items["image1"].rect)


def test_its_title_drags_all_in_it_in_one_step(canvas: Canvas, hand: Hand) -> None:
    note = Note("note1", "Look", (230.0, 130.0), (120.0, 64.0))
    canvas.document.apply(SetMarks({"note1": note}))
    canvas.document.apply(SetMarks({"frame1": Frame("frame1", "Encoder", "", ("conv1", "pool1"), ("note1",))}))
    before = dict(canvas.document.network.nodes)
    start = title_point(canvas)
    hand.drag(start, start + QPointF(80, 400), keys=Qt.KeyboardModifier.NoModifier)
    after = canvas.document.network
    step = QPointF(*after.nodes["conv1"].position) - QPointF(*before["conv1"].position)
    assert (step - QPointF(80, 400)).manhattanLength() <= 24
    assert QPointF(*after.nodes["pool1"].position) == QPointF(*before["pool1"].position) + step
    assert QPointF(*after.marks["note1"].position) == QPointF(*note.position) + step  # type: ignore[union-attr]
    assert members(canvas) == ("conv1", "pool1") and steps(canvas) == 3
    assert after.nodes["image1"] == before["image1"]


def test_escape_puts_a_dragged_frame_back(canvas: Canvas, hand: Hand) -> None:
    framed(canvas, "conv1", "pool1")
    rect = canvas.marks.rect("frame1")
    hand.press(title_point(canvas))
    hand.move(title_point(canvas) + QPointF(50, 300))
    assert canvas.marks.rect("frame1") != rect
    QTest.keyClick(canvas, Key.Key_Escape)
    assert canvas.marks.rect("frame1") == rect and canvas.document.network.nodes == lenet().nodes


def test_what_is_dropped_into_a_frame_joins_it_and_what_is_taken_out_leaves_it(canvas: Canvas, hand: Hand) -> None:
    framed(canvas, "conv1", "pool1")
    heard = said(canvas)
    hand.drag(hand.grip("fc3"), canvas.scene.items["conv1"].rect.bottomRight() + QPointF(20, -40))
    assert members(canvas) == ("conv1", "pool1", "fc3") and "joined “Encoder”" in heard[-1]
    hand.drag(hand.grip("fc3"), hand.grip("fc3") + QPointF(0, 500))
    assert members(canvas) == ("conv1", "pool1") and "left “Encoder”" in heard[-1]
    assert steps(canvas) == 3
    canvas.undo()
    assert members(canvas) == ("conv1", "pool1", "fc3")


def test_a_small_drag_of_a_member_makes_the_frame_grow(canvas: Canvas, hand: Hand) -> None:
    framed(canvas, "conv1", "pool1")
    width = canvas.marks.rect("frame1").width()
    hand.drag(hand.grip("pool1"), hand.grip("pool1") + QPointF(64, 0))
    assert members(canvas) == ("conv1", "pool1") and canvas.marks.rect("frame1").width() > width


def test_ctrl_keeps_what_is_taken_out_in_its_frame(canvas: Canvas, hand: Hand) -> None:
    framed(canvas, "conv1", "pool1")
    start = hand.grip("pool1")
    hand.press(start)
    hand.move(start + QPointF(0, 400), keys=CTRL)
    hand.release(start + QPointF(0, 400), keys=CTRL)
    assert members(canvas) == ("conv1", "pool1")
    assert canvas.document.network.nodes["pool1"].position[1] > 300


def test_while_it_is_dragged_out_the_frame_lets_go(canvas: Canvas, hand: Hand) -> None:
    framed(canvas, "conv1", "pool1")
    start = hand.grip("pool1")
    hand.press(start)
    hand.move(start + QPointF(0, 600))
    assert not canvas.marks.rect("frame1").intersects(canvas.scene.items["pool1"].rect)
    hand.move(start + QPointF(8, 0))
    assert canvas.marks.rect("frame1").contains(canvas.scene.items["pool1"].rect)
    QTest.keyClick(canvas, Key.Key_Escape)
    assert canvas.document.network.nodes == lenet().nodes


def test_delete_removes_the_frame_only(canvas: Canvas, hand: Hand) -> None:
    framed(canvas, "conv1", "pool1")
    hand.click(title_point(canvas))
    assert canvas.chosen_marks == {"frame1"} and canvas.selected() == []
    QTest.keyClick(canvas, Key.Key_Delete)
    assert not canvas.document.network.marks and canvas.document.network.nodes == lenet().nodes
    canvas.undo()
    assert members(canvas) == ("conv1", "pool1")


def test_all_is_selected_and_deleted_together(canvas: Canvas) -> None:
    framed(canvas, "conv1", "pool1")
    canvas.document.apply(SetMarks({"note1": Note("note1", "Look")}))
    QTest.keyClick(canvas, Key.Key_A, CTRL)
    assert canvas.chosen_marks == {"frame1", "note1"} and len(canvas.selected()) == 10
    QTest.keyClick(canvas, Key.Key_Delete)
    assert canvas.document.network == Network()
    canvas.undo()
    assert len(canvas.document.network.marks) == 2


def test_the_rubber_band_takes_notes_it_touches_and_frames_it_holds(canvas: Canvas, hand: Hand) -> None:
    framed(canvas, "conv1")
    canvas.document.apply(SetMarks({"note1": Note("note1", "Look", (-300.0, 0.0))}))
    rect = canvas.marks.rect("frame1")
    hand.drag(rect.topLeft() - QPointF(20, 20), rect.bottomRight() + QPointF(10, 10))
    assert canvas.chosen_marks == {"frame1"} and canvas.selected()[0] == "conv1"
    hand.drag(QPointF(-140, -60), QPointF(-120, 40))
    assert canvas.chosen_marks == {"note1"} and canvas.selected() == []


def test_a_double_click_on_the_title_renames_and_the_menu_colours(canvas: Canvas, hand: Hand) -> None:
    framed(canvas, "conv1")
    hand.double_click(title_point(canvas))
    assert canvas.writing.mark == "frame1"
    canvas.writing.finish()
    canvas.select_marks(["frame1"])
    canvas.colour_marks("loss")
    assert canvas.document.network.marks["frame1"].colour == "loss"


def test_a_frame_over_a_frame_takes_its_members_over(canvas: Canvas) -> None:
    framed(canvas, "conv1", "pool1")
    canvas.select(["pool1", "conv2"])
    canvas.frame_selection()
    canvas.writing.finish()
    assert members(canvas) == ("conv1",) and members(canvas, "frame2") == ("pool1", "conv2")
    canvas.select_marks(["frame2"])
    canvas.frame_selection()
    canvas.writing.finish()
    assert "frame2" not in canvas.document.network.marks and members(canvas, "frame3") == ("pool1", "conv2")


@pytest.mark.parametrize("scale", [1.0, 0.4, 0.15, 0.05])
def test_a_title_can_be_taken_hold_of_at_any_zoom(canvas: Canvas, scale: float) -> None:
    framed(canvas, "conv1", "pool1")
    strip = canvas.marks.strip("frame1", scale)
    assert strip.height() * scale >= 15.9
    assert canvas.marks.grip_at(strip.center(), scale) == "frame1"


def test_only_frames_of_what_moves_are_worked_out_again(canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    framed(canvas, "conv1", "pool1")
    canvas.document.apply(SetMarks({"frame2": Frame("frame2", "Head", "", ("fc1", "fc2"))}))
    canvas.marks.frames()
    asked: list[str] = []
    extent = Marks.extent

    def watched(self: Marks, frame: str, without: object = ()) -> object:
        asked.append(frame)
        return extent(self, frame, without)  # type: ignore[arg-type]

    monkeypatch.setattr(Marks, "extent", watched)
    canvas.scene.preview({"conv1": (200.0, 40.0)})
    canvas.marks.frames()
    assert asked == ["frame1"]
    canvas.scene.settle()
    canvas.marks.frames()
    assert asked == ["frame1", "frame1"]


def test_new_layers_join_the_frame_they_come_to_stand_in(canvas: Canvas) -> None:
    framed(canvas, "conv1", "pool1")
    inside = canvas.add_layer("ReLU", canvas.scene.items["conv1"].rect.bottomLeft() - QPointF(0, 60))
    between = canvas.add_layer("ReLU", QPointF(350, 400), into=End("pool1", "in"))
    outside = canvas.add_layer("ReLU", QPointF(350, 900))
    assert members(canvas) == ("conv1", "pool1", inside, between) and outside and steps(canvas) == 4


# Notes


def test_a_note_is_written_where_it_lies_in_one_step(canvas: Canvas) -> None:
    id = canvas.add_note(QPointF(100, 300))
    QTest.keyClicks(canvas.writing.field, "Why two rows?")
    QTest.keyClick(canvas.writing.field, Key.Key_Escape)
    note = canvas.document.network.marks[id or ""]
    assert isinstance(note, Note) and note.text == "Why two rows?" and note.position == (96.0, 304.0)
    assert steps(canvas) == 1


def test_a_note_grows_to_its_text(canvas: Canvas) -> None:
    id = canvas.add_note(QPointF(100, 300))
    canvas.writing.field.setPlainText("a long line of words " * 20)  # type: ignore[union-attr]
    QTest.keyClick(canvas.writing.field, Key.Key_Return, CTRL)
    assert canvas.marks.note(id or "").height() > 150


def test_a_note_is_dragged_resized_copied_and_deleted(canvas: Canvas, hand: Hand) -> None:
    canvas.document.apply(SetMarks({"note1": Note("note1", "Look", (100.0, 400.0))}))
    hand.drag(QPointF(150, 420), QPointF(150 + 64, 420 + 160))
    assert canvas.document.network.marks["note1"].position == (160.0, 560.0)  # type: ignore[union-attr]
    corner = canvas.marks.note("note1").bottomRight() - QPointF(4, 4)
    hand.drag(corner, corner + QPointF(80, 40))
    assert canvas.marks.note("note1").width() == 280.0
    canvas.duplicate()
    assert canvas.chosen_marks == {"note2"}
    QTest.keyClick(canvas, Key.Key_Delete)
    assert set(canvas.document.network.marks) == {"note1"} and steps(canvas) == 5


def test_a_note_joins_the_frame_it_is_put_into(canvas: Canvas) -> None:
    framed(canvas, "conv1", "pool1")
    id = canvas.add_note(canvas.marks.rect("frame1").center())
    canvas.writing.finish()
    frame = canvas.document.network.marks["frame1"]
    assert isinstance(frame, Frame) and frame.notes == (id,)


# Dots


def wire_point(canvas: Canvas, end: End) -> QPointF:
    points = list(canvas.scene.routes[end].samples())
    return QPointF(*points[len(points) // 2])


def test_a_double_click_on_a_wire_makes_a_dot_and_deletion_heals(canvas: Canvas, hand: Hand) -> None:
    hand.double_click(wire_point(canvas, End("pool1", "in")))
    (dot,) = canvas.selected()
    network = canvas.document.network
    assert network.nodes[dot].kind == "Reroute" and network.wires[End(dot, "in")].source == End("conv1", "out")
    assert network.wires[End("pool1", "in")].source == End(dot, "out")
    rect = canvas.scene.items[dot].rect
    assert rect.width() == rect.height() == 16
    hand.drag(rect.center(), rect.center() + QPointF(8, 120))
    assert canvas.document.network.nodes[dot].position[1] > network.nodes[dot].position[1] + 90
    QTest.keyClick(canvas, Key.Key_Delete)
    assert canvas.document.network == lenet() and steps(canvas) == 3


def test_dots_and_what_they_lead_to_go_together(canvas: Canvas) -> None:
    canvas.reroute({End("pool1", "in"): wire_point(canvas, End("pool1", "in"))})
    canvas.select([*canvas.selected(), "pool1"])
    canvas.delete_selection()
    assert End("conv2", "in") not in canvas.document.network.wires
    assert set(canvas.document.network.nodes) == set(lenet().nodes) - {"pool1"}


def test_a_stroke_with_shift_puts_dots_into_what_it_crosses(canvas: Canvas, hand: Hand) -> None:
    first, second = (wire_point(canvas, End(i, "in")) for i in ("pool1", "fc2"))
    x = first.x()
    hand.drag(QPointF(x, first.y() - 60), QPointF(x, first.y() + 60), RIGHT, SHIFT)
    assert len(canvas.selected()) == 1 and steps(canvas) == 1
    assert second != first


def test_wires_of_one_port_share_a_dot(make_canvas: MakeCanvas) -> None:
    network = lenet()
    wire = replace(network.wires[End("pool1", "in")], target=End("fc1", "in"))
    canvas = make_canvas(replace(network, wires={**network.wires, wire.target: wire}))
    (dot,) = canvas.reroute({End("pool1", "in"): QPointF(350, 40), End("fc1", "in"): QPointF(350, 80)})
    wires = canvas.document.network.wires
    assert wires[End("pool1", "in")].source == wires[End("fc1", "in")].source == End(dot, "out")


def test_a_dot_in_a_frame_is_in_it(canvas: Canvas) -> None:
    framed(canvas, "conv1", "pool1")
    (dot,) = canvas.reroute({End("pool1", "in"): wire_point(canvas, End("pool1", "in"))})
    assert dot in members(canvas)


# Looks


def contrast(first: str, second: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["dark", "light"])
def test_titles_and_notes_can_be_read(canvas: Canvas, name: str) -> None:
    theme.set_theme(name)
    try:
        look = theme.current()
        for colour in ("", *look.families):
            ground, header, _ = frame_shares()
            within = theme.mix(tone(colour), theme.mix(tone(colour), look.background, ground), header)
            assert contrast(title_colour(colour), within) >= 4.5
            assert contrast(title_colour(colour), look.background) >= 4.5
            assert contrast(look.text, note_colours(colour)[0]) >= 4.5
    finally:
        theme.set_theme("dark")
