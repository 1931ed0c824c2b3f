"""Cards of the convolutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.cards import sliding
from graphs.cards.base import Card, Line
from graphs.cards.lines import SPATIAL, axis, multiply_adds, parameters, product, times, window_size
from graphs.cards.sources import LENET, arxiv, doi
from graphs.layers.base import Shape
from graphs.layers.windows import spread

_SIZE = r"H_{out} = ⌊\frac{H + 2P - D(K - 1) - 1}{S}⌋ + 1"
_SYMBOLS = (
    ("x", "the input, C channels"),
    ("w_f", "the weights of filter f"),
    ("b_f", "its bias"),
    ("K, S, P, D", "kernel, stride, padding, dilation"),
)


def _per_filter(layer: Any, channels: int) -> tuple[str, int]:
    """ "1·5·5": how many inputs one result of a filter weighs."""
    taps = spread(layer.kernel_size, layer.rank)
    share = str(channels) if layer.groups == 1 else f"{channels}/{layer.groups}"
    return f"{share}·{times(taps)}", channels // layer.groups * product(taps)


def _costs(layer: Any, channels: int, out: Shape) -> tuple[Line, Line]:
    seen, count = _per_filter(layer, channels)
    filters = layer.out_channels
    learnt = f"{filters}·({seen} + 1)" if layer.bias else f"{filters}·{seen}"
    adds = f"{times(out.dims[1:])}·{filters}·{seen}"
    return parameters(learnt, filters * (count + layer.bias)), multiply_adds(adds, out.size * count)


def _sizes(layer: Any, shape: Shape) -> list[Line]:
    rank, lines = layer.rank, []
    fields = (layer.kernel_size, layer.stride, layer.dilation)
    kernel, stride, dilation = (spread(value, rank) for value in fields)
    for i, name in enumerate(SPATIAL[rank]):
        size = shape.dims[i + 1]
        if layer.padding == "same":
            lines.append(axis(name, size, size, i + 1, "“same” padding keeps the size"))
        else:
            pad = spread(layer.padding, rank)[i]
            lines.append(axis(name, *window_size(size, kernel[i], stride[i], pad, dilation[i]), i + 1))
    return lines


def arithmetic(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """Channels, sizes, parameters and multiply-adds of a convolution."""
    channels = axis("Channels", layer.out_channels, layer.out_channels, 0, "one for each filter")
    return (channels, *_sizes(layer, inputs[0]), *_costs(layer, inputs[0].dims[0], outputs[0]))


def transposed(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """The same for a transposed convolution, which enlarges."""
    lines = [axis("Channels", layer.out_channels, layer.out_channels, 0, "one for each filter")]
    fields = (layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.output_padding)
    kernel, *others = (spread(value, layer.rank) for value in fields)
    sizes = zip(SPATIAL[layer.rank], inputs[0].dims[1:], kernel, *others, strict=True)
    for i, (name, n, k, s, p, d, e) in enumerate(sizes, 1):
        reach = f"{k}" if d == 1 else f"{d}·({k} − 1) + 1"
        working = f"({n} − 1)·{s} − 2·{p} + {reach}" + (f" + {e}" if e else "")
        lines.append(axis(name, working, (n - 1) * s - 2 * p + d * (k - 1) + 1 + e, i))
    channels, filters, taps = inputs[0].dims[0], layer.out_channels, product(kernel)
    share = str(filters) if layer.groups == 1 else f"{filters}/{layer.groups}"
    weighed = f"{channels}·{share}·{times(kernel)}"
    learnt = channels * filters // layer.groups * taps + layer.bias * filters
    lines.append(parameters(f"{weighed} + {filters}" if layer.bias else weighed, learnt))
    adds = f"{times(inputs[0].dims)}·{share}·{times(kernel)}"
    lines.append(multiply_adds(adds, inputs[0].size * filters // layer.groups * taps))
    return tuple(lines)


CARDS: Mapping[str, Card] = {
    "Conv2d": Card(
        (r"y_{f,i,j} = b_f + \sum_{c=1}^{C} \sum_{u,v} w_{f,c,u,v} · x_{c, iS - P + uD, jS - P + vD}", _SIZE),
        _SYMBOLS,
        LENET,
        arithmetic,
        sliding.conv2d,
    ),
    "Conv1d": Card(
        (
            r"y_{f,t} = b_f + \sum_{c=1}^{C} \sum_{u} w_{f,c,u} · x_{c, tS - P + uD}",
            r"T_{out} = ⌊\frac{T + 2P - D(K - 1) - 1}{S}⌋ + 1",
        ),
        _SYMBOLS,
        doi(
            "Phoneme recognition using time-delay neural networks",
            "Waibel, Hanazawa, Hinton, Shikano, Lang",
            1989,
            "10.1109/29.21701",
        ),
        arithmetic,
        sliding.conv1d,
    ),
    "Conv3d": Card(
        (
            r"y_{f,d,i,j} = b_f + \sum_{c=1}^{C} \sum_{t,u,v} w_{f,c,t,u,v}"
            r" · x_{c, dS - P + tD, iS - P + uD, jS - P + vD}",
            _SIZE,
        ),
        _SYMBOLS,
        arxiv(
            "Learning Spatiotemporal Features with 3D Convolutional Networks",
            "Tran, Bourdev, Fergus, Torresani, Paluri",
            2014,
            "1412.0767",
        ),
        arithmetic,
        sliding.conv3d,
    ),
    "ConvTranspose2d": Card(
        (
            r"y_{f, iS+u, jS+v} = b_f + \sum_{c=1}^{C} \sum_{i,j} x_{c,i,j} · w_{c,f,u,v}",
            r"H_{out} = (H - 1)S - 2P + D(K - 1) + 1 + E",
        ),
        (*_SYMBOLS[:-1], ("K, S, P, D, E", "kernel, stride, padding, dilation, extra size")),
        arxiv("A guide to convolution arithmetic for deep learning", "Dumoulin, Visin", 2016, "1603.07285"),
        transposed,
        sliding.transposed,
    ),
}
