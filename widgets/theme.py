"""One palette for everything a person sees: two themes, fonts, colour maps and the style sheet.

Text contrast is at least 4.5:1 on every ground it stands on, and the ten class colours stay apart under
protanopia, deuteranopia and tritanopia (tests/widgets/test_theme.py measures both).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for, as "#rrggbb"."""

    name: str
    background: str
    panel: str
    raised: str
    line: str
    text: str
    dim: str
    faint: str
    accent: str
    good: str
    warn: str
    bad: str
    on_accent: str
    families: Mapping[str, str]
    classes: tuple[str, ...]
    signed: tuple[str, str, str]
    """Colours of the smallest, the zero and the largest value of a signed map."""


DARK = Theme(
    name="dark", background="#14161a", panel="#1b1e24", raised="#22262e", line="#2e333d",
    text="#e6e9ef", dim="#9aa3b2", faint="#8b94a5", accent="#5b9dff", good="#46c48f", warn="#f2b84b", bad="#f2665c",
    on_accent="#0d1117",
    families={
        "io": "#7c8798", "convolution": "#4f8ef7", "pooling": "#2fb3a5", "activation": "#f2994a",
        "linear": "#9b6cf0", "recurrent": "#c06cf0", "normalisation": "#d9d057",
        "combine": "#7c8798", "loss": "#e5657a", "blocks": "#5fb4d9",
    },
    classes=("#39aeff", "#e28206", "#54eb70", "#ce35b5", "#ebec15", "#6364fa", "#b5f7c2",
        "#8f793f", "#e9a5cb", "#198674"),
    signed=("#5b9dff", "#14161a", "#ff9a4d"),
)  # fmt: skip

LIGHT = Theme(
    name="light", background="#f6f7f9", panel="#ffffff", raised="#f0f2f5", line="#d7dbe2",
    text="#1a1d23", dim="#4b5565", faint="#5d6779", accent="#1b64d6", good="#0f7050", warn="#8a5a00", bad="#bd2d26",
    on_accent="#ffffff",
    families={
        "io": "#5f6b7e", "convolution": "#2b6fde", "pooling": "#14897c", "activation": "#c9701a",
        "linear": "#7a45d6", "recurrent": "#a045d6", "normalisation": "#9a9110",
        "combine": "#5f6b7e", "loss": "#cc4059", "blocks": "#1c7ea8",
    },
    classes=("#3964aa", "#e28760", "#26a6a4", "#fa57fb", "#c0970b", "#452eaf", "#ed0d75", "#6f2e2d",
        "#8323ff", "#af0002"),
    signed=("#1f6fe5", "#ffffff", "#d9660a"),
)  # fmt: skip

THEMES: Mapping[str, Theme] = {"dark": DARK, "light": LIGHT}
_VIRIDIS = ("#440154", "#472c7a", "#3b518b", "#2c718e", "#21908c", "#27ad80", "#5cc862", "#aadc31", "#fde725")


class Notifier(QObject):
    """Says when the theme or the font size has changed."""

    changed = Signal()


class _State:
    wanted = "dark"
    theme = DARK
    notifier: Notifier | None = None
    scale: float | None = None


def notifier() -> Notifier:
    """The one notifier of this program."""
    if _State.notifier is None:
        _State.notifier = Notifier()
    return _State.notifier


def current() -> Theme:
    """The theme in use."""
    return _State.theme


def set_theme(name: str) -> None:
    """Uses "dark", "light" or "system" (which follows the desktop) from now on, everywhere."""
    _State.wanted = name
    _State.scale = None
    _State.theme = THEMES[_system() if name == "system" else name]
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setPalette(palette(_State.theme))
        app.setStyleSheet(stylesheet(_State.theme))
    notifier().changed.emit()


@contextmanager
def worn(name: str) -> Iterator[None]:
    """Paint in the colours of another theme for a while: of a picture, say. Nothing on the screen changes."""
    before, _State.theme = _State.theme, THEMES[name]
    try:
        yield
    finally:
        _State.theme = before


