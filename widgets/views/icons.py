"""Icons in the theme's colours, drawn again when the theme changes."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractButton

from widgets import theme


def icon(name: str, colour: str | None = None) -> QIcon:
    """A qtawesome icon in `colour` (the theme's dim text where none is given)."""
    import qtawesome

    now = theme.current()
    return qtawesome.icon(name, color=colour or now.dim, color_active=now.text, color_disabled=now.faint)


def set_icon(button: QAbstractButton, name: str, size: int = 16) -> None:
    """Give a button an icon that follows the theme."""
    button.setProperty("icon_name", name)
    button.setIconSize(QSize(size, size))
    button.setIcon(icon(name))


def refresh_icons(parent: object) -> None:
    """Draw the icons of every button under `parent` in the colours of the theme now."""
    from PySide6.QtWidgets import QWidget

    if isinstance(parent, QWidget):
        for button in parent.findChildren(QAbstractButton):
            if name := button.property("icon_name"):
                button.setIcon(icon(str(name)))
