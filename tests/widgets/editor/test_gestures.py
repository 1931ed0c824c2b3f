"""Every mouse gesture: what it does to the document, in how many steps of undo, and that Escape takes it back."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from graphs.layers.combine import Add
from graphs.network import End, Network, Node
from tests.widgets.editor.tools import ALT, CTRL, MIDDLE, RIGHT, SHIFT, Hand, lenet, wire
from widgets.editor.canvas import Canvas

MakeCanvas = Callable[[Network], Canvas]


def steps(canvas: Canvas) -> int:
    """How many steps of undo there are; all of them are taken back and done again."""
    count = 0
    while canvas.document.can_undo:
        canvas.document.undo()
        count += 1
    for _ in range(count):
        canvas.document.redo()
    return count


def test_a_click_selects_and_empty_canvas_selects_nothing(canvas: Canvas, hand: Hand) -> None:
    hand.click(hand.grip("conv1"))
    assert canvas.selected() == ["conv1"]
    hand.click(hand.grip("pool1"), keys=SHIFT)
    assert canvas.selected() == ["conv1", "pool1"]
    hand.click(hand.grip("conv1"), keys=SHIFT)
    assert canvas.selected() == ["pool1"]
    hand.click(QPointF(-30, -60))
    assert canvas.selected() == []


def test_a_click_on_one_of_many_selects_it_alone(canvas: Canvas, hand: Hand) -> None:
    canvas.select(["conv1", "pool1"])
    hand.click(hand.grip("conv1"))
    assert canvas.selected() == ["conv1"]


def test_the_rubber_band_selects_what_it_touches(canvas: Canvas, hand: Hand) -> None:
    hand.drag(QPointF(-30, -40), QPointF(230, 50))
    assert canvas.selected() == ["image1", "conv1"]
    hand.drag(QPointF(400, -40), QPointF(430, 20), keys=SHIFT)
    assert canvas.selected() == ["image1", "conv1", "pool1"]


def test_escape_gives_the_old_selection_back(canvas: Canvas, hand: Hand) -> None:
    canvas.select(["fc1"])
    hand.press(QPointF(-30, -40))
    hand.move(QPointF(300, 50))
    assert "conv1" in canvas.selected()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.selected() == ["fc1"] and canvas.gesture is None


def test_a_drag_moves_the_selection_on_the_grid_in_one_step(canvas: Canvas, hand: Hand) -> None:
    canvas.select(["conv1", "pool1"])
    hand.drag(hand.grip("conv1"), hand.grip("conv1") + QPointF(27, 51))
    nodes = canvas.document.network.nodes
    assert nodes["conv1"].position == (232.0, 48.0)
    assert nodes["pool1"].position == (440.0, 48.0)
    assert steps(canvas) == 1
    assert canvas.scene.items["conv1"].rect.topLeft() == QPointF(232, 48)


def test_alt_moves_off_the_grid(canvas: Canvas, hand: Hand) -> None:
    hand.drag(hand.grip("conv1"), hand.grip("conv1") + QPointF(13, 21), keys=ALT)
    assert canvas.document.network.nodes["conv1"].position == (221.0, 21.0)


def test_escape_puts_a_dragged_node_back(canvas: Canvas, hand: Hand) -> None:
    hand.press(hand.grip("conv1"))
    hand.move(hand.grip("conv1") + QPointF(60, 60))
    assert canvas.scene.items["conv1"].rect.left() != 208
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.scene.items["conv1"].rect.topLeft() == QPointF(208, 0)
    assert not canvas.document.can_undo


def test_a_wire_is_drawn_from_either_end(make_canvas: MakeCanvas) -> None:
    kinds = (("image1", "ImageInput"), ("conv1", "Conv2d"), ("relu1", "ReLU"))
    canvas = make_canvas(Network.of([Node(i, k, position=(n * 240, 0)) for n, (i, k) in enumerate(kinds)], []))
    hand = Hand(canvas)
    hand.drag(hand.port("image1", "out", True), hand.port("conv1", "in", False))
    hand.drag(hand.port("relu1", "in", False), hand.port("conv1", "out", True))
    assert set(canvas.document.network.wires.values()) == {wire("image1", "conv1"), wire("conv1", "relu1")}
    assert steps(canvas) == 2


def test_a_wire_dropped_on_a_node_takes_its_free_port(make_canvas: MakeCanvas) -> None:
    places = {"image1": (0, 0), "image2": (0, 240), "add1": (300, 0)}
    nodes = [Node(id, "Add" if id == "add1" else "ImageInput", position=place) for id, place in places.items()]
    ports = [port.name for port in Add().inputs()]
    canvas = make_canvas(Network.of(nodes, [wire("image1", "add1", ports[0])]))
    hand = Hand(canvas)
    hand.drag(hand.port("image2", "out", True), hand.centre("add1"))
    assert canvas.document.network.wires[End("add1", ports[1])].source.node == "image2"


def test_a_connected_input_is_dragged_elsewhere_or_off(canvas: Canvas, hand: Hand) -> None:
    hand.drag(hand.port("fc3", "in", False), hand.port("output1", "in", False))
    wires = canvas.document.network.wires
    assert wires[End("output1", "in")].source.node == "fc2" and End("fc3", "in") not in wires
    hand.drag(hand.port("output1", "in", False), QPointF(500, 700))
    assert End("output1", "in") not in canvas.document.network.wires
    assert steps(canvas) == 2


def test_a_connected_input_let_go_where_it_was_changes_nothing(canvas: Canvas, hand: Hand) -> None:
    hand.click(hand.port("fc3", "in", False))
    assert canvas.document.network == lenet() and not canvas.document.can_undo


def test_a_loop_is_refused_with_a_reason_and_a_way_out(canvas: Canvas, hand: Hand) -> None:
    hand.drag(hand.port("fc3", "out", True), hand.port("fc1", "in", False))
    reason, *_, cut = canvas.popup.actions()
    assert reason.text() == "This would make a loop" and not reason.isEnabled()
    assert canvas.document.network == lenet()
    assert cut.text() == "Cut the wire from fc2 to fc3 instead"
    cut.trigger()
    canvas.popup.close()
    wires = canvas.document.network.wires
    assert wires[End("fc1", "in")].source.node == "fc3" and End("fc3", "in") not in wires
    assert not canvas.document.network.cycles() and steps(canvas) == 1


def test_a_wire_dropped_on_empty_canvas_asks_what_shall_stand_there(canvas: Canvas, hand: Hand) -> None:
    hand.drag(hand.port("pool2", "out", True), QPointF(1000, 160))
    kinds = {entry.kind for entry in canvas.popup.entries()}
    assert "ReLU" in kinds and "ImageInput" not in kinds and "Embedding" not in kinds
    canvas.popup.field.setText("relu")
    QTest.keyClick(canvas.popup.field, Qt.Key.Key_Return)
    network = canvas.document.network
    assert network.nodes["relu1"].kind == "ReLU"
    assert network.wires[End("relu1", "in")].source.node == "pool2"
    assert canvas.selected() == ["relu1"] and steps(canvas) == 1


def test_an_input_dropped_on_empty_canvas_asks_for_what_feeds_it(make_canvas: MakeCanvas) -> None:
    canvas = make_canvas(Network.of([Node("relu1", "ReLU", position=(400, 200))], []))
    hand = Hand(canvas)
    hand.drag(hand.port("relu1", "in", False), QPointF(120, 240))
    canvas.popup.field.setText("image")
    QTest.keyClick(canvas.popup.field, Qt.Key.Key_Return)
    assert canvas.document.network.wires[End("relu1", "in")].source.node == "image1"
    right = canvas.scene.items["image1"].rect.right()
    assert right < canvas.scene.items["relu1"].rect.left()


def test_a_layer_is_dropped_from_the_palette(canvas: Canvas, hand: Hand) -> None:
    assert hand.drop("Dropout", QPointF(700, 600))
    node = canvas.document.network.nodes["drop1"]
    assert abs(node.position[0] - 640) < 16 and node.position[0] % 8 == 0 and node.position[1] % 8 == 0
    assert canvas.selected() == ["drop1"]
    assert not hand.drop("NoSuchKind", QPointF(700, 600))


def test_a_layer_dropped_on_a_wire_goes_into_it_and_neighbours_move_over(canvas: Canvas, hand: Hand) -> None:
    route = canvas.scene.routes[End("pool1", "in")]
    before = canvas.scene.items["pool1"].rect.left()
    assert hand.drop("ReLU", route.anchor)
    wires = canvas.document.network.wires
    assert wires[End("relu1", "in")].source.node == "conv1" and wires[End("pool1", "in")].source.node == "relu1"
    assert canvas.scene.items["pool1"].rect.left() > before
    boxes = [canvas.scene.items[i].rect for i in ("conv1", "relu1", "pool1", "conv2", "pool2")]
    assert all(a.right() < b.left() for a, b in itertools.pairwise(boxes))
    assert canvas.scene.items["flatten1"].rect.left() == 0, "the next row stays where it is"
    assert steps(canvas) == 1


@pytest.mark.parametrize("target", ["conv1", "conv2", "pool2", "flatten1", "fc2", "output1"])
@pytest.mark.parametrize("kind", ["Conv2d", "BatchNorm2d"])
def test_a_layer_dropped_on_a_wire_never_stands_on_others(canvas: Canvas, hand: Hand, kind: str, target: str) -> None:
    before = canvas.document.network
    assert hand.drop(kind, canvas.scene.routes[End(target, "in")].anchor)
    boxes = [item.rect for item in canvas.scene.items.values()]
    assert len(boxes) == 11 and not any(a.intersects(b) for a, b in itertools.combinations(boxes, 2))
    assert steps(canvas) == 1
    canvas.undo()
    assert canvas.document.network == before


def test_a_loose_node_dragged_onto_a_wire_goes_into_it(make_canvas: MakeCanvas) -> None:
    network = lenet()
    loose = Node("relu1", "ReLU", position=(600, 640))
    canvas = make_canvas(Network.of([*network.nodes.values(), loose], list(network.wires.values())))
    hand = Hand(canvas)
    anchor = canvas.scene.routes[End("fc2", "in")].anchor
    hand.drag(hand.grip("relu1"), anchor + hand.grip("relu1") - hand.centre("relu1"))
    wires = canvas.document.network.wires
    assert wires[End("relu1", "in")].source.node == "fc1" and wires[End("fc2", "in")].source.node == "relu1"
    assert steps(canvas) == 1


def test_a_wire_is_selected_and_deleted(canvas: Canvas, hand: Hand) -> None:
    hand.click(canvas.scene.routes[End("pool1", "in")].anchor)
    assert canvas.chosen_wires == {End("pool1", "in")} and canvas.selected() == []
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert End("pool1", "in") not in canvas.document.network.wires
    assert canvas.chosen_wires == set()


def test_a_line_cuts_the_wires_it_crosses(canvas: Canvas, hand: Hand) -> None:
    hand.drag(QPointF(170, -60), QPointF(170, 900), RIGHT, CTRL)
    cut = set(lenet().wires) - set(canvas.document.network.wires)
    assert cut == {End("conv1", "in"), End("fc1", "in"), End("flatten1", "in")} and steps(canvas) == 1


def test_alt_click_cuts_the_wires_of_a_port(canvas: Canvas, hand: Hand) -> None:
    hand.click(hand.port("conv1", "out", True), keys=ALT)
    assert End("pool1", "in") not in canvas.document.network.wires


def test_ctrl_drag_moves_all_wires_of_a_port(make_canvas: MakeCanvas) -> None:
    nodes = [Node(f"relu{n}", "ReLU", position=(n * 240, 0)) for n in range(4)]
    canvas = make_canvas(Network.of(nodes, [wire("relu0", "relu2"), wire("relu0", "relu3")]))
    hand = Hand(canvas)
    hand.drag(hand.port("relu0", "out", True), hand.port("relu1", "out", True), keys=CTRL)
    assert {w.source.node for w in canvas.document.network.wires.values()} == {"relu1"} and steps(canvas) == 1


def test_middle_drag_and_space_drag_pan(canvas: Canvas, hand: Hand) -> None:
    x, y = canvas.camera.x, canvas.camera.y
    at = hand.centre("conv2")
    hand.press(at, MIDDLE)
    start = hand.view(at)
    canvas.hands.move(_moved(canvas, start + QPointF(40, 25)))
    hand.release(at, MIDDLE)
    assert (canvas.camera.x, canvas.camera.y) == (x - 40, y - 25)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    hand.press(hand.centre("conv2"))
    assert type(canvas.gesture).__name__ == "Pan"
    hand.release(hand.centre("conv2"))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.selected() == [] and not canvas.hands.space


def _moved(canvas: Canvas, at: QPointF):  # type: ignore[no-untyped-def]
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    from tests.widgets.editor.tools import NONE

    return QMouseEvent(QEvent.Type.MouseMove, at, canvas.mapToGlobal(at), MIDDLE, MIDDLE, NONE)


def test_the_wheel_zooms_at_the_pointer(canvas: Canvas, hand: Hand) -> None:
    point = hand.centre("conv1")
    before = hand.view(point)
    hand.wheel(point, 240)
    assert canvas.camera.scale > 1.2
    assert (hand.view(point) - before).manhattanLength() < 1e-6
    hand.wheel(point, -120, SHIFT)
    assert (hand.view(point) - before).manhattanLength() > 50


def test_a_double_click_opens_a_node_and_on_empty_canvas_the_palette(canvas: Canvas, hand: Hand) -> None:
    opened: list[str] = []
    canvas.node_activated.connect(opened.append)
    hand.double_click(hand.grip("conv1"))
    assert opened == ["conv1"]
    hand.double_click(QPointF(504, 640))
    canvas.popup.field.setText("dense")
    QTest.keyClick(canvas.popup.field, Qt.Key.Key_Return)
    assert canvas.document.network.nodes["fc4"].position[0] == 504.0
