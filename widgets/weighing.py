"""First weights in the window: asked for, loaded, and set as one step of undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphs.edits import Batch, SetSetting

if TYPE_CHECKING:
    from graphs.files.landing import Landing
    from studio.weights.starting import Start
    from widgets.panels.weights_dialog import WeightsDialog
    from widgets.window import Window


class Weighing:
    """The part of the window that knows with which weights training begins."""

    def load_weights(self: Window, start: Start | None = None) -> WeightsDialog | None:
        """Ask for weights; those of `start` are fetched at once."""
        from widgets.panels.weights_dialog import WeightsDialog

        if self.project is None:
            return None
        dialog = WeightsDialog(self.project, self, start)
        dialog.chosen.connect(self._begin_with)
        dialog.open()
        if start is not None:
            dialog.begin()
        return dialog

    def _begin_with(self: Window, found: tuple[Start, Landing] | None) -> None:
        from studio.weights.starting import SECTION

        project, desk = self.project, self.desk
        if project is None or desk is None:
            return
        words = found[0].words if found is not None else "fresh weights"
        value = found[0].to_json() if found is not None else None
        if project.network.settings.get(SECTION) != value:
            project.document.apply(Batch((SetSetting(SECTION, value),), f"Begin with {words}"))
        elif desk.session is not None:
            desk.session.renew()
        said = f"{found[1].headline} Training begins with the weights of {words}." if found is not None else ""
        self.say("good", said or "Training begins with fresh weights.")
