"""A layer that is put in as the last one before an output has as many units as there are classes to tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphs.edits import Batch, Edit, EditError, SetFields
from graphs.network import Node

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

UNITS = "out_features"


class Ending:
    """The part of `Canvas` that knows how many numbers the data asks for."""

    answers: int | None = None
    """As many classes, or numbers to predict, as the data has; None until it is known."""

    def ended(self: Canvas, edit: Edit | None, node: Node) -> Edit | None:
        """The edit that adds a node; where that feeds an output, with the units that the data asks for."""
        network, kinds = self.document.network, self.catalogue.kinds
        kind = kinds.get(node.kind)
        if edit is None or self.answers is None or kind is None or UNITS not in kind.model_fields:
            return edit
        try:
            after, _ = edit.apply(network)
        except EditError:
            return edit
        fed = [after.nodes[wire.target.node].kind for wire in after.outgoing(node.id)]
        if not any(name in kinds and kinds[name].is_output for name in fed):
            return edit
        label = getattr(edit, "label", f"Add {node.title}")
        return Batch((edit, SetFields(node.id, {UNITS: self.answers})), label)
