"""The palette keeps its promises: contrast, and classes that stay apart for everybody."""

from __future__ import annotations

import re
from itertools import combinations

import numpy
import pytest
from PySide6.QtGui import QColor

from widgets.editor.painting.markpaint import note_colours
from widgets.look.style import sheet
from widgets.theme import DARK, LIGHT, Theme, mix, on_tint, set_theme, stylesheet

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda t: t.name)
# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
SIGHT = {
    "usual": numpy.eye(3),
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def linear(colour: str) -> numpy.ndarray:
    encoded = numpy.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return numpy.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2."""
    bright, dark = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (first, second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def lab(rgb: numpy.ndarray) -> numpy.ndarray:
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = numpy.array(matrix) @ rgb.clip(0, 1) / [0.95047, 1, 1.08883]
    f = numpy.where(xyz > (6 / 29) ** 3, numpy.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return numpy.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@THEMES
def test_text_contrast(theme: Theme) -> None:
    for ground in (theme.background, theme.panel, theme.raised):
        for name in ("text", "dim", "faint", "accent", "good", "warn", "bad"):
            assert contrast(getattr(theme, name), ground) >= 4.5, (name, ground)
    assert contrast(theme.on_accent, theme.accent) >= 4.5


BARE = "chunk|groove|handle|sub-page|rule|separator"
"""Parts that carry no words."""
RINGED = ("QPushButton", "QToolButton", "QLineEdit", "QComboBox", "QTabBar", "QCheckBox", "QSlider", "QListView")


def rules(theme: Theme) -> list[tuple[str, dict[str, str]]]:
    """Selectors of both style sheets with their declarations."""
    found = re.findall(r"([^{}]+)\{([^{}]*)\}", stylesheet(theme) + sheet(theme))
    return [(name.strip(), dict(re.findall(r"([\w-]+)\s*:\s*([^;]+)", body))) for name, body in found]


@THEMES
def test_every_rule_of_the_style_sheets_is_legible(theme: Theme, qapp: object) -> None:
    """Text on the ground its rule names, or else on every ground there is; disabled words too."""
    checked = 0
    for name, rule in rules(theme):
        if re.fullmatch("#[0-9a-f]{6}", rule.get("color", "")):
            own = rule.get("background", "")
            grounds = [own] if own.startswith("#") else [theme.background, theme.panel, theme.raised]
            for ground in grounds:
                assert contrast(rule["color"], ground) >= 4.5, (name, rule["color"], ground)
            checked += 1
        elif rule.get("background", "").startswith("#") and not re.search(
            "chunk|groove|handle|sub-page|rule|sep", name
        ):
            assert contrast(theme.text, rule["background"]) >= 4.5, name
            checked += 1
        if "selection-background-color" in rule:
            assert contrast(rule["selection-color"], rule["selection-background-color"]) >= 4.5, name
    assert checked > 30


@THEMES
def test_focus_is_seen_on_every_ground(theme: Theme, qapp: object) -> None:
    """What has the focus differs by a line of at least 3:1."""
    for ground in (theme.background, theme.panel, theme.raised):
        assert contrast(theme.accent, ground) >= 3.0
    rings = [name for name, rule in rules(theme) if ":focus" in name and theme.accent in " ".join(rule.values())]
    for kind in RINGED:
        assert any(kind in name for name in rings), kind


@THEMES
def test_words_on_the_canvas_are_legible(theme: Theme) -> None:
    """Titles and figures on the tinted heads of cards, shapes beside wires, frames and notes in every colour."""
    card = theme.raised if theme.name == "dark" else theme.panel
    for family, colour in theme.families.items():
        head = mix(colour, card, 0.22)
        assert contrast(theme.text, head) >= 4.5, family
        assert contrast(on_tint(theme), head) >= 4.5, family
    for name in ("text", "dim", "good", "warn", "bad"):
        assert contrast(getattr(theme, name), card) >= 4.5
    assert contrast(theme.dim, theme.background) >= 4.5
    set_theme(theme.name)
    for colour in ("", *theme.families):
        ground, _border = note_colours(colour)
        assert contrast(theme.text, QColor(ground).name()) >= 4.5, colour
    set_theme("dark")


@THEMES
@pytest.mark.parametrize("sight", SIGHT)
def test_classes_stay_apart(theme: Theme, sight: str) -> None:
    seen = [lab(numpy.array(SIGHT[sight]) @ linear(colour)) for colour in theme.classes]
    assert min(numpy.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 16
