"""A page for each family of layer kinds, and the pictures of their worked examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphs.cards import card_of, demonstration, lines_of, sample
from graphs.cards.maths import plain
from graphs.layers.base import FAMILIES, Layer, Port, Shape
from graphs.layers.catalogue import standard
from graphs.reference import demonstrated
from graphs.reference.fields import HEADER, rows
from graphs.reference.markdown import formula, link, paragraphs, picture, table

FOLDER, PICTURES = "layers", "pictures"
TAKES = {"floats": "", "tokens": " (whole numbers)", "any": " (of any type)"}


def families() -> dict[str, list[type[Layer]]]:
    """The kinds by the id of their family, in the order of the palette."""
    return {family: list(kinds) for family, kinds in standard().families().items() if kinds}


def place(kind: type[Layer]) -> str:
    """Where a kind stands, seen from the front page."""
    return f"{FOLDER}/{kind.family}.md#{kind.kind().lower()}"


def pages(chosen: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Path and text of each page and picture, of all families or of those `chosen`."""
    for family, kinds in families().items():
        if not chosen or family in chosen:
            yield f"{FOLDER}/{family}.md", _page(family, kinds)
            for kind in kinds:
                yield from _pictures(kind)


def _page(family: str, kinds: Sequence[type[Layer]]) -> str:
    listed = " · ".join(link(kind.title, f"#{kind.kind().lower()}") for kind in kinds)
    return paragraphs(
        f"# {FAMILIES[family]}", "[All layers and architectures](../README.md)", listed, *map(_kind, kinds)
    )


def _kind(kind: type[Layer]) -> str:
    usual, card = kind(), card_of(kind.kind())
    built = f"Built as `torch.{kind.torch}`." if kind.torch.startswith("nn.") else ""
    also = f"Found as {', '.join(kind.synonyms)}." if kind.synonyms else ""
    title = f" ({kind.title})" if kind.title != kind.kind() else ""
    parts = [f"## {kind.kind()}", f"**{kind.help}**{title}", _ports(usual)]
    if card is not None:
        letters = "  \n".join(f"*{plain(sign)}*: {meaning}" for sign, meaning in card.symbols)
        shown = demonstration(kind.kind())
        drawn = picture(f"{PICTURES}/{kind.kind()}", shown.caption or f"{kind.title}, with numbers")
        parts += [formula(card.formula), letters, drawn, f"*{shown.caption}*" if shown.caption else ""]
    parts += [table(HEADER, rows(kind)), _sums(usual)]
    source = link(str(card.source), card.source.url) if card is not None else ""
    return paragraphs(
        *parts, " ".join(part for part in (built, also, f"Source: {source}" if source else "") if part)
    ).rstrip()


def _ports(layer: Layer) -> str:
    given, made = layer.inputs(), layer.outputs()
    said = [f"takes {_several(given)}"] if given else []
    said += [f"gives {_several(made)}"] if made else []
    words = ", ".join(said)
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _several(ports: Sequence[Port]) -> str:
    return ", ".join(f"`{port.name}`{TAKES.get(port.accepts, '')}" for port in ports)


def _sums(layer: Layer) -> str:
    """The arithmetic of the kind as it is by itself, for a sample that suits it."""
    from graphs.inference.measure import Unfit, measure

    shapes = sample(layer)
    if not shapes and layer.inputs():
        return ""
    try:
        made: tuple[Shape, ...] = measure(layer, shapes).outputs
    except Unfit:
        return ""
    lines = lines_of(layer, shapes, made)
    if not lines:
        return ""
    fed = " and ".join(str(shape) for shape in shapes)
    items = "\n".join(f"- {line}" + (f" ({line.note})" if line.note else "") for line in lines)
    return f"As it is by itself{f', for a sample of {fed}' if fed else ''}:\n\n{items}"


def _pictures(kind: type[Layer]) -> Iterator[tuple[str, str]]:
    if card_of(kind.kind()) is None:
        return
    shown = demonstration(kind.kind())
    at = f"{FOLDER}/{PICTURES}/{kind.kind()}"
    yield f"{at}.svg", demonstrated.picture(shown, kind.title)