def wanted() -> str:
    """What was asked for: "dark", "light" or "system"."""
    return _State.wanted


def _system() -> str:
    hints = QGuiApplication.styleHints() if QGuiApplication.instance() else None
    return "light" if hints and hints.colorScheme() == Qt.ColorScheme.Light else "dark"


def qcolor(colour: str, alpha: float = 1.0) -> QColor:
    """A colour of the theme with an opacity between 0 and 1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def on_tint(theme: Theme) -> str:
    """Quiet words on a ground with a family's tint, where `dim` would be too dim."""
    return mix(theme.text, theme.dim, 0.4)


def mix(first: str, second: str, share: float) -> str:
    """`share` of `first` over `second`, as "#rrggbb"."""
    a, b = QColor(first), QColor(second)
    parts = [(getattr(a, c)() * share + getattr(b, c)() * (1 - share)) for c in ("red", "green", "blue")]
    return "#{:02x}{:02x}{:02x}".format(*(round(p) for p in parts))


def scale() -> float:
    """How much larger than usual the program's font is; 1.0 at the usual 9 to 10 points.

    It is asked for hundreds of times a frame, so it is remembered until `set_theme` is called.
    """
    if _State.scale is None:
        size = QGuiApplication.font().pointSizeF() if QGuiApplication.instance() else 10.0
        usual = min(10.0, max(9.0, size))
        found = max(0.8, min(2.5, size / usual)) if size > 0 else 1.0
        if not QGuiApplication.instance():
            return found
        _State.scale = found
    return _State.scale


