"""Which way the flow passes a dot: from left to right, or, where a wire leads back, from right to left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from widgets.editor.mirror.item import Item
    from widgets.editor.mirror.scene import Scene


def turn(scene: Scene, ids: Iterable[str]) -> set[str]:
    """Turns the dots among these nodes and beside them as the flow passes them now.

    Returns the nodes with those dots that turned, whose wires run elsewhere then.
    """
    network, items = scene.network, scene.items
    found = set(ids)
    near = set(found)
    for id in found:
        near.update(w.source.node for w in network.incoming(id))
        near.update(w.target.node for w in network.outgoing(id))
    for id in near:
        item = items.get(id)
        if item is not None and item.face.dot and item.turned != (turned := _turned(scene, item)):
            item.turned = turned
            found.add(id)
    return found


def _turned(scene: Scene, dot: Item) -> bool:
    """Whether what feeds a dot stands to its right, and all that it feeds to its left."""
    network, items, id = scene.network, scene.items, dot.node.id
    left, right = dot.rect.left(), dot.rect.right()
    fed = [items[w.source.node] for w in network.incoming(id) if w.source.node in items]
    feeds = [items[w.target.node] for w in network.outgoing(id) if w.target.node in items]
    after = all(item.rect.left() < (left if not item.face.dot else left + 1) for item in feeds)
    return bool(fed and feeds) and after and all(item.rect.right() > right for item in fed)
