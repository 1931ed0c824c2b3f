"""Every problem names its node, what it expected and what it received, and each of its fixes mends it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from graphs.edits import Connect, SetSetting
from graphs.inference.mends import TakeOut
from graphs.inference.shapes import Analysis, Inference, Problem
from graphs.layers.base import Shape
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire

CATALOGUE = standard()
Layers = list[tuple[str, str, dict[str, Any]]]


def analyse(network: Network) -> Analysis:
    return Inference(CATALOGUE).analyse(network)


def wire(source: str, target: str, port: str = "in") -> Wire:
    return Wire(End(source, "out"), End(target, port))


def chain(*layers: tuple[str, str, dict[str, Any]]) -> Network:
    nodes = [Node(i, kind, fields=f, position=(200.0 * n, 0.0)) for n, (i, kind, f) in enumerate(layers)]
    return Network.of(nodes, [wire(a.id, b.id) for a, b in pairwise(nodes)])


def between(
    kind: str, fields: dict[str, Any], source: str = "ImageInput", values: dict[str, Any] | None = None
) -> Network:
    """An input, the layer "x", and an output."""
    return chain(("start", source, values or {}), ("x", kind, fields), ("output", "Output", {}))


def joined(kind: str, first: Layers, second: Layers, fields: dict[str, Any] | None = None) -> Network:
    """One input, two branches, and a layer "x" that joins them."""
    net = chain(("start", "ImageInput", {"channels": 4, "height": 8, "width": 8}))
    nodes, wires = list(net.nodes.values()), []
    for port, branch in (("a", first), ("b", second)):
        before = "start"
        for node, branch_kind, values in branch:
            nodes.append(Node(node, branch_kind, fields=values))
            wires.append(wire(before, node))
            before = node
        wires.append(wire(before, "x", port))
    nodes += [Node("x", kind, fields=fields or {}), Node("output", "Output")]
    return Network.of(nodes, [*wires, wire("x", "output")])


TOKENS = ("TokensInput", {"length": 9, "vocabulary": 300})
SMALL = ("ImageInput", {"channels": 3, "height": 4, "width": 4})
ROW: Layers = [("f", "Flatten", {}), ("g", "Linear", {})]
MISFITS: dict[str, Network] = {
    "a row and a map": joined("Add", [*ROW], []),
    "a map and a row": joined("Add", [], [*ROW]),
    "a map that is scaled by a row": joined("Multiply", [], [*ROW]),
    "a map joined with a row": joined("Concat", [], [*ROW]),
    "maps of other sizes and channels": joined(
        "Add", [("v", "Conv2d", {"out_channels": 6})], [("s", "MaxPool2d", {"kernel_size": [3, 3]})]
    ),
    "linear on a map": between("Linear", {}),
    "kernel too large": between("Conv2d", {"kernel_size": 5}, *SMALL),
    "dilated kernel too large": between("Conv2d", {"kernel_size": 3, "dilation": 3}, *SMALL),
    "series too short": between("Conv1d", {"kernel_size": 9}, "SequenceInput", {"length": 3, "features": 4}),
    "pool too large": between("MaxPool2d", {"kernel_size": 6}, *SMALL),
    "pool padded too much": between("MaxPool2d", {"kernel_size": 2, "padding": 2}),
    "groups": between("Conv2d", {"groups": 2, "out_channels": 6}, *SMALL),
    "groups of filters": between("Conv2d", {"groups": 3, "out_channels": 4}, *SMALL),
    "groups of a norm": between("GroupNorm", {"num_groups": 2}, *SMALL),
    "same with stride": between("Conv2d", {"padding": "same", "stride": 2}),
    "convolution on a row": between("Conv2d", {"kernel_size": 1}, "VectorInput", {"features": 16}),
    "pixels in a row": between("Conv2d", {}, "VectorInput", {"features": 16}),
    "volume from a picture": between("Conv3d", {"kernel_size": 1}),
    "transposed: extra size": between("ConvTranspose2d", {"output_padding": 2}),
    "transposed: all cut away": between("ConvTranspose2d", {"padding": 9}, *SMALL),
    "text into a convolution": between("Conv1d", {}, *TOKENS),
    "text into linear": between("Linear", {}, *TOKENS),
    "vocabulary too small": between("Embedding", {"num_embeddings": 10}, *TOKENS),
    "series from a picture": between("LSTM", {}),
    "series from a row": between("GRU", {}, "VectorInput", {"features": 5}),
    "norm of a map": between("BatchNorm1d", {}),
    "norm of a row": between("BatchNorm2d", {"momentum": 0.3}, "VectorInput"),
    "channels of a row": between("Dropout2d", {"p": 0.3}, "VectorInput"),
    "volume from a series": between("Conv3d", {"kernel_size": [1, 2, 3]}, "SequenceInput"),
    "layer norm of too many axes": between("LayerNorm", {"axes": 5}),
    "no such axis": between("Softmax", {"axis": 5}),
    "flatten backwards": between("Flatten", {"start_dim": 3, "end_dim": 2}),
    "reshape that does not fill": between("Reshape", {"shape": [5, 5]}),
    "permute of another rank": between("Permute", {"axes": [2, 1]}),
    "add: channels": joined("Add", [], [("c", "Conv2d", {"out_channels": 9, "padding": 1})]),
    "add: halved": joined("Add", [("c", "Conv2d", {"out_channels": 9, "padding": 1, "stride": 2})], []),
    "add: smaller": joined("Add", [], [("c", "MaxPool2d", {})]),
    "add: rows": joined("Add", [*ROW], [("h", "Flatten", {}), ("i", "Linear", {"out_features": 5})]),
    "add: same numbers": joined("Add", [("f", "Flatten", {})], []),
    "multiply: gate": joined("Multiply", [("p", "GlobalAvgPool", {})], []),
    "concat: size": joined("Concat", [], [("c", "MaxPool2d", {})]),
    "concat: rank": joined("Concat", [("f", "Flatten", {})], []),
    "concat: axis": joined("Concat", [], [], {"axis": 7}),
    "bilinear: axes": joined("Bilinear", [*ROW], [("s", "Reshape", {"shape": [16, 16]})]),
    "bilinear: map": joined("Bilinear", [*ROW], []),
}  # fmt: skip


@pytest.mark.parametrize("name", MISFITS)
def test_each_fix_of_a_misfit_mends_it(name: str) -> None:
    network = MISFITS[name]
    analysis = analyse(network)
    (problem,) = analysis.problems
    assert problem.node == "x" and problem.severity == "error" and not analysis.buildable
    assert problem.message.startswith("x: ") and problem.message.endswith(".")
    assert problem.expected and problem.received
    assert problem.fixes, "a misfit offers a way out"
    for fix in problem.fixes:
        assert fix.label
        mended, back = fix.edit.apply(network)
        assert problem not in analyse(mended).problems
        assert back.apply(mended)[0] == network
    mended = problem.fixes[0].edit.apply(network)[0]
    assert analyse(mended).buildable, "the first fix mends all"


CUT = {
    "numbers into a table": between("Embedding", {}),
    "series of two lengths": joined(
        "Concat", [("r", "Reshape", {"shape": [16, 16]})], [("s", "Reshape", {"shape": [8, 32]})]
    ),
}


@pytest.mark.parametrize("name", CUT)
def test_where_no_layer_helps_the_wire_can_be_removed(name: str) -> None:
    network = CUT[name]
    (problem,) = analyse(network).problems_of("x")
    mended = problem.fixes[0].edit.apply(network)[0]
    assert len(mended.wires) == len(network.wires) - 1
    assert "nothing is connected" in only(mended, "x").message


def test_another_kind_keeps_the_fields_that_it_has() -> None:
    for name, kind, fields in (
        ("norm of a row", "BatchNorm1d", {"momentum": 0.3}),
        ("channels of a row", "Dropout", {"p": 0.3}),
    ):
        node = analyse(MISFITS[name]).problems[0].fixes[0].edit.apply(MISFITS[name])[0].nodes["x"]
        assert (node.kind, node.fields) == (kind, fields)


@pytest.mark.parametrize("kind", ["Softmax", "LogSoftmax"])
def test_softmax_before_cross_entropy_is_a_warning(kind: str) -> None:
    net = chain(("v", "VectorInput", {}), ("fc", "Linear", {}), ("x", kind, {}), ("o", "Output", {}))
    for recipe in ({}, {"loss": "cross-entropy", "epochs": 3}):
        trained = SetSetting("recipe", recipe).apply(net)[0]
        analysis = analyse(trained)
        (problem,) = analysis.problems
        assert (problem.node, problem.severity) == ("x", "warning") and analysis.buildable
        assert "cross-entropy" in problem.message and problem.message.endswith(".")
        assert [fix.label for fix in problem.fixes[1:]] == (["Set the loss to nll"] if kind == "LogSoftmax" else [])
        for fix in problem.fixes:
            mended, back = fix.edit.apply(trained)
            assert not analyse(mended).problems and back.apply(mended)[0] == trained
            assert mended.settings["recipe"].get("epochs") == recipe.get("epochs")
        assert End("o", "in") in problem.fixes[0].edit.apply(trained)[0].wires
    for quiet in (net, SetSetting("recipe", {"loss": "mse"}).apply(net)[0], SetSetting("recipe", [1]).apply(net)[0]):
        assert not analyse(quiet).problems
    inside = chain(("v", "VectorInput", {}), ("x", kind, {}), ("fc", "Linear", {}), ("o", "Output", {}))
    assert not analyse(SetSetting("recipe", {}).apply(inside)[0]).problems
    inference = Inference(CATALOGUE)
    before = inference.analyse(net)
    after = inference.analyse(SetSetting("recipe", {}).apply(net)[0], before)
    assert after.problems and not after.renewed, "a change of the recipe is seen without a layer looked at again"


def test_after_a_fault_the_rest_is_quiet() -> None:
    """One cause is one problem: what lies behind it only waits."""
    net = chain(("i", "ImageInput", {}), ("c", "Conv2d", {"kernel_size": 99}), ("r", "ReLU", {}), ("o", "Output", {}))
    analysis = analyse(net)
    assert [p.node for p in analysis.problems] == ["c"]
    assert not analysis.facts["r"].ok and analysis.facts["r"].inputs == (None,)


def test_inserted_layers_get_room() -> None:
    network = MISFITS["linear on a map"]
    mended = analyse(network).problems[0].fixes[0].edit.apply(network)[0]
    columns = [mended.nodes[i].position[0] for i in ("start", "flatten1", "x", "output")]
    assert all(b - a >= 180 for a, b in pairwise(columns))


def only(network: Network, node: str) -> Problem:
    (problem,) = analyse(network).problems_of(node)
    return problem


def test_an_open_port_is_connected_to_the_nearest_output_that_suits() -> None:
    net = chain(("image", "ImageInput", {}), ("conv", "Conv2d", {}), ("flat", "Flatten", {}), ("fc", "Linear", {}))
    nodes = [*net.nodes.values(), Node("output", "Output", position=(900, 0)), Node("far", "ReLU", position=(9000, 0))]
    problem = only(Network.of(nodes, list(net.wires.values())), "output")
    assert problem.severity == "error" and (problem.expected, problem.received) == ("a wire", "nothing")
    assert problem.fixes[0].edit == Connect((wire("fc", "output"),))


def test_an_open_port_prefers_what_fits() -> None:
    nodes = [
        Node("words", "TokensInput", position=(900, 10)),
        Node("image", "ImageInput", position=(0, 0)),
        Node("conv", "Conv2d", position=(1000, 0)),
        Node("output", "Output", position=(1200, 0)),
    ]
    net = Network.of(nodes, [wire("conv", "output")])
    problem = only(net, "conv")
    assert problem.fixes[0].edit == Connect((wire("image", "conv"),))
    assert analyse(problem.fixes[0].edit.apply(net)[0]).buildable


def test_a_second_port_is_named() -> None:
    net = Network.of(
        [Node("v", "VectorInput"), Node("x", "Add"), Node("o", "Output")], [wire("v", "x", "a"), wire("x", "o")]
    )
    problem = only(net, "x")
    assert "input b" in problem.message
    assert analyse(problem.fixes[0].edit.apply(net)[0]).buildable


def test_a_loop_is_cut_where_it_was_closed() -> None:
    net = chain(("i", "VectorInput", {}), ("x", "Add", {}), ("r", "ReLU", {}), ("o", "Output", {}))
    wires = [wire("i", "x", "a"), wire("x", "r"), wire("r", "o"), wire("r", "x", "b")]
    net = Network.of(list(net.nodes.values()), wires)
    (problem,) = analyse(net).problems
    assert problem.node == "x" and "loop" in problem.message
    mended = problem.fixes[0].edit.apply(net)[0]
    assert End("x", "b") not in mended.wires and not mended.cycles()
    assert analyse(mended).facts["i"].ok


def test_a_layer_fed_by_itself() -> None:
    net = chain(("i", "VectorInput", {}), ("r", "ReLU", {}), ("o", "Output", {}))
    net = Connect((wire("r", "r"),)).apply(net)[0]
    (problem,) = [p for p in analyse(net).problems if "loop" in p.message]
    assert not problem.fixes[0].edit.apply(net)[0].cycles()


def test_an_unknown_kind_is_kept_and_can_be_taken_out() -> None:
    net = between("Wormhole", {"gravity": 3}, "VectorInput")
    problem = only(net, "x")
    assert "Wormhole" in problem.message and not analyse(net).buildable
    assert net.nodes["x"].fields == {"gravity": 3}
    mended = problem.fixes[0].edit.apply(net)[0]
    assert analyse(mended).buildable and mended.wires[End("output", "in")] == wire("start", "output")


@pytest.mark.parametrize("fields", [{"out_features": 0}, {"out_features": "many"}, {"neurons": 5}, {"bias": [1]}])
def test_a_bad_field_returns_to_its_default(fields: dict[str, Any]) -> None:
    net = between("Linear", fields, "VectorInput")
    problem = only(net, "x")
    assert problem.message.startswith("x: ") and problem.message.endswith(".")
    assert analyse(problem.fixes[0].edit.apply(net)[0]).buildable


def test_an_unknown_kind_that_feeds_itself_can_be_taken_out() -> None:
    net = Connect((wire("x", "x", "back"),)).apply(between("Wormhole", {}, "VectorInput"))[0]
    assert TakeOut("x", "").apply(net)[0].wires == {End("output", "in"): wire("start", "output")}


def test_a_wire_without_a_port_is_removed() -> None:
    net = Network.of(
        [Node("v", "VectorInput"), Node("x", "Add"), Node("o", "Output")],
        [wire("v", "x", "a"), wire("v", "x", "b"), wire("v", "x", "c"), wire("x", "o")],
    )
    problem = only(net, "x")
    assert analyse(problem.fixes[0].edit.apply(net)[0]).buildable


def test_a_network_without_output_gets_one() -> None:
    net = chain(("v", "VectorInput", {}), ("fc", "Linear", {}))
    (problem,) = analyse(net).problems
    assert problem.node == "fc" and "no output" in problem.message
    assert analyse(problem.fixes[0].edit.apply(net)[0]).buildable


def test_a_network_without_input_gets_one() -> None:
    net = chain(("conv", "Conv2d", {}), ("output", "Output", {}))
    problem = next(p for p in analyse(net).problems if "no input" in p.message)
    assert analyse(problem.fixes[0].edit.apply(net)[0]).buildable


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("Embedding", "TokensInput"), ("LSTM", "SequenceInput"), ("Linear", "VectorInput"), ("ReLU", "ImageInput")],
)
def test_the_input_that_is_added_suits_the_layer_behind_it(kind: str, wanted: str) -> None:
    net = chain(("x", kind, {}), ("output", "Output", {}))
    problem = next(p for p in analyse(net).problems if "no input" in p.message)
    mended = problem.fixes[0].edit.apply(net)[0]
    assert wanted in {node.kind for node in mended.nodes.values()} and analyse(mended).buildable


@pytest.mark.parametrize(
    "network",
    [
        between("ReLU", {}, "SequenceInput", {"length": 10**6, "features": 10**6}),
        between("Upsample", {"size": [4096, 4096]}, "ImageInput", {"channels": 4096}),
    ],
)
def test_results_that_no_memory_holds_are_an_error(network: Network) -> None:
    analysis = analyse(network)
    assert not analysis.buildable and "do not fit into memory" in analysis.problems[0].message


def test_an_empty_network_says_what_it_needs() -> None:
    (problem,) = analyse(Network()).problems
    assert problem.node == "" and not analyse(Network()).buildable
    assert next(iter(problem.fixes[0].edit.apply(Network())[0].nodes.values())).kind == "ImageInput"


def test_what_no_output_uses_is_a_warning() -> None:
    net = chain(("v", "VectorInput", {}), ("fc", "Linear", {}), ("o", "Output", {}))
    nodes = [*net.nodes.values(), Node("spare", "ReLU"), Node("loose", "Conv2d")]
    net = Network.of(nodes, [*net.wires.values(), wire("fc", "spare")])
    analysis = analyse(net)
    assert analysis.buildable
    assert {(p.node, p.severity) for p in analysis.problems} == {("spare", "warning"), ("loose", "warning")}
    for problem in analysis.problems:
        mended = problem.fixes[-1].edit.apply(net)[0]
        assert problem not in analyse(mended).problems
    assert analysis.parameters == 4 * 64 + 64


def test_what_pytorch_alone_refuses_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = CATALOGUE.kinds["GroupNorm"]
    monkeypatch.setattr(kind, "fault", lambda self, inputs: None)
    problem = only(between("GroupNorm", {"num_groups": 2}, *SMALL), "x")
    assert "PyTorch refuses" in problem.message and "\n" not in problem.message
    assert problem.received == str(Shape((3, 4, 4)))


def test_a_thousand_open_ports_get_suggestions_within_reason() -> None:
    nodes = [Node(f"n{i}", "ReLU", position=(float(i), 0)) for i in range(1000)]
    net = Network.of([Node("v", "VectorInput"), *nodes, Node("o", "Output")], [wire("n0", "o")])
    problems = [problem for problem in analyse(net).problems if problem.node != "v"]
    assert len(problems) == 1000
    assert sum(any("Connect" in fix.label for fix in p.fixes) for p in problems) == 40
