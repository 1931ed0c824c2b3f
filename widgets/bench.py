"""The bench: the parts of an open project, how they stand around the canvas, and that this is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.project import Project
from widgets import theme
from widgets.asides import Asides
from widgets.editor.canvas import Canvas
from widgets.look.splitting import Splitter
from widgets.look.style import Panel
from widgets.panels.inspector import Inspector
from widgets.panels.palette_panel import PalettePanel
from widgets.panels.status import StatusBar
from widgets.panels.time_machine import TimeMachine
from widgets.panels.transport import Transport
from widgets.panels.view_area import ViewArea
from widgets.preferences import Preferences
from widgets.shipping import Source

if TYPE_CHECKING:
    from widgets.panels.export_panel import ExportPanel
    from widgets.panels.source_preview import SourcePreview

WORKSPACES = ("Design", "Train", "Inspect", "Export")
FIRST_VIEWS: dict[str, list[list[str]]] = {
    "Train": [["curves", "projection", "saliency"]],
    "Inspect": [["activations", "filters"], ["projection", "confusion", "gradients"]],
}
FIRST_SIZES: dict[str, list[int]] = {
    "outer": [220, 1000, 300],
    "Train": [600, 400],
    "Inspect": [360, 640],
    "Export": [560, 440],
}


class Bench(Asides, QWidget):
    """Palette, canvas, views, inspector and export panel, without what joins them to a session."""

    said = Signal(str, str)

    def __init__(self, project: Project, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project, self.preferences = project, preferences
        self.workspace = ""
        self._sized = False
        self._exports: ExportPanel | None = None
        self._preview: SourcePreview | None = None
        self._lay_out()

    def source(self) -> Source:
        """What an export takes at this moment."""
        return Source(self.project)

    def export_shown(self) -> None:
        """The Export workspace was made or is shown: say what would be exported."""

    def show_workspace(self, name: str) -> None:
        """Change what stands around the canvas; the canvas stays where it is."""
        if name == self.workspace:
            return
        self.remember()
        self.workspace = name
        self.palette_panel.setVisible(name in ("Design", "Train"))
        side = self.export_panel if name == "Export" else self.inspector
        self._right.setCurrentWidget(self.aside or side)
        self._right.show()
        self.below.setVisible(name != "Design")
        self.below.setCurrentWidget(self.preview if name == "Export" else self._watching)
        if name in FIRST_VIEWS:
            self.views.set_rows(self.preferences.views.get(name, FIRST_VIEWS[name]))
        self._show_sizes()
        self.export_shown()

    def reset_views(self) -> None:
        """Arrange views and panels of this workspace as they were at first."""
        if self.workspace in FIRST_VIEWS:
            self.views.set_rows(FIRST_VIEWS[self.workspace])
        sizes = {key: value for key, value in self.preferences.sizes.items() if key != self.workspace}
        self.preferences.sizes = sizes
        self._show_sizes()
        self._sides = [0, 0, 0]
        self._set_outer(self._sides)

    def toggle_side(self, name: str) -> None:
        """Show or hide the palette or the inspector."""
        side = self._side(name)
        side.setVisible(side.isHidden())

    def shows(self, name: str) -> bool:
        """Whether a side is shown."""
        return not self._side(name).isHidden()

    @property
    def export_panel(self) -> ExportPanel:
        """The panel of the Export workspace, made when it is first wanted."""
        if self._exports is None:
            from widgets.panels.export_panel import ExportPanel

            self._exports = ExportPanel(self.source, self.canvas.record_picture)
            self._exports.failed.connect(lambda sentence: self.said.emit("error", sentence))
            self._right.addWidget(self._exports)
            self.export_shown()
        return self._exports

    @property
    def preview(self) -> SourcePreview:
        """The source of the Export workspace, made when it is first wanted."""
        if self._preview is None:
            from studio.exporting import class_name
            from widgets.panels.source_preview import SourcePreview

            self._preview = SourcePreview(self.source)
            self._preview.name = class_name(self.project.name)
            self.below.addWidget(self._preview)
        return self._preview

    def remember(self) -> None:
        """Write the arrangement of this workspace into the preferences."""
        if not self.workspace:
            return
        sizes = dict(self.preferences.sizes)
        sizes["outer"] = list(self._sides)
        if self.below.isVisible():
            sizes[self.workspace] = self._middle.sizes()
        self.preferences.sizes = sizes
        if self.workspace in FIRST_VIEWS and self.views.tabs:
            rows = [list(row) for row in self.views.rows()]
            self.preferences.views = {**self.preferences.views, self.workspace: rows}

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sides keep the width a person gave them; the first size the desk gets decides about the rest."""
        super().resizeEvent(event)
        self._set_outer(self._sides)
        if not self._sized and self.isVisible():
            self._sized = True
            self._show_sizes()

    def _show_sizes(self) -> None:
        """Give canvas and views the heights this workspace remembers."""
        if self.workspace in FIRST_SIZES:
            sizes = self.preferences.sizes.get(self.workspace, FIRST_SIZES[self.workspace])
            self._middle.setSizes(_scaled(sizes, self._middle.height()))

    def _lay_out(self) -> None:
        """From the outside in: a part that changed its parent later would be styled once more each time."""
        self._outer = Splitter(Qt.Orientation.Horizontal, parent=self)
        self.palette_panel = PalettePanel(self.project.catalogue, self._outer)
        centre = Panel("centre", parent=self._outer)
        self._right = QStackedWidget(self._outer)
        self.inspector = Inspector(self.project, self._right)
        self.project_page = self.inspector.project_page
        self.transport = Transport(centre, lambda: self.preferences.view_budget)
        self.transport.began.connect(lambda: self.said.emit("error", ""))  # what a run before it said is over
        self._middle = Splitter(Qt.Orientation.Vertical, parent=centre)
        self.canvas = Canvas(self.project.document, self.project.catalogue, self._middle)
        self.below = QStackedWidget(self._middle)
        self._watching = Panel("watching", parent=self.below)
        self.views, self.time_machine = ViewArea(self._watching), TimeMachine(self._watching)
        self.status_bar = StatusBar(self)
        self._right.addWidget(self.inspector)
        self.below.addWidget(self._watching)
        self._watching.box.addWidget(self.views, 1)
        self._watching.box.addWidget(self.time_machine)
        self._middle.setStretchFactor(0, 1)
        centre.box.addWidget(self.transport)
        centre.box.addWidget(self._middle, 1)
        self._outer.setStretchFactor(1, 1)
        self._sides = self.preferences.sizes.get("outer", [0, 0, 0])
        self._set_outer(self._sides)
        self._outer.splitterMoved.connect(self._keep_sides)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._outer, 1)
        whole.addWidget(self.status_bar)

    def _set_outer(self, sizes: list[int]) -> None:
        """The sides keep their width; the middle takes what is left."""
        usual = [round(size * theme.scale()) for size in FIRST_SIZES["outer"]]
        left, right = (sizes[0] or usual[0]), (sizes[-1] or usual[-1])
        self._outer.setSizes([left, max(400, self._outer.width() - left - right), right])

    def _keep_sides(self, _position: int, handle: int) -> None:
        """A person dragged the handle before or after the canvas; a window that gets small changes nothing here."""
        side = 0 if handle == 1 else 2
        sizes = self._outer.sizes()
        self._sides = [sizes[i] if i in (1, side) else size for i, size in enumerate(self._sides)]

    def _side(self, name: str) -> QWidget:
        return self.palette_panel if name == "palette" else self._right


def _scaled(sizes: list[int], total: int) -> list[int]:
    """Sizes in the same proportion that fill `total` pixels."""
    whole = sum(sizes) or 1
    return [max(1, round(size * max(total, 400) / whole)) for size in sizes]
