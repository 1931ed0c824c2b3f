"""How long painting really takes: a paint event is timed where it happens, in this thread's own seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget


def measure(widget: QWidget, report: Callable[[float], None]) -> None:
    """Call `report(seconds)` after every paint event of `widget`.

    Seconds are processor time of the painting thread, so that waiting for another thread is not counted as
    painting. Works for any widget made from Python, scroll areas included; calling it twice changes nothing.
    """
    if getattr(widget, "_paint_measured", False):
        return
    paint: Any = widget.paintEvent

    def timed(event: QPaintEvent) -> None:
        start = time.thread_time()
        try:
            paint(event)
        finally:
            report(time.thread_time() - start)

    widget.paintEvent = timed  # type: ignore[method-assign]
    widget._paint_measured = True  # type: ignore[attr-defined]
