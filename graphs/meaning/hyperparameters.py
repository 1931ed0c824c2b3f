"""The named hyperparameters of a design: who uses them, and the edits that add, change, rename and remove them.

They stand in the settings' section "hyperparameters": {"width": 32, "depth": "=width/8"}. Inside a block a parameter
of the block hides a hyperparameter of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from graphs.edits import Applied, Batch, Edit, EditError, SetBlocks, SetSetting
from graphs.meaning.expressions import (
    LENGTH,
    MOST_NAMES,
    ExpressionFault,
    Names,
    Number,
    evaluate,
    expressions_in,
    is_expression,
    name_fault,
    names_in,
    substituted,
)
from graphs.network import Block, Network, Node
from graphs.patches import Patch

SECTION = "hyperparameters"


class User(NamedTuple):
    """Who uses a hyperparameter: a field of a node (inside `block`, if any), another one ("" as node and block),
    or the default of a parameter of a block ("" as node)."""

    block: str
    node: str
    field: str


@dataclass(frozen=True)
class SetManyFields(Applied):
    """Sets fields of many nodes at once; a value of None returns a field to its kind's default."""

    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    label: str = "Change fields"

    def patch(self, network: Network) -> Patch:
        for node in self.fields:
            if node not in network.nodes:
                raise EditError(f"There is no node “{node}”.")
        return Patch({id: _with(network.nodes[id], given) for id, given in self.fields.items()})


def section(network: Network) -> dict[str, Any]:
    """The hyperparameters as they stand in the settings, whatever a file holds there."""
    found = network.settings.get(SECTION)
    return {str(name): value for name, value in found.items()} if isinstance(found, Mapping) else {}


def start_of(text: str, name: str, names: Names, held: Any) -> Number | None:
    """What a new name in an expression has to stand for so that its field keeps the number that it held: 8 for
    "width*2" in a field that held 16. None where the expression is not linear in it, or only a fraction or
    nothing above 0 does."""
    if isinstance(held, bool) or not isinstance(held, int | float):
        return None
    try:
        first, second, third = (evaluate(text, {**names, name: at}) for at in (1, 2, 3))
        slope = second - first
        if slope == 0 or third - second != slope:
            return None
        found = round(1 + (held - first) / slope)
        return found if found > 0 and evaluate(text, {**names, name: found}) == held else None
    except ExpressionFault:
        return None


def users(network: Network) -> dict[str, list[User]]:
    """Who speaks of each name directly, for all hyperparameters; those without users have an empty list."""
    found: dict[str, list[User]] = {name: [] for name in section(network)}
    if not found:
        return found
    for user, value, hidden in _values(network):
        for name in {name for text in expressions_in(value) for name in names_in(text)} - hidden:
            if name in found:
                found[name].append(user)
    return found


def nodes_that_use(network: Network, name: str) -> list[str]:
    """The nodes of the top level that follow a hyperparameter: directly, through another one, or inside their block."""
    direct, waiting, seen = users(network), [name], {name}
    nodes: list[str] = []
    blocks: set[str] = set()
    while waiting:
        for user in direct.get(waiting.pop(), []):
            if user.block:
                blocks.add(user.block)
            elif user.node:
                nodes.append(user.node)
            elif user.field not in seen:
                seen.add(user.field)
                waiting.append(user.field)
    blocks = _holders(network, blocks)
    wanted = {*nodes, *(node.id for node in network.nodes.values() if node.block in blocks)}
    return [id for id in network.ids if id in wanted]


def fresh_name(network: Network, stem: str, taken: Mapping[str, Any] | None = None) -> str:
    """A name that is not in use: the stem, or the stem with a number."""
    known = {**section(network), **(taken or {})}
    stem = stem if not name_fault(stem) else "value"
    return next(name for name in (stem, *(f"{stem}{i}" for i in range(2, len(known) + 3))) if name not in known)


def add(network: Network, name: str, value: Any) -> Edit:
    """Adds a hyperparameter. Raises EditError where it cannot have this name."""
    _check_name(network, name)
    if len(section(network)) >= MOST_NAMES:
        raise EditError(f"A design has at most {MOST_NAMES} hyperparameters.")
    return _set({**section(network), name: value}, f"Add the hyperparameter {name}")


def change(network: Network, name: str, value: Any) -> Edit:
    """Gives a hyperparameter another number or expression."""
    return _set({**section(network), name: value}, f"Change {name}")


def remove(network: Network, name: str) -> Edit:
    """Removes a hyperparameter. Raises EditError while it is used, saying by whom."""
    found = users(network).get(name, [])
    if found:
        raise EditError(f"“{name}” is used by {_listed([who(network, user) for user in found])}; change that first.")
    return _set({n: value for n, value in section(network).items() if n != name}, f"Remove the hyperparameter {name}")


