"""Keys of the canvas: what people's hands already know. Menus may declare the same keys; they come first then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from widgets.shortcuts import owners

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

Key, Mod = Qt.Key, Qt.KeyboardModifier
NONE, CTRL, SHIFT, ALT = Mod.NoModifier, Mod.ControlModifier, Mod.ShiftModifier, Mod.AltModifier
STROKES = CTRL | SHIFT
"""With one of these a right drag is a stroke across wires and opens no menu."""
Action = Callable[["Canvas"], object]
DIGITS = {Key(Key.Key_0.value + number): number for number in range(1, 10)}
ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}

KEYS: Mapping[tuple[Qt.KeyboardModifier, Qt.Key], Action] = {
    (NONE, Key.Key_Tab): lambda c: c.open_palette(),
    (SHIFT, Key.Key_A): lambda c: c.open_palette(),
    (NONE, Key.Key_Return): lambda c: c.enter_or_chain(),
    (NONE, Key.Key_Enter): lambda c: c.enter_or_chain(),
    (SHIFT, Key.Key_Return): lambda c: c.chain_layer(),
    (SHIFT, Key.Key_Enter): lambda c: c.chain_layer(),
    (NONE, Key.Key_Delete): lambda c: c.delete_selection(),
    (NONE, Key.Key_Backspace): lambda c: c.delete_selection(),
    (CTRL | SHIFT, Key.Key_X): lambda c: c.take_out_selection(),
    (CTRL, Key.Key_A): lambda c: c.select_all(),
    (CTRL, Key.Key_C): lambda c: c.copy(),
    (CTRL, Key.Key_X): lambda c: c.cut(),
    (CTRL, Key.Key_V): lambda c: c.paste(),
    (CTRL | SHIFT, Key.Key_V): lambda c: c.paste(keep_inputs=True),
    (CTRL, Key.Key_D): lambda c: c.duplicate(),
    (CTRL, Key.Key_Z): lambda c: c.undo(),
    (CTRL | SHIFT, Key.Key_Z): lambda c: c.redo(),
    (CTRL, Key.Key_Y): lambda c: c.redo(),
    (NONE, Key.Key_Home): lambda c: c.fit(),
    (NONE, Key.Key_F): lambda c: c.fit_selection(),
    (NONE, Key.Key_L): lambda c: c.arrange(),
    (SHIFT, Key.Key_L): lambda c: c.arrange_new(),
    (CTRL, Key.Key_G): lambda c: c.frame_selection(),
    (SHIFT, Key.Key_P): lambda c: c.add_note(),
    (CTRL, Key.Key_B): lambda c: c.bypass(),
    (NONE, Key.Key_M): lambda c: c.mute(),
    (NONE, Key.Key_F2): lambda c: c.rename(),
    (ALT, Key.Key_Left): lambda c: c.align("left"),
    (ALT, Key.Key_Right): lambda c: c.align("right"),
    (ALT, Key.Key_Up): lambda c: c.align("top"),
    (ALT, Key.Key_Down): lambda c: c.align("bottom"),
    (ALT | SHIFT, Key.Key_Left): lambda c: c.align("middle"),
    (ALT | SHIFT, Key.Key_Right): lambda c: c.align("middle"),
    (ALT | SHIFT, Key.Key_Up): lambda c: c.align("centre"),
    (ALT | SHIFT, Key.Key_Down): lambda c: c.align("centre"),
    (CTRL | ALT, Key.Key_H): lambda c: c.distribute(True),
    (CTRL | ALT, Key.Key_V): lambda c: c.distribute(False),
    (CTRL | ALT, Key.Key_G): lambda c: c.make_block(),
    (CTRL | ALT | SHIFT, Key.Key_G): lambda c: c.unpack_block(),
    (CTRL, Key.Key_Return): lambda c: c.enter(),
    (CTRL, Key.Key_Backspace): lambda c: c.leave(),
    (ALT, Key.Key_M): lambda c: c.toggle_minimap(),
    (CTRL, Key.Key_0): lambda c: c.zoom_reset(),
    (CTRL, Key.Key_Plus): lambda c: c.zoom_in(),
    (CTRL | SHIFT, Key.Key_Plus): lambda c: c.zoom_in(),
    (CTRL, Key.Key_Equal): lambda c: c.zoom_in(),
    (CTRL, Key.Key_Minus): lambda c: c.zoom_out(),
    (NONE, Key.Key_Escape): lambda c: c.escape(),
}


def press(canvas: Canvas, event: QKeyEvent) -> bool:
    """Does what a key stands for; False where it stands for nothing here."""
    keys = event.modifiers() & ~Mod.KeypadModifier
    key = QKeyCombination(event.keyCombination()).key()
    if key in DIGITS and keys in (NONE, CTRL):
        canvas.go_bookmark(DIGITS[key]) if keys == NONE else canvas.set_bookmark(DIGITS[key])
        return True
    if key in ARROWS and not keys & ALT:
        canvas.walk(*ARROWS[key]) if keys == NONE else canvas.nudge(*ARROWS[key])
        return True
    action = KEYS.get((keys, key))
    if action is None or _answered(canvas, keys, key):
        return False
    action(canvas)
    return True


def _answered(canvas: Canvas, keys: Qt.KeyboardModifier, key: Qt.Key) -> bool:
    """Whether a window answers for this key: its actions come first, and a person may have given them other keys."""
    text = QKeySequence(QKeyCombination(keys, key)).toString(QKeySequence.SequenceFormat.PortableText)
    return bool(canvas.actions()) and text in owners()
