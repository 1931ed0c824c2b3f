"""A use of a block becomes layers again: `graphs.reuse.blocks.unpack`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from graphs.edits import AddNodes, Batch, Edit, EditError, Move, RemoveNodes, SetMarks, enclosing
from graphs.layers.blocks import ports
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.meaning.scopes import REPEAT
from graphs.network import Block, End, Frame, Mark, Network, Node, Note, Wire
from graphs.reuse.fragments import HIGH, WIDE, Box, bounds, fresh_names
from graphs.reuse.parameters import bindings, bound, defined, used_names

GAP = 64.0
"""Between two copies, in pixels at 100 % zoom."""
_PORTS = ("BlockInput", "BlockOutput")


def unpack(network: Network, use: str, catalogue: Catalogue) -> Edit:
    """Puts what a block holds in the place of one of its uses: each repeat under ids of its own, one behind the other.

    What the use sets stands in the fields as values or expressions. The definition stays. Raises EditError.
    """
    node = network.nodes.get(use)
    if node is None:
        raise EditError(f"There is no node “{use}”.")
    block = defined(network, node.block)
    _refuse(network, node, block)
    return _Unpacking(network, node, block, _times(node, block, catalogue)).edit()


def _refuse(network: Network, use: Node, block: Block) -> None:
    if use.mode:
        word = "bypassed" if use.mode == "bypass" else "muted"
        raise EditError(f"“{use.title}” is {word}; let it compute before it is unpacked.")
    if any(wire.source.node == use.id for wire in network.incoming(use.id)):
        raise EditError(f"“{use.title}” feeds itself, so it cannot be unpacked.")
    around = enclosing(network)
    hidden = used_names(block.network) | used_names(Network({"": Node("", "", fields=block.parameters)}))
    if around and (clash := sorted((hidden - block.parameters.keys()) & around.parameters.keys())):
        raise EditError(f"“{clash[0]}” is a hyperparameter inside and a parameter of the block around; rename one.")


def _times(use: Node, block: Block, catalogue: Catalogue) -> int:
    """How often the block stands in a row. Raises EditError."""
    times = use.fields.get(REPEAT, 1)
    if isinstance(times, str):
        try:
            times = getattr(catalogue.layer(use), REPEAT, None)
        except BadFields as error:
            raise EditError(str(error)) from None
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= 64:
        raise EditError(f"How often “{use.title}” stands in a row is not known.")
    if times > 1 and not 0 < len(ports(block, "BlockOutput")) <= len(ports(block, "BlockInput")):
        raise EditError(f"“{use.title}” has more outputs than inputs, so its repeats do not follow each other.")
    return times


class _Unpacking:
    """The copies of what a block holds, under which ids they stand, and what feeds them."""

    def __init__(self, network: Network, use: Node, block: Block, times: int) -> None:
        self._network, self._use, self._block = network, use, block
        self._inputs = [port.name for port in ports(block, "BlockInput")]
        self._outputs = [port.name for port in ports(block, "BlockOutput")]
        filled = bound(block.network, bindings(block, use))
        self._inner = {i: node for i, node in filled.nodes.items() if node.kind not in _PORTS}
        self._box = bounds(self._inner.values()) or (*use.position, use.position[0] + WIDE, use.position[1] + HIGH)
        self._names = list(self._fresh(times))

    def _fresh(self, times: int) -> Iterable[Mapping[str, str]]:
        taken = replace(self._network, nodes={i: n for i, n in self._network.nodes.items() if i != self._use.id})
        for _ in range(times):
            names = fresh_names(taken, (*self._inner, *self._block.network.marks))
            taken = replace(taken, nodes={**taken.nodes, **dict.fromkeys(names.values(), self._use)})
            yield names

    def edit(self) -> Edit:
        """All of it as one step."""
        start, shift = self._place()
        offsets = [(start[0] + turn * self._stride, start[1]) for turn in range(len(self._names))]
        nodes = [
            replace(node, id=names[i], position=(node.position[0] + x, node.position[1] + y))
            for names, (x, y) in zip(self._names, offsets, strict=True)
            for i, node in self._inner.items()
        ]
        marks = [
            mark for names, offset in zip(self._names, offsets, strict=True) for mark in self._marks(names, offset)
        ]
        edits: list[Edit] = [RemoveNodes((self._use.id,))]
        edits += [Move(shift)] if shift else []
        edits.append(AddNodes(tuple(nodes), tuple(self._wires())))
        kept = {mark.id: mark for mark in [*marks, *self._frame(nodes, marks)]}
        edits += [SetMarks(kept)] if kept else []
        return Batch(tuple(edits), f"Unpack {self._use.title}", dict(self._moved()))

    def _moved(self) -> Iterable[tuple[str, str]]:
        """The way to each layer, before and after."""
        for turn, names in enumerate(self._names):
            around = f"{self._use.id}/{turn}" if len(self._names) > 1 else self._use.id
            yield from ((f"{around}/{id}", name) for id, name in names.items() if id in self._inner)

    @property
    def _stride(self) -> float:
        return self._box[2] - self._box[0] + GAP

    def _place(self) -> tuple[tuple[float, float], dict[str, tuple[float, float]]]:
        """How far the first copy moves, and where others go so that all copies have room."""
        width = self._stride * len(self._names) - GAP
        height = self._box[3] - self._box[1]
        x, y = self._use.position
        top = y + HIGH / 2 - height / 2
        middle = round((x + WIDE / 2 - width / 2) / 8) * 8.0
        others = [node for node in self._network.nodes.values() if node.id != self._use.id]
        for left, shift in ((middle, 0.0), (x, max(0.0, width - WIDE))):
            moved = {n.id: (n.position[0] + shift, n.position[1]) for n in others if shift and n.position[0] > x}
            if not _covered((left, top, left + width, top + height), others, moved):
                break
        return (left - self._box[0], round((top - self._box[1]) / 8) * 8.0), moved

    def _wires(self) -> Iterable[Wire]:
        for turn, names in enumerate(self._names):
            for end, wire in self._block.network.wires.items():
                source = self._source(turn, wire.source) if end.node in self._inner else None
                if source is not None:
                    yield Wire(source, End(names[end.node], end.port))
        for wire in self._network.outgoing(self._use.id):
            source = self._result(len(self._names) - 1, wire.source.port)
            if source is not None:
                yield Wire(source, wire.target)

    def _source(self, turn: int, end: End) -> End | None:
        """What an output port inside stands for in one of the copies."""
        if end.node in self._inner:
            return End(self._names[turn][end.node], end.port)
        if end.node not in self._inputs:
            return None
        index = self._inputs.index(end.node)
        if turn and index < len(self._outputs):
            return self._result(turn - 1, self._outputs[index])
        wire = self._network.wires.get(End(self._use.id, end.node))
        return wire.source if wire else None

    def _result(self, turn: int, output: str) -> End | None:
        wire = self._block.network.wires.get(End(output, "in"))
        return self._source(turn, wire.source) if wire else None

    def _marks(self, names: Mapping[str, str], offset: tuple[float, float]) -> Iterable[Mark]:
        """The frames and notes of one copy; frames let go of the ports."""
        for mark in self._block.network.marks.values():
            if isinstance(mark, Note):
                place = (mark.position[0] + offset[0], mark.position[1] + offset[1])
                yield replace(mark, id=names[mark.id], position=place)
            elif members := tuple(names[i] for i in mark.members if i in names):
                yield replace(mark, id=names[mark.id], members=members, notes=tuple(names[i] for i in mark.notes))

    def _frame(self, nodes: list[Node], marks: list[Mark]) -> Iterable[Frame]:
        """The frame that the use was in: it holds instead what is in no frame of the block."""
        frame = self._network.marks.get(self._network.frame_of.get(self._use.id, ""))
        if isinstance(frame, Frame):
            held = {i for mark in marks if isinstance(mark, Frame) for i in mark.members}
            members = [i for i in frame.members if i != self._use.id]
            members += [node.id for node in nodes if node.id not in held]
            if members or frame.notes:
                yield replace(frame, members=tuple(members))


def _covered(box: Box, others: Iterable[Node], moved: Mapping[str, tuple[float, float]]) -> bool:
    """Whether a node stands within a box."""
    for node in others:
        x, y = moved.get(node.id, node.position)
        if x < box[2] and box[0] < x + WIDE and y < box[3] and box[1] < y + HIGH:
            return True
    return False
