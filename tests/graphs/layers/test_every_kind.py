"""One contract over all layer kinds: what is declared once holds everywhere it is used.

Each kind stands in a tiny network between inputs that suit it and an output. Which inputs suit it is found by
asking the kind itself, so a new kind is under contract as soon as it is declared.
"""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from graphs.building import modules
from graphs.building.build import Built, build
from graphs.building.source import write_source
from graphs.exchange.to_onnx.export import ExportError, export_onnx
from graphs.files.storage import dumps, loads
from graphs.inference.measure import Unfit, make, measure
from graphs.inference.problems import wrong_values
from graphs.inference.shapes import Inference
from graphs.layers.base import FAMILIES, Layer, Shape
from graphs.layers.catalogue import BadFields, standard
from graphs.network import End, Network, Node, Wire

CATALOGUE = standard()
KINDS = sorted(name for name, kind in CATALOGUE.kinds.items() if not kind.wiring and not kind.own_code)
INPUTS = (
    ("ImageInput", {"channels": 4, "height": 9, "width": 8}, None),
    ("VectorInput", {"features": 6}, None),
    ("SequenceInput", {"length": 4, "features": 5}, None),
    ("TokensInput", {"length": 7, "vocabulary": 11}, None),
    ("ImageInput", {"channels": 4, "height": 6, "width": 10}, [4, 3, 4, 5]),
    ("ImageInput", {"channels": 4, "height": 8, "width": 16}, None),
    ("SequenceInput", {"length": 8, "features": 8}, None),
    ("ImageInput", {"channels": 3, "height": 32, "width": 32}, None),
)
"""Inputs that a kind is tried with: kind, fields, and a shape they are brought into first."""
VARIANTS = {
    "Conv2d": [
        {"padding": "same", "kernel_size": 5, "initialise": "he_normal"},
        {"groups": 2, "stride": [2, 1], "dilation": 2, "bias": False},
    ],
    "Conv1d": [{"padding": "same"}, {"stride": 2, "padding": 1}],
    "ConvTranspose2d": [{"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, {"stride": 1}],
    "ConvTranspose1d": [{"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1, "dilation": 2}],
    "ConvTranspose3d": [{"kernel_size": [1, 3, 2], "stride": [1, 2, 2], "padding": [0, 1, 0], "bias": False}],
    "MaxPool3d": [{"kernel_size": [1, 2, 3], "stride": 2, "padding": [0, 1, 1], "ceil_mode": True}],
    "AvgPool1d": [{"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}],
    "AvgPool3d": [{"kernel_size": [1, 2, 3], "stride": 2, "padding": [0, 1, 1], "count_include_pad": False}],
    "AdaptiveAvgPool1d": [{"output_size": 3}],
    "AdaptiveMaxPool1d": [{"output_size": 3}],
    "AdaptiveAvgPool3d": [{"output_size": [2, 3, 2]}],
    "AdaptiveMaxPool3d": [{"output_size": [2, 3, 2]}],
    "InstanceNorm1d": [{"affine": True}],
    "InstanceNorm3d": [{"affine": True}],
    "Upsample1d": [{"mode": "linear"}, {"size": 7}, {"mode": "linear", "align_corners": True}],
    "Upsample3d": [{"mode": "trilinear"}, {"size": [4, 5, 9]}],
    "GLU": [{"axis": -1}],
    "CELU": [{"alpha": 0.5}],
    "Hardtanh": [{"min_val": -0.25, "max_val": 0.5}],
    "Embedding": [{"padding_idx": 3}],
    "MaxPool2d": [{"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}],
    "AvgPool2d": [{"kernel_size": [3, 2], "padding": [1, 0], "count_include_pad": False}],
    "AdaptiveAvgPool2d": [{"output_size": [3, 4]}],
    "AdaptiveMaxPool2d": [{"output_size": [3, 2]}, {"output_size": [4, 5]}],
    "Linear": [{"bias": False, "initialise": "xavier_uniform"}, {"initialise": "orthogonal"}],
    "PReLU": [{"per_channel": True}],
    "GELU": [{"approximate": "tanh"}],
    "LayerNorm": [{"axes": 3}, {"bias": False}],
    "Concat": [{"axis": -1, "count": 3}],
    "Add": [{"count": 3}],
    "Flatten": [{"start_dim": 2}],
    "Reshape": [{"shape": [2, -1]}],
    "Permute": [{"axes": [3, 1, 2]}],
    "Upsample": [
        {"mode": "bilinear", "align_corners": True},
        {"mode": "bilinear"},
        {"size": [5, 20], "mode": "bicubic"},
    ],
    "RNN": [
        {"result": "all", "bidirectional": True, "bias": False},
        {"bidirectional": True, "num_layers": 2, "nonlinearity": "relu"},
    ],
    "LSTM": [{"result": "all", "num_layers": 2}, {"bidirectional": True}],
    "GRU": [{"result": "all", "bidirectional": True}, {"bidirectional": True, "num_layers": 2}],
    "Softmax": [{"axis": -1}],
    "SeparableConv2d": [{"padding": "same", "dilation": 2, "bias": False}, {"stride": [2, 1], "padding": 1}],
    "DepthwiseConv2d": [{"multiplier": 2, "padding": "same"}, {"stride": 2, "bias": False}],
    "UntiedConv2d": [{"groups": 2, "stride": 2, "padding": [1, 0]}, {"padding": "same", "initialise": "he_normal"}],
    "SumPool2d": [{"kernel_size": [3, 2], "stride": 2, "padding": [1, 0]}],
    "LPPool2d": [{"kernel_size": 3, "stride": 1}],
    "BedOfNails": [{"factor": 3}],
    "KMaxPool": [{"k": 1}],
    "DynamicKMaxPool": [{"k": 1, "level": 1, "levels": 3}],
    "PeepholeLSTM": [{"result": "all", "bias": False}],
    "CoupledLSTM": [{"result": "all"}, {"peepholes": True}],
    "Step": [{"surrogate": "sigmoid", "threshold": 0.5}, {"surrogate": "none", "signed": True}],
    "CenteredSoftplus": [{"beta": 2}],
    "Maxout": [{"axis": -1, "pieces": 2}],
    "APL": [{"pieces": 3}],
    "MaxUnpool2d": [{"size": [9, 8]}],
    "Slice": [
        {"axis": 2, "start": 1, "end": -1, "step": 3},
        {"axis": -2, "start": -1, "drop": True},
        {"start": 3, "drop": True},
    ],
    "Pad": [
        {"padding": [1, 2, 0, 3], "mode": "reflect"},
        {"padding": [1, 2, 0, 3], "mode": "replicate"},
        {"padding": [1, 2, 0, 3], "mode": "circular"},
        {"padding": [0, 0, 0, 0, 1, 2], "value": 0.5},
    ],
    "Split": [{"count": 4}, {"axis": -1}],
    "Stack": [{"axis": -1, "count": 3}],
    "MatMul": [{"transpose": True}],
    "Mean": [{"axes": [2, 3]}, {"axes": [-1], "keep": True}],
    "Constant": [{"shape": [2, 3], "value": 0.5}],
    "Parameter": [{"shape": [3, 4]}],
    "LocalResponseNorm": [{"size": 3, "alpha": 0.5, "beta": 1.5, "k": 2}, {"size": 2, "alpha": 0.5}],
    "LocalResponseNorm2d": [{"size": 3, "alpha": 0.5, "beta": 1.5, "k": 2}, {"size": 2, "alpha": 0.5}],
    "RMSNorm": [{"axes": 2, "elementwise_affine": False}],
    "InstanceNorm2d": [{"affine": True}],
    "LayerNorm2d": [{"elementwise_affine": False}],
    "Scale": [{"factor": 0.5, "offset": -1.0}],
    "LayerScale": [{"axis": -1, "init": 0.5}, {"init": 0.5}],
    "PatchEmbedding": [{"patch_size": [4, 3], "features": 6, "bias": False}],
    "ClassToken": [{"std": 0.5}],
    "PositionalEncoding": [{"base": 100}],
    "MultiheadAttention": [
        {"separate": True, "num_heads": 2, "bias": False},
        {"causal": True},
        {"causal": True, "separate": True, "dropout": 0.1},
    ],
    "TransformerEncoderLayer": [{"causal": True, "norm_first": True}, {"activation": "gelu", "bias": False}],
    "TransformerDecoderLayer": [{"causal": False, "norm_first": True, "activation": "gelu"}],
    "SqueezeExcitation": [{"squeezed": 3, "activation": "silu", "gate": "hardsigmoid"}],
    "TensorInput": [{"shape": [2, 3], "dtype": "int32"}, {"shape": [], "dtype": "bool"}, {"dtype": "float64"}],
    "OnnxOp": [
        {"op": "Add", "slots": [{"wire": 0}, {"tensor": "input_1", "shape": [8], "dtype": "float32", "learn": True}]},
        {"op": "Mul", "each": True, "slots": [{"wire": 0}, {"value": [[0.5], [2.0]], "dtype": "float32"}]},
        {"op": "Where", "takes": 2, "slots": [{"value": [True], "dtype": "bool"}, {"wire": 1}, {"wire": 0}]},
        {"op": "TopK", "gives": 2, "slots": [{"wire": 0}, {"value": [2], "dtype": "int64"}]},
        {"op": "Split", "gives": 2, "attributes": {"axis": 1}},
        {"op": "MatMul", "slots": [{"wire": 0}, {"tensor": "w", "shape": [8, 3], "dtype": "float32", "learn": True}]},
        {
            "op": "Conv",
            "slots": [{"wire": 0}, {"tensor": "w", "shape": [2, 4, 3, 3], "dtype": "float32", "learn": True}],
        },
        {"op": "Softmax", "version": 9},
        {"op": "ReduceMean", "version": 13, "attributes": {"axes": [0], "keepdims": 0}, "each": True},
    ],
    "TorchOp": [
        {"target": "aten.mul.Tensor", "args": [{"wire": 0}, {"tensor": "gain", "shape": [1], "learn": True}]},
        {
            "target": "aten.maximum.default",
            "takes": 2,
            "args": [{"step": 0}, {"value": [0.5], "dtype": "float32"}],
            "before": [{"target": "aten.sub.Tensor", "args": [{"wire": 0}, {"wire": 1}], "kwargs": {"alpha": 2}}],
        },
        {
            "target": "aten.split.Tensor",
            "args": [{"wire": 0, "axis": 1}, 2],
            "results": [{"part": 1, "axis": 1}, {"axis": 1}],
        },
        {"target": "aten.topk.default", "args": [{"wire": 0}, 1, 1], "results": [{}, {"part": 1}]},
        {"target": "aten.silu.default", "args": [{"wire": 0}]},
    ],
}
PIECE = 40
"""Cases that one export holds."""
CASES = [(kind, {}) for kind in KINDS] + [(kind, fields) for kind, some in VARIANTS.items() for fields in some]
every_case = pytest.mark.parametrize(("kind", "fields"), CASES, ids=[f"{k}-{json.dumps(f)}" for k, f in CASES])
every_kind = pytest.mark.parametrize("kind", KINDS)


def suits(layer: Layer, shape: Shape) -> bool:
    """Whether a kind takes this shape at all of its inputs."""
    ports = layer.inputs()
    if any(wrong_values(shape, port) for port in ports) or layer.fault((shape,) * len(ports)):
        return False
    try:
        measure(layer, (shape,) * len(ports))
    except Unfit:
        return False
    return True


@cache
def network(kind: str, text: str) -> Network:
    """An input that suits, the layer under test, and an output; all of its ports are fed by that input."""
    fields = json.loads(text)
    layer = CATALOGUE.parse(kind, fields)
    if layer.is_output:
        return network("Linear", "{}")
    if layer.source_only:
        ends = [Node("in1", kind, fields=fields), Node("output", "Output")]
        return Network.of(ends, [Wire(End("in1", "out"), End("output", "in"))])
    if kind in UNPOOLED:
        return _unpooled(Node("layer", kind, fields=fields))
    for source, values, shape in INPUTS:
        given_shape = shape or CATALOGUE.parse(source, values).feeds().dims
        dtype = CATALOGUE.parse(source, values).feeds().dtype
        if suits(layer, Shape(tuple(given_shape), dtype)):
            return _wired(Node("layer", kind, fields=fields), layer, Node("in1", source, fields=values), shape)
    raise AssertionError(f"{kind} takes none of the inputs of this test: add one that suits it")


UNPOOLED = {
    "MaxUnpool1d": ("MaxPool1d", [4, 72]),
    "MaxUnpool2d": ("MaxPool2d", [4, 9, 8]),
}
"""What is undone, and a shape that suits it."""


def _unpooled(node: Node) -> Network:
    """A pool that says where its values were, and what puts them back."""
    kind, shape = UNPOOLED[node.kind]
    pool = Node("pool", kind, fields={"return_indices": True})
    ends = [("in1", "out", "laid", "in"), ("laid", "out", "pool", "in"), ("pool", "out", "layer", "in")]
    ends += [("pool", "indices", "layer", "indices"), ("layer", "out", "output", "in")]
    source = Node("in1", "ImageInput", fields={"channels": 4, "height": 9, "width": 8})
    laid = Node("laid", "Reshape", fields={"shape": shape})
    return Network.of(
        [source, laid, pool, node, Node("output", "Output")],
        [Wire(End(start, port), End(end, target)) for start, port, end, target in ends],
    )


def _wired(node: Node, layer: Layer, source: Node, shape: list[int] | None) -> Network:
    nodes, wires, end = [source], [], End(source.id, "out")
    if shape:
        nodes.append(Node("fold", "Reshape", fields={"shape": shape}))
        wires.append(Wire(end, End("fold", "in")))
        end = End("fold", "out")
    wires += [Wire(end, End(node.id, port.name)) for port in layer.inputs()]
    ports = layer.outputs()
    ends = ["output", *(f"output{index}" for index in range(2, len(ports) + 1))]
    wires += [Wire(End(node.id, port.name), End(end, "in")) for port, end in zip(ports, ends, strict=True)]
    return Network.of([*nodes, node, *(Node(end, "Output") for end in ends)], wires)


def built(kind: str, fields: dict[str, object], seed: int = 1) -> Built:
    return build(network(kind, json.dumps(fields)), CATALOGUE, seed=seed)


def samples(made: Built, batch: int) -> Tensor:
    """Random inputs of the right shape and values."""
    (shape,) = made.shapes
    generator = torch.Generator().manual_seed(batch)
    dtype = getattr(torch, shape.dtype)
    if not dtype.is_floating_point:
        return torch.randint(0, shape.values or 2, (batch, *shape.dims), generator=generator).to(dtype)
    return torch.randn((batch, *shape.dims), generator=generator, dtype=dtype)


def several(result: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The results of a module, one or more."""
    return result if isinstance(result, tuple) else (result,)


@every_kind
def test_it_is_declared_for_people(kind: str) -> None:
    layer = CATALOGUE.kinds[kind]
    assert layer.title and layer.stem and layer.family in FAMILIES
    assert re.fullmatch(r"[^.!]{20,110}\.", layer.help), "one plain sentence"
    assert layer.synonyms and all(word == word.lower() for word in layer.synonyms)
    for name, field in layer.model_fields.items():
        assert field.title and field.title[0].isupper(), name
        assert field.description and field.description.endswith("."), name
        assert not field.is_required(), name


def test_titles_and_kinds_are_unique() -> None:
    titles = [layer.title for layer in CATALOGUE.kinds.values()]
    assert len(set(titles)) == len(titles) == len(CATALOGUE.kinds) > len(KINDS) >= 45


@every_case
def test_fields_survive_json(kind: str, fields: dict[str, object]) -> None:
    layer = CATALOGUE.parse(kind, fields)
    plain = json.loads(json.dumps(layer.model_dump(mode="json")))
    assert CATALOGUE.parse(kind, plain) == layer
    assert hash(CATALOGUE.parse(kind, plain)) == hash(layer)
    whole = network(kind, json.dumps(fields))
    assert loads(dumps(whole)) == whole


@every_case
def test_what_is_derived_is_what_runs(kind: str, fields: dict[str, object]) -> None:
    """Shapes on the meta device are real shapes, counts are the module's own, at every batch size."""
    made = built(kind, fields)
    analysis = Inference(CATALOGUE).analyse(made.network)
    assert not analysis.problems
    seen: dict[str, Tensor] = {}
    for name, module in made.module.named_children():
        module.register_forward_hook(lambda _m, _i, out, name=name: seen.__setitem__(name, out))
    made.module.eval()
    for batch in (1, 2, 5):
        made.module(samples(made, batch))
        for node, name in made.names.items():
            if node not in made.inputs:
                facts = analysis.facts[node]
                for value, shape in zip(several(seen[name]), facts.outputs, strict=True):
                    assert tuple(value.shape) == (batch, *shape.dims)
                    assert str(value.dtype) == f"torch.{shape.dtype}"
                parameters = sum(p.numel() for p in made.module.get_submodule(name).parameters())
                assert parameters == facts.parameters
    assert analysis.parameters == sum(p.numel() for p in made.module.parameters())


@every_case
def test_it_trains(kind: str, fields: dict[str, object]) -> None:
    made = built(kind, fields)
    for batch in (2, 5):
        inputs = samples(made, batch)
        outputs = several(made.module(inputs.requires_grad_() if inputs.is_floating_point() else inputs))
        losses = [
            (output * torch.linspace(0.5, 1.5, output.numel()).reshape(output.shape)).sum()
            for output in outputs
            if output.requires_grad
        ]
        if losses:
            made.module.zero_grad()
            sum(losses).backward()
            assert all(p.grad is not None and p.grad.isfinite().all() for p in made.module.parameters())


@every_case
def test_multiply_adds_are_those_that_pytorch_counts(kind: str, fields: dict[str, object]) -> None:
    if kind == "Bilinear":
        pytest.skip("PyTorch's counter leaves bilinear products out")
    made = built(kind, fields)
    analysis = Inference(CATALOGUE).analyse(made.network)
    made.module.eval().requires_grad_(False)
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # the counter does not look into fused attention
    try:
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            made.module(samples(made, 2))
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
    counted = counter.get_total_flops() // 4  # two for each multiply-add, two samples
    if not counted and analysis.multiply_adds and kind in ("RNN", "LSTM", "GRU"):
        pytest.skip("PyTorch's counter does not look into its fused recurrent kernels on the CPU")
    assert analysis.multiply_adds == counted


def test_bilinear_multiply_adds() -> None:
    layer = CATALOGUE.parse("Bilinear", {"out_features": 3})
    inputs = (Shape((4,)), Shape((5,)))
    assert layer.multiply_adds(inputs, (Shape((3,)),)) == 3 * 4 * 5


@every_kind
def test_source_is_of_pytorch_or_a_plain_expression(kind: str) -> None:
    """What generated source constructs is there and takes the arguments; what it does not construct is a call."""
    layer = CATALOGUE.parse(kind, {})
    written = layer.torch if layer.written is None else layer.written
    if layer.source_only or layer.is_output:
        assert not layer.torch
    elif written:
        place, _, name = written.partition(".")
        cls = getattr({"nn": nn, "modules": modules}[place], name)
        assert issubclass(cls, nn.Module)
        shapes = Inference(CATALOGUE).analyse(network(kind, "{}")).facts["layer"].inputs
        cls(**layer.source_arguments(tuple(s for s in shapes if s)))
    else:
        assert "self." not in layer.call("layer", ["a", "b", "c"])


@every_case
def test_generated_source_gives_the_same_numbers(kind: str, fields: dict[str, object]) -> None:
    made = built(kind, fields)
    text = write_source(made.network, CATALOGUE)
    scope: dict[str, object] = {"__name__": "generated"}
    exec(compile(text, "generated.py", "exec"), scope)
    network_class = scope["Network"]
    assert inspect.isclass(network_class)
    module = network_class()
    module.load_state_dict(made.module.state_dict())
    inputs = samples(made, 3)
    torch.testing.assert_close(module.eval()(inputs), made.module.eval()(inputs), rtol=0, atol=0)


def by_input() -> dict[str, list[tuple[str, dict[str, object]]]]:
    """The cases by the input that suits them, so that one export can check many of them."""
    groups: dict[str, list[tuple[str, dict[str, object]]]] = {}
    for kind, fields in CASES:
        nodes = network(kind, json.dumps(fields)).nodes
        if "layer" in nodes:
            sizes = "-".join(map(str, nodes["in1"].fields.values()))
            fold = "-fold" if "fold" in nodes else ""
            groups.setdefault(f"{nodes['in1'].kind}-{sizes}{fold}", []).append((kind, fields))
    pieces = {name: [some[at : at + PIECE] for at in range(0, len(some), PIECE)] for name, some in groups.items()}
    return {f"{name}, {index}": piece for name, some in pieces.items() for index, piece in enumerate(some, 1)}


def side_by_side(cases: list[tuple[str, dict[str, object]]]) -> Network:
    """One network with a branch and an output for each case."""
    first = network(cases[0][0], json.dumps(cases[0][1]))
    shared = [node for node in first.nodes.values() if node.id in ("in1", "fold")]
    wires = [wire for wire in first.wires.values() if wire.target.node == "fold"]
    nodes = [*shared]
    for index, (kind, fields) in enumerate(cases):
        for node in network(kind, json.dumps(fields)).nodes.values():
            if node not in shared:
                nodes.append(replace(node, id=f"{node.id}{index}"))
        for wire in network(kind, json.dumps(fields)).wires.values():
            if wire.target.node != "fold":
                wires.append(_numbered(wire, index))
    return Network.of(nodes, wires)


def _numbered(wire: Wire, index: int) -> Wire:
    source, target = wire.source, wire.target
    source = source if source.node in ("in1", "fold") else End(f"{source.node}{index}", source.port)
    return Wire(source, End(f"{target.node}{index}", target.port))


@pytest.mark.parametrize("group", sorted(by_input()))
def test_onnxruntime_agrees(group: str, tmp_path: Path) -> None:
    """Every kind leaves as ONNX, runs there at three batch sizes and gives the same numbers."""
    cases = by_input()[group]
    if not _agrees(side_by_side(cases), tmp_path):
        alone = [case for case in cases if not _agrees(network(case[0], json.dumps(case[1])), tmp_path)]
        pytest.fail(f"onnxruntime gives other numbers for {alone or 'several branches at once'}")


def _agrees(net: Network, folder: Path) -> bool:
    made = build(net, CATALOGUE, seed=1)
    made.module.eval()
    try:
        report = export_onnx(made, folder / "net.onnx", samples=samples(made, 5))
    except ExportError:
        return False
    return report.checked and set(report.differences) >= {1, 2} and max(report.differences.values()) <= 1e-5


def _anything(kind: str) -> st.SearchStrategy[dict[str, object]]:
    """Small values for the fields of a kind, drawn from its JSON schema."""
    properties = CATALOGUE.kinds[kind].model_json_schema().get("properties", {})
    return st.fixed_dictionaries({}, optional={name: _value(schema) for name, schema in properties.items()})


def _value(schema: dict[str, object]) -> st.SearchStrategy[object]:
    if "anyOf" in schema:
        return st.one_of([_value(part) for part in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    if schema.get("type") == "array":
        items = schema.get("prefixItems")
        if items:
            return st.tuples(*(_value(item) for item in items)).map(list)
        return st.lists(st.integers(-1, 4), min_size=1, max_size=4)
    low, high = schema.get("minimum", 0), schema.get("maximum", 9)
    return {
        "integer": st.integers(low, min(high, max(low, 5))),
        "number": st.floats(low or 1e-3, min(high, 1.0)),
        "boolean": st.booleans(),
        "object": st.just({}),
        "null": st.none(),
        "string": st.just("x"),
    }[schema.get("type", "string")]


SHAPES = st.one_of(
    st.lists(st.integers(1, 6), min_size=1, max_size=4).map(lambda dims: Shape(tuple(dims))),
    st.integers(1, 6).map(lambda length: Shape((length,), "int64", 7)),
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@every_kind
def test_any_fields_and_shapes_are_judged_rightly(kind: str, data: st.DataObject) -> None:
    """Whatever the fields and shapes: bad fields are refused in a sentence, a fault is found before PyTorch does,
    and where there is none the real module gives the derived shape."""
    try:
        layer = CATALOGUE.parse(kind, data.draw(_anything(kind)))
    except BadFields as error:
        assert str(error).endswith(".")
        return
    if not layer.torch:
        return
    ports = layer.inputs()
    inputs = tuple(data.draw(st.lists(SHAPES, min_size=len(ports), max_size=len(ports))))
    if any(wrong_values(shape, port) for shape, port in zip(inputs, ports, strict=True)):
        return
    fault = layer.fault(inputs)
    if fault is not None:
        assert fault.message.endswith(".")
        return
    measured = measure(layer, inputs)
    tensors = [torch.zeros((3, *shape.dims), dtype=getattr(torch, shape.dtype)) for shape in inputs]
    with torch.no_grad():
        outputs = several(make(layer, inputs).eval()(*tensors))
    for output, shape in zip(outputs, measured.outputs, strict=True):
        assert tuple(output.shape) == (3, *shape.dims)
        assert str(output.dtype) == f"torch.{shape.dtype}"
    assert isinstance(layer.summary(), str)
