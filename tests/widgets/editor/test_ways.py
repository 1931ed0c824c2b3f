"""Wires find their way beside cards, along the flow through dots, and new nodes stand level with what feeds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from graphs.edits import AddNodes, Batch, Disconnect, Edit, Move, Rename, SetFields, SetMarks, SetMode
from graphs.inference.mends import AddLayer
from graphs.inference.shapes import Inference
from graphs.network import End, Network, Node, Note, Wire
from tests.widgets.editor.tools import lenet, wire
from widgets.editor.canvas import Canvas
from widgets.editor.mirror.item import Item
from widgets.editor.mirror.routes import Obstacles, Route, route
from widgets.editor.painting import markpaint

RETURN = End("flatten1", "in")


def standing(*rects: QRectF) -> Obstacles:
    """The sides of those of these boxes that touch a rectangle."""

    def near(rect: QRectF) -> np.ndarray:
        found = [r.getCoords() for r in rects if r.intersects(rect)]
        return np.reshape(np.array(found, dtype=np.float64), (-1, 4))

    return near


def met(way: Route, *rects: QRectF) -> list[QRectF]:
    """Which of these boxes a way passes behind."""
    return [r for r in rects if any(r.contains(QPointF(x, y)) for x, y in way.samples(64))]


def between(source: QRectF, target: QRectF, *others: QRectF) -> Route:
    """The way from the right side of one box to the left side of another."""
    start, end = QPointF(source.right(), source.center().y()), QPointF(target.left(), target.center().y())
    way = route(start, end, source, target, standing(source, target, *others))
    assert way.segments[0][:2] == start.toTuple() and way.segments[-1][6:] == end.toTuple()
    return way


def grid() -> list[QRectF]:
    """Three rows of five cards with room between them."""
    return [QRectF(x * 220.0, y * 240.0, 144, 130 + 16 * (x % 3)) for y in range(3) for x in range(5)]


@pytest.mark.parametrize("source", range(0, 15, 2))
def test_ways_between_rows_of_cards_pass_behind_none(source: int) -> None:
    cards = grid()
    for target in range(15):
        if target != source:
            others = [c for i, c in enumerate(cards) if i not in (source, target)]
            assert not met(between(cards[source], cards[target], *others), *others), (source, target)


def test_a_long_way_down_goes_beside_the_rows() -> None:
    """Ports nearly above each other, with a card of every row in between."""
    source, target = QRectF(0, 0, 140, 100), QRectF(180, 900, 140, 100)
    rows = [QRectF(100, y, 160, 120) for y in (200, 400, 600)]
    assert not met(between(source, target, *rows), *rows)


def test_a_simple_way_stays_as_it_is_where_nothing_stands() -> None:
    source, target = QRectF(0, 0, 140, 100), QRectF(400, 300, 140, 100)
    assert len(between(source, target).segments) == 1


def lefts(way: Route) -> list[float]:
    return [x for x, _ in way.samples()]


def dot_of(canvas: Canvas) -> Item:
    (id,) = canvas.reroute({RETURN: canvas.scene.routes[RETURN].anchor})
    return canvas.scene.items[id]


def test_a_dot_in_a_wire_that_leads_back_is_passed_from_right_to_left(canvas: Canvas) -> None:
    dot = dot_of(canvas)
    assert dot.turned and dot.point("in", False).x() > dot.point("out", True).x()
    scene = canvas.scene
    before, after = scene.routes[End(dot.node.id, "in")], scene.routes[RETURN]
    assert min(lefts(before)) == dot.rect.right() and max(lefts(after)) == dot.rect.left()
    others = [item.rect for id, item in scene.items.items() if id not in (dot.node.id, "pool2", "flatten1")]
    assert not met(before, *others) and not met(after, *others)


def test_a_dot_turns_with_where_it_lies(canvas: Canvas) -> None:
    """Left of all and right of all it is passed from left to right again, and undo turns it back."""
    dot, id = dot_of(canvas), canvas.selected()[0]
    canvas.scene.preview({id: (-300.0, 200.0)})
    assert not dot.turned
    canvas.scene.settle()
    assert dot.turned
    canvas.scene.preview({"pool2": (-600.0, 0.0)})
    assert not dot.turned
    canvas.scene.settle()


def test_two_dots_in_a_wire_that_leads_back_are_joined_straight(canvas: Canvas) -> None:
    first = dot_of(canvas)
    way = canvas.scene.routes[RETURN]
    (second,) = canvas.reroute({RETURN: way.anchor})
    joined = canvas.scene.routes[End(second, "in")]
    assert canvas.scene.items[second].turned and first.turned
    assert joined.rect.width() == first.rect.left() - canvas.scene.items[second].rect.right()


def level(canvas: Canvas, end: End) -> bool:
    way = canvas.scene.routes[end]
    return abs(way.segments[0][1] - way.segments[-1][7]) < 0.5


def learn(canvas: Canvas) -> None:
    canvas.set_analysis(Inference(canvas.catalogue).analyse(canvas.document.network))


@pytest.mark.parametrize("told", [True, False])
def test_a_chain_of_new_layers_stays_level_when_its_shapes_arrive(make_canvas, told: bool) -> None:  # type: ignore[no-untyped-def]
    canvas = make_canvas(Network.of([Node("image1", "ImageInput")], []))
    last = "image1"
    for kind in ("Conv2d", "ReLU", "MaxPool2d", "Conv2d", "BatchNorm2d", "Flatten", "Linear"):
        if told:
            learn(canvas)
        last = canvas.chain(kind, last)
    learn(canvas)
    ends = list(canvas.document.network.wires)
    assert len(ends) == 7 and all(level(canvas, end) for end in ends)
    assert all(canvas.scene.routes[end].rect.width() >= 56 for end in ends), "there is room for the shapes"


def test_a_layer_in_a_wire_between_level_nodes_is_level(make_canvas) -> None:  # type: ignore[no-untyped-def]
    nodes = [Node("image1", "ImageInput"), Node("conv1", "Conv2d", position=(240.0, -40.0))]
    canvas = make_canvas(Network.of(nodes, [wire("image1", "conv1")]))
    learn(canvas)
    id = canvas.add_layer("ReLU", QPointF(180, 20), into=End("conv1", "in"))
    learn(canvas)
    assert level(canvas, End(id, "in")) and level(canvas, End("conv1", "in"))
    assert all(canvas.scene.routes[End(i, "in")].rect.width() >= 64 for i in (id, "conv1"))


@pytest.mark.parametrize("x", [0.0, 380.0, 800.0])
def test_a_layer_in_a_wire_that_leads_back_stands_at_an_end_of_a_row(canvas: Canvas, x: float) -> None:
    """So that no wire makes a loop, and none passes behind a card."""
    id = canvas.add_layer("ReLU", QPointF(x, 180), into=RETURN)
    assert id is not None
    scene = canvas.scene
    assert canvas.document.network.wires[RETURN].source == End(id, "out")
    for end in (End(id, "in"), RETURN):
        own = {end.node, canvas.document.network.wires[end].source.node}
        assert not met(scene.routes[end], *(item.rect for i, item in scene.items.items() if i not in own))
    assert level(canvas, End(id, "in")) != level(canvas, RETURN)


def test_a_copy_among_the_rows_is_no_obstacle_that_wires_pass_behind(canvas: Canvas) -> None:
    nodes = dict(lenet().nodes)
    network = Network.of([*nodes.values(), Node("far", "ReLU", position=(208.0, 520.0))], list(lenet().wires.values()))
    network = Network(network.nodes, {**network.wires, End("far", "in"): Wire(End("conv1", "out"), End("far", "in"))})
    canvas.document.replace(network)
    way = canvas.scene.routes[End("far", "in")]
    own = ("conv1", "far")
    assert not met(way, *(item.rect for i, item in canvas.scene.items.items() if i not in own))


@pytest.mark.parametrize("mode", ["bypass", "mute"])
def test_ports_stay_where_they_are_when_a_node_is_left_out(canvas: Canvas, mode: str) -> None:
    learn(canvas)
    before = {i: item.rect.getRect() for i, item in canvas.scene.items.items()}
    canvas.document.apply(SetMode(("pool1", "conv2", "fc2"), mode))
    learn(canvas)
    assert {i: canvas.scene.items[i].rect.getRect() for i in ("pool1", "conv2", "fc2")} == {
        i: before[i] for i in ("pool1", "conv2", "fc2")
    }


def test_a_card_does_not_grow_into_the_room_of_a_shape(canvas: Canvas) -> None:
    learn(canvas)
    canvas.document.apply(Rename("pool2", "a name that needs a very wide card"))
    canvas.document.apply(Rename("fc2", "a name that needs a very wide card"))
    scene = canvas.scene
    assert scene.items["fc3"].rect.left() - scene.items["fc2"].rect.right() >= 56
    assert scene.items["pool2"].rect.width() > 200


def test_a_note_lies_over_the_cards(canvas: Canvas) -> None:
    card = canvas.scene.items["conv1"].rect
    before = canvas.grab().toImage()
    note = Note("n", "", (card.left() + 20, card.top() + 40), (80.0, 60.0))
    canvas.document.apply(SetMarks({"n": note}))
    inside = canvas.camera.to_view(card.topLeft() + QPointF(30, 90)).toPoint()
    ground = markpaint.note_colours("")[0]
    assert canvas.grab().toImage().pixelColor(inside) == QColor(ground) != before.pixelColor(inside)
    assert canvas.scene.node_at(card.topLeft() + QPointF(30, 90)) is None
    assert canvas.scene.node_at(card.topLeft() + QPointF(10, 10)) == "conv1"


def test_drawings_of_cards_need_no_clips(canvas: Canvas, tmp_path: Path) -> None:
    """Readers that ignore them, as Qt's own does, show the same."""
    canvas.render_picture(tmp_path / "canvas.svg")
    assert "clip" not in (tmp_path / "canvas.svg").read_text(encoding="utf-8").lower()


