"""Editors side by side: ours, a plain QGraphicsScene (an item a node, an item a wire), and NodeGraphQt."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QGraphicsItem, QGraphicsScene, QGraphicsView, QWidget

from graphs.document import Document
from graphs.layers.catalogue import standard
from graphs.network import Network, Node
from widgets.editor.canvas import Canvas

SIZE = (1600, 900)
HELD = 100
"""So many nodes are dragged."""
CLOSER = 1.05
"""How much one frame of zooming changes; 25 frames out and 25 back pass all that can be seen between."""


class Editor(Protocol):
    """What every editor that is measured can do."""

    @property
    def widget(self) -> QWidget: ...
    def look(self, where: str) -> None:
        """Shows the network "close" (100 %) or "fitted"."""

    def pan(self, frame: int) -> None: ...
    def zoom(self, frame: int) -> None: ...
    def hold(self) -> None:
        """Takes 100 nodes in the hand, those in the middle of the view."""

    def drag(self, frame: int) -> None: ...
    def drop(self) -> None: ...


def application() -> QApplication:
    """The one application, with our theme; fonts and code are loaded once in a program's life."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    return app


def shown(editor: Editor) -> QWidget:
    """Shows the editor and paints its first frame; what is painted on."""
    widget = editor.widget
    widget.resize(*SIZE)
    widget.show()
    application().processEvents()
    target = getattr(widget, "viewport", lambda: widget)()
    target.repaint()
    return target


def closed(editor: Editor) -> None:
    """Ends the editor and all that belongs to it."""
    editor.widget.close()
    editor.widget.deleteLater()
    application().processEvents()


def p95(move: Callable[[int], None], target: QWidget, frames: int) -> tuple[float, float]:
    """Milliseconds that a frame takes, painting included, by the clock and of the processor; one in twenty is longer.

    Both are the same on a machine that has nothing else to do.
    """
    times, busy = [], []
    for frame in range(frames):
        start, spent = time.perf_counter(), time.thread_time()
        move(frame)
        target.repaint()
        times.append(1000 * (time.perf_counter() - start))
        busy.append(1000 * (time.thread_time() - spent))
    return statistics.quantiles(times, n=20)[-1], statistics.quantiles(busy, n=20)[-1]


def there_and_back(frame: int) -> int:
    """1 in 25 frames, -1 in the next 25."""
    return 1 if frame % 50 < 25 else -1


class Ours:
    """The canvas, driven by what the mouse would send."""

    def __init__(self, design: Network, analysis: Any = None) -> None:
        self.canvas = Canvas(Document(design), standard())
        if analysis is not None:
            self.canvas.set_analysis(analysis)
            self.canvas.scene.catch_up()  # as the window does in the second after
        self._start = QPointF()

    @property
    def widget(self) -> QWidget:
        return self.canvas

    def look(self, where: str) -> None:
        self.canvas.fit()
        if where == "close":
            self.canvas.zoom(1.0 / self.canvas.camera.scale)

    def pan(self, frame: int) -> None:
        self.canvas.pan(9 * there_and_back(frame), 5)

    def zoom(self, frame: int) -> None:
        closer = self.canvas.fitted or self.canvas.camera.scale < 0.2
        way = there_and_back(frame) if closer else -there_and_back(frame)
        self.canvas.zoom(CLOSER**way)

    def hold(self) -> None:
        canvas = self.canvas
        middle = canvas.camera.to_scene(QRectF(canvas.rect()).center())
        items = canvas.scene.items
        canvas.select(nearest(((i, item.rect.center()) for i, item in items.items()), middle))
        grip = canvas.camera.to_view(items[canvas.selected()[0]].rect.topLeft() + QPointF(30, 12))
        self._start = grip
        self._mouse(QEvent.Type.MouseButtonPress, grip)

    def drag(self, frame: int) -> None:
        step = frame % 50 if frame % 100 < 50 else 50 - frame % 50
        self._mouse(QEvent.Type.MouseMove, self._start + QPointF(9 * step + 5, 5 * step + 5))

    def drop(self) -> None:
        assert self.canvas.gesture is not None, "nothing is in the hand"
        self.canvas.end_gesture(cancel=True)

    def _mouse(self, kind: QEvent.Type, at: QPointF) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, at, self.canvas.mapToGlobal(at), left, left, none))


def nearest(places: Iterable[tuple[str, QPointF]], middle: QPointF) -> list[str]:
    """The ids of the 100 that are closest to a point."""
    away = sorted(((place - middle).manhattanLength(), id) for id, place in places)
    return [id for _, id in away[:HELD]]


