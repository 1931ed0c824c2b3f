"""What flows through a network: shapes, costs and problems of every node, derived and never written by hand.

`Inference.analyse` asks PyTorch about each layer once for each shape of its inputs, and after an edit looks
only at what lies downstream of it. torch is imported when the first layer is measured.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from graphs.inference import drawn, problems, receptive, sharing, structure
from graphs.inference.analysis import Analysis
from graphs.inference.facts import Facts, output
from graphs.inference.measure import Measured, Unfit, measure
from graphs.inference.problems import Fix, Problem
from graphs.layers.base import Fault, Layer, Port, Shape, Unknown, Window
from graphs.layers.catalogue import BadFields, Catalogue, unresolved
from graphs.meaning.expressions import ExpressionFault
from graphs.meaning.flat import Flat, flatten
from graphs.meaning.scopes import Names, resolved
from graphs.network import End, Network, Node, Wire

__all__ = ["Analysis", "Facts", "Fix", "Inference", "Problem"]


_GLANCE = 300
"""A glance looks at so many nodes at most."""


class Answer(NamedTuple):
    """What is known about a layer for certain input shapes: its measure, unless a fault stands against it."""

    measured: Measured | None
    fault: Fault | None = None
    window: Window | None = None
    keeps: bool = False
    """Whether the axes of a map come out as they went in."""


class Inference:
    """Derives analyses with one catalogue, and remembers what PyTorch said about each layer."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._memo: dict[tuple[Layer, tuple[Shape, ...]], Answer] = {}
        self._codes = catalogue.codes

    def analyse(self, network: Network, previous: Analysis | None = None) -> Analysis:
        """Facts and problems of `network`; with a previous analysis only what changed is renewed."""
        if self._codes is not self.catalogue.codes:  # code that layers name was allowed, or is another now
            self._codes, previous = self.catalogue.codes, None
        flat = flatten(network, self.catalogue, previous.flat if previous else None)
        core = self._plain(flat, previous.core if previous else None)
        return core if flat.plain else drawn.analysis(flat, core, previous)

    def glance(self, network: Network, previous: Analysis, wanted: Collection[str]) -> Analysis | None:
        """An analysis in which the nodes `wanted` are up to date and all others as before; problems follow later.

        None where nothing that is wanted depends on what changed.
        """
        if self._codes is not self.catalogue.codes:
            return None
        flat = flatten(network, self.catalogue, previous.flat)
        asked = {id: drawn.depends(flat, id) for id in wanted if id in network.nodes}
        plain, core = flat.network, previous.core
        order, renewed, facts = self._start_from(plain, core)
        needed = _leading(plain, renewed, {id for ids in asked.values() for id in ids})
        if not needed:
            return None
        for node in renewed:
            if node in needed:
                facts[node] = Facts() if node in flat.broken else self._facts(plain, plain.nodes[node], facts)
        shares = sharing.settle(plain, facts, core.used, core.shares).shares
        late = set(renewed) - needed
        known = {id for id, ids in asked.items() if not ids & late}
        if flat.plain:
            needed &= known
            facts = {id: facts[id] if id in needed else core.facts.get(id) or Facts() for id in plain.nodes}
        kept = tuple(p for p in core.problems if p.node in plain.nodes or not p.node)
        new = tuple(id for id in renewed if id in needed)
        whole = flat if flat.plain else Flat(plain, plain)
        found = Analysis(plain, facts, kept, order, core.used, new, whole, shares=shares)
        return found if flat.plain else drawn.glance(flat, found, previous, known)

    def _plain(self, flat: Flat, previous: Analysis | None) -> Analysis:
        """The analysis of a network of layers alone."""
        network = flat.network
        if previous is None:
            order = renewed = network.order
            facts: dict[str, Facts] = {}
        else:
            order, renewed, facts = self._start_from(network, previous)
        for node in renewed:
            broken = node in flat.broken
            facts[node] = Facts() if broken else self._facts(network, network.nodes[node], facts)
        if len(order) < len(network.nodes):
            reached = set(order)
            rest = (node for node in network.nodes.values() if node.id not in reached)
            facts.update({node.id: Facts() if node.id in flat.broken else self._blocked(node) for node in rest})
        used = self._used(network, previous)
        shared = sharing.settle(network, facts, used, previous.shares if previous else {})
        survey = structure.Survey(self.catalogue, network, facts, order, used, self.fits, flat.plain)
        renewed = (*renewed, *sorted(shared.changed - {*renewed})) if shared.changed else renewed
        told = (*survey.problems(), *shared.problems)
        return Analysis(network, facts, told, order, used, renewed, flat, shares=shared.shares)

    def try_wire(self, network: Network, analysis: Analysis, wire: Wire) -> Shape | Problem:
        """What a new wire would give: the shape behind its target, or the problem it would bring.

        A target whose other inputs are still open gives the shape that arrives there. A Problem of severity
        "warning" does not speak against the wire: only its shape is not known yet.
        """
        target = network.nodes[wire.target.node]
        if wire.source.node in network.downstream({target.id}):
            return Problem(
                target.id,
                "error",
                f"{target.title}: this wire would close a loop.",
                "a wire onwards",
                "a loop",
            )
        shape = analysis.output_shape(wire.source)
        if shape is None:
            return Problem(target.id, "warning", "The shape of this wire is not known yet.")
        if drawn.stands_for_others(target):
            outcome = drawn.with_wire(self.analyse, network, analysis, wire, shape)
        else:
            outcome = self._outcome_of(network, analysis.facts, wire, shape, analysis.names)
        return problems.after_wire(outcome, wire) if isinstance(outcome, Problem) else outcome

    def _outcome_of(
        self, network: Network, facts: Mapping[str, Facts], wire: Wire, shape: Shape, names: Names | None = None
    ) -> Shape | Problem:
        target = network.nodes[wire.target.node]
        try:
            layer = self._layer(target, names)
        except BadFields as error:
            return problems.bad_fields(target, error)
        ports = layer.inputs()
        port = next((port for port in ports if port.name == wire.target.port), None)
        if port is None or isinstance(layer, Unknown):
            return problems.lost_wire(target, wire)
        if (fault := problems.wrong_values(shape, port)) is not None:
            return problems.from_fault(target, fault, ports, self.catalogue)
        drawn = {p.name: network.wires.get(End(target.id, p.name)) for p in ports} | {port.name: wire}
        shapes = tuple(output(facts, w.source) if w else None for w in drawn.values())
        known = tuple(s for s in shapes if s is not None)
        if len(known) < len(shapes):
            return shape
        answer = self._ask(layer, ports, known)
        if answer.measured is None and answer.fault is not None:
            return problems.from_fault(target, answer.fault, ports, self.catalogue)
        return answer.measured.outputs[0] if answer.measured and answer.measured.outputs else shape

    def _layer(self, node: Node, names: Names | None) -> Layer:
        """The layer of a drawn node, whose expressions may use these names."""
        try:
            fields = node.fields if names is None else resolved(node.fields, names)
        except ExpressionFault as fault:
            raise unresolved(self.catalogue.kinds.get(node.kind), fault) from None
        return self.catalogue.layer(node) if fields is node.fields else self.catalogue.parse(node.kind, fields)

    def fits(self, network: Network, facts: Mapping[str, Facts], wire: Wire) -> bool:
        """Whether the shape at the start of a wire suits the port at its end."""
        shape = output(facts, wire.source)
        return shape is not None and isinstance(self._outcome_of(network, facts, wire, shape), Shape)

    def _start_from(
        self, network: Network, previous: Analysis
    ) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, Facts]]:
        before = previous.network
        rewired = changed_wires(before, network)
        moved_in = {node for node in network.nodes if node not in before.nodes}
        same = not rewired and not moved_in and len(network.nodes) == len(before.nodes)
        order = previous.order if same else network.order
        changed = changed_nodes(before, network) | {end.node for end in rewired if end.node in network.nodes}
        dirty = network.downstream(changed) if changed else set()
        facts = {node: known for node, known in previous.facts.items() if node in network.nodes}
        return order, tuple(node for node in order if node in dirty), facts

    def _facts(self, network: Network, node: Node, facts: Mapping[str, Facts]) -> Facts:
        try:
            layer = self.catalogue.layer(node)
        except BadFields as error:
            return Facts(problems=(problems.bad_fields(node, error),))
        ports, names = layer.inputs(), tuple(port.name for port in layer.outputs())
        if isinstance(layer, Unknown):
            return Facts(ports=names, problems=(problems.unknown_kind(node),))
        wires = network.incoming(node.id)
        at = {wire.target.port: wire for wire in wires}
        shapes = tuple(output(facts, at[port.name].source) if port.name in at else None for port in ports)
        lost = self._lost(node, wires, ports, facts)
        known = tuple(shape for shape in shapes if shape is not None)
        if lost or len(known) < len(shapes):
            return Facts(shapes, ports=names, problems=lost)
        answer = self._ask(layer, ports, known)
        found = (problems.from_fault(node, answer.fault, ports, self.catalogue),) if answer.fault else ()
        if answer.measured is None:
            return Facts(shapes, ports=names, problems=found)
        views = [facts[at[port.name].source.node].view for port in ports]
        return _good(known, views, answer, answer.measured, names, found)

    def _blocked(self, node: Node) -> Facts:
        try:
            layer = self.catalogue.layer(node)
        except BadFields as error:
            return Facts(problems=(problems.bad_fields(node, error),))
        return Facts((None,) * len(layer.inputs()), ports=tuple(port.name for port in layer.outputs()))

    def _lost(
        self, node: Node, wires: tuple[Wire, ...], ports: tuple[Port, ...], facts: Mapping[str, Facts]
    ) -> tuple[Problem, ...]:
        """Wires that end in, or start from, a port that is not there."""
        names = {port.name for port in ports}
        gone = []
        for wire in wires:
            source = facts.get(wire.source.node)
            if wire.target.port not in names or source is None or (source.ok and wire.source.port not in source.ports):
                gone.append(problems.lost_wire(node, wire))
        return tuple(gone)

    def _ask(self, layer: Layer, ports: tuple[Port, ...], inputs: tuple[Shape, ...]) -> Answer:
        key = (layer, inputs)
        known = self._memo.get(key)
        if known is None:
            if len(self._memo) > 100_000:
                self._memo.clear()
            known = self._memo[key] = _answer(layer, ports, inputs)
        return known

    def _used(self, network: Network, previous: Analysis | None) -> frozenset[str]:
        """The nodes from which an output can be reached."""
        ends = self._ends(network)
        if previous is not None and network.wires is previous.network.wires and ends == self._ends(previous.network):
            return previous.used
        return frozenset(network.upstream(ends))

    def _ends(self, network: Network) -> set[str]:
        return {node.id for node in network.nodes.values() if node.kind in self._end_kinds}

    @cached_property
    def _end_kinds(self) -> frozenset[str]:
        return frozenset(name for name, kind in self.catalogue.kinds.items() if kind.is_output)