def apart(canvas: Canvas) -> bool:
    """Whether no two cards overlap."""
    rects = [item.rect for item in canvas.scene.items.values()]
    return not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])


@pytest.mark.parametrize("before", ["fc1", "conv1", "flatten1", "pool2", "output1"])
@pytest.mark.parametrize("wired", [True, False])
def test_a_mend_stands_where_there_is_room(canvas: Canvas, before: str, wired: bool) -> None:
    learn(canvas)
    if not wired:
        canvas.document.apply(Disconnect((End(before, "in"),)))
    for _ in range(2):
        mend = AddLayer("Flatten", "flatten", "Insert Flatten", before=End(before, "in"))
        assert canvas.apply(Batch((mend,), "Insert Flatten"))
        learn(canvas)
    assert apart(canvas)
    assert len(canvas.document.steps) == 3 - wired, "each is one step"


def test_a_mend_behind_a_result_keeps_clear(canvas: Canvas) -> None:
    canvas.apply(AddLayer("ReLU", "relu", "Add ReLU", after=End("conv1", "out")))
    assert apart(canvas) and canvas.document.network.nodes["relu1"].position != lenet().nodes["pool1"].position


def test_a_mend_without_a_canvas_stands_on_nothing() -> None:
    """As far as one can know that without the cards."""
    network = lenet()
    for _ in range(3):
        network = AddLayer("ReLU", "relu", "Add ReLU", after=End("conv1", "out")).apply(network)[0]
    places = [node.position for node in network.nodes.values()]
    assert len({(x // 100, y // 100) for x, y in places}) == len(places)


def in_view(canvas: Canvas, id: str) -> bool:
    return canvas.camera.scene_rect(QRectF(canvas.rect())).contains(canvas.scene.items[id].rect)


@pytest.mark.parametrize(
    "edit", [Rename("fc3", "last"), Move({"fc3": (640.0, 260.0)}), SetFields("fc3", {"bias": False})]
)
def test_undo_and_redo_bring_what_they_change_into_view(canvas: Canvas, edit: Edit) -> None:
    canvas.document.apply(edit)
    for step in (canvas.undo, canvas.redo, lambda: canvas.document.travel(0)):
        canvas.pan(4000, 3000)
        assert not in_view(canvas, "fc3")
        step()
        assert in_view(canvas, "fc3")


def test_the_view_stays_where_what_changed_can_be_seen_and_for_edits(canvas: Canvas) -> None:
    canvas.fit()
    before = canvas.camera.state()
    canvas.document.apply(Rename("fc3", "last"))
    canvas.undo()
    assert canvas.camera.state() == before
    canvas.pan(4000, 3000)
    before = canvas.camera.state()
    canvas.document.apply(Rename("fc3", "last"))
    assert canvas.camera.state() == before


def test_undo_shows_where_a_note_and_a_node_were(canvas: Canvas) -> None:
    canvas.document.apply(SetMarks({"n": Note("n", "far", (3000.0, 2000.0), (80.0, 60.0))}))
    canvas.document.apply(AddNodes((Node("far", "ReLU", position=(-3000.0, 0.0)),)))
    canvas.undo()
    assert canvas.camera.scene_rect(QRectF(canvas.rect())).contains(QPointF(-3000, 0))
    canvas.document.travel(0)
    canvas.redo()
    assert canvas.camera.scene_rect(QRectF(canvas.rect())).contains(canvas.marks.note("n"))


def test_the_minimap_leaves_a_small_canvas_to_a_network_that_is_all_in_view(canvas: Canvas) -> None:
    canvas.resize(742, 408)
    canvas.fit()
    assert not canvas.minimap.isVisible() and all(in_view(canvas, id) for id in canvas.scene.items)
    canvas.pan(300, 0)
    assert canvas.minimap.isVisible()


def test_the_palette_stays_inside_the_window(canvas: Canvas) -> None:
    canvas.open_palette(canvas.mapToGlobal(canvas.rect().bottomRight()))
    assert canvas.popup is not None
    assert canvas.window().frameGeometry().contains(canvas.popup.geometry())
    canvas.popup.close()
