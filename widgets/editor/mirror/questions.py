"""What can be asked of a scene: where things are, and what is at a point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from graphs.network import End, Note
from widgets.editor.mirror.item import Socket

if TYPE_CHECKING:
    from graphs.inference.facts import Facts
    from widgets.editor.mirror.scene import Scene


class Questions:
    """A part of `Scene` that changes nothing."""

    @property
    def known(self: Scene) -> Mapping[str, Facts]:
        """What the analysis says of nodes."""
        return self.analysis.facts if self.analysis else {}

    def bounds(self: Scene, ids: Iterable[str] | None = None) -> QRectF:
        """The rectangle around nodes; by default around everything, wires that run around included."""
        if ids is None:
            return self.routes.bounds(self.boxes.bounds(), laying=not self.strayed)
        whole = QRectF()
        for id in ids:
            whole = whole.united(self.items[id].rect)
        return whole

    def node_at(self: Scene, point: QPointF) -> str | None:
        """The node on top at a scene point; none where a note lies over it."""
        if any(
            isinstance(m, Note) and QRectF(*m.position, *m.size).contains(point) for m in self.network.marks.values()
        ):
            return None
        return next(iter(self.boxes.at(point)), None)

    def sockets(self: Scene, id: str) -> list[Socket]:
        """All ports of a node."""
        item = self.items[id]
        found = []
        for output, ports in ((False, item.face.inputs), (True, item.face.outputs)):
            for port in ports:
                found.append(Socket(End(id, port.name), output, port, item.point(port.name, output)))
        return found

    def socket_at(self: Scene, point: QPointF, reach: float) -> Socket | None:
        """The nearest port within `reach` scene pixels."""
        best: tuple[float, Socket] | None = None
        for id in self.boxes.at(point, reach):
            for socket in self.sockets(id):
                away = (socket.point - point).manhattanLength()
                if away <= reach and (best is None or away < best[0]):
                    best = (away, socket)
        return best[1] if best else None

    def wire_at(self: Scene, point: QPointF, reach: float) -> End | None:
        """The input port of the nearest wire within `reach` scene pixels."""
        near = [(self.routes[e].distance(point), e) for e in self.routes.at(point, reach)]
        away, end = min(near, default=(reach + 1, None), key=lambda pair: pair[0])
        return end if away <= reach else None
