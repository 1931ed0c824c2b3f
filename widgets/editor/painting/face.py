"""What a node shows and how large it is, worked out once per node and shape, before anything is painted.

The size depends on the node, its layer and its shapes only, never on the data that flows through it: room for
thumbnails, bars and the health line is kept from the beginning, so nothing jumps while it trains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from graphs.layers.base import Layer, Port, Unknown
from graphs.layers.blocks import BlockUse
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.layers.titles import title_of
from graphs.network import Network, Node
from widgets.editor.painting.inner import Inner, inner_of
from widgets.editor.painting.lettering import Face as Font
from widgets.editor.painting.lettering import width as width_of
from widgets.editor.painting.owners import counted

if TYPE_CHECKING:
    from graphs.inference.shapes import Facts

GRID = 8
NARROWEST, WIDEST = 104.0, 232.0
PADDING = 12.0
HEADER = 28.0
LINE = 18.0
GAP = 2.0
MAPS, BARS, ROWS = 16, 128, 12
MOSAICS = ((1, 1, 64.0), (2, 2, 44.0), (9, 3, 36.0), (MAPS, 4, 28.0))
"""Up to how many maps, in how many columns, how large each."""
INNER_GAP = 10.0
NAMES = 56.0
"""How much room the names of ports take on either side at most."""
REROUTE, DOT = "Reroute", 16.0
"""The kind that is a dot in a wire, and the room it takes either way."""
HEADROOM = 1.12
"""Cards are this much wider than their titles and summaries, which grow a little as cards go farther away."""


@dataclass(frozen=True)
class Art:
    """The picture inside a node: "maps" (a mosaic), "bars" (a vector) or "rows" (class probabilities)."""

    form: str
    count: int
    columns: int
    cell: tuple[float, float]

    @property
    def rows(self) -> int:
        """Rows of the mosaic; bars stand in one."""
        return 1 if self.form == "bars" else math.ceil(self.count / self.columns)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in scene pixels."""
        width = self.columns * (self.cell[0] + GAP) - GAP
        return width, self.rows * (self.cell[1] + GAP) - GAP

    def box(self, index: int) -> QRectF:
        """Where map or row `index` lies, from the picture's corner."""
        row, column = divmod(index, self.columns)
        return QRectF(column * (self.cell[0] + GAP), row * (self.cell[1] + GAP), *self.cell)


@dataclass(frozen=True)
class Face:
    """Everything about a node that painting and hit tests need, in scene pixels from its corner."""

    title: str
    count: str
    summary: str
    family: str
    known: bool
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    art: Art | None
    health: bool
    width: float
    height: float
    head: float
    inner: Inner | None = None
    """What a use of a block holds, as a picture above the one of what it computes."""
    repeat: int = 1
    gutters: tuple[float, float] = (0.0, 0.0)
    """Room at the sides for the names of ports, where a block has several."""
    dot: bool = False
    """It is no card but a dot in a wire."""

    @property
    def least(self) -> float:
        """The least width: texts are shortened, pictures are not."""
        if self.dot:
            return self.width
        widest = max(self.art.size[0] if self.art else 0.0, self.inner.width if self.inner else 0.0)
        return _up(max(NARROWEST, widest + 2 * PADDING + sum(self.gutters)), GRID)

    @property
    def inner_box(self) -> QRectF:
        """Where the picture of a block's inside stands."""
        if self.inner is None:
            return QRectF()
        left = (self.width + self.gutters[0] - self.gutters[1] - self.inner.width) / 2
        return QRectF(round(left), HEADER + LINE + 8, self.inner.width, self.inner.height)

    @property
    def art_box(self) -> QRectF:
        """Where the picture stands."""
        if self.art is None:
            return QRectF()
        width, height = self.art.size
        top, bottom = HEADER + LINE + 4, self.height - (LINE + 4 if self.health else 4)
        top += self.inner.height + INNER_GAP if self.inner else 0
        left = (self.width + self.gutters[0] - self.gutters[1] - width) / 2
        return QRectF(round(left), round((top + bottom - height) / 2), width, height)


def face(node: Node, network: Network, catalogue: Catalogue, facts: Facts | None) -> Face:
    """The face of a node. Bad fields and unknown kinds are shown too, as placeholders."""
    layer = _layer(node, catalogue)
    title, known = title_of(node, layer), layer is not None and not isinstance(layer, Unknown)
    inputs, outputs = _ports(node, network, layer)
    if node.kind == REROUTE:
        return Face(title, "", _summary(node, layer), "", known, inputs, outputs, None, False, DOT, DOT, 0.0, dot=True)
    count = f"{facts.parameters:,}" if facts and facts.parameters else "shared" if facts and facts.shared else ""
    count = counted(count, node.id, network)
    summary = _summary(node, layer)
    art = _art(layer, facts) if known else None
    weighs = facts and (facts.parameters or facts.shared) and not isinstance(layer, BlockUse)
    health = bool(known and layer and (weighs or layer.family == "activation"))
    inner, repeat, gutters = _block(layer, catalogue, inputs, outputs)
    width, height = _size(title, count, summary, art, health, max(len(inputs), len(outputs)))
    if inner is not None:
        width = min(WIDEST, max(width, _up(inner.width + 2 * PADDING + sum(gutters), GRID)))
        height = _up(height + inner.height + INNER_GAP, 2 * GRID)
    family = layer.family if known and layer else "combine"
    return Face(
        title, count, summary, family, known, inputs, outputs, art, health, width, height, HEADER, inner, repeat,
        gutters,
    )  # fmt: skip


