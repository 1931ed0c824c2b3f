"""Cards of convolutions in parts, of more pools and what undoes them, and of LSTMs with other gates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphs.cards.base import Card, Demonstration, Line
from graphs.cards.convolution import _sizes as sizes
from graphs.cards.lines import SPATIAL, axis, free, multiply_adds, parameters, product, times, window_size
from graphs.cards.nested import added, factor, number, places, products
from graphs.cards.pooling import X, even
from graphs.cards.pooling import _example as pooled
from graphs.cards.sources import arxiv, doi
from graphs.cards.worked import Index, Told, moved, tables, worked
from graphs.layers.base import Shape
from graphs.layers.windows import spread

Shapes = tuple[Shape, ...]
MAP = [[[1, 2, 0], [0, 1, 3], [2, 1, 1]], [[0, 1, 1], [2, 0, 1], [1, 1, 0]]]
WEIGHTS = [[[1, 0], [0, -1]], [[1, 1], [0, 0]]]
SQUARE = tuple(places((2, 2)))


def separable(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """A filter a channel, then a mix."""
    c, f, taps = inputs[0].dims[0], layer.out_channels, times(layer.kernel_size)
    weights = c * product(layer.kernel_size) + f * c
    learnt = parameters(f"{c}·{taps} + {f}·{c}" + (f" + {f}" if layer.bias else ""), weights + f * layer.bias)
    room = outputs[0].dims[1:]
    adds = multiply_adds(f"{times(room)}·({c}·{taps} + {f}·{c})", product(room) * weights)
    return (axis("Channels", f, f, 0, "one for each mix"), *sizes(layer, inputs[0]), learnt, adds)


def depthwise(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Filters for each channel by itself."""
    c, m, taps = inputs[0].dims[0], layer.multiplier, times(layer.kernel_size)
    each = product(layer.kernel_size)
    learnt = parameters(f"{c}·{m}·({taps} + 1)" if layer.bias else f"{c}·{m}·{taps}", c * m * (each + layer.bias))
    adds = multiply_adds(f"{times(outputs[0].dims)}·{taps}", outputs[0].size * each)
    return (axis("Channels", f"{c}·{m}", c * m, 0), *sizes(layer, inputs[0]), learnt, adds)


