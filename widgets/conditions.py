"""When an action can be done, and what is switched on: questions to the window that change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from widgets import reviewing

if TYPE_CHECKING:
    from widgets.window import Window

Check = Callable[["Window"], bool]


def always(_window: Window) -> bool:
    """It can be done at any time."""
    return True


def working(window: Window) -> bool:
    """A project is open."""
    return window.desk is not None


def selecting(window: Window) -> bool:
    """Something on the canvas is selected."""
    canvas = window.desk.canvas if window.desk is not None else None
    return canvas is not None and bool(canvas.selected() or canvas.chosen_wires or canvas.chosen_marks)


def pairing(window: Window) -> bool:
    """Two layers are selected."""
    return window.desk is not None and len(window.desk.canvas.selected()) == 2


def provable(window: Window) -> bool:
    """The network can be built and has something to compute."""
    return window.desk is not None and window.desk.ready


def several(least: int) -> Check:
    """At least so many things on the canvas are selected that can be put in order."""
    return lambda window: window.desk is not None and window.desk.canvas.chosen_count() >= least


def naming(window: Window) -> bool:
    """One layer, frame or note is selected."""
    return window.desk is not None and window.desk.canvas.nameable()


def bookmarked(number: int) -> Check:
    """This bookmark is set."""
    return lambda window: window.desk is not None and window.desk.canvas.bookmark(number) is not None


def choosing(window: Window) -> bool:
    """Nodes on the canvas are selected."""
    return window.desk is not None and bool(window.desk.canvas.selected())


def using(window: Window) -> bool:
    """A use of a block is selected."""
    return window.desk is not None and any(map(window.desk.canvas.is_use, window.desk.canvas.selected()))


def entering(window: Window) -> bool:
    """One use of a block is selected."""
    return window.desk is not None and window.desk.canvas.the_use() is not None


def indoors(window: Window) -> bool:
    """The canvas shows the inside of a block."""
    return window.desk is not None and bool(window.desk.canvas.path)


def blocked(window: Window) -> bool:
    """A use of a block is selected, or the canvas shows the inside of one."""
    return window.desk is not None and window.desk.canvas.the_block is not None


def playable(window: Window) -> bool:
    """A run can be started or paused."""
    return window.desk is not None and window.desk.playable


def undoable(window: Window) -> bool:
    """There is a step to take back."""
    return window.document is not None and window.document.can_undo


def redoable(window: Window) -> bool:
    """There is a step to do again."""
    return window.document is not None and window.document.can_redo


def troubled(window: Window) -> bool:
    """The network has problems."""
    return window.desk is not None and window.desk.has_problems


def travelling(window: Window) -> bool:
    """The time machine stands at a recorded step."""
    return window.desk is not None and not window.desk.is_live


def comparing(window: Window) -> bool:
    """Differences from another network are shown."""
    return reviewing.comparing(window) is not None


def at(workspace: str) -> Check:
    """This workspace is shown."""
    return lambda window: window.workspace == workspace


def showing(side: str) -> Check:
    """This side panel is shown."""
    return lambda window: window.desk is not None and window.desk.shows(side)


def mapped(window: Window) -> bool:
    """The minimap is wanted."""
    return window.desk is not None and window.desk.canvas.minimap.wanted


def themed(name: str) -> Check:
    """This theme was chosen."""
    return lambda window: window.preferences.theme == name


def in_state(*states: str) -> Check:
    """The run is in one of these states."""
    return lambda window: window.desk is not None and window.desk.transport.state in states
