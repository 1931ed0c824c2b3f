"""What the desk says where network and data do not fit each other: on the node, in every list of problems, at play."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphs.inference.problems import Problem
    from graphs.inference.shapes import Analysis
    from widgets.desk import Desk
    from widgets.views.context import Context


class Misfits:
    """The part of `Desk` that knows about them; the session finds them once the data is there."""

    shown_misfit: Problem | None = None
    _known: tuple[Analysis, Problem, Analysis] | None = None

    @property
    def misfit(self: Desk) -> Problem | None:
        """That network and data do not fit each other, as far as it speaks of the network as it stands."""
        fault = self.session.fault if self.session is not None else None
        nodes = self.project.network.nodes
        return fault if fault is not None and nodes and (not fault.node or fault.node in nodes) else None

    @property
    def known(self: Desk) -> Analysis | None:
        """What is known about the design: its shapes, its problems, and that the data does not fit."""
        fault, analysis = self.misfit, self.analysis
        if fault is None or analysis is None:
            return analysis
        if self._known is None or self._known[0] is not analysis or self._known[1] != fault:
            self._known = analysis, fault, replace(analysis, problems=(*analysis.problems, fault))
        return self._known[2]

    @property
    def has_problems(self: Desk) -> bool:
        """Whether the network has problems; an empty one has none yet."""
        known = self.known
        return bool(self.project.network.nodes) and known is not None and bool(known.problems)

    def take_data(self: Desk, context: Context) -> None:
        """How many numbers the data asks for, for the last layer that is put in."""
        from studio.weights.misfit import answers_of

        if context.data is not None:
            self.canvas.answers = answers_of(context.data)

    def _show_problems(self: Desk) -> None:
        """The problems of the network in the status bar, and what the data says on the node, in its panel, at play."""
        known, misfit = self.known, self.misfit
        self.status_bar.show_network(self.project.network, known)
        self.transport.show_fault(misfit)
        if misfit != self.shown_misfit:
            self.shown_misfit = misfit
            self.canvas.set_analysis(known)
            self.inspector.show_network(self.here)
            self.project_page.show_misfit(self.project.network, misfit)
