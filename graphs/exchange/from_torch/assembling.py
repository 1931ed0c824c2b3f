"""The network that a program is: a node for each call or run of calls, wired, named after the modules they stood in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch.composing import Composer
from graphs.exchange.from_torch.matching import Match, Sight, Unsuited, check
from graphs.exchange.from_torch.operating import Constants, Operation, Operator
from graphs.exchange.from_torch.program import Call, Level
from graphs.exchange.from_torch.running import Known
from graphs.exchange.from_torch.shaping import SHAPING
from graphs.exchange.from_torch.verifying import Verifier
from graphs.exchange.from_torch.weighing import WEIGHING
from graphs.files.faults import FileFault
from graphs.layers.base import Layer, Shape
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.network import End

if TYPE_CHECKING:
    from torch import Tensor

MATCHERS = {**WEIGHING, **SHAPING}


@dataclass
class Piece:
    """A node before it has a name. `sources` are the values at its input ports, `tensors` its weights: their names in
    it with the state-dict names in the program, `constants` numbers that it keeps."""

    kind: str
    fields: dict[str, Any]
    sources: tuple[tuple[str, str], ...]
    stem: str
    level: Level | None = None
    tensors: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Tensor] = field(default_factory=dict)


@dataclass
class Assembled:
    """Pieces in order, and for each value which piece gives it at which port."""

    pieces: list[Piece]
    values: dict[str, tuple[int, str]]
    results: list[str]
    dropped: int


class Assembler:
    """Goes through a program once."""

    def __init__(self, known: Known, catalogue: Catalogue, file: str) -> None:
        self.known, self.catalogue, self.file = known, catalogue, file
        self.users: dict[str, list[Call]] = {}
        for call in known.program.calls:
            for name in set(call.takes()):
                self.users.setdefault(name, []).append(call)
        self.constants = Constants(known)
        self.operator = Operator(known, self.constants, file)
        self.composer = Composer(known, self.constants, self.users, Verifier(known, catalogue))
        self.made = Assembled([], {}, [], 0)
        self._covered: set[str] = set()
        self._checked: dict[tuple[Layer, tuple[Shape, ...]], Any] = {}

    def run(self) -> Assembled:
        """The whole program."""
        program = self.known.program
        for place, name in enumerate(program.inputs):
            self._input(place, name)
        for call in program.calls:
            self._call(call)
        for name in program.outputs:
            if name in self.made.values:
                self.made.results.append(name)
            elif name in self.known.values and self.known.values[name].follows:
                raise FileFault(
                    self.file, "", "gives a result in which the batch is no axis", "give one for each sample"
                )
            else:
                self.made.dropped += 1
        if not self.made.results:
            raise FileFault(self.file, "", "gives nothing that follows from its inputs", "check what forward returns")
        return self.made

    # What goes in

    def _input(self, place: int, name: str) -> None:
        seen = self.known.values[name]
        if seen.axis != 0:
            raise FileFault(
                self.file, "", "takes an input without a batch in front", "give inputs with the batch in front"
            )
        kind, fields = self._input_kind(name, seen.dims, seen.dtype)
        self._add(Piece(kind, fields, (), name), [(name, "out")])

    def _input_kind(self, name: str, dims: tuple[int, ...], dtype: str) -> tuple[str, dict[str, Any]]:
        if dtype == "int64" and len(dims) == 1 and (words := self._words(name)):
            return "TokensInput", {"length": dims[0], "vocabulary": words}
        names = {
            1: ("VectorInput", "features"),
            2: ("SequenceInput", "length features"),
            3: ("ImageInput", "channels height width"),
        }
        if dtype == "float32" and len(dims) in names and (len(dims) < 3 or max(dims) <= 4096):
            kind, fields = names[len(dims)]
            return kind, dict(zip(fields.split(), dims, strict=True))
        return "TensorInput", {"shape": list(dims), "dtype": dtype}

    def _words(self, name: str) -> int:
        """How many different tokens an input has, by the tables that are asked with it."""
        tables = [call.given["weight"].name for call in self.users.get(name, []) if call.operation == "embedding"]
        return min((self.known.values[table].sizes[0][0] for table in tables), default=0)

    # What is called

    def _call(self, call: Call) -> None:
        if self._covered.issuperset(call.outputs) or not call.target.startswith("aten."):
            return
        outputs = [name for name in call.outputs if name in self.users or name in self.known.program.outputs]
        seen = [self.known.values[name] for name in outputs if name in self.known.values]
        if not seen:
            return
        composed = self.composer.match(call)
        if composed is not None and self._take([composed], call):
            return
        if len(seen) < len(outputs) or not all(value.wired for value in seen):
            return
        matcher = MATCHERS.get(call.operation)
        if matcher is not None:
            try:
                found = matcher(Sight(call, self.known, self.users))
            except (Unsuited, KeyError, ValueError, TypeError, IndexError, AttributeError, ZeroDivisionError):
                found = []
            if self._take(found if isinstance(found, list) else [found], call):
                return
        self._operation(call, outputs)

    def _take(self, matches: list[Match], call: Call) -> bool:
        """Makes the nodes of a match, once PyTorch has said that they give what the call gives."""
        try:
            pieces = [self._piece(match, call) for match in matches if match.kind]
        except (Unsuited, BadFields):
            return False
        if not matches or any(name not in self.made.values for name in self._outside(matches)):
            return False
        for match in matches:
            if match.kind:
                layer = self._layer(match)
                ports = [port.name for port in layer.outputs()]
                self._add(pieces.pop(0), [(n, p) for n, p in zip(match.outputs, ports, strict=False) if n])
            else:
                for source, target in zip(match.inputs, match.outputs, strict=True):
                    self.made.values[target] = self.made.values[source]
            self._covered.update(match.covers, match.outputs)
        return True

    def _outside(self, matches: list[Match]) -> list[str]:
        made = {name for match in matches for name in match.outputs}
        return [name for match in matches for name in match.inputs if name not in made]

    def _layer(self, match: Match) -> Layer:
        return self.catalogue.parse(match.kind, _plain(match.fields))

    def _piece(self, match: Match, call: Call) -> Piece:
        layer, state = self._layer(match), self.known.program.state
        shapes = tuple(Shape(self.known.values[n].dims, self.known.values[n].dtype) for n in match.inputs)
        weights = self._fits(layer, shapes, match)
        tensors = {own: self.known.program.tensors[name] for own, name in match.tensors.items()}
        for own, count in weights.items():
            if own not in tensors:  # a counter of batches, which nobody reads
                check(own == "num_batches_tracked")
                guess = tensors["running_mean"].rpartition(".")[0] + "." + own
                tensors |= {own: guess} if guess in state else {}
            else:
                check(state[tensors[own]].numel() == count)
        check(tensors.keys() <= weights.keys())
        ports = tuple(port.name for port in layer.inputs())
        check(len(ports) == len(match.inputs))
        fields = _short(layer, match.fields)
        return Piece(
            match.kind,
            fields,
            tuple(zip(ports, match.inputs, strict=True)),
            layer.stem,
            self._level(call, match),
            tensors,
        )

    def _fits(self, layer: Layer, shapes: tuple[Shape, ...], match: Match) -> dict[str, int]:
        """How many numbers each weight of a layer has. Unsuited where it does not give what is wanted."""
        import torch

        from graphs.inference.measure import Unfit, make, measure

        if (layer, shapes) not in self._checked:
            check(not layer.fault(shapes))
            try:
                measured = measure(layer, shapes)
            except Unfit:
                raise Unsuited from None
            with torch.device("meta"):
                state = make(layer, shapes).state_dict()
            self._checked[layer, shapes] = measured.outputs, {key: value.numel() for key, value in state.items()}
        outputs, weights = self._checked[layer, shapes]
        for name, shape in zip(match.outputs, outputs, strict=False):
            if name:
                check((shape.dims, shape.dtype) == (self.known.values[name].dims, self.known.values[name].dtype))
        return dict(weights)

    def _level(self, call: Call, match: Match) -> Level | None:
        """The module that a layer stands in: the innermost, or the one that is many calls."""
        whole = [level for level in call.levels if level.kind.endswith(f".{match.kind}")]
        if whole:
            return whole[0]
        levels = self.known.makers[match.outputs[0]].levels
        return levels[-1] if levels else None

    def _operation(self, call: Call, outputs: list[str]) -> None:
        made: Operation = self.operator.operation(call, outputs)
        tensors = {own: self.known.program.tensors[name] for own, name in made.tensors.items()}
        sources = tuple((f"in{place}", name) for place, name in enumerate(made.wires))
        stem = call.operation.strip("_") or "op"
        level = call.levels[-1] if call.levels else None
        piece = Piece("TorchOp", made.fields, sources, stem, level, tensors, made.constants)
        self._add(piece, [(name, f"out{place}") for place, name in enumerate(outputs)])

    def _add(self, piece: Piece, outputs: list[tuple[str, str]]) -> None:
        self.made.pieces.append(piece)
        for name, port in outputs:
            self.made.values[name] = (len(self.made.pieces) - 1, port)

    def end(self, name: str, ids: list[str]) -> End:
        """Where a value is given, once the pieces have ids."""
        place, port = self.made.values[name]
        return End(ids[place], port)


def _plain(value: Any) -> Any:
    """Tuples as lists, as they stand in files."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _short(layer: Layer, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that differ from what the kind has by itself."""
    values, usual = layer.model_dump(mode="json"), type(layer)().model_dump(mode="json")
    return {name: values[name] for name in fields if values[name] != usual[name]}
