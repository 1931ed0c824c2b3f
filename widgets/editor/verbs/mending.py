"""Room for the layers that mends bring: a fix knows the network, the canvas knows how large its cards are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphs.edits import Batch, Edit, Move
from graphs.inference.mends import AddLayer
from graphs.network import Network, Node
from graphs.placing.arranging import free_level
from widgets.editor.painting.face import face
from widgets.editor.painting.guess import guesses
from widgets.editor.verbs import editing

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


def mends(edit: Edit) -> bool:
    """Whether an edit brings a layer to mend something."""
    if isinstance(edit, Batch):
        return any(mends(part) for part in edit.edits)
    return isinstance(edit, AddLayer)


def roomy(canvas: Canvas, edit: Edit) -> Edit:
    """The edit of a fix, with the layers it brings where there is room for their cards. Raises EditError."""
    network = canvas.document.network
    patch = edit.patch(network)
    after = patch.apply(network)[0]
    new = [node for id, node in patch.nodes.items() if node is not None and id not in network.nodes]
    boxes = canvas.boxes()
    likely = guesses(after, canvas.catalogue, {i: f for i, f in canvas.scene.known.items() if i in after.nodes})
    places = {i: network.nodes[i].position for i, node in patch.nodes.items() if node and i in network.nodes}
    for node in new:
        made = face(node, after, canvas.catalogue, likely.get(node.id))
        boxes[node.id] = (*node.position, made.width, made.height)
        found, moved = _placed(after, node, boxes)
        places |= {node.id: found.position, **moved}
        boxes |= {i: (*places[i], *boxes[i][2:]) for i in places if i in boxes}
    edit = Batch((edit, Move(places)), edit.label) if new else edit
    for node in new:
        edit = canvas.housed(edit, node.id)
    return edit


def _placed(after: Network, node: Node, boxes: dict[str, editing.Box]) -> tuple[Node, editing.Places]:
    """A new layer beside what it is wired to, and what gives way to it."""
    feeds = [w.source.node for w in after.incoming(node.id) if w.source.node in boxes]
    fed = [w.target.node for w in after.outgoing(node.id) if w.target.node in boxes]
    width, height = boxes[node.id][2:]
    if feeds:
        node = replace(node, position=editing.beside(boxes[feeds[0]], height))
        boxes[node.id] = (*node.position, width, height)
    if feeds and fed:
        return editing.placed_between(after, node, feeds[0], fed[0], boxes)
    if fed:
        left, top, _, high = boxes[fed[0]]
        place = (editing.snap(left - editing.ROOM - width), editing.level(top + high / 2, height))
        node = replace(node, position=place)
    others = [box for id, box in boxes.items() if id != node.id]
    top = free_level((*node.position, width, height), others, editing.CLEAR)
    return replace(node, position=(node.position[0], top)), {}
