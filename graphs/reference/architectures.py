"""A page for each architecture: its drawing, its blocks, its variants with their published figures, its weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from graphs.architectures import ARCHITECTURES, Architecture
from graphs.architectures.weights import Weights, weights_of
from graphs.inference.shapes import Analysis, Inference
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Network
from graphs.pictures.canvas import svg
from graphs.pictures.figure import Look, figure
from graphs.reference.fields import HEADER, rows
from graphs.reference.markdown import link, paragraphs, picture, table
from graphs.reference.themes import merged
from graphs.reuse.rooms import Room, names_at

FOLDER, PICTURES = "architectures", "pictures"
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
FAMILIES = {
    "classics": "Classics", "classification": "Classification", "segmentation": "Segmentation",
    "sequence": "Text and series", "generative": "Generating and compressing",
}  # fmt: skip


def families() -> dict[str, list[type[Architecture]]]:
    """The architectures by the title of their family, by the year of their paper."""
    return {title: [kind for kind in ARCHITECTURES if kind.family == family] for family, title in FAMILIES.items()}


def pages(chosen: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Path and text of each page and picture, of all architectures or of those `chosen`."""
    for kind in ARCHITECTURES:
        if not chosen or kind.name in chosen:
            network = kind(variant=kind.model_fields["variant"].default).network()
            yield f"{FOLDER}/{kind.name}.md", _page(kind, network)
            yield from _pictures(kind, network)


def title_of(kind: type[Architecture], variant: str) -> str:
    """What a variant is called."""
    return kind.titles.get(variant, kind.title)


def _page(kind: type[Architecture], network: Network) -> str:
    variant = str(kind.model_fields["variant"].default)
    paper = kind.paper
    cited = f"{paper.authors}: {link(paper.title, paper.url)}, {paper.year}."
    return paragraphs(
        f"# {kind.title}",
        "[All layers and architectures](../README.md)",
        f"**{kind.help}**",
        cited,
        f"## As it is drawn\n\n{title_of(kind, variant)}, as a figure and as it stands on the canvas.",
        picture(f"{PICTURES}/{kind.name}-figure", f"{title_of(kind, variant)} as a figure"),
        picture(f"{PICTURES}/{kind.name}", f"{title_of(kind, variant)} on the canvas"),
        _blocks(kind, network),
        f"## Variants\n\n{_variants(kind)}",
        _weights(kind),
        f"## Fields\n\n{table(HEADER, rows(kind, ('variant',)))}" if len(kind.model_fields) > 1 else "",
        f"## To have it\n\n{_use(kind, variant)}",
    )


def _blocks(kind: type[Architecture], network: Network) -> str:
    """What its blocks are and hold."""
    said = []
    for block in network.blocks.values():
        told = f" {block.help}" if block.help else ""
        given = ", ".join(f"`{name}` {value}" for name, value in block.parameters.items())
        drawn = picture(f"{PICTURES}/{kind.name}-{_safe(block.id)}", f"Inside {block.title}")
        said.append(f"**{block.title}.**{told}" + (f" Parameters: {given}." if given else "") + f"\n\n{drawn}")
    return "## Its blocks\n\n" + "\n\n".join(said) if said else ""


def _variants(kind: type[Architecture]) -> str:
    lines = []
    for variant in kind.variants():
        known = kind.published[variant]
        giga = f"{known.giga:g} · 10⁹" if known.giga else ""
        lines.append((f"`{variant}`", title_of(kind, variant), f"{known.count:,}", giga, known.source))
    return table(("name", "what it is", "parameters", "multiply-adds", "where that is published"), lines, right=(2, 3))


def _weights(kind: type[Architecture]) -> str:
    """The published weights of all its variants."""
    lines = [_row(variant, weights) for variant in kind.variants() for weights in weights_of(variant)]
    if not lines:
        return ""
    header = ("for", "weights", "reached", "pictures", "file")
    told = "Published by torchvision; Netloom fetches them on demand and checks their SHA-256."
    return f"## Published weights\n\n{told}\n\n{table(header, lines, right=(2,))}"


def _row(variant: str, weights: Weights) -> tuple[str, ...]:
    seen = (
        f"{weights.crop}×{weights.crop}, {weights.interpolation}"
        if weights.crop
        else f"{weights.resize} on the short side"
    )
    file = f"{link(weights.file, weights.url)}, {weights.mebibytes:,.1f} MB" + (
        f"; {weights.terms}" if weights.terms else ""
    )
    return f"`{variant}`", f"`{weights.name}`", f"{weights.score:.1f} % of {weights.measure}", seen, file


def _use(kind: type[Architecture], variant: str) -> str:
    window = f"python main.py {variant}" + (" --pretrained" if weights_of(variant) else "")
    given = 'weights="pretrained", ' if weights_of(variant) else ""
    fields = "classes=10" if "classes" in kind.model_fields else ""
    call = f'architecture("{variant}"' + "".join(f", {each}" for each in (given.rstrip(", "), fields) if each) + ")"
    return f"```sh\n{window}\n```\n\n```python\nfrom studio.api import architecture\n\nnetwork = {call}\n```"


def _known(network: Network) -> tuple[Catalogue, Analysis]:
    catalogue = standard().copy()
    catalogue.know(network)
    return catalogue, Inference(catalogue).analyse(network)


def _pictures(kind: type[Architecture], network: Network) -> Iterator[tuple[str, str]]:
    catalogue, analysis = _known(network)
    at = f"{FOLDER}/{PICTURES}/{kind.name}"
    yield f"{at}.svg", _drawn(network, analysis, catalogue, kind.title)
    light, dark = (figure(network, analysis, Look(t), catalogue=catalogue, title=kind.title) for t in THEMES)
    yield f"{at}-figure.svg", merged(light, dark)
    for block, path in _uses(network).items():
        inner, known = _inside(network, path), analysis.inside(path)
        title, room = f"Inside {network.blocks[block].title}", catalogue.copy()
        room.know(network, names_at(network, path))
        yield f"{at}-{_safe(block)}.svg", _drawn(inner, known, room, title)


def _drawn(network: Network, analysis: Analysis, catalogue: Catalogue, title: str) -> str:
    light, dark = (svg(network, analysis, theme, catalogue=catalogue, title=title) for theme in THEMES)
    return merged(light, dark)


def _uses(network: Network) -> dict[str, tuple[str, ...]]:
    """For each block the way to its first use."""
    found: dict[str, tuple[str, ...]] = {}
    ways: list[tuple[tuple[str, ...], Network]] = [((), network)]
    while ways:
        path, room = ways.pop(0)
        for id in room.ids:
            block = room.nodes[id].block
            if block and block not in found and block in network.blocks:
                found[block] = (*path, id)
                ways.append(((*path, id), network.blocks[block].network))
    return found


def _inside(network: Network, path: tuple[str, ...]) -> Network:
    """What a person sees there."""
    from graphs.document import Document

    return Room(Document(network), path).network


def _safe(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in name)
