"""A network proven layer by layer: what PyTorch computes in every one, beside what onnxruntime does there.

An export compares results. Where those differ, or where somebody wants to know how near they are, this says in which
layer the two part: the first from which on they differ by more than rounding. The file itself says which of its
values is the result of which layer (`graphs.exchange.to_onnx.traces`), so one that was changed since can be proven too.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphs.exchange.proving.verdicts import AGREES, BEGINS, FOLLOWS, TOLERANCE, Proof, Verdict
from graphs.exchange.to_onnx.agreement import ROUNDING, Array, ExportError, difference, first_line, largest
from graphs.exchange.to_onnx.agreement import session as open_session
from graphs.exchange.to_onnx.export import MAX_BYTES, OPSETS, VALUES, batch_of, converted
from graphs.exchange.to_onnx.quiet import quiet
from graphs.exchange.to_onnx.sizes import Freedom
from graphs.exchange.to_onnx.traces import Place, places

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import Tensor, fx

    from graphs.building.build import Built

SAMPLES = 2
"""How many samples are computed."""
ROOM = 2**29
"""Bytes of results that are held at a time."""

Progress = Callable[[float], None]


COMPARED = (0.6, 0.9)
"""From what share of the work to what other the layers are compared, one after the other."""


def prove(
    built: Built,
    samples: Tensor | Sequence[Tensor],
    opset: int = 20,
    progress: Progress | None = None,
    *,
    data: bytes | None = None,
    tolerance: float = TOLERANCE,
) -> Proof:
    """Compares every layer of `built` with what onnxruntime computes for it, on `samples` (one tensor per input, with a
    batch axis), in the network as it would be written in `opset`, or in `data`, a file that Netloom wrote.

    `progress` is called with shares from 0 to 1 and may raise to cancel. Raises ExportError.
    """
    report = progress or (lambda share: None)
    if opset not in OPSETS:
        raise ExportError(f"ONNX is written in opset {OPSETS[0]} to {OPSETS[-1]}, and {opset} is none of them.")
    inputs = batch_of(samples, SAMPLES)
    module = copy.deepcopy(built.module).cpu().eval()
    report(0.02)
    with quiet():
        model = _parsed(data) if data is not None else converted(module, built, inputs, opset, Freedom({}))
        begin, end = COMPARED
        report(begin)
        run = _Run(built, module, inputs, model)
        found = dict(run.errors(lambda share: report(begin + (end - begin) * share)))
        doubtful = [place for place, verdict in found.items() if not verdict.share <= tolerance]
        rounded = run.rounding(doubtful) if doubtful else {}
    report(0.95)
    wrong = {p for p in doubtful if not found[p].error <= ROUNDING * rounded.get(p, 0.0)}
    verdicts = _by_layer(built, found, {node for node, _ in wrong})
    report(1.0)
    version = next(entry.version for entry in model.opset_import if not entry.domain)
    return Proof(verdicts, version, len(inputs[0]), tolerance)


def _parsed(data: bytes) -> ModelProto:
    import onnx

    try:
        return onnx.load_model_from_string(data)
    except Exception as error:
        raise ExportError("The file is broken or no ONNX file.") from error


def _by_layer(built: Built, found: Mapping[Place, Verdict], wrong: set[str]) -> dict[str, Verdict]:
    """The worst result of each layer, with where differences begin; outputs are as what feeds them."""
    layers: dict[str, Verdict] = {}
    for (node, _), verdict in found.items():
        if node not in layers or verdict.share > layers[node].share:
            layers[node] = verdict
    after: set[str] = set()
    for node in layers:
        before = {source.node for source in _sources(built, node)}
        follows = bool(before & (after | wrong))
        if follows:
            after.add(node)
        if node in wrong:
            layers[node] = replace(layers[node], state=FOLLOWS if follows else BEGINS)
    for node in built.outputs:
        (source,) = _sources(built, node)
        if source.node in layers:
            verdict = layers[source.node]
            layers[node] = replace(verdict, state=AGREES if verdict.state == AGREES else FOLLOWS)
    return layers


def _sources(built: Built, node: str) -> Iterator[Any]:
    return (wire.source for wire in built.network.incoming(node))


class _Run:
    """Both computations, layer by layer."""

    def __init__(self, built: Built, module: fx.GraphModule, inputs: list[Tensor], model: ModelProto) -> None:
        self.module, self.graph, self.inputs, self.model = module, built.graph, inputs, model
        self.whose = places(built, built.graph)
        self.names = _names(model, self.whose.values())
        if not self.names:
            raise ExportError("The file does not say which value is the result of which layer: export it again.")

    def errors(self, progress: Progress) -> Iterator[tuple[Place, Verdict]]:
        """What PyTorch and onnxruntime differ by in each result, in the order of computing."""
        pieces = self._pieces()
        done, whole = 0, sum(map(len, pieces))
        for piece in pieces:
            theirs = self._theirs(piece)
            found: dict[Place, Verdict] = {}

            def compared(
                place: Place, array: Array, theirs: Any = theirs, found: Any = found, before: int = done
            ) -> None:
                found[place] = Verdict(difference(theirs[self.names[place]], array), largest(array))
                progress((before + len(found)) / whole)

            self._walk(self.module, self.inputs, set(piece), compared)
            yield from found.items()
            done += len(piece)

    def rounding(self, wanted: Sequence[Place]) -> dict[Place, float]:
        """How far PyTorch itself is from what it computes with twice the digits, in these results; {} where it
        cannot compute so."""
        exact = copy.deepcopy(self.module).double()
        found: dict[Place, float] = {}
        doubled = [t.double() if t.is_floating_point() else t for t in self.inputs]
        for piece in self._pieces(wanted):
            plain: dict[Place, Array] = {}
            self._walk(self.module, self.inputs, set(piece), plain.__setitem__)

            def compared(place: Place, array: Array, plain: Any = plain) -> None:
                found[place] = difference(plain.pop(place), array)

            try:
                self._walk(exact, doubled, set(piece), compared)
            except (RuntimeError, TypeError):
                return {}
        return found

    def _pieces(self, wanted: Sequence[Place] | None = None) -> list[list[Place]]:
        """The results in runs that fit into `ROOM`."""
        sizes: dict[Place, int] = {}
        pieces: list[list[Place]] = []
        self._walk(self.module, self.inputs, set(self.names), lambda place, x: sizes.setdefault(place, x.nbytes))
        chosen, room = set(sizes if wanted is None else wanted), 0
        for place, size in sizes.items():
            if place in chosen:
                room -= size
                if room < 0 or not pieces:
                    pieces.append([])
                    room = ROOM - size
                pieces[-1].append(place)
        return pieces

    def _walk(
        self, module: fx.GraphModule, inputs: list[Tensor], wanted: set[Place], visit: Callable[[Place, Array], Any]
    ) -> None:
        """Runs PyTorch's side; `visit` is handed each wanted result as soon as it is there."""
        import torch
        from torch.fx import Interpreter

        whose = self.whose

        class Walk(Interpreter):
            def run_node(self, n: fx.Node) -> Any:
                value = super().run_node(n)
                if n in whose and whose[n] in wanted:
                    visit(whose[n], value.numpy())
                return value

        with torch.no_grad():
            Walk(module, graph=self.graph).run(*inputs)

    def _theirs(self, piece: list[Place]) -> dict[str, Array]:
        """onnxruntime's results by the names of the values."""
        import onnx

        model = self.model
        if model.ByteSize() > MAX_BYTES:
            raise ExportError("The network is too large to be proven in memory.")
        wide = onnx.ModelProto()
        wide.CopyFrom(model)
        del wide.graph.output[:]
        fetched = {}
        for number, name in enumerate(dict.fromkeys(self.names[place] for place in piece)):
            fetched[name] = f"netloom result {number}"
            wide.graph.node.append(onnx.helper.make_node("Identity", [name], [fetched[name]]))
            wide.graph.output.append(onnx.ValueInfoProto(name=fetched[name]))
        try:
            running = open_session(wide.SerializeToString())
            entries = [entry.name for entry in running.get_inputs()]
            feed = {name: tensor.numpy() for name, tensor in zip(entries, self.inputs, strict=True)}
            return dict(zip(fetched, running.run([*fetched.values()], feed), strict=True))
        except Exception as error:
            raise ExportError(f"onnxruntime cannot run the network: {first_line(error)}") from error


def _names(model: ModelProto, whose: Iterable[Place]) -> dict[Place, str]:
    """The names of the values in the file by the result that they are, as its metadata says."""
    text = next((entry.value for entry in model.metadata_props if entry.key == VALUES), "{}")
    try:
        told = json.loads(text)
        names = {(node, port): told.get(node, {}).get(str(port)) for node, port in whose}
    except (ValueError, AttributeError) as error:
        raise ExportError("What the file says of its values is broken: export it again.") from error
    there = {name for node in model.graph.node for name in node.output}
    there.update(value.name for value in (*model.graph.input, *model.graph.initializer))
    return {place: name for place, name in names.items() if isinstance(name, str) and name in there}