def font(size: float = 12.5, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The text font at `size` pixels (before the system's scale), with figures of equal width."""
    made = QFont(_family())
    made.setPixelSize(max(1, round(size * scale())))
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def _family() -> str:
    for family in ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans"):
        if QFontInfo(QFont(family)).family() == family:
            return family
    return QGuiApplication.font().family()


def palette(theme: Theme) -> QPalette:
    """Qt's own palette in the theme's colours, for what the style sheet does not reach."""
    roles, made = QPalette.ColorRole, QPalette()
    for role, colour in (
        (roles.Window, theme.panel), (roles.Base, theme.background), (roles.AlternateBase, theme.raised),
        (roles.Button, theme.raised), (roles.WindowText, theme.text), (roles.Text, theme.text),
        (roles.ButtonText, theme.text), (roles.ToolTipBase, theme.raised), (roles.ToolTipText, theme.text),
        (roles.Highlight, theme.accent), (roles.HighlightedText, theme.on_accent), (roles.PlaceholderText, theme.faint),
        (roles.Link, theme.accent), (roles.Mid, theme.line),
    ):  # fmt: skip
        made.setColor(role, QColor(colour))
    for role in (roles.Text, roles.ButtonText, roles.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return made


def magnitude_lut() -> numpy.ndarray:
    """Viridis for magnitudes, uint8 [256, 4] (RGBA)."""
    return _lut(_VIRIDIS)


def signed_lut() -> numpy.ndarray:
    """Blue, ground, orange for signed values with zero in the middle, uint8 [256, 4] (RGBA)."""
    return _lut(current().signed)


@cache
def _lut(stops: tuple[str, ...]) -> numpy.ndarray:
    import numpy

    colours = numpy.array([[int(s[i : i + 2], 16) for i in (1, 3, 5)] for s in stops], dtype=float)
    at = numpy.linspace(0, len(stops) - 1, 256)
    table = numpy.full((256, 4), 255, dtype=numpy.uint8)
    for channel in range(3):
        table[:, channel] = numpy.interp(at, range(len(stops)), colours[:, channel]).round()
    table.setflags(write=False)
    return table


def stylesheet(theme: Theme) -> str:
    """The style sheet of the whole program: flat panels, thin lines, one accent."""
    px = f"{round(12.5 * scale())}px"
    t = theme
    return f"""
    * {{ font-family: "{_family()}"; font-size: {px}; }}
    QWidget {{ background: {t.panel}; color: {t.text}; }}
    QMainWindow, QMainWindow::separator {{ background: {t.line}; width: 1px; height: 1px; }}
    QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; padding: 6px; }}
    QLabel {{ background: transparent; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; button-layout: 3; }}
    QLabel[dim="true"] {{ color: {t.dim}; }}
    QLabel[heading="true"] {{ font-weight: 600; }}
    QPushButton, QToolButton {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 6px;
        padding: 4px 12px; }}
    QToolButton {{ padding: 4px; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {t.faint}; }}
    QPushButton:pressed, QToolButton:pressed, QToolButton:checked {{ background: {t.line}; }}
    QPushButton[primary="true"] {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent};
        font-weight: 600; }}
    QPushButton[primary="true"]:focus {{ border: 2px solid {t.text}; padding: 3px 11px; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {t.faint}; background: {t.panel}; }}
    QPushButton[flat="true"], QToolButton[flat="true"] {{ background: transparent; border-color: transparent; }}
    QPushButton[flat="true"]:hover, QToolButton[flat="true"]:hover {{ background: {t.raised}; }}
    QPushButton:focus, QToolButton:focus, QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus,
    QAbstractItemView:focus, QPlainTextEdit:focus {{ border: 1px solid {t.accent}; }}
    QCheckBox:focus, QRadioButton:focus, QSlider:focus {{ outline: 1px solid {t.accent}; }}
    QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{ background: {t.background};
        border: 1px solid {t.line}; border-radius: 6px; padding: 3px 8px; selection-background-color: {t.accent};
        selection-color: {t.on_accent}; }}
    QLineEdit[invalid="true"], QComboBox[invalid="true"] {{ border-color: {t.bad}; }}
    QComboBox::drop-down {{ border: none; width: 18px; }}
    QAbstractItemView {{ background: {t.background}; border: 1px solid {t.line}; outline: none;
        selection-background-color: {t.raised}; selection-color: {t.text}; }}
    QMenuBar, QMenuBar::item {{ background: {t.panel}; padding: 4px 8px; }}
    QMenuBar::item:selected, QMenu::item:selected {{ background: {t.raised}; }}
    QMenu {{ background: {t.panel}; border: 1px solid {t.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 24px 5px 12px; }}
    QMenu::item:disabled {{ color: {t.faint}; }}
    QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
    QTabBar {{ background: transparent; }}
    QTabBar::tab {{ background: transparent; color: {t.dim}; padding: 6px 10px; border: none;
        border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.accent}; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QTabBar::tab:selected:focus {{ border: 1px solid {t.accent}; border-bottom-width: 2px; border-radius: 6px;
        padding: 5px 9px 6px 9px; }}
    QTabWidget::pane {{ border: none; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{ background: {t.line}; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }}
    QScrollBar::handle:hover {{ background: {t.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {t.faint}; border-radius: 7px;
        background: {t.background}; }}
    QRadioButton::indicator:checked {{ border: 4px solid {t.accent}; width: 6px; height: 6px;
        background: {t.background}; }}
    QProgressBar {{ background: {t.line}; border: none; border-radius: 3px; max-height: 6px; }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
    QSlider::groove:horizontal {{ background: {t.line}; height: 4px; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {t.accent}; height: 4px; border-radius: 2px; }}
    QSlider::handle:horizontal {{ background: {t.accent}; width: 12px; height: 12px; margin: -4px 0;
        border-radius: 6px; }}
    QSplitter::handle {{ background: {t.line}; }}
    QHeaderView::section {{ background: {t.panel}; color: {t.dim}; border: none; padding: 4px; }}
    QStatusBar {{ background: {t.raised}; color: {t.dim}; }}
    QStatusBar::item {{ border: none; }}
    """
