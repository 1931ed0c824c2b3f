"""A proof at the side: every layer with how far onnxruntime is from PyTorch there, drawn on the canvas as well.

It is made away from the GUI's thread, can be given up, and ends with Escape or with an edit that changes what the
network computes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListWidget, QListWidgetItem, QProgressBar

from graphs.document import Change
from graphs.exchange.proving.verdicts import AGREES, BEGINS, FOLLOWS, Proof, drawn_path
from studio.project import Project
from studio.shipping.shipped import Cancelled
from widgets.editor.canvas import Canvas
from widgets.editor.painting.live import short
from widgets.editor.painting.proven import Proven, apart, told_of
from widgets.jobs import Job
from widgets.look.style import label
from widgets.panels.aside import Aside
from widgets.panels.comparing_rows import HEADING, ROW, Painted, Row

if TYPE_CHECKING:
    from graphs.building.build import Built
    from widgets.shipping import Source

WRITING = "The network is written as ONNX, to be computed by both…"
SIGNS = {AGREES: "✓", FOLLOWS: "~", BEGINS: "!"}
MOST = 400
"""More layers than this in one list are counted instead."""


@dataclass(frozen=True)
class Found:
    """A proof with what it is of: the built network, and the weights in words."""

    proof: Proof
    built: Built
    weights: str


class Proving(Aside):
    """`source` gives the project with its weights as they are now; it is asked once, at the beginning."""

    def __init__(self, canvas: Canvas, project: Project, source: Callable[[], Source], opset: int = 20) -> None:
        super().__init__("Proven against onnxruntime")
        self.found: Found | None = None
        self._canvas, self._project, self._opset = canvas, project, opset
        self._unwanted = threading.Event()
        self._job = Job(self)
        self._job.done.connect(self.show_found)
        self._job.failed.connect(self._fail)
        self._job.progressed.connect(lambda _share, words: self._show_progress(words))
        self._lay_out()
        self._unsubscribe = project.document.subscribe(self._follow)
        canvas.room_changed.connect(self._draw)
        taken, unwanted = source(), self._unwanted
        self._job.start(lambda report: _proven(taken, opset, report, unwanted), "proving")

    def show_found(self, found: Found) -> None:
        """List every layer and draw the differences."""
        self.found = found
        self.bar.hide()
        self.says.setText(sentence(found))
        for row, path in rows_of(found, self._scopes()):
            item = QListWidgetItem(row.title)
            item.setData(ROW, row)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, row.words)
            item.setToolTip(row.more)
            item.setData(Qt.ItemDataRole.UserRole + 1, path)
            if row.sign == HEADING:
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.list.addItem(item)
        self._draw()

    def _show_progress(self, words: str) -> None:
        """So many layers of so many: "12/40"."""
        done, between, whole = words.partition("/")
        if between and self.found is None:
            self.bar.setRange(0, int(whole))
            self.bar.setValue(int(done))
            self.says.setText(f"{int(done):,} of {int(whole):,} layers are computed by both…")

    def leave(self) -> None:
        self._unwanted.set()
        self._job.cancel()
        self._unsubscribe()
        self._canvas.room_changed.disconnect(self._draw)
        self._canvas.lay_over(None)

    def focus(self) -> None:
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        self.says = label(WRITING, tone="dim", wrap=True)
        self.says.setContentsMargins(16, 0, 16, 8)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of the proof")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)  # nobody knows how long the writing takes; the layers are counted
        beside = QHBoxLayout()
        beside.setContentsMargins(16, 0, 16, 8)
        beside.addWidget(self.bar)
        self.list = QListWidget()
        self.list.setAccessibleName("Layers")
        self.list.setItemDelegate(Painted(self.list))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        self.box.addWidget(self.says)
        self.box.addLayout(beside)
        self.box.addWidget(self.list, 1)

    def _scopes(self) -> Any:
        whole = self._canvas.whole
        return whole.flat.scopes if whole is not None else {}

    def _draw(self, *_room: object) -> None:
        if self.found is None:
            return
        verdicts = self.found.proof.drawn(self._scopes(), self._canvas.path)
        about = f"Δ as a share of the largest value, opset {self.found.proof.opset}"
        self._canvas.lay_over(Proven(verdicts, about, self.closed.emit))

    def _go(self, item: QListWidgetItem) -> None:
        """Show the layer of a row, inside the block that it stands in."""
        path: tuple[str, ...] | None = item.data(Qt.ItemDataRole.UserRole + 1)
        if not path:
            return
        self._canvas.set_room(path[:-1])
        over = self._canvas.overlay
        if isinstance(over, Proven):
            over.focus = path[-1]
        self._canvas.reveal(path[-1])
        self._canvas.update()

    def _follow(self, change: Change) -> None:
        if computes_otherwise(change):
            self.closed.emit()

    def _fail(self, error: Any) -> None:
        self.bar.hide()
        self.says.setText(str(error))


def _proven(source: Source, opset: int, report: Callable[[float, str], None], unwanted: threading.Event) -> Found:
    """The proof, on held-out samples where there are any; off the GUI's thread."""
    from graphs.exchange.proving.proof import COMPARED, prove

    whole = 0

    def told(share: float) -> None:
        if unwanted.is_set():
            raise Cancelled
        done = round(whole * (share - COMPARED[0]) / (COMPARED[1] - COMPARED[0]))
        report(share, f"{min(done, whole)}/{whole}" if share >= COMPARED[0] else "")

    told(0.0)
    cargo = source.cargo()
    whole = len(cargo.built.network.nodes)
    return Found(prove(cargo.built, cargo.samples(2), opset, told), cargo.built, cargo.weights)


