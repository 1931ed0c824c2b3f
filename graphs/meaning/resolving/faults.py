"""What can be wrong with blocks, modes and expressions, in words and with edits that mend it."""

from __future__ import annotations

from dataclasses import replace

from graphs.edits import Edit, RemoveNodes, SetFields, SetMode, SetNodes
from graphs.inference.problems import Fix, Problem, bad_fields
from graphs.layers.catalogue import BadFields
from graphs.limits import MOST_DEPTH
from graphs.meaning.scopes import MOST_REPEATS, REPEAT
from graphs.network import Node

MOST_NODES = 100_000
"""Nodes of a network once its blocks are laid out."""


def _fix(label: str, edit: Edit) -> tuple[Fix, ...]:
    return (Fix(label, edit),)


def _remove(node: Node) -> tuple[Fix, ...]:
    return _fix(f"Remove {node.title}", RemoveNodes((node.id,)))


def field(node: Node, error: BadFields) -> Problem:
    """A field of a node that has no value, or none that fits."""
    return bad_fields(node, error)


def outside(node: Node) -> Problem:
    """The port of a block that stands in no block."""
    word = "input" if node.kind == "BlockInput" else "output"
    message = f"{node.title}: a block {word} has a meaning only inside a block."
    return Problem(node.id, "error", message, "a place inside a block", "the design itself", _remove(node))


def inner_end(node: Node, ends: bool) -> Problem:
    """An input or output of the whole network that stands in a block."""
    kind, word = ("BlockOutput", "output") if ends else ("BlockInput", "input")
    label = f"Make {node.title} an {word} of the block"
    message = f"{node.title}: an {word} of the whole network cannot stand inside a block."
    edit = SetNodes((replace(node, kind=kind, fields={}, mode=""),), label)
    return Problem(node.id, "error", message, f"a block {word}", node.kind, _fix(label, edit))


def unknown_block(node: Node) -> Problem:
    """A use of a block that is not there."""
    message = f"{node.title}: the design holds no block “{node.block}”; the node is kept as it is."
    return Problem(node.id, "error", message, "a block of this design", str(node.block), _remove(node))


def inside_itself(node: Node) -> Problem:
    """A block that would hold itself."""
    message = f"{node.title}: a block cannot stand inside itself, here or further inside."
    return Problem(node.id, "error", message, "a block that does not hold this one", str(node.block), _remove(node))


def too_deep(node: Node) -> Problem:
    """Blocks in blocks without end."""
    message = f"{node.title}: blocks stand in blocks more than {MOST_DEPTH} deep."
    return Problem(node.id, "error", message, f"at most {MOST_DEPTH}", "more", _remove(node))


def too_many(node: Node) -> Problem:
    """A use that would lay out more nodes than a design may have."""
    fixes = _fix("Repeat it once", SetFields(node.id, {REPEAT: None})) if REPEAT in node.fields else ()
    message = f"{node.title}: laid out, its layers are more than a network can have."
    return Problem(node.id, "error", message, f"at most {MOST_NODES:,} nodes", "more", fixes or _remove(node))


def repeats(node: Node) -> Problem:
    """A number of repeats that is none."""
    fixes = _fix("Repeat it once", SetFields(node.id, {REPEAT: None}))
    message = f"{node.title}: it can stand 1 to {MOST_REPEATS} times in a row."
    return Problem(node.id, "error", message, f"a whole number up to {MOST_REPEATS}", str(node.fields[REPEAT]), fixes)


def unchained(node: Node, inputs: int, outputs: int) -> Problem:
    """A repeat whose results cannot all go into the next one."""
    fixes = _fix("Repeat it once", SetFields(node.id, {REPEAT: None}))
    message = f"{node.title}: to repeat, each of its outputs needs an input of the next one to go to."
    ports = f"{inputs} inputs and {outputs} outputs"
    return Problem(node.id, "error", message, "an input for every output", ports, fixes)


def parameter(node: Node, name: str, sentence: str) -> Problem:
    """A parameter of a block whose default has no value."""
    return Problem(node.id, "error", f"{node.title}: the parameter {name} of its block has no value. {sentence}")


def strange_parameter(node: Node, name: str) -> Problem:
    """A value for a parameter that the block does not have, or of another kind than its default."""
    fixes = _fix(f"Use the default of {name}", SetFields(node.id, {name: None}))
    message = f"{node.title}: its block does not take this value for {name}."
    return Problem(node.id, "error", message, received=str(node.fields[name])[:60], fixes=fixes)


def no_bypass(node: Node) -> Problem:
    """A node that cannot be bypassed, having nothing to hand on, or nobody to hand it to."""
    fixes = _fix(f"Let {node.title} compute", SetMode((node.id,), ""))
    message = f"{node.title}: it cannot be bypassed, since there is nothing for it to hand on."
    return Problem(node.id, "error", message, "a node with an input and an output", "", fixes)


def muted_output(node: Node, muted: tuple[str, ...], last: bool) -> Problem:
    """An output that gets nothing since it, or what feeds it, is muted."""
    fixes = _fix(f"Unmute {', '.join(muted)}" if len(muted) < 3 else "Unmute them", SetMode(muted, ""))
    if node.mode == "mute":
        message, fixes = f"{node.title}: this output is muted.", _fix("Unmute it", SetMode((node.id,), ""))
    else:
        message = f"{node.title}: what it needs is muted, so there is no result."
    return Problem(node.id, "error" if last else "warning", message, "a result", "nothing", fixes if muted else ())


def loop(node: Node) -> Problem:
    """A wire that runs through dots and bypassed nodes back to where it came from."""
    message = f"{node.title}: this wire runs in a circle and begins nowhere."
    return Problem(node.id, "error", message, "a wire that begins at a layer", "a circle", _remove(node))


def idle(node: Node) -> Problem:
    """A dot that nothing is connected to."""
    return Problem(node.id, "warning", f"{node.title}: no wire leads into this dot.", fixes=_remove(node))
