"""From a program to a network that can be edited: nodes, blocks, weights under their names, places on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch.assembling import Assembled, Assembler, Piece
from graphs.exchange.from_torch.naming import Places, places, titles
from graphs.exchange.from_torch.operating import MODES
from graphs.exchange.from_torch.plainly import check_writes, plainly
from graphs.exchange.from_torch.program import Program
from graphs.exchange.from_torch.running import Known, always_trains, known
from graphs.exchange.imported import Imported, Progress
from graphs.layers.catalogue import standard
from graphs.meaning.flat import flatten
from graphs.names import module_names
from graphs.network import End, Network, Node, Wire
from graphs.placing.whole import laid_out
from graphs.reuse.folding import folded

if TYPE_CHECKING:
    from torch import Tensor


def imported(program: Program, file: str, origin: str, progress: Progress | None = None) -> Imported:
    """The network of a program. Raises FileFault."""
    told = progress or (lambda share, words: None)
    told(0.15, "Reading the calls")
    seen = understood(program, file, told)
    told(0.45, "Finding the layers")
    catalogue = standard().copy()
    assembler = Assembler(seen, catalogue, file)
    made = assembler.run()
    told(0.7, "Folding into blocks")
    where = places(made)
    network, ids = _plain_network(made, where, seen)
    paths = {ids[place]: path for place, path in enumerate(where.paths) if path}
    whole = folded(network, paths, titles(made, [call.levels for call in seen.program.calls]))
    catalogue.know(whole.network)
    told(0.8, "Laying it out")
    drawn = laid_out(whole.network, catalogue)
    names = module_names(flatten(drawn, catalogue).network)
    modules = [names[whole.places[ids[place]]] if where.paths[place] else "" for place in range(len(ids))]
    weights = _weights(made, modules, seen)
    told(1.0, "Done")
    return Imported(drawn, weights, origin, tuple(_notes(made, where, seen, weights)))


def understood(program: Program, file: str, progress: Progress | None = None) -> Known:
    """What is known of a program, once nothing in it writes in place. Raises FileFault."""
    plain = plainly(program, file)
    check_writes(plain, file)
    return known(plain, file, progress)


def _plain_network(made: Assembled, where: Places, seen: Known) -> tuple[Network, list[str]]:
    """The network without blocks, and the ids of the pieces in it."""
    inputs = [place for place, piece in enumerate(made.pieces) if piece.kind.endswith("Input")]
    ids = [f"n{place}" for place in range(len(made.pieces))]
    several = len(inputs) > 1
    roots = {path[0] for path in where.paths if path}
    called = {place: _apart(made.pieces[place].stem, roots) for place in inputs if several}
    for number, place in enumerate(inputs, 1):
        kind = made.pieces[place].kind.removesuffix("Input").lower()
        ids[place] = f"input{number}" if several else _apart(kind, roots)
    nodes = [Node(ids[place], p.kind, called.get(place, ""), p.fields) for place, p in enumerate(made.pieces)]
    wires = [
        Wire(End(ids[made.values[name][0]], made.values[name][1]), End(ids[place], port))
        for place, piece in enumerate(made.pieces)
        for port, name in piece.sources
    ]
    for number, name in enumerate(made.results, 1):
        id = f"output{number}" if len(made.results) > 1 else "output"
        nodes.append(Node(id, "Output"))
        wires.append(Wire(End(ids[made.values[name][0]], made.values[name][1]), End(id, "in")))
    ties = {ids[follower]: ids[leader] for follower, leader in where.ties.items()}
    return Network.of(nodes, wires, {"ties": ties} if ties else {}), ids


def _apart(name: str, taken: set[str]) -> str:
    """A name for an input that no module has, since weights are called after these."""
    return f"{name}_in" if name in taken else name


def _weights(made: Assembled, modules: list[str], seen: Known) -> dict[str, Tensor]:
    import torch

    state, found = seen.program.state, dict[str, Any]()
    for piece, module in zip(made.pieces, modules, strict=True):
        for own, fqn in piece.tensors.items():
            found[f"{module}.{own}"] = _shaped(piece, own, state[fqn])
        for own, value in piece.constants.items():
            found[f"{module}.{own}"] = value
        if "running_mean" in piece.tensors and "num_batches_tracked" not in piece.tensors and piece.kind != "TorchOp":
            found[f"{module}.num_batches_tracked"] = torch.tensor(0)
    return found


def _shaped(piece: Piece, own: str, value: Tensor) -> Tensor:
    """The numbers in the shape that a layer of ours has for them."""
    if piece.kind == "PositionalEmbedding":
        return value.reshape(1, *value.shape[-2:])
    if piece.kind == "LayerScale":
        shape = list(value.shape)
        while len(shape) > 1 and shape[0] == 1:
            shape.pop(0)
        return value.reshape(shape)
    return value


def _notes(made: Assembled, where: Places, seen: Known, weights: dict[str, Any]) -> list[str]:
    kept = sum(fqn in weights for fqn in seen.program.state)
    notes = list[str]()
    if kept < len(seen.program.state):
        other = len(seen.program.state) - kept
        notes.append(f"{kept} of {len(seen.program.state)} weights keep their names; {other} have another, or no use.")
    if where.copied:
        notes.append(f"{', '.join(where.copied[:5])} shared weights with others in another form: they have copies now.")
    if made.dropped:
        notes.append(f"{made.dropped} results follow from no input and were left out.")
    return notes + _other(seen.program)


def _other(program: Program) -> list[str]:
    """What it does otherwise than the original, where that is trained or called again."""
    notes = list[str]()
    written = sorted({program.tensors[name] for name in program.written})
    if written:
        notes.append(f"{', '.join(written[:5])} changed with every call there; here every call begins with the same.")
    if program.unlearnt:
        notes.append("Some weights were used without gradients there (torch.no_grad); here they train with the rest.")
    modes = [c.given for c in program.calls if c.operation in MODES]
    if any(given.get("train", given.get("training")) is True for given in modes if not always_trains(given)):
        notes.append(
            "Dropout or normalisation was on as in training there; here it is so only while the network trains."
        )
    return notes