def sentence(found: Found) -> str:
    """What came of it, in words."""
    proof = found.proof
    end = f"Opset {proof.opset}, {found.weights}. Esc ends."
    if proof.first is not None:
        title = found.built.network.nodes[proof.first].title
        return f"PyTorch and onnxruntime part in {title}; all before it agrees. {end}"
    worst = proof.worst
    if worst is None:
        return "There is no layer to compare."
    share = proof.verdicts[worst].share
    return f"All {len(proof.verdicts):,} layers agree: they differ by at most {short(share)} of their values. {end}"


def rows_of(found: Found, scopes: Any) -> list[tuple[Row, tuple[str, ...]]]:
    """The layers that part first, then those that follow, then the others from the largest share down."""
    rows: list[tuple[Row, tuple[str, ...]]] = []
    for state, heading in ((BEGINS, "Here the two part"), (FOLLOWS, "Differs as well"), (AGREES, "Agrees")):
        some = [(id, v) for id, v in found.proof.verdicts.items() if v.state == state]
        if not some:
            continue
        if state == AGREES:
            some.sort(key=lambda pair: -pair[1].share)
        rows.append((Row(HEADING, f"{heading} ({len(some):,})"), ()))
        for id, verdict in some[:MOST]:
            title = found.built.network.nodes[id].title
            rows.append((Row(SIGNS[state], title, (told_of(verdict),), more=apart(verdict)), drawn_path(id, scopes)))
        if len(some) > MOST:
            rows.append((Row(HEADING, f"and {len(some) - MOST:,} more"), ()))
    return rows


def computes_otherwise(change: Change) -> bool:
    """Whether a change may change what the network computes; where nodes stand and how they are marked may not."""
    before, after = change.before, change.after
    if before.wires is not after.wires or before.blocks != after.blocks:
        return True
    for id in change.patch.nodes:
        old, new = before.nodes.get(id), after.nodes.get(id)
        if old is None or new is None or replace(old, position=new.position) != new:
            return True
    return any(before.settings.get(key) != after.settings.get(key) for key in ("hyperparameters", "ties"))
