"""Opening, saving, recovering and leaving projects: what the window does with files, and the questions it asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMessageBox

from graphs.files.faults import FileFault
from widgets import preferences
from widgets.weighing import Weighing

if TYPE_CHECKING:
    from widgets.recovery import Recoverable
    from widgets.window import Window

PROJECTS = "Netloom project (*.netloom)"
NOT_SAVED = "It is not saved yet."
OPENED = "Projects and models (*.netloom *.onnx *.pt2 *.py);;All files (*)"


class Files(Weighing):
    """The part of the window that knows files. What is wrong with one is a sentence in the quiet bar."""

    attended = False
    """Whether a person sits before the window, who can be asked about what a network has learnt."""

    def open(self: Window, name: str | Path, *, play: bool = False) -> bool:
        """Open a file or an example; whether it could be opened. The reason why not stands in the quiet bar.

        What another program wrote is imported, which takes a while: then it says whether that has begun. Nobody is
        asked about the project that is open before the other one is there."""
        from studio.project import ProjectFault, open_project
        from studio.weights.starting import AT, start_of

        try:
            if from_elsewhere(name):
                return self.import_file(name)
            project = open_project(name)
        except ProjectFault as fault:
            if changed(fault):
                return self.import_changed(Path(name))
            self.say("error", str(fault))
            return False
        except FileFault as fault:
            self.say("error", str(fault))
            return False
        if not self.may_leave():
            return False
        self.cancel_import()
        self.show_project(project, play=play)
        if AT in str(name) and project.path is None:
            self.load_weights(start_of(project.network))
        return True

    def new(self: Window) -> None:
        """Begin with an empty network."""
        from studio.project import new_project

        if self.may_leave():
            self.cancel_import()
            self.show_project(new_project())
            self.show_workspace("Design")

    def ask_architecture(self: Window) -> None:
        """Ask which architecture to begin with."""
        from widgets.panels.architecture_dialog import ArchitectureDialog

        dialog = ArchitectureDialog(self)
        dialog.opened.connect(self.open_architecture)
        dialog.open()
        dialog.search.setFocus()

    def open_architecture(self: Window, text: str) -> None:
        """Begin with an architecture; `text` is JSON of its name and its fields."""
        from studio.listing import as_project, found, sides
        from studio.weights.starting import AT, of

        asked = json.loads(text)
        start = of(f"{asked['name']}{AT}{asked['weights']}") if asked.get("weights") else None
        given = sides(found(asked["name"])[0], start.chosen, asked["name"]) if start is not None else {}
        project = as_project(asked["name"], {**given, **asked["fields"]})
        if self.may_leave():
            self.show_project(project)
            self.show_workspace("Design")
            if start is not None:
                self.load_weights(start)

    def ask_open(self: Window) -> None:
        """Ask which file to open."""
        folder = str(Path(self.preferences.recent[0]).parent) if self.preferences.recent else ""
        found, _ = QFileDialog.getOpenFileName(self, "Open", folder, OPENED)
        if found:
            self.open(found)

    def save(self: Window) -> bool:
        """Save the project; asks where the first time. Whether it is saved."""
        project = self.project
        if project is None:
            return False
        return self._save(None) if project.path is not None else self.save_as()

    def save_as(self: Window) -> bool:
        """Ask where to save the project. Whether it is saved."""
        project = self.project
        if project is None:
            return False
        start = (project.folder or Path.home()) / f"{project.name}.netloom"
        found, _ = QFileDialog.getSaveFileName(self, "Save as", str(start), PROJECTS)
        return bool(found) and self._save(Path(found))

    def recover(self: Window, found: Recoverable) -> None:
        """Open work that was not saved when the program ended."""
        try:
            project = found.load()
        except FileFault as fault:
            self.say("error", str(fault))
            return
        if not self.may_leave():
            return
        self.show_project(project)
        if self._autosave is not None:
            self._autosave.write()
        found.discard()
        self.say("good", f"“{project.name}” is back as it was. {NOT_SAVED}")

    def may_leave(self: Window) -> bool:
        """Whether the open project can be closed: it is saved, or the person does not mind."""
        self.commit()
        project, steps = self.project, self.steps_unkept()
        anew = self.attended and self.desk is not None and self.desk.learnt_anew
        if project is None or not (project.modified or steps or anew):
            return True
        box = QMessageBox(self)
        box.setWindowTitle("Netloom")
        has = ["changes that are not saved"] if project.modified else []
        has += [f"learnt for {steps:,} steps, kept in no file of yours"] if steps else []
        has += ["learnt further since it was saved"] if anew else []
        box.setText(f"“{project.name}” has {', and '.join(has)}.")
        box.setInformativeText("Save it before closing it?" if steps or anew else "Save them before closing it?")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answer = box.exec()
        return self.save() if answer == buttons.Save else bool(answer == buttons.Discard)

    def steps_unkept(self: Window) -> int:
        """The steps that a project without a file has learnt in this window; 0 where nobody is there to be asked."""
        session = self.desk.session if self.desk is not None else None
        if not self.attended or session is None or session.project.path is not None:
            return 0
        learnt = session.learnt
        return learnt.step if learnt is not None and learnt.run is not None else 0

    def _save(self: Window, path: Path | None) -> bool:
        from studio.project import ProjectFault

        project = self.project
        assert project is not None
        try:
            saved = project.save(path)
        except (ProjectFault, OSError) as fault:
            self.say("error", str(fault))
            return False
        preferences.remember(self.preferences, saved)
        self.remember_soon()
        if self.notice.text().endswith(NOT_SAVED):
            self.notice.hide()
        if self._autosave is not None:
            self._autosave.clear()
        if self.desk is not None:
            self.desk.keep_learnt(saved)
        self._refresh()
        return True

    def _fill_recent(self: Window) -> None:
        self._recent_menu.clear()
        for path in self.preferences.recent:
            action = self._recent_menu.addAction(Path(path).stem)
            action.setToolTip(path)
            action.setStatusTip(path)
            action.setEnabled(Path(path).is_file())
            action.triggered.connect(lambda _=False, chosen=path: self.open(chosen))
        self._recent_menu.setEnabled(bool(self.preferences.recent))


def from_elsewhere(name: str | Path) -> bool:
    """Whether another program wrote this file, or it is code: it is imported, not opened. Raises FileFault for a file
    that holds no network, and for one of a kind that cannot be read."""
    from studio.importing.importing import wanted
    from studio.project import SUFFIX

    path = Path(name)
    try:
        if path.suffix.lower() in ("", SUFFIX) or not path.is_file():
            return False  # opening says what is wrong
    except (OSError, ValueError):
        return False
    return wanted(path).what not in ("project", "ours")


def changed(fault: Exception) -> bool:
    """Whether a file could not be opened since another program has changed what Netloom wrote."""
    from graphs.exchange.from_onnx.ours import Changed

    return isinstance(fault.__cause__, Changed)
