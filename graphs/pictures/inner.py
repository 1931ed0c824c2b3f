"""The inside of a block as a small picture on the card of its uses: its nodes as blocks of colour, its wires as lines.

Worked out once per definition from where its nodes stand; nothing about what it computes is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphs.layers.catalogue import Catalogue
from graphs.network import Block, Network, Wire

__all__ = ["Inner", "Line", "inner_of", "inner_svg"]

NODE = (136.0, 96.0)
"""What a node counts as, whatever its card shows."""
WIDE, HIGH = 168.0, 72.0
LEAST = 20.0
ARCH = 6.0
MOST = 80
"""Nodes of a block that are drawn; the rest would be dust."""
PORTS = ("BlockInput", "BlockOutput")
Rect = tuple[float, float, float, float]
Line = tuple[float, float, float, float, float]
"""From, to, and how far it arches over what stands between."""


@dataclass(frozen=True)
class Inner:
    """Boxes with their families, and lines, in the picture's own pixels."""

    width: float
    height: float
    boxes: tuple[tuple[Rect, str], ...]
    lines: tuple[Line, ...]


_KEPT: dict[int, tuple[Block, object, Inner | None]] = {}


def inner_of(block: Block, catalogue: Catalogue) -> Inner | None:
    """The picture of a block; None where there is nothing in it to draw."""
    kept = _KEPT.get(id(block))
    if kept is None or kept[0] is not block or kept[1] is not catalogue.kinds:
        if len(_KEPT) > 200:
            _KEPT.clear()
        kept = _KEPT[id(block)] = (block, catalogue.kinds, _drawn(block.network, catalogue))
    return kept[2]


def _drawn(network: Network, catalogue: Catalogue) -> Inner | None:
    nodes = [n for n in network.nodes.values() if n.kind != "Reroute"][:MOST]
    if not nodes:
        return None
    left, top = min(n.position[0] for n in nodes), min(n.position[1] for n in nodes)
    right = max(n.position[0] for n in nodes) + NODE[0]
    bottom = max(n.position[1] for n in nodes) + NODE[1]
    scale = min(WIDE / (right - left), HIGH / (bottom - top), 0.25)
    boxes = {}
    for node in nodes:
        kind = catalogue.kinds.get(node.kind)
        corner = ((node.position[0] - left) * scale, (node.position[1] - top) * scale)
        family = "port" if node.kind in PORTS else kind.family if kind is not None else "combine"
        boxes[node.id] = ((*corner, NODE[0] * scale, NODE[1] * scale), family)
    lines = [line for wire in network.wires.values() if (line := _line(wire, boxes))]
    lift = max((arch - min(y1, y2) for _, y1, _, y2, arch in lines if arch), default=0.0)
    lift = max(0.0, lift)
    whole = tuple(((x, y + lift, w, h), family) for (x, y, w, h), family in boxes.values())
    moved = tuple((x1, y1 + lift, x2, y2 + lift, arch) for x1, y1, x2, y2, arch in lines)
    return Inner((right - left) * scale, max(LEAST, (bottom - top) * scale + lift), whole, moved)


def _line(wire: Wire, boxes: dict[str, tuple[Rect, str]]) -> Line | None:
    if wire.source.node not in boxes or wire.target.node not in boxes:
        return None
    start, end = boxes[wire.source.node][0], boxes[wire.target.node][0]
    x1, x2 = start[0] + start[2], end[0]
    y1, y2 = start[1] + start[3] / 2, end[1] + end[3] / 2
    over = [r for r, _ in boxes.values() if r[0] >= x1 and r[0] + r[2] <= x2 and r[1] <= (y1 + y2) / 2 <= r[1] + r[3]]
    return x1, y1, x2, y2, start[3] / 2 + ARCH if over else 0.0


def inner_svg(inner: Inner, corner: tuple[float, float], colours: Mapping[str, str]) -> Iterator[str]:
    """The picture as lines of SVG with its top left corner here."""
    faint = colours["faint"]
    yield f'<g transform="translate({corner[0]:.1f} {corner[1]:.1f})">'
    for line in inner.lines:
        yield f'<path d="{_curve(line)}" fill="none" stroke="{faint}"/>'
    for (x, y, width, height), family in inner.boxes:
        if family == "port":
            yield f'<circle cx="{x + width / 2:.1f}" cy="{y + height / 2:.1f}" r="2.2" fill="{faint}"/>'
            continue
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2"'
        yield f'<rect {place} fill="{colours.get(family, colours["dim"])}"/>'
    yield "</g>"


def _curve(line: Line) -> str:
    x1, y1, x2, y2, arch = line
    start = f"M{x1:.1f} {y1:.1f}"
    if arch:
        level, turn = min(y1, y2) - arch, min(8.0, (x2 - x1) / 3)
        out = f"C{x1 + turn / 2:.1f} {y1:.1f} {x1 + turn / 2:.1f} {level:.1f} {x1 + turn:.1f} {level:.1f}"
        back = f"C{x2 - turn / 2:.1f} {level:.1f} {x2 - turn / 2:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        return f"{start}{out}L{x2 - turn:.1f} {level:.1f}{back}"
    bend = max(4.0, abs(x2 - x1) / 2)
    return f"{start}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
