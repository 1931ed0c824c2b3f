"""Frames, notes and dots by hand. The verbs of `Canvas`; each ends in one edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QMenu

from graphs.edits import AddNodes, Batch, Connect, Edit, SetMarks
from graphs.network import End, Frame, Mark, Network, Note, Wire
from widgets import theme
from widgets.editor.painting.face import DOT, REROUTE
from widgets.editor.verbs import editing

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas

COLOURS = (
    ("", "Plain"), ("convolution", "Blue"), ("pooling", "Teal"), ("activation", "Orange"), ("linear", "Violet"),
    ("normalisation", "Yellow"), ("loss", "Red"), ("combine", "Slate"),
)  # fmt: skip
NEW_NOTE = (208.0, 96.0)


class Marking:
    """What makes and changes marks; a part of `Canvas`."""

    # Frames

    def frame_selection(self: Canvas) -> None:
        """Puts a frame around the selection and asks for its title; what was in another frame changes over."""
        network = self.document.network
        nodes, notes = self.moving()
        if not nodes and not notes:
            self.told.emit("Select what the frame shall hold.")
            return
        id = network.fresh_id("frame")
        gone = [i for i in self.chosen_marks if isinstance(network.marks.get(i), Frame)]
        marks = moved_between(network, dict.fromkeys((*nodes, *notes), id), {id: Frame(id, "Frame")})
        marks.update(dict.fromkeys((i for i in gone if marks.get(i, network.marks[i]) is not None), None))
        colour = next((network.marks[i].colour for i in gone), "")
        made = marks[id]
        assert isinstance(made, Frame)
        marks[id] = replace(made, colour=colour)
        words = f"Frame {len(nodes)} nodes" if len(nodes) != 1 else f"Frame {network.nodes[nodes[0]].title}"
        merge = f"new {id}"
        if self.apply(SetMarks(marks, words), merge):
            self.select_marks([id])
            self.reveal_rect(self.marks.rect(id))
            self.writing.begin(id, merge)

    def moving(self: Canvas) -> tuple[list[str], list[str]]:
        """The nodes and notes that a drag of the selection moves: selected ones and those in selected frames."""
        nodes, notes = self.marks.held(self.chosen_marks)
        return list(dict.fromkeys([*self.selected(), *nodes])), notes

    def travelling(self: Canvas) -> list[str]:
        """What is copied with the selection: its nodes, frames with what they hold, and notes."""
        nodes, notes = self.moving()
        return [*nodes, *notes, *sorted(self.chosen_marks)]

    # Notes

    def add_note(self: Canvas, at: QPointF | None = None) -> str | None:
        """A note at a scene point (the pointer, or the middle of the view, by default), open to be written."""
        if at is None:
            inside = self.pointer is not None and self.underMouse()
            at = self.pointer.scene if inside and self.pointer else self.camera.to_scene(QRectF(self.rect()).center())
        id = self.document.network.fresh_id("note")
        marks: dict[str, Mark | None] = {id: Note(id, "", editing.snapped(at.x(), at.y()), NEW_NOTE)}
        if (home := self.marks.frame_at(at)) is not None:
            frame = self.marks.known[home]
            assert isinstance(frame, Frame)
            marks[home] = replace(frame, notes=(*frame.notes, id))
        merge = f"new {id}"
        if not self.apply(SetMarks(marks, "Add a note"), merge):
            return None
        self.select_marks([id])
        self.writing.begin(id, merge)
        return id

    def colour_marks(self: Canvas, colour: str) -> None:
        """Gives the selected frames and notes a family's colour; an empty text takes it away."""
        known = self.marks.known
        if marks := {i: replace(known[i], colour=colour) for i in sorted(self.chosen_marks)}:
            self.apply(SetMarks(dict(marks), "Colour the frame" if len(marks) == 1 else "Colour frames and notes"))

    def write_mark(self: Canvas) -> None:
        """Opens the title or the text of the one selected frame or note."""
        if len(self.chosen_marks) == 1:
            self.writing.begin(next(iter(self.chosen_marks)))

    def mark_menu(self: Canvas, menu: QMenu) -> None:
        """What can be done with the selected frames and notes."""
        if len(self.chosen_marks) == 1:
            (id,) = self.chosen_marks
            words = "Rename…" if isinstance(self.marks.known[id], Frame) else "Write…"
            menu.addAction(words).triggered.connect(lambda _=False: self.write_mark())
        colours = menu.addMenu("Colour")
        for colour, words in COLOURS:
            action = colours.addAction(theme_swatch(colour), words)
            action.triggered.connect(lambda _=False, colour=colour: self.colour_marks(colour))
        frames = any(isinstance(self.marks.known[i], Frame) for i in self.chosen_marks)
        action = menu.addAction("Remove the frame, keep what it holds" if frames else "Delete")
        action.setShortcut("Del")
        action.triggered.connect(lambda _=False: self.delete_selection())

    # Dots in wires

    def reroute(self: Canvas, crossings: Mapping[End, QPointF]) -> list[str]:
        """Puts a dot into wires at scene points; wires from one port share theirs. Returns the ids of the dots."""
        network = self.document.network
        if REROUTE not in self.catalogue.kinds or not crossings:
            return []
        by_source: dict[End, list[End]] = {}
        for target in crossings:
            if (wire := network.wires.get(target)) is not None:
                by_source.setdefault(wire.source, []).append(target)
        edits: list[Edit] = []
        made: list[str] = []
        for number, (source, targets) in enumerate(by_source.items(), 1):
            x = sum(crossings[t].x() for t in targets) / len(targets)
            y = sum(crossings[t].y() for t in targets) / len(targets)
            draft = editing.new_node(network, self.catalogue, REROUTE, (0, 0))
            id = network.fresh_id(self.catalogue.kinds[REROUTE].stem, number)
            node = replace(draft, id=id, position=(round(x) - DOT / 2, round(y) - DOT / 2))
            entry, leave = editing.first_input(self.catalogue, node), editing.first_output(self.catalogue, node)
            assert entry is not None and leave is not None
            edits += [AddNodes((node,), (Wire(source, entry),)), Connect(tuple(Wire(leave, t) for t in targets))]
            edits += self._into_frame(id, QPointF(x, y), edits)
            made.append(id)
        if made and self.apply(Batch(tuple(edits), "Add a dot" if len(made) == 1 else f"Add {len(made)} dots")):
            self.select(made)
            return made
        return []

    def housed(self: Canvas, edit: Edit, id: str) -> Edit:
        """An edit that adds a node, which joins the frame that it comes to stand in or whose nodes it joins up."""
        if not self.marks.known:
            return edit
        after = edit.patch(self.document.network).apply(self.document.network)[0]
        at = QPointF(*after.nodes[id].position) + QPointF(48, 24)
        near = [w.source.node for w in after.incoming(id)] + [w.target.node for w in after.outgoing(id)]
        homes = {after.frame_of.get(i) for i in near}
        between = next(iter(homes)) if len(homes) == 1 and len(near) > 1 else None
        home = self.marks.frame_at(at) or between
        frame = after.marks.get(home) if home else None
        if not isinstance(frame, Frame):
            return edit
        return Batch((edit, SetMarks({frame.id: replace(frame, members=(*frame.members, id))})), edit.label)

    def _into_frame(self: Canvas, id: str, at: QPointF, edits: Iterable[Edit]) -> list[Edit]:
        """What puts a new node at a scene point into the frame that lies there, after these edits."""
        home = self.marks.frame_at(at)
        network = Batch(tuple(edits)).apply(self.document.network)[0] if home else None
        frame = network.marks.get(home) if network and home else None
        return [SetMarks({frame.id: replace(frame, members=(*frame.members, id))})] if isinstance(frame, Frame) else []


