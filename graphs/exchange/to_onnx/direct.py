"""Networks whose every operator ONNX knows go straight there; PyTorch's exporter would trace them a second time.

That second tracing takes operators apart that have no translation, and makes operators that write into their inputs
give new results instead. It takes longer than everything else together, and most networks need none of it.
"""

from __future__ import annotations

import gc
import operator
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from torch import fx
    from torch.export import ExportedProgram

ALLOCATIONS = 100_000
"""So many new objects, not 700, between two looks for garbage while the exporter makes and keeps millions."""


@contextmanager
def unhurried() -> Iterator[None]:
    """Tracing leaves little garbage and many objects, through which Python would look again and again: a fifth of the
    time."""
    before = gc.get_threshold()
    if before[0]:  # else it is off already
        gc.set_threshold(max(ALLOCATIONS, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def not_traced_twice() -> Iterator[None]:
    """While it holds, the exporter leaves programs as they are that it can translate so. Without effect where PyTorch
    has no such function (any more)."""
    from torch.onnx._internal.exporter import _fx_passes

    decompose = getattr(_fx_passes, "decompose_with_registry", None)
    if decompose is None:
        yield
        return

    def only_where_needed(exported_program: ExportedProgram, registry: Any) -> ExportedProgram:
        known = {ways[0].fx_target for ways in registry.functions.values() if ways}
        straight = _made_direct(exported_program.graph_module, known)
        return exported_program if straight else decompose(exported_program, registry)

    _fx_passes.decompose_with_registry = only_where_needed
    try:
        yield
    finally:
        _fx_passes.decompose_with_registry = decompose


def _made_direct(module: fx.GraphModule, known: set[Any]) -> bool:
    """Whether every operator has a translation now; the two that only need another name get it."""
    import torch

    plain = {torch.ops.aten.batch_norm.default: _batch_norm, torch.ops.aten.adaptive_avg_pool2d.default: _mean}
    calls = [node for node in module.graph.nodes if node.op == "call_function"]
    if any(node.op not in ("placeholder", "call_function", "output") for node in module.graph.nodes):
        return False
    ways = {node: plain[node.target] for node in calls if node.target in plain and node.target not in known}
    if not all(node in ways or _translated(node.target, known) for node in calls):
        return False
    if not all(way(node, False) for node, way in ways.items()):
        return False
    for node, way in ways.items():
        way(node, True)
    module.recompile()
    return True


def _translated(target: Any, known: set[Any]) -> bool:
    schema = getattr(target, "_schema", None)
    return target is operator.getitem or (target in known and not (schema is not None and schema.is_mutable))


def _batch_norm(node: fx.Node, doing: bool) -> bool:
    """With the statistics it has learnt, which is what ONNX calls BatchNormalization."""
    import torch

    x, weight, bias, mean, variance, training, momentum, eps, _ = node.args
    if training or mean is None or variance is None:
        return False
    if doing:
        with node.graph.inserting_before(node):
            known = torch.ops.aten._native_batch_norm_legit_no_training.default
            norm = node.graph.call_function(known, (x, weight, bias, mean, variance, momentum, eps))
        value = node.meta["val"]
        norm.meta = {**node.meta, "val": (value, value.new_empty(0), value.new_empty(0))}
        node.target, node.args = operator.getitem, (norm, 0)
    return True


def _mean(node: fx.Node, doing: bool) -> bool:
    """One number for each map is their mean."""
    import torch

    x, size = cast("tuple[Any, list[int]]", node.args)
    if list(size) != [1, 1]:
        return False
    if doing:
        node.target, node.args = torch.ops.aten.mean.dim, (x, [-1, -2], True)
    return True
