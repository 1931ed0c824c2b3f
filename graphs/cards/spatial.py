"""Cards of layers for series and for volumes, whose like for maps stand with their families."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from graphs.cards.base import Card, Demonstration, Nested, Step, Table
from graphs.cards.combine import enlarged
from graphs.cards.convolution import _SYMBOLS, transposed
from graphs.cards.lines import keeps
from graphs.cards.nested import added, at, build, dims, factor, number, places
from graphs.cards.normalisation import per_channel
from graphs.cards.pooling import _WINDOW, adapted, adaptive, arithmetic, even
from graphs.cards.pooling import _example as pooled
from graphs.cards.separate import put_back
from graphs.cards.sources import LENET, PYRAMID, arxiv, doi
from graphs.cards.worked import Index, Told, tables, worked

SERIES = ((1, 3, 2, 0, 5, 4, 7, 6),)
VOLUME = (
    ((1, 3, 2, 0), (0, 2, 5, 1)),
    ((4, 0, 1, 1), (2, 4, 3, 6)),
)
"""Depth × height × width."""
EPS = 1e-5


def deep(made: Demonstration) -> Demonstration:
    """A demonstration whose tables are slices of one channel of a volume, not channels of a map."""
    rows = tuple(tuple(_sliced(part) for part in row) for row in made.rows)
    steps = tuple(replace(step, marks={_named(k): v for k, v in step.marks.items()}) for step in made.steps)
    return replace(made, rows=rows, steps=steps, inputs=tuple([x] for x in made.inputs), result=[made.result])


def _sliced(part: Any) -> Any:
    return replace(part, name=_named(part.name)) if isinstance(part, Table) else part


def _named(name: str) -> str:
    return name.replace("channel", "depth")


def _boxes(x: Nested, out: Index) -> list[tuple[Index, list[Index]]]:
    """Each place of a result of this size, and those that its window covers."""
    spans = [adapted(n, size) for n, size in zip(dims(x), out, strict=True)]
    found: list[tuple[Index, list[Index]]] = []
    for place in places(out):
        ranges = [range(*span[p]) for span, p in zip(spans, place, strict=True)]
        found.append((place, [(a, b, c) for a in ranges[0] for b in ranges[1] for c in ranges[2]]))
    return found


def _in_boxes(out: Index, largest: bool, caption: str, fields: Mapping[str, Any]) -> Demonstration:
    seen = dict(_boxes(VOLUME, out))

    def value(*place: int) -> float:
        values = [at(VOLUME, index) for index in seen[place]]
        return max(values) if largest else sum(values) / len(values)

    def says(*place: int) -> Told:
        values = [at(VOLUME, index) for index in seen[place]]
        said = ", ".join(map(number, values))
        words = f"The largest of {said} is {number(value(*place))}."
        if not largest:
            words = f"({added(values)}) / {len(values)} = {number(value(*place))}"
        return words, {"x": seen[place]}

    return deep(worked({"x": VOLUME}, build(out, value), says, caption, fields))


def max3d() -> Demonstration:
    """Boxes of 2×2×2."""
    return _in_boxes((1, 1, 2), True, "Boxes of 2×2×2 side by side: each keeps its largest number.", {})


def mean3d() -> Demonstration:
    """Boxes of 2×2×2."""
    return _in_boxes((1, 1, 2), False, "Boxes of 2×2×2 side by side: each becomes its mean.", {})


def adaptive_mean3d() -> Demonstration:
    """2×2×4 to 1×2×2."""
    caption = "Boxes are laid so that 1×2×2 numbers come out."
    return _in_boxes((1, 2, 2), False, caption, {"output_size": [1, 2, 2]})


def adaptive_max3d() -> Demonstration:
    """2×2×4 to 1×2×2."""
    caption = "Boxes are laid so that 1×2×2 numbers come out."
    return _in_boxes((1, 2, 2), True, caption, {"output_size": [1, 2, 2]})


def _mean(values: list[int], cells: Any) -> tuple[float, str, tuple[Any, ...]]:
    mean = sum(values) / len(values)
    return mean, f"({added(values)}) / {len(values)} = {number(mean)}", ()


def _largest(values: list[int], cells: Any) -> tuple[float, str, tuple[Any, ...]]:
    best = max(values)
    said = ", ".join(map(number, values))
    return best, f"The largest of {said} is {number(best)}.", (cells[values.index(best)],)


def mean1d() -> Demonstration:
    """A series, two by two."""
    caption = "Two steps become one: their mean."
    return pooled(SERIES, ([(0, 1)], even(8, 2)), _mean, {"kernel_size": 2}, caption, True)


def adaptive_mean1d() -> Demonstration:
    """Eight steps to three."""
    caption = "Stretches are laid so that 3 numbers come out; here neighbours share a step."
    return pooled(SERIES, ([(0, 1)], adapted(8, 3)), _mean, {"output_size": 3}, caption, True)


def adaptive_max1d() -> Demonstration:
    """Eight steps to three."""
    caption = "Stretches are laid so that 3 numbers come out; here neighbours share a step."
    return pooled(SERIES, ([(0, 1)], adapted(8, 3)), _largest, {"output_size": 3}, caption, True)


def putting_back() -> Demonstration:
    """Three numbers go back to their steps."""
    x, where = ((7, 8, 5),), ((1, 2, 5),)
    result = [[x[0][where[0].index(t)] if t in where[0] else 0 for t in range(6)]]

    def says(c: int, t: int) -> Told:
        if t not in where[0]:
            return "No number came from here: 0.", {}
        spot = (0, where[0].index(t))
        return f"Step {t}, counted from 0: {result[0][t]}.", {"x": [spot], "indices": [spot]}

    caption = "The largest numbers return to the steps where they were found."
    return worked({"x": x, "indices": where}, result, says, caption)


def _painted(x: Nested, w: Nested, stride: int) -> tuple[Nested, dict[Index, list[tuple[Index, Index]]]]:
    """The result of a transposed convolution of one filter, and what each place of it adds up."""
    size = tuple((n - 1) * stride + k for n, k in zip(dims(x), dims(w), strict=True))
    terms: dict[Index, list[tuple[Index, Index]]] = {place: [] for place in places(size)}
    for source in places(dims(x)):
        for tap in places(dims(w)):
            terms[tuple(s * stride + t for s, t in zip(source, tap, strict=True))].append((source, tap))
    return build(size, lambda *place: sum(at(x, a) * at(w, b) for a, b in terms[place])), terms


def _painting(x: Nested, w: Nested, stride: int, caption: str, fields: Mapping[str, Any]) -> Demonstration:
    result, terms = _painted(x, w, stride)

    def says(*place: int) -> Told:
        pairs = terms[place]
        said = " + ".join(f"{factor(at(x, a))}·{factor(at(w, b))}" for a, b in pairs)
        return f"{said} = {number(at(result, place))}", {"x": [a for a, _ in pairs], "w": [b for _, b in pairs]}

    weights = {"weight": [[w]], "bias": [0]}
    return worked({"x": x}, result, says, caption, fields, weights, tables("w", w, "weight"))


def painted1d() -> Demonstration:
    """Three steps paint a filter of three onto seven."""
    fields = {"out_channels": 1, "kernel_size": 3}
    made = _painting(
        (1, 2, -1), (1, 3, 2), 2, "Every number paints the filter; where filters overlap, they add up.", fields
    )
    return replace(made, inputs=tuple([x] for x in made.inputs), result=[made.result])


def painted3d() -> Demonstration:
    """Two numbers paint boxes of 2×2×2."""
    x, w = (((1, 3),),), (((1, 0), (0, 2)), ((0, -1), (1, 0)))
    return deep(_painting(x, w, 2, "Every number paints a box with the filter.", {"out_channels": 1}))


def _normal(values: Iterable[float]) -> tuple[float, float]:
    some = list(values)
    mean = sum(some) / len(some)
    return mean, sum((v - mean) ** 2 for v in some) / len(some)


def _scaled(x: Nested, group: Any, caption: str) -> Demonstration:
    """Numbers scaled to mean 0 and spread 1 within groups; `group(index)` are those that go together."""

    def figures(index: Index) -> tuple[float, float]:
        return _normal(at(x, other) for other in group(index))

    def value(*index: int) -> float:
        mean, variance = figures(index)
        return (at(x, index) - mean) / math.sqrt(variance + EPS)

    def says(*index: int) -> Told:
        mean, variance = figures(index)
        said = f"mean {number(mean)}, variance {number(variance)};  "
        said += f"({number(at(x, index))} − {factor(mean)}) / √{number(variance)} = {number(value(*index), 3)}"
        return said, {"x": group(index)}

    return worked({"x": x}, build(dims(x), value), says, caption)


def instance1d() -> Demonstration:
    """Two channels of four steps."""
    x = ((1.0, 3.0, 5.0, 7.0), (10.0, 0.0, 10.0, 20.0))
    caption = "Each channel of each series has a mean and a variance of its own."
    return _scaled(x, lambda index: [(index[0], t) for t in range(4)], caption)


def _whole_volume(caption: str) -> Demonstration:
    x = (((1.0, 3.0), (5.0, 7.0)), ((2.0, 4.0), (6.0, 8.0)))
    return deep(_scaled(x, lambda index: list(places((2, 2, 2))), caption))


def instance3d() -> Demonstration:
    """One channel of 2×2×2."""
    return _whole_volume("All places of a channel share a mean and a variance, in each sample by itself.")


def batch3d() -> Demonstration:
    """One sample of one channel of 2×2×2."""
    made = _whole_volume("All places of a channel share them, over all samples of the batch; here it is one.")
    return replace(made, training=True)


def _dropping(rank: int, what: str) -> Demonstration:
    """The middle of three channels goes."""
    x, kept = ((1, 2, 3, 4), (5, 1, 0, 2), (2, 2, 6, 1)), (1, 0, 1)
    result = tuple(tuple(2 * v * k for v in row) for row, k in zip(x, kept, strict=True))
    steps, down = [], tuple(f"channel {c + 1}" for c in range(3))
    for c, k in enumerate(kept):
        row = tuple((c, t) for t in range(4))
        said = (
            f"Channel {c + 1} is kept, every number times 1 / (1 − 0.5) = 2." if k else f"Channel {c + 1} is dropped."
        )
        steps.append(Step((said,), {"x": row, "y": row, "kept": ((c, 0),)}))
    appears = tuple(c for c in range(3) for _ in range(4))
    shown = Table("y", result, "output", appears)
    rows = ((Table("x", x, down=down), "·", Table("kept", tuple((k,) for k in kept), "state"), "→", shown),)

    def laid(values: Any) -> Any:
        return values if rank == 1 else [[[list(row)]] for row in values]

    mask = [laid([[k] * 4 for k in kept])]
    caption = f"Neighbours in a {what} are alike, so whole channels are dropped."
    return Demonstration(rows, tuple(steps), ([laid(x)],), [laid(result)], {"p": 0.5}, {}, True, mask, caption=caption)


def dropout1d() -> Demonstration:
    """Channels of a series."""
    return _dropping(1, "series")


def dropout3d() -> Demonstration:
    """Channels of a volume, of one slice of one row here."""
    return _dropping(3, "volume")


def alpha_dropout() -> Demonstration:
    """When nothing is learned, nothing happens."""
    x = (1.0, -2.0, 0.5, 0.0)
    caption = "While training, dropped numbers become −1.758, and all are scaled; shown is the network in use."
    return worked({"x": x}, x, lambda j: (f"{number(x[j])} stays {number(x[j])}", {"x": [(j,)]}), caption)


def longer() -> Demonstration:
    """Three steps to six."""
    x = ((1, 4, 2),)
    result = [[v for v in x[0] for _ in range(2)]]
    caption = "With “repeat” each step stands twice; with “blend” neighbours are mixed."
    return worked({"x": x}, result, lambda c, t: (f"{x[0][t // 2]} is repeated.", {"x": [(0, t // 2)]}), caption)


def larger() -> Demonstration:
    """1×1×2 to 2×2×4."""
    x = (((3, 5),),)
    result = build((2, 2, 4), lambda d, i, j: x[0][0][j // 2])
    caption = "With “repeat” each number fills a box; with “blend” neighbours are mixed."
    return deep(
        worked({"x": x}, result, lambda d, i, j: (f"{x[0][0][j // 2]} is repeated.", {"x": [(0, 0, j // 2)]}), caption)
    )


_T_OUT = r"T_{out} = (T - 1)S - 2P + D(K - 1) + 1 + E"
_H_OUT = r"H_{out} = (H - 1)S - 2P + D(K - 1) + 1 + E"
_PAINTS = (*_SYMBOLS[:-1], ("K, S, P, D, E", "kernel, stride, padding, dilation, extra size"))
_SIZE = r"H_{out} = ⌊\frac{H + 2P - D(K - 1) - 1}{S}⌋ + 1"
_MEAN_SIZE = r"H_{out} = ⌊\frac{H + 2P - K}{S}⌋ + 1"
_LETTERS = ("K, S, P, D", "kernel, stride, padding, dilation")
_KSP = (("K, S, P", "kernel, stride, padding"),)
_ASKED = (("H", "size of the input along an axis"), ("O", "the size asked for"))
_NORMAL = r"y = γ \frac{x - μ}{\sqrt{σ^2 + ε}} + β"
_OWN = (("μ, σ^2", "mean and variance of one channel of one sample"), ("γ, β", "1 and 0 unless learnt"))
_TRAN = arxiv(
    "Learning Spatiotemporal Features with 3D Convolutional Networks",
    "Tran, Bourdev, Fergus, Torresani, Paluri",
    2014,
    "1412.0767",
)
_VOLUMES = arxiv(
    "3D U-Net: Learning Dense Volumetric Segmentation from Sparse Annotation",
    "Çiçek, Abdulkadir, Lienkamp, Brox, Ronneberger",
    2016,
    "1606.06650",
)
_TOMPSON = arxiv(
    "Efficient Object Localization Using Convolutional Networks",
    "Tompson, Goroshin, Jain, LeCun, Bregler",
    2015,
    "1411.4280",
)
_STYLE = arxiv(
    "Instance Normalization: The Missing Ingredient for Fast Stylization",
    "Ulyanov, Vedaldi, Lempitsky",
    2016,
    "1607.08022",
)
_ODENA = doi("Deconvolution and Checkerboard Artifacts", "Odena, Dumoulin, Olah", 2016, "10.23915/distill.00003")
_IOFFE = arxiv(
    "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
    "Ioffe, Szegedy",
    2015,
    "1502.03167",
)
_ZEILER = arxiv("Visualizing and Understanding Convolutional Networks", "Zeiler, Fergus", 2013, "1311.2901")
_TIMES = (("s", "how many times larger; by blending, neighbours are mixed instead"),)
_CHANNELS = r"y_c = \frac{m_c}{1 - p} · x_c,   m_c = 0 with probability p, else 1"
_DROPPED = (("p", "the share of channels that is dropped"), ("m_c", "drawn anew each step; when not training y = x"))

CARDS: Mapping[str, Card] = {
    "ConvTranspose1d": Card(
        (r"y_{f, tS+u} = b_f + \sum_{c=1}^{C} \sum_{t} x_{c,t} · w_{c,f,u}", _T_OUT),
        _PAINTS,
        arxiv("Adversarial Audio Synthesis", "Donahue, McAuley, Puckette", 2018, "1802.04208"),
        transposed,
        painted1d,
    ),
    "ConvTranspose3d": Card(
        (r"y_{f, dS+t, iS+u, jS+v} = b_f + \sum_{c=1}^{C} \sum_{d,i,j} x_{c,d,i,j} · w_{c,f,t,u,v}", _H_OUT),
        _PAINTS,
        _VOLUMES,
        transposed,
        painted3d,
    ),
    "MaxPool3d": Card(
        (r"y_{c,d,i,j} = \max_{t,u,v} x_{c, dS+t, iS+u, jS+v}", _SIZE), (_LETTERS,), _TRAN, arithmetic, max3d
    ),
    "AvgPool1d": Card(
        (r"y_{c,t} = \frac{1}{K} \sum_{u} x_{c, tS+u}", r"T_{out} = ⌊\frac{T + 2P - K}{S}⌋ + 1"),
        _KSP,
        LENET,
        arithmetic,
        mean1d,
    ),
    "AvgPool3d": Card(
        (r"y_{c,d,i,j} = \frac{1}{K^3} \sum_{t,u,v} x_{c, dS+t, iS+u, jS+v}", _MEAN_SIZE),
        _KSP,
        _TRAN,
        arithmetic,
        mean3d,
    ),
    "AdaptiveAvgPool1d": Card(
        (r"y_{c,i} = mean of x_c over window i", _WINDOW), _ASKED, PYRAMID, adaptive, adaptive_mean1d
    ),
    "AdaptiveAvgPool3d": Card(
        (r"y_{c,d,i,j} = mean of x_c over window d, i, j", _WINDOW), _ASKED, PYRAMID, adaptive, adaptive_mean3d
    ),
    "AdaptiveMaxPool1d": Card(
        (r"y_{c,i} = \max of x_c over window i", _WINDOW), _ASKED, PYRAMID, adaptive, adaptive_max1d
    ),
    "AdaptiveMaxPool3d": Card(
        (r"y_{c,d,i,j} = \max of x_c over window d, i, j", _WINDOW), _ASKED, PYRAMID, adaptive, adaptive_max3d
    ),
    "MaxUnpool1d": Card((r"y_{index of x} = x,   T_{out} = (T - 1)S - 2P + K",), _KSP, _ZEILER, put_back, putting_back),
    "BatchNorm3d": Card(
        (_NORMAL,),
        (
            ("μ, σ^2", "mean and variance of a channel over the batch; remembered ones when not training"),
            ("γ, β", "a factor and an offset, learnt"),
        ),
        _IOFFE,
        per_channel,
        batch3d,
    ),
    "InstanceNorm1d": Card((_NORMAL,), _OWN, _STYLE, per_channel, instance1d),
    "InstanceNorm3d": Card((_NORMAL,), _OWN, _STYLE, per_channel, instance3d),
    "Dropout1d": Card((_CHANNELS,), _DROPPED, _TOMPSON, keeps, dropout1d),
    "Dropout3d": Card((_CHANNELS,), _DROPPED, _TOMPSON, keeps, dropout3d),
    "AlphaDropout": Card(
        (r"y = a · (m · x + (1 - m) · α) + b,   m = 0 with probability p, else 1",),
        (("α", "−1.758, the floor of SELU"), ("a, b", "so that mean 0 and spread 1 stay; when not training y = x")),
        arxiv("Self-Normalizing Neural Networks", "Klambauer, Unterthiner, Mayr, Hochreiter", 2017, "1706.02515"),
        keeps,
        alpha_dropout,
    ),
    "Upsample1d": Card((r"y_{c,t} = x_{c, ⌊t/s⌋},   T_{out} = s · T",), _TIMES, _ODENA, enlarged, longer),
    "Upsample3d": Card(
        (r"y_{c,d,i,j} = x_{c, ⌊d/s⌋, ⌊i/s⌋, ⌊j/s⌋},   H_{out} = s · H",), _TIMES, _ODENA, enlarged, larger
    ),
}
