"""A thousand steps of everything that can be done to a design: nothing breaks it, all of it can be taken back."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from graphs.document import Document
from graphs.edits import (
    AddNodes,
    Batch,
    Connect,
    Disconnect,
    Edit,
    EditError,
    InBlock,
    Move,
    RemoveNodes,
    Rename,
    SetBlocks,
    SetFields,
    SetMarks,
    SetMode,
    SetNodes,
    SetSetting,
)
from graphs.files import storage
from graphs.inference.mends import AddLayer, Become, TakeOut
from graphs.layers.catalogue import BadFields, Catalogue, standard
from graphs.meaning.flat import flatten
from graphs.meaning.ties import ShareWeights
from graphs.network import End, Frame, Network, Node, Note, Wire, natural
from graphs.placing.layout import arrange
from graphs.reuse.blocks import (
    duplicate_block,
    expose,
    hide,
    make_block,
    remove_block,
    rename_block,
    rename_parameter,
    set_default,
    set_repeat,
    unpack,
)
from graphs.reuse.fragments import graft
from graphs.reuse.library import SHIPPED, Library
from graphs.reuse.rooms import Room
from tests.graphs.meaning.meanings import meaning

KINDS = ("Conv2d", "Linear", "ReLU", "Add", "Concat", "BatchNorm2d", "Flatten", "Reroute", "MaxPool2d", "FromTheFuture")
FIELDS = {"Conv2d": ("out_channels", "kernel_size", "padding"), "Linear": ("out_features", "bias"), "Add": ("count",)}
NAMES = ("width", "depth", "rate", "channels", "planes")
Place = Document | Room


class Hands:
    """Draws what is done next, always the same for one seed. Every method gives an edit that may be refused."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.document = Document(start())
        self.catalogue = standard().copy()
        self.shipped = Library(SHIPPED).listing().entries
        self.clipboard = storage.fragment_dumps(start(), ["conv1", "relu1"])

    @property
    def design(self) -> Network:
        return self.document.network

    def knowing(self) -> Catalogue:
        self.catalogue.know(self.design)
        return self.catalogue

    def place(self) -> Place:
        """The design, or a room somewhere in it."""
        room: Place = self.document
        path: tuple[str, ...] = ()
        while self.random.random() < 0.4:
            uses = [n.id for n in _ordered(room.network) if n.block in self.design.blocks]
            if not uses:
                break
            path = (*path, self.random.choice(uses))
            room = Room(self.document, path)
        return room

    def some(self, network: Network, most: int = 4) -> list[str]:
        """Some of the nodes; often those that are wired to each other."""
        ids = list(network.ids)
        if not ids:
            return []
        chosen = [self.random.choice(ids)]
        while len(chosen) < most and self.random.random() < 0.7:
            near = [w.target.node for w in network.outgoing(chosen[-1])]
            chosen.append(self.random.choice(near if near and self.random.random() < 0.8 else ids))
        return list(dict.fromkeys(chosen))

    def one(self, network: Network) -> Node:
        if not network.nodes:
            raise EditError("There is nothing here.")
        return network.nodes[self.random.choice(network.ids)]

    def spot(self) -> tuple[float, float]:
        return self.random.randrange(0, 1600, 8), float(self.random.randrange(0, 800, 8))

    def value(self) -> object:
        name, number = self.random.choice(NAMES), self.random.randrange(1, 9)
        return self.random.choice(
            [number, f"={name}", f"={name}*{number}", [number, number], [f"={name}", number], True]
        )

    def block(self) -> str:
        if not self.design.blocks:
            raise EditError("There is no block.")
        return self.random.choice(sorted(self.design.blocks))

    def ends(self, network: Network) -> tuple[End, End]:
        """An output port and an input port of some nodes, mostly such that no loop comes of it."""
        first, second = self.one(network).id, self.one(network).id
        if first == second or (first in network.downstream({second}) and self.random.random() < 0.95):
            first, second = second, first
        return End(first, self._port(network.nodes[first], "outputs")), End(
            second, self._port(network.nodes[second], "inputs")
        )

    def _port(self, node: Node, side: str) -> str:
        try:
            ports = [port.name for port in getattr(self.knowing().layer(node), side)()]
        except BadFields:
            ports = []
        return self.random.choice(ports) if ports else "in"

    # what is done to a design or to the inside of a block

    def add(self, n: Network) -> Edit:
        kind = self.random.choice(KINDS)
        node = Node(n.fresh_id(kind.lower()), kind, position=self.spot())
        return AddNodes((node,), (Wire(self.ends(n)[0], End(node.id, "in")),) if n.nodes else ())

    def remove(self, n: Network) -> Edit:
        return RemoveNodes(tuple(self.some(n)))

    def connect(self, n: Network) -> Edit:
        return Connect((Wire(*self.ends(n)),))

    def disconnect(self, n: Network) -> Edit:
        return Disconnect(tuple(self.random.sample(sorted(n.wires), min(2, len(n.wires)))))

    def fields(self, n: Network) -> Edit:
        node = self.one(n)
        return SetFields(node.id, {self.random.choice(FIELDS.get(node.kind, ("x",))): self.value()})

    def rename(self, n: Network) -> Edit:
        return Rename(self.one(n).id, self.random.choice(["", "Erste Schicht", "a/b", "x" * 30]))

    def move(self, n: Network) -> Edit:
        return Move({i: self.spot() for i in self.some(n)})

    def layout(self, n: Network) -> Edit:
        return Move(dict(arrange(n, dict.fromkeys(n.nodes, (152.0, 96.0)))))

    def mode(self, n: Network) -> Edit:
        return SetMode(tuple(self.some(n, 2)), self.random.choice(["", "", "bypass", "mute"]))  # type: ignore[arg-type]

    def frame(self, n: Network) -> Edit:
        free = tuple(i for i in self.some(n, 6) if i not in n.frame_of)
        notes = tuple(k for k, m in n.marks.items() if isinstance(m, Note) and k not in n.frame_of)[:1]
        frame = Frame(n.fresh_id("frame"), self.random.choice(["", "Stem"]), "convolution", free, notes)
        return SetMarks({frame.id: frame}, "Frame")

    def note(self, n: Network) -> Edit:
        note = Note(n.fresh_id("note"), self.random.choice(["", "Why\nnot?", "ü" * 50]), self.spot(), (200.0, 96.5))
        return SetMarks({note.id: note}, "Note")

    def unmark(self, n: Network) -> Edit:
        return SetMarks(dict.fromkeys(self.random.sample(sorted(n.marks), min(1, len(n.marks)))), "Remove marks")

    def remark(self, n: Network) -> Edit:
        key = self.random.choice(sorted(n.marks) or [""])
        mark = n.marks.get(key)
        if isinstance(mark, Frame):
            return SetMarks({key: replace(mark, title="Other", members=mark.members[1:])})
        return SetMarks({key: replace(mark, position=self.spot())} if mark else {})

    def copy(self, n: Network) -> Edit:
        self.clipboard = storage.fragment_dumps(n, [*self.some(n), *list(n.marks)[:1]])
        return Batch((), "Copy")

    def paste(self, n: Network) -> Edit:
        part = storage.fragment_loads(self.clipboard)
        kept = [w for i in part.nodes for w in n.incoming(i) if w.source.node not in part.nodes]
        return graft(n, part, (8.0, 8.0), kept if self.random.random() < 0.3 else ()).edit

    def from_library(self, n: Network) -> Edit:
        return graft(n, self.random.choice(self.shipped).use(self.spot())).edit

    def make_block(self, n: Network) -> Edit:
        return make_block(n, self.some(n, 6), self.knowing(), self.random.choice(["Residual", "Stage 1", "…"]))

    def unpack(self, n: Network) -> Edit:
        uses = [node.id for node in _ordered(n) if node.block] or [self.one(n).id]
        return unpack(n, self.random.choice(uses), self.knowing())

    def repeat(self, n: Network) -> Edit:
        uses = [node.id for node in _ordered(n) if node.block] or [self.one(n).id]
        return set_repeat(self.random.choice(uses), self.random.choice([1, 2, 3, "=depth", 99]))

    def set_parameter(self, n: Network) -> Edit:
        uses = [node for node in _ordered(n) if node.block in n.blocks and n.blocks[str(node.block)].parameters]
        node = self.random.choice(uses) if uses else self.one(n)
        names = sorted(n.blocks[node.block].parameters) if node.block in n.blocks else ["x"]
        return SetFields(node.id, {self.random.choice(names or ["x"]): self.random.choice([3, "=width", None])})

    def duplicate(self, n: Network) -> Edit:
        return duplicate_block(n, self.one(n).id)

    def mend(self, n: Network) -> Edit:
        source, target = self.ends(n)
        node = self.one(n)
        return self.random.choice(
            [
                AddLayer("ReLU", "relu", "Insert ReLU", before=target),
                AddLayer("Flatten", "flatten", "Add Flatten", after=source),
                TakeOut(node.id, "Take out"),
                Become(node.id, "Linear", "Make it Linear", ("bias",)),
            ]
        )

    def swap(self, n: Network) -> Edit:
        node = self.one(n)
        return SetNodes((replace(node, kind="Sigmoid", fields={}, mode=""),), "Make it Sigmoid")

    # what is done to the whole design

    def share(self, n: Network) -> Edit:
        plain = flatten(self.design, self.knowing()).network.ids
        if not plain:
            raise EditError("There is nothing here.")
        return ShareWeights(self.random.choice(plain), self.random.choice([*plain, None]))

    def hyperparameters(self, n: Network) -> Edit:
        values = {"width": self.random.randrange(1, 9), "depth": "=width+1", "rate": 2}
        return SetSetting("hyperparameters", self.random.choice([values, values, {"width": 4}, None]))

    def settings(self, n: Network) -> Edit:
        key = self.random.choice(["data", "recipe", "canvas"])
        return SetSetting(key, self.random.choice([{"source": "digits"}, {"epochs": 3, "rates": [[1, 2], 0.5]}, None]))

    def expose(self, n: Network) -> Edit:
        block = self.block()
        node = self.one(self.design.blocks[block].network)
        field = self.random.choice(FIELDS.get(node.kind, ("x",)))
        return expose(self.design, block, node.id, field, self.random.choice(NAMES), self.knowing())

    def hide(self, n: Network) -> Edit:
        return hide(self.design, block := self.block(), self._parameter(block))

    def rename_parameter(self, n: Network) -> Edit:
        return rename_parameter(self.design, block := self.block(), self._parameter(block), self.random.choice(NAMES))

    def default(self, n: Network) -> Edit:
        return set_default(
            self.design, block := self.block(), self._parameter(block), self.random.choice([2, "=width"])
        )

    def _parameter(self, block: str) -> str:
        return self.random.choice(sorted(self.design.blocks[block].parameters) or ["nothing"])

    def rename_block(self, n: Network) -> Edit:
        return rename_block(self.design, self.block(), self.random.choice(["", "Better", "a b"]))

    def remove_block(self, n: Network) -> Edit:
        return remove_block(self.design, self.block())

    def fails(self, n: Network) -> Edit:
        ghost, node = End("ghost", "out"), self.one(n).id
        some = next(iter(n.blocks), "ghost")
        return self.random.choice(
            [
                Connect((Wire(ghost, End(node, "in")),)),
                AddNodes((Node("new", "ReLU"), Node(node, "ReLU"))),
                RemoveNodes((node, "ghost")),
                SetMarks({"f1": Frame("f1", members=(node,)), "f2": Frame("f2", members=(node,))}),
                Batch((Rename(node, "half"), Rename("ghost", "done"))),
                InBlock("ghost", Rename(node, "x")),
                InBlock(some, AddNodes((Node("loop", f"block-{some}"),))),
                InBlock(some, SetBlocks({some: None})),
            ]
        )


