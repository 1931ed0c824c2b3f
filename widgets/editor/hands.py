"""Mouse, wheel, touch and drag-and-drop events, turned into gestures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QInputDevice, QMouseEvent, QWheelEvent

from graphs.edits import Disconnect
from graphs.network import End
from widgets.editor.gestures import (
    CutWires,
    DotWires,
    DrawWire,
    DropKind,
    Gesture,
    MoveNodes,
    MoveWires,
    Pan,
    Pointer,
    ResizeNote,
    RubberBand,
)
from widgets.editor.mirror.item import Socket

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

KIND = "application/x-netloom-kind"
PORT_REACH, WIRE_REACH = 11.0, 6.0
WHEEL = 1.0016


class Hands:
    """Chooses the gesture for a press and feeds it until it ends."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.space = False

    def pointer(self, point: QPointF, keys: Qt.KeyboardModifier) -> Pointer:
        """A widget point with its scene point."""
        return Pointer(point, self._canvas.camera.to_scene(point), keys)

    def press(self, event: QMouseEvent) -> None:
        """Begins the gesture that belongs to the button and to what is under the pointer."""
        canvas, at = self._canvas, self.pointer(event.position(), event.modifiers())
        if canvas.gesture is not None:
            canvas.end_gesture(cancel=True)
        button = event.button()
        gesture: Gesture | None = None
        if button == Qt.MouseButton.MiddleButton or (button == Qt.MouseButton.LeftButton and self.space):
            gesture = Pan(canvas, at)
        elif button == Qt.MouseButton.RightButton and (at.control or at.shift):
            gesture = CutWires(canvas, at) if at.control else DotWires(canvas, at)
        elif button == Qt.MouseButton.LeftButton:
            gesture = self._left(at)
        canvas.begin_gesture(gesture)

    def _left(self, at: Pointer) -> Gesture | None:
        canvas = self._canvas
        if (badge := canvas.badges.at(canvas.camera, at.view)) is not None:
            canvas.open_fixes(badge)
            return None
        if (socket := self.socket_at(at)) is not None:
            return self._from_socket(at, socket)
        if (node := canvas.scene.node_at(at.scene)) is not None:
            return MoveNodes(canvas, at, node)
        if (note := canvas.marks.corner_at(at.scene, canvas.camera.scale)) is not None:
            return ResizeNote(canvas, at, note)
        if (note := canvas.marks.note_at(at.scene)) is not None:
            return MoveNodes(canvas, at, note)
        if (wire := self.wire_at(at)) is not None:
            canvas.choose_wire(wire, add=at.shift or at.control)
            return None
        if (frame := canvas.marks.grip_at(at.scene, canvas.camera.scale)) is not None:
            return MoveNodes(canvas, at, frame)
        return RubberBand(canvas, at)

    def socket_at(self, at: Pointer) -> Socket | None:
        """The port under the pointer; the middle of a dot is there to move it."""
        canvas = self._canvas
        if not canvas.ports_shown or self._on_dot(at):
            return None
        return canvas.scene.socket_at(at.scene, PORT_REACH / canvas.camera.scale)

    def _on_dot(self, at: Pointer) -> bool:
        node = self._canvas.scene.node_at(at.scene)
        return node is not None and self._canvas.scene.items[node].face.dot

    def mark_at(self, at: Pointer) -> str | None:
        """The note, or the frame's title or border, under the pointer."""
        marks = self._canvas.marks
        return marks.note_at(at.scene) or marks.grip_at(at.scene, self._canvas.camera.scale)

    def cursor(self, at: Pointer, node: str | None) -> Qt.CursorShape:
        """How the pointer looks over a note's corner, over what can be dragged by its edge, and elsewhere."""
        marks, scale = self._canvas.marks, self._canvas.camera.scale
        if node is None and marks.known and marks.corner_at(at.scene, scale):
            return Qt.CursorShape.SizeFDiagCursor
        return Qt.CursorShape.ArrowCursor

    def wire_at(self, at: Pointer) -> End | None:
        """The wire under the pointer; none when the network is too far away to tell."""
        if not self._canvas.ports_shown:
            return None
        return self._canvas.scene.wire_at(at.scene, WIRE_REACH / self._canvas.camera.scale)

    def _from_socket(self, at: Pointer, socket: Socket) -> Gesture | None:
        canvas, network = self._canvas, self._canvas.scene.network
        if at.alt:
            wires = network.outgoing(socket.end.node) if socket.output else network.incoming(socket.end.node)
            cut = [w.target for w in wires if socket.end in (w.source, w.target)]
            if cut:
                canvas.apply(Disconnect(tuple(cut)))
            return None
        if at.control:
            return MoveWires(canvas, at, socket)
        wire = None if socket.output else network.wires.get(socket.end)
        if wire is None:
            return DrawWire(canvas, at, socket)
        far = next((s for s in canvas.scene.sockets(wire.source.node) if s.end == wire.source), None)
        return DrawWire(canvas, at, far, taken=socket.end) if far else None

    def move(self, event: QMouseEvent) -> None:
        """Feeds the gesture, or shows what is under the pointer."""
        canvas, at = self._canvas, self.pointer(event.position(), event.modifiers())
        canvas.pointer = at
        if canvas.gesture is not None:
            canvas.gesture.move(at)
        else:
            canvas.hover(at)

    def release(self, event: QMouseEvent) -> None:
        """Ends the gesture; it takes effect."""
        canvas = self._canvas
        if canvas.gesture is not None:
            at = self.pointer(event.position(), event.modifiers())
            gesture, canvas.gesture = canvas.gesture, None
            gesture.release(at)
            canvas.end_gesture()

    def double_click(self, event: QMouseEvent) -> None:
        """On a node: opens it. On a title or a note: writes it. On a wire: a dot. On empty canvas: the palette."""
        canvas, at = self._canvas, self.pointer(event.position(), event.modifiers())
        canvas.end_gesture(cancel=True)
        if event.button() != Qt.MouseButton.LeftButton or canvas.badges.at(canvas.camera, at.view):
            return
        node = canvas.scene.node_at(at.scene)
        if node is not None:
            canvas.node_activated.emit(node)
        elif (note := canvas.marks.note_at(at.scene)) is not None:
            canvas.writing.begin(note)
        elif canvas.scene.socket_at(at.scene, PORT_REACH / canvas.camera.scale) is not None:
            return
        elif (wire := self.wire_at(at)) is not None:
            canvas.reroute({wire: at.scene})
        elif (frame := canvas.marks.grip_at(at.scene, canvas.camera.scale)) is not None:
            canvas.writing.begin(frame)
        else:
            canvas.open_palette(event.globalPosition().toPoint())

    def wheel(self, event: QWheelEvent) -> None:
        """A trackpad's two fingers pan, a wheel zooms at the pointer; Ctrl always zooms, Shift goes sideways."""
        canvas, pixels, angle = self._canvas, event.pixelDelta(), event.angleDelta()
        keys = event.modifiers()
        control = bool(keys & Qt.KeyboardModifier.ControlModifier)
        trackpad = not pixels.isNull() and _is_trackpad(event)
        if trackpad and not control:
            canvas.pan(pixels.x(), pixels.y())
        elif keys & Qt.KeyboardModifier.ShiftModifier and not control:
            canvas.pan(angle.y() + angle.x(), 0)
        else:
            canvas.zoom(WHEEL ** (angle.y() or pixels.y() * 3), event.position())
        event.accept()

    # Drag and drop

    def drag_enter(self, event: QDragEnterEvent) -> None:
        """Takes a layer from the palette in hand."""
        kind = dragged_kind(event)
        if self._canvas.is_kind(kind):
            at = self.pointer(event.position(), event.modifiers())
            self._canvas.begin_gesture(DropKind(self._canvas, at, kind))
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()


def dragged_kind(event: QDragEnterEvent) -> str:
    """The kind that is dragged over the canvas, or an empty text."""
    data = event.mimeData()
    return bytes(data.data(KIND).data()).decode("utf-8", "replace") if data.hasFormat(KIND) else ""


def _is_trackpad(event: QWheelEvent) -> bool:
    device = event.device()
    touch = device is not None and device.type() == QInputDevice.DeviceType.TouchPad
    return touch or event.phase() != Qt.ScrollPhase.NoScrollPhase
