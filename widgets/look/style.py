"""What the window's own parts look like, on top of the theme's sheet, and the pieces they are built from."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.theme import Theme


def sheet(t: Theme) -> str:
    """The style sheet of the main window and its panels."""
    small = f"{round(11.5 * theme.scale())}px"
    large = f"{round(14 * theme.scale())}px"
    huge = f"{round(22 * theme.scale())}px"
    return f"""
    #header, #transport, #viewTabs {{ border-bottom: 1px solid {t.line}; background: {t.panel}; }}
    #status, #timeMachine {{ border-top: 1px solid {t.line}; background: {t.panel}; }}
    #status {{ background: {t.raised}; }}
    #notice {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 8px; }}
    #header QMenuBar, #header QMenuBar::item {{ background: transparent; padding: 4px 7px; color: {t.dim}; }}
    #header QMenuBar::item:selected {{ background: {t.raised}; color: {t.text}; border-radius: 6px; }}
    #projectName {{ font-weight: 600; }}
    QLabel[tone="dim"] {{ color: {t.dim}; }}
    QLabel[tone="faint"] {{ color: {t.faint}; }}
    QLabel[tone="good"] {{ color: {t.good}; }}
    QLabel[tone="warn"] {{ color: {t.warn}; }}
    QLabel[tone="bad"] {{ color: {t.bad}; }}
    QLabel[rank="small"], QToolButton[rank="small"], QPushButton[rank="small"] {{ font-size: {small}; }}
    QLabel[rank="large"] {{ font-size: {large}; font-weight: 600; }}
    QLabel[rank="huge"] {{ font-size: {huge}; font-weight: 600; }}
    QLabel[role="dim"] {{ color: {t.dim}; }}
    QFrame[role="popup"] {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 8px; }}
    QFrame[role="card"] {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 8px; }}
    QFrame[role="rule"] {{ background: {t.line}; border: none; max-height: 1px; min-height: 1px; }}
    #workspaces QToolButton {{ background: transparent; border: 1px solid transparent; color: {t.dim};
        padding: 4px 14px; border-radius: 6px; }}
    #workspaces QToolButton:hover {{ color: {t.text}; }}
    #workspaces QToolButton:checked {{ background: {t.raised}; color: {t.text}; font-weight: 600; }}
    #workspaces QToolButton:focus {{ border-color: {t.accent}; }}
    #viewTabs QToolButton {{ background: transparent; border: none; border-bottom: 2px solid transparent;
        border-radius: 0; color: {t.dim}; padding: 8px 2px 6px 2px; }}
    #viewTabs QToolButton::menu-indicator {{ image: none; width: 0; }}
    #viewTabs QToolButton:hover {{ color: {t.text}; }}
    #viewTabs QToolButton:checked {{ color: {t.text}; font-weight: 600; border-bottom-color: {t.accent}; }}
    #viewTabs QToolButton:focus {{ border: 1px solid {t.accent}; border-bottom-width: 2px; border-radius: 6px;
        padding: 7px 1px 6px 1px; }}
    #status QToolButton {{ background: transparent; border: 1px solid transparent; padding: 1px 6px;
        color: {t.dim}; }}
    #status QToolButton:hover {{ color: {t.text}; }}
    #status QToolButton:focus {{ border-color: {t.accent}; }}
    #status QToolButton[tone="bad"] {{ color: {t.bad}; }}
    #status QToolButton[tone="warn"] {{ color: {t.warn}; }}
    #status QToolButton[tone="good"] {{ color: {t.good}; }}
    #nodeName {{ font-weight: 600; font-size: {large}; background: transparent; border: 1px solid transparent;
        padding: 2px 4px; }}
    #nodeName:hover {{ border-color: {t.line}; }}
    #nodeName:focus {{ border-color: {t.accent}; background: {t.background}; }}
    QPushButton[rank="small"] {{ padding: 2px 8px; }}
    QPushButton[link="true"] {{ background: transparent; border: 1px solid transparent; color: {t.accent};
        padding: 2px 4px; text-align: left; }}
    QPushButton[link="true"]:hover {{ text-decoration: underline; }}
    QPushButton[link="true"]:focus {{ border-color: {t.accent}; }}
    QListView, QTreeView, QTableView {{ background: transparent; border: 1px solid transparent; }}
    QListView:focus, QTreeView:focus, QTableView:focus {{ border: 1px solid {t.accent}; border-radius: 6px; }}
    #shortcuts {{ background: {t.background}; border: 1px solid {t.line}; border-radius: 6px; }}
    #shortcuts:focus {{ border-color: {t.accent}; }}
    #shortcuts::item {{ padding: 4px 6px; }}
    #shortcuts::item:selected {{ background: {t.raised}; color: {t.text}; }}
    #shortcuts QHeaderView, #shortcuts QHeaderView::section {{ background: transparent; border: none;
        padding: 4px 6px; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; }}
    #startPage {{ background: {t.background}; }}
    #clear, #searchRow, #recoveryRow {{ background: transparent; }}
    #sourceText {{ font-family: "DejaVu Sans Mono", "Consolas", "Menlo", monospace; border: none; border-radius: 0; }}
    #aside {{ background: {t.panel}; }}
    #aside QListView, #aside QListView:focus {{ border: none; }}
    #commandPalette {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 8px; }}
    """


class Panel(QWidget):
    """A plain widget whose ground the style sheet paints, with a layout without margins."""

    def __init__(self, name: str, *, across: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.box = QHBoxLayout(self) if across else QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(8 if across else 0)


def label(text: str = "", *, tone: str = "", size: str = "", wrap: bool = False, heading: bool = False) -> QLabel:
    """A label: tone "dim", "faint", "good", "warn" or "bad"; size "small", "large" or "huge"."""
    made = QLabel(text)
    if tone == "dim":
        made.setProperty("dim", True)
    elif tone:
        made.setProperty("tone", tone)
    if size:
        made.setProperty("rank", size)
    made.setProperty("heading", heading)
    made.setWordWrap(wrap)
    return made


def set_tone(widget: QWidget, tone: str) -> None:
    """Another tone for a widget; nothing happens where it has it already."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def rule() -> QFrame:
    """A thin line."""
    made = QFrame()
    made.setProperty("role", "rule")
    return made


def clear(layout: QLayout) -> None:
    """Takes everything out of a layout and lets go of it."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


class Elided(QLabel):
    """One line that ends in an ellipsis where it doesn't fit; the whole text is its tooltip then, or always `tip`."""

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
        *,
        tip: str = "",
    ) -> None:
        super().__init__(text, parent)
        self._mode, self._tip = mode, tip
        self.setToolTip(tip)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_tip(self, tip: str) -> None:
        """Another tooltip than the text itself."""
        self._tip = tip
        self.setToolTip(tip)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.paint_text(self.text())

    def paint_text(self, text: str) -> None:
        """Paint this in the room that there is."""
        painter = QPainter(self)
        area: QRect = self.contentsRect()
        shown = self.fontMetrics().elidedText(text, self._mode, area.width())
        self.setToolTip(self._tip or (self.text() if shown != self.text() else ""))
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(area, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()


def flat_button(text: str = "", tip: str = "") -> QToolButton:
    """A button without a frame, named for the screen reader by its tip or text."""
    made = QToolButton()
    made.setText(text)
    made.setProperty("flat", True)
    made.setToolTip(tip)
    made.setAccessibleName(tip or text)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made
