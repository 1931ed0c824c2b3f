"""Buttons that cannot be pressed for a while: the keyboard stays where it was instead of going to the next field."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

HELD = "heldFocus"
"""The property in which the owner of a button keeps which of them had the focus."""


def enable(button: QWidget, on: bool) -> None:
    """Lets a button be pressed or not. Without it the focus would go on to whatever comes next: what holds the button
    keeps it, and gives it back with the button."""
    if button.isEnabled() != on:
        _change(button, on, lambda: button.setEnabled(on))


def show(button: QWidget, on: bool) -> None:
    """Shows a button or hides it, with the same care."""
    if button.isHidden() == on:
        _change(button, on, lambda: button.setVisible(on))


def _change(button: QWidget, on: bool, act: Callable[[], None]) -> None:
    owner = button.parentWidget()
    if owner is None:
        act()
        return
    held = owner.property(HELD)
    if not on and button.hasFocus():
        owner.setProperty(HELD, button)
        owner.setFocus(Qt.FocusReason.OtherFocusReason)
    act()
    if on and held is button:
        owner.setProperty(HELD, None)
        if owner.hasFocus() and button.isEnabled() and not button.isHidden():
            button.setFocus(Qt.FocusReason.OtherFocusReason)
