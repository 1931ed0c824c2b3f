"""Looking back and aside: the history as a list, and what differs from another network. A part of the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from studio.project import Project
    from widgets.panels.comparing import Comparing
    from widgets.window import Window

COMPARED = "Netloom project or ONNX model (*.netloom *.onnx)"


class Reviewing:
    """What opens pages at the side of the desk."""

    def show_history(self: Window) -> None:
        """Every step in a list; shown already, it is closed."""
        from widgets.panels.history import History

        desk = self.desk
        if desk is None:
            return
        if isinstance(desk.aside, History):
            desk.close_aside()
            return

        def still() -> None:
            desk.canvas.end_gesture(cancel=True)
            desk.canvas.ease.stop()

        page = History(desk.project.document, desk.project.catalogue, still)
        page.failed.connect(lambda sentence: self.say("warning", sentence))
        desk.open_aside(page)

    def compare_saved(self: Window) -> None:
        """What changed since the project was saved."""
        from studio.comparing import last_save
        from studio.project import open_project

        path = last_save(self.project) if self.project is not None else None
        if path is None:
            self.say("info", "There is no last save to compare with: this project has no file yet.")
            return
        self._compare("the last save", lambda: open_project(path))

    def compare_other(self: Window) -> None:
        """Ask for another project and show what differs from it."""
        folder = str(Path(self.preferences.recent[0]).parent) if self.preferences.recent else ""
        found, _ = QFileDialog.getOpenFileName(self, "Compare with", folder, COMPARED)
        if found:
            self.compare_with(found)

    def compare_with(self: Window, name: str | Path) -> None:
        """Show what differs from a file or an example."""
        from studio.project import open_project

        self._compare(Path(name).stem, lambda: open_project(name))

    def step_difference(self: Window, by: int) -> None:
        """Go to the next difference, or the one before."""
        if (page := comparing(self)) is not None:
            page.step(by)

    def prove(self: Window) -> None:
        """Compare every layer with onnxruntime, with the weights as they are now."""
        from widgets.panels.proving import Proving

        if (desk := self.desk) is not None:
            desk.open_aside(Proving(desk.canvas, desk.project, desk.source))
            self.actions_.refresh()

    def _compare(self: Window, other: str, opened: Callable[[], Project]) -> None:
        from widgets.panels.comparing import Comparing

        if self.desk is not None:
            self.desk.open_aside(Comparing(self.desk.canvas, self.desk.project, other, opened))
            self.actions_.refresh()


def comparing(window: Window) -> Comparing | None:
    """The comparison that is shown."""
    aside = window.desk.aside if window.desk is not None else None
    if aside is None:
        return None
    from widgets.panels.comparing import Comparing

    return aside if isinstance(aside, Comparing) else None
