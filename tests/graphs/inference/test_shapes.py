"""Shapes, costs and receptive fields, and that an edit renews only what it changes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphs.edits import Connect, Disconnect, EditError, Move, RemoveNodes, Rename, SetFields
from graphs.inference import shapes
from graphs.inference.measure import Measured
from graphs.inference.shapes import Analysis, Inference, Problem
from graphs.layers.base import Layer, Shape
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire

LENET: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("image", "ImageInput", {}),
    ("conv1", "Conv2d", {"out_channels": 6, "kernel_size": [5, 5], "padding": [2, 2]}),
    ("pool1", "MaxPool2d", {}),
    ("conv2", "Conv2d", {"out_channels": 16, "kernel_size": [5, 5]}),
    ("pool2", "MaxPool2d", {}),
    ("flatten", "Flatten", {}),
    ("fc1", "Linear", {"out_features": 120}),
    ("fc2", "Linear", {"out_features": 84}),
    ("fc3", "Linear", {"out_features": 10}),
    ("output", "Output", {}),
)


def chain(*layers: tuple[str, str, dict[str, Any]]) -> Network:
    nodes = [Node(i, kind, fields=f, position=(200.0 * n, 0.0)) for n, (i, kind, f) in enumerate(layers)]
    wires = [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)]
    return Network.of(nodes, wires)


def analyse(network: Network, previous: Analysis | None = None) -> Analysis:
    return Inference(standard()).analyse(network, previous)


def wire(source: str, target: str, port: str = "in") -> Wire:
    return Wire(End(source, "out"), End(target, port))


def test_lenet_has_the_published_costs() -> None:
    analysis = analyse(chain(*LENET))
    assert analysis.buildable and not analysis.problems
    assert analysis.parameters == 61_706
    assert analysis.multiply_adds == 416_520
    costs = {node: (f.parameters, f.multiply_adds) for node, f in analysis.facts.items() if f.parameters}
    assert costs == {
        "conv1": (156, 117_600),
        "conv2": (2_416, 240_000),
        "fc1": (48_120, 48_000),
        "fc2": (10_164, 10_080),
        "fc3": (850, 840),
    }


def test_shapes_along_lenet() -> None:
    analysis = analyse(chain(*LENET))
    shown = [str(analysis.output_shape(End(node, "out"))) for node in analysis.order[:-1]]
    assert shown == ["1×28×28", "6×28×28", "6×14×14", "16×10×10", "16×5×5", "400", "120", "84", "10"]
    assert analysis.output_shape(End("output", "out")) is None
    assert analysis.facts["output"].inputs == (Shape((10,)),)


def test_receptive_fields() -> None:
    facts = analyse(chain(*LENET)).facts
    fields = {node: facts[node].receptive_field for node in ("image", "conv1", "pool1", "conv2", "pool2", "fc1")}
    assert fields == {
        "image": (1, 1),
        "conv1": (5, 5),
        "pool1": (6, 6),
        "conv2": (14, 14),
        "pool2": (16, 16),
        "fc1": None,
    }


def test_receptive_fields_of_joins_dilation_and_enlargement() -> None:
    net = chain(
        ("image", "ImageInput", {}),
        ("wide", "Conv2d", {"dilation": 2, "padding": "same", "out_channels": 1}),
        ("add", "Add", {}),
        ("down", "Conv2d", {"stride": 2, "padding": 1}),
        ("up", "Upsample", {}),
        ("last", "Conv2d", {"padding": 1}),
        ("output", "Output", {}),
    )
    wires = [*net.wires.values(), wire("image", "add", "b"), wire("wide", "add", "a")]
    net = Network.of(list(net.nodes.values()), [w for w in wires if w.target != End("add", "in")])
    facts = analyse(net).facts
    assert facts["wide"].receptive_field == facts["add"].receptive_field == (5, 5)
    assert facts["down"].receptive_field == facts["up"].receptive_field == (7, 7)
    assert facts["last"].receptive_field == (9, 9)


def test_an_edit_renews_what_lies_downstream_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    inference = Inference(standard())
    before = inference.analyse(chain(*LENET))
    asked: list[str] = []

    def counting(layer: Layer, inputs: tuple[Shape, ...]) -> Measured:
        asked.append(layer.kind())
        return real(layer, inputs)

    real = shapes.measure
    monkeypatch.setattr(shapes, "measure", counting)
    network = SetFields("fc2", {"out_features": 100}).apply(before.network)[0]
    after = inference.analyse(network, before)
    assert after.renewed == ("fc2", "fc3", "output")
    assert asked == ["Linear", "Linear"]
    assert all(after.facts[node] is before.facts[node] for node in LENET_IDS[:7])
    assert after.facts["fc3"].parameters == 1_010
    inference.analyse(SetFields("fc2", {"out_features": 84}).apply(network)[0], after)
    assert asked == ["Linear", "Linear"], "a layer and input shapes that were seen before are not asked about"


LENET_IDS = [node for node, _, _ in LENET]


def test_moving_and_settings_renew_nothing() -> None:
    inference = Inference(standard())
    before = inference.analyse(chain(*LENET))
    moved = Move({"conv1": (5.0, 5.0)}).apply(before.network)[0]
    after = inference.analyse(moved, before)
    assert after.renewed == () and after.facts == before.facts and after.network is moved


def test_equal_layers_are_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    def counting(layer: Layer, inputs: tuple[Shape, ...]) -> Measured:
        nonlocal count
        count += 1
        return real(layer, inputs)

    real = shapes.measure
    monkeypatch.setattr(shapes, "measure", counting)
    block = [("Conv2d", {"out_channels": 4, "padding": "same"}), ("BatchNorm2d", {}), ("ReLU", {})]
    layers = [(f"n{i}", *block[i % 3]) for i in range(300)]
    analysis = analyse(chain(("image", "ImageInput", {"channels": 4}), *layers, ("output", "Output", {})))
    assert analysis.buildable and count == 5
    assert analysis.facts["n299"].receptive_field == (201, 201)


def test_inference_draws_no_random_numbers() -> None:
    before = torch.get_rng_state()
    analyse(chain(*LENET))
    assert torch.equal(before, torch.get_rng_state())


def test_long_series_are_not_unrolled() -> None:
    layers = (("sequence", "SequenceInput", {"length": 100_000}), ("lstm", "LSTM", {"result": "all"}))
    analysis = analyse(chain(*layers, ("output", "Output", {})))
    assert analysis.output_shape(End("lstm", "out")) == Shape((100_000, 64))
    assert analysis.multiply_adds == 100_000 * 4 * 64 * (8 + 64)


def test_a_wire_that_is_tried() -> None:
    inference = Inference(standard())
    net = chain(*LENET)
    analysis = inference.analyse(net)
    assert inference.try_wire(net, analysis, wire("conv1", "pool1")) == Shape((6, 14, 14))
    assert inference.try_wire(net, analysis, wire("fc1", "output")) == Shape((120,))
    loop = inference.try_wire(net, analysis, wire("fc2", "conv1"))
    assert isinstance(loop, Problem) and loop.severity == "error" and "loop" in loop.message
    misfit = inference.try_wire(net, analysis, wire("pool2", "fc2"))
    assert isinstance(misfit, Problem) and misfit.node == "fc2"
    mended = misfit.fixes[0].edit.apply(net)[0]
    assert inference.analyse(mended).problems_of("fc2") == ()
    assert inference.analyse(mended).output_shape(End("fc2", "out")) == Shape((84,))


def test_a_wire_to_a_layer_whose_other_inputs_are_open() -> None:
    inference = Inference(standard())
    net = Network.of([Node("vector", "VectorInput"), Node("add", "Add")], [])
    analysis = inference.analyse(net)
    assert inference.try_wire(net, analysis, wire("vector", "add", "a")) == Shape((4,))
    lost = inference.try_wire(net, analysis, wire("vector", "add", "z"))
    assert isinstance(lost, Problem) and lost.severity == "error"
    net = Network.of([*net.nodes.values(), Node("fc", "Linear")], [])
    waits = inference.try_wire(net, inference.analyse(net), wire("add", "fc"))
    assert isinstance(waits, Problem) and waits.severity == "warning", "nothing speaks against it"


KIND_FIELDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Conv2d", {"out_channels": 4}),
    ("MaxPool2d", {}),
    ("ReLU", {}),
    ("Flatten", {}),
    ("Linear", {"out_features": 3}),
    ("Add", {}),
    ("Output", {}),
    ("ImageInput", {"height": 8, "width": 8}),
    ("Mystery", {"some": "data"}),
    ("Linear", {"out_features": -1}),
)
IDS = [f"n{i}" for i in range(7)]
EDITS = st.one_of(
    st.builds(
        lambda a, b, p: Connect((wire(a, b, p),)),
        st.sampled_from(IDS),
        st.sampled_from(IDS),
        st.sampled_from("ab") | st.just("in"),
    ),
    st.builds(lambda a: Disconnect((End(a, "in"),)), st.sampled_from(IDS)),
    st.builds(lambda a, n: SetFields(a, {"out_channels": n}), st.sampled_from(IDS), st.integers(1, 3)),
    st.builds(lambda a: RemoveNodes((a,)), st.sampled_from(IDS)),
    st.builds(Rename, st.sampled_from(IDS), st.sampled_from(["one", "two"])),
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(kinds=st.lists(st.sampled_from(KIND_FIELDS), min_size=7, max_size=7), edits=st.lists(EDITS, max_size=8))
def test_step_by_step_is_the_same_as_all_at_once(kinds: list[tuple[str, dict[str, Any]]], edits: list[Any]) -> None:
    inference = Inference(standard())
    network = chain(*((i, *kind) for i, kind in zip(IDS, kinds, strict=True)))
    analysis = inference.analyse(network)
    for edit in edits:
        try:
            network = edit.apply(network)[0]
        except EditError:
            continue
        analysis = inference.analyse(network, analysis)
        fresh = Inference(standard()).analyse(network)
        assert dict(analysis.facts) == dict(fresh.facts)
        assert analysis.problems == fresh.problems
        assert analysis.order == fresh.order and analysis.used == fresh.used
