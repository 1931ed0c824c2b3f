"""What the canvas says in words: tooltips, and descriptions for screen readers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphs.network import End
from widgets.editor.gestures import Pointer
from widgets.editor.mirror.item import Socket
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting.badges import Badges
from widgets.editor.painting.wires import label_of

if TYPE_CHECKING:
    from widgets.editor.canvas import Canvas


def describe(scene: Scene, selected: list[str], badges: Badges) -> str:
    """The canvas for somebody who does not see it."""
    count = len(scene.items)
    if not selected:
        wires = len(scene.network.wires)
        return f"{_plural(count, 'node')}, {_plural(wires, 'wire')}. Arrow keys go from node to node."
    if len(selected) > 1:
        return f"{len(selected)} of {_plural(count, 'node')} selected"
    return node_words(scene, selected[0], badges)


def wires_words(scene: Scene, ends: Iterable[End]) -> str:
    """Chosen wires: what they join, and what flows through a single one."""
    wires = [scene.network.wires[end] for end in ends if end in scene.network.wires]
    if len(wires) != 1:
        return f"{_plural(len(wires), 'wire')} selected"
    first, last = (scene.items[end.node].face.title for end in (wires[0].source, wires[0].target))
    shape = label_of(scene, wires[0].target)
    return f"Wire from {first} to {last}{f', carries {shape}' if shape else ''}."


def card_name(scene: Scene, id: str) -> str:
    """What a card is called: its title, and what it is and does."""
    face = scene.items[id].face
    return f"{face.title}, {face.summary}" if face.summary else face.title


def node_words(scene: Scene, id: str, badges: Badges) -> str:
    """One node in a sentence or two."""
    item, parts = scene.items[id], [card_name(scene, id)]
    if item.face.count:
        parts.append(f"{item.face.count} parameters")
    if gives := _gives(scene, id):
        parts.append(f"gives {gives}")
    fed = [scene.items[w.source.node].face.title for w in scene.network.incoming(id) if w.source.node in scene.items]
    if fed:
        parts.append(f"fed by {', '.join(fed)}")
    feeds = [scene.items[w.target.node].face.title for w in scene.network.outgoing(id) if w.target.node in scene.items]
    if feeds:
        parts.append(f"feeds {', '.join(feeds)}")
    if item.node.mode:
        parts.append({"bypass": "bypassed", "mute": "muted"}[item.node.mode])
    text = ", ".join(parts) + "."
    problems = badges.text(id).replace("\n", ". ")
    return f"{text} {problems}".strip()


def _gives(scene: Scene, id: str) -> str:
    facts = scene.analysis.facts.get(id) if scene.analysis else None
    return ", ".join(str(shape) for shape in facts.outputs if shape) if facts else ""


def hint(canvas: Canvas, at: Pointer) -> str:
    """The tooltip for what is under the pointer."""
    badge = canvas.badges.at(canvas.camera, at.view)
    if badge is not None:
        fixes = any(p.fixes for p in canvas.badges.problems[badge])
        return canvas.badges.text(badge) + ("\n\nClick for fixes" if fixes else "")
    socket = canvas.scene.socket_at(at.scene, 11 / canvas.camera.scale) if canvas.ports_shown else None
    if socket is not None:
        return _socket(canvas.scene, socket)
    node = canvas.scene.node_at(at.scene)
    if node is not None:
        over = getattr(canvas.overlay, "hint", None)
        return "\n\n".join(part for part in (_node(canvas, node), over(node) if over is not None else "") if part)
    wire = canvas.hands.wire_at(at)
    return _wire(canvas.scene, wire) if wire else ""


def _socket(scene: Scene, socket: Socket) -> str:
    name = socket.port.title or socket.port.name
    if not socket.output:
        wire = scene.network.wires.get(socket.end)
        fed = f", fed by {wire.source}" if wire else ", not connected"
        return f"Input {name}{fed}"
    facts = scene.analysis.facts.get(socket.end.node) if scene.analysis else None
    shapes = facts.outputs if facts else ()
    names = [p.name for p in scene.items[socket.end.node].face.outputs]
    index = names.index(socket.end.port) if socket.end.port in names else 0
    shape = f": {shapes[index]}" if index < len(shapes) and shapes[index] else ""
    return f"Output {name}{shape}"


def _node(canvas: Canvas, id: str) -> str:
    item = canvas.scene.items[id]
    kind = canvas.catalogue.kinds.get(item.node.kind)
    lines = [item.face.title, item.face.summary]
    if kind is not None and kind.help:
        lines.append(kind.help)
    line = canvas.live.health.get(id)
    if line is not None:
        lines.append(line.text)
    return "\n".join(lines)


def _wire(scene: Scene, end) -> str:  # type: ignore[no-untyped-def]
    wire, shape = scene.network.wires[end], label_of(scene, end)
    return f"{wire.source} → {wire.target}" + (f"\n{shape}" if shape else "")


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