def _leading(network: Network, renewed: Sequence[str], asked: set[str]) -> set[str]:
    """Of the nodes that are `renewed` (in order) those that are wanted or lead to one, as many as a glance takes in."""
    due = set(renewed)
    needed: set[str] = set()
    for goal in renewed:
        if goal not in asked:
            continue
        found: set[str] = set()
        stack = [goal]
        while stack and len(found) <= _GLANCE:
            node = stack.pop()
            if node not in found and node not in needed:
                found.add(node)
                stack.extend(w.source.node for w in network.incoming(node) if w.source.node in due)
        if len(needed) + len(found) > _GLANCE:
            break
        needed |= found
    return needed


def _answer(layer: Layer, ports: tuple[Port, ...], inputs: tuple[Shape, ...]) -> Answer:
    """Ask the ports, then the declaration, then PyTorch."""
    fault: Fault | None = None
    for port, shape in zip(ports, inputs, strict=True):
        fault = fault or problems.wrong_values(shape, port)
    fault = fault or (layer.fault(inputs) if inputs else None)
    if fault is not None and fault.severity == "error":
        return Answer(None, fault)
    try:
        measured = measure(layer, inputs)
    except Unfit as error:
        return Answer(None, problems.refused(layer, str(error), inputs))
    if (large := problems.too_large(measured.parameters, inputs, measured.outputs, measured.kept)) is not None:
        return Answer(None, large)
    keeps = bool(inputs and measured.outputs) and layer.local and inputs[0].dims[1:] == measured.outputs[0].dims[1:]
    return Answer(measured, fault, layer.window(inputs[0].dims) if inputs else None, keeps)