INSIDE = (
    *(
        "add",
        "add",
        "add",
        "remove",
        "connect",
        "connect",
        "connect",
        "disconnect",
        "fields",
        "fields",
        "rename",
        "move",
    ),
    *(
        "layout",
        "mode",
        "frame",
        "note",
        "unmark",
        "remark",
        "copy",
        "paste",
        "from_library",
        "make_block",
        "make_block",
    ),
    *("unpack", "repeat", "set_parameter", "duplicate", "mend", "swap", "fails"),
)
WHOLE = (
    "share",
    "share",
    "hyperparameters",
    "settings",
    "expose",
    "expose",
    "hide",
    "rename_parameter",
    "default",
    "rename_block",
    "remove_block",
)
KEEP = (
    "make_block",
    "unpack",
    "duplicate",
    "copy",
    "move",
    "layout",
    "frame",
    "rename_parameter",
    "hide",
    "rename_block",
)
"""What leaves all numbers as they were."""


def start() -> Network:
    nodes = [Node("image1", "ImageInput"), Node("conv1", "Conv2d"), Node("relu1", "ReLU"), Node("output1", "Output")]
    ends = [("image1", "conv1"), ("conv1", "relu1"), ("relu1", "output1")]
    return Network.of(nodes, [Wire(End(a, "out"), End(b, "in")) for a, b in ends], {"hyperparameters": {"width": 4}})


