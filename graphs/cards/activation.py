"""Cards of the activations: a curve, its slope, and points on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from graphs.cards.base import Bars, Card, Curve, Demonstration, Line, Part, Source, Step, Table
from graphs.cards.lines import free, keeps, multiply_adds, parameters, whole
from graphs.cards.nested import added, factor, number, spaced
from graphs.cards.sources import GLOROT, arxiv, book, doi
from graphs.layers.base import Shape

Function = Callable[[float], float]
Words = Callable[[float], str]
POINTS = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)
_ALPHA, _SCALE = 1.6732632423543772, 1.0507009873554805


def learnt_slope(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    """PReLU learns one slope, or one for each channel."""
    count = inputs[0].dims[0] if layer.per_channel else 1
    note = "one slope for each channel" if layer.per_channel else "one slope for all"
    return (whole(outputs[0], "as many as came in"), parameters(str(count), count, note), free()[1])


def curve(
    f: Function,
    slope: Function,
    words: Words,
    reach: float = 4.0,
    points: tuple[float, ...] = POINTS,
    weights: Mapping[str, Any] | None = None,
) -> Callable[[], Demonstration]:
    """An example that walks along a curve. `words(x)` says how one value comes about."""

    def example() -> Demonstration:
        xs = spaced(-reach, reach, 161)
        drawn = Curve("f(x) and its slope f′(x)", xs, tuple(map(f, xs)), tuple(map(slope, xs)))
        ys, slopes = [f(x) for x in points], [slope(x) for x in points]
        steps = []
        for i, x in enumerate(points):
            said = f"f({number(x)}) = {words(x)}"
            slope_said = f"slope f′({number(x)}) = {number(slopes[i], 3)}"
            steps.append(Step((said, slope_said), {"values": ((0, i), (1, i), (2, i))}, at=(x, ys[i], slopes[i])))
        known = tuple(range(len(points)))
        values = (points, tuple(round(y, 3) for y in ys), tuple(round(s, 3) for s in slopes))
        shown = Table("values", values, appears=((0,) * len(points) + known + known), down=("x", "f(x)", "f′(x)"))
        rows: tuple[tuple[Part | str, ...], ...] = ((drawn,), (shown,))
        return Demonstration(rows, tuple(steps), ([list(points)],), [ys], weights=weights or {})

    return example


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _gelu(x: float) -> float:
    return x * _normal(x)


def _normal(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def _gelu_slope(x: float) -> float:
    return _normal(x) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _bent(share: float) -> Words:
    return lambda x: number(x) if x > 0 else f"{factor(share)}·{factor(x)} = {number(share * x, 3)}"


def _selu(x: float) -> float:
    return _SCALE * (x if x > 0 else _ALPHA * math.expm1(x))


def _elu_words(x: float) -> str:
    return f"1·(exp({number(x)}) − 1) = {number(math.expm1(x), 3)}"


def _selu_words(x: float) -> str:
    inside = factor(x) if x > 0 else f"1.673·(exp({number(x)}) − 1)"
    return f"1.051·{inside} = {number(_selu(x), 3)}"


def _celu_words(x: float) -> str:
    return number(x) if x > 0 else f"exp({number(x)}) − 1 = {number(math.expm1(x), 3)}"


def _quick(x: float) -> float:
    return _sigmoid(1.702 * x)


def _hard(x: float) -> float:
    return min(max(0.0, x + 3), 6.0) / 6


def _mish(x: float) -> float:
    return x * math.tanh(math.log1p(math.exp(x)))


def _mish_slope(x: float) -> float:
    gate = math.tanh(math.log1p(math.exp(x)))
    return gate + x * (1 - gate * gate) * _sigmoid(x)


def shares(logarithm: bool) -> Callable[[], Demonstration]:
    """Softmax of four scores, and its logarithm."""

    def example() -> Demonstration:
        scores = (2.0, 1.0, 0.5, -1.0)
        powers = [math.exp(s) for s in scores]
        total = sum(powers)
        parts = [p / total for p in powers]
        result = [math.log(p) for p in parts] if logarithm else parts
        labels = ("class 1", "class 2", "class 3", "class 4")
        steps = [
            Step((f"exp({number(s)}) = {number(p, 3)}",), {"values": ((0, i), (1, i))})
            for i, (s, p) in enumerate(zip(scores, powers, strict=True))
        ]
        said = " + ".join(number(p) for p in powers)
        steps.append(Step((f"Sum: {said} = {number(total)}",), {"values": tuple((1, i) for i in range(4))}))
        for i, part in enumerate(parts):
            words: tuple[str, ...] = (f"{number(powers[i])} / {number(total)} = {number(part, 3)}",)
            if logarithm:
                words = (*words, f"log {number(part, 3)} = {number(result[i], 3)}")
            steps.append(Step(words, {"values": ((1, i), (2, i)), "shares": ((0, i),)}))
        known = tuple(range(5, 9))
        values = (scores, tuple(round(p, 3) for p in powers), tuple(round(r, 3) for r in result))
        appears = (*(0,) * 4, *range(4), *known)
        shown = Table("values", values, appears=appears, across=labels, down=("x", "exp(x)", "y"))
        bars = Bars("shares", tuple(parts), labels, appears=known)
        rows: tuple[tuple[Part | str, ...], ...] = ((shown,), (bars,))
        last = f"All shares add up to {added([round(sum(parts), 6)])}."
        return Demonstration(rows, tuple(steps), ([list(scores)],), [result], caption=last)

    return example


def _plain(formula: str, source: Source, example: Callable[[], Demonstration], *symbols: tuple[str, str]) -> Card:
    return Card((formula,), symbols, source, keeps, example)


def _arithmetic_of_shares(layer: Any, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[Line, ...]:
    index = layer.axis - 1 if layer.axis > 0 else len(inputs[0].dims) + layer.axis
    note = f"in groups of {inputs[0].dims[index]} that add up to 1"
    return (whole(outputs[0], note), parameters(note="nothing is learnt"), multiply_adds())


_HOWARD = arxiv("Searching for MobileNetV3", "Howard et al.", 2019, "1905.02244")
_SOFT = book("section 6.2.2.3, Softmax Units", "mlp")
_SHARES = (("x_i", "the score of class i"), ("n", "how many classes there are"))

CARDS: Mapping[str, Card] = {
    "ReLU": _plain(
        r"f(x) = \max(0, x)",
        GLOROT,
        curve(lambda x: max(x, 0.0), lambda x: float(x > 0), lambda x: f"max(0, {number(x)}) = {number(max(x, 0.0))}"),
    ),
    "LeakyReLU": _plain(
        r"f(x) = \max(0, x) + a · min(0, x)",
        Source(
            "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
            "Maas, Hannun, Ng",
            2013,
            "https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
        ),
        curve(lambda x: x if x > 0 else 0.01 * x, lambda x: 1.0 if x > 0 else 0.01, _bent(0.01)),
        ("a", "the slope for negative numbers, 0.01 unless set"),
    ),
    "PReLU": Card(
        (r"f(x) = \max(0, x) + a · min(0, x)",),
        (("a", "the slope for negative numbers, learnt; it begins at 0.25"),),
        arxiv(
            "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet Classification",
            "He, Zhang, Ren, Sun",
            2015,
            "1502.01852",
        ),
        learnt_slope,
        curve(
            lambda x: max(x, 0.25 * x),
            lambda x: 1.0 if x > 0 else 0.25,
            _bent(0.25),
            weights={"weight": [0.25]},
        ),
    ),
    "ELU": _plain(
        r"f(x) = \max(0, x) + min(0, α(e^x - 1))",
        arxiv(
            "Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)",
            "Clevert, Unterthiner, Hochreiter",
            2015,
            "1511.07289",
        ),
        curve(
            lambda x: x if x > 0 else math.expm1(x),
            lambda x: 1.0 if x > 0 else math.exp(x),
            lambda x: number(x) if x > 0 else _elu_words(x),
        ),
        ("α", "how far below zero the floor lies, 1 unless set"),
    ),
    "CELU": _plain(
        r"f(x) = \max(0, x) + min(0, α(e^{x/α} - 1))",
        arxiv("Continuously Differentiable Exponential Linear Units", "Barron", 2017, "1704.07483"),
        curve(lambda x: x if x > 0 else math.expm1(x), lambda x: 1.0 if x > 0 else math.exp(x), _celu_words),
        ("α", "how far below zero the floor lies, 1 unless set"),
    ),
    "SELU": _plain(
        r"f(x) = λ(\max(0, x) + min(0, α(e^x - 1)))",
        arxiv("Self-Normalizing Neural Networks", "Klambauer, Unterthiner, Mayr, Hochreiter", 2017, "1706.02515"),
        curve(_selu, lambda x: _SCALE * (1.0 if x > 0 else _ALPHA * math.exp(x)), _selu_words),
        ("λ, α", "fixed: 1.0507 and 1.6733"),
    ),
    "GELU": _plain(
        r"f(x) = x · Φ(x) = \frac{x}{2}(1 + erf(\frac{x}{\sqrt{2}}))",
        arxiv("Gaussian Error Linear Units (GELUs)", "Hendrycks, Gimpel", 2016, "1606.08415"),
        curve(
            _gelu,
            _gelu_slope,
            lambda x: f"{factor(x)}·Φ({number(x)}) = {factor(x)}·{number(_normal(x), 3)} = {number(_gelu(x), 3)}",
        ),
        ("Φ(x)", "the share of a normal distribution below x"),
    ),
    "QuickGELU": _plain(
        r"f(x) = x · σ(1.702 x)",
        arxiv("Gaussian Error Linear Units (GELUs)", "Hendrycks, Gimpel", 2016, "1606.08415"),
        curve(
            lambda x: x * _quick(x),
            lambda x: _quick(x) * (1 + 1.702 * x * (1 - _quick(x))),
            lambda x: (
                f"{factor(x)}·σ({number(1.702 * x, 3)}) = {factor(x)}·{number(_quick(x), 3)}"
                f" = {number(x * _quick(x), 3)}"
            ),
        ),
        ("σ", "the sigmoid"),
    ),
    "ReLU6": _plain(
        r"f(x) = min(\max(0, x), 6)",
        arxiv(
            "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
            "Sandler, Howard, Zhu, Zhmoginov, Chen",
            2018,
            "1801.04381",
        ),
        curve(
            lambda x: min(max(x, 0.0), 6.0),
            lambda x: float(0 < x < 6),
            lambda x: f"min(max(0, {number(x)}), 6) = {number(min(max(x, 0.0), 6.0))}",
            8.0,
            (-3.0, -1.0, 1.0, 3.0, 5.0, 7.5),
        ),
    ),
    "Hardswish": _plain(
        r"f(x) = x · \frac{min(\max(0, x + 3), 6)}{6}",
        _HOWARD,
        curve(
            lambda x: x * _hard(x),
            lambda x: 0.0 if x < -3 else 1.0 if x > 3 else (2 * x + 3) / 6,
            lambda x: f"{factor(x)}·min(max(0, {number(x + 3)}), 6) / 6 = {number(x * _hard(x), 3)}",
            5.0,
        ),
    ),
    "Hardsigmoid": _plain(
        r"f(x) = \frac{min(\max(0, x + 3), 6)}{6}",
        _HOWARD,
        curve(
            _hard,
            lambda x: 1 / 6 if -3 < x < 3 else 0.0,
            lambda x: f"min(max(0, {number(x + 3)}), 6) / 6 = {number(_hard(x), 3)}",
            5.0,
        ),
    ),
    "SiLU": _plain(
        r"f(x) = x · σ(x) = \frac{x}{1 + e^{-x}}",
        arxiv("Searching for Activation Functions", "Ramachandran, Zoph, Le", 2017, "1710.05941"),
        curve(
            lambda x: x * _sigmoid(x),
            lambda x: _sigmoid(x) * (1 + x * (1 - _sigmoid(x))),
            lambda x: f"{factor(x)}·{number(_sigmoid(x), 3)} = {number(x * _sigmoid(x), 3)}",
            6.0,
        ),
        ("σ", "the sigmoid"),
    ),
    "Mish": _plain(
        r"f(x) = x · tanh(log(1 + e^x))",
        arxiv("Mish: A Self Regularized Non-Monotonic Activation Function", "Misra", 2019, "1908.08681"),
        curve(
            _mish,
            _mish_slope,
            lambda x: f"{factor(x)}·tanh({number(math.log1p(math.exp(x)), 3)}) = {number(_mish(x), 3)}",
            6.0,
        ),
    ),
    "Sigmoid": _plain(
        r"f(x) = \frac{1}{1 + e^{-x}}",
        doi(
            "Learning representations by back-propagating errors",
            "Rumelhart, Hinton, Williams",
            1986,
            "10.1038/323533a0",
        ),
        curve(
            _sigmoid,
            lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
            lambda x: f"1 / (1 + exp({number(-x)})) = {number(_sigmoid(x), 3)}",
            6.0,
        ),
    ),
    "Tanh": _plain(
        r"f(x) = tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}}",
        Source(
            "Efficient BackProp",
            "LeCun, Bottou, Orr, Müller",
            1998,
            "http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf",
        ),
        curve(math.tanh, lambda x: 1 - math.tanh(x) ** 2, lambda x: f"tanh({number(x)}) = {number(math.tanh(x), 3)}"),
    ),
    "Hardtanh": _plain(
        r"f(x) = min(\max(x, a), b)",
        arxiv(
            "Natural Language Processing (almost) from Scratch",
            "Collobert, Weston, Bottou, Karlen, Kavukcuoglu, Kuksa",
            2011,
            "1103.0398",
        ),
        curve(
            lambda x: min(max(x, -1.0), 1.0),
            lambda x: float(-1 < x < 1),
            lambda x: f"min(max({number(x)}, −1), 1) = {number(min(max(x, -1.0), 1.0))}",
        ),
        ("a, b", "the bounds, −1 and 1 unless set"),
    ),
    "Softsign": _plain(
        r"f(x) = \frac{x}{1 + |x|}",
        Source(
            "Understanding the difficulty of training deep feedforward neural networks",
            "Glorot, Bengio",
            2010,
            "https://proceedings.mlr.press/v9/glorot10a.html",
        ),
        curve(
            lambda x: x / (1 + abs(x)),
            lambda x: 1 / (1 + abs(x)) ** 2,
            lambda x: f"{number(x)} / (1 + {number(abs(x))}) = {number(x / (1 + abs(x)), 3)}",
        ),
    ),
    "LogSigmoid": _plain(
        r"f(x) = log \frac{1}{1 + e^{-x}} = -log(1 + e^{-x})",
        arxiv(
            "Distributed Representations of Words and Phrases and their Compositionality",
            "Mikolov, Sutskever, Chen, Corrado, Dean",
            2013,
            "1310.4546",
        ),
        curve(
            lambda x: -math.log1p(math.exp(-x)),
            lambda x: _sigmoid(-x),
            lambda x: f"−log(1 + exp({number(-x)})) = {number(-math.log1p(math.exp(-x)), 3)}",
        ),
    ),
    "Softplus": _plain(
        r"f(x) = \frac{1}{β} log(1 + e^{βx})",
        GLOROT,
        curve(
            lambda x: math.log1p(math.exp(x)),
            _sigmoid,
            lambda x: f"log(1 + exp({number(x)})) = {number(math.log1p(math.exp(x)), 3)}",
        ),
        ("β", "sharpness, 1 unless set"),
    ),
    "Softmax": Card(
        (r"y_i = \frac{e^{x_i}}{\sum_{j=1}^{n} e^{x_j}}",), _SHARES, _SOFT, _arithmetic_of_shares, shares(False)
    ),
    "LogSoftmax": Card(
        (r"y_i = log \frac{e^{x_i}}{\sum_{j=1}^{n} e^{x_j}} = x_i - log \sum_{j=1}^{n} e^{x_j}",),
        _SHARES,
        _SOFT,
        _arithmetic_of_shares,
        shares(True),
    ),
}
