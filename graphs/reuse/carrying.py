"""What names in expressions stand for travels with what is copied, so that the copies compute what they did.

A fragment carries the values of the names it uses: those of hyperparameters, and those of the parameters of the block
it was copied from. Where it takes root, names that are not known there become hyperparameters; where a name means
something else, the copies hold the value instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from graphs.edits import Edit, SetSetting, enclosing
from graphs.meaning.expressions import MOST_NAMES, hyperparameters, name_fault
from graphs.meaning.scopes import Names, design_names, inner_names
from graphs.meaning.ties import TIES, copied, ties_of
from graphs.network import Block, Network, Node
from graphs.reuse.parameters import bound, used_names

HYPERPARAMETERS, PARAMETERS = "hyperparameters", "parameters"
"""Sections of the settings: the names of the design, and in a fragment those of the block that its nodes were in."""


class Settled(NamedTuple):
    """A fragment whose names mean the same where it goes, the edits for that, and a sentence about it, if any."""

    part: Network
    edits: tuple[Edit, ...]
    note: str


def carried(network: Network, nodes: Mapping[str, Node], blocks: Mapping[str, Block]) -> dict[str, Any]:
    """The sections of settings that a fragment of these nodes and blocks takes along."""
    here, design = _here(network), design_names(network)
    used = used_names(Network(nodes))
    around = enclosing(network)
    own = {name for name in used if around is not None and name in around.parameters}
    shared = (used - own) | {name for block in blocks.values() for name in _from_outside(block)}
    sections = {
        HYPERPARAMETERS: {name: _whole(design[name]) for name in sorted(shared) if design.get(name) is not None},
        PARAMETERS: {name: _whole(here[name]) for name in sorted(own) if here.get(name) is not None},
    }
    sections[TIES] = {} if network.within else copied(ties_of(network.settings), {id: id for id in nodes})
    return {key: values for key, values in sections.items() if values}


def settled(network: Network, part: Network) -> Settled:
    """A fragment made ready for a network. Raises EditError where an expression would become too long."""
    shared, own = _section(part, HYPERPARAMETERS), _section(part, PARAMETERS)
    here, design = _here(network), design_names(network)
    for_nodes = {name: value for name, value in {**shared, **own}.items() if name in used_names(Network(part.nodes))}
    for_blocks = {name: shared[name] for block in part.blocks.values() for name in _from_outside(block) & shared.keys()}
    wanted = {name: value for name, value in {**for_nodes, **for_blocks}.items() if _may_be_added(name, value, here)}
    added = dict(list(wanted.items())[: max(0, MOST_NAMES - len(design))])
    fixed = _others(for_nodes, {**here, **added})
    fixed_inside = _others(for_blocks, {**design, **added})
    blocks = {key: _filled(block, fixed_inside) for key, block in part.blocks.items()} if fixed_inside else part.blocks
    nodes = bound(Network(part.nodes), fixed).nodes if fixed else part.nodes
    edits = (SetSetting(HYPERPARAMETERS, {**dict(_settings(network)), **added}),) if added else ()
    return Settled(replace(part, nodes=nodes, blocks=blocks), edits, _note(added, {**fixed_inside, **fixed}))


def _whole(value: Any) -> Any:
    """8 for 8.0, which a division gives."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _here(network: Network) -> Names:
    """What names stand for in a network: in a room, with the defaults of its block."""
    block, design = enclosing(network), design_names(network)
    return design if block is None else inner_names(block, design, {})[0]


def _from_outside(block: Block) -> set[str]:
    """The names that a block takes from the hyperparameters."""
    defaults = used_names(Network({"": Node("", "", fields=block.parameters)}))
    return (used_names(block.network) | defaults) - block.parameters.keys()


def _section(part: Network, key: str) -> dict[str, Any]:
    """The values in a section, whatever a text on the clipboard holds there."""
    found = part.settings.get(key)
    texts = {n: v for n, v in found.items() if isinstance(v, str | bool)} if isinstance(found, Mapping) else {}
    numbers = {name: value for name, value in hyperparameters(found).values.items() if value is not None}
    return {**numbers, **(texts if key == PARAMETERS else {})}


def _settings(network: Network) -> Mapping[str, Any]:
    found = network.settings.get(HYPERPARAMETERS)
    return found if isinstance(found, Mapping) else {}


def _may_be_added(name: str, value: Any, here: Names) -> bool:
    return name not in here and not name_fault(name) and not isinstance(value, str | bool)


def _others(values: Mapping[str, Any], there: Names) -> dict[str, Any]:
    """The values of the names that stand for something else, or for nothing, there."""
    return {n: v for n, v in values.items() if there.get(n) != v or isinstance(there[n], bool) != isinstance(v, bool)}


def _filled(block: Block, values: Mapping[str, Any]) -> Block:
    values = {name: value for name, value in values.items() if name not in block.parameters}
    defaults = bound(Network({"": Node("", "", fields=block.parameters)}), values).nodes[""].fields
    return replace(block, network=bound(block.network, values), parameters=defaults)


def _note(added: Mapping[str, Any], fixed: Mapping[str, Any]) -> str:
    """What became of names, as sentences for a person; empty where they mean the same."""
    told = []
    if added:
        several = len(added) > 1
        told.append(f"{_listed(added)} came along as {'hyperparameters' if several else 'a hyperparameter'}.")
    if fixed:
        several = len(fixed) > 1
        told.append(
            f"{_listed(fixed)} {'mean' if several else 'means'} something else here, so the copies hold "
            f"{'the values they' if several else 'the value it'} had: {', '.join(map(str, fixed.values()))}."
        )
    return " ".join(told)


def _listed(names: Mapping[str, Any]) -> str:
    first, *rest = [f"“{name}”" for name in names]
    return f"{', '.join([first, *rest[:-1]])} and {rest[-1]}" if rest else first
