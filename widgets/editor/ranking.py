"""Finding a layer kind by what a person types: fuzzy, Qt-free, shared by the popup and the palette panel."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from graphs.layers.base import FAMILIES, Layer
from graphs.layers.catalogue import Catalogue
from graphs.network import BLOCK

OWN, READY = "own:", "ready:"
"""How the kind of an entry begins that is one of a person's own blocks, or one that ships, not yet in the project."""
VARIANT = "/"
"""What is in the key of a variant of an architecture, which is listed for who searches."""
SHARES = {"own": 0.95, "ready": 0.95, "architecture": 0.7}
"""How much a block that is not in the project yet, or a whole network, counts beside a layer of the same likeness."""
EQUAL = 0.7
"""How much a synonym counts that is the word, behind the first."""
ABBREVIATION = 3
"""The letters of a synonym that is short for a name: "bn"."""
TYPOS = {4: 1, 7: 2}
"""How many slips of the fingers a word of so many letters may have."""
HYPHEN = "-"
"""What a name may be written with or without: "U-Net" is "unet"."""
PORTS = ("BlockInput", "BlockOutput")
SECTIONS = {**FAMILIES, "blocks": "Wires and ports", "project": "Blocks of this project", "own": "My blocks",
            "ready": "Ready-made blocks", "architecture": "Architectures"}  # fmt: skip
"""The headings that entries stand under: a family, or one of three sorts of blocks."""


class Entry(NamedTuple):
    """One kind that fits the query. `hits` are the letters of the title that matched."""

    kind: str
    title: str
    family: str
    help: str
    score: float
    hits: tuple[int, ...] = ()
    section: str = ""
    """The key of its heading in SECTIONS."""


def rank(
    query: str,
    catalogue: Catalogue,
    fits: Callable[[type[Layer]], bool] | None = None,
    shelf: Mapping[str, type[Layer]] | None = None,
    inside: bool = False,
    without: Collection[str] = (),
) -> list[Entry]:
    """Kinds that match every word of the query, the best first; all of them, in order, for an empty one.

    `fits` leaves out kinds that cannot stand where the layer is to go. `shelf` has kinds of blocks that are not in
    the project yet, by key; the ports of blocks are listed `inside` one only, and the kinds `without` never.
    """
    kinds = [
        k
        for group in catalogue.families().values()
        for k in group
        if (inside or k.kind() not in PORTS) and k.kind() not in without
    ]
    blocks = [kind for kind in kinds if kind.kind().startswith(BLOCK)]
    layers = [kind for kind in kinds if not kind.kind().startswith(BLOCK)]
    sources = [_Source(k, k.kind(), "project") for k in blocks] + [_Source(k, k.kind(), k.family) for k in layers]
    sources += [_Source(kind, key, key.partition(":")[0]) for key, kind in (shelf or {}).items()]
    sources = _told_apart([source for source in sources if fits is None or fits(source.kind)])
    words = _plain(query).split()
    joined = _plain(query.replace(HYPHEN, "")).split()
    if not words:
        return [_entry(source, 0.0, ()) for source in sources if VARIANT not in source.name]
    ways = (words, joined) if joined and joined != words else (words,)
    tried = ([entry for way in ways if (entry := _match(way, source))] for source in sources)
    found = [max(entries, key=lambda entry: entry.score) for entries in tried if entries]
    return sorted(found, key=lambda entry: -entry.score)


class _Source(NamedTuple):
    """A kind with the name that chooses it and its section."""

    kind: type[Layer]
    name: str
    section: str
    beside: str = ""
    """What tells it from another of its title."""


def _told_apart(sources: list[_Source]) -> list[_Source]:
    """The same, blocks of one title in one section numbered from the second on."""
    seen: Counter[tuple[str, str]] = Counter()
    made = []
    for source in sources:
        title = source.kind.title or source.kind.kind()
        seen[source.section, title] += 1
        count = seen[source.section, title]
        made.append(source if count == 1 else source._replace(beside=f" ({count})"))
    return made


def _entry(source: _Source, score: float, hits: tuple[int, ...]) -> Entry:
    kind = source.kind
    title = f"{kind.title or kind.kind()}{source.beside}"
    return Entry(source.name, title, kind.family, kind.help, score, hits, source.section)


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text.casefold()).strip()


