"""One contract over the help cards of all kinds: none lacks one, and every number on it is true."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
import torch
from torch.nn import functional

from graphs.cards import CARDS, TRIED, alike, card_of, demonstration, lines_of, sample
from graphs.cards.base import Demonstration, Line, Table, described
from graphs.cards.maths import plain
from graphs.inference.facts import Facts
from graphs.inference.measure import make, measure
from graphs.inference.shapes import Inference
from graphs.layers.base import Layer, Shape
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire

CATALOGUE = standard()
KINDS = sorted(CATALOGUE.kinds)
BUILT = [kind for kind in KINDS if CATALOGUE.parse(kind, {}).torch]
every_kind = pytest.mark.parametrize("kind", KINDS)
VARIANTS: Mapping[str, list[dict[str, Any]]] = {
    "Conv2d": [
        {"out_channels": 6, "kernel_size": 5, "padding": 2},
        {"padding": "same", "kernel_size": 5},
        {"groups": 2, "stride": [2, 1], "dilation": 2, "bias": False},
    ],
    "Conv1d": [{"padding": "same"}, {"stride": 2, "padding": 1}],
    "ConvTranspose2d": [
        {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1},
        {"dilation": 2, "groups": 2, "bias": False},
    ],
    "ConvTranspose1d": [{"kernel_size": 3, "padding": 1, "output_padding": 1}, {"groups": 2, "bias": False}],
    "ConvTranspose3d": [{"kernel_size": 3, "padding": 1, "output_padding": 1}, {"dilation": 2, "bias": False}],
    "MaxPool3d": [{"kernel_size": [1, 2, 3], "stride": 2, "ceil_mode": True}],
    "AvgPool1d": [{"kernel_size": 3, "padding": 1, "ceil_mode": True}],
    "AdaptiveAvgPool3d": [{"output_size": [2, 3, 2]}],
    "GLU": [{"axis": -1}],
    "InstanceNorm3d": [{"affine": True}],
    "Upsample1d": [{"size": 9}],
    "Upsample3d": [{"size": [5, 6, 7]}],
    "MaxPool2d": [
        {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
        {"kernel_size": 2, "stride": 3, "ceil_mode": True},
        {"dilation": 2},
    ],
    "AvgPool2d": [{"kernel_size": [3, 2], "padding": [1, 0], "ceil_mode": True}],
    "AdaptiveAvgPool2d": [{"output_size": [3, 4]}],
    "Linear": [{"bias": False}, {"last_axis": True}],
    "Bilinear": [{"bias": False}],
    "PReLU": [{"per_channel": True}],
    "BatchNorm2d": [{"affine": False}],
    "LayerNorm": [{"axes": 2}, {"elementwise_affine": False}, {"bias": False}],
    "Concat": [{"axis": -1, "count": 3}],
    "Add": [{"count": 3}],
    "Flatten": [{"start_dim": 2}, {"end_dim": 2}, {"start_dim": 2, "end_dim": 2}],
    "Reshape": [{"shape": [2, -1]}, {"shape": [-1, 2, 2]}],
    "Permute": [{"axes": [3, 1, 2]}],
    "Upsample": [{"mode": "bilinear", "scale_factor": 3}, {"size": [5, 20]}],
    "Softmax": [{"axis": -1}],
    "DepthwiseConv2d": [{"multiplier": 3, "bias": False}],
    "SeparableConv2d": [{"padding": "same", "bias": False}],
    "UntiedConv2d": [{"stride": 2, "padding": 1}],
    "Maxout": [{"axis": -1, "pieces": 1}],
    "CoupledLSTM": [{"peepholes": True, "result": "all", "bias": False}],
    "DynamicKMaxPool": [{"level": 2, "k": 1}],
    "Slice": [{"axis": -1, "start": 1, "end": -1, "step": 2}, {"axis": -1, "start": -1, "drop": True}],
    "Pad": [{"padding": [1, 2]}],
    "Split": [{"axis": -2}],
    "Stack": [{"axis": -1, "count": 3}],
    "MatMul": [{"transpose": True}],
    "Mean": [{"axes": [-1], "keep": True}],
    "Parameter": [{"shape": [3, 4]}],
    "RMSNorm": [{"elementwise_affine": False}],
    "InstanceNorm2d": [{"affine": True}],
    "LayerScale": [{"axis": -1}],
    "PatchEmbedding": [{"patch_size": [4, 3], "bias": False}],
    "MultiheadAttention": [{"separate": True, "bias": False}],
    "TransformerEncoderLayer": [{"bias": False}],
    "SqueezeExcitation": [{"squeezed": 3}],
    **{
        kind: [
            {"result": "all", "bidirectional": True, "bias": False},
            {"num_layers": 2},
            {"num_layers": 4, "bidirectional": True},
        ]
        for kind in ("RNN", "LSTM", "GRU")
    },
}
PORTS = [kind for kind in KINDS if kind in ("BlockInput", "BlockOutput", "CustomLayer")]
"""They have a shape within a block, or with a file of code, only."""
CASES = [(kind, {}) for kind in KINDS if kind not in PORTS] + [
    (kind, fields) for kind, some in VARIANTS.items() for fields in some
]


def shapes_for(layer: Layer) -> list[tuple[Shape, ...]]:
    """Every tried shape that a layer takes."""
    ports = layer.inputs()
    if not ports:
        return [()]
    found = []
    for shape in TRIED:
        wanted = sample(layer) and alike(layer, shape)
        if wanted and facts_of(layer, wanted).ok:
            found.append(wanted)
    return found


def facts_of(layer: Layer, shapes: tuple[Shape, ...]) -> Facts:
    """What the analysis says of a layer that is fed these shapes."""
    nodes, wires = [Node("layer", layer.kind(), fields=layer.model_dump(mode="json"))], []
    for port, shape in zip(layer.inputs(), shapes, strict=True):
        source = f"in{port.name}"
        tokens = {"length": shape.size, "vocabulary": shape.values or 2}
        first, fields = ("TokensInput", tokens) if shape.dtype == "int64" else ("VectorInput", {"features": shape.size})
        nodes.append(Node(source, first, fields=fields))
        start = End(source, "out")
        if shape.dtype != "int64" or len(shape.dims) > 1:
            nodes.append(Node(f"fold{port.name}", "Reshape", fields={"shape": list(shape.dims)}))
            wires.append(Wire(start, End(f"fold{port.name}", "in")))
            start = End(f"fold{port.name}", "out")
        wires.append(Wire(start, End("layer", port.name)))
    return Inference(CATALOGUE).analyse(Network.of(nodes, wires)).facts["layer"]


def measured(facts: Facts, line: Line) -> int:
    """What the analysis says about the value of a line."""
    match line.about:
        case ("axis", port, axis):
            return facts.outputs[port].dims[axis]
        case ("size", port):
            return facts.outputs[port].size
        case ("parameters",):
            return facts.parameters
        case ("multiply_adds",):
            return facts.multiply_adds
    raise AssertionError(line.about)


def worked_out(working: str) -> Fraction:
    """The value of "⌊(28 + 2·2 − 5) / 1⌋ + 1", reckoned exactly and independently of the card."""
    text = working.replace("·", "*").replace("−", "-").replace("⌊", "floor(").replace("⌈", "ceil(")
    return _value(ast.parse(text.replace("⌋", ")").replace("⌉", ")"), mode="eval").body)


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() as value):
            return Fraction(value)
        case ast.BinOp(left, op, right):
            a, b = _value(left), _value(right)
            signs = {ast.Add: a.__add__, ast.Sub: a.__sub__, ast.Mult: a.__mul__, ast.Div: a.__truediv__}
            return signs[type(op)](b)
        case ast.Call(ast.Name(name), values):
            known = {"floor": math.floor, "ceil": math.ceil, "max": max}
            return Fraction(known[name](*map(_value, values)))
    raise AssertionError(ast.dump(node))


@every_kind
def test_every_kind_has_a_card(kind: str) -> None:
    card = card_of(kind)
    assert card is not None, f"{kind} lacks a help card: add one to graphs/cards/<family>.py"
    assert card.formula and all(plain(text) for text in card.formula)
    assert all(plain(sign) and meaning for sign, meaning in card.symbols)
    assert card.source.title and card.source.authors and 1900 < card.source.year < 2030
    assert card.source.url.startswith(("https://", "http://"))
    text = described(CATALOGUE.kinds[kind], card)
    assert CATALOGUE.kinds[kind].help in text and card.source.title in text


@pytest.mark.parametrize(("kind", "fields"), CASES, ids=[f"{k}-{f}" for k, f in CASES])
def test_arithmetic_equals_what_is_measured(kind: str, fields: dict[str, Any]) -> None:
    layer = CATALOGUE.parse(kind, fields)
    tried = shapes_for(layer)
    assert tried, f"none of the shapes suits {kind}: add one to TRIED"
    for shapes in tried:
        facts = facts_of(layer, shapes)
        assert facts.ok
        lines = lines_of(layer, shapes, facts.outputs)
        for line in lines:
            assert worked_out(line.working) == line.value, str(line)
            assert int(re.findall(r"[\d,]+", str(line))[-1].replace(",", "")) == measured(facts, line), str(line)
        covers_everything(lines, facts)


def covers_everything(lines: tuple[Line, ...], facts: Facts) -> None:
    """Every axis has a line, unless all numbers keep their places; both costs have one."""
    abouts = {line.about for line in lines}
    assert {("parameters",), ("multiply_adds",)} <= abouts
    for port, shape in enumerate(facts.outputs):
        axes = {("axis", port, axis) for axis in range(len(shape.dims))}
        kept = ("size", port) in abouts and all(s is not None and s.dims == shape.dims for s in facts.inputs)
        assert axes <= abouts or kept


def test_broadcast_axes_are_worked_out() -> None:
    layer = CATALOGUE.parse("Multiply", {})
    shapes = (Shape((4, 9, 8)), Shape((4, 1, 1)))
    facts = facts_of(layer, shapes)
    for line in lines_of(layer, shapes, facts.outputs):
        assert worked_out(line.working) == line.value == measured(facts, line)


def test_lenet_reads_as_in_the_textbook() -> None:
    layer = CATALOGUE.parse("Conv2d", {"out_channels": 6, "kernel_size": 5, "padding": 2})
    lines = [str(line) for line in lines_of(layer, (Shape((1, 28, 28)),), (Shape((6, 28, 28)),))]
    assert lines == [
        "Channels = 6",
        "Height = ⌊(28 + 2·2 − 5) / 1⌋ + 1 = 28",
        "Width = ⌊(28 + 2·2 − 5) / 1⌋ + 1 = 28",
        "Parameters = 6·(1·5·5 + 1) = 156",
        "Multiply-adds = 28·28·6·1·5·5 = 117,600",
    ]


def tensors(layer: Layer, made: Demonstration) -> list[torch.Tensor]:
    """The inputs as PyTorch takes them."""
    kinds = [torch.int64 if port.accepts == "tokens" else torch.float64 for port in layer.inputs()]
    return [torch.tensor(x, dtype=kind) for x, kind in zip(made.inputs, kinds, strict=True)]


@pytest.mark.parametrize("kind", BUILT)
def test_pytorch_gives_the_numbers_of_the_demonstration(kind: str) -> None:
    made = demonstration(kind)
    layer = CATALOGUE.parse(kind, made.fields)
    inputs = tensors(layer, made)
    shapes = tuple(Shape(tuple(x.shape[1:]), str(x.dtype).removeprefix("torch.")) for x in inputs)
    module = make(layer, shapes).double().train(made.training)
    state = module.state_dict()
    for name, values in made.weights.items():
        state[name] = torch.tensor(values, dtype=torch.float64)
    module.load_state_dict(state)
    if made.mask is not None:
        scale = functional.dropout(torch.ones(64, dtype=torch.float64), layer.p, training=True).max()
        found = inputs[0] * torch.tensor(made.mask) * scale
    else:
        found = module(*inputs)
    pairs = zip(found, made.result, strict=True) if made.several else [(found, made.result)]
    for tensor, numbers in pairs:
        expected = torch.tensor(numbers, dtype=torch.float64)
        torch.testing.assert_close(tensor.detach().double(), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if CATALOGUE.kinds[kind].source_only])
def test_inputs_show_what_their_fields_say(kind: str) -> None:
    made = demonstration(kind)
    (shape,) = measure(CATALOGUE.parse(kind, made.fields), ()).outputs
    assert torch.tensor(made.result).shape[1:] == shape.dims


def test_output_shows_the_loss_of_pytorch() -> None:
    made = demonstration("Output")
    found = functional.cross_entropy(torch.tensor(made.inputs[0], dtype=torch.float64), torch.tensor([0]))
    assert found.item() == pytest.approx(made.result[0], abs=1e-6)


def test_the_lecture_s_convolution_gives_the_slide_s_numbers() -> None:
    tables = {part.name: part for part in demonstration("Conv2d").parts if isinstance(part, Table)}
    assert tables["y, channel 1"].rows == ((0, -4, 3), (5, -4, -2), (2, 0, 5))
    assert tables["y, channel 2"].rows == ((-3, -3, 0), (5, 10, -3), (1, 0, 6))
    assert len(tables["x, channel 1"].rows) == len(tables["x, channel 1"].rows[0]) == 7


def test_the_lecture_s_pools() -> None:
    assert demonstration("MaxPool2d").result == [[[[7, 8], [5, 3]]]]
    assert demonstration("AvgPool2d").result == [[[[4, 5], [2.5, 1.5]]]]


@pytest.mark.parametrize("kind", sorted(CARDS))
def test_demonstrations_hold_together(kind: str) -> None:
    """Marks and steps name what is there; every step says something."""
    made = demonstration(kind)
    tables = {part.name: part for part in made.parts if isinstance(part, Table)}
    assert len({part.name for part in made.parts}) == len(made.parts)
    assert (made.steps and made.caption) or made.parts
    for step in made.steps:
        assert step.words and all(step.words)
        for marks in (step.marks, step.best, step.off):
            for name, cells in marks.items():
                if name in tables:
                    assert all(0 <= i < len(tables[name].rows) and 0 <= j < len(tables[name].rows[i]) for i, j in cells)
                else:
                    assert name in {part.name for part in made.parts}
    for part in tables.values():
        cells = sum(map(len, part.rows))
        assert not part.appears or len(part.appears) == cells
        assert all(0 <= step < len(made.steps) for step in part.appears)
        assert not part.frames or len(part.frames) == len(made.steps)
