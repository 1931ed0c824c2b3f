"""From part to part of the window by keyboard: F6, as in other programs with several panes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from widgets.window import Window

TAB = Qt.FocusPolicy.TabFocus


def parts(window: Window) -> list[QWidget]:
    """The parts that are shown, from top left to bottom right."""
    desk = window.desk
    if desk is None:
        return [window.header, window.pages]
    found = [window.header, desk.palette_panel, desk.transport, desk.canvas, desk.below, desk.right, desk.status_bar]
    return [part for part in found if part.isVisible()]


def next_part(window: Window, by: int = 1) -> None:
    """Give the keyboard to the next part that takes it, or the one before."""
    found, here = parts(window), QApplication.focusWidget()
    at = next((i for i, part in enumerate(found) if part is here or (here and part.isAncestorOf(here))), -by)
    for step in range(1, len(found) + 1):
        goal = first_control(found[(at + by * step) % len(found)])
        if goal is not None:
            goal.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return


def first_control(part: QWidget) -> QWidget | None:
    """The first control in a part that Tab would stop at."""
    if part.focusPolicy() & TAB and part.isEnabled():
        return part
    step = part.nextInFocusChain()
    inside = set(part.findChildren(QWidget))
    while step is not part:
        if step in inside and step.focusPolicy() & TAB and step.isEnabled() and step.isVisible():
            return step
        step = step.nextInFocusChain()
    return None
