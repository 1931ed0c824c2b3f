"""The front page: every layer and every architecture in one line each."""

from __future__ import annotations

from graphs.architectures import Architecture
from graphs.architectures.weights import weights_of
from graphs.layers.base import FAMILIES
from graphs.reference import architectures, kinds
from graphs.reference.markdown import link, paragraphs, table

ABOUT = (
    "Every kind of layer and every architecture that Netloom knows, with formulas, worked examples, fields, counts and "
    "sources. These pages are written by `make docs` from the declarations in `graphs/`; nothing is edited by hand."
)


def page() -> str:
    """The text of README.md."""
    layers, published = kinds.families(), architectures.families()
    count = sum(len(found) for found in layers.values())
    variants = sum(len(kind.variants()) for found in published.values() for kind in found)
    parts = ["# Reference", ABOUT, f"## Layers\n\n{count} kinds in {len(layers)} families."]
    for family, found in layers.items():
        lines = [(link(f"`{kind.kind()}`", kinds.place(kind)), kind.help) for kind in found]
        parts.append(
            f"### {link(FAMILIES[family], f'{kinds.FOLDER}/{family}.md')}\n\n{table(('kind', 'what it does'), lines)}"
        )
    whole = sum(len(found) for found in published.values())
    parts.append(
        f"## Architectures\n\n{whole} architectures in {variants} variants, parameters equal to the published ones."
    )
    for title, known in published.items():
        header = ("architecture", "year", "variants", "parameters", "weights")
        parts.append(f"### {title}\n\n{table(header, [_row(kind) for kind in known], right=(1, 3))}")
    return paragraphs(*parts)


def _row(kind: type[Architecture]) -> tuple[str, ...]:
    counts = [kind.published[variant].count for variant in kind.variants()]
    span = f"{min(counts):,}" if len({*counts}) == 1 else f"{min(counts):,} to {max(counts):,}"
    weights = sum(len(weights_of(variant)) for variant in kind.variants())
    page = f"{architectures.FOLDER}/{kind.name}.md"
    return (
        link(kind.title, page),
        str(kind.paper.year),
        str(len(kind.variants())),
        span,
        f"{weights} files" if weights else "",
    )
