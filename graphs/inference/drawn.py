"""What is known about the plain network, told of what a person drew: uses of blocks, dots, bypassed and muted nodes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from graphs.edits import inside
from graphs.inference import problems
from graphs.inference.analysis import Analysis, Path, Place
from graphs.inference.facts import Facts, output
from graphs.inference.problems import Problem
from graphs.layers.base import Shape
from graphs.layers.blocks import ports
from graphs.meaning.flat import Flat
from graphs.meaning.resolving.expanding import WIRING
from graphs.meaning.resolving.localising import localised
from graphs.meaning.scopes import Names, design_names, inner_names
from graphs.network import End, Network, Node, Wire

Shapes = tuple[Shape | None, ...]
Analyse = Callable[[Network, Analysis], Analysis]


def stands_for_others(node: Node) -> bool:
    """Whether what is wired to a node goes on to other layers: a use of a block, a dot, a bypassed node."""
    return node.kind in WIRING or node.mode == "bypass" or node.block is not None


def analysis(flat: Flat, core: Analysis, previous: Analysis | None) -> Analysis:
    """The analysis of a design from that of the plain network it comes to."""
    told = _Telling(flat, core, flat.drawn, "")
    order = _order(flat.drawn, previous)
    new = told.renewed(order, previous)
    made = Analysis(flat.drawn, told.facts, told.problems(), order, told.used, new, flat)
    if not made.buildable and core.buildable:
        core = replace(core, problems=(*flat.found, *core.problems))
    return replace(made, place=Place(core, flat.names))


def depends(flat: Flat, id: str) -> set[str]:
    """The layers of the plain network that a drawn node of the top level tells of."""
    if id in flat.network.nodes:
        return {id}
    if id in flat.members:
        return set(flat.members[id])
    ends = (End(id, wire.source.port) for wire in flat.drawn.outgoing(id))
    return {result.node for end in ends if (result := flat.results.get(end)) is not None}


def glance(flat: Flat, core: Analysis, previous: Analysis, wanted: Collection[str]) -> Analysis:
    """An analysis in which these drawn nodes are told anew and all others are as before."""
    told = _Telling(flat, core, flat.drawn, "", wanted)
    before = previous.facts
    facts = {id: told.facts[id] if id in told.facts else before.get(id) or Facts() for id in flat.drawn.nodes}
    kept = tuple(p for p in previous.problems if p.node in flat.drawn.nodes or not p.node)
    new = tuple(id for id in wanted if before.get(id) != facts[id])
    made = Analysis(flat.drawn, facts, kept, previous.order, previous.used, new, flat)
    return replace(made, place=Place(core, flat.names))


def _order(network: Network, previous: Analysis | None) -> tuple[str, ...]:
    """The order of computation, which stays where no wire and no node came or went."""
    old = previous.network if previous is not None else Network()
    same = old.wires is network.wires and old.nodes.keys() == network.nodes.keys()
    return previous.order if previous is not None and same else network.order


def room(around: Analysis, path: Path) -> Analysis:
    """The analysis of the inside of a use, of its first repeat. Raises KeyError where there is no such use."""
    root = around.place.root if around.place is not None and around.place.root is not None else around
    path = (*around.place.path, *path) if around.place is not None else path
    flat, prefix, laid = root.flat, "", True
    network, block, names = root.network, "", flat.names
    for id in path:
        use = flat.uses.get(prefix + id) if laid else None
        block, laid = str(network.nodes[id].block), use is not None
        network = inside(root.network, block)
        prefix, names = (use.prefixes[0], use.names) if use else ("", _defaults(root.network, block))
    place = Place(root.core, names, path, root, block)
    if not laid:
        return Analysis(network, {id: Facts() for id in network.nodes}, (), network.order, flat=flat, place=place)
    told = _Telling(flat, root.core, network, prefix)
    return Analysis(network, told.facts, told.problems(), network.order, told.used, (), flat, place)


def _defaults(network: Network, block: str) -> Names:
    return inner_names(network.blocks[block], design_names(network), {})[0]


def with_wire(analyse: Analyse, network: Network, known: Analysis, wire: Wire, shape: Shape) -> Shape | Problem:
    """What a wire into a node that stands for others would give: the design is looked at with it."""
    path = known.place.path if known.place is not None else ()
    drawn = replace(network, wires={**network.wires, wire.target: wire})
    if known.place is not None and known.place.root is not None:
        root = known.place.root
        block = replace(
            root.network.blocks[known.place.block], network=replace(drawn, settings={}, blocks={}, within="")
        )
        drawn = replace(root.network, blocks={**root.network.blocks, block.id: block})
        after = analyse(drawn, root).inside(path)
    else:
        after = analyse(drawn, known)
    target = network.nodes[wire.target.node]
    prefix = prefix_of(after)
    full = End(prefix + wire.target.node, wire.target.port)
    takers = {end.node for end in after.flat.takers.get(full, ())}
    for problem in after.core.problems:
        if problem.node in takers and problem.severity == "error" and not problem.port:
            return replace(localised(after.flat, problem, prefix) or problem, node=target.id)
    given = after.facts[target.id].outputs
    return given[0] if given else shape


def prefix_of(known: Analysis) -> str:
    """What the ids of an analysis begin with in the resolved network: "res1/0/" inside the first repeat of a use."""
    prefix = ""
    for id in known.place.path if known.place is not None else ():
        prefix = known.flat.uses[prefix + id].prefixes[0] if prefix + id in known.flat.uses else f"{prefix}{id}/"
    return prefix


class _Telling:
    """Tells facts and problems of one place: the design, or the inside of one repeat of a use."""

    def __init__(
        self, flat: Flat, core: Analysis, network: Network, prefix: str, only: Collection[str] | None = None
    ) -> None:
        self.flat, self.core, self.network, self.prefix = flat, core, network, prefix
        self.layout = flat.leads.layout
        ids = network.nodes if only is None else only
        self.facts = {id: self._facts(id, network.nodes[id]) for id in ids}

    def _facts(self, id: str, node: Node) -> Facts:
        full = self.prefix + id
        if full in self.flat.muted:
            return Facts()
        known = self.core.facts.get(full)
        if known is None:
            return self._use(full) if full in self.flat.uses else self._passing(full, node)
        if End(full, "a") not in self.flat.renumbered:
            return known
        ports = [self.flat.renumbered[End(full, letter)].port for letter in _LETTERS[: len(known.inputs)]]
        shapes = dict(zip(ports, known.inputs, strict=True))
        last = max(ports + [wire.target.port for wire in self.network.incoming(id)])
        return replace(known, inputs=tuple(shapes.get(letter) for letter in _LETTERS[: _LETTERS.index(last) + 1]))

    def _arriving(self, end: End) -> Shape | None:
        source = self.flat.leads.origin(end).source
        if source is None:
            return None
        return output(self.core.facts, self.flat.leads.result(source) or source)

    def _given(self, end: End) -> Shape | None:
        result = self.flat.results.get(end)
        return output(self.core.facts, result) if result is not None else None

    def _use(self, full: str) -> Facts:
        use = self.flat.uses[full]
        parts = [self.core.facts[id] for id in self.flat.members[full]]
        inputs = tuple(self._arriving(End(full, port)) for port in use.inputs)
        outputs = {port: shape for port in use.outputs if (shape := self._given(End(full, port))) is not None}
        first = self.flat.results.get(End(full, use.outputs[0])) if use.outputs else None
        view = self.core.facts[first.node].view if first is not None else None
        return Facts(
            inputs,
            tuple(outputs.values()),
            sum(part.parameters for part in parts),
            sum(part.multiply_adds for part in parts),
            view.field if view else None,
            all(part.ok for part in parts) and None not in inputs and len(outputs) == len(use.outputs),
            tuple(outputs) if outputs else use.outputs,
            view,
            shared=sum(part.shared for part in parts),
        )

    def _passing(self, full: str, node: Node) -> Facts:
        """A dot, a port of a block, or a node that hands its input on."""
        if node.kind == "BlockInput":
            shape = self._given(End(full, "out"))
            return self._handed((), ("out",), (shape,), self.flat.results.get(End(full, "out")))
        outs = self._outs.get(full, ())
        names = ("in",) if node.kind in WIRING else self._inputs(full)
        inputs = tuple(self._arriving(End(full, name)) for name in names)
        source = self.flat.results.get(End(full, outs[0])) if outs else None
        return self._handed(inputs, outs, tuple(self._given(End(full, out)) for out in outs), source)

    def _handed(
        self,
        inputs: tuple[Shape | None, ...],
        names: tuple[str, ...],
        given: tuple[Shape | None, ...],
        source: End | None,
    ) -> Facts:
        outputs = tuple(shape for shape in given if shape is not None)
        known = len(outputs) == len(names) and (bool(names) or None not in inputs)
        view = self.core.facts[source.node].view if source is not None else None
        field = view.field if view else None
        return Facts(inputs, outputs if known else (), 0, 0, field, known, names, view)

    @cached_property
    def _outs(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for end in self.layout.through:
            found.setdefault(end.node, []).append(end.port)
        return {node: tuple(names) for node, names in found.items()}

    def _inputs(self, full: str) -> tuple[str, ...]:
        """The wired input ports of a bypassed node, and the one it hands on."""
        handed = {shown.port for out in self._outs.get(full, ()) if (shown := self.layout.through[End(full, out)])}
        wired = (wire.target.port for wire in self.network.incoming(full[len(self.prefix) :]))
        return tuple(sorted({*handed, *wired}))

    @cached_property
    def used(self) -> frozenset[str]:
        """The drawn nodes that an output needs."""
        core = self.core.used
        marked: set[str] = set(core)
        if not core:
            return frozenset()
        for end in self.layout.wires:
            if end.node in core:
                self._mark(end, marked)
        for use, ids in self.flat.members.items():
            if any(id in core for id in ids):
                marked.add(use)
        return frozenset(id for id in self.network.nodes if self.prefix + id in marked)

    def _mark(self, target: End, marked: set[str]) -> None:
        seen = self._seen
        here: End | None = target
        while here is not None and here not in seen:
            seen.add(here)
            marked.add(here.node)
            source = self.layout.wires.get(here)
            if source is None or source not in self.layout.through:
                return
            marked.add(source.node)
            here = self.layout.through[source]

    @cached_property
    def _seen(self) -> set[End]:
        return set()

    def renewed(self, order: tuple[str, ...], previous: Analysis | None) -> tuple[str, ...]:
        """The drawn nodes of which something is new."""
        if previous is None:
            return order
        old = previous.facts
        return tuple(id for id in order if id not in old or old[id] != self.facts[id])

    def problems(self) -> tuple[Problem, ...]:
        """Every problem: those of the whole first, then node by node in the order of computation.

        What is told more than once (of each repeat, say) counts as the worst of it; as long as the plain network
        cannot be built there is an error.
        """
        told: dict[tuple[str, str], Problem] = {}
        for problem in self._all():
            key = (problem.node, problem.message)
            if key not in told or told[key].severity != "error":
                told[key] = problem
        for problem in self._unused({problem.node for problem in told.values()}):
            told[problem.node, problem.message] = problem
        if not self.prefix and not self.core.buildable and all(p.severity != "error" for p in told.values()):
            told |= {(p.node, p.message): p for p in self._errors()}
        if len(told) < 2:
            return tuple(told.values())
        rank = {id: index for index, id in enumerate(dict.fromkeys((*self.network.order, *self.network.ids)))}
        return tuple(sorted(told.values(), key=lambda p: rank.get(p.node, -1)))

    def _errors(self) -> Iterator[Problem]:
        """The errors of the plain network, where no other problem speaks for them."""
        for problem in self.core.problems:
            if problem.severity == "error":
                yield self._here(problem) or replace(problem, node="", fixes=())

    def _all(self) -> Iterator[Problem]:
        silent = any(p.node in self.flat.muted for p in self.flat.found)
        for fault in self.flat.found:
            if (here := self._here(fault, drawn=True)) is not None:
                yield (
                    here
                    if here.node in self.used or fault.node in self.flat.muted or not self.used
                    else (problems.milder(here))
                )
        opened: dict[End, Problem] = {}
        found = {id(problem) for problem in self.flat.found}
        for problem in self.core.problems:
            if id(problem) in found or (silent and problem.expected == "an Output"):
                continue
            if problem.port and (instead := self._fed_outside(problem, opened)) is not problem:
                if instead is not None and (here := self._here(instead, drawn=True)) is not None:
                    yield here
            elif (here := self._here(problem)) is not None:
                yield here

    def _here(self, problem: Problem, drawn: bool = False) -> Problem | None:
        return localised(self.flat, problem, self.prefix, drawn)

    def _fed_outside(self, problem: Problem, opened: dict[End, Problem]) -> Problem | None:
        """An open port inside a block that is one of the use: told of the use. None where its wire is told of."""
        target = self.flat.drawn_input(End(problem.node, problem.port))
        last = self.flat.leads.origin(target).last
        if self.layout.lost & {target, last}:
            return None
        if last.node not in self.flat.uses:
            return problem
        if last not in opened:
            opened[last] = self._open_port(last)
        return replace(opened[last], severity=problem.severity)

    def _open_port(self, last: End) -> Problem:
        """The problem of a port of a use that nothing is connected to."""
        use = self.flat.uses[last.node]
        owner = last.node.rpartition("/")[0]
        block = self.flat.drawn.blocks[use.block]
        port = next(p for p in ports(block, "BlockInput") if p.name == last.port)
        network = self.flat.drawn.blocks[self.flat.scopes[owner + "/"].block].network if owner else self.flat.drawn
        found = problems.open_port(network, use.node, port, self._near(network, use.node) if not owner else ())
        return replace(found, node=last.node)

    def _near(self, network: Network, node: Node) -> list[End]:
        """The result to the left of a node that nothing takes yet."""
        after = network.downstream({node.id})
        ends = [
            End(id, self.facts[id].ports[0])
            for id in network.nodes
            if id not in after and id in self.facts and self.facts[id].outputs
        ]
        free = [end for end in ends if not network.outgoing(end.node)] or ends
        x, y = node.position
        return sorted(free, key=lambda e: _apart(network.nodes[e.node].position, (x, y)))[:1]

    def _unused(self, known: set[str]) -> Iterator[Problem]:
        """What is drawn and goes nowhere: an unused node here, and inside the uses that are used in part."""
        if not self.core.used:
            return
        for id, node in self.network.nodes.items():
            full = self.prefix + id
            if self._dead_end(node, full, self.network, self.used, id) and id not in known:
                yield problems.unused(node)
            elif full in self.flat.uses and id in self.used:
                yield from self._unused_inside(full)

    def _dead_end(self, node: Node, full: str, network: Network, used: frozenset[str] | set[str], id: str) -> bool:
        silent = node.kind in WIRING or full in self.flat.muted or full in self.flat.broken
        return not (silent or id in used or network.outgoing(id))

    def _unused_inside(self, use: str) -> Iterator[Problem]:
        laid = self.flat.uses[use]
        network, prefix = self.flat.drawn.blocks[laid.block].network, laid.prefixes[0]
        for id, node in network.nodes.items():
            if prefix + id in self.flat.uses:
                continue
            if self._dead_end(node, prefix + id, network, set(), id) and prefix + id not in self.core.used:
                found = self._here(replace(problems.unused(node), node=prefix + id), drawn=True)
                if found is not None:
                    yield found


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _apart(source: tuple[float, float], target: tuple[float, float]) -> float:
    across = target[0] - source[0]
    return abs(across) + abs(target[1] - source[1]) + (10_000.0 if across < 0 else 0.0)
