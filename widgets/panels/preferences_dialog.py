"""What a person can set, as a form over the preferences; every change is seen at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from widgets.forms.form import Form
from widgets.look.style import label
from widgets.panels.keyboard_page import KeyboardPage
from widgets.preferences import Preferences, ThemeName

if TYPE_CHECKING:
    from widgets.window import Window

PERCENT = ("view_budget", "text_size")
"""Shares that are shown in percent."""


class Shown(BaseModel):
    """The preferences as the dialog shows them."""

    theme: ThemeName = Field(default="dark", title="Theme", description="Dark, light, or as the desktop is set.")
    view_budget: int = Field(
        default=5, title="Views may cost", description="The share of the training time that watching may take.",
        ge=1, le=50, json_schema_extra={"unit": "% of training"},
    )  # fmt: skip
    text_size: int = Field(
        default=100, title="Text size", description="Size of all text, relative to the system's font.",
        ge=70, le=200, json_schema_extra={"unit": "%", "step": 5},
    )  # fmt: skip


def shown(kept: Preferences) -> Shown:
    """What the dialog shows of the preferences."""
    percent = {name: round(100 * getattr(kept, name)) for name in PERCENT}
    return Shown(theme=kept.theme, **percent)


class PreferencesDialog(QDialog):
    """Theme, size of text, what the views may cost; and the keys of every action."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.setWindowTitle("Preferences")
        self.setMinimumSize(620, 520)
        self.form = Form(Shown, shown(window.preferences))
        self.form.changed.connect(self._set)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        self.keyboard = KeyboardPage(window)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName("Pages of the preferences")
        self.tabs.addTab(self._general(), "General")
        self.tabs.addTab(self.keyboard, "Keyboard")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        column.addWidget(label("Preferences", size="large"))
        column.addWidget(self.tabs, 1)
        column.addWidget(buttons)

    def _general(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 16, 0, 0)
        column.addWidget(self.form)
        column.addStretch(1)
        return page

    def _set(self, name: str, value: Any) -> None:
        window = self._window
        if name == "theme":
            window.set_theme(value)
        elif name == "text_size":
            window.scale_text(value / 100 - window.preferences.text_size)
        else:
            window.preferences.view_budget = value / 100
            window.apply_budget()
