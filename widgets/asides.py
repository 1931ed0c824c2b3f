"""Pages that stand in place of the inspector until they are closed. A part of `Bench`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from widgets.panels.aside import Aside

if TYPE_CHECKING:
    from widgets.bench import Bench


class Asides:
    """At most one page at a time."""

    aside: Aside | None = None

    @property
    def right(self: Bench) -> QWidget:
        """What stands at the right: the inspector, the export panel, or a page in their place."""
        return self._right

    def open_aside(self: Bench, page: Aside) -> None:
        """Show a page at the side and give it the keyboard."""
        self.close_aside()
        self.aside = page
        page.closed.connect(self.close_aside)
        self._right.addWidget(page)
        self._right.setCurrentWidget(page)
        self._right.show()
        page.focus()

    def close_aside(self: Bench) -> None:
        """Show what stood there before."""
        page, self.aside = self.aside, None
        if page is None:
            return
        held = page.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        page.leave()
        self._right.removeWidget(page)
        page.hide()
        page.deleteLater()
        self._right.setCurrentWidget(self.export_panel if self.workspace == "Export" else self.inspector)
        if held:
            self.canvas.setFocus()
