"""The canvas: a network to look at and to change by hand.

One widget that paints itself. The document is the only truth; the scene mirrors it change by change, gestures
and commands end in edits, and `Picture` paints what the camera sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from graphs.document import Change, Document
from graphs.edits import Edit, EditError
from graphs.inference.mends import Attend
from graphs.layers.catalogue import Catalogue
from graphs.network import End
from graphs.reuse.rooms import Path, Room
from widgets import theme
from widgets.editor import accessible, keys
from widgets.editor.breadcrumb import Breadcrumb
from widgets.editor.camera import Camera
from widgets.editor.ease import Ease
from widgets.editor.gestures import Gesture, Pointer
from widgets.editor.hands import Hands
from widgets.editor.mirror.knowing import Knowing
from widgets.editor.mirror.marks import Marks
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting.badges import Badges
from widgets.editor.painting.cards import Detail, detail
from widgets.editor.painting.live import Live, alive
from widgets.editor.painting.minimap import Minimap
from widgets.editor.painting.picture import CONTENT, Picture
from widgets.editor.touch import Touch
from widgets.editor.verbs import editing
from widgets.editor.verbs.adding import Adding
from widgets.editor.verbs.byhand import ByHand
from widgets.editor.verbs.clipboard import Clipboard
from widgets.editor.verbs.commands import Commands
from widgets.editor.verbs.ending import Ending
from widgets.editor.verbs.looking import Looking
from widgets.editor.verbs.making import Making
from widgets.editor.verbs.mending import mends, roomy
from widgets.editor.verbs.naming import Naming
from widgets.editor.verbs.rooms import Rooms
from widgets.editor.verbs.shelf import Shelving
from widgets.editor.verbs.tidy import Tidy
from widgets.editor.verbs.writing import Writing

if TYPE_CHECKING:
    from graphs.inference.shapes import Inference
    from studio.inspection.activations import ActivationsResult, Health, Thumbnail


class Canvas(Adding, ByHand, Clipboard, Commands, Ending, Knowing, Looking, Making, Rooms, Shelving, QWidget):
    """The node editor's widget; what it can do is in the classes it is made of."""

    selection_changed = Signal(list)
    node_activated = Signal(str)
    room_changed = Signal(tuple)
    message = Signal(str)
    told = Signal(str)
    attended = Signal(object)
    marked = Signal()
    zoom_changed = Signal(float)

    def __init__(self, document: Document, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.catalogue = self.root_catalogue = catalogue
        self.root = document
        self.document: Document | Room = document
        self.begin_rooms()
        self.begin_knowing()
        self.inference: Inference | None = None
        self.camera, self.scene, self.live = Camera(), Scene(catalogue), Live()
        self.badges, self.hands = Badges(self.scene), Hands(self)
        self.picture, self.ease, self.touch = Picture(self), Ease(self), Touch(self)
        self.tidy = Tidy(self)
        self.marks, self.writing = Marks(self.scene), Writing(self)
        self.chosen_marks: set[str] = set()
        self.gesture: Gesture | None = None
        self.pointer: Pointer | None = None
        self.selection: dict[str, None] = {}
        self.chosen_wires: set[End] = set()
        self.hidden_wires: set[End] = set()
        self.looks = 0
        self.hovered: str | None = None
        self.hovered_wire: End | None = None
        self.fitted = True
        self._unsubscribe = document.subscribe(self._follow)
        self._unwatch = document.subscribe(self.watch_rooms)
        self._prepare()
        self.minimap, self.breadcrumb, self.naming = Minimap(self), Breadcrumb(self), Naming(self)
        self.scene.load(document.network)
        self.follow_later()
        self._describe()
        theme.notifier().changed.connect(self._restyle)

    def _prepare(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.installEventFilter(self.touch)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Network")
        accessible.install()
        self._describe()

    # What is shown

    def set_document(self, document: Document) -> None:
        """Shows another document, all of it in view."""
        self._unwatch()
        self.root, self.whole = document, None
        self.forget_rooms()
        self.show_document(document, ())
        self._unwatch = document.subscribe(self.watch_rooms)
        self.fit()

    def show_document(self, document: Document | Room, path: Path) -> None:
        """Shows the network of a document, or of a room in it, with what is known about it."""
        self.end_gesture(cancel=True)
        self.writing.finish()
        self.naming.finish(keep=False)
        self.ease.stop()
        self.tidy.forget()
        self._unsubscribe()
        self.document, self.path = document, path
        self._unsubscribe = document.subscribe(self._follow)
        self.learn_room(path)
        self.scene.analysis = self.here(self.whole)
        self.scene.load(document.network)
        self.picture.sheets.clear()
        self._set_selection({}, set())
        self.hovered = self.hovered_wire = None
        self.show_activations(self.activations)
        self.show_way()
        self.follow_later()
        self._problems()

    def set_thumbnails(self, thumbnails: Mapping[str, Thumbnail]) -> None:
        """Shows what the nodes compute; only nodes whose picture changed are painted again."""
        self._repaint_nodes(self.live.set_thumbnails(thumbnails))

    def set_health(self, health: Mapping[str, Health]) -> None:
        """Shows how the nodes fare: dead units, gradients."""
        self._repaint_nodes(self.live.set_health(health))

    def set_outputs(self, label: int | None) -> None:
        """Marks the true class in output nodes; None where there is none."""
        if label != self.live.truth:
            self.live.truth = label
            self._repaint_nodes(i for i, item in self.scene.items.items() if item.face.family == "loss")

    def show_activations(self, result: ActivationsResult | None) -> None:
        """Thumbnails, health and true class of one result; None takes them away."""
        self.activations = result
        self.set_outputs(result.label if result else None)
        self.set_thumbnails(self.drawn(alive(result.thumbnails, self.whole)) if result else {})
        self.set_health(self.drawn(alive(result.health, self.whole)) if result else {})

    def _repaint_nodes(self, ids: Iterable[str]) -> None:
        ids = [i for i in ids if i in self.scene.items]
        self.picture.sheets.forget(ids)
        if detail(self.camera.scale, len(self.scene.items)) == Detail.BLOCKS:
            return
        self.picture.spoil(self.scene.items[i].rect.adjusted(*CONTENT) for i in ids)
        for id in ids:
            rect = self.camera.view_rect(self.scene.items[id].rect).toAlignedRect()
            if rect.intersects(self.rect()):
                self.update(rect.adjusted(-1, -1, 1, 1))

    def _follow(self, change: Change) -> None:
        touched = self.scene.follow(change)
        if self.gesture is not None and touched:
            self.end_gesture(cancel=True)  # what the hand holds may be gone
        self.picture.sheets.forget(touched)
        self.tidy.watch(change)
        self._keep_selection(change)
        self._describe()
        self.naming.place()
        if self.hovered not in self.scene.items:
            self.hovered = None
        if self.hovered_wire not in self.scene.routes:
            self.hovered_wire = None
        self._refresh()
        self.show_change(change)

    def _refresh(self) -> None:
        self.minimap.renew()
        self.update()

    def _restyle(self) -> None:
        self.scene.restyle()
        self.picture.sheets.clear()
        self._refresh()

    # Changing the document

    def apply(self, edit: Edit, merge: str | None = None) -> bool:
        """Applies an edit; where it does not fit, says why and gives False. What is left to a person is handed on."""
        if isinstance(edit, Attend):
            self.attended.emit(edit)
            return True
        try:
            self.document.apply(roomy(self, edit) if mends(edit) else edit, merge)
        except EditError as error:
            self.message.emit(str(error))
            return False
        return True

    def boxes(self) -> dict[str, editing.Box]:
        """Left, top, width and height of every node, as shown."""
        return {i: item.rect.getRect() for i, item in self.scene.items.items()}

    # Gestures

    def begin_gesture(self, gesture: Gesture | None) -> None:
        """Puts a gesture in charge of the pointer."""
        self.gesture = gesture
        self.hovered_wire = None
        if gesture is not None and gesture.cursor is not None:
            self.setCursor(gesture.cursor)
        self.update()

    def end_gesture(self, cancel: bool = False) -> None:
        """Forgets the gesture, taking it back first with `cancel`."""
        gesture, self.gesture = self.gesture, None
        if gesture is not None and cancel:
            gesture.cancel()
        self.setCursor(Qt.CursorShape.OpenHandCursor if self.hands.space else Qt.CursorShape.ArrowCursor)
        self.update()

    def hover(self, at: Pointer) -> None:
        """Shows what is under the pointer."""
        socket = self.hands.socket_at(at)
        node = socket.end.node if socket else self.scene.node_at(at.scene)
        wire = self.hands.wire_at(at) if node is None else None
        if (node, wire) != (self.hovered, self.hovered_wire):
            self.hovered, self.hovered_wire = node, wire
            self.update()
        badge = self.badges.at(self.camera, at.view)
        shape = Qt.CursorShape.PointingHandCursor if badge else Qt.CursorShape.CrossCursor
        if not self.hands.space:
            self.setCursor(shape if badge or socket else self.hands.cursor(at, node))

    def toggle_minimap(self) -> None:
        """Shows or hides the minimap."""
        self.minimap.wanted = not self.minimap.wanted
        self.minimap.renew()

    # Qt's events

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            waiting = self.picture.paint(painter, QRectF(event.rect()))
        finally:
            painter.end()
        if waiting:
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.minimap.renew()
        self.breadcrumb.place()
        if self.fitted:
            self.fit()

    def showEvent(self, event: Any) -> None:
        self.minimap.renew()
        if self.fitted:
            self.fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hands.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.hands.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.hands.wheel(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered, self.hovered_wire, self.pointer = None, None, None
        self.update()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab opens the palette; Shift+Tab leaves the canvas."""
        return False if forward else super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hands.space = True
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif not keys.press(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hands.space = False
            self.setCursor(Qt.CursorShape.ArrowCursor)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        self.hands.space = False
        super().focusOutEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.modifiers() & keys.STROKES or self.gesture is not None:
            return
        self.ask_menu(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.hands.drag_enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self.gesture is not None:
            self.gesture.move(self.hands.pointer(event.position(), event.modifiers()))
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.end_gesture(cancel=True)

    def dropEvent(self, event: QDropEvent) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.release(self.hands.pointer(event.position(), event.modifiers()))
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        self.end_gesture()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
