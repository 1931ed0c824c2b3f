"""A network to try things on, and a hand that presses, drags and lets go."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from graphs.network import End, Network, Node, Wire
from widgets.editor.canvas import Canvas

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def wire(source: str, target: str, port: str = "in") -> Wire:
    """A wire between the usual ports."""
    return Wire(End(source, "out"), End(target, port))


def lenet() -> Network:
    """LeNet-5 in two rows."""
    rows = (
        ("image1", "ImageInput", {}),
        ("conv1", "Conv2d", {"out_channels": 6, "kernel_size": [5, 5], "padding": 2}),
        ("pool1", "MaxPool2d", {}),
        ("conv2", "Conv2d", {"out_channels": 16, "kernel_size": [5, 5]}),
        ("pool2", "MaxPool2d", {}),
        ("flatten1", "Flatten", {}),
        ("fc1", "Linear", {"out_features": 120}),
        ("fc2", "Linear", {"out_features": 84}),
        ("fc3", "Linear", {"out_features": 10}),
        ("output1", "Output", {}),
    )
    nodes = [Node(id, kind, "", f, (n % 5 * 208.0, n // 5 * 240.0)) for n, (id, kind, f) in enumerate(rows)]
    names = [node.id for node in nodes]
    return Network.of(nodes, [wire(a, b) for a, b in itertools.pairwise(names)])


class Hand:
    """Mouse events at scene points of a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def view(self, point: QPointF) -> QPointF:
        return self.canvas.camera.to_view(point)

    def _send(self, kind: QEvent.Type, point: QPointF, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
        at = self.view(point)
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        event = QMouseEvent(kind, at, self.canvas.mapToGlobal(at), button, held, keys)
        QApplication.sendEvent(self.canvas, event)

    def press(self, point: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
        self._send(QEvent.Type.MouseButtonPress, point, button, keys)

    def move(self, point: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
        self._send(QEvent.Type.MouseMove, point, button, keys)

    def release(self, point: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
        self._send(QEvent.Type.MouseButtonRelease, point, button, keys)

    def click(self, point: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
        self.press(point, button, keys)
        self.release(point, button, keys)

    def double_click(self, point: QPointF) -> None:
        self._send(QEvent.Type.MouseButtonDblClick, point, LEFT, NONE)

    def drag(
        self, start: QPointF, end: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE
    ) -> None:
        """From one scene point to another; both are where they were when the drag began."""
        self.press(start, button, keys)
        for step in (0.3, 0.7, 1.0):
            self.move(start + (end - start) * step, button, keys)
            self.canvas.grab()
        self.release(end, button, keys)

    def wheel(self, point: QPointF, angle: int, keys: Qt.KeyboardModifier = NONE) -> None:
        at = self.view(point)
        event = QWheelEvent(
            at, self.canvas.mapToGlobal(at), QPointF(0, 0).toPoint(), QPointF(0, angle).toPoint(),
            Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)

    def context(self, point: QPointF) -> None:
        """Asks for the menu at a point."""
        at = self.view(point).toPoint()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, self.canvas.mapToGlobal(at))
        QApplication.sendEvent(self.canvas, event)

    def drop(self, kind: str, point: QPointF) -> bool:
        """Carries a layer from the palette and lets it go; False where the canvas does not take it."""
        data = QMimeData()
        data.setData("application/x-netloom-kind", kind.encode())
        at, copy = self.view(point), Qt.DropAction.CopyAction
        enter = QDragEnterEvent(at.toPoint(), copy, data, LEFT, NONE)
        QApplication.sendEvent(self.canvas, enter)
        if not enter.isAccepted():
            return False
        QApplication.sendEvent(self.canvas, QDragMoveEvent(at.toPoint(), copy, data, LEFT, NONE))
        self.canvas.grab()
        QApplication.sendEvent(self.canvas, QDropEvent(at, copy, data, LEFT, NONE))
        return True

    def centre(self, id: str) -> QPointF:
        return self.canvas.scene.items[id].rect.center()

    def grip(self, id: str) -> QPointF:
        """A place on the node's header, far from its ports."""
        return self.canvas.scene.items[id].rect.topLeft() + QPointF(30, 12)

    def port(self, id: str, port: str, output: bool) -> QPointF:
        return self.canvas.scene.items[id].point(port, output)