def untied(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """A bias at every place."""
    c, f, taps = inputs[0].dims[0], layer.out_channels, times(layer.kernel_size)
    share = str(c) if layer.groups == 1 else f"{c}/{layer.groups}"
    each = c // layer.groups * product(layer.kernel_size)
    learnt = parameters(f"{f}·{share}·{taps} + {times(outputs[0].dims)}", f * each + outputs[0].size)
    adds = multiply_adds(f"{times(outputs[0].dims)}·{share}·{taps}", outputs[0].size * each)
    return (axis("Channels", f, f, 0, "one for each filter"), *sizes(layer, inputs[0]), learnt, adds)


def _seen(c: int, i: int, j: int) -> list[Index]:
    return [(c, i + u, j + v) for u, v in SQUARE]


def _filtered(c: int, i: int, j: int) -> tuple[int, str]:
    values = [MAP[c][i + u][j + v] for u, v in SQUARE]
    taps = [WEIGHTS[c][u][v] for u, v in SQUARE]
    return sum(a * b for a, b in zip(values, taps, strict=True)), products(values, taps)


def by_channel() -> Demonstration:
    """Two channels with a filter each."""
    result = [[[_filtered(c, i, j)[0] for j in range(2)] for i in range(2)] for c in range(2)]

    def says(c: int, i: int, j: int) -> Told:
        value, said = _filtered(c, i, j)
        return f"{said} = {number(value)}", {"x": _seen(c, i, j), "w": [(c, u, v) for u, v in SQUARE]}

    weights = {"weight": [[w] for w in WEIGHTS], "bias": [0, 0]}
    beside, caption = tables("w", WEIGHTS, "weight"), "The filter of a channel sees that channel alone."
    return worked({"x": MAP}, result, says, caption, {"kernel_size": 2}, weights, beside)


def in_parts() -> Demonstration:
    """Two channels are filtered, then mixed into one."""
    mix = (1, -2)
    result = [[[sum(mix[c] * _filtered(c, i, j)[0] for c in range(2)) for j in range(2)] for i in range(2)]]

    def says(f: int, i: int, j: int) -> Told:
        values = [_filtered(c, i, j)[0] for c in range(2)]
        said = f"Filtered: {number(values[0])} and {number(values[1])};  {products(mix, values)}"
        said += f" = {number(result[0][i][j])}"
        return said, {"x": [*_seen(0, i, j), *_seen(1, i, j)], "mix": [(0,), (1,)]}

    weights = {
        "depthwise.weight": [[w] for w in WEIGHTS],
        "pointwise.weight": [[[[m]] for m in mix]],
        "pointwise.bias": [0],
    }
    beside = (*tables("w", WEIGHTS, "weight"), *tables("mix", mix, "weight"))
    fields = {"kernel_size": 2, "out_channels": 1}
    return worked(
        {"x": MAP}, result, says, "First each channel by itself, then 1×1 across them.", fields, weights, beside
    )


def with_offsets() -> Demonstration:
    """One filter, a bias at each of four places."""
    offset = [[[1, 0], [0, -1]]]
    result = [[[_filtered(0, i, j)[0] + offset[0][i][j] for j in range(2)] for i in range(2)]]

    def says(f: int, i: int, j: int) -> Told:
        said = f"{_filtered(0, i, j)[1]} + {factor(offset[0][i][j])} = {number(result[0][i][j])}"
        return said, {"x": _seen(0, i, j), "b": [(0, i, j)], "w": [(0, u, v) for u, v in SQUARE]}

    weights = {"weight": [[WEIGHTS[0]]], "offset": offset}
    beside = (*tables("w", WEIGHTS[:1], "weight"), *tables("b", offset, "weight"))
    fields = {"kernel_size": 2, "out_channels": 1}
    return worked({"x": MAP[:1]}, result, says, "The bias differs from place to place.", fields, weights, beside)


def slid(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Sizes behind a sliding pool that always rounds down."""
    stride, padding = layer.stride or layer.kernel_size, getattr(layer, "padding", (0, 0))
    lines = [axis("Channels", inputs[0].dims[0], inputs[0].dims[0], 0, "each channel by itself")]
    for i, name in enumerate(SPATIAL[2]):
        size = inputs[0].dims[i + 1]
        lines.append(axis(name, *window_size(size, layer.kernel_size[i], stride[i], padding[i]), i + 1))
    return (*lines, *free())


def summing() -> Demonstration:
    """The lecture's 4×4 by sums."""

    def summary(values: list[int], cells: Any) -> tuple[float, str, tuple[Any, ...]]:
        return sum(values), f"{added(values)} = {number(sum(values))}", ()

    return pooled(X, (even(4, 2), even(4, 2)), summary, {"kernel_size": 2}, "Windows of 2×2 become their sum.")


def lengths() -> Demonstration:
    """The lecture's 4×4 by lengths."""

    def summary(values: list[int], cells: Any) -> tuple[float, str, tuple[Any, ...]]:
        length = math.sqrt(sum(v * v for v in values))
        return length, f"√({' + '.join(f'{v}²' for v in values)}) = {number(length)}", ()

    return pooled(X, (even(4, 2), even(4, 2)), summary, {"kernel_size": 2}, "L2: the root of the sum of squares.")


def put_back(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """The size before the pool."""
    rank, channels = layer.rank, inputs[0].dims[0]
    kernel, padding = spread(layer.kernel_size, rank), spread(layer.padding, rank)
    lines = [axis("Channels", channels, channels, 0, "each channel by itself")]
    sizes = zip(SPATIAL[rank], inputs[0].dims[1:], kernel, layer.steps(), padding, strict=True)
    for i, (name, n, k, s, p) in enumerate(sizes, 1):
        if layer.size is None:
            lines.append(axis(name, f"({n} − 1)·{s} − 2·{p} + {k}", (n - 1) * s - 2 * p + k, i))
        else:
            size = spread(layer.size, rank)[i - 1]
            lines.append(axis(name, size, size, i, "as asked for"))
    return (*lines, *free())


def putting_back() -> Demonstration:
    """Four numbers go back to their places."""
    x, at = [[[7, 8], [5, 3]]], [[[5, 7], [13, 10]]]
    where = {divmod(at[0][i][j], 4): (0, i, j) for i, j in SQUARE}
    result = [[[x[0][where[i, j][1]][where[i, j][2]] if (i, j) in where else 0 for j in range(4)] for i in range(4)]]

    def says(c: int, i: int, j: int) -> Told:
        if (i, j) not in where:
            return "No number came from here: 0.", {}
        spot = where[i, j]
        return f"Place {4 * i + j}, counted row by row from 0: {result[0][i][j]}.", {"x": [spot], "indices": [spot]}

    return worked({"x": x, "indices": at}, result, says, "The largest numbers return to where they were found.")


def nailed(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Height and width times the factor."""
    (channels, height, width), s = inputs[0].dims, layer.factor
    lines = [axis("Channels", channels, channels, 0, "each channel by itself")]
    return (
        *lines,
        axis("Height", f"{height}·{s}", height * s, 1),
        axis("Width", f"{width}·{s}", width * s, 2),
        *free(),
    )


def nailing() -> Demonstration:
    """2×2 to 4×4."""

    def source(c: int, i: int, j: int) -> Index | None:
        return None if i % 2 or j % 2 else (c, i // 2, j // 2)

    return moved([[[1, 2], [3, 4]]], (1, 4, 4), source, "Like nails in a bed: one number a square, zeros around.")


def largest(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """As many steps as are kept."""
    channels, steps = inputs[0].dims
    lines = [axis("Channels", channels, channels, 0, "each channel by itself")]
    if layer.kind() == "KMaxPool":
        return (*lines, axis("Steps", layer.k, layer.k, 1, "as asked for"), *free())
    left, length = max(layer.levels - layer.level, 0), layer.length or steps
    return (*lines, axis("Steps", f"max({layer.k}, ⌈{left}·{length} / {layer.levels}⌉)", layer.kept(steps), 1), *free())


def _keeping(k: int, fields: Mapping[str, Any], caption: str) -> Demonstration:
    x = ((1, 5, 2, 4, 3, 0), (6, 0, 1, 7, 2, 5))
    kept = [sorted(t for _, t in sorted(((v, t) for t, v in enumerate(row)), reverse=True)[:k]) for row in x]
    result = [[row[t] for t in some] for row, some in zip(x, kept, strict=True)]

    def says(c: int, t: int) -> Told:
        return f"{result[c][t]} is among the {k} largest of its row.", {"x": [(c, kept[c][t])]}

    return worked({"x": x}, result, says, caption, fields)


def keeping() -> Demonstration:
    """The three largest of six."""
    return _keeping(3, {"k": 3}, "The order of the steps stays.")


def keeping_less() -> Demonstration:
    """Half of six, behind the first of two convolutions."""
    fields = {"k": 2, "level": 1, "levels": 2}
    return _keeping(3, fields, "Behind layer 1 of 2 half of the 6 steps are kept: max(2, ⌈1·6 / 2⌉) = 3.")


def gated(layer: Any, inputs: Shapes, outputs: Shapes) -> tuple[Line, ...]:
    """Weights of the gates, and of the peepholes."""
    (steps, width), h, g = inputs[0].dims, layer.hidden_size, layer.gates
    peeps = (g - 1) * h if layer.special().get("peepholes") else 0
    learnt = f"{g}·{h}·({width} + {h}{' + 1' if layer.bias else ''})" + (f" + {g - 1}·{h}" if peeps else "")
    adds = multiply_adds(f"{steps}·{g}·{h}·({width} + {h})", steps * g * h * (width + h))
    units = axis("Units", h, h, len(outputs[0].dims) - 1)
    lines = (axis("Steps", steps, steps, 0), units) if layer.result == "all" else (units,)
    return (*lines, parameters(learnt, g * h * (width + h + layer.bias) + peeps), adds)


def _sigma(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _remembering(coupled: bool) -> Demonstration:
    """One unit that reads three numbers; all weights are 1, those back from its own state 0."""
    x, peep = (1.0, -1.0, 2.0), 0.0 if coupled else 0.5
    memory, rows, result = 0.0, [], []
    for seen in x:
        enter = _sigma(seen + peep * memory)
        keep = 1 - enter if coupled else _sigma(seen + peep * memory)
        memory = keep * memory + enter * math.tanh(seen)
        leave = _sigma(seen + peep * memory)
        result.append([leave * math.tanh(memory)])
        rows.append([enter, keep, leave, memory])
    gates = 3 if coupled else 4
    weights = {"weight_ih": [[1.0]] * gates, "weight_hh": [[0.0]] * gates, "bias": [0.0] * gates}
    if not coupled:
        weights["peep"] = [[0.5]] * 3

    def says(t: int, _: int) -> Told:
        enter, keep, leave, now = rows[t]
        said = f"in {number(enter)}, keep {number(keep)}, out {number(leave)}, memory {number(now)}: "
        said += f"{number(leave)}·tanh({number(now)}) = {number(result[t][0], 3)}"
        return said, {"x": [(t, 0)], "in, keep, out, memory": [(t, k) for k in range(4)]}

    beside = tables("in, keep, out, memory", rows, "state")
    caption = "What is kept is 1 − what comes in." if coupled else "Each gate also sees half of the memory."
    fields = {"hidden_size": 1, "result": "all"}
    return worked({"x": [[v] for v in x]}, result, says, caption, fields, weights, beside)


def peeping() -> Demonstration:
    """One unit with peepholes."""
    return _remembering(False)


def coupled() -> Demonstration:
    """One unit with joined gates."""
    return _remembering(True)


_SIZE = r"H_{out} = ⌊\frac{H + 2P - K}{S}⌋ + 1"
_LETTERS = (("K, S, P", "kernel, stride, padding"),)
_DCNN = arxiv(
    "A Convolutional Neural Network for Modelling Sentences", "Kalchbrenner, Grefenstette, Blunsom", 2014, "1404.2188"
)
_ZEILER = arxiv("Visualizing and Understanding Convolutional Networks", "Zeiler, Fergus", 2013, "1311.2901")
_GATE = (("i, f, o", "gates: in, keep, out"), ("c, h", "memory and state"))

CARDS: Mapping[str, Card] = {
    "SeparableConv2d": Card(
        (r"y_{f,i,j} = b_f + \sum_{c} m_{f,c} \sum_{u,v} w_{c,u,v} · x_{c, iS+u, jS+v}",),
        (("w_c", "the filter of channel c"), ("m_f", "how result f mixes the channels")),
        arxiv("Xception: Deep Learning with Depthwise Separable Convolutions", "Chollet", 2016, "1610.02357"),
        separable,
        in_parts,
    ),
    "DepthwiseConv2d": Card(
        (r"y_{c,i,j} = b_c + \sum_{u,v} w_{c,u,v} · x_{c, iS+u, jS+v}",),
        (("w_c", "the filter of channel c"),),
        arxiv(
            "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
            "Howard et al.",
            2017,
            "1704.04861",
        ),
        depthwise,
        by_channel,
    ),
    "UntiedConv2d": Card(
        (r"y_{f,i,j} = b_{f,i,j} + \sum_{c} \sum_{u,v} w_{f,c,u,v} · x_{c, iS+u, jS+v}",),
        (("b", "learnt, for every place"),),
        arxiv("Building high-level features using large scale unsupervised learning", "Le et al.", 2011, "1112.6209"),
        untied,
        with_offsets,
    ),
    "SumPool2d": Card(
        (r"y_{c,i,j} = \sum_{u,v} x_{c, iS+u, jS+v}", _SIZE),
        _LETTERS,
        doi("Neocognitron: A self-organizing neural network model", "Fukushima", 1980, "10.1007/BF00344251"),
        slid,
        summing,
    ),
    "LPPool2d": Card(
        (r"y_{c,i,j} = (\sum_{u,v} x_{c, iS+u, jS+v}^p)^{1/p}", _SIZE),
        (("p", "the power, 2 unless set"), *_LETTERS),
        arxiv(
            "Convolutional Neural Networks Applied to House Numbers Digit Classification",
            "Sermanet, Chintala, LeCun",
            2012,
            "1204.3968",
        ),
        slid,
        lengths,
    ),
    "MaxUnpool2d": Card(
        (r"y_{index of x} = x,   H_{out} = (H - 1)S - 2P + K",), _LETTERS, _ZEILER, put_back, putting_back
    ),
    "BedOfNails": Card(
        (r"y_{c, si, sj} = x_{c,i,j},   all others 0",),
        (("s", "the factor"),),
        arxiv("A guide to convolution arithmetic for deep learning", "Dumoulin, Visin", 2016, "1603.07285"),
        nailed,
        nailing,
    ),
    "KMaxPool": Card((r"y_c = the k largest of x_c, in their order",), (("k", "how many"),), _DCNN, largest, keeping),
    "DynamicKMaxPool": Card(
        (r"k_l = \max(k, ⌈\frac{L - l}{L} · s⌉)",),
        (("l, L", "this layer and all"), ("s", "the length of the sentence")),
        _DCNN,
        largest,
        keeping_less,
    ),
    "PeepholeLSTM": Card(
        (
            r"i_t = σ(W_i x_t + U_i h_{t-1} + p_i · c_{t-1} + b_i)",
            r"c_t = f_t · c_{t-1} + i_t · tanh(…),   h_t = o_t · tanh c_t",
        ),
        (("p", "peepholes, a weight a unit; the gate o sees c_t"), *_GATE),
        doi("Recurrent nets that time and count", "Gers, Schmidhuber", 2000, "10.1109/IJCNN.2000.861302"),
        gated,
        peeping,
    ),
    "CoupledLSTM": Card(
        (r"c_t = (1 - i_t) · c_{t-1} + i_t · tanh(…),   h_t = o_t · tanh c_t",),
        _GATE,
        arxiv(
            "LSTM: A Search Space Odyssey", "Greff, Srivastava, Koutník, Steunebrink, Schmidhuber", 2015, "1503.04069"
        ),
        gated,
        coupled,
    ),
}
