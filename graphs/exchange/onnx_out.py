"""A trained network as an ONNX file that other programs run and Netloom opens again exactly as it was.

The file is checked by onnx and run by onnxruntime on real samples before it is written. It carries the
network's own JSON, its digest, and how to find every weight (`graphs.exchange.recipes`) in its metadata.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphs.exchange import gaps, recipes
from graphs.exchange.onnx_names import name_batch, name_nodes
from graphs.exchange.quiet import quiet
from graphs.files import atomic, storage
from graphs.files.faults import unwritable
from graphs.names import module_names

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import Tensor, nn

    from graphs.building.build import Built

NETWORK, DIGEST = "netloom.network", "netloom.digest"
WEIGHTS, KEPT, SEAL = "netloom.weights", "netloom.kept", "netloom.seal"
BATCHES = (1, 2, 5)
TOLERANCE = 1e-4
MAX_BYTES = 2**31 - 2**26  # of weights: protobuf holds 2 GiB in all

Progress = Callable[[float], None]


class ExportError(ValueError):
    """Why a network was not exported, in one sentence; no file was written."""


@dataclass(frozen=True)
class OnnxReport:
    """What was written: file, opset, number of nodes and bytes, and how far onnxruntime is from PyTorch.

    `differences` holds the largest absolute difference of any output value by batch size.
    """

    path: Path
    opset: int
    nodes: int
    bytes: int
    differences: Mapping[int, float]
    checked: bool


def export_onnx(
    built: Built,
    path: str | os.PathLike[str],
    *,
    samples: Tensor | Sequence[Tensor],
    opset: int = 20,
    metadata: Mapping[str, str] | None = None,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> OnnxReport:
    """Writes `built` with its weights to `path`, with a free batch size.

    `samples` are real inputs with a batch axis, one tensor per input of the network. `metadata` is added to
    the file's own. The outputs of onnxruntime may differ by `tolerance` times the largest output (or 1).
    `progress` is called with shares from 0 to 1 and may raise to cancel. Raises ExportError, and FileFault
    where the file cannot be written.
    """
    report = progress or (lambda share: None)
    inputs = _batch(samples, max(BATCHES))
    module = copy.deepcopy(built.module).cpu().eval()
    _check_size(module)
    report(0.02)
    with quiet(), gaps.not_unrolled():
        model = _converted(module, built, inputs, opset)
        report(0.7)
        _describe(model, built, module, dict(metadata or {}))
        _check(model)
        report(0.8)
        data = model.SerializeToString()
        differences = _compare(data, module, inputs, tolerance)
    report(0.95)
    try:
        atomic.write_bytes(path, data)
    except OSError as error:
        raise unwritable(Path(path), error) from error
    report(1.0)
    version = next(entry.version for entry in model.opset_import if not entry.domain)
    return OnnxReport(Path(path), version, len(model.graph.node), len(data), differences, True)


def _batch(samples: Tensor | Sequence[Tensor], size: int) -> list[Tensor]:
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


def _converted(module: nn.Module, built: Built, inputs: list[Tensor], opset: int) -> ModelProto:
    """The ONNX model, with names from the nodes, weights under their own names, and BatchNorm kept apart."""
    import torch

    names = module_names(built.network)
    try:
        program = torch.onnx.export(
            module,
            tuple(tensor[:2] for tensor in inputs),
            dynamo=True,
            optimize=False,
            opset_version=opset,
            input_names=[names[node] for node in built.inputs],
            output_names=[names[node] for node in built.outputs],
            dynamic_shapes=tuple({0: torch.export.Dim.DYNAMIC} for _ in inputs),
            custom_translation_table=dict(gaps.translations()),
            verbose=False,
        )
        assert program is not None
        _simplify(program.model)
        model = program.model_proto
    except Exception as error:
        raise ExportError(f"PyTorch could not convert the network to ONNX: {_first_line(_cause(error))}") from error
    name_batch(model)
    name_nodes(model)
    return model


def _simplify(model: Any) -> None:
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
    described = [(value.type, value.shape) for value in model.graph.outputs]
    for step in (
        common.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0),
        common.CommonSubexpressionEliminationPass(),
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
    text = storage.dumps(built.drawn)
    metadata[NETWORK], metadata[DIGEST] = text, storage.digest(built.drawn)
    metadata[WEIGHTS] = json.dumps(ways)
    metadata[KEPT] = base64.b64encode(save(lost)).decode("ascii") if lost else ""
    metadata[SEAL] = recipes.seal(text, tensors)
    model.producer_name = "Netloom"
    del model.metadata_props[:]
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)


def _check(model: ModelProto) -> None:
    import onnx

    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:
        raise ExportError(f"onnx refuses the converted network: {_first_line(error)}") from error


def _compare(data: bytes, module: nn.Module, inputs: list[Tensor], tolerance: float) -> dict[int, float]:
    """The largest difference by batch size. Raises ExportError where one is beyond `tolerance`."""
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    differences: dict[int, float] = {}
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        names = [entry.name for entry in session.get_inputs()]
        for size in BATCHES:
            batch = [tensor[:size] for tensor in inputs]
            with torch.no_grad():
                expected = module(*batch)
            expected = expected if isinstance(expected, tuple) else (expected,)
            feed = {name: tensor.numpy() for name, tensor in zip(names, batch, strict=True)}
            pairs = list(zip(session.run(None, feed), expected, strict=True))
            differences[size] = max(_difference(out, tensor.numpy()) for out, tensor in pairs)
            _judge(differences[size], size, max(_largest(tensor.numpy()) for _, tensor in pairs), tolerance)
    except ExportError:
        raise
    except Exception as error:
        raise ExportError(f"onnxruntime cannot run the converted network: {_first_line(error)}") from error
    return differences


def _judge(difference: float, size: int, largest: float, tolerance: float) -> None:
    if not difference <= tolerance * max(1.0, largest):
        raise ExportError(
            f"onnxruntime and PyTorch differ by {difference:.2g} at a batch of {size}, more than "
            f"{tolerance:g} of the largest value: nothing was written."
        )


def _difference(out: Any, expected: Any) -> float:
    """The largest absolute difference; values that are not finite must be the same."""
    import numpy as np

    if out.shape != expected.shape:
        return float("inf")
    same = (out == expected) | (np.isnan(out) & np.isnan(expected))
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.where(same, 0.0, np.abs(out.astype(np.float64) - expected))
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))


def _largest(values: Any) -> float:
    import numpy as np

    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0))


def _cause(error: BaseException) -> BaseException:
    """What the exporter's own long sentences wrap: the first error, which says what it was about."""
    return _cause(error.__cause__) if error.__cause__ else error


def _first_line(error: BaseException) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return text[:300].rstrip(".") + "."
