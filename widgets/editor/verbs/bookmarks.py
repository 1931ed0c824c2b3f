"""Bookmarks: places on the canvas under the keys 1 to 9, kept in the design. The verbs of `Canvas`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, QSizeF

from graphs.edits import Batch, SetSetting
from widgets.editor.camera import LARGEST, SMALLEST, Camera
from widgets.shortcuts import shortcuts

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


class Bookmarks:
    """What remembers and finds places; a part of `Canvas`."""

    def bookmark(self: Canvas, number: int) -> tuple[float, float, float] | None:
        """The middle of a bookmark's view and its scale; None where it is not set or cannot be read."""
        found = _section(self.document.network.settings).get(str(number))
        values = [found.get(key) for key in ("x", "y", "scale")] if isinstance(found, dict) else [None]
        if not all(isinstance(v, int | float) and abs(v) < 1e9 for v in values):
            return None
        x, y, scale = values
        return (float(x), float(y), min(LARGEST, max(SMALLEST, float(scale))))

    def set_bookmark(self: Canvas, number: int) -> None:
        """Remembers what is in view under a number, in one step of undo."""
        middle = self.camera.to_scene(QRectF(self.rect()).center())
        place = {"x": round(middle.x(), 1), "y": round(middle.y(), 1), "scale": round(self.camera.scale, 4)}
        settings = self.document.network.settings
        canvas = settings.get("canvas")
        section = dict(canvas) if isinstance(canvas, dict) else {}
        section["bookmarks"] = {**_section(settings), str(number): place}
        if self.apply(Batch((SetSetting("canvas", section),), f"Set bookmark {number}")):
            key = shortcuts().words(f"bookmark_{number}")
            self.told.emit(f"Bookmark {number} is set{f': {key} comes back here' if key else ''}.")

    def go_bookmark(self: Canvas, number: int) -> None:
        """Looks where a bookmark was set."""
        found = self.bookmark(number)
        if found is None:
            key = shortcuts().words(f"set_bookmark_{number}")
            self.told.emit(f"There is no bookmark {number} yet{f': {key} sets it' if key else ''}.")
            return
        x, y, scale = found
        goal = Camera()
        goal.scale = scale
        goal.centre_on(QPointF(x, y), QSizeF(self.size()))
        self.ease.camera(goal.state())
        self.zoom_changed.emit(scale)


def _section(settings: Any) -> dict[str, Any]:
    canvas = settings.get("canvas")
    found = canvas.get("bookmarks") if isinstance(canvas, dict) else None
    return dict(found) if isinstance(found, dict) else {}
