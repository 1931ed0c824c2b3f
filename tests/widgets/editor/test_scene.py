"""The scene is what the document says, after any sequence of edits."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from graphs.document import Document
from graphs.edits import AddNodes, Connect, Disconnect, EditError, Move, RemoveNodes, Rename, SetFields
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire
from tests.widgets.editor.tools import lenet
from widgets.editor.mirror.index import Index
from widgets.editor.mirror.routes import route
from widgets.editor.mirror.scene import Scene

IDS = [f"n{i}" for i in range(6)]
KINDS = ["Conv2d", "ReLU", "Add", "Output", "NoSuchKind", "ImageInput"]
id_ = st.sampled_from(IDS)
end = st.builds(End, id_, st.sampled_from(["in", "out", "a", "b", "gone"]))
place = st.tuples(st.integers(-2000, 2000).map(float), st.integers(-2000, 2000).map(float))
edit = st.one_of(
    st.builds(lambda i, k, p: AddNodes((Node(i, k, position=p),)), id_, st.sampled_from(KINDS), place),
    st.builds(lambda i: RemoveNodes((i,)), id_),
    st.builds(lambda a, b: Connect((Wire(a, b),)), end, end),
    st.builds(lambda e: Disconnect((e,)), end),
    st.builds(lambda i, p: Move({i: p}), id_, place),
    st.builds(Rename, id_, st.sampled_from(["a", "a very long name that does not fit on any card at all"])),
    st.builds(lambda i, n: SetFields(i, {"count": n, "padding": n}), id_, st.integers(-3, 9)),
)
steps = st.lists(st.one_of(edit, st.sampled_from(["undo", "redo"])), max_size=40)


def mirrored(scene: Scene, network: Network) -> bool:
    """Whether a scene kept in step equals one made from nothing."""
    fresh = Scene(standard())
    fresh.load(network)
    assert scene.items.keys() == network.nodes.keys() and scene.routes.keys() == network.wires.keys()
    for id, item in fresh.items.items():
        mine, width = scene.items[id], scene.items[id].face.width
        assert (mine.node, mine.rect.topLeft()) == (item.node, item.rect.topLeft())
        assert mine.face == replace(item.face, width=width) and mine.rect.size() == QSizeF(width, mine.face.height)
        assert mine.face.least <= width <= item.face.width, "it may have had no room to grow"
    everything = QRectF(-1e6, -1e6, 2e6, 2e6)
    assert set(scene.boxes.within(everything)) == set(network.nodes)
    assert set(scene.routes.within(everything)) == set(network.wires)
    for port, way in fresh.routes.items():
        mine = scene.routes[port]
        assert (mine.segments[0][:2], mine.segments[-1][6:]) == (way.segments[0][:2], way.segments[-1][6:])
    return True


@settings(max_examples=60, deadline=None)
@given(steps=steps)
def test_the_scene_mirrors_the_document(qapp: object, steps: list) -> None:
    document, scene = Document(), Scene(standard())
    scene.load(document.network)
    document.subscribe(scene.follow)
    for step in steps:
        try:
            {"undo": document.undo, "redo": document.redo}[step]() if isinstance(step, str) else document.apply(step)
        except EditError:
            continue
    assert mirrored(scene, document.network)


def test_a_preview_is_forgotten(qapp: object) -> None:
    scene = Scene(standard())
    scene.load(lenet())
    scene.preview({"conv1": (999.0, 999.0)})
    assert scene.node_at(QPointF(1010, 1010)) == "conv1"
    scene.settle()
    assert mirrored(scene, lenet())


def test_ports_that_a_layer_lost_are_still_shown(qapp: object) -> None:
    nodes = [Node("a", "ReLU"), Node("b", "ReLU", position=(300, 0))]
    scene = Scene(standard())
    scene.load(Network.of(nodes, [Wire(End("a", "out"), End("b", "gone"))]))
    assert [p.name for p in scene.items["b"].face.inputs] == ["in", "gone"]


def test_a_wire_that_leads_back_runs_between_the_rows(qapp: object) -> None:
    scene = Scene(standard())
    scene.load(lenet())
    way = scene.routes[End("flatten1", "in")]
    assert way.wraps
    upper = max(scene.items[i].rect.bottom() for i in ("image1", "conv1", "pool1", "conv2", "pool2"))
    lower = min(scene.items[i].rect.top() for i in ("flatten1", "fc1", "fc2", "fc3", "output1"))
    assert upper < way.anchor.y() < lower
    for x, y in way.samples():
        inside = [i for i in scene.boxes.at(QPointF(x, y)) if i not in ("pool2", "flatten1")]
        assert not inside


def test_a_wire_that_skips_nodes_of_its_row_passes_clear_of_them(qapp: object) -> None:
    scene, network = Scene(standard()), lenet()
    skip = Wire(End("image1", "out"), End("conv2", "in"))
    scene.load(
        Network.of(network.nodes.values(), [skip, *(w for w in network.wires.values() if w.target != skip.target)])
    )
    way = scene.routes[skip.target]
    others = [item.rect for id, item in scene.items.items() if id not in ("image1", "conv2")]
    assert not any(box.contains(QPointF(x, y)) for x, y in way.samples() for box in others)
    scene.preview({"conv1": (208.0, 900.0), "pool1": (416.0, 900.0)})
    assert len(scene.routes[skip.target].segments) == 1, "straight again once nothing is in its way"


def test_routes_end_at_their_ports_and_are_smooth() -> None:
    box = QRectF(0, 0, 100, 100)
    for goal in (QPointF(300, 40), QPointF(110, 400), QPointF(-300, 500), QPointF(-50, 60), QPointF(100, 50)):
        way = route(QPointF(100, 50), goal, box, QRectF(goal.x(), goal.y() - 50, 100, 100), lambda _: [])
        assert way.segments[0][:2] == (100, 50) and way.segments[-1][6:] == (goal.x(), goal.y())
        for one, two in zip(way.segments, way.segments[1:], strict=False):
            assert one[6:] == two[:2], "no gap"
            assert one[5] == one[7] == two[1] == two[3], "level where two parts meet"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-99, 99), st.integers(-99, 99), st.booleans()), max_size=60))
def test_the_index_finds_what_a_search_through_all_finds(steps: list) -> None:
    index: Index[int] = Index()
    boxes: dict[int, QRectF] = {}
    for key, x, y, keep in steps:
        if keep:
            boxes[key] = QRectF(x, y, 20, 10)
            index.set(key, boxes[key])
        else:
            boxes.pop(key, None)
            index.remove(key)
    area = QRectF(-40, -40, 60, 60)
    hit = {k for k, b in boxes.items() if b.left() <= 20 and b.right() >= -40 and b.top() <= 20 and b.bottom() >= -40}
    assert set(index.within(area)) == hit and len(index) == len(boxes)
