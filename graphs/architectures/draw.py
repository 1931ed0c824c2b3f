"""Networks drawn in code: every layer by name, blocks in rooms of their own, laid out at the end.

    d = Drawing()
    with d.block("basic", "Basic block", width=64, stride=1) as b:
        x = b.input()
        y = b.conv(x, "=width", 3, stride="=stride", padding=1, bias=False, id="conv1")
        b.output(b.relu(b.norm(y)))
    x = d.image(3, 224, 224)
    x = d.use("basic", x, id="layer1", width=64)
    d.output(d.linear(d.flatten(x), 1000, id="fc"))
    network = d.network()

A value is the `End` of the port that gives it. Fields may be expressions over parameters of the block. Inside a block
an id may be a number, and is then the name of the module as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from graphs.layers.base import Layer
from graphs.layers.blocks import parameter_fault, ports
from graphs.layers.catalogue import standard
from graphs.meaning.expressions import expressions_in
from graphs.meaning.ties import TIES
from graphs.network import BLOCK, Block, End, Frame, Network, Node, Wire
from graphs.placing.framed import tidied
from graphs.placing.sizes import block_size, layer_size

STEP = (288.0, 272.0)
"""From column to column and from row to row, where a place is given."""
ROW = 2000.0
"""How long a row of nodes becomes before the next one begins."""
SMALL = (14, 2700.0)
"""The inside of a block of no more than so many nodes may be so long a row: a skip is seen best in one."""


class Drawing:
    """A network, or the inside of a block, while it is drawn."""

    def __init__(self, blocks: dict[str, Block] | None = None) -> None:
        self.blocks: dict[str, Block] = {} if blocks is None else blocks
        self._nodes: dict[str, Node] = {}
        self._wires: dict[End, Wire] = {}
        self._numbers: dict[str, int] = {}
        self._frames: dict[str, Frame] = {}
        self._framed: list[str] | None = None
        self._ties: dict[str, str] = {}
        self._sizes: dict[str, tuple[float, float]] = {}
        self._spots: dict[str, tuple[float, float]] = {}

    # Any kind

    def layers(self, kind: str, *inputs: End, id: str = "", name: str = "", **fields: Any) -> tuple[End, ...]:
        """A layer of any kind fed by `inputs` in the order of its ports; what its output ports give."""
        made = standard().kinds[kind]
        checked = _checked(made, fields)
        layer = made.model_validate({k: v for k, v in checked.items() if not any(expressions_in(v))})
        node = self._node(kind, id or self._fresh(made.stem), name, checked)
        self._sizes[node] = layer_size(layer)
        self._wire(node, [port.name for port in layer.inputs()], inputs)
        return tuple(End(node, port.name) for port in layer.outputs())

    def layer(self, kind: str, *inputs: End, id: str = "", name: str = "", **fields: Any) -> End:
        """A layer of any kind and what its first output port gives."""
        return self.layers(kind, *inputs, id=id, name=name, **fields)[0]

    def chain(self, x: End, *kinds: str, **fields: Any) -> End:
        """Layers one after another, all with these fields."""
        for kind in kinds:
            x = self.layer(kind, x, **fields)
        return x

    # Blocks

    @contextmanager
    def block(self, id: str, title: str, help: str = "", **parameters: Any) -> Iterator[Drawing]:
        """The inside of a new block, to be drawn. Its parameters are names for expressions, with their defaults."""
        faults = [fault for name in parameters if (fault := parameter_fault(name))]
        if faults or id in self.blocks:
            raise ValueError(faults[0] if faults else f"There is a block “{id}” already.")
        inner = Drawing(self.blocks)
        yield inner
        self.blocks[id] = Block(id, title, inner.network(), parameters, help)

    def input(self, name: str = "in") -> End:
        """A port through which the block takes a value."""
        node = self._node("BlockInput", self._fresh("in"), name, {})
        self._sizes[node] = layer_size(standard().kinds["BlockInput"]())
        return End(node, "out")

    def uses(self, block: str, *inputs: End, id: str = "", name: str = "", **fields: Any) -> tuple[End, ...]:
        """A use of a block, with its parameters and `repeat` as fields; what its output ports give."""
        known = self.blocks[block]
        strange = fields.keys() - known.parameters.keys() - {"repeat"}
        if strange:
            raise ValueError(f"The block “{block}” has no parameter “{min(strange)}”.")
        given = {k: v for k, v in fields.items() if v != (1 if k == "repeat" else known.parameters[k])}
        node = self._node(BLOCK + block, id or self._fresh("block"), name, given)
        self._sizes[node] = block_size(known, " · ".join(f"{k} {v}" for k, v in list(fields.items())[:3]))
        self._wire(node, [port.name for port in ports(known, "BlockInput")], inputs)
        return tuple(End(node, port.name) for port in ports(known, "BlockOutput"))

    def use(self, block: str, *inputs: End, id: str = "", name: str = "", **fields: Any) -> End:
        """A use of a block and what its first output port gives."""
        return self.uses(block, *inputs, id=id, name=name, **fields)[0]

    @contextmanager
    def frame(self, title: str, colour: str = "") -> Iterator[None]:
        """What is drawn meanwhile stands in a frame. `colour` is the id of a layer family."""
        self._framed = []
        yield
        id = f"frame{len(self._frames) + 1}"
        self._frames[id] = Frame(id, title, colour, tuple(self._framed))
        self._framed = None

    def tie(self, follower: str, source: str) -> None:
        """Lets a layer have the weights of another one; both by their ids once blocks are laid out: "encoder/1/fc"."""
        self._ties[follower] = source

    def at(self, x: End, column: float, row: float) -> End:
        """Puts the node of `x` on a grid, from column and row 0 on, where the form of a network says something: a U,
        towers side by side. What has no place is laid out by itself."""
        assert x.node in self._nodes
        self._spots[x.node] = (column * STEP[0], row * STEP[1])
        return x

    # Ends

    def image(self, channels: int, height: int, width: int, id: str = "image") -> End:
        """Pictures come in."""
        return self.layer("ImageInput", id=id, name="Image", channels=channels, height=height, width=width)

    def output(self, x: End, name: str = "", id: str = "") -> End:
        """The result: of the block inside one, of the network outside, there called "Classes" by itself."""
        inside = any(node.kind == "BlockInput" for node in self._nodes.values())
        kind, stem, usual = ("BlockOutput", "out", "out") if inside else ("Output", "output", "Classes")
        node = self._node(kind, id or self._fresh(stem), name or usual, {})
        self._sizes[node] = layer_size(standard().kinds[kind]())
        self._wire(node, ["in"], (x,))
        return End(node, "in")

    # What most networks are made of

    def conv(self, x: End, filters: int | str, kernel: Any, id: str = "", **fields: Any) -> End:
        """A convolution."""
        return self.layer("Conv2d", x, id=id, out_channels=filters, kernel_size=kernel, **fields)

    def norm(self, x: End, id: str = "", **fields: Any) -> End:
        """Batch normalisation of a map."""
        return self.layer("BatchNorm2d", x, id=id, **fields)

    def relu(self, x: End, id: str = "") -> End:
        """ReLU."""
        return self.layer("ReLU", x, id=id)

    def max_pool(self, x: End, kernel: Any, id: str = "", **fields: Any) -> End:
        """Max-pooling; the stride is the kernel where none is given."""
        return self.layer("MaxPool2d", x, id=id, kernel_size=kernel, **fields)

    def avg_pool(self, x: End, kernel: Any, id: str = "", **fields: Any) -> End:
        """Average pooling; the stride is the kernel where none is given."""
        return self.layer("AvgPool2d", x, id=id, kernel_size=kernel, **fields)

    def linear(self, x: End, features: int | str, id: str = "", **fields: Any) -> End:
        """A fully connected layer."""
        return self.layer("Linear", x, id=id, out_features=features, **fields)

    def flatten(self, x: End, id: str = "", **fields: Any) -> End:
        """One row of numbers."""
        return self.layer("Flatten", x, id=id, **fields)

    def dropout(self, x: End, p: float | str = 0.5, id: str = "") -> End:
        """Dropout."""
        return self.layer("Dropout", x, id=id, p=p)

    def add(self, *values: End, id: str = "") -> End:
        """The sum."""
        return self.layer("Add", *values, id=id, count=len(values))

    def multiply(self, *values: End, id: str = "") -> End:
        """The product."""
        return self.layer("Multiply", *values, id=id, count=len(values))

    def concat(self, *values: End, id: str = "", **fields: Any) -> End:
        """Channels side by side."""
        return self.layer("Concat", *values, id=id, count=len(values), **fields)

    def unit(
        self,
        id: str,
        *kinds: str,
        title: str = "",
        ids: tuple[str, ...] = ("0", "1", "2"),
        norm: Mapping[str, Any] | None = None,
    ) -> None:
        """Defines the block `id`: a convolution that keeps the map's size (but for its stride), normalisation with the
        fields `norm`, and what is named in `kinds`. Its parameters are filters, kernel, stride and groups."""
        given = {"filters": 32, "kernel": 3, "stride": 1, "groups": 1}
        with self.block(id, title or "Convolution", "A convolution, normalised.", **given) as b:
            shape = {"stride": "=stride", "padding": "=(kernel-1)//2", "groups": "=groups", "bias": False}
            x = b.norm(b.conv(b.input(), "=filters", "=kernel", ids[0], **shape), ids[1], **(norm or {}))
            for place, kind in enumerate(kinds):
                x = b.layer(kind, x, id=ids[2 + place])
            b.output(x)

    # The result

    def network(self, settings: Mapping[str, Any] | None = None) -> Network:
        """What was drawn, laid out; with all blocks where this is no inside of one."""
        bare = Network(self._nodes, self._wires, marks=dict(self._frames))
        inside = any(node.kind in ("BlockInput", "BlockOutput") for node in self._nodes.values())
        row = SMALL[1] if inside and not self._frames and len(self._nodes) <= SMALL[0] else ROW
        places = tidied(bare, self._sizes, wrap_width=row).nodes | self._spots
        nodes = {n.id: Node(n.id, n.kind, n.name, n.fields, places[n.id]) for n in self._nodes.values()}
        given = {**(settings or {}), **({TIES: self._ties} if self._ties else {})}
        return Network(nodes, self._wires, given, {} if inside else self.blocks, bare.marks)

    def _fresh(self, stem: str) -> str:
        while True:
            self._numbers[stem] = self._numbers.get(stem, 0) + 1
            if (id := f"{stem}{self._numbers[stem]}") not in self._nodes:
                return id

    def _node(self, kind: str, id: str, name: str, fields: Mapping[str, Any]) -> str:
        if id in self._nodes:
            raise ValueError(f"There is a node “{id}” already.")
        self._nodes[id] = Node(id, kind, name, fields)
        if self._framed is not None:
            self._framed.append(id)
        return id

    def _wire(self, node: str, names: list[str], inputs: tuple[End, ...]) -> None:
        if len(names) != len(inputs):
            raise ValueError(f"“{node}” takes {len(names)} inputs, not {len(inputs)}.")
        for name, source in zip(names, inputs, strict=True):
            self._wires[End(node, name)] = Wire(source, End(node, name))


def _checked(kind: type[Layer], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as plain JSON values, those left out that the kind has by itself. Raises ValueError."""
    plain = {name: value for name, value in fields.items() if not any(expressions_in(value))}
    values = kind.model_validate(plain).model_dump(mode="json", include=set(plain))
    usual = kind().model_dump(mode="json", include=set(plain))
    return {
        name: values.get(name, value)
        for name, value in fields.items()
        if name not in plain or values[name] != usual[name]
    }
