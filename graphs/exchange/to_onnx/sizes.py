"""Which sizes of its inputs a network leaves open: height and width of pictures, the length of series and texts.

That is not read off the drawing but tried: the built network runs at other sizes, and where it does not, the layer
that stops is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphs.exchange.to_onnx.agreement import ExportError, first_line
from graphs.names import module_names

if TYPE_CHECKING:
    from torch import Tensor, fx, nn

    from graphs.building.build import Built

AXES: Mapping[str, Mapping[int, str]] = {
    "ImageInput": {2: "height", 3: "width"},
    "SequenceInput": {1: "length"},
    "TokensInput": {1: "length"},
}
"""Axes of a batch of these inputs that could be of any size."""
STEPS = (32, 64, 128)
"""How much longer an axis is tried at first; the axis after it twice as much, and so on."""

Axis = tuple[int, int]
"""The number of the input, and of the axis of its batch."""


@dataclass(frozen=True)
class Freedom:
    """`axes` of the inputs that may be of any size, by number of the input, each under a name of its own, and `others`:
    inputs of other sizes at which the network was seen to run. `fixed` says in words which layer fixes other axes."""

    axes: Mapping[int, Mapping[int, str]]
    others: tuple[tuple[Tensor, ...], ...] = ()
    fixed: str = ""

    @property
    def named(self) -> str:
        """The free axes in words: "height and width"."""
        return listed([name for axes in self.axes.values() for name in axes.values()])

    def where(self, other: Sequence[Tensor]) -> str:
        """One of the other sizes in words: "height 96, width 128"."""
        return ", ".join(
            f"{name} {other[i].shape[axis]}" for i, axes in self.axes.items() for axis, name in axes.items()
        )


class _Stuck(Exception):
    """The node of the graph at which a network stops."""

    def __init__(self, target: str, error: Exception) -> None:
        super().__init__(first_line(error))
        self.target = target


def freedom(built: Built, module: nn.Module, inputs: Sequence[Tensor]) -> Freedom:
    """What `built` leaves open, tried with `module`, its modules in evaluation mode on the CPU.

    Raises ExportError with the layer that fixes the size, or where no input has a size of its own.
    """
    kinds = [built.network.nodes[node].kind for node in built.inputs]
    every = [(index, axis) for index, kind in enumerate(kinds) for axis in AXES.get(kind, {})]
    if not every:
        raise ExportError("No input of this network is a picture, a series or a text, so there is no size to free.")
    names = _named(built, kinds, every)
    found, stuck = _tried(built, module, inputs, every)
    if found is None and len(every) > 1:
        alone = [axis for axis in every if _tried(built, module, inputs, [axis])[0]]
        found = _tried(built, module, inputs, alone)[0] if alone else None
    said = _said(built, stuck, [names[axis] for axis in every]) if stuck else ""
    if found is None:
        raise ExportError(said)
    free = {index: {a: names[i, a] for i, a in found[0] if i == index} for index in {i for i, _ in found[0]}}
    return Freedom(dict(sorted(free.items())), found[1], said)


def _named(built: Built, kinds: Sequence[str], every: Sequence[Axis]) -> dict[Axis, str]:
    """A name for each axis; those of several inputs carry the input's."""
    paths = module_names(built.network)
    plain = {axis: AXES[kinds[axis[0]]][axis[1]] for axis in every}
    several = len(set(plain.values())) < len(plain)
    return {axis: f"{paths[built.inputs[axis[0]]]}_{name}" if several else name for axis, name in plain.items()}


def _tried(
    built: Built, module: nn.Module, inputs: Sequence[Tensor], axes: Sequence[Axis]
) -> tuple[tuple[Sequence[Axis], tuple[tuple[Tensor, ...], ...]] | None, _Stuck | None]:
    """Inputs of another size along all of `axes` that run, else where the network stops at first.

    Two sizes must run: one alone may fall through the same windows of the pools as the size it was built for.
    """
    stuck: _Stuck | None = None
    for step in STEPS:
        tries = [_longer(inputs, axes, step), _longer(inputs, axes, 3 * step)]
        try:
            for other in tries:
                _run(built, module, other)
            return (axes, tuple(tries)), None
        except _Stuck as error:
            stuck = stuck or error
    return None, stuck


def _longer(inputs: Sequence[Tensor], axes: Sequence[Axis], step: int) -> tuple[Tensor, ...]:
    """Two samples of each input, longer along `axes`."""
    other = [tensor[:2] for tensor in inputs]
    for index, axis in axes:
        place = sorted(a for i, a in axes if i == index).index(axis)
        other[index] = _sized(other[index], axis, other[index].shape[axis] + step * (place + 1))
    return tuple(other)


def _sized(tensor: Tensor, axis: int, size: int) -> Tensor:
    """Samples of another size along an axis: from the start again where they were shorter."""
    import torch

    return tensor.index_select(axis, torch.arange(size) % tensor.shape[axis])


def _run(built: Built, module: nn.Module, inputs: Sequence[Tensor]) -> None:
    """Runs layer by layer. Raises _Stuck."""
    import torch
    from torch.fx import Interpreter

    class Walk(Interpreter):
        def run_node(self, n: fx.Node) -> Any:
            try:
                return super().run_node(n)
            except Exception as error:
                raise _Stuck(str(n.target), error) from error

    with torch.no_grad():
        Walk(module, graph=built.graph).run(*inputs)


def _said(built: Built, stuck: _Stuck, names: Sequence[str]) -> str:
    by_path = {path: node for node, path in built.names.items()}
    node = built.network.nodes.get(by_path.get(stuck.target, ""))
    title = node.title if node else stuck.target
    return f"The {listed(names)} cannot be left free: {title} takes only what comes of the size it was built for."


def listed(words: Sequence[str]) -> str:
    """Words one after another: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
