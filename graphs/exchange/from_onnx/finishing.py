"""From a sketch to the network that a person sees: tidied, in blocks, laid out, with its weights by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphs.exchange.from_onnx import naming, towers
from graphs.exchange.from_onnx.roles import still
from graphs.exchange.from_onnx.sharing import shared, told
from graphs.exchange.from_onnx.sketch import Sketch
from graphs.exchange.imported import Imported
from graphs.layers.catalogue import Catalogue
from graphs.meaning.flat import flatten
from graphs.meaning.ties import TIES
from graphs.names import module_names
from graphs.network import End, Network, Node, Wire
from graphs.placing.whole import laid_out
from graphs.reuse.folding import folded

if TYPE_CHECKING:
    from torch import Tensor


def finished(sketch: Sketch, catalogue: Catalogue) -> Imported:
    """The network, laid out, its weights and what is worth telling."""
    _prune(sketch)
    _tidy(sketch)
    _prune(sketch)
    places = naming.paths(sketch)
    ends = {id for id, node in sketch.nodes.items() if node.op.type in ("Input", "Output")}
    places = {id: path for id, path in places.items() if id not in ends}
    drawn = towers.flattened(places, naming.titles(sketch), naming.weighted(sketch))
    ids = naming.ids(sketch, drawn.paths)
    sharing = shared(sketch)
    network = _network(sketch, ids, sharing.ties)
    deep = {ids[id]: path for id, path in drawn.paths.items() if len(path) > 1}
    made = folded(network, deep, towers.named(drawn, {id: node.kind for id, node in sketch.nodes.items()}))
    known = catalogue.copy()
    known.know(made.network)
    modules = module_names(flatten(made.network, known).network)
    names = {id: modules[made.places[new]] for id, new in ids.items()}
    weights = _weights(sketch, names)
    result = Imported(laid_out(made.network, known), weights, sketch.model.origin)
    notes = (*_notes(sketch, result), *told(sharing, names), *still(sketch), *sketch.model.notes)
    return Imported(result.network, weights, sketch.model.origin, notes)


def _network(sketch: Sketch, ids: Mapping[str, str], ties: Mapping[str, str]) -> Network:
    nodes = []
    for id, made in sketch.nodes.items():
        title = naming.titled(made.title)
        nodes.append(Node(ids[id], made.kind, title if title != ids[id] else "", made.fields))
    wires = [
        Wire(End(ids[w.source.node], w.source.port), End(ids[w.target.node], w.target.port))
        for w in sketch.wires.values()
    ]
    pairs = {ids[follower]: ids[leader] for follower, leader in ties.items()}
    return Network.of(nodes, wires, {TIES: pairs} if pairs else {})


def _weights(sketch: Sketch, names: Mapping[str, str]) -> dict[str, Tensor]:
    """The weights by the names that building the network gives them; `names` are those of the modules."""
    return {
        f"{names[id]}.{key}": tensor.detach().contiguous()
        for id, made in sketch.nodes.items()
        for key, tensor in made.weights.items()
    }


def _notes(sketch: Sketch, made: Imported) -> list[str]:
    """What became an operation, and what else is worth telling."""
    found = made.operations
    if not found:
        return list(sketch.notes)
    listed = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in found.most_common(8))
    more = ", and others" if len(found) > 8 else ""
    return [f"No layer says these operators, which stay as they are: {listed}{more}.", *sketch.notes]


def _prune(sketch: Sketch) -> None:
    """Takes out what leads to no output."""
    wanted = [id for id, made in sketch.nodes.items() if made.op.type in ("Output", "Input")]
    incoming: dict[str, list[str]] = {}
    for wire in sketch.wires.values():
        incoming.setdefault(wire.target.node, []).append(wire.source.node)
    seen = set(wanted)
    while wanted:
        for source in incoming.get(wanted.pop(), ()):
            if source not in seen:
                seen.add(source)
                wanted.append(source)
    sketch.nodes = {id: made for id, made in sketch.nodes.items() if id in seen}
    sketch.wires = {end: wire for end, wire in sketch.wires.items() if end.node in seen}


def _tidy(sketch: Sketch) -> None:
    """Two nodes in a row that a person would draw as one."""
    feeds = sketch.feeds()
    for id in list(sketch.nodes):
        made, after = sketch.nodes.get(id), feeds.get(id, [])
        if made is None or len(after) != 1:
            continue
        next_id = after[0].target.node
        next_ = sketch.nodes[next_id]
        whole = made.kind in _MEANS and set(_listed(made.fields.get("output_size", 1))) == {1}
        if whole and next_.kind == "Flatten" and not next_.fields:
            made.kind, made.fields = "GlobalAvgPool", {}
        elif made.kind in ("LSTM", "GRU", "RNN") and _is_last(made.fields, next_.kind, next_.fields):
            made.fields.pop("result", None)
        elif made.kind == next_.kind == "Scale":
            _merged(made.fields, next_.fields)
        else:
            continue
        sketch.cut(next_id)
        feeds = sketch.feeds()


_MEANS = {f"AdaptiveAvgPool{rank}d" for rank in (1, 2, 3)}


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _is_last(fields: Mapping[str, object], kind: str, part: Mapping[str, object]) -> bool:
    """Whether a recurrent layer gives every step and the last alone is taken."""
    last = part.get("start") == -1 and part.get("drop") and "end" not in part and part.get("axis", 1) == 1
    return kind == "Slice" and bool(last) and fields.get("result") == "all" and not fields.get("bidirectional")


def _merged(fields: dict[str, float], after: Mapping[str, float]) -> None:
    """One scale for two."""
    factor, offset = fields.get("factor", 1.0), fields.get("offset", 0.0)
    more, add = after.get("factor", 1.0), after.get("offset", 0.0)
    fields.update(factor=factor * more, offset=offset * more + add)
