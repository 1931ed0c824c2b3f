"""Finding a layer kind by what a person types: fuzzy, Qt-free, shared by the popup and the palette panel."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from graphs.layers.base import FAMILIES, Layer
from graphs.layers.catalogue import Catalogue
from graphs.network import BLOCK

OWN, READY = "own:", "ready:"
"""How the kind of an entry begins that is one of a person's own blocks, or one that ships, not yet in the project."""
PORTS = ("BlockInput", "BlockOutput")
SECTIONS = {**FAMILIES, "blocks": "Wires and ports", "project": "Blocks of this project", "own": "My blocks",
            "ready": "Ready-made blocks"}  # fmt: skip
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
) -> list[Entry]:
    """Kinds that match every word of the query, the best first; all of them, in order, for an empty one.

    `fits` leaves out kinds that cannot stand where the layer is to go. `shelf` has kinds of blocks that are not in
    the project yet, by key; the ports of blocks are listed `inside` one only.
    """
    kinds = [k for group in catalogue.families().values() for k in group if inside or k.kind() not in PORTS]
    blocks = [kind for kind in kinds if kind.kind().startswith(BLOCK)]
    layers = [kind for kind in kinds if not kind.kind().startswith(BLOCK)]
    sources = [_Source(k, k.kind(), "project") for k in blocks] + [_Source(k, k.kind(), k.family) for k in layers]
    sources += [_Source(kind, key, key.partition(":")[0]) for key, kind in (shelf or {}).items()]
    sources = [source for source in sources if fits is None or fits(source.kind)]
    words = _plain(query).split()
    if not words:
        return [_entry(source, 0.0, ()) for source in sources]
    found = [entry for source in sources if (entry := _match(words, source))]
    return sorted(found, key=lambda entry: -entry.score)


class _Source(NamedTuple):
    """A kind with the name that chooses it and its section."""

    kind: type[Layer]
    name: str
    section: str


def _entry(source: _Source, score: float, hits: tuple[int, ...]) -> Entry:
    kind = source.kind
    return Entry(source.name, kind.title or kind.kind(), kind.family, kind.help, score, hits, source.section)


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
    return _entry(source, total / len(words), tuple(sorted(hits)))


def _word(word: str, kind: type[Layer]) -> tuple[float, tuple[int, ...]]:
    """How well one word fits a kind: by name first, then synonyms, then family, then its help."""
    title = kind.title or kind.kind()
    score, marks = fuzzy(word, title)
    by_name = max(score, fuzzy(word, kind.kind())[0])
    synonyms = max((fuzzy(word, s)[0] for s in kind.synonyms), default=0.0)
    options = (
        (by_name, marks),
        (synonyms * 0.85, ()),
        (0.45 if _plain(FAMILIES.get(kind.family, kind.family)).find(word) >= 0 else 0.0, ()),
        (0.3 if any(w.startswith(word) for w in _plain(kind.help).split()) and len(word) > 2 else 0.0, ()),
    )
    return max(options, key=lambda option: option[0])


def fuzzy(word: str, text: str) -> tuple[float, tuple[int, ...]]:
    """Between 0 (no match) and 1 (equal), and where the letters are: "c2d" is in "Conv2d"."""
    lower = text.casefold()
    if word == lower:
        return 1.0, tuple(range(len(text)))
    at = lower.find(word)
    if at >= 0:
        start = 0.9 if at == 0 else 0.75 if _starts_word(text, at) else 0.6
        return start - 0.002 * min(len(text), 40), tuple(range(at, at + len(word)))
    return _scattered(word, text, lower)


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


def _starts_word(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    capital = text[at].isupper() and before.islower()
    return capital or not before.isalnum() or text[at].isdigit() != before.isdigit()
