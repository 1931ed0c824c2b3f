"""One small object per mouse gesture."""

from widgets.editor.gestures.base import Gesture, Pointer
from widgets.editor.gestures.dots import DotWires
from widgets.editor.gestures.drop import DropKind
from widgets.editor.gestures.look import Pan, RubberBand
from widgets.editor.gestures.move import MoveNodes
from widgets.editor.gestures.notes import ResizeNote
from widgets.editor.gestures.wire import CutWires, DrawWire, MoveWires

__all__ = [
    "CutWires", "DotWires", "DrawWire", "DropKind", "Gesture", "MoveNodes", "MoveWires", "Pan", "Pointer", "ResizeNote",
    "RubberBand",
]  # fmt: skip
