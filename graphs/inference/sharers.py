"""With whom a drawn node can share its weights, and the edit that lets it: a layer with a layer, a use of a block with
another use of it, and a repeated use with itself, every repeat being the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphs.edits import Edit
from graphs.inference.analysis import Analysis
from graphs.inference.drawn import prefix_of
from graphs.inference.sharing import Share, fitting, pair
from graphs.meaning.ties import ShareAll, roots, ties_of

MOST = 200
"""So many are offered, the nearest ids first."""


@dataclass(frozen=True)
class Offer:
    """What a person can choose: ids in the resolved network with words, "" for weights of its own; and what is so."""

    choices: tuple[tuple[str, str], ...]
    chosen: str = ""


@dataclass(frozen=True)
class Follower:
    """What has its weights from another layer: the node that is drawn for it, and its whole name."""

    id: str
    title: str


def followers_of(analysis: Analysis, id: str) -> tuple[Follower, ...]:
    """The layers that have their weights from a node as it is drawn in the place of an analysis."""
    core, prefix = analysis.core, prefix_of(analysis)
    full = prefix + id
    own = set(analysis.flat.members[full]) if full in analysis.flat.uses else {full}
    ends = roots(ties_of(core.network.settings))
    found = [other for other, end in ends.items() if end in own and other not in own and other in core.network.nodes]
    names = [(other.removeprefix(prefix).partition("/")[0], core.network.nodes[other].title) for other in found[:MOST]]
    return tuple(Follower(drawn, title.replace("/", " / ")) for drawn, title in names)


def offer(analysis: Analysis, id: str) -> Offer | None:
    """For a node as it is drawn in the place of an analysis; None where it has no weights, or there is no other."""
    full = prefix_of(analysis) + id
    core = analysis.core
    if full in analysis.flat.uses:
        return _of_use(analysis, full)
    if full not in core.network.nodes or not core.facts[full].weights:
        return None
    others = fitting(core.network, core.facts, full)[:MOST]
    chosen = ties_of(core.network.settings).get(full, "")
    if chosen in core.network.nodes and chosen not in others:
        others = [chosen, *others]
    return _offered([(other, core.network.nodes[other].title) for other in others], chosen)


def sharing(analysis: Analysis, id: str, chosen: str) -> Edit:
    """The edit that lets a drawn node share the weights of what was `chosen`."""
    full = prefix_of(analysis) + id
    if full not in analysis.flat.uses:
        return ShareAll({full: chosen or None}, id, chosen)
    if chosen:
        return ShareAll(dict(_pairs(analysis, full, chosen)), id, chosen)
    return ShareAll(dict.fromkeys(analysis.flat.members[full]), id, chosen)


def _offered(others: list[tuple[str, str]], chosen: str) -> Offer | None:
    named = tuple((id, title.replace("/", " / ")) for id, title in others)
    return Offer((("", "nobody"), *named), chosen) if others else None


def _of_use(analysis: Analysis, full: str) -> Offer | None:
    """What a use of a block can share: all its weights with those of another use, or of its first repeat."""
    flat, titles = analysis.flat, []
    use = flat.uses[full]
    if len(use.prefixes) > 1 and _fit(analysis, full, full):
        titles.append((full, "its first repeat"))
    for other, found in flat.uses.items():
        alike = found.block == use.block and other != full and len(found.prefixes) == len(use.prefixes)
        if alike and len(titles) < MOST and _fit(analysis, full, other):
            titles.append((other, found.titles[0].removesuffix("/").removesuffix("/0")))
    ends = roots(ties_of(analysis.core.network.settings))
    return _offered(titles, next((other for other, _ in titles if _follows(analysis, full, other, ends)), ""))


def _pairs(analysis: Analysis, full: str, other: str) -> Iterator[tuple[str, str]]:
    """The layers with weights inside a use, each with the one in the other use, or in the first repeat."""
    use, theirs = analysis.flat.uses[full], analysis.flat.uses[other]
    sources = theirs.prefixes if full != other else (use.prefixes[0],) * len(use.prefixes)
    starts = [(own, source) for own, source in zip(use.prefixes, sources, strict=True) if own != source]
    for id in analysis.flat.members[full]:
        for own, source in starts:
            if id.startswith(own) and analysis.core.facts[id].weights:
                yield id, source + id[len(own) :]


def _fit(analysis: Analysis, full: str, other: str) -> bool:
    core, found = analysis.core, list(_pairs(analysis, full, other))
    there = all(source in core.network.nodes for _, source in found)
    return bool(found) and there and all(isinstance(pair(core.network, core.facts, b, a), Share) for a, b in found)


def _follows(analysis: Analysis, full: str, other: str, ends: Mapping[str, str | None]) -> bool:
    """Whether every layer of the one has the weights of the other; `ends` are the layers that they all follow."""
    return all(id in ends and ends[id] == ends.get(source, source) for id, source in _pairs(analysis, full, other))
