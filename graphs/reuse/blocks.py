"""Blocks as edits: a selection becomes one, a use becomes layers again, a definition is named, copied, removed.

`network` is what a room shows: the design, or the inside of a block as `graphs.edits.inside` gives it. What has to
follow at all uses is in `graphs.reuse.parameters`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphs.edits import (
    AddNodes,
    Batch,
    Edit,
    EditError,
    RemoveNodes,
    SetBlocks,
    SetFields,
    SetMarks,
    SetNodes,
    enclosing,
)
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.network import BLOCK, Block, End, Frame, Mark, Network, Node, Wire
from graphs.reuse.fragments import HIGH, WIDE, bounds, enclosed, fresh_titles
from graphs.reuse.parameters import defined, expose, hide, rename_parameter, set_default, used_names
from graphs.reuse.unpacking import unpack

__all__ = [
    "duplicate_block",
    "expose",
    "hide",
    "make_block",
    "remove_block",
    "rename_block",
    "rename_parameter",
    "set_default",
    "set_repeat",
    "unpack",
]

GAP, ROW = 240.0, 88.0
"""How far the ports stand from what is inside, and from each other."""
_PORTS = ("BlockInput", "BlockOutput")
_PLAIN = re.compile(r"[a-z]|(in|out)\d+")
"""Names of ports that say nothing about what they carry."""


def make_block(network: Network, ids: Iterable[str], catalogue: Catalogue, title: str) -> Edit:
    """Puts nodes into a block of their own, with one use of it in their place.

    Each result that came in from outside becomes an input of the block, each that was used outside an output. Raises
    EditError.
    """
    chosen = _chosen(network, ids, catalogue)
    title = " ".join(title.split())[:200] or "Block"
    inner = Network({i: network.nodes[i] for i in chosen}, _between(network, chosen))
    marks = enclosed(network, chosen)
    ports = _Ports(network, inner, catalogue)
    key = network.fresh_block(_slug(title))
    parameters, passed = _passed_on(network, inner)
    network_inside = Network({**inner.nodes, **ports.nodes}, {**inner.wires, **ports.wires}, marks=marks)
    (name,) = fresh_titles(network, (title,), without=chosen)
    use = Node(network.fresh_id(key.rstrip("0123456789") or "block"), BLOCK + key, name, passed, _middle(inner))
    edits: list[Edit] = [RemoveNodes(tuple(chosen)), SetMarks(dict.fromkeys(marks))]
    edits.append(SetBlocks({key: Block(key, title, network_inside, parameters)}))
    edits.append(AddNodes((use,), ports.outside(use.id)))
    frames = {network.frame_of.get(i) for i in chosen}
    if len(frames) == 1 and (frame := network.marks.get(next(iter(frames)) or "")) and frame.id not in marks:
        edits.append(SetMarks(_joined(frame, chosen, use.id)))
    return Batch(tuple(edits), f"Make the block {title}", {id: f"{use.id}/{id}" for id in chosen})


def rename_block(network: Network, block: str, title: str) -> Edit:
    """Gives a block another title; its id stays. Uses that are called by the old one, or that with a number, follow."""
    known, label = defined(network, block), f"Rename the block {title}"
    named = re.compile(re.escape(known.title) + r"( \d+)?") if known.title else None
    uses = [n for n in network.nodes.values() if n.block == block and named and named.fullmatch(n.name)]
    edit = SetBlocks({block: replace(known, title=title)}, label)
    if not uses or not title:
        return edit
    names = fresh_titles(network, [title] * len(uses), without=[node.id for node in uses])
    return Batch((edit, SetNodes(tuple(replace(n, name=t) for n, t in zip(uses, names, strict=True)))), label)


def remove_block(network: Network, block: str) -> Edit:
    """Removes a definition. Applying it raises EditError where a use of it is left."""
    return SetBlocks({block: None}, f"Remove the block {defined(network, block).title or block}")


def duplicate_block(network: Network, use: str) -> Edit:
    """Gives one use a definition of its own, which can be changed without the others. Raises EditError."""
    node = _node(network, use)
    block = defined(network, node.block)
    key = network.fresh_block(block.id.rstrip("0123456789") or "block")
    title = f"{block.title or block.id} {'copy' if key == block.id else key.removeprefix(block.id)}".strip()
    copy = replace(block, id=key, title=title)
    changed = SetNodes((replace(node, kind=BLOCK + key),))
    return Batch((SetBlocks({key: copy}), changed), f"Make {node.title} a block of its own")


def set_repeat(use: str, times: int | str) -> Edit:
    """How often a block stands in a row: a number or an expression."""
    return SetFields(use, {"repeat": None if times == 1 else times})


def _node(network: Network, id: str) -> Node:
    if id not in network.nodes:
        raise EditError(f"There is no node “{id}”.")
    return network.nodes[id]


def _chosen(network: Network, ids: Iterable[str], catalogue: Catalogue) -> list[str]:
    """The ids in the order of the network. Raises EditError where they cannot become a block."""
    chosen = {i for i in ids if _node(network, i)}
    if not chosen:
        raise EditError("Select the layers that shall become a block.")
    for node in (network.nodes[i] for i in network.ids if i in chosen):
        kind = catalogue.kinds.get(node.kind)
        if kind is not None and (kind.source_only or kind.is_output):
            raise EditError(f"“{node.title}” belongs to the whole network, so it cannot be inside a block.")
        if node.kind in _PORTS:
            raise EditError(f"“{node.title}” is a port of this block, so it cannot be inside another one.")
    if between := (network.downstream(chosen) & network.upstream(chosen)) - chosen:
        through = network.nodes[min(between)].title
        raise EditError(f"A path leaves the selection and comes back through “{through}”; select that as well.")
    return [i for i in network.nodes if i in chosen]


def _between(network: Network, ids: Iterable[str]) -> dict[End, Wire]:
    chosen = set(ids)
    return {w.target: w for i in chosen for w in network.incoming(i) if w.source.node in chosen}


def _slug(title: str) -> str:
    return re.sub(r"\W+", "_", title.lower()).strip("_")[:60] or "block"


def _middle(inner: Network) -> tuple[float, float]:
    """Where one node stands in the middle of where these stood."""
    left, top, right, bottom = bounds(inner.nodes.values()) or (0.0, 0.0, WIDE, HIGH)
    return _snapped((left + right - WIDE) / 2, (top + bottom - HIGH) / 2)


def _snapped(x: float, y: float) -> tuple[float, float]:
    return round(x / 8) * 8.0, round(y / 8) * 8.0


def _joined(frame: Mark, gone: Iterable[str], use: str) -> Mapping[str, Mark]:
    assert isinstance(frame, Frame)
    left = set(gone)
    return {frame.id: replace(frame, members=(*(i for i in frame.members if i not in left), use))}


def _passed_on(network: Network, inner: Network) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters of the block around that the new one needs: its own parameters, and what its use sets."""
    owner = enclosing(network)
    known: Mapping[str, Any] = owner.parameters if owner else {}
    needed = used_names(inner) & known.keys()
    while more := used_names(Network({"": Node("", "", fields={n: known[n] for n in needed})})) & known.keys() - needed:
        needed |= more
    parameters = {name: value for name, value in known.items() if name in needed}
    return parameters, {name: f"={name}" for name in parameters}


