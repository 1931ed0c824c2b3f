"""Opening the door: application, theme, first frame; everything heavy comes after it."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from widgets import preferences, theme

if TYPE_CHECKING:
    from studio.project import Project
    from widgets.window import Window

log = logging.getLogger("netloom")
_usual_points: list[float] = []


def run(project: Project | str | Path | None = None, *, play: bool = False) -> int:
    """Opens the window and waits until it is closed; gives the exit code. None shows the start page."""
    remembered = preferences.load()
    app = application()
    follow_system(app)
    window = open_window(project, remembered, play=play)
    window.attended = True
    code = app.exec()
    del window
    return code


def application() -> QApplication:
    """The one QApplication."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Netloom")
    app.setApplicationDisplayName("Netloom")
    app.setDesktopFileName("netloom")
    app.setStyle("Fusion")
    return app


def open_window(
    project: Project | str | Path | None, remembered: preferences.Preferences | None = None, *, play: bool = False
) -> Window:
    """A window that stands on the screen; what is heavy is loaded after its first frame."""
    from widgets.window import Window

    remembered = remembered or preferences.load()
    _set_text_size(remembered.text_size)
    window = Window(project, remembered, play=play)
    theme.set_theme(remembered.theme)  # after the window is built: each part of it is styled once then
    catch_errors(window)
    FirstFrame(window, window.begin)
    window.show()
    return window


def apply_text_size(factor: float) -> None:
    """All text, relative to the system's own size."""
    _set_text_size(factor)
    theme.set_theme(theme.wanted())


def _set_text_size(factor: float) -> None:
    font = QGuiApplication.font()
    if not _usual_points:
        _usual_points.append(font.pointSizeF() if font.pointSizeF() > 0 else 10.0)
    if font.pointSizeF() != _usual_points[0] * factor:
        font.setPointSizeF(_usual_points[0] * factor)
        QApplication.setFont(font)


def follow_system(app: QApplication) -> None:
    """Change with the desktop from light to dark and back, where that was asked for."""

    def changed() -> None:
        if theme.wanted() == "system":
            theme.set_theme("system")

    app.styleHints().colorSchemeChanged.connect(changed)


class FirstFrame(QObject):
    """Calls `then` once, as soon as the window's first frame has been painted."""

    def __init__(self, window: QWidget, then: object) -> None:
        super().__init__(window)
        self._then = then
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._call)
        return False

    def _call(self) -> None:
        self._then()  # type: ignore[operator]
        self.deleteLater()


class Reporter(QObject):
    """Errors nobody expected: written to the log in full, shown as one sentence; the program lives on."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window

    def report(self, kind: type[BaseException], error: BaseException | None, where: TracebackType | None) -> None:
        """Log an error and say it in the quiet bar."""
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        log.error("unexpected error\n%s", "".join(traceback.format_exception(kind, error, where)))
        QTimer.singleShot(0, self, lambda: self._say(kind, error))

    def _say(self, kind: type[BaseException], error: BaseException | None) -> None:
        reason = " ".join(str(error).split()) or kind.__name__
        self._window.say(
            "error", f"Something unexpected went wrong: {reason}. Your work is kept; the log has the details."
        )


def catch_errors(window: Window) -> None:
    """Send every error that nothing caught to the window, from this thread and from others."""
    reporter = Reporter(window)
    sys.excepthook = reporter.report

    def from_thread(details: threading.ExceptHookArgs) -> None:
        log.error(
            "unexpected error in %s\n%s",
            details.thread.name if details.thread else "a thread",
            "".join(traceback.format_exception(details.exc_type, details.exc_value, details.exc_traceback)),
        )

    threading.excepthook = from_thread
    window.destroyed.connect(lambda *_: setattr(sys, "excepthook", sys.__excepthook__))
