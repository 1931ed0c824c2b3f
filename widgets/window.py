"""The main window: one project on the desk or the start page, the header over it, the quiet bar. It composes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QMoveEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar, QMessageBox, QStackedWidget, QWidget

from widgets import preferences, theme
from widgets.actions import Actions
from widgets.files import Files
from widgets.importing import Importing
from widgets.look import icons, pressing, style
from widgets.look.style import Panel, label
from widgets.panels.header import Header
from widgets.panels.notice import Level, Notice
from widgets.reviewing import Reviewing

if TYPE_CHECKING:
    from graphs.document import Document
    from studio.project import Project
    from studio.status import Status
    from widgets.desk import Desk
    from widgets.panels.start_page import StartPage
    from widgets.recovery import Autosave, Recoverable

SETTLED = 500
"""Milliseconds of quiet after which the arrangement of the window is written."""
PROJECTS = (".netloom", ".onnx", ".pt2", ".py")
"""Files that can be dropped on the window to be opened or imported."""
LEVELS: dict[str, Level] = {"info": "info", "warning": "warn", "error": "bad", "good": "good"}


class Window(Files, Importing, Reviewing, QMainWindow):
    """`project` is an open one, or the name of one; without any the start page is shown.

    What needs more than Qt is imported where it is used: the first frame waits for none of it. Call `begin` once
    that frame stands; a name is opened then, and all that is heavy loaded.
    """

    project_opened = Signal(object)

    def __init__(
        self,
        project: Project | str | Path | None = None,
        remembered: preferences.Preferences | None = None,
        *,
        play: bool = False,
    ) -> None:
        super().__init__()
        self.preferences = remembered or preferences.load()
        self.desk: Desk | None = None
        self.workspace = ""
        self._begun = False
        self._autosave: Autosave | None = None
        self._start: StartPage | None = None
        self.setObjectName("window")
        self.setWindowTitle("Netloom")
        self.setMinimumSize(960, 600)
        self.setAcceptDrops(True)
        pressing.install()
        self.notice = Notice(self._ground)
        self._whole = Panel("whole", parent=self)
        self.pages = QStackedWidget(self._whole)
        self._make_header()
        self._lay_out()
        theme.notifier().changed.connect(self.restyle)
        self._restore_geometry()
        self._remembering = QTimer(self)
        self._remembering.setSingleShot(True)
        self._remembering.setInterval(SETTLED)
        self._remembering.timeout.connect(self._remember)
        self._first: tuple[str | Path | None, bool] | None = None
        if project is None or isinstance(project, str | Path):
            self._first = (project, play)
            self._show_opening(f"Opening {Path(project).stem}" if project else "")
        else:
            self.show_project(project, play=play)
        self.restyle()  # last: a style sheet over a growing window would be worked out again for each part

    # Life

    def begin(self) -> None:
        """Load what is heavy, now that the first frame stands."""
        self._begun = True
        if self._first is not None:
            (name, play), self._first = self._first, None
            if name is None or not self.open(name, play=play):
                self.show_start()
        elif self.desk is not None:
            self.desk.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_leave():
            event.ignore()
            return
        self.cancel_import()
        self._leave()
        self._remember()
        event.accept()

    @property
    def document(self) -> Document | None:
        """The document of the open project."""
        return self.desk.project.document if self.desk is not None else None

    @property
    def project(self) -> Project | None:
        """The open project."""
        return self.desk.project if self.desk is not None else None

    # Projects

    def show_project(self, project: Project, *, play: bool = False) -> None:
        """Put a project on the desk, in place of the one that lies there."""
        from widgets.desk import Desk
        from widgets.recovery import Autosave

        self._leave()
        self.notice.hide()
        self.desk = Desk(project, self.preferences, self.pages)
        self._autosave = Autosave(project, self)
        self._autosave.failed.connect(lambda sentence: self.say("warning", sentence))
        self._join(self.desk)
        self.pages.addWidget(self.desk)
        self.pages.setCurrentWidget(self.desk)
        self.header.set_working(True)
        self.actions_.attach_canvas(self.desk.canvas)
        self.show_workspace(self.preferences.workspace if self.preferences.workspace in _workspaces() else "Train")
        if project.path is not None:
            preferences.remember(self.preferences, project.path)
        self.remember_soon()
        self._refresh()
        self.desk.canvas.setFocus()
        if play:
            self.desk.play()
        if self._begun:
            QTimer.singleShot(0, self.desk, self.desk.start)
        self.project_opened.emit(project)

    # What is shown

    def show_start(self) -> None:
        """The start page, in place of the project."""
        from widgets.recovery import recoverable

        if not self.may_leave():
            return
        self._leave()
        if self._start is None:
            self._start = self._make_start()
        self._start.show_recent(self.preferences.recent)
        self._start.show_recoverable(recoverable())
        self.pages.setCurrentWidget(self._start)
        self.header.set_working(False)
        self.header.show_device("")
        self.workspace = ""
        self._refresh()

    def show_workspace(self, name: str) -> None:
        """Change what stands around the canvas."""
        if self.desk is None:
            return
        self.workspace = name
        self.preferences.workspace = name
        self.remember_soon()
        self.notice.turn_away()
        self.desk.show_workspace(name)
        self.header.show_workspace(name)
        self.actions_.refresh()

    def say(self, level: str, sentence: str, button: str = "", act: Callable[[], None] | None = None) -> None:
        """One sentence in the quiet bar."""
        self.notice.say(sentence, LEVELS.get(level, "info"), button, act)

    def _ground(self) -> QWidget:
        """Over what a sentence floats: the canvas, else the page that is shown."""
        return self.desk.canvas if self.desk is not None and self.desk.isVisible() else self.pages

    def set_theme(self, name: str) -> None:
        """Dark, light, or as the system is set."""
        self.preferences.theme = name  # type: ignore[assignment]
        self.remember_soon()
        theme.set_theme(name)
        self.actions_.refresh()

    def scale_text(self, change: float) -> None:
        """Make all text larger or smaller."""
        from widgets.app import apply_text_size

        self.preferences.text_size = min(2.0, max(0.7, round(self.preferences.text_size + change, 2)))
        self.remember_soon()
        apply_text_size(self.preferences.text_size)

    def apply_budget(self) -> None:
        """Let the views cost as much of the training time as the preferences say."""
        if self.desk is not None and self.desk.session is not None:
            self.desk.session.governor.share = self.preferences.view_budget

    def toggle_full_screen(self) -> None:
        """Take the whole screen, or give it back."""
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def show_commands(self) -> None:
        """Every command in one list."""
        from widgets.panels.command_palette import CommandPalette

        self.actions_.refresh()
        CommandPalette(self.actions_, self).open()

    def show_preferences(self) -> None:
        """What a person can set."""
        from widgets.panels.preferences_dialog import PreferencesDialog

        PreferencesDialog(self).open()

    def show_about(self) -> None:
        """What this is."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("netloom")
        except PackageNotFoundError:
            number = "from source"
        QMessageBox.about(self, "About Netloom", f"Netloom {number}\n\nNeural networks, designed by hand. MIT licence.")

    def commit(self) -> None:
        """Accept what is being typed."""
        if self.desk is not None:
            self.desk.commit()

    def restyle(self) -> None:
        """Take the colours and sizes of the theme now."""
        self.setStyleSheet(style.sheet(theme.current()))
        icons.refresh(self)

    # Files dropped on the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_project(event) or (self.desk is not None and _dropped_source(event)):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path, values = _dropped_project(event), _dropped_source(event)
        event.acceptProposedAction()
        if path is not None:
            self.open(path)
        elif values is not None and self.desk is not None:
            self.desk.show_settings("Data")
            self.desk.project_page.data.draft(values)

    # Inner workings

    def _make_header(self) -> None:
        self.actions_ = Actions(self)
        bar = QMenuBar()
        self.menus = self.actions_.fill(bar)
        self.header = Header(_workspaces(), bar)
        self.header.workspace.connect(self.show_workspace)
        self._recent_menu = QMenu("Open recent", self)
        self.menus["File"].insertMenu(self.actions_["save"], self._recent_menu)
        self.menus["File"].aboutToShow.connect(self._fill_recent)
        for menu in self.menus.values():
            menu.aboutToShow.connect(self.actions_.dress)
            menu.aboutToShow.connect(self.actions_.refresh)

    def _lay_out(self) -> None:
        self._whole.box.addWidget(self.header)
        self._whole.box.addWidget(self.notice)
        self._whole.box.addWidget(self.pages, 1)
        self.setCentralWidget(self._whole)

    def _show_opening(self, words: str) -> None:
        """What stands there for the blink of an eye in which a project is read."""
        page = Panel("startPage", parent=self.pages)
        page.box.addWidget(label(words, tone="faint"), 0, Qt.AlignmentFlag.AlignCenter)
        self.pages.addWidget(page)
        self.pages.setCurrentWidget(page)
        self.header.set_working(False)
        self._refresh()

    def _make_start(self) -> StartPage:
        from widgets.panels.start_page import StartPage

        page = StartPage()
        page.example.connect(lambda name, play: self._open_example(name, play))
        page.recent.connect(self.open)
        page.new.connect(self.new)
        page.browse.connect(self.ask_open)
        page.architecture.connect(self.ask_architecture)
        page.recover.connect(self.recover)
        page.discard.connect(self._discard)
        self.pages.addWidget(page)
        return page

    def _discard(self, found: Recoverable) -> None:
        from widgets.recovery import recoverable

        found.discard()
        if self._start is not None:
            self._start.show_recoverable(recoverable())

    def _open_example(self, name: str, play: bool) -> None:
        if self.open(name, play=play) and play:
            self.show_workspace("Train")

    def _join(self, desk: Desk) -> None:
        desk.said.connect(self.say)
        desk.edited.connect(self.notice.pass_by)
        desk.transport.began.connect(self.notice.turn_away)
        desk.changed.connect(self._refresh)
        desk.status.connect(self._show_status)
        desk.wanted.connect(self._answer)
        desk.started.connect(self.apply_budget)

    def _answer(self, action: str) -> None:
        verb, _, what = action.partition(":")
        if verb == "workspace":
            self.show_workspace(what)
        elif verb == "example":
            self.open(what)
        elif verb == "architecture":
            self.open_architecture(what)
        elif verb in ("open", "weights"):
            self.ask_open() if verb == "open" else self.load_weights()

    def _show_status(self, status: Status) -> None:
        self.header.show_device(status.device or "", status.memory_used or 0, status.memory_total or 0)

    def _refresh(self) -> None:
        project = self.project
        name = project.name if project is not None else ""
        modified = self.desk is not None and self.desk.unsaved
        self.header.show_project(name, modified, str(project.path or "") if project is not None else "")
        self.setWindowTitle(f"{name}[*] · Netloom" if name else "Netloom[*]")
        self.setWindowModified(modified)
        self.actions_.refresh()

    def _leave(self) -> None:
        """Close the open project; asks nothing."""
        if self._autosave is not None:
            self._autosave.close()
            self._autosave.deleteLater()
            self._autosave = None
        if self.desk is not None:
            desk, self.desk = self.desk, None
            desk.close_project()
            self.pages.removeWidget(desk)
            desk.setParent(None)
            desk.deleteLater()

    def _restore_geometry(self) -> None:
        screen = self.screen().availableGeometry()
        self.resize(min(1440, screen.width() - 16), min(900, screen.height() - 48))  # its frame needs room too
        if self.preferences.geometry:
            self.restoreGeometry(QByteArray.fromBase64(self.preferences.geometry.encode()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.remember_soon()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.remember_soon()

    def remember_soon(self) -> None:
        """Write the preferences once everything has settled, so that no crash takes them."""
        if self._begun:
            self._remembering.start()

    def _remember(self) -> None:
        self._remembering.stop()
        if self.desk is not None:
            self.desk.remember()
        self.preferences.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        try:
            preferences.save(self.preferences)
        except OSError as error:
            self.say("warning", f"The preferences could not be saved: {error}")


def _workspaces() -> tuple[str, ...]:
    return ("Design", "Train", "Inspect", "Export")


def _dropped_source(event: QDragEnterEvent | QDropEvent) -> dict[str, Any] | None:
    from widgets.panels.data_panel import dropped_source

    return dropped_source(event)


def _dropped_project(event: QDragEnterEvent | QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and path.suffix.lower() in PROJECTS else None
