"""A mirror of the document's network: boxes, ports and wire routes, kept in step change by change.

The scene decides nothing. `follow` takes a `Change` and touches what its patch names; `preview` lets a
gesture show positions that are not in the document yet, and `settle` forgets them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from graphs.document import Change
from graphs.layers.catalogue import Catalogue
from graphs.meaning.expressions import expressions_in
from graphs.meaning.ties import TIES
from graphs.network import End, Network, Node, Wire
from widgets.editor.mirror.index import Index
from widgets.editor.mirror.item import Item
from widgets.editor.mirror.questions import Questions
from widgets.editor.mirror.routes import Route, route
from widgets.editor.mirror.ways import Ways
from widgets.editor.painting.face import WIDEST
from widgets.editor.painting.owners import retied
from widgets.editor.painting.sizes import Sizes
from widgets.editor.verbs.turning import turn

if TYPE_CHECKING:
    from graphs.inference.shapes import Analysis

NEAR = 1200.0
"""Longer wires than this stay as they are while nodes in the hand pass them, and run around them afterwards."""
CROWD = 12
"""With more nodes than this in the hand their wires run straight to what stands still, and others run as they did,
until the hand lets go."""
WIDE = 150.0
"""Wires of a crowd in the hand do not reach out further than this from both of their nodes."""
AT_ONCE = 200
"""Up to so many faces are worked out at once."""
APART = 56.0
"""How close a growing card comes to its neighbour at most: a shape is written between them."""


def _restated(change: Change) -> set[str]:
    """Ids of nodes that say something else now although they are the same: uses of a block that changed, and, after
    a change of hyperparameters, nodes with an expression."""
    nodes, patch = change.after.nodes.values(), change.patch
    found = {n.id for n in nodes if n.block in patch.blocks} if patch.blocks else set()
    if patch.blocks or "hyperparameters" in patch.settings:
        found |= {n.id for n in nodes if any(expressions_in(value) for value in n.fields.values())}
    return found | retied(change.before, change.after) if TIES in patch.settings else found


def _nothing(_: QRectF) -> tuple[()]:
    return ()


class Scene(Questions):
    """Items by node id and routes by input port, with an index of each."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.network = Network()
        self.analysis: Analysis | None = None
        self.items: dict[str, Item] = {}
        self.boxes: Index[str] = Index()
        self.behind: dict[str, None] = {}
        """The nodes whose faces are not yet what the analysis says."""
        self.revision = 0
        """Counts every change; whoever changes what is painted beside the nodes counts it up too."""
        self.routes = Ways(self._way)
        """The ways of all wires by input port."""
        self._motions = 0
        self._renewed = False
        self._moved: dict[str, tuple[float, float]] = {}
        self._lifted: frozenset[End] = frozenset()
        self._inner: frozenset[End] = frozenset()
        self._due: set[End] = set()
        self.drift = QPointF()
        """How far a crowd in the hand has gone as one, since it was painted last."""
        self._sizes = Sizes(catalogue)
        self._left: list[QRectF] = []

    # Keeping in step

    def load(self, network: Network) -> None:
        """Mirrors a whole network, from nothing."""
        self.network = network
        self._moved, self.behind = {}, {}
        self._lifted, self._inner = frozenset(), frozenset()
        self._sizes.forget()
        self._sizes.guess(network, self.analysis)
        known = self.known
        self.items = {
            id: Item(node, self._sizes.face(node, network, known.get(id), None), node.position)
            for id, node in network.nodes.items()
        }
        self.boxes.fill(self.items, [item.rect.getCoords() for item in self.items.values()])  # type: ignore[misc]
        turn(self, [id for id, item in self.items.items() if item.face.dot])
        self.routes.clear()
        lines = {end: points for end in network.wires if (points := self.ends_of(end))}
        self.routes.spans.fill(lines, [(*start.toTuple(), *stop.toTuple()) for start, stop in lines.values()])
        self.routes.wait(lines)
        self.revision += 1

    def follow(self, change: Change) -> set[str]:
        """Mirrors one change; returns the ids of nodes that came, went or look different."""
        self.network = change.after
        touched = set(change.patch.nodes)
        for end, wire in change.patch.wires.items():
            touched |= {end.node} | self._sources(end, change.before, wire)
        touched |= self._sizes.guess(change.after, self.analysis) | _restated(change)
        self._renew(touched)
        self._reroute(touched, change.patch.wires)
        self.revision += 1
        return touched

    def _sources(self, end: End, before: Network, wire: Wire | None) -> set[str]:
        old = before.wires.get(end)
        return {w.source.node for w in (old, wire) if w}

    def _renew(self, ids: Iterable[str]) -> None:
        for id in ids:
            node = self.network.nodes.get(id)
            if node is None:
                self.items.pop(id, None)
                self.behind.pop(id, None)
                self.boxes.remove(id)
                self._moved.pop(id, None)
            else:
                self._place(node)

    def _place(self, node: Node) -> None:
        facts = self.analysis.facts.get(node.id) if self.analysis else None
        item = self.items.get(node.id)
        room = max(self._gap(item), item.rect.width()) if item else None
        made = self._sizes.face(node, self.network, facts, room)
        position = self._moved.get(node.id, node.position)
        if item is None:
            item = self.items[node.id] = Item(node, made, position)
        else:
            item.version += item.face != made
            self._left.append(item.rect)
            item.node, item.face = node, made
            item.rect = QRectF(*position, made.width, made.height)
        self.boxes.set(node.id, item.rect)

    def _gap(self, item: Item) -> float:
        """How wide a card may become before it comes too close to what stands to its right."""
        box = item.rect
        ahead = QRectF(box.right() + 1, box.top(), WIDEST, box.height())
        lefts = [self.items[i].rect.left() for i in self.boxes.within(ahead) if i != item.node.id]
        return min((x for x in lefts if x >= box.right()), default=math.inf) - APART - box.left()

    def _reroute(self, ids: Iterable[str], ends: Iterable[End] = ()) -> None:
        """Lays the wires again that touch these nodes, end in these ports, or run around through them."""
        ids = turn(self, set(ids))
        dirty = {w.target for i in ids for w in (*self.network.incoming(i), *self.network.outgoing(i))}
        dirty |= set(ends)
        left, self._left = self._left, []
        if not self.crowded:
            rects = [*left, *(self.items[i].rect for i in ids & self.items.keys())]
            dirty |= self.routes.swerving(rects, NEAR if self._moved else math.inf)
        self._wait(dirty)

    def ends_of(self, end: End) -> tuple[QPointF, QPointF] | None:
        """Where a wire begins and ends; None where there is no such wire, or a node of it is missing."""
        wire = self.network.wires.get(end)
        source = self.items.get(wire.source.node) if wire else None
        target = self.items.get(end.node)
        if wire is None or source is None or target is None:
            return None
        return source.point(wire.source.port, True), target.point(end.port, False)

    def _wait(self, ends: Iterable[End]) -> None:
        """Has wires laid anew when they are looked at; where they begin and end is known at once."""
        ends = list(ends)
        for end in ends:
            if points := self.ends_of(end):
                self.routes.spans.set_line(end, *points)
            else:
                self.routes.forget(end)
        still = [end for end in ends if end in self.routes.spans]
        self.routes.wait(still, pressing=bool(self._moved))

    def _way(self, end: End, known: Route | None) -> Route | None:
        """The way of a wire as its nodes stand now; `known` as it was."""
        points = self.ends_of(end)
        if points is None:
            return None
        wire, (start, stop) = self.network.wires[end], points
        source, target = self.items[wire.source.node], self.items[end.node]
        boxes = _nothing if self.crowded and end in self._lifted else self.boxes.sides
        turned = source.turned, target.turned
        way = self._carried(wire, known, start, stop)
        return way or route(start, stop, source.rect, target.rect, boxes, turned)

    def _carried(self, wire: Wire, known: Route | None, start: QPointF, stop: QPointF) -> Route | None:
        """The way of a wire whose nodes are both in the hand and moved by the same step: as it was, moved along."""
        if known is None or wire.source.node not in self._moved or wire.target.node not in self._moved:
            return None
        step, other = start - QPointF(*known.segments[0][:2]), stop - QPointF(*known.segments[-1][6:])
        return known.moved(step.x(), step.y()) if (step - other).manhattanLength() < 1e-6 else None

    def set_analysis(self, analysis: Analysis | None, seen: QRectF | None = None) -> set[str]:
        """Takes new facts; returns the ids of the nodes whose look depends on what is new.

        Where that is said of many, those that do not come into what is `seen` (of the scene) follow with `catch_up`.
        """
        old, self.analysis = self.analysis, analysis
        before = old.facts if old else {}
        after = analysis.facts if analysis else {}
        changed = {i for i in self.items if before.get(i) != after.get(i)}
        now = changed
        if seen is not None and len(changed) > AT_ONCE:
            now = changed & self._concerned(seen)
            self.behind.update(dict.fromkeys(i for i in self.items if i in changed and i not in now))
        self._freshen(now)
        self.revision += bool(now)
        return changed

    def _concerned(self, seen: QRectF) -> set[str]:
        """The nodes in a part of the scene, and those whose shapes are written on wires there."""
        wires = (self.network.wires.get(end) for end in self.routes.guessed(seen))
        return {*self.boxes.within(seen), *(wire.source.node for wire in wires if wire)}

    def _freshen(self, ids: Iterable[str]) -> None:
        """Works out these faces again, and the ways of wires at cards that have another size then."""
        ids = [i for i in ids if i in self.items]
        sizes = [self.items[i].rect.size() for i in ids]
        self._renew(ids)
        for id in ids:
            self.behind.pop(id, None)
        self._reroute(i for i, size in zip(ids, sizes, strict=True) if self.items[i].rect.size() != size)

    def catch_up(self, seconds: float = math.inf, seen: QRectF | None = None) -> bool:
        """Brings faces up to date that new facts left behind, for so long, or those in a part of the scene alone; True
        when none is left. What is painted may look different once all are done."""
        until = time.perf_counter() + seconds
        if seen is not None:
            some = self.behind.keys() & self._concerned(seen)
            self._freshen(some)
            self.revision += bool(some)
            return not self.behind
        while self.behind and time.perf_counter() < until:
            self._freshen([i for i, _ in zip(self.behind, range(8), strict=False)])
            self._renewed = True
        if self.behind or not self.routes.lay_some(until):
            return False
        self.revision += self._renewed or self.routes.strayed
        self._renewed = self.routes.strayed = False
        return True

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Reads nodes with another catalogue from the next `load` on."""
        self.catalogue = catalogue
        self._sizes = Sizes(catalogue)

    def restyle(self) -> None:
        """Works out every face again, after the font size has changed."""
        self._renew(list(self.items))
        for item in self.items.values():
            item.version += 1
        self._reroute(self.items)
        self.revision += 1

    # Positions that are not in the document yet

    def preview(self, positions: Mapping[str, tuple[float, float]]) -> None:
        """Shows nodes at other positions until `settle` or the next change to them."""
        step, known = self._common(positions), len(self._moved)
        if step is not None:
            self._carry(positions, *step)
        else:
            self._put(positions)
        same = len(self._moved) == known
        if not same:
            self._lift()
        self.revision += 1
        self._motions += same

    def _common(self, positions: Mapping[str, tuple[float, float]]) -> tuple[float, float] | None:
        """The one step by which all that is in the hand goes on; None where that is not so, or for a few nodes."""
        if not self.crowded or positions.keys() != self._moved.keys():
            return None
        steps = [(x - self._moved[i][0], y - self._moved[i][1]) for i, (x, y) in positions.items()]
        dx, dy = steps[0]
        return (dx, dy) if all(abs(x - dx) + abs(y - dy) < 1e-6 for x, y in steps) else None

    def _put(self, positions: Mapping[str, tuple[float, float]]) -> None:
        for id, position in positions.items():
            item = self.items.get(id)
            if item is not None:
                self._moved[id] = position
                self._left.append(QRectF(item.rect))
                item.rect.moveTo(*position)
                self.boxes.set(id, item.rect)
        self._reroute(positions)

    def _carry(self, positions: Mapping[str, tuple[float, float]], dx: float, dy: float) -> None:
        """Moves a crowd and the wires among it as one; only wires that lead out of it are laid again."""
        for id, position in positions.items():
            self._moved[id] = position
            self.items[id].rect.moveTo(*position)
        self.boxes.shift(positions, dx, dy)
        self.drift += QPointF(dx, dy)
        self.routes.carry(self._inner, dx, dy)
        self._due = set(self._lifted - self._inner)

    @property
    def crowded(self) -> bool:
        """Whether so many nodes are in the hand that they move as one."""
        return len(self._moved) > CROWD

    def stir(self) -> None:
        """Says that the hand has moved what is no node: a note, or the border of a frame."""
        self.revision += 1
        self._motions += 1

    def _lift(self) -> None:
        wires = [w for i in self._moved for w in (*self.network.incoming(i), *self.network.outgoing(i))]
        self._lifted = frozenset(w.target for w in wires)
        held = self._moved
        self._inner = frozenset(w.target for w in wires if w.source.node in held and w.target.node in held)

    def settle(self) -> None:
        """Shows every node where the document has it."""
        self._due.clear()
        moved, self._moved = self._moved, {}
        self.routes.swept(self._lifted)
        self._lifted, self._inner = frozenset(), frozenset()
        present = [i for i in moved if i in self.items]
        for id in present:
            self._left.append(QRectF(self.items[id].rect))
            self.items[id].rect.moveTo(*self.items[id].node.position)
            self.boxes.set(id, self.items[id].rect)
        self._reroute(present)
        self.revision += 1

    @property
    def base(self) -> int:
        """Counts the changes to all that stands still: nodes in the hand and their wires are left out."""
        return self.revision - self._motions

    @property
    def lifted(self) -> frozenset[End]:
        """The wires of the nodes that are shown elsewhere than the document has them."""
        return self._lifted

    def take_swept(self) -> list[QRectF]:
        """Where wires that nobody holds run differently since the last call, as nodes in the hand passed them."""
        return self.routes.swept(self._lifted)

    def leading_out(self, seen: QRectF) -> list[End]:
        """The wires from a crowd in the hand to what stands still that come into view; only these are laid again."""
        found = []
        for end in self._lifted - self._inner:
            wire = self.network.wires.get(end)
            if wire is None or wire.source.node not in self.items or end.node not in self.items:
                continue
            span = self.items[wire.source.node].rect.united(self.items[end.node].rect)
            if span.adjusted(-WIDE, -WIDE, WIDE, WIDE).intersects(seen):
                if end in self._due:
                    self.routes.lay(end)
                    self._due.discard(end)
                found.append(end)
        return found

    @property
    def inner(self) -> frozenset[End]:
        """Those of the lifted wires that have both ends in the hand."""
        return self._inner

    @property
    def strayed(self) -> Mapping[str, tuple[float, float]]:
        """The nodes that are shown elsewhere than the document has them."""
        return self._moved