def _good(
    inputs: tuple[Shape, ...],
    views: list[receptive.View | None],
    answer: Answer,
    measured: Measured,
    names: tuple[str, ...],
    found: tuple[Problem, ...],
) -> Facts:
    outputs = measured.outputs
    if inputs:
        view = receptive.through(views, answer.window, answer.keeps)
    else:
        view = receptive.begin(outputs[0]) if outputs else None
    field = view.field if view else None
    learned, computed = measured.parameters, measured.multiply_adds
    return Facts(inputs, outputs, learned, computed, field, True, names, view, found, measured.weights)


def changed_nodes(before: Network, after: Network) -> set[str]:
    """Ids of the nodes of `after` that are new, or of which more than the place on the canvas changed."""
    old = before.nodes
    return {i for i, node in after.nodes.items() if old.get(i) is not node and not _alike(old.get(i), node)}


def _alike(old: Node | None, node: Node) -> bool:
    return old is not None and (old.kind, old.title, old.fields) == (node.kind, node.title, node.fields)


def changed_wires(before: Network, after: Network) -> set[End]:
    """The input ports whose wire is new, gone, or comes from elsewhere."""
    if before.wires is after.wires:
        return set()
    gone = {end for end in before.wires if end not in after.wires}
    return gone | {end for end, wire in after.wires.items() if before.wires.get(end) != wire}