def _block(
    layer: Layer | None, catalogue: Catalogue, inputs: tuple[Port, ...], outputs: tuple[Port, ...]
) -> tuple[Inner | None, int, tuple[float, float]]:
    """What the card of a block's use has beside that of a layer."""
    if not isinstance(layer, BlockUse):
        return None, 1, (0.0, 0.0)
    left, right = (_gutter(ports) for ports in (inputs, outputs))
    return inner_of(layer.block, catalogue), layer.repeat, (left, right)


def _gutter(ports: tuple[Port, ...]) -> float:
    """The room that the names of several ports take."""
    if len(ports) < 2:
        return 0.0
    return min(NAMES, max(width_of(port.title or port.name, Font.SMALL) for port in ports) + 4)


def _layer(node: Node, catalogue: Catalogue) -> Layer | None:
    try:
        return catalogue.layer(node)
    except BadFields:
        return None


def _summary(node: Node, layer: Layer | None) -> str:
    if layer is None:
        return f"{node.kind}, fields need care"
    if isinstance(layer, Unknown):
        return f"Unknown kind {node.kind}"
    name, words = layer.label, layer.summary()
    if layer.own_code and (code := getattr(layer, "code", None)) is not None and code.source and not code.allowed:
        words = f"{words}, not allowed yet"
    if name != layer.title and title_of(node, layer) == name:
        return words or layer.title
    if isinstance(layer, BlockUse) and not words and not node.name:
        words = _holds(layer)
    return words if words and title_of(node, layer) == name else f"{name} {words}".strip()


def _holds(layer: BlockUse) -> str:
    """How many layers a block holds, in words."""
    count = sum(not node.kind.startswith(("BlockInput", "BlockOutput")) for node in layer.block.network.nodes.values())
    return f"{count} layer" if count == 1 else f"{count} layers"


def _ports(node: Node, network: Network, layer: Layer | None) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Declared ports, and after them those that wires use although the layer no longer has them."""
    inputs = layer.inputs() if layer else ()
    outputs = layer.outputs() if layer else ()
    used_in = [w.target.port for w in network.incoming(node.id)]
    used_out = [w.source.port for w in network.outgoing(node.id)]
    placeholder = layer is None or isinstance(layer, Unknown)
    if placeholder:
        inputs, outputs = (inputs if used_in else inputs[:1]), outputs
    return _completed(inputs, used_in), _completed(outputs, used_out)


def _completed(ports: tuple[Port, ...], used: list[str]) -> tuple[Port, ...]:
    if len(ports) == 1 and all(name == ports[0].name for name in used):
        return ports
    names = {port.name for port in ports}
    extra = dict.fromkeys(name for name in used if name not in names)
    return (*ports, *(Port(name, name, "any") for name in extra))


def _art(layer: Layer | None, facts: Facts | None) -> Art | None:
    shape = next((s for s in (*facts.outputs, *facts.inputs) if s), None) if facts else None
    if layer is None or shape is None or not shape.dims or layer.kind() == "BlockInput":
        return None
    dims = shape.dims
    if layer.family == "loss" and getattr(layer, "meaning", "scores") == "scores":
        return Art("rows", min(ROWS, dims[-1]), 1, (116.0, 9.0))
    if not shape.dtype.startswith(("float", "bfloat")) or shape.size <= 1:
        return None
    if len(dims) == 1:
        return Art("bars", min(BARS, dims[0]), 1, (112.0, 32.0))
    return mosaic(dims[0] if len(dims) > 2 else 1, dims[-2], dims[-1])


def mosaic(channels: int, height: int, width: int) -> Art:
    """A grid for up to 16 maps: one large, three columns for up to six, four beyond."""
    count = max(1, min(MAPS, channels))
    columns, edge = next(fit[1:] for fit in MOSAICS if count <= fit[0])
    ratio = min(4.0, max(0.25, height / max(1, width)))
    tall = edge * ratio if ratio <= 1 else edge
    wide = edge / ratio if ratio > 1 else edge
    return Art("maps", count, columns, (round(max(8.0, wide)), round(max(8.0, tall))))


def _size(title: str, count: str, summary: str, art: Art | None, health: bool, ports: int) -> tuple[float, float]:
    top = width_of(title, Font.NAME) + (width_of(count, Font.SMALL) + 12 if count else 0)
    line = width_of("▲ 100 % dead units", Font.SMALL) if health else 0.0
    words = max(top, width_of(summary, Font.TEXT)) * HEADROOM
    wide = max(words, line, art.size[0] if art else 0.0)
    width = min(WIDEST, max(NARROWEST, wide + 2 * PADDING))
    height = HEADER + LINE + 12
    height += art.size[1] + 6 if art else 0
    height += LINE if health else 0
    height = max(height, HEADER + ports * 20.0 + 8)
    return _up(width, GRID), _up(height, 2 * GRID)


def _up(value: float, step: int) -> float:
    return float(math.ceil(value / step) * step)