def moved_between(
    network: Network, homes: Mapping[str, str | None], made: Mapping[str, Frame] | None = None
) -> dict[str, Mark | None]:
    """The frames after nodes and notes went into others (or out of all: None); one left empty goes away.

    `homes` gives the new frame by id, `made` frames that are not in the network yet.
    """
    frames = {i: m for i, m in {**network.marks, **(made or {})}.items() if isinstance(m, Frame)}
    changed: dict[str, Mark | None] = {}
    for id, frame in frames.items():
        members = [m for m in frame.members if homes.get(m, id) == id]
        notes = [n for n in frame.notes if homes.get(n, id) == id]
        come = [i for i, home in homes.items() if home == id]
        members += [i for i in come if i in network.nodes and i not in members]
        notes += [i for i in come if isinstance(network.marks.get(i), Note) and i not in notes]
        after = replace(frame, members=tuple(members), notes=tuple(notes))
        if after != frame or id in (made or {}):
            changed[id] = after if members or notes else None
    return changed


def theme_swatch(colour: str):  # type: ignore[no-untyped-def]
    """A small square of a family's colour, for menus."""
    from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

    from widgets.editor.painting.markpaint import tone

    pixmap = QPixmap(24, 24)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.current().line))
    painter.setBrush(QColor(tone(colour)))
    painter.drawRoundedRect(QRectF(3, 3, 18, 18), 5, 5)
    painter.end()
    return QIcon(pixmap)
