"""What a use of a block may set: fields that become parameters, and parameters that become fields again.

All edits here are about the whole design: `network` is the design itself, since uses may stand anywhere in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from graphs.edits import Batch, Edit, EditError, SetBlocks, SetNodes
from graphs.layers.blocks import parameter_fault
from graphs.layers.catalogue import Catalogue
from graphs.meaning.expressions import LENGTH, expressions_in, is_expression, names_in, substituted
from graphs.meaning.scopes import design_names
from graphs.network import BLOCK, Block, Network, Node


def expose(network: Network, block: str, node: str, field: str, name: str, catalogue: Catalogue) -> Edit:
    """Makes a field inside a block a parameter that every use may set; what the field held is its default.

    A parameter with this default is joined: both fields follow it. Raises EditError.
    """
    known = defined(network, block)
    inner = known.network.nodes.get(node)
    if inner is None:
        raise EditError(f"There is no node “{node}” in this block.")
    value = _value(inner, field, catalogue)
    _check_name(network, known, name)
    if name in known.parameters and not _same(known.parameters[name], value):
        raise EditError(f"There is a parameter “{name}” already, and it is {known.parameters[name]}, not {value}.")
    nodes = {**known.network.nodes, node: replace(inner, fields={**inner.fields, field: f"={name}"})}
    parameters = known.parameters if name in known.parameters else {**known.parameters, name: value}
    made = replace(known, network=replace(known.network, nodes=nodes), parameters=parameters)
    return SetBlocks({block: made}, f"Make {field} of {inner.title} a parameter")


def hide(network: Network, block: str, name: str) -> Edit:
    """Takes a parameter away: the fields inside hold its default. Raises EditError where a use sets another value."""
    known = defined(network, block)
    default = _parameter(known, name)
    for user in _users(network, block):
        if not _same(user.fields.get(name, default), default):
            raise EditError(f"“{user.title}” sets “{name}” to {user.fields[name]}; give it {default} first.")
    values = {name: default}
    parameters = {key: replaced(value, values) for key, value in known.parameters.items() if key != name}
    made = replace(known, network=bound(known.network, values), parameters=parameters)
    return _everywhere(network, made, {name: ""}, f"Take away the parameter {name}")


def rename_parameter(network: Network, block: str, name: str, new: str) -> Edit:
    """Gives a parameter another name, in the expressions inside and at every use. Raises EditError."""
    known = defined(network, block)
    _parameter(known, name)
    if new in known.parameters:
        raise EditError(f"There is a parameter “{new}” already.")
    _check_name(network, known, new)
    values = {name: f"={new}"}
    parameters = {new if key == name else key: replaced(value, values) for key, value in known.parameters.items()}
    made = replace(known, network=bound(known.network, values), parameters=parameters)
    return _everywhere(network, made, {name: new}, f"Rename the parameter {name}")


def set_default(network: Network, block: str, name: str, value: Any) -> Edit:
    """Gives a parameter another default, which uses that set nothing follow. Raises EditError."""
    known = defined(network, block)
    _parameter(known, name)
    return SetBlocks({block: replace(known, parameters={**known.parameters, name: value})}, f"Change {name}")


def defined(network: Network, block: str | None) -> Block:
    """The definition of a block. Raises EditError."""
    if block is None or block not in network.blocks:
        raise EditError("This is no use of a block." if block is None else f"There is no block “{block}”.")
    return network.blocks[block]


def bindings(block: Block, use: Node) -> dict[str, Any]:
    """What the parameters of a block stand for at one use: what it sets, else the default. Values or expressions."""
    values = {name: use.fields[name] for name in block.parameters if name in use.fields}
    waiting = {name: value for name, value in block.parameters.items() if name not in values}
    while waiting:
        done = {n: v for n, v in waiting.items() if not any(other in waiting for other in _names(v))}
        if not done:
            raise EditError(f"The parameters of “{block.title or block.id}” need each other.")
        values |= {name: replaced(value, values) for name, value in done.items()}
        waiting = {name: value for name, value in waiting.items() if name not in done}
    return values


def bound(network: Network, values: Mapping[str, Any]) -> Network:
    """The network with values, or expressions, in the place of names."""
    nodes = {}
    for id, node in network.nodes.items():
        fields = {key: replaced(value, values) for key, value in node.fields.items()}
        nodes[id] = node if fields == node.fields else replace(node, fields=fields)
    return replace(network, nodes=nodes)


def replaced(value: Any, values: Mapping[str, Any]) -> Any:
    """The value of a field with some names in its expressions replaced. Raises EditError."""
    if not is_expression(value):
        return [replaced(item, values) for item in value] if expressions_in(value) else value
    if (alone := value[1:].strip()) in values:
        return values[alone]
    text = substituted(value, {name: _written(name, values[name]) for name in names_in(value) if name in values})
    if len(text) > LENGTH:
        raise EditError(f"The expression {value} would become longer than {LENGTH} characters.")
    return text


def used_names(network: Network) -> set[str]:
    """All names in the expressions of the fields of a network."""
    return {name for node in network.nodes.values() for value in node.fields.values() for name in _names(value)}


def _written(name: str, value: Any) -> str:
    if is_expression(value):
        text = value[1:].strip()
        return text if text.isidentifier() else f"({text})"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EditError(f"“{name}” is {value}, which is no number to compute with.")
    return f"({value})" if value < 0 else str(value)


def _names(value: Any) -> Iterable[str]:
    return (name for text in expressions_in(value) for name in names_in(text))


def _value(node: Node, field: str, catalogue: Catalogue) -> Any:
    """What a field holds, as one number, text or truth value. Raises EditError."""
    kind = catalogue.kinds.get(node.kind)
    if field in node.fields:
        value = node.fields[field]
    elif kind is None or field not in kind.model_fields:
        raise EditError(f"“{node.title}” has no field “{field}”.")
    else:
        value = kind.model_fields[field].get_default()
    if isinstance(value, list | tuple) and value and all(_same(item, value[0]) for item in value):
        value = value[0]  # a number stands for all of them
    if not isinstance(value, bool | int | float | str):
        raise EditError(f"“{field}” holds {value}; only one number, text or choice can be a parameter.")
    return value


def _check_name(network: Network, block: Block, name: str) -> None:
    if sentence := parameter_fault(name):
        raise EditError(sentence)
    defaults = {n for value in block.parameters.values() for n in _names(value)}
    shared = name in design_names(network) and name not in block.parameters
    if shared and name in used_names(block.network) | defaults:
        raise EditError(f"“{name}” is a hyperparameter that this block uses; take another name.")


def _parameter(block: Block, name: str) -> Any:
    if name not in block.parameters:
        raise EditError(f"“{block.title or block.id}” has no parameter “{name}”.")
    return block.parameters[name]


def _same(first: Any, second: Any) -> bool:
    return type(first) is type(second) and bool(first == second)


def _users(network: Network, block: str) -> list[Node]:
    places = (network, *(known.network for known in network.blocks.values()))
    return [node for place in places for node in place.nodes.values() if node.block == block]


def _everywhere(network: Network, made: Block, names: Mapping[str, str], label: str) -> Edit:
    """The changed block, and other names for the fields of all its uses; an empty name takes the field away."""
    blocks = {made.id: made}
    for key, block in network.blocks.items():
        source = blocks.get(key, block)
        nodes = _with_fields(source.network, made.id, names)
        if nodes:
            blocks[key] = replace(source, network=replace(source.network, nodes={**source.network.nodes, **nodes}))
    top = tuple(_with_fields(network, made.id, names).values())
    return Batch((SetBlocks(blocks), *((SetNodes(top),) if top else ())), label)


def _with_fields(network: Network, block: str, names: Mapping[str, str]) -> dict[str, Node]:
    changed = {}
    for id, node in network.nodes.items():
        if node.kind == BLOCK + block and names.keys() & node.fields.keys():
            fields = {names.get(key, key): value for key, value in node.fields.items() if names.get(key, key)}
            changed[id] = replace(node, fields=fields)
    return changed
