"""Everything that can be done or gone to in one list: actions with their keys, layers, examples, recent projects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from widgets.panels.finder import Entry, Finder, best, scored
from widgets.synonyms import SYNONYMS

if TYPE_CHECKING:
    from widgets.actions import Actions
    from widgets.window import Window

PLACES = 0.98
"""How much less a layer's name counts than an action of the same words."""
ALSO = 0.9
"""How much less the other words for an action count than its own."""
ENOUGH = 2000
"""Among more layers than this, only those whose name holds the query are looked for."""


class CommandPalette(Finder):
    """The commands that can be done now come first; what one types also finds layers and projects."""

    def __init__(self, actions: Actions, parent: Window) -> None:
        super().__init__(lambda query: found(actions, parent, query), parent, "What do you want to do?", "Commands")


def found(actions: Actions, window: Window, query: str) -> list[Entry]:
    """Actions, and with a query places to go to, the best first."""
    return best([*_actions(actions, query), *(_places(window, query) if query.strip() else ())])


def ranked(actions: Actions, query: str) -> list[str]:
    """Ids of the actions that match every word, the best first, those that can't be done now last."""
    return [entry.id for entry in best(_actions(actions, query))]


def _actions(actions: Actions, query: str) -> Iterator[Entry]:
    for id, declared in actions.declared.items():
        action = actions[id]
        score = scored(query, f"{action.text()} {declared.menu} {declared.under}")
        score = max(score, ALSO * scored(query, f"{action.text()} {SYNONYMS.get(id, '')}"))
        where = " · ".join(part for part in (declared.menu, declared.under) if part)
        yield Entry(id, action.text(), action.trigger, where, keys_of(action), action.isEnabled(), score)


def _places(window: Window, query: str) -> Iterator[Entry]:
    desk = window.desk
    if desk is not None:
        nodes, plain = desk.canvas.scene.network.nodes, query.casefold().strip()
        for id, node in nodes.items():
            if len(nodes) > ENOUGH and plain not in node.title.casefold() and plain not in id:
                continue
            score = PLACES * max(scored(query, node.title), scored(query, f"go to {node.title}"))
            if score > 0:
                yield Entry(f"node:{id}", node.title, lambda id=id: _go(window, id), "Go to the layer", "", True, score)
    from studio import examples

    for name in examples.names():
        score = PLACES * scored(query, f"{name} open example")
        yield Entry(f"example:{name}", name, lambda name=name: window.open(name), "Open the example", "", True, score)
    for path in window.preferences.recent:
        score = PLACES * scored(query, f"{Path(path).stem} open recent")
        yield Entry(
            f"recent:{path}", Path(path).stem, lambda path=path: window.open(path), "Open recent", "", True, score
        )


def _go(window: Window, id: str) -> None:
    if window.desk is not None:
        canvas = window.desk.canvas
        canvas.select([id])
        canvas.fit_selection()
        canvas.setFocus()


def keys_of(action: QAction) -> str:
    """The action's first shortcut as the desktop writes it."""
    return action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
