"""The reference in docs/ is what the declarations say now; its pieces are sound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from graphs.architectures import ARCHITECTURES
from graphs.cards import CARDS
from graphs.layers.catalogue import standard
from graphs.reference import architectures, front, kinds
from graphs.reference.fields import rows
from graphs.reference.markdown import latex, table
from graphs.reference.themes import merged

DOCS = Path(__file__).resolve().parents[3] / "docs"
STALE = "docs/ is behind the declarations: run “make docs” and commit what it writes"
FAMILIES, NETWORKS = ("linear", "pooling"), ("lenet5", "resnet")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def sample() -> Iterator[tuple[str, str]]:
    """A few pages with their pictures; the front page names everything that there is."""
    yield "README.md", front.page()
    yield from kinds.pages(FAMILIES)
    yield from architectures.pages(NETWORKS)


def test_the_pages_say_what_the_declarations_say() -> None:
    behind = [
        name for name, text in sample() if not (DOCS / name).is_file() or (DOCS / name).read_text("utf-8") != text
    ]
    assert not behind, f"{STALE} ({', '.join(behind[:5])})"


def test_there_is_a_page_and_a_picture_for_everything_and_for_nothing_else() -> None:
    pages = {"README.md", *(f"layers/{family}.md" for family in kinds.families())}
    pages |= {f"architectures/{kind.name}.md" for kind in ARCHITECTURES}
    assert {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} == pages, STALE
    drawn = {path.stem for path in (DOCS / "layers" / "pictures").glob("*.svg")}
    assert drawn == {kind for kind in standard().kinds if kind in CARDS}, STALE


def test_every_link_leads_somewhere() -> None:
    for page in DOCS.rglob("*.md"):
        for target, anchor in LINK.findall(page.read_text("utf-8")):
            there = page.parent / target if target else page
            assert there.is_file(), (page.name, target)
            if anchor:
                headings = re.findall(r"^## (\w+)$", there.read_text("utf-8"), re.MULTILINE)
                assert anchor in {heading.lower() for heading in headings}, (page.name, anchor)


def test_it_stays_small_and_every_picture_is_sound() -> None:
    pictures = list(DOCS.rglob("*.svg"))
    assert sum(path.stat().st_size for path in DOCS.rglob("*") if path.is_file()) < 6_000_000
    for path in pictures[::7]:
        root = ElementTree.fromstring(path.read_text("utf-8"))
        assert float(root.attrib["width"]) > 20 and float(root.attrib["height"]) > 20
        assert "script" not in path.read_text("utf-8") and "not known" not in path.read_text("utf-8")


@pytest.mark.parametrize("name", standard().kinds)
def test_every_field_and_formula_is_told(name: str) -> None:
    kind = standard().kinds[name]
    told = rows(kind)
    assert [row[0] for row in told] == [f"`{field}`" for field in kind.model_fields]
    assert all(len(row) == 5 and row[1] and row[2] for row in told)
    for markup in CARDS[name].formula:
        text = latex(markup)
        assert text.isascii() and text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")


def test_formulas_become_tex() -> None:
    assert latex(r"\frac{x_i - μ}{\sqrt{σ^2 + ε}}") == r"\frac{x_{i}  - \mu }{\sqrt{\sigma ^{2}  + \varepsilon }}"
    assert latex("H_{out} = ⌊K⌋") == r"H_{\mathrm{out}}  = \lfloor K\rfloor"


def test_a_table_keeps_its_columns() -> None:
    assert table(("a", "b"), [("x|y", "1")], right=(1,)) == "| a | b |\n| --- | ---: |\n| x\\|y | 1 |"
    assert table(("a",), []) == ""


def test_a_picture_follows_the_theme() -> None:
    light, dark = '<svg>\n<rect fill="#fff" x="1"/>\n</svg>', '<svg>\n<rect fill="#000" x="1"/>\n</svg>'
    both = merged(light, dark)
    assert '<rect fill="#fff" x="1" class="d0"/>' in both
    assert "@media (prefers-color-scheme:dark){.d0{fill:#000}}" in both
    assert merged(light, "<svg>\n</svg>") == light
