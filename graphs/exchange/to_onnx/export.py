"""A trained network as an ONNX file that other programs run and Netloom opens again exactly as it was.

The file is checked by onnx and run by onnxruntime on real samples before it is written. It carries the
network's own JSON, its digest, and how to find every weight (`graphs.exchange.to_onnx.recipes`) in its metadata.
"""

from __future__ import annotations

import base64
import copy
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphs.exchange.to_onnx import direct, gaps, recipes
from graphs.exchange.to_onnx.agreement import TOLERANCE, ExportError, cause, compare, first_line, session
from graphs.exchange.to_onnx.names import name_axes, name_nodes
from graphs.exchange.to_onnx.portable import portable
from graphs.exchange.to_onnx.quiet import quiet
from graphs.exchange.to_onnx.sizes import Freedom, freedom
from graphs.exchange.to_onnx.traces import Traces, widened
from graphs.files import atomic, storage
from graphs.files.faults import unwritable
from graphs.names import module_names

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import Tensor, fx, nn

    from graphs.building.build import Built

NETWORK, DIGEST, GRAPH = "netloom.network", "netloom.digest", "netloom.graph"
WEIGHTS, KEPT, SEAL = "netloom.weights", "netloom.kept", "netloom.seal"
VALUES = "netloom.values"
"""The metadata that says which value of the file is the result of which layer."""
BATCHES = (1, 2, 5)
OPSETS = range(18, 24)
"""Versions of the operators that can be asked for."""
MAX_BYTES = 2**31 - 2**26  # of weights: protobuf holds 2 GiB in all

Progress = Callable[[float], None]


@dataclass(frozen=True)
class OnnxReport:
    """What was written: file, opset, number of nodes and bytes, and how far onnxruntime is from PyTorch.

    `differences` holds the largest absolute difference of any output value by batch size. `sizes` names the axes
    of each input that are free beside the batch, `resized` holds the differences at other sizes by what they are
    ("height 96, width 128"), and `fixed` says what keeps other axes as they are.
    """

    path: Path
    opset: int
    nodes: int
    bytes: int
    differences: Mapping[int, float]
    checked: bool
    sizes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    resized: Mapping[str, float] = field(default_factory=dict)
    fixed: str = ""

    @property
    def worst(self) -> float:
        """The largest difference of all that were compared."""
        return max(*self.differences.values(), *self.resized.values())


def export_onnx(
    built: Built,
    path: str | os.PathLike[str],
    *,
    samples: Tensor | Sequence[Tensor],
    opset: int = 20,
    metadata: Mapping[str, str] | None = None,
    tolerance: float = TOLERANCE,
    free_size: bool = False,
    progress: Progress | None = None,
) -> OnnxReport:
    """Writes `built` with its weights to `path`, with a free batch size.

    `samples` are real inputs with a batch axis, one tensor per input of the network. `opset` is one of `OPSETS`.
    `metadata` is added to the file's own. The outputs of onnxruntime may differ by `tolerance` times the largest output
    (or 1), or by what PyTorch itself rounds. With `free_size` height and width of pictures and the length of series and
    texts are free as well, as far as the network takes other sizes; one is compared too. `progress` is called with
    shares from 0 to 1 and may raise to cancel. Raises ExportError, and FileFault where the file cannot be written.
    """
    report = progress or (lambda share: None)
    if opset not in OPSETS:
        raise ExportError(f"ONNX is written in opset {OPSETS[0]} to {OPSETS[-1]}, and {opset} is none of them.")
    inputs = batch_of(samples, max(BATCHES))
    module = copy.deepcopy(built.module).cpu().eval()
    _check_size(module)
    report(0.02)
    free = freedom(built, module, inputs) if free_size else Freedom({})
    with quiet():
        model = converted(module, built, inputs, opset, free)
        report(0.7)
        _describe(model, built, module, dict(metadata or {}))
        _check(model)
        report(0.8)
        data = model.SerializeToString()
        differences, resized = _compare(data, module, inputs, free, tolerance)
    report(0.95)
    try:
        atomic.write_bytes(path, data)
    except OSError as error:
        raise unwritable(Path(path), error) from error
    report(1.0)
    version = next(entry.version for entry in model.opset_import if not entry.domain)
    nodes, sizes = len(model.graph.node), _sizes(built, free)
    return OnnxReport(Path(path), version, nodes, len(data), differences, True, sizes, resized, free.fixed)


def _sizes(built: Built, free: Freedom) -> dict[str, tuple[str, ...]]:
    names = module_names(built.network)
    return {names[built.inputs[index]]: tuple(axes.values()) for index, axes in free.axes.items()}


def batch_of(samples: Tensor | Sequence[Tensor], size: int) -> list[Tensor]:
    """The first `size` samples of each input on the CPU, from the start again where there are fewer."""
    import torch

    tensors = [samples] if isinstance(samples, torch.Tensor) else list(samples)
    if not tensors or any(not tensor.ndim or not len(tensor) for tensor in tensors):
        raise ExportError("The export needs at least one sample to compare with; prepare the data first.")
    rows = [torch.arange(size) % len(tensor) for tensor in tensors]
    return [tensor.detach().cpu()[index] for tensor, index in zip(tensors, rows, strict=True)]