def rename(network: Network, before: str, after: str) -> Edit:
    """Renames a hyperparameter; every expression that speaks of it follows. Raises EditError."""
    _check_name(network, after)
    for user in users(network)[before]:
        if user.block and after in network.blocks[user.block].parameters:
            raise EditError(f"The block “{user.block}” has a parameter “{after}” already; take another name.")
    changed = {name: _renamed(value, before, after) for name, value in section(network).items()}
    edits: list[Edit] = [
        SetSetting(SECTION, {after if name == before else name: value for name, value in changed.items()})
    ]
    fields = _renamed_nodes(network.nodes, before, after)
    blocks = {id: block for id, was in network.blocks.items() if (block := _renamed_block(was, before, after)) != was}
    edits += [SetManyFields(fields)] if fields else []
    edits += [SetBlocks(blocks)] if blocks else []
    return Batch(tuple(edits), f"Rename {before} to {after}")


def who(network: Network, user: User) -> str:
    """A user in words: the node's title, the hyperparameter, the block."""
    if not user.block:
        return network.nodes[user.node].title if user.node else user.field
    block = network.blocks[user.block]
    inner = block.network.nodes[user.node].title if user.node else user.field
    return f"{inner} in {block.title or block.id}"


def _values(network: Network) -> Iterator[tuple[User, Any, set[str]]]:
    """Every value that may hold expressions, whose it is, and the names that are hidden from it."""
    for name, value in section(network).items():
        yield User("", "", name), value, set()
    for node, key, value in _texts(network):
        yield User("", node, key), value, set()
    for block in network.blocks.values():
        hidden = set(block.parameters)
        for name, value in block.parameters.items():
            yield User(block.id, "", name), value, hidden
        for node, key, value in _texts(block.network):
            yield User(block.id, node, key), value, hidden


def _texts(network: Network) -> Iterator[tuple[str, str, Any]]:
    """Fields with text in them; most hold plain numbers, and there may be many thousand."""
    for node in network.nodes.values():
        for key, value in node.fields.items():
            if isinstance(value, str | list | tuple) and expressions_in(value):
                yield node.id, key, value


def _holders(network: Network, blocks: set[str]) -> set[str]:
    """These blocks and all that hold one of them, at any depth."""
    while True:
        more = {
            block.id
            for block in network.blocks.values()
            if block.id not in blocks and any(node.block in blocks for node in block.network.nodes.values())
        }
        if not more:
            return blocks
        blocks = blocks | more


def _set(values: Mapping[str, Any], label: str) -> Edit:
    return Batch((SetSetting(SECTION, dict(values) or None),), label)


def _with(node: Node, given: Mapping[str, Any]) -> Node:
    return replace(node, fields={k: v for k, v in {**node.fields, **given}.items() if v is not None})


def _check_name(network: Network, name: str) -> None:
    if sentence := name_fault(name):
        raise EditError(sentence)
    if name in section(network):
        raise EditError(f"There is a hyperparameter “{name}” already; take another name.")


def _renamed(value: Any, before: str, after: str) -> Any:
    if isinstance(value, list | tuple):
        return [_renamed(item, before, after) for item in value] if expressions_in(value) else value
    if not is_expression(value):
        return value
    made = substituted(value, {before: after})
    if len(made) > LENGTH + 1:
        raise EditError(f"With the name “{after}” an expression would be longer than {LENGTH} characters.")
    return made


def _renamed_nodes(nodes: Mapping[str, Node], before: str, after: str) -> dict[str, dict[str, Any]]:
    """The fields that change, by node."""
    found = {}
    for node in nodes.values():
        fields = {key: _renamed(value, before, after) for key, value in node.fields.items()}
        if fields != node.fields:
            found[node.id] = fields
    return found


def _renamed_block(block: Block, before: str, after: str) -> Block:
    if before in block.parameters:
        return block
    fields = _renamed_nodes(block.network.nodes, before, after)
    nodes = {id: _with(node, fields.get(id, {})) for id, node in block.network.nodes.items()} if fields else {}
    parameters = {name: _renamed(value, before, after) for name, value in block.parameters.items()}
    return replace(
        block, parameters=parameters, network=replace(block.network, nodes=nodes) if nodes else block.network
    )


def _listed(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    shown = names[:3] if len(names) > 4 else names[:-1]
    last = f"{len(names) - 3} more" if len(names) > 4 else names[-1]
    return f"{', '.join(shown)} and {last}" if shown else last
