"""What PyTorch's exporter to ONNX lacks: pools to any size, RNN as one operator, long series in short time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any


def translations() -> Mapping[Callable[..., Any], Callable[..., Any]]:
    """What stands for operators that the exporter does not know, or unrolls: its `custom_translation_table`."""
    import torch

    aten = torch.ops.aten
    return {
        aten.adaptive_max_pool2d.default: _adaptive_max_pool,
        aten.adaptive_max_pool3d.default: _adaptive_max_pool,
        aten._adaptive_avg_pool3d.default: _adaptive_mean_pool,
        aten.rrelu_with_noise_functional.default: _rrelu,
        aten.sort.stable: _sort,
        aten.rnn_tanh.input: partial(_rnn, "Tanh"),
        aten.rnn_relu.input: partial(_rnn, "Relu"),
    }


@contextmanager
def not_unrolled() -> Iterator[None]:
    """While the exporter traces, GRU and LSTM give shapes alone: PyTorch walks through every step otherwise,
    0.1 s for each. Without effect where PyTorch has no such function (any more)."""
    from torch._decomp import decompositions

    walk = getattr(decompositions, "_rnn_helper", None)
    if walk is None:
        yield
        return
    decompositions._rnn_helper = _shapes_of_steps
    try:
        yield
    finally:
        decompositions._rnn_helper = walk


def _shapes_of_steps(x: Any, hidden: Sequence[Any], *others: Any) -> tuple[Any, list[Any]]:
    """Results of the right shapes, for `_rnn_helper` of torch/_decomp/decompositions.py."""
    bidirectional = others[5]
    state = hidden[0][0] if isinstance(hidden[0], tuple | list) else hidden[0]
    return x.new_empty((*x.shape[:2], state.shape[-1] * (2 if bidirectional else 1))), list(hidden)


def _rrelu(x: Any, noise: Any, lower: float, upper: float, *others: Any) -> tuple[Any, Any]:
    """As it is when nothing is trained: a fixed slope, the mean of both bounds."""
    from onnxscript import opset18 as op

    return op.LeakyRelu(x, alpha=(lower + upper) / 2), op.Identity(noise)


def _sort(x: Any, stable: bool = True, dim: int = -1, descending: bool = False) -> tuple[Any, Any]:
    """All of an axis in order: ONNX's TopK puts the first of equal numbers first."""
    from onnxscript import opset18 as op

    axis = dim % len(x.shape)
    return op.TopK(x, op.Shape(x, start=axis, end=axis + 1), axis=axis, largest=int(descending))


def _adaptive_max_pool(x: Any, output_size: Sequence[int]) -> tuple[Any, Any]:
    """The largest value of each window. Nothing reads the places."""
    from onnxscript import opset18 as op

    result = _by_windows(op.ReduceMax, x, output_size)
    return result, op.Identity(result)


def _adaptive_mean_pool(x: Any, output_size: Sequence[int]) -> Any:
    """The mean of each window: a mean of means, since those along an axis are of one size for all places of it."""
    from onnxscript import opset18 as op

    return _by_windows(op.ReduceMean, x, output_size)


def _by_windows(reduce: Callable[..., Any], x: Any, output_size: Sequence[int]) -> Any:
    """Each window as one number, first along the rows, then along the columns, and so on."""
    from onnxscript import opset18 as op

    for axis, (size, count) in enumerate(zip(tuple(x.shape)[2:], output_size, strict=True), 2):
        windows = [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
        cuts = [op.Slice(x, _whole(first), _whole(end), _whole(axis)) for first, end in windows]
        x = op.Concat(*[reduce(cut, _whole(axis), keepdims=1) for cut in cuts], axis=axis)
    return x


def _rnn(
    activation: str,
    x: Any,
    state: Any,
    weights: Sequence[Any],
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool,
) -> tuple[Any, Any]:
    """An operator a layer, which begins at zero, as every network of ours does."""
    from onnxscript import opset18 as op

    ways, each = 2 if bidirectional else 1, 4 if has_biases else 2
    x = op.Transpose(x, perm=[1, 0, 2])
    states = []
    for layer in range(num_layers):
        own = [weights[each * (layer * ways + way) :][:each] for way in range(ways)]
        biases = [_stacked([op.Concat(parts[2], parts[3], axis=0) for parts in own])] if has_biases else []
        steps, last = op.RNN(
            x,
            _stacked([parts[0] for parts in own]),
            _stacked([parts[1] for parts in own]),
            *biases,
            activations=[activation] * ways,
            direction="bidirectional" if bidirectional else "forward",
            hidden_size=weights[1].shape[1],
        )
        x = op.Reshape(op.Transpose(steps, perm=[0, 2, 1, 3]), _whole(0, 0, -1))
        states.append(last)
    return op.Transpose(x, perm=[1, 0, 2]), op.Concat(*states, axis=0)


def _stacked(tensors: Sequence[Any]) -> Any:
    from onnxscript import opset18 as op

    return op.Concat(*[op.Unsqueeze(tensor, _whole(0)) for tensor in tensors], axis=0)


def _whole(*numbers: int) -> Any:
    from onnxscript import opset18 as op

    return op.Constant(value_ints=numbers)
