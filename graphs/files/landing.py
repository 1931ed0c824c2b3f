"""Weights from elsewhere in a network of ours: names are turned by rules, and what finds no place is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

Rules = Sequence[tuple[str, str]]
"""(regular expression, replacement), each applied to what the one before gave."""
COUNTER = ".num_batches_tracked"
"""What older files lack: how many batches a normalisation has seen."""
WRAPPERS = re.compile(r"(?:module|_orig_mod|model|net|network|backbone|encoder|student|teacher)\.")
FEW = 4
"""So many names are told before “and … more”."""


class OtherShape(NamedTuple):
    """A tensor of the network for which the file has one of another shape."""

    name: str
    found: tuple[int, ...]
    wanted: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name} is {_dims(self.found)} in the file, {_dims(self.wanted)} here"


@dataclass(frozen=True, eq=False)
class Landing:
    """What became of a file's tensors.

    `state` is whole: what landed, and what the network had before for the rest. `placed` names of the network got
    theirs; `missing` are not in the file, `unexpected` names of the file have no place, `spare` are of parts that the
    network leaves out on purpose.
    """

    state: Mapping[str, Tensor]
    placed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    other_shape: tuple[OtherShape, ...] = ()
    spare: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every tensor of the network got its own from the file."""
        return not (self.missing or self.other_shape)

    @property
    def heads(self) -> tuple[OtherShape, ...]:
        """Layers that give another number of results than those of the file: the rest of their weights agrees."""
        weights = [each for each in self.other_shape if len(each.wanted) > 1]
        return tuple(each for each in weights if each.found[1:] == each.wanted[1:] and len(each.found) > 1)

    @property
    def numbers(self) -> tuple[int, int]:
        """How many numbers of the network came from the file, and how many it has."""
        sizes = {name: tensor.numel() for name, tensor in self.state.items()}
        return sum(sizes[name] for name in self.placed), sum(sizes.values())

    @property
    def headline(self) -> str:
        """One sentence that tells how it went."""
        tensors, (landed, whole) = len(self.state), self.numbers
        if not self.placed:
            return "No tensor of the file fits this network."
        if len(self.placed) == tensors:
            return f"All {tensors:,} tensors landed, {whole:,} numbers."
        return f"{len(self.placed):,} of {tensors:,} tensors landed, {landed:,} of {whole:,} numbers."

    def sentences(self, few: int = FEW) -> list[str]:
        """What is worth telling beside the headline, a sentence each, with at most so many names in one."""
        fresh = "{} stays fresh: it gives {:,} results, that of the file {:,}."
        partly = self._partly()
        said = [
            fresh.format(each.name if _layer(each.name) in partly else _layer(each.name), each.wanted[0], each.found[0])
            for each in self.heads
        ]
        if partly:
            halves = [f"{layer} ({', '.join(names)})" for layer, names in partly.items()]
            said.append(f"Only in part from the file: {_listed(halves, few=few)}.")
        heads = {_layer(each.name) for each in self.heads}
        others = [str(each) for each in self.other_shape if _layer(each.name) not in heads]
        if others:
            said.append(f"Of another shape, and left fresh: {_listed(others, '; ', few)}.")
        if self.missing:
            said.append(f"Not in the file, and left fresh: {_listed(self.missing, few=few)}.")
        if self.unexpected:
            said.append(f"In the file, without a place here: {_listed(self.unexpected, few=few)}.")
        if self.spare:
            parts = dict.fromkeys(name.partition(".")[0] for name in self.spare)
            said.append(f"The file also holds what this network leaves out: {', '.join(parts)}.")
        return said

    def _partly(self) -> dict[str, list[str]]:
        """Of layers that have weights of the file beside fresh ones, which of theirs are of the file."""
        lacking = {_layer(name) for name in (*self.missing, *(each.name for each in self.other_shape))}
        found: dict[str, list[str]] = {}
        for name in self.placed:
            if _layer(name) in lacking and not name.endswith(COUNTER):
                found.setdefault(_layer(name), []).append(name.rpartition(".")[2])
        return found

    def to_json(self) -> dict[str, object]:
        """Everything but the tensors, as plain JSON values."""
        landed, whole = self.numbers
        return {
            "placed": list(self.placed), "missing": list(self.missing), "unexpected": list(self.unexpected),
            "other_shape": [each._asdict() for each in self.other_shape], "spare": list(self.spare),
            "numbers": {"landed": landed, "whole": whole},
        }  # fmt: skip


