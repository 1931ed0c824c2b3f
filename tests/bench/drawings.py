"""Networks to measure the editor with: chains that are laid out evenly, and ones as people draw them."""

from __future__ import annotations

import random
from dataclasses import replace

from graphs.network import Block, End, Network, Node, Wire

COLUMNS = 100
KINDS = ("Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d", "Dropout", "Linear")
STEP = (200.0, 176.0)
ROOM = (240.0, 300.0)
"""Room for a node whose card shows maps."""


def chains(count: int) -> Network:
    """Chains side by side with a second branch at every third node: 5,000 nodes have 6,665 wires."""
    nodes, wires = [Node("input1", "ImageInput")], []
    for n in range(1, count - 1):
        kind = "Add" if n > 3 and n % 3 == 2 else KINDS[n % len(KINDS)]
        port = "a" if kind == "Add" else "in"
        nodes.append(Node(f"node{n}", kind, position=_place(n, STEP)))
        wires.append(Wire(End(nodes[n - 1].id, "out"), End(f"node{n}", port)))
        if kind == "Add":
            wires.append(Wire(End(nodes[n - 3].id, "out"), End(f"node{n}", "b")))
    nodes.append(Node("output1", "Output", position=(0.0, count // COLUMNS * STEP[1])))
    wires.append(Wire(End(nodes[-2].id, "out"), End("output1", "in")))
    nodes[1] = Node("node1", "Concat", position=nodes[1].position)
    wires[0] = Wire(End("input1", "out"), End("node1", "a"))
    wires.append(Wire(End("input1", "out"), End("node1", "b")))
    return Network.of(nodes, wires)


def residual(count: int) -> Network:
    """A deep residual network, snaking in rows as the layout would put it; its shapes can all be derived."""
    drawn = _Drawing(count)
    last = drawn.add("Conv2d", drawn.add("ImageInput"), out_channels=16, kernel_size=[3, 3], padding="same")
    while drawn.room > 9:
        skip = last
        for _ in range(2):
            last = drawn.add("Conv2d", last, out_channels=16, kernel_size=[3, 3], padding="same")
            last = drawn.add("BatchNorm2d", last)
            last = drawn.add("ReLU", last)
        last = drawn.add("ReLU", drawn.add("Add", last, skip))
    while drawn.room > 3:
        last = drawn.add("ReLU", last)
    last = drawn.add("Linear", drawn.add("Flatten", last), out_features=10)
    drawn.add("Output", last)
    return Network.of(drawn.nodes, drawn.wires)


def layers(count: int) -> Network:
    """One chain whose every layer sees what the first one does."""
    drawn = _Drawing(count)
    last = drawn.add("ImageInput", channels=1, height=64, width=64)
    while drawn.room > 1:
        kind = ("Conv2d", "BatchNorm2d", "ReLU")[len(drawn.nodes) % 3]
        fields = {"out_channels": 8, "kernel_size": [3, 3], "padding": "same"} if kind == "Conv2d" else {}
        last = drawn.add(kind, last, **fields)
    drawn.add("Output", last)
    return Network.of(drawn.nodes, drawn.wires)


def special(count: int) -> Network:
    """The same chain with one layer bypassed and one that is a block, both early on."""
    plain = layers(count)
    inner = [Node("in1", "BlockInput"), Node("norm", "BatchNorm2d"), Node("out1", "BlockOutput")]
    wires = [Wire(End("in1", "out"), End("norm", "in")), Wire(End("norm", "out"), End("out1", "in"))]
    early = [node for node in plain.nodes.values() if node.kind == "BatchNorm2d"][:2]
    nodes = {**plain.nodes, early[0].id: replace(early[0], mode="bypass")}
    use = nodes[early[1].id] = replace(early[1], kind="block-norm", fields={})
    led = {wire.target: _led(wire, use.id) for wire in plain.wires.values()}
    block = Block("norm", "Norm", Network.of(inner, wires))
    return replace(plain, nodes=nodes, wires={w.target: w for w in led.values()}, blocks={"norm": block})


def _led(wire: Wire, use: str) -> Wire:
    """A wire from or to a node that has become the use of a block."""
    source = End(use, "out1") if wire.source.node == use else wire.source
    return Wire(source, End(use, "in1") if wire.target.node == use else wire.target)


def tangle(count: int, seed: int = 1) -> Network:
    """A wide random graph: every node is fed by one or two of the sixty before it."""
    numbers = random.Random(seed)
    nodes = [Node(f"n{n}", "Add") for n in range(count)]
    wires = [
        Wire(End(f"n{max(0, n - 1 - numbers.randrange(60))}", "out"), End(f"n{n}", port))
        for n in range(1, count)
        for port in ("a", "b")[: numbers.choice((1, 1, 2))]
    ]
    return Network.of(nodes, wires)


def edited(network: Network, node: str, **fields: object) -> Node:
    """A node of the network with other values in these fields."""
    before = network.nodes[node]
    return replace(before, fields={**before.fields, **fields})


class _Drawing:
    def __init__(self, count: int) -> None:
        self._count = count
        self.nodes: list[Node] = []
        self.wires: list[Wire] = []

    @property
    def room(self) -> int:
        """How many nodes are still to come."""
        return self._count - len(self.nodes)

    def add(self, kind: str, *sources: str, **fields: object) -> str:
        """Adds a node that these feed, in the next place; its id."""
        place = len(self.nodes)
        node = Node(f"{kind.lower().removesuffix('2d')}{place}", kind, "", fields, _place(place, ROOM))
        ports = ("a", "b") if len(sources) > 1 else ("in",)
        self.wires += [Wire(End(s, "out"), End(node.id, port)) for s, port in zip(sources, ports, strict=False)]
        self.nodes.append(node)
        return node.id


def _place(number: int, step: tuple[float, float]) -> tuple[float, float]:
    row, column = divmod(number, COLUMNS)
    return column * step[0], row * step[1]
