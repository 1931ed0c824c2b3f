"""Problem badges: a mark on the node's corner, words when pointed at, fixes when clicked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QMenu, QWidget

from graphs.edits import Edit
from widgets import theme
from widgets.editor.camera import Camera
from widgets.editor.mirror.scene import Scene
from widgets.editor.verdicts import problem_text

if TYPE_CHECKING:
    from graphs.inference.shapes import Problem

SIZE = 18.0


class Badges:
    """Problems by node, and the marks that stand for them."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.problems: dict[str, list[Problem]] = {}

    def refresh(self) -> None:
        """Takes the problems of the scene's analysis; errors come first."""
        self.problems = {}
        for problem in self._scene.analysis.problems if self._scene.analysis else ():
            if problem.node not in self._scene.items:
                continue  # it speaks of the whole network: the window shows it
            self.problems.setdefault(problem.node, []).append(problem)
        for group in self.problems.values():
            group.sort(key=lambda problem: problem.severity != "error")

    def severities(self) -> dict[str, str]:
        """The worst severity by node."""
        return {id: group[0].severity for id, group in self.problems.items()}

    def misfits(self) -> set[str]:
        """Nodes with an error about what they receive: the wires into them are red."""
        return {i for i, g in self.problems.items() if any(p.severity == "error" and p.received for p in g)}

    def box(self, camera: Camera, id: str) -> QRectF | None:
        """Where a node's badge is, in widget pixels; None where it has no problem."""
        item = self._scene.items.get(id)
        if item is None or id not in self.problems:
            return None
        corner = camera.to_view(item.rect.topRight())
        edge = SIZE * max(0.6, min(1.0, camera.scale))
        inset = 2 * camera.scale
        return QRectF(corner.x() - edge / 2 - inset, corner.y() - edge / 2 + inset, edge, edge)

    def at(self, camera: Camera, point: QPointF) -> str | None:
        """The node whose badge is under a widget point."""
        near = self._scene.boxes.at(camera.to_scene(point), SIZE / camera.scale)
        boxes = ((id, self.box(camera, id)) for id in near if id in self.problems)
        return next((id for id, box in boxes if box and box.contains(point)), None)

    def paint(self, painter: QPainter, camera: Camera, ids: Iterable[str]) -> None:
        """Draws the badges of these nodes: a disc for an error, a triangle for a warning."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for id in ids:
            box = self.box(camera, id) if id in self.problems else None
            if box is not None:
                _mark(painter, box, self.problems[id][0].severity == "error")

    def text(self, id: str) -> str:
        """All problems of a node in words."""
        return "\n\n".join(problem_text(problem) for problem in self.problems.get(id, ()))

    def menu(self, id: str, parent: QWidget, apply: Callable[[Edit], object]) -> QMenu:
        """The problems of a node, each followed by its fixes; a click on a fix applies it."""
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        for number, problem in enumerate(self.problems.get(id, ())):
            if number:
                menu.addSeparator()
            for line in problem_text(problem).splitlines():
                menu.addAction(line).setEnabled(False)
            for fix in problem.fixes:
                action = menu.addAction(fix.label)
                action.triggered.connect(lambda _=False, edit=fix.edit: apply(edit))
            if not problem.fixes:
                menu.addAction("No fix by one click is known").setEnabled(False)
        return menu


def _mark(painter: QPainter, box: QRectF, error: bool) -> None:
    look = theme.current()
    painter.setPen(QPen(QColor(look.background), 2))
    painter.setBrush(QColor(look.bad if error else look.warn))
    if error:
        painter.drawEllipse(box)
    else:
        top = QPointF(box.center().x(), box.top() - 1)
        painter.drawPolygon(QPolygonF([top, box.bottomRight(), box.bottomLeft()]))
    if box.width() < 12:
        return
    font = QFont(theme.font(12, QFont.Weight.Bold))
    font.setPixelSize(max(8, round(box.height() * 0.68)))
    painter.setFont(font)
    painter.setPen(QColor(look.background))
    painter.drawText(box.translated(0, 0 if error else 1.5), Qt.AlignmentFlag.AlignCenter, "!")