def _check_size(module: nn.Module) -> None:
    size = sum(t.numel() * t.element_size() for t in module.state_dict().values())
    if size > MAX_BYTES:
        raise ExportError(f"The weights take {size / 2**30:.1f} GiB, and one ONNX file holds at most 2 GiB.")


def converted(module: fx.GraphModule, built: Built, inputs: Sequence[Tensor], opset: int, free: Freedom) -> ModelProto:
    """The ONNX model, with names from the nodes, weights under their own names, and BatchNorm kept apart."""
    import torch

    names = module_names(built.network)
    dynamic = torch.export.Dim.DYNAMIC
    wide, whose = widened(built, module)
    try:
        with gaps.not_unrolled(), direct.not_traced_twice(), direct.unhurried():
            program = torch.onnx.export(
                wide,
                tuple(tensor[:2] for tensor in inputs),
                dynamo=True,
                optimize=False,
                opset_version=opset,
                input_names=[names[node] for node in built.inputs],
                output_names=[names[node] for node in built.outputs],
                dynamic_shapes=tuple(dict.fromkeys((0, *free.axes.get(i, {})), dynamic) for i in range(len(inputs))),
                custom_translation_table=dict(gaps.translations()),
                verbose=False,
            )
        assert program is not None
        traces = Traces(program.model, len(built.outputs), whose)
        _simplify(program.model, traces)
        traces.name(program.model, names)
        model = program.model_proto
    except Exception as error:
        first = cause(error)
        if free.axes and isinstance(first, ValueError):  # what torch.export raises where an axis comes out fixed
            raise ExportError(f"The {free.named} cannot be left free: the conversion to ONNX fixes it.") from error
        raise ExportError(f"PyTorch could not convert the network to ONNX: {first_line(first)}") from error
    name_axes(model, free.axes)
    name_nodes(model)
    model.metadata_props.add(key=VALUES, value=json.dumps(traces.told()))
    return model


def _simplify(model: Any, traces: Traces) -> None:
    """Folds constants and drops what is not needed, but leaves the weights and BatchNorm as they are.

    PyTorch's own `optimize=True` folds BatchNorm into the convolution before it, which loses both.
    """
    from onnx_ir.passes import common
    from onnxscript import optimizer
    from onnxscript.rewriter import rewrite
    from onnxscript.rewriter.rules import common as rules

    kept = (
        rules.no_op_cast_rule,
        rules.cast_cast_rule,
        rules.no_op_expand_rule,
        rules.materialize_reshape_shape_rule,
        rules.collapse_slice_rule,
        rules.collapse_slice2_rule,
        rules.reshape_reshape_rule,
    )
    common.InlinePass()(model)
    for _ in range(2):
        optimizer.fold_constants_ir(model)
        rewrite(model, kept)
        optimizer.remove_unused_nodes(model)
    described = [(value.type, value.shape) for value in model.graph.outputs[:-1]]
    common.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0)(model)
    common.CommonSubexpressionEliminationPass()(model)
    traces.end(model)
    for step in (
        common.RemoveUnusedNodesPass(),
        common.RemoveUnusedOpsetsPass(),
        common.OutputFixPass(),
        common.NameFixPass(),
    ):
        step(model)
    for value, (kind, shape) in zip(model.graph.outputs, described, strict=True):
        value.type, value.shape = value.type or kind, value.shape or shape  # merging equal steps loses them


def _describe(model: ModelProto, built: Built, module: nn.Module, metadata: dict[str, str]) -> None:
    """Puts the network, its digest and the way back for every weight into the metadata."""
    from safetensors.numpy import save

    tensors = {name: tensor.detach().numpy() for name, tensor in module.state_dict().items()}
    arrays = recipes.initialisers(model.graph)
    found = {name: recipes.find(name, tensor, arrays) for name, tensor in tensors.items()}
    lost = {name: tensor for name, tensor in tensors.items() if found[name] is None}
    ways = {name: r.model_dump(exclude_defaults=True) for name, r in found.items() if r is not None}
    left = portable(built.drawn)
    text = storage.dumps(left)
    metadata[NETWORK], metadata[DIGEST] = text, storage.digest(left)
    metadata[WEIGHTS] = json.dumps(ways)
    metadata[KEPT] = base64.b64encode(save(lost)).decode("ascii") if lost else ""
    metadata[SEAL] = recipes.seal(text, tensors)
    metadata[GRAPH] = recipes.graph_digest(model.graph)
    metadata[VALUES] = next((entry.value for entry in model.metadata_props if entry.key == VALUES), "{}")
    model.producer_name = "Netloom"
    del model.metadata_props[:]
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)


def _check(model: ModelProto) -> None:
    import onnx

    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:
        raise ExportError(f"onnx refuses the converted network: {first_line(error)}") from error


def _compare(
    data: bytes, module: nn.Module, inputs: list[Tensor], free: Freedom, tolerance: float
) -> tuple[dict[int, float], dict[str, float]]:
    """The largest difference by batch size, and by other size of the inputs. Raises ExportError."""
    try:
        running = session(data)
        found = {
            size: compare(running, module, [tensor[:size] for tensor in inputs], tolerance, f"a batch of {size}")
            for size in BATCHES
        }
        others = {free.where(other): other for other in free.others}
        resized = {where: compare(running, module, other, tolerance, where) for where, other in others.items()}
    except ExportError:
        raise
    except Exception as error:
        raise ExportError(f"onnxruntime cannot run the converted network: {first_line(error)}") from error
    return found, resized