def _ordered(network: Network) -> list[Node]:
    return [network.nodes[i] for i in network.ids]


def check(network: Network) -> None:
    """Everything that holds of every design."""
    for place in (network, *(block.network for block in network.blocks.values())):
        assert all(end == wire.target for end, wire in place.wires.items())
        assert all({w.source.node, w.target.node} <= place.nodes.keys() for w in place.wires.values())
        assert all(key == value.id for part in (place.nodes, place.marks) for key, value in part.items())
        assert not place.nodes.keys() & place.marks.keys()
        frames = [mark for mark in place.marks.values() if isinstance(mark, Frame)]
        held = [i for frame in frames for i in (*frame.members, *frame.notes)]
        assert len(held) == len(set(held)) and all(frame.members or frame.notes for frame in frames)
        assert all(i in place.nodes for frame in frames for i in frame.members)
        assert all(isinstance(place.marks.get(i), Note) for frame in frames for i in frame.notes)
    for key, block in network.blocks.items():
        assert key == block.id and not block.network.blocks and not block.network.settings
        assert key not in _all_uses(network, key)


def _all_uses(network: Network, block: str) -> set[str]:
    found, stack = set[str](), [block]
    while stack:
        inner = network.blocks.get(stack.pop())
        for used in inner.network.uses - found if inner else ():
            found.add(used)
            stack.append(used)
    return found