def _match(words: list[str], source: _Source) -> Entry | None:
    total, hits = 0.0, set()
    for word in words:
        score, marks = _word(word, source.kind)
        if score <= 0:
            return None
        total += score
        hits.update(marks)
    score = total / len(words) * SHARES.get(source.section, 1.0)
    return _entry(source, score, tuple(sorted(hits)))


def _word(word: str, kind: type[Layer]) -> tuple[float, tuple[int, ...]]:
    """How well one word fits a kind: by name first, then synonyms, then family, then its help."""
    title = kind.title or kind.kind()
    score, marks = fuzzy(word, title)
    by_name = max(score, fuzzy(word, kind.kind())[0])
    synonyms = max((_as_synonym(word, s, not place) for place, s in enumerate(kind.synonyms)), default=0.0)
    options = (
        (by_name, marks),
        (synonyms, ()),
        (0.96 if by_name > 0.85 and word in kind.synonyms else 0.0, marks),
        (0.45 if _plain(FAMILIES.get(kind.family, kind.family)).find(word) >= 0 else 0.0, ()),
        (0.3 if any(w.startswith(word) for w in _plain(kind.help).split()) and len(word) > 2 else 0.0, ()),
    )
    return max(options, key=lambda option: option[0])


def _as_synonym(word: str, synonym: str, first: bool) -> float:
    """How well a word fits a synonym: the first, and an abbreviation, nearly as well as a name; the others, which say
    what a layer is for rather than what it is, less than a name that the word is a part of."""
    score = fuzzy(word, synonym)[0]
    return (0.95 if first or len(word) <= ABBREVIATION else EQUAL) if score == 1.0 else score * 0.8


def fuzzy(word: str, text: str) -> tuple[float, tuple[int, ...]]:
    """Between 0 (no match) and 1 (equal), and where the letters are: "c2d" is in "Conv2d", "unet" is "U-Net"."""
    score, marks = _letters(word, text)
    if HYPHEN not in text:
        return score, marks
    places = [place for place, letter in enumerate(text) if letter != HYPHEN]
    folded, among = _letters(word, text.replace(HYPHEN, ""))
    return (folded, tuple(places[mark] for mark in among)) if folded > score else (score, marks)


def _letters(word: str, text: str) -> tuple[float, tuple[int, ...]]:
    lower = text.casefold()
    if word == lower:
        return 1.0, tuple(range(len(text)))
    at = lower.find(word)
    if at >= 0:
        start = 0.9 if at == 0 else 0.75 if _starts_word(text, at) else 0.6
        return start - 0.002 * min(len(text), 40), tuple(range(at, at + len(word)))
    near = _near(word, lower)
    return max(_scattered(word, text, lower), (near, tuple(range(min(len(word), len(text))) if near else ())))


def _scattered(word: str, text: str, lower: str) -> tuple[float, tuple[int, ...]]:
    marks: list[int] = []
    at = -1
    for letter in word:
        at = lower.find(letter, at + 1)
        if at < 0:
            return 0.0, ()
        marks.append(at)
    spread = marks[-1] - marks[0] + 1
    begins = sum(_starts_word(text, mark) for mark in marks)
    if marks[0] != 0 or spread > 3 * len(word):
        return 0.0, ()
    return 0.35 + 0.1 * len(word) / spread + 0.1 * begins / len(word), tuple(marks)


def _near(word: str, lower: str) -> float:
    """How well a word with slips of the fingers fits the beginning of a text: "covn" is meant to be "conv"."""
    allowed = max((slips for least, slips in TYPOS.items() if len(word) >= least), default=0)
    if not allowed or word[0] != lower[:1]:
        return 0.0
    slips = _slips(word, lower[: len(word) + allowed])
    return 0.68 - 0.08 * slips - 0.002 * min(len(lower), 40) if slips <= allowed else 0.0


def _slips(word: str, text: str) -> int:
    """Letters left out, put in, exchanged or swapped with the next, from `word` to the nearest beginning of `text`."""
    before, row = [0] * (len(text) + 1), list(range(len(text) + 1))
    for i, letter in enumerate(word, 1):
        line = [i]
        for j, other in enumerate(text, 1):
            cost = min(row[j] + 1, line[j - 1] + 1, row[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == text[j - 2] and word[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            line.append(cost)
        before, row = row, line
    return min(row)


def _starts_word(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    capital = text[at].isupper() and before.islower()
    return capital or not before.isalnum() or text[at].isdigit() != before.isdigit()
