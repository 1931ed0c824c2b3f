"""The canvas as a vector picture (SVG), drawn without Qt.

Nodes carry their family's colour, name, kind and parameters, wires the shapes that flow through them. Blocks show what
they hold, dots stand in wires, frames and notes where they lie; what is bypassed or muted is pale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from graphs.inference.shapes import Analysis
from graphs.layers.base import Layer, Port, Unknown
from graphs.layers.blocks import BlockUse
from graphs.layers.catalogue import BadFields, Catalogue, standard
from graphs.network import Frame, Mark, Network, Node, Note
from graphs.pictures import marks as drawn_marks
from graphs.pictures.colours import COLOURS
from graphs.pictures.inks import mix
from graphs.pictures.inner import Inner, inner_of, inner_svg
from graphs.pictures.lettering import elided, safe
from graphs.pictures.lettering import width as width_of
from graphs.pictures.routes import Box, Point, Route, route
from graphs.placing.framed import tidied

__all__ = ["COLOURS", "svg"]

HEADER, LINE, PADDING, MARGIN = 28.0, 26.0, 12.0, 40.0
NARROWEST, WIDEST = 104.0, 232.0
WRAP = 1400.0
PORT_STEP = 16.0
DOT, PILE = 14.0, 4.0
OFF = {"bypass": "bypassed", "mute": "muted"}
FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


def svg(
    network: Network,
    analysis: Analysis,
    theme: Literal["light", "dark"] = "dark",
    *,
    catalogue: Catalogue | None = None,
    sizes: Mapping[str, tuple[float, float]] | None = None,
    title: str = "Network",
    only: Collection[str] | None = None,
    transparent: bool = False,
) -> str:
    """The picture as SVG text, of all nodes or of `only` some.

    With `sizes` (width and height of each node on the canvas, in pixels) every node stands where it stands on
    the canvas; without them the nodes are as small as their text allows and are laid out afresh.
    """
    if only is not None:
        network = _part(network, only)
    cards, marks = _cards(network, analysis, catalogue or standard(), sizes)
    whole = only is None
    return (
        "\n".join(_Picture(network, analysis, COLOURS[theme], cards, marks, title, whole, transparent).lines()) + "\n"
    )


def _part(network: Network, only: Collection[str]) -> Network:
    """These nodes, the wires between them, and the frames that hold nothing else."""
    kept = {
        id: mark
        for id, mark in network.marks.items()
        if isinstance(mark, Frame) and mark.members and all(member in only for member in mark.members)
    }
    held = {note for frame in kept.values() for note in frame.notes}
    return replace(
        network,
        nodes={id: node for id, node in network.nodes.items() if id in only},
        wires={e: w for e, w in network.wires.items() if w.source.node in only and w.target.node in only},
        marks={id: mark for id, mark in network.marks.items() if id in kept or id in held},
    )


@dataclass(frozen=True)
class _Card:
    """What one node shows, and where."""

    node: Node
    title: str
    summary: str
    count: str
    family: str
    known: bool
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    box: Box
    repeat: int = 1
    inner: Inner | None = None

    @property
    def dot(self) -> bool:
        """Whether it is a dot in a wire."""
        return self.node.kind == "Reroute"

    def input(self, port: str) -> Point:
        return Point(self.box.left, _height(self.box, self.inputs, port))

    def output(self, port: str) -> Point:
        return Point(self.box.right, _height(self.box, self.outputs, port))


def _height(box: Box, ports: tuple[str, ...], port: str) -> float:
    """Ports are spread over the side of their node; a single one stands in its middle."""
    index = ports.index(port) if port in ports else 0
    return box.top + box.height * (index + 0.5) / max(len(ports), 1)


def _cards(
    network: Network,
    analysis: Analysis,
    catalogue: Catalogue,
    sizes: Mapping[str, tuple[float, float]] | None,
) -> tuple[dict[str, _Card], Mapping[str, Mark]]:
    """What each node shows and where, and the marks with notes where they then stand."""
    cards = {node.id: _card(node, network, analysis, catalogue) for node in network.nodes.values()}
    room = {node: (card.box.width, card.box.height) for node, card in cards.items()} | dict(sizes or {})
    if sizes:
        return {i: replace(c, box=Box(*c.node.position, *room[i])) for i, c in cards.items()}, network.marks
    places = tidied(network, room, wrap_width=WRAP)
    moved = {
        i: replace(m, position=places.notes[i])
        for i, m in network.marks.items()
        if i in places.notes and isinstance(m, Note)
    }
    return {i: replace(c, box=Box(*places.nodes[i], *room[i])) for i, c in cards.items()}, {**network.marks, **moved}


def _card(node: Node, network: Network, analysis: Analysis, catalogue: Catalogue) -> _Card:
    layer = _layer(node, catalogue)
    facts = analysis.facts.get(node.id)
    known = layer is not None and not isinstance(layer, Unknown)
    kind = f"{layer.title or node.kind} {layer.summary()}" if layer and known else f"{node.kind}, not known"
    inputs = _ports(layer.inputs() if layer and known else (), [w.target.port for w in network.incoming(node.id)])
    outputs = _ports(layer.outputs() if layer and known else (), [w.source.port for w in network.outgoing(node.id)])
    if node.kind == "Reroute":
        return _Card(node, node.title, "", "", "combine", True, inputs, outputs, Box(0, 0, DOT, DOT))
    count = f"{facts.parameters:,}" if facts and facts.parameters else "shared" if facts and facts.shared else ""
    kind = f"{OFF[node.mode]} · {kind}" if node.mode else kind
    inner = inner_of(layer.block, catalogue) if isinstance(layer, BlockUse) else None
    repeat = layer.repeat if isinstance(layer, BlockUse) else 1
    wide = max(width_of(node.title, 13) * 1.08 + (width_of(count, 11) + 12 if count else 0), width_of(kind, 12))
    width = min(max(wide + 2 * PADDING, NARROWEST), WIDEST)
    width = max(width, inner.width + 2 * PADDING) if inner else width
    height = max(HEADER + LINE + (inner.height + PADDING if inner else 0), PORT_STEP * max(len(inputs), len(outputs)))
    family = layer.family if layer and known else "combine"
    box = Box(0, 0, width, height)
    return _Card(node, node.title, kind.strip(), count, family, known, inputs, outputs, box, repeat, inner)


def _layer(node: Node, catalogue: Catalogue) -> Layer | None:
    try:
        return catalogue.layer(node)
    except BadFields:
        return None


def _ports(declared: tuple[Port, ...], used: list[str]) -> tuple[str, ...]:
    """Declared ports, and after them those that wires use all the same."""
    return tuple(dict.fromkeys([*(port.name for port in declared), *used]))


@dataclass(frozen=True)
class _Picture:
    """Writes the lines of one picture."""

    network: Network
    analysis: Analysis
    colours: Mapping[str, str]
    cards: Mapping[str, _Card]
    marks: Mapping[str, Mark]
    title: str
    whole: bool = True
    transparent: bool = False

    def lines(self) -> Iterator[str]:
        boxes = [card.box for card in self.cards.values()]
        solid = [card.box for card in self.cards.values() if not card.dot]
        routes = list(self._routes(solid))
        frames = drawn_marks.frames(self.marks, {id: card.box for id, card in self.cards.items()})
        notes = [Box(*mark.position, *mark.size) for mark in self.marks.values() if isinstance(mark, Note)]
        yield from self._head([*boxes, *notes, *frames.values(), *(way.extent for way, _, _ in routes)])
        yield from drawn_marks.frames_svg(self.marks, frames, self.colours)
        yield '<g fill="none" stroke-width="1.5">'
        yield from (f'<path d="{way.path}" stroke="{self.colours["wire"]}"{dash}/>' for way, _, dash in routes)
        yield "</g>"
        yield from drawn_marks.notes_svg(self.marks, self.colours)
        for card in self.cards.values():
            yield from self._node(card)
        yield f'<g font-size="11" fill="{self.colours["dim"]}" text-anchor="middle">'
        yield from (
            self._label(way, shape) for way, shape, _ in routes if shape and way.room >= 0.85 * width_of(shape, 11)
        )
        yield "</g>"
        yield "</svg>"

    def _routes(self, boxes: list[Box]) -> Iterator[tuple[Route, str, str]]:
        """Each wire's way, the shape to write at it, and how it is dashed."""
        for wire in self.network.wires.values():
            source, target = self.cards[wire.source.node], self.cards[wire.target.node]
            start, end = source.output(wire.source.port), target.input(wire.target.port)
            shape = self.analysis.output_shape(wire.source)
            muted = "mute" in (source.node.mode, target.node.mode)
            said = str(shape) if shape and not source.dot and not muted else ""
            dash = ' stroke-dasharray="2 5" stroke-opacity="0.6"' if muted else ""
            yield route(start, end, source.box, target.box, boxes), said, dash

    def _head(self, boxes: list[Box]) -> Iterator[str]:
        left, top = min((b.left for b in boxes), default=0), min((b.top for b in boxes), default=0)
        width = max((b.right for b in boxes), default=0) - left + 2 * MARGIN
        height = max((b.bottom for b in boxes), default=0) - top + 2 * MARGIN + (24 if self.whole else 0)
        view = f"{left - MARGIN:g} {top - MARGIN:g} {width:g} {height:g}"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{width:g}" height="{height:g}" '
            f'font-family="{FONT}" role="img">'
        )
        yield f"<title>{safe(self.title)}</title>"
        ground = f'x="{left - MARGIN:g}" y="{top - MARGIN:g}" width="{width:g}" height="{height:g}"'
        if not self.transparent:
            yield f'<rect {ground} fill="{self.colours["background"]}"/>'
        if not self.whole:
            return
        caption = f"{_many(len(self.cards), 'node')} · {_many(self.analysis.parameters, 'parameter')}"
        place = f'x="{left:g}" y="{top + height - 1.5 * MARGIN:g}"'
        yield f'<text {place} font-size="11" fill="{self.colours["faint"]}">{caption}</text>'

    def _node(self, card: _Card) -> Iterator[str]:
        """A rounded card with a tinted header, a bar in the family's colour, its texts and its ports."""
        if card.dot:
            yield self._dot(card)
            return
        colour, box = self._colour(card), card.box
        yield f'<g transform="translate({box.left:g} {box.top:g})">'
        yield from self._pile(card)
        pale = ' fill-opacity="0.55"' if card.node.mode else ""
        yield f'<path d="{_rounded(box.width, box.height)}" fill="{self.colours["card"]}"{pale}/>'
        if card.known:
            share = 0.12 if card.node.mode else 0.22
            yield f'<path d="{_rounded(box.width, HEADER, flat=True)}" fill="{colour}" fill-opacity="{share}"/>'
            yield f'<path d="M8 0H4V{HEADER:g}H0V8A8 8 0 0 1 8 0Z" fill="{colour}"/>'
        yield f'<path d="{_rounded(box.width, box.height)}" fill="none" {self._edge(card)}/>'
        yield from self._texts(card)
        if card.inner is not None:
            corner = (
                (box.width - card.inner.width) / 2,
                HEADER + LINE + (box.height - HEADER - LINE - card.inner.height) / 2 - 3,
            )
            yield from inner_svg(card.inner, corner, self.colours)
        yield "</g>"
        if card.node.mode == "bypass" and card.inputs:
            yield from self._through(card)
        for port in card.inputs:
            yield self._port(card.input(port), colour, self.colours["background"])
        for port in card.outputs:
            yield self._port(card.output(port), colour, colour)

    def _colour(self, card: _Card) -> str:
        """The family's colour; grey for what is muted, pale for what is bypassed."""
        if card.node.mode == "mute":
            return mix(self.colours["faint"], self.colours["background"], 0.75)
        own = self.colours[card.family]
        return mix(own, self.colours["background"], 0.6) if card.node.mode else own

    def _pile(self, card: _Card) -> Iterator[str]:
        """A block that repeats looks like a pile of cards."""
        for depth in range(min(card.repeat - 1, 2), 0, -1):
            look = f'fill="{self.colours["card"]}" stroke="{mix(self._colour(card), self.colours["line"], 0.55)}"'
            shift = f'transform="translate({PILE * depth:g} {PILE * depth:g})"'
            yield f'<path d="{_rounded(card.box.width, card.box.height)}" {shift} {look}/>'

    def _dot(self, card: _Card) -> str:
        look = f'fill="{self.colours["dim"]}" stroke="{self.colours["background"]}" stroke-width="2"'
        return f'<circle cx="{card.box.left + card.box.width / 2:g}" cy="{card.box.middle:g}" r="6" {look}/>'

    def _through(self, card: _Card) -> Iterator[str]:
        """What comes into a bypassed node leaves by every output."""
        start = card.input(card.inputs[0])
        for port in card.outputs:
            end, bend = card.output(port), card.box.width / 2
            curve = f"M{start.x:g} {start.y:g}C{start.x + bend:g} {start.y:g} {end.x - bend:g} {end.y:g} "
            curve += f"{end.x:g} {end.y:g}"
            yield f'<path d="{curve}" fill="none" stroke="{self.colours["wire"]}" stroke-width="1.5"/>'

    def _texts(self, card: _Card) -> Iterator[str]:
        """The name and how many parameters in the header, the kind below it."""
        box, ink = card.box, self.colours["dim" if card.node.mode else "text"]
        room = box.width - 2 * PADDING - (width_of(card.count, 11) + 12 if card.count else 0)
        yield (
            f'<text x="{PADDING:g}" y="18.5" font-size="13" font-weight="600" fill="{ink}">'
            f"{safe(elided(card.title, room / 1.08, 13))}</text>"
        )
        dim = f'fill="{self.colours["dim"]}"'
        if card.count:
            end = f'x="{box.width - PADDING:g}" y="18.5" text-anchor="end"'
            yield f'<text {end} font-size="11" {dim}>{card.count}</text>'
        summary = safe(elided(card.summary, box.width - 2 * PADDING, 12))
        yield f'<text x="{PADDING:g}" y="{HEADER + 17:g}" font-size="12" {dim}>{summary}</text>'

    def _label(self, way: Route, shape: str) -> str:
        """A shape above its wire, on a ground that hides what runs below it."""
        x, y, width = way.label.x, way.label.y, width_of(shape, 11)
        ground = f'<rect x="{x - width / 2:g}" y="{y - 17:g}" width="{width:g}" height="14"'
        look = f'rx="3" fill="{self.colours["background"]}" fill-opacity="0.85"/>'
        return f'{ground} {look}<text x="{x:g}" y="{y - 6:g}">{safe(shape)}</text>'

    def _edge(self, card: _Card) -> str:
        worst = {problem.severity for problem in self.analysis.problems_of(card.node.id)}
        name = "bad" if "error" in worst else "warn" if worst else "line"
        dashes = "" if card.known and card.node.mode != "mute" else ' stroke-dasharray="4 3"'
        return f'stroke="{self.colours[name]}"{dashes}'

    def _port(self, at: Point, colour: str, fill: str) -> str:
        look = f'fill="{fill}" stroke="{colour}" stroke-width="1.5"'
        return f'<circle cx="{at.x:g}" cy="{at.y:g}" r="4.5" {look}/>'


def _rounded(width: float, height: float, flat: bool = False) -> str:
    """A box with rounded corners, below only where it is not `flat`."""
    top = f"M0 8A8 8 0 0 1 8 0H{width - 8:g}A8 8 0 0 1 {width:g} 8"
    if flat:
        return f"{top}V{height:g}H0Z"
    return f"{top}V{height - 8:g}A8 8 0 0 1 {width - 8:g} {height:g}H8A8 8 0 0 1 0 {height - 8:g}Z"


def _many(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"
