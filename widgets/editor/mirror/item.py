"""A node on the canvas and its ports: where they are, and what of them is shown."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from graphs.layers.base import Port
from graphs.network import End, Node
from widgets.editor.painting.face import Face

PORT_STEP = 20.0


class Item:
    """A node on the canvas: its box, face and ports. `version` counts what a cached picture depends on; a dot that the
    flow passes from right to left is `turned`: it takes at its right and gives at its left."""

    __slots__ = ("face", "node", "rect", "turned", "version")

    def __init__(self, node: Node, face: Face, position: tuple[float, float]) -> None:
        self.node = node
        self.face = face
        self.rect = QRectF(*position, face.width, face.height)
        self.version = 0
        self.turned = False

    def port_y(self, index: int, count: int) -> float:
        """Height of port `index` of `count`: spread around the middle of the node."""
        step = min(PORT_STEP, (self.face.height - self.face.head) / max(1, count))
        return self.rect.top() + self.face.height / 2 + (index - (count - 1) / 2) * step

    def point(self, port: str, output: bool) -> QPointF:
        """Where a port is. A name that the node lacks gives the middle of that side."""
        ports = self.face.outputs if output else self.face.inputs
        x = self.rect.x() + (self.face.width if output != self.turned else 0.0)
        for index, candidate in enumerate(ports) if len(ports) > 1 else ():
            if candidate.name == port:
                return QPointF(x, self.port_y(index, len(ports)))
        return QPointF(x, self.rect.y() + self.face.height / 2)


@dataclass(frozen=True)
class Socket:
    """A port under the pointer."""

    end: End
    output: bool
    port: Port
    point: QPointF
