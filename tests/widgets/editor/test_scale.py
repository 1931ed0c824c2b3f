"""What is kept, put off or stretched for speed ends up as the same picture, and as the same scene."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from graphs.layers.catalogue import standard
from graphs.network import Network, Node
from tests.widgets.editor.tools import Hand, lenet, wire
from widgets.editor.canvas import Canvas
from widgets.editor.mirror.index import Index
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting import picture as painting

MakeCanvas = Callable[[Network], Canvas]


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painting, "REST_S", 0.0)


def crowd(count: int = 300, columns: int = 20) -> Network:
    nodes = [Node(f"n{i}", "ReLU", position=(i % columns * 160.0, i // columns * 120.0)) for i in range(count)]
    wires = [wire(f"n{i - 1}", f"n{i}") for i in range(1, count)]
    return Network.of(nodes, wires)


def shown(canvas: Canvas) -> QImage:
    """The canvas once nothing waits to be sharpened."""
    image = QImage(canvas.size(), QImage.Format.Format_RGB32)
    until = time.monotonic() + 20
    waiting = True
    while waiting and time.monotonic() < until:
        painter = QPainter(image)
        waiting = canvas.picture.paint(painter, QRectF(canvas.rect()))
        painter.end()
    assert not waiting
    return image


def anew(canvas: Canvas) -> QImage:
    """The same, with everything painted from nothing."""
    canvas.picture.forget()
    return shown(canvas)


@pytest.fixture
def crowded(make_canvas: MakeCanvas) -> Iterator[Canvas]:
    canvas = make_canvas(crowd())
    shown(canvas)
    yield canvas


@pytest.mark.parametrize("factors", [(0.9, 0.9, 0.9), (0.8, 1.1, 1.2), (0.5, 0.5, 0.5), (1.05,) * 6, (0.3, 2.0)])
def test_zooming_leaves_the_same_picture_as_painting_anew(crowded: Canvas, factors: tuple[float, ...]) -> None:
    for factor in factors:
        crowded.zoom(factor, QPointF(300, 200))
        crowded.pan(13, -7)
        crowded.grab()
    assert shown(crowded) == anew(crowded)


def test_while_the_zoom_changes_the_picture_is_stretched(crowded: Canvas) -> None:
    crowded.zoom(0.6)
    shown(crowded)
    sheets = set(crowded.picture.sheets._sheets.values())
    crowded.zoom(0.95)
    image = QImage(crowded.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    assert crowded.picture.paint(painter, QRectF(crowded.rect())), "it says that it will be sharpened"
    painter.end()
    assert set(crowded.picture.sheets._sheets.values()) == sheets, "no card was painted for a frame that passes"


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.1])
def test_a_drag_leaves_the_same_picture_as_painting_anew(make_canvas: MakeCanvas, scale: float) -> None:
    canvas = make_canvas(crowd(450))
    canvas.fit()
    canvas.zoom(scale / canvas.camera.scale)
    middle = canvas.camera.to_scene(QPointF(640, 400))
    ids = canvas.scene.boxes.within(QRectF(middle.x() - 400, middle.y() - 300, 800, 600))
    canvas.select(ids)
    shown(canvas)
    hand = Hand(canvas)
    start = hand.grip(ids[0])
    hand.press(start)
    for step in range(1, 6):
        hand.move(start + QPointF(24 * step, 16 * step))
        moving = shown(canvas)
    assert moving == anew(canvas), "nodes in the hand lie over what stands still, whatever was kept"
    hand.release(start + QPointF(120, 80))
    assert shown(canvas) == anew(canvas)
    assert all(canvas.document.network.nodes[i].position == canvas.scene.items[i].rect.topLeft().toTuple() for i in ids)


def test_what_stands_still_is_not_painted_again_while_nodes_are_dragged(crowded: Canvas) -> None:
    before, revision = crowded.scene.base, crowded.scene.revision
    crowded.scene.preview({"n5": (800.0, 10.0)})
    assert crowded.scene.base > before, "it leaves the kept picture"
    before = crowded.scene.base
    for x in range(810, 900, 10):
        crowded.scene.preview({"n5": (float(x), 10.0)})
    assert crowded.scene.base == before and crowded.scene.revision > revision + 9
    assert crowded.scene.lifted == {wire("n4", "n5").target, wire("n5", "n6").target}
    crowded.scene.settle()
    assert crowded.scene.base > before and not crowded.scene.lifted


def test_wires_are_as_if_laid_at_once_after_a_drag(qapp: object) -> None:
    scene, fresh = Scene(standard()), Scene(standard())
    network = lenet()
    scene.load(network)
    fresh.load(network)
    for x in (100.0, 300.0, 800.0):
        scene.preview({"conv1": (x, 300.0), "pool1": (x + 200, 300.0)})
    inner = scene.routes[wire("conv1", "pool1").target]
    assert inner.segments[0][0] == scene.items["conv1"].rect.right()
    scene.settle()
    assert {e: way.segments for e, way in scene.routes.items()} == {e: w.segments for e, w in fresh.routes.items()}
    assert scene.bounds() == fresh.bounds()


def test_many_rectangles_are_searched_for_at_once(qapp: object) -> None:
    index: Index[int] = Index()
    for n in range(200):
        index.set(n, QRectF(n % 20 * 30, n // 20 * 30, 20, 20))
    asked = [QRectF(10, 10, 5, 5), QRectF(200, 100, 70, 3), QRectF(900, 900, 5, 5)]
    each = {key for rect in asked for key in index.within(rect)}
    assert set(index.touching(asked)) == each and index.touching([]) == []
    assert [index.count(rect) for rect in asked] == [len(index.within(rect)) for rect in asked]


def test_what_is_out_of_view_follows_what_is_in_view(qapp: object) -> None:
    from graphs.inference.shapes import Inference

    scene, whole = Scene(standard()), Scene(standard())
    network = crowd(260)
    first = Node("n0", "ImageInput", position=(0.0, 0.0))
    network = Network.of(
        [first, *(node for id, node in network.nodes.items() if id != "n0")], [*network.wires.values()]
    )
    analysis = Inference(standard()).analyse(network)
    for each in (scene, whole):
        each.load(network)
    whole.set_analysis(analysis)
    assert scene.set_analysis(analysis, QRectF(0, 0, 400, 100)) and "n0" not in scene.behind and "n259" in scene.behind
    revision = scene.revision
    assert scene.catch_up() and not scene.behind and scene.revision > revision
    assert {i: item.face for i, item in scene.items.items()} == {i: item.face for i, item in whole.items.items()}
