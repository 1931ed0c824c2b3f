"""The menu of a field: what a text field always has, its default, the names it may use, and what the form adds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QMenu

from widgets.forms.entries import Entry, said, word

if TYPE_CHECKING:
    from widgets.forms.form import Form

MOST = 24
"""How many names a menu lists; the others are typed."""


def menu_of(form: Form, name: str) -> QMenu:
    """The menu of one field. It deletes itself when it closes."""
    row = form.rows[name]
    line = getattr(row.editor, "line", row.editor)
    menu = QMenu(form)
    menu.aboutToHide.connect(menu.deleteLater)
    if form.names is not None:
        menu.addMenu(_names_menu(form, name))
    reset = menu.addAction(f"Reset to default ({_default(form, name)})")
    reset.setEnabled(not form.is_default(name))
    reset.triggered.connect(lambda: form.reset(name))
    for words, act in form.verbs:
        menu.addAction(words).triggered.connect(lambda _on=False, act=act: act(name))
    if isinstance(line, QLineEdit):  # what is about the field comes before what is about its text
        menu.addSeparator()
        _text_entries(menu, line)
    return menu


def _text_entries(menu: QMenu, line: QLineEdit) -> None:
    """What a text field always offers, in the words of all other menus."""
    written, chosen = not line.isReadOnly() and line.isEnabled(), line.hasSelectedText()
    entries: tuple[tuple[str, Callable[[], object], bool], ...] = (
        ("Undo typing", line.undo, written and line.isUndoAvailable()),
        ("Redo typing", line.redo, written and line.isRedoAvailable()),
        ("Cut", line.cut, written and chosen),
        ("Copy", line.copy, chosen),
        ("Paste", line.paste, written and bool(QGuiApplication.clipboard().text())),
        ("Select all", line.selectAll, bool(line.text())),
    )
    for words, act, possible in entries:
        action = menu.addAction(words)
        action.setEnabled(possible)
        action.triggered.connect(lambda _on=False, act=act: act())


def _names_menu(form: Form, name: str) -> QMenu:
    """The names whose values are of the field's sort, each with its value now."""
    menu = QMenu("Use a hyperparameter", form)
    entry = form.rows[name].entry
    fitting = [(n, value) for n, value in (form.names or {}).items() if fits(entry, value)]
    for known, value in fitting[:MOST]:
        action = menu.addAction(f"{known} = {said(value)}")
        action.triggered.connect(lambda _on=False, known=known: form.enter(name, f"={known}", [f"={known}"]))
    menu.setEnabled(bool(fitting))
    return menu


def fits(entry: Entry, value: Any) -> bool:
    """Whether a name that stands for `value` can stand in a field."""
    if isinstance(value, bool):
        return entry.kind == "switch"
    if isinstance(value, int | float):
        return entry.numeric
    choices: Collection[Any] = [choice for choice, _ in entry.choices]
    return isinstance(value, str) and value in choices


def _default(form: Form, name: str) -> str:
    value = form.default(name)
    return form.rows[name].entry.extra.get("none", "none") if value is None else said(value) or word(value)