class _Box(QGraphicsItem):
    """A node as one would begin: a rounded box, a name, two ports."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.name, self._area = node.title, QRectF(0, 0, 128, 96)
        self.wires: list[_Line] = []
        self.setPos(QPointF(*node.position))

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-8, -8, 8, 8)

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        painter.setPen(QPen(QColor("#2e333d")))
        painter.setBrush(QColor("#22262e"))
        painter.drawRoundedRect(self._area, 8, 8)
        painter.setPen(QColor("#e6e9ef"))
        painter.drawText(QPointF(12, 18), self.name)
        painter.setBrush(QColor("#4f8ef7"))
        painter.drawEllipse(QPointF(0, 48), 5, 5)
        painter.drawEllipse(QPointF(128, 48), 5, 5)


class _Line:
    """A wire between two boxes."""

    def __init__(self, scene: QGraphicsScene, source: _Box, target: _Box) -> None:
        self._source, self._target = source, target
        self._item = scene.addPath(self._path(), QPen(QColor("#5b657b"), 2))
        source.wires.append(self)
        target.wires.append(self)

    def _path(self) -> QPainterPath:
        start, end = self._source.pos() + QPointF(128, 48), self._target.pos() + QPointF(0, 48)
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(60, 0), end - QPointF(60, 0), end)
        return path

    def follow(self) -> None:
        self._item.setPath(self._path())


class Plain:
    """A plain QGraphicsScene; the whole view is painted, as it is where overlays stand above it."""

    def __init__(self, design: Network, analysis: Any = None) -> None:
        self.view = QGraphicsView()
        scene = QGraphicsScene(self.view)
        self.view.setScene(scene)
        self.view.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self._boxes = {node.id: _Box(node) for node in design.nodes.values()}
        for box in self._boxes.values():
            scene.addItem(box)
        for wire in design.wires.values():
            _Line(scene, self._boxes[wire.source.node], self._boxes[wire.target.node])
        self._held: list[_Box] = []
        self._closer = True
        self.look("fitted")

    @property
    def widget(self) -> QWidget:
        return self.view

    def look(self, where: str) -> None:
        bounds = self.view.scene().itemsBoundingRect()
        self.view.setSceneRect(bounds.adjusted(-9999, -9999, 9999, 9999))
        self.view.fitInView(bounds, Qt.AspectRatioMode.KeepAspectRatio)
        self._closer = where == "fitted"
        if where == "close":
            self.view.resetTransform()

    def pan(self, frame: int) -> None:
        bars = (self.view.horizontalScrollBar(), 9 * there_and_back(frame)), (self.view.verticalScrollBar(), 5)
        for bar, step in bars:
            bar.setValue(bar.value() + step)

    def zoom(self, frame: int) -> None:
        factor = CLOSER ** (there_and_back(frame) if self._closer else -there_and_back(frame))
        self.view.scale(factor, factor)

    def hold(self) -> None:
        middle = self.view.mapToScene(self.view.viewport().rect().center())
        ids = nearest(((i, box.pos()) for i, box in self._boxes.items()), middle)
        self._held = [self._boxes[i] for i in ids]

    def drag(self, frame: int) -> None:
        wires = {id(wire): wire for box in self._held for wire in box.wires}
        for box in self._held:
            box.moveBy(9 * there_and_back(frame), 5 * there_and_back(frame))
        for wire in wires.values():
            wire.follow()

    def drop(self) -> None:
        self._held = []


def nodegraphqt() -> type | None:
    """NodeGraphQt as an editor that can be measured; None where it cannot be imported."""
    try:
        from NodeGraphQt import BaseNode, NodeGraph
    except ImportError:
        return None

    class Box(BaseNode):  # type: ignore[misc]
        __identifier__, NODE_NAME = "bench", "Box"

        def __init__(self) -> None:
            super().__init__()
            self.add_input("a")
            self.add_input("b")
            self.add_output("out")

    class Theirs(Plain):
        def __init__(self, design: Network, analysis: Any = None) -> None:
            self.graph = NodeGraph()
            self.graph.set_acyclic(False)  # its check for loops at each wire takes minutes from 60 nodes on
            self.graph.register_node(Box)
            made = {
                n.id: self.graph.create_node("bench.Box", name=n.id, pos=n.position, push_undo=False)
                for n in design.nodes.values()
            }
            for wire in design.wires.values():
                port = made[wire.target.node].inputs()["b" if wire.target.port == "b" else "a"]
                made[wire.source.node].outputs()["out"].connect_to(port, push_undo=False, emit_signal=False)
            self.view = self.graph.viewer()
            self._made, self._closer = made, True

        def look(self, where: str) -> None:
            self.graph.clear_selection()
            self._closer = where == "fitted"
            if where == "close":
                self.graph.reset_zoom()
            else:
                self.graph.fit_to_selection()

        def hold(self) -> None:
            middle = self.view.mapToScene(self.view.viewport().rect().center())
            ids = nearest(((i, QPointF(*node.pos())) for i, node in self._made.items()), middle)
            self._held = [self._made[i].view for i in ids]

        def zoom(self, frame: int) -> None:
            self.graph.set_zoom(self.graph.get_zoom() + 0.02 * there_and_back(frame) * (1 if self._closer else -1))

        def drag(self, frame: int) -> None:
            for item in self._held:
                item.moveBy(9 * there_and_back(frame), 5 * there_and_back(frame))

    return Theirs
