"""Steps gathered into what a figure draws as one: a layer with the activation, norm and dropout that follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphs.pictures.steps import Graph, Step
from graphs.pictures.words import short_words

__all__ = ["Line", "Skip", "Stage", "line_of", "stages_of"]

FOLDED = ("activation", "normalisation")
LED_IN = ("Flatten", "Reshape")
SIGNS = {"Add": "+", "Multiply": "×", "Concat": "concat"}
LONGEST_SIDE = 2
"""Stages that the way past others may hold to be written on an arc."""


@dataclass
class Stage:
    """One thing that is drawn: what it is, what leads into it, what is folded into it."""

    head: Step
    sources: list[str]
    shape: tuple[int, ...] | None
    before: list[str] = field(default_factory=list)
    """What is done to the values on their way in, such as "flatten"."""
    folded: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    joined: list[tuple[str, str]] = field(default_factory=list)
    """Ids of stages that are added to or multiplied with it, and the sign for that."""
    result: str = ""
    """The title of the output that it feeds."""

    @property
    def words(self) -> str:
        """What is done between the stage before and this one."""
        words = short_words(self.head.kind, self.head.layer, self.head.channels)
        return f"{words} ×{self.head.repeat}" if self.head.repeat > 1 else words


@dataclass(frozen=True)
class Skip:
    """A way past stages of a line: from which index to which, what it does there, and what is done on it."""

    start: int
    end: int
    sign: str
    words: str = ""


@dataclass(frozen=True)
class Line:
    """Stages in a row, and the ways past some of them."""

    stages: tuple[Stage, ...]
    skips: tuple[Skip, ...]


def stages_of(graph: Graph, joins: bool = False) -> dict[str, Stage]:
    """Stages by the id of their first step. With `joins`, sums are folded into the stage whose result they change, and
    what only gives values another shape into the stage that follows."""
    return _Folding(graph, joins).stages()


class _Folding:
    def __init__(self, graph: Graph, joins: bool) -> None:
        self.graph, self.joins, self.takers = graph, joins, graph.takers()
        self.made: dict[str, Stage] = {}
        self.owner: dict[str, str] = {}
        """The stage that the result of a step is the result of."""
        self.waiting: dict[str, tuple[str, list[str]]] = {}
        self.depth: dict[str, int] = {}

    def stages(self) -> dict[str, Stage]:
        for step in self.graph.steps.values():
            if not (self._follows(step) or self._ends(step) or self._leads_in(step) or self._joins(step)):
                self._begin(step)
        return self.made

    def _tail(self, step: str) -> Stage | None:
        """The stage whose last step this is, where nothing else takes its result."""
        stage = self.made.get(self.owner.get(step, ""))
        alone = len(self.takers[step]) == 1
        return stage if stage and alone and stage.members[-1] == step else None

    def _follows(self, step: Step) -> bool:
        if step.family not in FOLDED or len(step.sources) != 1 or (stage := self._tail(step.sources[0])) is None:
            return False
        if stage.head.is_input or stage.head.kind == "BlockInput" or stage.head.family in FOLDED:
            return False
        if not self.joins and stage.head.kind in ("Add", "Multiply"):
            return False  # a sign has no room for words
        stage.folded.append(short_words(step.kind, step.layer))
        self._take(stage, step)
        return True

    def _ends(self, step: Step) -> bool:
        owner = self.made.get(self.owner.get(step.sources[0], "")) if step.is_output and step.sources else None
        if owner is None or owner.result or len(self.takers[step.sources[0]]) != 1 or not self.joins:
            return False
        if owner.head.is_input:
            return False
        owner.result = step.title
        owner.members.append(step.id)
        return True

    def _leads_in(self, step: Step) -> bool:
        if not self.joins or step.kind not in LED_IN or len(step.sources) != 1 or len(self.takers[step.id]) != 1:
            return False
        taker = self.graph.steps[self.takers[step.id][0]]
        if len(taker.sources) != 1 or taker.is_output or taker.family in FOLDED:
            return False
        source, words = self.waiting.get(step.sources[0], (step.sources[0], []))
        self.waiting[step.id] = (source, [*words, short_words(step.kind, step.layer)])
        return True

    def _joins(self, step: Step) -> bool:
        if not self.joins or step.kind not in ("Add", "Multiply") or len(set(step.sources)) < 2:
            return False
        last = max(step.sources, key=lambda s: self.depth.get(self.owner.get(s, ""), -1))
        stage = self._tail(last)
        others = [source for source in step.sources if source != last]
        if stage is None or stage.shape != step.shape or any(s not in self.owner for s in others):
            return False
        stage.joined += [(self.owner[other], SIGNS[step.kind]) for other in others]
        stage.folded.append(short_words(step.kind, step.layer))
        self._take(stage, step)
        return True

    def _take(self, stage: Stage, step: Step) -> None:
        stage.members.append(step.id)
        stage.shape = step.shape or stage.shape
        self.owner[step.id] = stage.head.id

    def _begin(self, step: Step) -> None:
        before: list[str] = []
        sources = []
        for source in step.sources:
            origin, words = self.waiting.get(source, (source, []))
            before += words
            if origin in self.owner:
                sources.append(self.owner[origin])
        self.made[step.id] = Stage(step, sources, step.shape, before, members=[step.id])
        self.owner[step.id] = step.id
        self.depth[step.id] = max((self.depth[s] + 1 for s in sources), default=0)


def line_of(stages: Mapping[str, Stage]) -> Line | None:
    """The stages as one row with ways past some of them; None where they branch more than that."""
    ends = {source for stage in stages.values() for source in (*stage.sources, *(s for s, _ in stage.joined))}
    begins = [id for id, stage in stages.items() if not stage.sources]
    last = [id for id in stages if id not in ends]
    if len(begins) != 1 or len(last) != 1:
        return None
    main = _longest(stages, last[0])
    if main[0] != begins[0]:
        return None
    place = {id: index for index, id in enumerate(main)}
    skips: list[Skip] = []
    used = set(main)
    for id in main:
        stage = stages[id]
        before = main[place[id] - 1] if place[id] else None
        others = [(s, SIGNS.get(stage.head.kind, "")) for s in _others(stage.sources, before)]
        for source, sign in [*others, *stage.joined]:
            skip = _skip(stages, place, used, source, place[id], sign)
            if skip is None:
                return None
            skips.append(skip)
    if len(used) != len(stages) or sum(bool(s.words) for s in skips) > len({s.end for s in skips}):
        return None
    return Line(tuple(stages[id] for id in main), tuple(skips))


def _others(sources: list[str], before: str | None) -> list[str]:
    rest = list(sources)
    if before in rest:
        rest.remove(before)
    return rest


def _skip(
    stages: Mapping[str, Stage], place: Mapping[str, int], used: set[str], source: str, end: int, sign: str
) -> Skip | None:
    """The way that leads from a stage of the row to the one at `end`, with what is done on it."""
    words: list[str] = []
    while source not in place:
        stage = stages[source]
        if source in used or len(stage.sources) != 1 or stage.joined or len(words) >= LONGEST_SIDE:
            return None
        used.add(source)
        words.insert(0, stage.words)
        source = stage.sources[0]
    return Skip(place[source], end, sign, ", ".join(words)) if place[source] < end else None


def _longest(stages: Mapping[str, Stage], end: str) -> list[str]:
    """The longest way to a stage. What is joined counts as leading in, too."""
    length: dict[str, int] = {}
    back: dict[str, str | None] = {}
    for id, stage in stages.items():
        best = max(stage.sources, key=lambda s: length.get(s, -1), default=None)
        length[id], back[id] = (length.get(best, 0) + 1 if best else 0), best
    way: list[str] = []
    at: str | None = end
    while at is not None:
        way.append(at)
        at = back[at]
    return way[::-1]
