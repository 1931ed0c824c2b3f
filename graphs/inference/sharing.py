"""Which layers share which of their weights, what that saves, and what is wrong about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod

from graphs.inference.facts import Facts
from graphs.inference.problems import Fix, Problem
from graphs.meaning.ties import ShareWeights, groups, roots, ties_of
from graphs.network import Network, Node, natural

Weights = Mapping[str, tuple[int, ...]]
"""The shapes of the weights of a layer, by their names in its module."""


UNSHARED = "it cannot share the weights of"
"""How it is said of a layer that it does not fit the one it follows any more."""


@dataclass(frozen=True)
class Share:
    """What a layer has from another one: the names of the weights, and how many numbers they are. `whole` says that the
    two are alike in all."""

    source: str
    names: tuple[str, ...]
    count: int
    whole: bool = False


@dataclass(frozen=True)
class Shared:
    """What is shared in a network, by the layer that follows, and the problems with it."""

    shares: Mapping[str, Share]
    problems: tuple[Problem, ...] = ()
    changed: frozenset[str] = frozenset()
    """The layers that share something else than before."""


def settle(network: Network, facts: dict[str, Facts], used: frozenset[str], before: Mapping[str, Share]) -> Shared:
    """Finds what is shared by the layers that are built, and takes it out of what each of `facts` counts.

    `before` is what the facts say already.
    """
    ties = ties_of(network.settings)
    if not ties and not before:
        return Shared({})
    for id in before:
        if id in facts and facts[id].shared:
            facts[id] = replace(facts[id], parameters=facts[id].parameters + facts[id].shared, shared=0)
    shares: dict[str, Share] = {}
    problems = list(_lost(network, ties))
    for first, others in groups(ties).items():
        there = [id for id in (first, *sorted(others, key=natural)) if id in facts and (id in used or not used)]
        for id in there[1:]:
            found = pair(network, facts, there[0], id)
            if isinstance(found, Share):
                shares[id] = found
                facts[id] = replace(facts[id], parameters=facts[id].parameters - found.count, shared=found.count)
            elif found is not None:
                problems.append(found)
    changed = {id for id in {*before, *shares} & facts.keys() if before.get(id) != shares.get(id)}
    return Shared(shares, tuple(problems), frozenset(changed))


def fitting(network: Network, facts: Mapping[str, Facts], id: str) -> list[str]:
    """The layers whose weights a layer can have, in natural order; not those that have theirs from it."""
    ties = {a: b for a, b in ties_of(network.settings).items() if a != id}
    ends = roots(ties)
    others = (other for other in network.ids if other != id and other in facts and ends.get(other, other) != id)
    return [other for other in others if isinstance(pair(network, facts, other, id), Share)]


def pair(network: Network, facts: Mapping[str, Facts], source: str, id: str) -> Share | Problem | None:
    """What a layer has from another one, or why it cannot; None where it is not known yet."""
    first, second = network.nodes[source], network.nodes[id]
    theirs, own = dict(facts[source].weights), dict(facts[id].weights)
    if not (facts[source].ok and facts[id].ok):
        return None
    alike = first.kind == second.kind
    names = [name for name in own if name in theirs and (alike or name == "weight")]
    if not names:
        return _nothing(first, second, bool(own))
    if wrong := next((name for name in names if own[name] != theirs[name]), None):
        return _unlike(first, second, wrong, theirs[wrong], own[wrong])
    whole = alike and own == theirs and first.fields == second.fields
    return Share(source, tuple(names), sum(prod(own[name]) for name in names), whole)


def _own(node: Node) -> tuple[Fix, ...]:
    return (Fix(f"Give {node.title} weights of its own", ShareWeights(node.id, None)),)


def _nothing(source: Node, node: Node, weighs: bool) -> Problem:
    reason = f"it has none that {source.title} has too" if weighs else "it has none"
    message = f"{node.title}: {UNSHARED} {source.title}, since {reason}."
    return Problem(node.id, "error", message, fixes=_own(node))


def _unlike(source: Node, node: Node, name: str, theirs: tuple[int, ...], own: tuple[int, ...]) -> Problem:
    message = f"{node.title}: {UNSHARED} {source.title}, whose {name} has another shape."
    return Problem(node.id, "error", message, _dims(theirs), _dims(own), _own(node))


def _dims(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "a single number"


def _lost(network: Network, ties: Mapping[str, str]) -> Iterator[Problem]:
    """Layers that follow one that is not there, or each other."""
    ends = roots(ties)
    for id, other in ties.items():
        node = network.nodes.get(id)
        if node is None:
            continue
        if ends[id] is None:
            message = f"{node.title}: it shares its weights in a circle, so they begin nowhere."
            yield Problem(id, "error", message, fixes=_own(node))
        elif other not in network.nodes:
            message = f"{node.title}: it shares the weights of “{other}”, which is not there."
            yield Problem(id, "warning", message, fixes=_own(node))
