"""A float16 ONNX model: half the size, with float32 at its inputs and outputs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.shipping.cargo import Cargo
from studio.shipping.judging import Array
from studio.shipping.model import OnnxOptions, float_model, plain, write
from studio.shipping.shipped import Report, Shipped, ShippingFault, part
from studio.shipping.smaller import Compared, checked, compare

if TYPE_CHECKING:
    from onnx import ModelProto

LARGEST = 65504.0
"""The largest number that float16 holds."""


def ship_half(cargo: Cargo, path: Path, options: OnnxOptions, report: Report) -> Shipped:
    """Writes a float16 model that takes and gives float32, judged beside the float32 one.

    Raises ExportError, ShippingFault, FileFault.
    """
    found, words = half_model(cargo, options, report)
    write(path, found.model)
    report(1.0, "Written")
    headline = f"Written in float16, and judged with onnxruntime: {path.name}"
    warning = found.warning or words
    facts = {"format": "onnx-float16", "weights": cargo.weights, "opset": options.opset, **found.facts()}
    return Shipped(path, headline, tuple(found.details()), cargo.trained, facts, warning, found.summary)


def half_model(cargo: Cargo, options: OnnxOptions, report: Report) -> tuple[Compared, str]:
    """The float16 model beside the float32 one, and what to know of it. Raises ExportError, ShippingFault."""
    import onnx

    original, _ = float_model(cargo, options, part(report, 0.0, 0.6))
    report(0.6, "Converting to float16")
    model = onnx.load_from_string(original)
    beyond = sum(_beyond(array) for array in _floats(model))
    half = checked(plain(_halved(model)), "float16")
    compared = compare(cargo, original, half, part(report, 0.65, 0.98), "float16")
    number = "A weight is" if beyond == 1 else f"{beyond:,} weights are"
    return compared, f"{number} too large for float16 and became {LARGEST:,.0f}." if beyond else ""


def _halved(model: ModelProto) -> ModelProto:
    import warnings

    from onnxruntime.transformers.float16 import convert_float_to_float16

    from graphs.exchange.agreement import first_line

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
