"""Every action, declared once: its words, icon, keys, menu, when it can be done, and what it does.

Menus with their shortcuts, tooltips and the command palette are built from this list. An action only calls the
window; it holds no state of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from widgets import parts
from widgets.conditions import (
    Check,
    always,
    at,
    blocked,
    bookmarked,
    choosing,
    comparing,
    entering,
    in_state,
    indoors,
    mapped,
    naming,
    pairing,
    playable,
    provable,
    redoable,
    selecting,
    several,
    showing,
    themed,
    travelling,
    troubled,
    undoable,
    using,
    working,
)
from widgets.look.icons import set_icon
from widgets.shortcuts import shortcuts

if TYPE_CHECKING:
    from widgets.window import Window

Act = Callable[["Window"], object]
EXPORT = "Export"
ARRANGE, BOOKMARKS, WIRES = "Arrange", "Bookmarks", "Wires"
ALIGN = (
    ("left", "Align left", ("Alt+Left",)), ("right", "Align right", ("Alt+Right",)),
    ("top", "Align at the top", ("Alt+Up",)), ("bottom", "Align at the bottom", ("Alt+Down",)),
    ("middle", "Align in a row", ("Alt+Shift+Right", "Alt+Shift+Left")),
    ("centre", "Align in a column", ("Alt+Shift+Down", "Alt+Shift+Up")),
)  # fmt: skip
MENUS = ("File", "Edit", "Network", "Run", "View", "Help")


@dataclass(frozen=True)
class Action:
    """One thing a person can do. `group` separates it in its menu; `canvas`: its keys work only on the canvas."""

    id: str
    text: str
    menu: str
    group: int
    run: Act
    keys: tuple[str, ...] = ()
    icon: str = ""
    enabled: Check = working
    checked: Check | None = None
    canvas: bool = False
    under: str = ""


def _canvas(method: str, *arguments: object) -> Act:
    return lambda window: getattr(window.desk.canvas, method)(*arguments) if window.desk else None


def _desk(method: str, *arguments: object) -> Act:
    return lambda window: getattr(window.desk, method)(*arguments) if window.desk else None


def _explain(window: Window) -> None:
    """The help card of the selected layer; with nothing selected, the page about hands."""
    from widgets.panels.helpcard.opening import explain

    if window.desk is not None and window.desk.canvas.selected():
        explain(window.desk)
    else:
        _hands(window)


def _hands(window: Window) -> None:
    """The page about gestures and keys."""
    from widgets.panels.hands_page import show_hands

    show_hands(window)


ACTIONS: tuple[Action, ...] = (
    Action("new", "New project", "File", 0, lambda w: w.new(), ("Ctrl+N",), "new", always),
    Action("new_from", "New from an architecture…", "File", 0, lambda w: w.ask_architecture(), (), "", always),
    Action("open", "Open…", "File", 0, lambda w: w.ask_open(), ("Ctrl+O",), "open", always),
    Action("import", "Import…", "File", 0, lambda w: w.ask_import(), ("Ctrl+Shift+O",), "", always),
    Action("save", "Save", "File", 1, lambda w: w.save(), ("Ctrl+S",), "save"),
    Action("save_as", "Save as…", "File", 1, lambda w: w.save_as(), ("Ctrl+Shift+S",)),
    Action("load_weights", "Load weights…", "File", 2, lambda w: w.load_weights(), (), "weights"),
    Action("export_onnx", "ONNX model…", "File", 2, _desk("export", "onnx"), ("Ctrl+E",), "cube", under=EXPORT),
    Action("export_deploy", "Deploy folder…", "File", 2, _desk("export", "deploy"), (), "", under=EXPORT),
    Action("export_program", "PyTorch program…", "File", 2, _desk("export", "program"), (), "", under=EXPORT),
    Action("export_python", "Python source…", "File", 2, _desk("export", "python"), (), "code", under=EXPORT),
    Action("export_weights", "Weights…", "File", 2, _desk("export", "weights"), (), "weights", under=EXPORT),
    Action("export_picture", "Picture of the network…", "File", 2, _desk("export", "picture"), (), "picture",
           under=EXPORT),
    Action("preferences", "Preferences…", "File", 3, lambda w: w.show_preferences(), ("Ctrl+,",), "", always),
    Action("start_page", "Start page", "File", 3, lambda w: w.show_start(), ("Ctrl+Shift+N",)),
    Action("quit", "Quit", "File", 4, lambda w: w.close(), ("Ctrl+Q",), "", always),
    Action("undo", "Undo", "Edit", 0, _canvas("undo"), ("Ctrl+Z",), "undo", undoable),
    Action("redo", "Redo", "Edit", 0, _canvas("redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", redoable),
    Action("history", "History…", "Edit", 0, lambda w: w.show_history(), ("Ctrl+H",)),
    Action("cut", "Cut", "Edit", 1, _canvas("cut"), ("Ctrl+X",), "", selecting, canvas=True),
    Action("copy", "Copy", "Edit", 1, _canvas("copy"), ("Ctrl+C",), "", selecting, canvas=True),
    Action("copy_picture", "Copy as a picture", "Edit", 1, _canvas("copy_picture"), (), "picture", canvas=True),
    Action("paste", "Paste", "Edit", 1, _canvas("paste"), ("Ctrl+V",), canvas=True),
    Action("paste_inputs", "Paste, keep the inputs", "Edit", 1, _canvas("paste", True), ("Ctrl+Shift+V",), canvas=True),
    Action("duplicate", "Duplicate", "Edit", 1, _canvas("duplicate"), ("Ctrl+D",), "", selecting, canvas=True),
    Action("delete", "Delete", "Edit", 1, _canvas("delete_selection"), ("Del", "Backspace"), "", selecting,
           canvas=True),
    Action("take_out", "Take out, keep the flow", "Edit", 1, _canvas("take_out_selection"), ("Ctrl+Shift+X",), "",
           selecting, canvas=True),
    Action("select_all", "Select all", "Edit", 2, _canvas("select_all"), ("Ctrl+A",), canvas=True),
    Action("add_layer", "Add a layer…", "Network", 0, _canvas("open_palette"), ("Tab", "Shift+A"), "plus", canvas=True),
    Action("chain", "Add a layer after it, or go inside", "Network", 0, _canvas("enter_or_chain"), ("Return", "Enter"),
           "", selecting, canvas=True),
    Action("chain_after", "Add a layer after it…", "Network", 0, _canvas("chain_layer"),
           ("Shift+Return", "Shift+Enter"), "", choosing, canvas=True),
    Action("search_layers", "Search the layers", "Network", 0, _desk("search_layers"), ("Ctrl+F",), "search"),
    Action("add_note", "Add a note", "Network", 0, _canvas("add_note"), ("Shift+P",), canvas=True),
    Action("frame", "Put in a frame", "Network", 0, _canvas("frame_selection"), ("Ctrl+G",), "", selecting,
           canvas=True),
    Action("write_mark", "Rename it, or write the note", "Network", 0, _canvas("rename"), ("F2",), "", naming,
           canvas=True),
    Action("connect", "Connect the two selected layers", "Network", 0, _canvas("connect_selected"), ("C",), "", pairing,
           canvas=True, under=WIRES),
    Action("connect_to", "Connect to…", "Network", 0, _canvas("connect_to"), ("Shift+C",), "", selecting, canvas=True,
           under=WIRES),
    Action("disconnect", "Disconnect", "Network", 0, _canvas("disconnect_selected"), ("Shift+D",), "", selecting,
           canvas=True, under=WIRES),
    Action("next_wire", "Choose the next wire", "Network", 0, _canvas("next_wire", 1), ("W",), "", selecting,
           canvas=True, under=WIRES),
    Action("previous_wire", "Choose the wire before", "Network", 0, _canvas("next_wire", -1), ("Shift+W",), "",
           selecting, canvas=True, under=WIRES),
    Action("bypass", "Bypass", "Network", 0, _canvas("bypass"), ("Ctrl+B",), "", selecting, canvas=True),
    Action("mute", "Mute", "Network", 0, _canvas("mute"), ("M",), "", selecting, canvas=True),
    Action("wake_all", "Let everything compute", "Network", 0, _canvas("wake_all")),
    Action("tidy", "Tidy up", "Network", 0, _canvas("arrange"), ("L",), "tidy", canvas=True),
    Action("tidy_new", "Tidy up only what is new", "Network", 0, _canvas("arrange_new"), ("Shift+L",), canvas=True),
    *(Action(f"align_{side}", words, "Network", 0, _canvas("align", side), keys, "", several(2), canvas=True,
             under=ARRANGE) for side, words, keys in ALIGN),
    Action("distribute_across", "Equal gaps across", "Network", 0, _canvas("distribute", True), ("Ctrl+Alt+H",), "",
           several(3), canvas=True, under=ARRANGE),
    Action("distribute_down", "Equal gaps down", "Network", 0, _canvas("distribute", False), ("Ctrl+Alt+V",), "",
           several(3), canvas=True, under=ARRANGE),
    Action("make_block", "Make a block", "Network", 3, _canvas("make_block"), ("Ctrl+Alt+G",), "", choosing,
           canvas=True),
    Action("enter_block", "Go inside the block", "Network", 3, _canvas("enter"), ("Ctrl+Return",), "", entering,
           canvas=True),
    Action("leave_block", "Leave the block", "Network", 3, _canvas("leave"), ("Ctrl+Backspace",), "", indoors,
           canvas=True),
    Action("unpack_block", "Unpack", "Network", 3, _canvas("unpack_block"), ("Ctrl+Alt+Shift+G",), "", using,
           canvas=True, under="Block"),
    Action("own_block", "Make it a block of its own", "Network", 3, _canvas("own_block"), (), "", entering,
           under="Block"),
    Action("rename_block", "Rename the block", "Network", 3, _canvas("rename_block"), (), "", blocked, under="Block"),
    Action("name_ports", "Names of its ports…", "Network", 3, _canvas("name_ports"), (), "", blocked, under="Block"),
    Action("save_block", "Save to my blocks", "Network", 3, _canvas("save_block"), (), "", blocked, under="Block"),
    Action("problems", "Problems", "Network", 1, _desk("show_problems"), ("F8",), "warning", troubled),
    Action("data", "Data…", "Network", 2, _desk("show_settings", "Data"), ("Ctrl+Shift+D",), "data"),
    Action("recipe", "Recipe…", "Network", 2, _desk("show_settings", "Recipe"), ("Ctrl+Shift+R",)),
    Action("hyperparameters", "Hyperparameters…", "Network", 2, _desk("show_settings", "Hyperparameters"),
           ("Ctrl+Alt+P",)),
    Action("compare_saved", "Compare with the last save", "Network", 3, lambda w: w.compare_saved()),
    Action("compare_other", "Compare with another project…", "Network", 3, lambda w: w.compare_other()),
    Action("prove", "Prove against onnxruntime", "Network", 3, lambda w: w.prove(), (), "", provable),
    Action("next_difference", "Next difference", "Network", 3, lambda w: w.step_difference(1), ("F7",), "", comparing),
    Action("previous_difference", "Previous difference", "Network", 3, lambda w: w.step_difference(-1), ("Shift+F7",),
           "", comparing),
    Action("play", "Play or pause", "Run", 0, _desk("toggle_play"), ("F5",), "play", playable),
    Action("step", "One step", "Run", 0, _desk("step"), ("F10",), "step", playable),
    Action("epoch", "One epoch", "Run", 0, _desk("epoch"), ("Shift+F10",), "epoch", playable),
    Action("stop", "Stop", "Run", 1, _desk("stop"), ("Shift+F5",), "stop", in_state("preparing", "running", "paused")),
    Action("reset", "Start over", "Run", 1, _desk("reset"), ("Ctrl+Shift+F5",), "reset", in_state("paused", "ended")),
    Action("fork", "Fork a run from this step", "Run", 2, _desk("fork"), (), "", travelling),
    Action("live", "Back to live", "Run", 2, _desk("back_to_live"), ("Ctrl+End",), "", travelling),
    Action("design", "Design", "View", 0, lambda w: w.show_workspace("Design"), ("Alt+1",), checked=at("Design")),
    Action("train", "Train", "View", 0, lambda w: w.show_workspace("Train"), ("Alt+2",), checked=at("Train")),
    Action("inspect", "Inspect", "View", 0, lambda w: w.show_workspace("Inspect"), ("Alt+3",), checked=at("Inspect")),
    Action("export", "Export", "View", 0, lambda w: w.show_workspace("Export"), ("Alt+4",), checked=at("Export")),
    Action("palette", "Layers", "View", 1, _desk("toggle_side", "palette"), ("Ctrl+Shift+L",),
           checked=showing("palette")),
    Action("inspector", "Inspector", "View", 1, _desk("toggle_side", "inspector"), ("Ctrl+Shift+I",),
           checked=showing("inspector")),
    Action("next_part", "Go to the next part", "View", 1, lambda w: parts.next_part(w), ("F6",), "", always),
    Action("previous_part", "Go to the part before", "View", 1, lambda w: parts.next_part(w, -1), ("Shift+F6",), "",
           always),
    Action("fit", "Show all", "View", 2, _canvas("fit"), ("Home",), "fit", canvas=True),
    Action("fit_selection", "Show the selection", "View", 2, _canvas("fit_selection"), ("F",), canvas=True),
    Action("zoom_in", "Zoom in", "View", 2, _canvas("zoom_in"), ("Ctrl++", "Ctrl+=")),
    Action("zoom_out", "Zoom out", "View", 2, _canvas("zoom_out"), ("Ctrl+-",)),
    Action("zoom_reset", "100 %", "View", 2, _canvas("zoom_reset"), ("Ctrl+0",)),
    *(Action(f"bookmark_{n}", f"Go to bookmark {n}", "View", 2, _canvas("go_bookmark", n), (f"{n}",), "", bookmarked(n),
             canvas=True, under=BOOKMARKS) for n in range(1, 10)),
    *(Action(f"set_bookmark_{n}", f"Set bookmark {n}", "View", 2, _canvas("set_bookmark", n), (f"Ctrl+{n}",),
             canvas=True, under=BOOKMARKS) for n in range(1, 10)),
    Action("minimap", "Minimap", "View", 2, _canvas("toggle_minimap"), ("Alt+M",), checked=mapped),
    Action("reset_views", "Arrange the views as at first", "View", 3, _desk("reset_views")),
    Action("dark", "Dark", "View", 4, lambda w: w.set_theme("dark"), (), "", always, themed("dark"), under="Theme"),
    Action("light", "Light", "View", 4, lambda w: w.set_theme("light"), (), "", always, themed("light"), under="Theme"),
    Action("system", "As the system", "View", 4, lambda w: w.set_theme("system"), (), "", always,
           themed("system"), under="Theme"),
    Action("larger", "Larger text", "View", 4, lambda w: w.scale_text(0.1), ("Ctrl+Alt+=",), "", always),
    Action("smaller", "Smaller text", "View", 4, lambda w: w.scale_text(-0.1), ("Ctrl+Alt+-",), "", always),
    Action("full_screen", "Full screen", "View", 5, lambda w: w.toggle_full_screen(), ("F11",), "", always,
           lambda w: w.isFullScreen()),
    Action("explain", "Explain this layer", "Help", 0, _explain, ("F1",), "info"),
    Action("hands", "Hands at the canvas", "Help", 0, _hands),
    Action("commands", "All commands…", "Help", 0, lambda w: w.show_commands(), ("Ctrl+K",), "search", always),
    Action("about", "About Netloom", "Help", 1, lambda w: w.show_about(), (), "", always),
)  # fmt: skip


def step_words(window: Window, back: bool) -> str:
    """What undo would take back, or redo do again, as the history tells it; empty where there is nothing."""
    project = window.project
    if project is None or not (project.document.can_undo if back else project.document.can_redo):
        return ""
    from widgets.told import told

    document = project.document
    step = document.history[document.position - 1 if back else document.position]
    return told(step, document.network, project.catalogue)


class Actions:
    """The actions of one window as QActions, kept in step with what can be done."""

    def __init__(self, window: Window, declared: Iterable[Action] = ACTIONS) -> None:
        self._window = window
        self._dressed = False
        self.declared = {action.id: action for action in declared}
        shortcuts().use(window.preferences.keys)
        self.made = {action.id: self._make(action) for action in self.declared.values()}

    def __getitem__(self, id: str) -> QAction:
        return self.made[id]

    def set_keys(self, own: Mapping[str, list[str]]) -> None:
        """Use what a person chose from now on, and remember it."""
        self._window.preferences.keys = {id: list(keys) for id, keys in own.items()}
        self._window.remember_soon()
        shortcuts().use(own)
        for id, action in self.made.items():
            action.setShortcuts([QKeySequence(key) for key in shortcuts().of(id)])

    def dress(self) -> None:
        """Give the actions their icons: drawn once a menu is to be seen, not before the first frame."""
        if not self._dressed:
            self._dressed = True
            for id, action in self.declared.items():
                if action.icon:
                    set_icon(self.made[id], action.icon)

    def refresh(self) -> None:
        """Enable what can be done now, check what is on."""
        for id, action in self.declared.items():
            made = self.made[id]
            enabled = action.enabled(self._window)
            if made.isEnabled() != enabled:
                made.setEnabled(enabled)
            if action.checked is not None:
                made.setChecked(action.checked(self._window))
        for id in ("undo", "redo"):
            words, said = self.declared[id].text, step_words(self._window, id == "undo")
            self.made[id].setText(f"{words}: {said[:1].lower()}{said[1:]}" if said else words)

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Build the menus; gives them by name, submenus too."""
        menus = {name: bar.addMenu(f"&{name}") for name in MENUS}
        group: dict[str, int] = {}
        for action in self.declared.values():
            menu = menus[action.menu]
            if action.group != group.get(action.menu, action.group):
                menu.addSeparator()
            group[action.menu] = action.group
            if action.under:
                if action.under not in menus:
                    menus[action.under] = menu.addMenu(action.under)
                menu = menus[action.under]
            menu.addAction(self.made[action.id])
        return menus

    def attach_canvas(self, canvas: object) -> None:
        """Let the keys that belong to the canvas work on it."""
        for id, action in self.declared.items():
            if action.canvas:
                canvas.addAction(self.made[id])  # type: ignore[attr-defined]

    def _make(self, action: Action) -> QAction:
        made = QAction(action.text, self._window)
        made.setObjectName(action.id)
        made.setShortcuts([QKeySequence(key) for key in shortcuts().of(action.id)])
        made.setCheckable(action.checked is not None)
        made.setAutoRepeat(False)
        if action.canvas:
            made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        else:
            self._window.addAction(made)
        made.triggered.connect(lambda _=False: self._run(action))
        return made

    def _run(self, action: Action) -> None:
        self._window.commit()
        action.run(self._window)
        self.refresh()