@dataclass(frozen=True)
class _Port:
    """A port of the new block: what it is called, what it is wired to inside and outside, and where it stands."""

    title: str
    feed: End | None
    ends: tuple[End, ...]
    level: float


class _Ports:
    """The ports that a selection needs as a block: nodes and wires inside, wires outside."""

    def __init__(self, network: Network, inner: Network, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        rank = {node: index for index, node in enumerate(network.order)}
        self._last = len(rank)
        self._rank = rank
        self._entries = self._entering(network, inner) or self._open_inputs(inner)
        self._leaves = self._leaving(network, inner) or self._open_outputs(inner)
        left, _, right, _ = bounds(inner.nodes.values()) or (0.0, 0.0, 0.0, 0.0)
        ins = _placed("BlockInput", self._entries, inner, left - GAP)
        outs = _placed("BlockOutput", self._leaves, inner, right + GAP - WIDE)
        self.nodes = {node.id: node for node in (*ins, *outs)}
        self._ins, self._outs = [node.id for node in ins], [node.id for node in outs]
        wires = [Wire(End(i, "out"), end) for i, p in zip(self._ins, self._entries, strict=True) for end in p.ends]
        wires += [Wire(p.feed, End(i, "in")) for i, p in zip(self._outs, self._leaves, strict=True) if p.feed]
        self.wires = {wire.target: wire for wire in wires}

    def outside(self, use: str) -> tuple[Wire, ...]:
        """The wires to and from the use of the block."""
        entries, leaves = zip(self._ins, self._entries, strict=True), zip(self._outs, self._leaves, strict=True)
        wires = [Wire(port.feed, End(use, id)) for id, port in entries if port.feed is not None]
        return (*wires, *(Wire(End(use, id), end) for id, port in leaves for end in port.ends))

    def _entering(self, network: Network, inner: Network) -> list[_Port]:
        """A port for each result from outside."""
        found: dict[End, list[End]] = {}
        for wire in sorted((w for i in inner.nodes for w in network.incoming(i)), key=self._at):
            if wire.source.node not in inner.nodes:
                found.setdefault(wire.source, []).append(wire.target)
        return [_Port(_title(*ends), feed, tuple(ends), _top(network, ends[0])) for feed, ends in found.items()]

    def _leaving(self, network: Network, inner: Network) -> list[_Port]:
        """A port for each result that is used outside."""
        found: dict[End, list[End]] = {}
        wires = (w for i in inner.nodes for w in network.outgoing(i) if w.target.node not in inner.nodes)
        for wire in sorted(wires, key=lambda w: (self._rank.get(w.source.node, self._last), str(w.source), str(w))):
            found.setdefault(wire.source, []).append(wire.target)
        return [_Port(_title(feed), feed, tuple(ends), _top(network, feed)) for feed, ends in found.items()]

    def _open_inputs(self, inner: Network) -> list[_Port]:
        """Where nothing comes in: a port for each input that is still open."""
        ends = [End(i, name) for i in self._ordered(inner) for name in self._ports(inner.nodes[i], "inputs")]
        return [_Port(_title(e), None, (e,), _top(inner, e)) for e in ends if e not in inner.wires]

    def _open_outputs(self, inner: Network) -> list[_Port]:
        """Where nothing is used outside: a port for each result that nobody uses."""
        used = {wire.source for wire in inner.wires.values()}
        ends = [End(i, name) for i in self._ordered(inner) for name in self._ports(inner.nodes[i], "outputs")]
        return [_Port(_title(e), e, (), _top(inner, e)) for e in ends if e not in used]

    def _ports(self, node: Node, side: str) -> list[str]:
        try:
            return [port.name for port in getattr(self._catalogue.layer(node), side)()]
        except BadFields:
            return []

    def _ordered(self, inner: Network) -> list[str]:
        return sorted(inner.ids, key=lambda i: self._rank.get(i, self._last))

    def _at(self, wire: Wire) -> tuple[Any, ...]:
        return self._rank.get(wire.target.node, self._last), wire.target


def _title(*ends: End) -> str:
    """What a port is called that is wired to these: by what they carry, where that is one thing and not in or out."""
    names = {end.port for end in ends}
    name = names.pop() if len(names) == 1 else "in"
    return "" if name in ("in", "out") or _PLAIN.fullmatch(name) else name


def _titled(ports: list[_Port], plain: str) -> list[str]:
    """The titles of ports, each another one; those that carry nothing special are called plainly."""
    return fresh_titles(Network(), [(port.title or plain)[:190] for port in ports])


def _placed(kind: str, ports: list[_Port], inner: Network, x: float) -> list[Node]:
    """The nodes of these ports, one below the other, each level with what it is wired to where there is room."""
    made, level = list[Node](), float("-inf")
    titles = _titled(ports, "in" if kind == "BlockInput" else "out")
    for number, (port, title) in enumerate(zip(ports, titles, strict=True), 1):
        level = max(level + ROW, port.level)
        id = inner.fresh_id("in" if kind == "BlockInput" else "out", number)
        made.append(Node(id, kind, title, position=_snapped(x, level)))
    return made


def _top(network: Network, end: End) -> float:
    return network.nodes[end.node].position[1]