def land(
    found: Mapping[str, Tensor],
    expected: Mapping[str, Tensor],
    rules: Rules = (),
    spare: Sequence[str] = (),
    aliases: Mapping[str, str] | None = None,
) -> Landing:
    """Puts the tensors of a file into a network whose state dict is `expected`; `found` and `expected` are left as
    they are.

    `rules` turn names of the file into ours, `spare` are beginnings of names to leave out; `aliases` say what a layer
    is called now that the rules know by another name. Words that wrappers put before all names are taken off.
    """
    left = {name for name in found if name.startswith(tuple(spare))} if spare else set()
    names = _names([name for name in found if name not in left], expected, rules, aliases or {})
    placed: dict[str, Tensor] = {}
    others, unexpected = [], []
    for theirs, ours in names.items():
        if ours not in expected or ours in placed:
            unexpected.append(theirs)
        elif fits(found[theirs], expected[ours]):
            placed[ours] = found[theirs].to(expected[ours].dtype, copy=True).reshape(expected[ours].shape)
        else:
            others.append(OtherShape(ours, tuple(found[theirs].shape), tuple(expected[ours].shape)))
    told = {each.name for each in others} | placed.keys()
    missing = [name for name in expected if name not in told and not name.endswith(COUNTER)]
    state = {name: placed.get(name, tensor) for name, tensor in expected.items()}
    kept = tuple(name for name in expected if name in placed or (name.endswith(COUNTER) and name not in told))
    return Landing(state, kept if placed else (), tuple(missing), tuple(unexpected), tuple(others), tuple(sorted(left)))


def fits(found: Tensor, wanted: Tensor) -> bool:
    """Whether one tensor can stand for the other: the same shape but for axes of size 1, numbers of the same sort."""
    if found.is_floating_point() != wanted.is_floating_point() or found.is_complex() != wanted.is_complex():
        return False
    return [size for size in found.shape if size != 1] == [size for size in wanted.shape if size != 1]


def _names(
    names: Sequence[str], expected: Mapping[str, Tensor], rules: Rules, aliases: Mapping[str, str]
) -> dict[str, str]:
    """Ours by theirs: with as many words taken off before all of them as makes most of them known."""
    best: dict[str, str] = {}
    most = -1
    for cut in _cuts(names):
        turned = {name: _turned(name[cut:], expected, rules, aliases) for name in names}
        known = sum(name in expected for name in turned.values())
        if known > most:
            best, most = turned, known
    return best


def _cuts(names: Sequence[str]) -> Iterator[int]:
    """Lengths of what all names begin with: nothing, a wrapper, a wrapper in it…; another common first word at last."""
    cut = 0
    yield cut
    while names and (found := WRAPPERS.match(names[0], cut)):
        if not all(name.startswith(names[0][: found.end()]) for name in names):
            return
        cut = found.end()
        yield cut
    first = names[0].find(".", cut) + 1 if names else 0
    if first and all(name.startswith(names[0][:first]) for name in names):
        yield first


def _turned(name: str, expected: Mapping[str, Tensor], rules: Rules, aliases: Mapping[str, str]) -> str:
    if name in expected:
        return name
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    if name in expected or not aliases:
        return name
    path, _, leaf = name.rpartition(".")
    while path and path not in aliases:
        path, _, step = path.rpartition(".")
        leaf = f"{step}.{leaf}"
    return f"{aliases[path]}.{leaf}" if path else name


def _layer(name: str) -> str:
    return name.rpartition(".")[0] or name


def _listed(words: Iterable[str], between: str = ", ", few: int = FEW) -> str:
    every = list(words)
    more = f" and {len(every) - few:,} more" if len(every) > few else ""
    return between.join(every[:few]) + more


def _dims(shape: tuple[int, ...]) -> str:
    return "×".join(f"{size:,}" for size in shape) or "a single number"
