"""The canvas as a vector picture (SVG), drawn without Qt.

Nodes carry their family's colour, name, kind and parameters, wires the shapes that flow through them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from graphs.exchange.routes import Box, Point, Route, route
from graphs.layers.base import Layer, Port, Unknown
from graphs.layers.catalogue import BadFields, Catalogue, standard
from graphs.layout import arrange
from graphs.network import Network, Node
from graphs.pictures.colours import COLOURS
from graphs.pictures.lettering import elided, safe
from graphs.pictures.lettering import width as width_of
from graphs.shapes import Analysis

__all__ = ["COLOURS", "svg"]

HEADER, LINE, PADDING, MARGIN = 28.0, 26.0, 12.0, 40.0
NARROWEST, WIDEST = 104.0, 232.0
WRAP = 1400.0
PORT_STEP = 16.0
FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


def svg(
    network: Network,
    analysis: Analysis,
    theme: Literal["light", "dark"] = "dark",
    *,
    catalogue: Catalogue | None = None,
    sizes: Mapping[str, tuple[float, float]] | None = None,
    title: str = "Network",
) -> str:
    """The picture as SVG text.

    With `sizes` (width and height of each node on the canvas, in pixels) every node stands where it stands on
    the canvas; without them the nodes are as small as their text allows and are laid out afresh.
    """
    cards = _cards(network, analysis, catalogue or standard(), sizes)
    return "\n".join(_Picture(network, analysis, COLOURS[theme], cards, title).lines()) + "\n"


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
) -> dict[str, _Card]:
    cards = {node.id: _card(node, network, analysis, catalogue) for node in network.nodes.values()}
    own = {node: (card.box.width, card.box.height) for node, card in cards.items()}
    places = {i: n.position for i, n in network.nodes.items()} if sizes else arrange(network, own, wrap_width=WRAP)
    room = {**own, **(sizes or {})}
    return {i: replace(card, box=Box(*places[i], *room[i])) for i, card in cards.items()}


def _card(node: Node, network: Network, analysis: Analysis, catalogue: Catalogue) -> _Card:
    layer = _layer(node, catalogue)
    facts = analysis.facts.get(node.id)
    known = layer is not None and not isinstance(layer, Unknown)
    kind = f"{layer.title or node.kind} {layer.summary()}" if layer and known else f"{node.kind}, not known"
    inputs = _ports(layer.inputs() if layer and known else (), [w.target.port for w in network.incoming(node.id)])
    outputs = _ports(layer.outputs() if layer and known else (), [w.source.port for w in network.outgoing(node.id)])
    count = f"{facts.parameters:,}" if facts and facts.parameters else ""
    wide = max(width_of(node.title, 13) * 1.08 + (width_of(count, 11) + 12 if count else 0), width_of(kind, 12))
    width = min(max(wide + 2 * PADDING, NARROWEST), WIDEST)
    height = max(HEADER + LINE, PORT_STEP * max(len(inputs), len(outputs)))
    family = layer.family if layer and known else "combine"
    return _Card(node, node.title, kind.strip(), count, family, known, inputs, outputs, Box(0, 0, width, height))


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
    title: str

    def lines(self) -> Iterator[str]:
        boxes = [card.box for card in self.cards.values()]
        routes = list(self._routes(boxes))
        yield from self._head([*boxes, *(way.extent for way, _ in routes)])
        yield '<g fill="none" stroke-width="1.5">'
        yield from (f'<path d="{way.path}" stroke="{self.colours["wire"]}"/>' for way, _ in routes)
        yield "</g>"
        for card in self.cards.values():
            yield from self._node(card)
        yield f'<g font-size="11" fill="{self.colours["dim"]}" text-anchor="middle">'
        yield from (
            self._label(way, shape) for way, shape in routes if shape and way.room >= 0.85 * width_of(shape, 11)
        )
        yield "</g>"
        yield "</svg>"

    def _routes(self, boxes: list[Box]) -> Iterator[tuple[Route, str]]:
        for wire in self.network.wires.values():
            source, target = self.cards[wire.source.node], self.cards[wire.target.node]
            start, end = source.output(wire.source.port), target.input(wire.target.port)
            shape = self.analysis.output_shape(wire.source)
            yield route(start, end, source.box, target.box, boxes), str(shape) if shape else ""

    def _head(self, boxes: list[Box]) -> Iterator[str]:
        left, top = min((b.left for b in boxes), default=0), min((b.top for b in boxes), default=0)
        width = max((b.right for b in boxes), default=0) - left + 2 * MARGIN
        height = max((b.bottom for b in boxes), default=0) - top + 2 * MARGIN + 24
        view = f"{left - MARGIN:g} {top - MARGIN:g} {width:g} {height:g}"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{width:g}" height="{height:g}" '
            f'font-family="{FONT}" role="img">'
        )
        yield f"<title>{safe(self.title)}</title>"
        ground = f'x="{left - MARGIN:g}" y="{top - MARGIN:g}" width="{width:g}" height="{height:g}"'
        yield f'<rect {ground} fill="{self.colours["background"]}"/>'
        caption = f"{_many(len(self.cards), 'node')} · {_many(self.analysis.parameters, 'parameter')}"
        place = f'x="{left:g}" y="{top + height - 1.5 * MARGIN:g}"'
        yield f'<text {place} font-size="11" fill="{self.colours["faint"]}">{caption}</text>'

    def _node(self, card: _Card) -> Iterator[str]:
        """A rounded card with a tinted header, a bar in the family's colour, its texts and its ports."""
        colour, box = self.colours[card.family], card.box
        yield f'<g transform="translate({box.left:g} {box.top:g})">'
        yield f'<path d="{_rounded(box.width, box.height)}" fill="{self.colours["card"]}"/>'
        if card.known:
            yield f'<path d="{_rounded(box.width, HEADER, flat=True)}" fill="{colour}" fill-opacity="0.22"/>'
            yield f'<path d="M8 0H4V{HEADER:g}H0V8A8 8 0 0 1 8 0Z" fill="{colour}"/>'
        yield f'<path d="{_rounded(box.width, box.height)}" fill="none" {self._edge(card)}/>'
        room = box.width - 2 * PADDING - (width_of(card.count, 11) + 12 if card.count else 0)
        yield (
            f'<text x="{PADDING:g}" y="18.5" font-size="13" font-weight="600" fill="{self.colours["text"]}">'
            f"{safe(elided(card.title, room / 1.08, 13))}</text>"
        )
        dim = f'fill="{self.colours["dim"]}"'
        if card.count:
            end = f'x="{box.width - PADDING:g}" y="18.5" text-anchor="end"'
            yield f'<text {end} font-size="11" {dim}>{card.count}</text>'
        summary = safe(elided(card.summary, box.width - 2 * PADDING, 12))
        yield f'<text x="{PADDING:g}" y="{HEADER + 17:g}" font-size="12" {dim}>{summary}</text>'
        yield "</g>"
        for port in card.inputs:
            yield self._port(card.input(port), colour, self.colours["background"])
        for port in card.outputs:
            yield self._port(card.output(port), colour, colour)

    def _label(self, way: Route, shape: str) -> str:
        """A shape above its wire, on a ground that hides what runs below it."""
        x, y, width = way.label.x, way.label.y, width_of(shape, 11)
        ground = f'<rect x="{x - width / 2:g}" y="{y - 17:g}" width="{width:g}" height="14"'
        look = f'rx="3" fill="{self.colours["background"]}" fill-opacity="0.85"/>'
        return f'{ground} {look}<text x="{x:g}" y="{y - 6:g}">{safe(shape)}</text>'

    def _edge(self, card: _Card) -> str:
        worst = {problem.severity for problem in self.analysis.problems_of(card.node.id)}
        name = "bad" if "error" in worst else "warn" if worst else "line"
        dashes = "" if card.known else ' stroke-dasharray="4 3"'
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
