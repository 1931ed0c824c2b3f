"""Which names expressions may use where, and the fields of a node with every expression in it evaluated.

The hyperparameters hold in the whole design, the parameters of a block inside it. What a use of the block sets is
evaluated where the use stands; a default is evaluated inside, over the other parameters too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.meaning.expressions import (
    ExpressionFault,
    evaluate,
    expressions_in,
    hyperparameters,
    in_order,
    is_expression,
    resolve_fields,
)
from graphs.network import Block, Network

REPEAT = "repeat"
"""The field of a use that says how many times the block stands in a row."""
MOST_REPEATS = 64
Names = Mapping[str, Any]
"""What names stand for: numbers, and for parameters of a block also texts and truth values."""


def design_names(network: Network) -> Names:
    """The hyperparameters of a design and what they stand for; None for one without a value."""
    return hyperparameters(network.settings.get("hyperparameters")).values


def resolved(fields: Mapping[str, Any], names: Names) -> Mapping[str, Any]:
    """The fields with every expression evaluated; the given ones where there is none. Raises ExpressionFault."""
    if not any(expressions_in(value) for value in fields.values()):
        return fields
    named = {field: names[name] for field, value in fields.items() if (name := _name(value, names))}
    return {**resolve_fields({f: v for f, v in fields.items() if f not in named}, names), **named}


def _name(value: Any, names: Names) -> str:
    """The name that an expression is alone, where it stands for a text or a truth value."""
    name = value[1:].strip() if is_expression(value) else ""
    return name if isinstance(names.get(name), str | bool) else ""


def inner_names(block: Block, design: Names, given: Mapping[str, Any]) -> tuple[Names, dict[str, str]]:
    """What names stand for inside a block whose use sets the values `given`, and a sentence for each default without
    a value."""
    names: dict[str, Any] = {**design, **dict.fromkeys(block.parameters)}
    names |= {name: value for name, value in given.items() if name in block.parameters}
    order, faults = in_order({name: value for name, value in block.parameters.items() if name not in given})
    for name in order:
        if name not in faults:
            names[name] = _default(block.parameters[name], names, faults, name)
    return names, {name: faults[name] for name in block.parameters if name in faults}


def _default(value: Any, names: Names, faults: dict[str, str], name: str) -> Any:
    if not is_expression(value):
        return value
    if direct := _name(value, names):
        return names[direct]
    try:
        return evaluate(value, names)
    except ExpressionFault as fault:
        faults[name] = str(fault)
        return None
