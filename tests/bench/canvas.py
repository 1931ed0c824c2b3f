"""The canvas with 5,000 nodes and 6,665 wires at 1600×900: time to open it, time of a frame while panning.

Beside it in the same run: a plain QGraphicsScene (an item a node, an item a wire), and NodeGraphQt where it is
installed. The aims are plain limits, so the ratio is our own figure.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QGraphicsItem, QGraphicsScene, QGraphicsView, QWidget

from graphs.document import Document
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire
from tests.bench.table import Row, render
from widgets.editor.canvas import Canvas

NODES, COLUMNS, FRAMES = 5000, 100, 150
SIZE = (1600, 900)
KINDS = ("Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d", "Dropout", "Linear")


def network(count: int = NODES) -> Network:
    """Chains side by side with a second branch at every third node: 5,000 nodes have 6,665 wires."""
    nodes, wires = [Node("input1", "ImageInput")], []
    for n in range(1, count - 1):
        row, column = divmod(n, COLUMNS)
        kind = "Add" if n > 3 and n % 3 == 2 else KINDS[n % len(KINDS)]
        port = "a" if kind == "Add" else "in"
        nodes.append(Node(f"node{n}", kind, position=(column * 200.0, row * 176.0)))
        wires.append(Wire(End(nodes[n - 1].id, "out"), End(f"node{n}", port)))
        if kind == "Add":
            wires.append(Wire(End(nodes[n - 3].id, "out"), End(f"node{n}", "b")))
    nodes.append(Node("output1", "Output", position=(0.0, count // COLUMNS * 176.0)))
    wires.append(Wire(End(nodes[-2].id, "out"), End("output1", "in")))
    nodes[1] = Node("node1", "Concat", position=nodes[1].position)
    wires[0] = Wire(End("input1", "out"), End("node1", "a"))
    wires.append(Wire(End("input1", "out"), End("node1", "b")))
    return Network.of(nodes, wires)


Bench = tuple[QWidget, Callable[[str], None], Callable[[int], None]]
"""A widget, what makes it look ("close" or "fitted"), and what pans it by one frame."""


def run() -> list[Row]:
    """Measures everything in this process; about ten seconds."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    design = network()
    _warm_up(app)
    gc.collect()
    gc.freeze()
    ours = _measure(app, lambda: _open_canvas(design))
    plain = _measure(app, lambda: _open_plain(design))
    size = f"{len(design.nodes):,} nodes, {len(design.wires):,} wires"
    rows = [
        _row("canvas: open", ours["open"], plain["open"], 1000.0, f"{size}; reference: plain QGraphicsScene"),
        _row("canvas: pan at 100 %, p95", ours["close"], plain["close"], 12.0, "frame at 1600×900"),
        _row("canvas: pan fitted, p95", ours["fitted"], plain["fitted"], 12.0, "frame at 1600×900"),
    ]
    return rows + _nodegraphqt(app, design, ours)


def _row(name: str, ours: float, reference: float, aim: float, note: str) -> Row:
    return Row(name, ours, reference, ours, aim, "ms", least=False, note=note)


def _measure(app: QApplication, build: Callable[[], Bench]) -> dict[str, float]:
    """Milliseconds: "open" until the first frame is painted, "close" and "fitted" a frame of panning (p95)."""
    start = time.perf_counter()
    widget, look, pan = build()
    widget.resize(*SIZE)
    widget.show()
    app.processEvents()
    target = getattr(widget, "viewport", lambda: widget)()
    target.repaint()
    found = {"open": 1000 * (time.perf_counter() - start)}
    for where in ("close", "fitted"):
        look(where)
        app.processEvents()
        target.repaint()
        found[where] = _pan(pan, target)
    widget.close()
    widget.deleteLater()
    app.processEvents()
    return found


def _pan(pan: Callable[[int], None], target: QWidget) -> float:
    times = []
    for frame in range(FRAMES):
        start = time.perf_counter()
        pan(frame)
        target.repaint()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.quantiles(times, n=20)[-1]


def _warm_up(app: QApplication) -> None:
    """Fonts and code are loaded once in a program's life."""
    canvas = Canvas(Document(network(40)), standard())
    canvas.resize(400, 300)
    canvas.show()
    app.processEvents()
    canvas.close()


