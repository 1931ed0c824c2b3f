"""An ONNX model with its numbers as a person wants them."""

from __future__ import annotations

from pathlib import Path

from studio.shipping.cargo import Cargo
from studio.shipping.half import ship_half
from studio.shipping.int8 import ship_int8
from studio.shipping.model import ModelOptions, ship_onnx
from studio.shipping.shipped import Report, Shipped

WAYS = {"float32": ship_onnx, "float16": ship_half, "int8": ship_int8}


def ship_model(cargo: Cargo, path: Path, options: ModelOptions, report: Report) -> Shipped:
    """Writes the model in float32, float16 or int8. Raises ExportError, ShippingFault, FileFault."""
    return WAYS[options.numbers](cargo, path, options, report)
