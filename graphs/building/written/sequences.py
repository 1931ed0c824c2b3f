"""Parts of a design that are nn.Sequential in its source: their modules are 0, 1, 2, …, each handing on to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphs.layers.base import Layer
from graphs.network import End

if TYPE_CHECKING:
    from graphs.building.written.modules import Design


def sequence(design: Design, item: str) -> tuple[str, ...]:
    """The layers and parts that follow each other in a part that nn.Sequential can be; nothing for everything else."""
    part = design.parts.parts.get(item)
    if part is None or not item or len(part.inputs) != 1 or len(part.outputs) != 1 or design.row(item):
        return ()
    found = tuple(part.items)
    if [design.path(inner, item) for inner in found] != [str(place) for place in range(len(found))]:
        return ()
    (first,) = part.inputs.values()
    before = design.network.wires[first].source
    for inner in found:
        taken, given = _ends(design, inner)
        if len(taken) != 1 or len(given) != 1 or design.network.wires[taken[0]].source != before:
            return ()
        before = given[0]
    return found if before == part.outputs[0] else ()


def module_of(layer: Layer) -> str:
    """What stands for a layer in nn.Sequential, "" where nothing does that takes one value and gives one."""
    if layer.call("0", ["x"]) == "self.0(x)":
        return layer.constructs()
    return layer.torch if layer.torch.startswith("nn.") and not layer.constructs() else ""


def _ends(design: Design, item: str) -> tuple[list[End], list[End]]:
    """The input ports that are fed from outside an item, and the results it gives."""
    part = design.parts.parts.get(item)
    if part is not None:
        return (list(part.inputs.values()), part.outputs) if not design.row(item) or design.chains(item) else ([], [])
    layer = design.layers[item]
    if _drawn(layer) or not module_of(layer):
        return [], []
    inputs, outputs = layer.inputs(), layer.outputs()
    return [End(item, port.name) for port in inputs], [End(item, port.name) for port in outputs]


def _drawn(layer: Layer) -> bool:
    """Whether its weight is drawn in a chosen way, which is said in a line of its own."""
    return layer.initial() is not None
