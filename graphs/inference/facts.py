"""What is known about one node of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphs.inference.problems import Problem
from graphs.inference.receptive import View
from graphs.layers.base import Shape
from graphs.network import End


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one node. Shapes are without the batch axis; costs are for one sample.

    `inputs` follows the node's input ports, None where nothing is known; `outputs` follows `ports`, and is
    empty while the node cannot be computed. `receptive_field` is None where a value sees the whole input.
    `weights` are the names and shapes of what is learned; `parameters` counts those that are the node's own, `shared`
    those that it has from another one.
    """

    inputs: tuple[Shape | None, ...] = ()
    outputs: tuple[Shape, ...] = ()
    parameters: int = 0
    multiply_adds: int = 0
    receptive_field: tuple[int, ...] | None = None
    ok: bool = False
    ports: tuple[str, ...] = ()
    view: View | None = None
    problems: tuple[Problem, ...] = ()
    weights: tuple[tuple[str, tuple[int, ...]], ...] = ()
    shared: int = 0


def output(facts: Mapping[str, Facts], end: End) -> Shape | None:
    """The shape at an output port, None where it is not known."""
    known = facts.get(end.node)
    if known is None or not known.outputs or end.port not in known.ports:
        return None
    return known.outputs[known.ports.index(end.port)]
