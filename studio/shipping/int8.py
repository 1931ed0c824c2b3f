"""An int8 ONNX model: static quantisation with Q/DQ pairs, calibrated on the project's own training samples."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from studio.shipping.cargo import Cargo
from studio.shipping.judging import spread
from studio.shipping.model import ModelOptions, float_model, plain, write
from studio.shipping.shipped import Report, Shipped, ShippingFault, part
from studio.shipping.smaller import Compared, checked, compare

HEAVY = ("Conv", "ConvTranspose", "Gemm", "MatMul")
"""Operators that int8 makes smaller and faster."""
PAIR = ("QuantizeLinear", "DequantizeLinear")
UNCALIBRATED = "int8 is calibrated on the project's own samples, and there are none."
EASY, HARD, BIG = 32, 1, 10_000
"""Samples in one batch of calibration: of small ones, and of those of more than `BIG` numbers."""


def ship_int8(cargo: Cargo, path: Path, options: ModelOptions, report: Report) -> Shipped:
    """Writes an int8 model, with its accuracy beside that of the float32 one on the same held-out samples.

    Raises ExportError, ShippingFault where there are no samples to calibrate on or nothing to quantise, FileFault.
    """
    found, told = int8_model(cargo, options, report)
    write(path, found.model)
    report(1.0, "Written")
    quantised = ", ".join(f"{count} × {name}" for name, count in told.items())
    used = len(spread(len(cargo.data.train), options.calibration)) if cargo.data else 0
    details = (*found.details(), ("Calibrated on", f"{used:,} training samples"), ("In int8", quantised))
    facts = {"format": "onnx-int8", "weights": cargo.weights, "opset": options.opset, **found.facts()}
    facts |= {"calibrated_on": used, "quantised": dict(told)}
    headline = f"Written in int8, and judged with onnxruntime: {path.name}"
    return Shipped(path, headline, details, cargo.trained, facts, found.warning, found.summary)


def int8_model(cargo: Cargo, options: ModelOptions, report: Report) -> tuple[Compared, Counter[str]]:
    """The int8 model beside the float32 one, and how often each operator was quantised.

    Raises ExportError, ShippingFault."""
    from graphs.exchange.to_onnx.agreement import first_line

    if cargo.data is None:
        raise ShippingFault(f"{UNCALIBRATED} {cargo.missing}")
    original, _ = float_model(cargo, options, part(report, 0.0, 0.5))
    try:
        model = _quantised(original, cargo, options, part(report, 0.5, 0.75))
    except (ValueError, TypeError, RuntimeError, AssertionError, KeyError, IndexError) as error:
        raise ShippingFault(f"onnxruntime could not quantise the model: {first_line(error)}") from error
    told = quantised(model)
    if not told:
        raise ShippingFault("Nothing in this network can be computed in int8: it has no convolution or linear layer.")
    data = checked(plain(model), "int8")
    return compare(cargo, original, data, part(report, 0.75, 0.98), "int8"), told


def quantised(model: Any) -> Counter[str]:
    """How often each heavy operator of a model stands between quantised numbers."""
    made = {output for node in model.graph.node if node.op_type == PAIR[1] for output in node.output}
    nodes = (node for node in model.graph.node if node.op_type in HEAVY)
    return Counter(node.op_type for node in nodes if set(node.input[:2]) <= made)


def _quantised(original: bytes, cargo: Cargo, options: ModelOptions, report: Report) -> Any:
    """Folds batch normalisation into the layers before it, measures the ranges, and puts Q/DQ pairs in."""
    import onnx
    from onnxruntime import quantization

    from graphs.exchange.to_onnx.quiet import quiet

    with TemporaryDirectory(prefix="netloom-") as name, quiet(), _silent():
        folder = Path(name)
        first, second, third = (folder / f"{step}.onnx" for step in ("float", "ready", "int8"))
        first.write_bytes(original)
        report(0.0, "Folding what int8 needs no more")
        quantization.quant_pre_process(str(first), str(second), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(second),
            str(third),
            _reader(cargo, options, report),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            reduce_range=options.seven,
        )
        return onnx.load(third)


def _reader(cargo: Cargo, options: ModelOptions, report: Report) -> Any:
    """Training samples in batches, as onnxruntime reads them; it reports, and may be cancelled, between two."""
    from onnxruntime.quantization import CalibrationDataReader

    from graphs.names import module_names

    assert cargo.data is not None
    inputs = cargo.data.train.inputs
    rows = spread(len(inputs), options.calibration)
    name = module_names(cargo.built.network)[cargo.built.inputs[0]]
    batch = HARD if inputs[0].numel() > BIG else EASY

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """A batch at a time."""

        def __init__(self) -> None:
            self.done = 0

        def get_next(self) -> dict[str, Any] | None:
            """The next batch, None behind the last."""
            report(0.1 + 0.8 * self.done / len(rows), f"Calibrating on {len(rows):,} training samples")
            chosen = rows[self.done : self.done + batch]
            self.done += len(chosen)
            return {name: inputs[chosen].contiguous().numpy()} if len(chosen) else None

    return Reader()


@contextmanager
def _silent() -> Iterator[None]:
    """No advice on the root logger, where onnxruntime.quantization writes it."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        root.setLevel(before)
