"""What the mouse does with ports and wires, for the keyboard. The verbs of `Canvas` for wires."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent

from graphs.edits import Connect, Disconnect
from graphs.network import End, Wire

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas
    from widgets.panels.finder import Entry


class ByHand:
    """Connects and chooses wires without a pointer; a part of `Canvas`."""

    wires_of: str | None = None
    ringed = False
    """Whether the keyboard brought the focus here: only then a ring shows it, a click needs none."""

    def focusInEvent(self: Canvas, event: QFocusEvent) -> None:  # type: ignore[misc]
        """Show where the keyboard is."""
        reasons = Qt.FocusReason
        came = (reasons.TabFocusReason, reasons.BacktabFocusReason, reasons.ShortcutFocusReason)
        self.ringed = event.reason() in came
        self.update()

    def connect_selected(self: Canvas) -> None:
        """Joins the first selected layer to the second: its first output to the first input that is free."""
        chosen = self.selected()
        if len(chosen) != 2:
            self.told.emit("Select two layers to connect them: first where the wire begins, then where it ends.")
            return
        outputs, inputs = _ends(self, chosen[0], output=True), _ends(self, chosen[1], output=False)
        if not outputs or not inputs:
            self.message.emit("There is no port to connect: one gives nothing, or the other takes nothing.")
            return
        taken = self.document.network.wires
        target = next((end for end in inputs if end not in taken), inputs[0])
        self._join(outputs[0], target)

    def disconnect_selected(self: Canvas) -> None:
        """Takes away the wires between the selected layers; all wires of a single one."""
        chosen, network = set(self.selected()), self.document.network
        touching = {w.target: w for i in chosen for w in (*network.incoming(i), *network.outgoing(i))}
        inner = [end for end, w in touching.items() if w.source.node in chosen and end.node in chosen]
        gone = tuple(inner if len(chosen) > 1 else touching)
        if gone:
            self.apply(Disconnect(gone))

    def next_wire(self: Canvas, by: int = 1) -> None:
        """Chooses the wires of the selected layer one after the other, then the layer again."""
        chosen = self.selected()
        if len(chosen) == 1:
            self.wires_of = chosen[0]
        node, network = self.wires_of, self.document.network
        if node is None or node not in network.nodes:
            return
        ends = [w.target for w in (*network.incoming(node), *network.outgoing(node))]
        here = next((i for i, end in enumerate(ends) if end in self.chosen_wires), -1 if by > 0 else len(ends))
        if 0 <= here + by < len(ends):
            self.choose_wire(ends[here + by])
        else:
            self.select([node])

    def connect_to(self: Canvas) -> None:
        """Offers every port that a wire from the selected layer can end in, to be found by typing."""
        chosen = self.selected()
        sources = _ends(self, chosen[-1], output=True) if chosen else []
        if not sources:
            self.told.emit("Select a layer that gives something; its outputs are then offered to the others.")
            return
        from widgets.panels.finder import Finder

        Finder(lambda query: _offers(self, sources, query), self.window(), "Connect to which layer?", "Ports").open()

    def _join(self: Canvas, source: End, target: End) -> None:
        if source.node in self.document.network.downstream({target.node}):
            self.message.emit("This wire would close a loop.")
            return
        self.apply(Connect((Wire(source, target),)))


def _ends(canvas: Canvas, id: str, output: bool) -> list[End]:
    return [socket.end for socket in canvas.scene.sockets(id) if socket.output == output]


def _offers(canvas: Canvas, sources: list[End], query: str) -> list[Entry]:
    """Free ports first, near ones before far ones; a layer that would close a loop is left out."""
    from widgets.panels.finder import best

    return best(_entries(canvas, sources, query))


def _entries(canvas: Canvas, sources: list[End], query: str) -> Iterator[Entry]:
    from widgets.panels.finder import Entry, scored

    network, items, node = canvas.document.network, canvas.scene.items, sources[0].node
    before = network.upstream({node})
    here = items[node].rect.center()
    ids = sorted((i for i in items if i not in before), key=lambda i: (items[i].rect.center() - here).manhattanLength())
    for id in ids:
        if not (fit := scored(query, items[id].face.title)):
            continue
        for socket in canvas.scene.sockets(id):
            if socket.output:
                continue
            taken = network.wires.get(socket.end)
            where = f"in place of the wire from {items[taken.source.node].face.title}" if taken else "free"
            port = f" · {socket.port.title or socket.end.port}" if socket.end.port != "in" else ""
            for source in sources:
                title = f"{items[id].face.title}{port}"
                begin = f" from {source.port}" if len(sources) > 1 else ""
                score = fit * (0.9 if taken else 1.0)
                yield Entry(
                    f"{source}>{socket.end}", f"{title}{begin}",
                    lambda s=source, t=socket.end: canvas._join(s, t), where, "", True, score,
                )  # fmt: skip
