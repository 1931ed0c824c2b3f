"""Which keys do what: as declared in `widgets.actions`, or as a person chose. Whoever names a key asks here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence

Mod, Key = Qt.KeyboardModifier, Qt.Key
ARROWS = (Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down)
FIXED: tuple[tuple[str, str], ...] = (
    ("← → ↑ ↓", "Go to the next layer along a wire, or to the nearest above or below"),
    ("Shift+← → ↑ ↓", "Move the selection by a step of the grid"),
    ("Esc", "Take back the gesture, end a comparison, select nothing, leave a block"),
    ("Space, dragged", "Move the view"),
    ("Shift+Tab", "Leave the canvas backwards; F6 leaves it for the next part"),
)
"""What cannot be changed, since hands and screen readers expect it."""


class Shortcuts(QObject):
    """The keys of every action. `changed`: a person chose others."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._own: dict[str, tuple[str, ...]] = {}
        self._keys: dict[str, tuple[str, ...]] | None = None

    def use(self, own: Mapping[str, Sequence[str]]) -> None:
        """Take what a person chose, by action id; all others have what is declared, unless it was given away."""
        made = {id: tuple(dict.fromkeys(filter(None, map(plain, keys)))) for id, keys in own.items()}
        if made != self._own:
            self._own, self._keys = made, None
            self.changed.emit()

    def of(self, id: str) -> tuple[str, ...]:
        """The keys of an action, as Qt's portable text."""
        if self._keys is None:
            self._keys = settled(declared(), self._own)
        return self._keys.get(id, ())

    def words(self, id: str) -> str:
        """The first key of an action as the desktop writes it; empty where there is none."""
        keys = self.of(id)
        return native(keys[0]) if keys else ""

    def aside(self, id: str) -> str:
        """The first key of an action in brackets, to be put after words: " (F8)"."""
        words = self.words(id)
        return f" ({words})" if words else ""

    def now(self, key: str) -> str:
        """The key that does now what a declared key does, as the desktop writes it; empty where none does.

        A word that is no key ("Drag") stays as it is."""
        if not plain(key):
            return key
        id = owners().get(plain(key), "")
        return self.words(id) if id else native(key)

    def user(self, key: str, but: str = "") -> str:
        """The id of the action that a key belongs to, leaving one aside; empty where it is free."""
        return next((id for id in declared() if id != but and plain(key) in self.of(id)), "")

    def changed_ids(self) -> tuple[str, ...]:
        """The actions whose keys are not those declared."""
        return tuple(id for id, keys in declared().items() if self.of(id) != tuple(map(plain, keys)))


class _State:
    made: Shortcuts | None = None


def shortcuts() -> Shortcuts:
    """The ones of this program."""
    if _State.made is None:
        _State.made = Shortcuts()
    return _State.made


def declared() -> Mapping[str, tuple[str, ...]]:
    """The keys each action was declared with, by id."""
    from widgets.actions import ACTIONS

    return {action.id: action.keys for action in ACTIONS}


@cache
def owners() -> Mapping[str, str]:
    """The action that each key was declared for."""
    return {plain(key): id for id, keys in declared().items() for key in keys}


def settled(first: Mapping[str, Sequence[str]], own: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Keys by id so that none stands for two actions: what a person chose comes before what was declared."""
    taken: set[str] = set()
    made: dict[str, tuple[str, ...]] = {}
    for id in (*(i for i in first if i in own), *(i for i in first if i not in own)):
        keys = dict.fromkeys(key for key in map(plain, own.get(id, first[id])) if key and key not in taken)
        taken.update(keys)
        made[id] = tuple(keys)
    return made


def plain(key: str) -> str:
    """A key in one spelling; empty where it is none, or several in a row."""
    sequence = QKeySequence(key[:60], QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1 or sequence[0].key() == Key.Key_unknown:
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def native(key: str) -> str:
    """A key as the desktop writes it."""
    sequence = QKeySequence(key, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)


def listed(keys: Iterable[str]) -> str:
    """Several keys in one line."""
    return ", ".join(native(key) for key in keys)


def refused(combination: QKeyCombination, canvas: bool) -> str:
    """Why this key cannot be given to an action; empty where it can. `canvas`: the action's keys work there alone."""
    key, commands = combination.key(), combination.keyboardModifiers() & ~(Mod.ShiftModifier | Mod.KeypadModifier)
    if key in ARROWS and not commands:
        return "The arrow keys walk along the wires and move what is selected."
    if key == Key.Key_Escape and not commands:
        return "Escape always takes back."
    typed = Key.Key_Space <= key <= Key.Key_ydiaeresis or key in (
        Key.Key_Tab, Key.Key_Backtab, Key.Key_Return, Key.Key_Enter, Key.Key_Backspace, Key.Key_Delete,
    )  # fmt: skip
    if typed and not commands and not canvas:
        return "This action works everywhere, also where one types: add Ctrl or Alt."
    if typed and key == Key.Key_Space and not commands:
        return "The space bar moves the view."
    return ""