def _open_canvas(design: Network) -> Bench:
    canvas = Canvas(Document(design), standard())

    def look(where: str) -> None:
        canvas.fit()
        if where == "close":
            canvas.zoom(1.0 / canvas.camera.scale)

    return canvas, look, lambda frame: canvas.pan(9 if frame % 50 < 25 else -9, 5)


class _Box(QGraphicsItem):
    """A node as one would begin: a rounded box, a name, two ports."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self._name, self._area = node.title, QRectF(0, 0, 128, 96)
        self.setPos(QPointF(*node.position))

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-8, -8, 8, 8)

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        painter.setPen(QPen(QColor("#2e333d")))
        painter.setBrush(QColor("#22262e"))
        painter.drawRoundedRect(self._area, 8, 8)
        painter.setPen(QColor("#e6e9ef"))
        painter.drawText(QPointF(12, 18), self._name)
        painter.setBrush(QColor("#4f8ef7"))
        painter.drawEllipse(QPointF(0, 48), 5, 5)
        painter.drawEllipse(QPointF(128, 48), 5, 5)


def _open_plain(design: Network) -> Bench:
    view = QGraphicsView()
    scene = QGraphicsScene(view)
    view.setScene(scene)
    view.setRenderHint(QPainter.RenderHint.Antialiasing)
    for node in design.nodes.values():
        scene.addItem(_Box(node))
    pen = QPen(QColor("#5b657b"), 2)
    for wire in design.wires.values():
        start = QPointF(*design.nodes[wire.source.node].position) + QPointF(128, 48)
        end = QPointF(*design.nodes[wire.target.node].position) + QPointF(0, 48)
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(60, 0), end - QPointF(60, 0), end)
        scene.addPath(path, pen)
    view.fitInView(scene.itemsBoundingRect(), Qt.AspectRatioMode.KeepAspectRatio)
    return view, lambda where: _look_plain(view, where), lambda frame: _scroll(view, frame)


def _look_plain(view: QGraphicsView, where: str) -> None:
    if where == "close":
        view.resetTransform()
    else:
        view.fitInView(view.scene().itemsBoundingRect(), Qt.AspectRatioMode.KeepAspectRatio)
        view.setSceneRect(view.scene().itemsBoundingRect().adjusted(-9999, -9999, 9999, 9999))


def _scroll(view: QGraphicsView, frame: int) -> None:
    """Moves by the same steps; the whole view is painted, as it is where overlays stand above it."""
    view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
    for bar, step in ((view.horizontalScrollBar(), 9 if frame % 50 < 25 else -9), (view.verticalScrollBar(), 5)):
        bar.setValue(bar.value() + step)


def _nodegraphqt(app: QApplication, design: Network, ours: dict[str, float]) -> list[Row]:
    """NodeGraphQt with the same network, where it can be imported."""
    try:
        from NodeGraphQt import BaseNode, NodeGraph
    except ImportError:
        print("NodeGraphQt is not installed, so it is not measured.")
        return []

    class Plain(BaseNode):  # type: ignore[misc]
        __identifier__, NODE_NAME = "bench", "Plain"

        def __init__(self) -> None:
            super().__init__()
            self.add_input("a")
            self.add_input("b")
            self.add_output("out")

    def build() -> Bench:
        graph = NodeGraph()
        graph.register_node(Plain)
        made = {}
        for node in design.nodes.values():
            made[node.id] = graph.create_node("bench.Plain", name=node.id, pos=node.position, push_undo=False)
        for wire in design.wires.values():
            port = "b" if wire.target.port == "b" else "a"
            made[wire.source.node].set_output(0, made[wire.target.node].inputs()[port])
        view = graph.viewer()
        view.setProperty("graph", graph)

        def look(where: str) -> None:
            graph.reset_zoom() if where == "close" else graph.fit_to_selection()

        return view, look, lambda frame: _scroll(view, frame)

    theirs = _measure(app, build)
    names = {"open": "open", "close": "pan at 100 %, p95", "fitted": "pan fitted, p95"}
    return [
        Row(f"canvas beside NodeGraphQt: {names[key]}", ours[key], theirs[key], theirs[key] / ours[key], 1.0, "ms")
        for key in names
    ]


if __name__ == "__main__":
    print(render(run()))
