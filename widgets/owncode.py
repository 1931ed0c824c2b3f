"""Custom layers on the desk: choosing their file, writing a first one, looking at the code before it may run, and
reading it again when it changes on the disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QFileSystemWatcher, QTimer
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from graphs.edits import Edit, EditError, InBlock, SetFields
from graphs.files.atomic import write_text
from graphs.files.faults import FileFault, unwritable
from graphs.files.python_files import SourceFile, read_source
from graphs.inference.mends import Attend
from graphs.layers.custom import arguments_in, chosen, field_name
from graphs.network import Network, Node
from studio.owncode import codes, trust
from widgets.panels.code_dialog import CodeDialog
from widgets.panels.consent import open_in_editor

if TYPE_CHECKING:
    from widgets.desk import Desk

FILES = "Python (*.py)"
CALM = 200
"""Milliseconds after a change on the disk: editors write in several steps."""
Apply = Callable[[Edit], object]


class OwnCode:
    """The part of `Desk` that knows files of code. Nothing runs here; a person's click alone allows it."""

    _watcher: QFileSystemWatcher | None = None

    def begin_code(self: Desk) -> None:
        """Look after the files that layers name, from now on."""
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(CALM)
        self._settle.timeout.connect(self.read_code)
        self._watcher.fileChanged.connect(lambda _path: self._settle.start())
        self.canvas.attended.connect(self.attend_here)
        self.watch_code()

    def watch_code(self: Desk) -> None:
        """Watch the files that the design names now."""
        assert self._watcher is not None
        known = self.project.catalogue.codes.values()
        wanted = {str(code.source.path) for code in known if code.source is not None}
        watched = set(self._watcher.files())
        if gone := sorted(watched - wanted):
            self._watcher.removePaths(gone)
        if new := sorted(wanted - watched):
            self._watcher.addPaths(new)

    def read_code(self: Desk) -> None:
        """Read the files again; what has changed must be allowed again."""
        before = self.project.catalogue.codes
        if not self.project.read_code():
            self.watch_code()
            return
        self._show_code()
        for file, code in self.project.catalogue.codes.items():
            was = before.get(file)
            if was is not None and was.allowed and not code.allowed:
                self.said.emit("warning", f"{Path(file).name} has changed. Look at it and allow it again.")

    def attend_here(self: Desk, edit: Edit) -> None:
        """What a problem on the canvas, or the inspector, leaves to a person."""
        attend, _ = unwrapped(edit)
        if attend is not None:
            self._attend(attend, self.canvas.document.network, self.canvas.apply)

    def attend(self: Desk, edit: Edit) -> bool:
        """Whether an edit of the whole design leaves something to a person, who is asked then."""
        attend, blocks = unwrapped(edit)
        if attend is None:
            return False
        network = self.project.network
        for block in blocks:
            network = self.project.network.blocks[block].network if block in self.project.network.blocks else network
        self._attend(attend, network, partial(self._apply_in, blocks))
        return True

    def _apply_in(self: Desk, blocks: tuple[str, ...], edit: Edit) -> None:
        for block in reversed(blocks):
            edit = InBlock(block, edit)
        try:
            self.project.document.apply(edit)
        except EditError as error:
            self.said.emit("warning", str(error))

    def _attend(self: Desk, attend: Attend, network: Network, apply: Apply) -> None:
        if attend.what == "data":
            self.show_settings("Data")
            return
        node = network.nodes.get(attend.id)
        if node is None:
            return
        if attend.what == "allow":
            self.show_code(codes.file_of(node))
        elif attend.what == "write":
            self._write_code(node, apply)
        elif attend.what == "edit":
            self._open_code(codes.file_of(node))
        else:
            self._choose_code(node, apply)

    def show_code(self: Desk, file: str) -> None:
        """Show a file as it is now, and ask whether it may run where nobody has said so."""
        try:
            source = read_source(codes.place_of(file, self.project.folder))
        except (FileFault, ValueError) as fault:
            self.said.emit("warning", str(fault))
            return
        parent = self.window() if isinstance(self.window(), QWidget) else self
        dialog = CodeDialog([source], parent, known=trust.allowed(source))
        dialog.agreed.connect(partial(self._decide, partial(trust.allow, [source])))
        dialog.withdrawn.connect(partial(self._decide, partial(trust.forget, source.path)))
        dialog.open()

    def _open_code(self: Desk, file: str) -> None:
        """Open a file in the editor that the system has for it; what is changed there is read again."""
        try:
            path = codes.place_of(file, self.project.folder)
        except (FileFault, ValueError) as fault:
            self.said.emit("warning", str(fault))
            return
        if not path.exists() or not open_in_editor(path):
            self.said.emit("warning", f"No program opens {path.name} here: it is {path}.")

    def _decide(self: Desk, act: Callable[[], object]) -> None:
        try:
            act()
        except FileFault as fault:
            self.said.emit("error", str(fault))
            return
        if self.project.read_code():
            self._show_code()

    def _show_code(self: Desk) -> None:
        """Everything looks again: the shapes, the canvas, the inspector."""
        self.watch_code()
        self.canvas.learn_room(self.canvas.path)
        self.inspector.show_room(self.canvas.document, self.canvas.catalogue)
        if self.bridge is not None:
            self.bridge.renew()
        self._show_network()

    def _choose_code(self: Desk, node: Node, apply: Apply) -> None:
        """Ask for a file, and which of its classes."""
        known = codes.file_of(node)
        start = str(codes.place_of(known, self.project.folder)) if known else str(self.project.folder or "")
        path, _ = QFileDialog.getOpenFileName(self.window(), "Choose a Python file", start, FILES)
        if path:
            self._take_code(node, Path(path), apply)

    def _write_code(self: Desk, node: Node, apply: Apply) -> None:
        """Write a first layer to begin with, where a person says."""
        start = str((self.project.folder or Path.home()) / "swish.py")
        found, _ = QFileDialog.getSaveFileName(self.window(), "Write a layer", start, FILES)
        if not found:
            return
        path = Path(found) if found.lower().endswith(".py") else Path(f"{found}.py")
        try:
            write_text(path, codes.TEMPLATE)
        except OSError as error:
            self.said.emit("error", str(unwritable(path, error)))
            return
        self._take_code(node, path, apply)

    def _take_code(self: Desk, node: Node, path: Path, apply: Apply) -> None:
        """Let the node be a class of this file, and show the file where it may not run yet."""
        from studio.owncode.classes import classes_in

        try:
            source = read_source(path)
            name = self._which(source, classes_in(source))
            if not name:
                return
            fields = chosen(source, codes.name_for(source.path, self.project.folder), name)
        except (FileFault, ValueError) as fault:
            self.said.emit("warning", str(fault))
            return
        apply(SetFields(node.id, {**dict.fromkeys(_own_fields(node)), **fields}))
        if not trust.allowed(source):
            self.show_code(str(fields["file"]))

    def _which(self: Desk, source: SourceFile, names: tuple[str, ...]) -> str:
        if not names:
            raise FileFault(source.path.name, "", "holds no class with a forward", "choose another file")
        if len(names) == 1:
            return names[0]
        name, said = QInputDialog.getItem(
            self.window(), "Choose a class", f"Class in {source.path.name}", names, 0, False
        )
        return name if said else ""


def _own_fields(node: Node) -> list[str]:
    """Fields that the node's class had, which another class knows nothing of."""
    try:
        declared = arguments_in(tuple(node.fields.get("declares", ())))
    except (ValueError, TypeError):
        return []
    return [field_name(argument.name) for argument in declared if field_name(argument.name) in node.fields]


def unwrapped(edit: Any) -> tuple[Attend | None, tuple[str, ...]]:
    """What an edit leaves to a person, and the blocks it stands in from the outside in; None for other edits."""
    blocks: list[str] = []
    while isinstance(edit, InBlock):
        blocks.append(edit.block)
        edit = edit.edit
    return (edit if isinstance(edit, Attend) else None), tuple(blocks)