def sound(network: Network, catalogue: Catalogue) -> list[str] | None:
    """The meaning of a design without faults."""
    catalogue.know(network)
    return None if flatten(network, catalogue).faults else meaning(network, catalogue)


def smaller(network: Network) -> Edit:
    """Removes what makes a design so large that a step takes long: most of its nodes."""
    kept = {"image1", "output1", *sorted(network.nodes, key=natural)[:6]}
    return RemoveNodes(tuple(i for i in network.ids if i not in kept))


class Course:
    """One run of steps, with the state that each position of the history has to have."""

    def __init__(self, seed: int) -> None:
        self.hands = Hands(seed)
        self.document, self.random = self.hands.document, self.hands.random
        self.states = [self.document.network]
        self.done: dict[str, int] = {}
        self.compared = 0

    def step(self) -> None:
        """Does one thing, and looks whether everything is as it must be."""
        before, position = self.document.network, self.document.position
        roll = self.random.random()
        if roll < 0.08:
            self.travel()
        elif roll < 0.14:
            self.transaction()
        elif roll < 0.18:
            self.drag()
        elif len(before.nodes) > 24 or len(before.blocks) > 5:
            with self.document.transaction("Smaller"):
                self.document.apply(smaller(before))
                for block in sorted(self.document.network.blocks):
                    with contextlib.suppress(EditError):
                        self.document.apply(remove_block(self.document.network, block))
        else:
            self.act()
        if self.document.network is not before or self.document.position != position:
            self.remember()
            if not self.document.can_redo:  # elsewhere stands what stood there before, and was looked at then
                check(self.document.network)
                assert storage.loads(storage.dumps(self.document.network)) == self.document.network

    def remember(self) -> None:
        now = self.document.position
        if now == len(self.document.steps):  # something was done, so what could be done again is gone
            del self.states[now:]
            self.states.append(self.document.network)
        assert self.states[now] == self.document.network

    def act(self) -> None:
        """One edit, here or in a room; where it is refused nothing has changed."""
        name = self.random.choice(INSIDE if self.random.random() < 0.85 else WHOLE)
        place: Place = self.hands.place() if name in INSIDE else self.document
        before = self.document.network
        try:
            edit = getattr(self.hands, name)(place.network)
            place.apply(edit)
        except EditError as error:
            assert self.document.network is before and str(error).endswith(".") and len(str(error)) < 300
            self.done["refused"] = self.done.get("refused", 0) + 1
            return
        assert name != "fails"
        self.done[name] = self.done.get(name, 0) + 1
        if name in KEEP:
            old, new = (sound(n, self.hands.catalogue) for n in (before, self.document.network))
            assert old is None or old == new, name
            self.compared += old is not None

    def travel(self) -> None:
        go: list[Callable[[], object]] = [self.document.undo, self.document.redo]
        steps = len(self.document.steps)
        go += [lambda: self.document.travel(self.random.randint(max(0, steps - 6), steps))]
        self.random.choice(go)()
        assert self.document.network == self.states[self.document.position]

    def transaction(self) -> None:
        before, steps = self.document.network, self.document.steps
        fails = self.random.random() < 0.3
        with contextlib.suppress(KeyError), self.document.transaction("Together"):
            for _ in range(3):
                self.act()
            if fails:
                raise KeyError
        if fails:
            assert self.document.network is before and self.document.steps == steps

    def drag(self) -> None:
        for node in self.document.network.ids[-1:] * 3:
            self.document.apply(Move({node: self.hands.spot()}), merge=f"drag {node}")
        self.remember()
        self.document.seal()


@pytest.fixture(scope="module")
def course() -> Iterator[Course]:
    run = Course(6)
    for _ in range(1000):
        run.step()
    yield run


def test_a_thousand_steps_break_nothing(course: Course) -> None:
    """Everything that there is was done, and what must not change the numbers did not."""
    assert {name for name in (*INSIDE, *WHOLE) if name != "fails"} <= course.done.keys()
    assert course.compared > 10 and course.done["refused"] > 40
    assert len(course.states) == course.document.position + 1 or course.document.can_redo


def test_undo_all_is_the_start_and_redo_all_the_end(course: Course) -> None:
    document = course.document
    document.travel(len(document.steps))
    end = document.network
    while document.can_undo:
        document.undo()
        assert document.network == course.states[document.position]
    assert document.network == start()
    while document.can_redo:
        document.redo()
    assert document.network == end


def test_travel_leads_anywhere(course: Course) -> None:
    steps = len(course.document.steps)
    for _ in range(60):
        position = course.random.randint(0, steps)
        course.document.travel(position)
        assert course.document.network == course.states[position]
