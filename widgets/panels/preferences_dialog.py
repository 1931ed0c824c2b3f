"""What a person can set, as a form over the preferences; every change is seen at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout

from widgets.forms.form import Form
from widgets.look.style import label
from widgets.preferences import Preferences

if TYPE_CHECKING:
    from widgets.window import Window


class PreferencesDialog(QDialog):
    """Theme, size of text, what the views may cost."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.setWindowTitle("Preferences")
        self.setMinimumWidth(420)
        self.form = Form(Preferences, window.preferences)
        self.form.changed.connect(self._set)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        column.addWidget(label("Preferences", size="large"))
        column.addWidget(self.form)
        column.addStretch(1)
        column.addWidget(buttons)

    def _set(self, name: str, value: Any) -> None:
        window = self._window
        if name == "theme":
            window.set_theme(value)
        elif name == "text_size":
            window.scale_text(value - window.preferences.text_size)
        else:
            setattr(window.preferences, name, value)
            window.apply_budget()
