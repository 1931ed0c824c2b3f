"""What is being typed on the desk: handed over before an action runs and before the project is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractItemView, QWidget

from widgets.editor.verbs.portnames import PortNames
from widgets.forms.text import TextField
from widgets.panels.hyperparameters import NameField
from widgets.panels.inspector_marks import Written
from widgets.panels.inspector_parts import Name

if TYPE_CHECKING:
    from widgets.desk import Desk

FIELDS = (TextField, Name, NameField, Written, PortNames)
"""What keeps words to itself until it is left."""


def commit(desk: Desk) -> None:
    """Accept what is being typed: over the canvas, in a list, in any field of the desk."""
    desk.canvas.writing.finish()
    desk.canvas.naming.finish()
    _leave_list(desk)
    for kind in FIELDS:
        for field in desk.findChildren(kind):
            field.commit()


def _leave_list(desk: Desk) -> None:
    """A name that is typed in a list counts once its field has lost the keys."""
    field = desk.window().focusWidget()
    view = _list_of(field) if field is not None and desk.isAncestorOf(field) else None
    if view is not None:
        view.setFocus()


def _list_of(field: QWidget) -> QAbstractItemView | None:
    """The list in which this is an editor."""
    ground = field.parentWidget()
    view = ground.parentWidget() if ground is not None else None
    return view if isinstance(view, QAbstractItemView) and ground is view.viewport() else None
