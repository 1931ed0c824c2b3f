"""What the inspector shows of a frame, a note, or a wire: what it is called, its colour, what it holds or carries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from graphs.edits import SetMarks
from graphs.layers.catalogue import BadFields, Catalogue
from graphs.network import End, Frame, Mark, Network, Note
from widgets.editor.verbs.marking import COLOURS
from widgets.forms.entries import Entry
from widgets.forms.fields import Choice
from widgets.forms.keys import belongs_to_window
from widgets.look.style import label, rule
from widgets.panels.inspector_parts import Bar, Facts, Name, shape_words

VALUES = {"tokens": "tokens, which are whole numbers", "float": "numbers with a point", "any": "any values"}


class Written(QPlainTextEdit):
    """The text of a note; it is kept when one goes elsewhere."""

    left = Signal()

    def commit(self) -> None:
        """Hand over what was typed."""
        self.left.emit()

    def event(self, event: QEvent) -> bool:
        """The window's shortcuts pass."""
        if belongs_to_window(event, typing=self.document().isModified()):
            event.ignore()
            return True
        return super().event(event)

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class MarkPage(QWidget):
    """One frame, note or wire, or how many of them."""

    edited = Signal(object, str)  # Edit, merge key

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._mark: Mark | None = None
        self.bar, self.name, self.kind = Bar(), Name(), label(tone="dim")
        self.name.setAccessibleName("Title of the frame")
        self.title, self.about = label(size="large"), label(tone="dim", wrap=True)
        self.note = Written()
        self.note.setAccessibleName("Text of the note")
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(160)
        self.colour = Choice(Entry("colour", "Colour", "Its colour on the canvas.", "choice", str, choices=COLOURS))
        self.colour.setAccessibleName("Colour")
        self.facts, self._line = Facts(), rule()
        self.name.editingFinished.connect(self._rename)
        self.note.left.connect(self._write)
        self.colour.entered.connect(lambda candidates: self._change(colour=candidates[0]))
        self._lay_out()

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Read nodes with another catalogue: that of the room they are in."""
        self._catalogue = catalogue

    def show_marks(self, network: Network, ids: Collection[str], analysis: Any | None) -> None:
        """Show the one frame or note, or count them."""
        marks = [network.marks[id] for id in ids]
        self._mark = marks[0] if len(marks) == 1 else None
        frame, note = isinstance(self._mark, Frame), isinstance(self._mark, Note)
        self._show(self.name, frame)
        self._show(self.note, note)
        self._show(self._colours, frame or note)
        self.kind.setText("Frame" if frame else "")
        self.title.setText("" if frame else "Note" if note else f"{len(marks)} frames and notes")
        self.title.setVisible(not frame)
        self.about.hide()
        self.bar.family = self._mark.colour if self._mark is not None and self._mark.colour else "io"
        self.bar.update()
        if isinstance(self._mark, Frame):
            self.name.show_name(self._mark.title)
            members = [m for mark in marks if isinstance(mark, Frame) for m in mark.members]
            self.facts.show_facts(totals(members, analysis))
        elif isinstance(self._mark, Note):
            typing = self.note.hasFocus() and self.note.document().isModified()
            if not typing and self.note.toPlainText() != self._mark.text:
                self.note.setPlainText(self._mark.text)
            self.facts.show_facts({})
        else:
            members = [m for mark in marks if isinstance(mark, Frame) for m in mark.members]
            self.facts.show_facts(totals(members, analysis) if members else {})
        if self._mark is not None:
            self.colour.show_value(self._mark.colour)

    def show_wires(self, network: Network, ends: Collection[End], analysis: Any | None) -> None:
        """Show where the one wire comes from, where it goes and what it carries, or count them."""
        self._mark = None
        for part in (self.name, self.note, self._colours, self.about):
            part.hide()
        self.title.show()
        self.kind.setText("")
        self.bar.family = "io"
        self.bar.update()
        self.title.setText("Wire" if len(ends) == 1 else f"{len(ends):,} wires")
        wire = network.wires.get(next(iter(ends))) if len(ends) == 1 else None
        self.facts.show_facts({} if wire is None else self._wire_facts(network, wire.source, wire.target, analysis))

    def _wire_facts(self, network: Network, source: End, target: End, analysis: Any | None) -> dict[str, str]:
        shape = analysis.output_shape(source) if analysis is not None else None
        made = {"From": self._port(network, source, True), "To": self._port(network, target, False)}
        made["Shape"] = shape_words(shape) if shape is not None else "not known yet"
        accepts = self._accepts(network, source)
        kind = {"tokens": "tokens"}.get(shape.dtype, "float") if shape is not None else accepts
        made["Values"] = VALUES.get(kind, kind)
        if shape is not None:
            made["Of one sample"] = f"{shape.size:,} values"
        return made

    def _ports(self, network: Network, end: End, output: bool) -> tuple[Any, ...]:
        try:
            layer = self._catalogue.layer(network.nodes[end.node])
        except BadFields:
            return ()
        return layer.outputs() if output else layer.inputs()

    def _accepts(self, network: Network, end: End) -> str:
        return next((p.accepts for p in self._ports(network, end, True) if p.name == end.port), "any")

    def _port(self, network: Network, end: End, output: bool) -> str:
        """The layer at an end, with the port where it has several."""
        ports, title = self._ports(network, end, output), network.nodes[end.node].title
        name = next((p.title or p.name for p in ports if p.name == end.port), end.port)
        return f"{title}, {name}" if len(ports) > 1 else title

    def _rename(self) -> None:
        title = self.name.text().strip()
        self.name.setModified(False)
        if isinstance(self._mark, Frame) and title and title != self._mark.title:
            self._change(title=title)

    def _write(self) -> None:
        self.note.document().setModified(False)
        if isinstance(self._mark, Note) and self.note.toPlainText() != self._mark.text:
            self._change(text=self.note.toPlainText())

    def _change(self, **values: Any) -> None:
        if self._mark is not None and (after := replace(self._mark, **values)) != self._mark:
            what = "frame" if isinstance(after, Frame) else "note"
            verb = "Colour" if "colour" in values else "Rename" if "title" in values else "Write"
            self.edited.emit(SetMarks({after.id: after}, f"{verb} the {what}"), "")

    def _show(self, part: QWidget, on: bool) -> None:
        if part.isHidden() == on:
            part.setVisible(on)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        for part, share in ((self.bar, 0), (self.name, 1), (self.title, 1), (self.kind, 0)):
            head.addWidget(part, share)
        self._colours = QWidget()
        row = QHBoxLayout(self._colours)
        row.setContentsMargins(0, 0, 0, 0)
        words = label("Colour", tone="dim")
        words.setBuddy(self.colour)
        row.addWidget(words, 3)
        row.addWidget(self.colour, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addLayout(head)
        for part in (self.about, self.note, self._colours, self._line, self.facts):
            column.addWidget(part)
        column.addStretch(1)


def totals(ids: Collection[str], analysis: Any | None) -> dict[str, str]:
    """How many layers these are, and what they add up to."""
    found = [analysis.facts[i] for i in ids if i in analysis.facts] if analysis is not None else []
    made = {"Layers": f"{len(ids):,}"}
    if found:
        made["Parameters"] = f"{sum(f.parameters for f in found):,}"
        made["Multiply-adds"] = f"{sum(f.multiply_adds for f in found):,}"
    return made
