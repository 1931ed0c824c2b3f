"""A float16 ONNX model: half the size, with float32 at its inputs and outputs."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.shipping.cargo import Cargo
from studio.shipping.judging import Array
from studio.shipping.model import ModelOptions, float_model, plain, write
from studio.shipping.shipped import Report, Shipped, ShippingFault, part
from studio.shipping.smaller import Compared, checked, compare

if TYPE_CHECKING:
    from onnx import ModelProto

TRIED = 16
"""Samples that PyTorch computes in float16."""
LARGEST = 65504.0
"""The largest number that float16 holds."""


def ship_half(cargo: Cargo, path: Path, options: ModelOptions, report: Report) -> Shipped:
    """Writes a float16 model that takes and gives float32, judged beside the float32 one.

    Raises ExportError, ShippingFault, FileFault.
    """
    found, words = half_model(cargo, options, part(report, 0.0, 0.95))
    apart = in_float16(cargo)
    write(path, found.model)
    report(1.0, "Written")
    headline = f"Written in float16, and judged with onnxruntime: {path.name}"
    details = [*found.details(), *([("Computed in float16", f"{apart:.2g} apart")] if apart is not None else [])]
    facts = {"format": "onnx-float16", "weights": cargo.weights, "opset": options.opset, **found.facts()}
    facts["difference_in_float16"] = apart if apart is None or math.isfinite(apart) else None
    return Shipped(path, headline, tuple(details), cargo.trained, facts, words, found.summary)


def half_model(cargo: Cargo, options: ModelOptions, report: Report) -> tuple[Compared, str]:
    """The float16 model beside the float32 one, and what to know of it. Raises ExportError, ShippingFault."""
    import onnx

    original, _ = float_model(cargo, options, part(report, 0.0, 0.6))
    report(0.6, "Converting to float16")
    model = onnx.load_from_string(original)
    beyond = sum(_beyond(array) for array in _floats(model))
    half = checked(plain(_halved(model)), "float16")
    compared = compare(cargo, original, half, part(report, 0.65, 0.98), "float16")
    number = "A weight is" if beyond == 1 else f"{beyond:,} weights are"
    said = [f"{number} too large for float16 and became {LARGEST:,.0f}."] if beyond else []
    if in_float16(cargo) == math.inf:
        said.append("Numbers inside become too large for float16 where that is really computed in, as on a GPU.")
    return compared, " ".join([*said, *([compared.warning] if compared.warning else [])])


def in_float16(cargo: Cargo) -> float | None:
    """The largest difference of an output where PyTorch computes every layer in float16, as a GPU would: onnxruntime
    computes in float32 on a processor. inf where numbers inside become too large, None where PyTorch cannot."""
    import torch

    from graphs.exchange.to_onnx.agreement import results

    inputs = cargo.samples(TRIED)
    module = copy.deepcopy(cargo.built.module).cpu().eval()
    expected = results(module, inputs)
    try:
        given = results(module.half(), [t.half() if t.is_floating_point() else t for t in inputs])
    except (RuntimeError, TypeError, NotImplementedError, torch.jit.Error):
        return None
    pairs = zip(given, expected, strict=True)
    return max(
        float(np.nan_to_num(np.abs(a.astype(np.float64) - b), nan=np.inf, posinf=np.inf).max(initial=0.0))
        for a, b in pairs
    )


def _halved(model: ModelProto) -> ModelProto:
    import warnings

    from onnxruntime.transformers.float16 import convert_float_to_float16

    from graphs.exchange.to_onnx.agreement import first_line

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of numbers too small for float16, which become its smallest
            made: ModelProto = convert_float_to_float16(model, keep_io_types=True)
    except Exception as error:
        raise ShippingFault(f"onnxruntime could not convert the model to float16: {first_line(error)}") from error
    return made


def _floats(model: ModelProto) -> Iterator[Array]:
    from onnx import TensorProto, numpy_helper

    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            yield numpy_helper.to_array(tensor)


def _beyond(array: Array) -> int:
    return int((np.abs(array[np.isfinite(array)]) > LARGEST).sum())
