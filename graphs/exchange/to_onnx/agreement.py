"""How far onnxruntime is from PyTorch on the same inputs, and whether that is more than rounding.

Numbers of one precision may differ by `tolerance` times the largest of them (or 1). A deep network can round more than
that: then its own distance from what it computes with twice the digits says how much of the difference is rounding.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphs.exchange.proving.verdicts import TOLERANCE

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["TOLERANCE", "ExportError", "compare"]

ROUNDING = 4.0
"""How often the rounding of PyTorch itself a difference may be, where it is beyond the tolerance."""
NEVER = 1e-2
"""A share of the largest value that no rounding excuses."""

Array = np.ndarray[Any, Any]


class ExportError(ValueError):
    """Why a network was not exported, in one sentence; no file was written."""


def session(data: bytes) -> Any:
    """An onnxruntime session on the CPU, with one thread, that prints nothing. Raises what onnxruntime raises."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def compare(session: Any, module: nn.Module, batch: Sequence[Tensor], tolerance: float, where: str) -> float:
    """The largest difference of any output value. Raises ExportError where it is beyond `tolerance`.

    `module` stands in evaluation mode; `where` says in words what is compared ("a batch of 2").
    """
    expected = results(module, batch)
    names = [entry.name for entry in session.get_inputs()]
    feed = {name: tensor.numpy() for name, tensor in zip(names, batch, strict=True)}
    given = session.run(None, feed)
    found = max(difference(out, array) for out, array in zip(given, expected, strict=True))
    scale = max(1.0, *(largest(array) for array in expected))
    allowed = tolerance * scale
    if not found <= allowed:
        limit = min(ROUNDING * rounding(module, batch, expected), NEVER * scale) if found <= NEVER * scale else 0.0
        if not found <= max(allowed, limit):
            raise ExportError(
                f"onnxruntime and PyTorch differ by {found:.2g} at {where}, more than "
                f"{tolerance:g} of the largest value: nothing was written."
            )
    return found


def results(module: nn.Module, batch: Sequence[Tensor]) -> tuple[Array, ...]:
    """What a module gives, as arrays."""
    import torch

    with torch.no_grad():
        given = module(*batch)
    return tuple(tensor.numpy() for tensor in (given if isinstance(given, tuple) else (given,)))


def rounding(module: nn.Module, batch: Sequence[Tensor], expected: Sequence[Array]) -> float:
    """How far PyTorch itself is from what it computes with twice the digits; 0 where it cannot compute so."""
    try:
        exact = results(copy.deepcopy(module).double(), [t.double() if t.is_floating_point() else t for t in batch])
    except (RuntimeError, TypeError):
        return 0.0
    return max(difference(array, true) for array, true in zip(expected, exact, strict=True))


def difference(out: Array, expected: Array) -> float:
    """The largest absolute difference; values that are not finite must be the same."""
    if out.shape != expected.shape:
        return float("inf")
    same = (out == expected) | (np.isnan(out) & np.isnan(expected)) if out.dtype.kind == "f" else out == expected
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.where(same, 0.0, np.abs(out.astype(np.float64) - expected))
    return float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max(initial=0.0))


def largest(values: Array) -> float:
    """The largest finite absolute value, 0 where there is none."""
    plain = values.astype(np.float64) if values.dtype.kind != "f" else values
    finite = np.abs(plain[np.isfinite(plain)])
    return float(finite.max(initial=0.0))


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without colours, bounded, with a full stop."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return text[:300].rstrip(".") + "."


def cause(error: BaseException) -> BaseException:
    """What the exporter's own long sentences wrap: the first error, which says what it was about."""
    return cause(error.__cause__) if error.__cause__ else error
