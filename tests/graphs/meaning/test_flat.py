"""What is drawn with blocks, dots, modes and expressions computes what the network drawn by hand computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.building.build import BuildError, Built, build, module_names
from graphs.edits import InBlock, Patch, SetFields
from graphs.inference.problems import Problem
from graphs.inference.shapes import Analysis, Inference
from graphs.layers.base import Shape
from graphs.layers.catalogue import BadFields, standard
from graphs.meaning.flat import flatten
from graphs.meaning.resolving.faults import MOST_NODES
from graphs.network import Block, End, Frame, Network, Node, Wire
from tests.graphs.conftest import net

CATALOGUE = standard()
Nodes = dict[str, tuple[str, dict[str, Any]]]

RESIDUAL = Block(
    "res",
    "Residual",
    net(
        {
            "in1": ("BlockInput", {}),
            "conv1": ("Conv2d", {"out_channels": "=width", "padding": "same"}),
            "relu1": ("ReLU", {}),
            "add1": ("Add", {}),
            "out1": ("BlockOutput", {}),
        },
        "in1>conv1 conv1>relu1 relu1>add1.a in1>add1.b add1>out1",
    ),
    {"width": 4},
)
ENDS: Nodes = {"image": ("ImageInput", {"channels": 4, "height": 6, "width": 6}), "output": ("Output", {})}


def drawn(nodes: Nodes, wires: str, *blocks: Block, modes: Mapping[str, str] | None = None, **sections: Any) -> Network:
    """A design of these nodes and wires, with blocks and modes."""
    made = net({**ENDS, **nodes}, wires, **sections)
    changed = {id: replace(made.nodes[id], mode=mode) for id, mode in (modes or {}).items()}
    return replace(made, nodes={**made.nodes, **changed}, blocks={block.id: block for block in blocks})


def analysed(network: Network) -> Analysis:
    return Inference(CATALOGUE).analyse(network)


def shape_of(network: Network) -> tuple[dict[str, Any], set[str]]:
    """Kinds and fields by id, and wires: what two networks are compared by."""
    return {i: (n.kind, dict(n.fields)) for i, n in network.nodes.items()}, {str(w) for w in network.wires.values()}


def made_of(network: Network, nodes: Nodes, wires: str) -> None:
    """Asserts that a design comes to this plain network."""
    flat = flatten(network, CATALOGUE)
    assert flat.faults == ()
    assert shape_of(flat.network) == shape_of(net({**ENDS, **nodes}, wires))


def by_hand(network: Network) -> Network:
    """The plain network with ids as a person would have given them, in the same order."""
    flat = flatten(network, CATALOGUE).network

    def end(old: End) -> End:
        return End(old.node.replace("/", "_"), old.port)

    nodes = [replace(node, id=end(End(node.id, "")).node, name="") for node in flat.nodes.values()]
    return Network.of(nodes, [Wire(end(w.source), end(w.target)) for w in flat.wires.values()], network.settings)


def said(network: Network) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in analysed(network).problems:
        found.setdefault(problem.node, []).append(problem)
    return found


def outcome(built: Built, count: int = 3) -> Any:
    torch.manual_seed(1)
    inputs = [torch.randn(count, *shape.dims) for shape in built.shapes]
    return built.module.eval()(*inputs)


def test_a_network_with_nothing_to_resolve_is_given_back_as_it_is() -> None:
    plain = net({**ENDS, "relu": ("ReLU", {})}, "image>relu relu>output")
    marked = replace(plain, marks={"f": Frame("f", "Stage", "", ("relu",))}, blocks={"res": RESIDUAL})
    for network in (plain, marked):
        flat = flatten(network, CATALOGUE)
        assert flat.network is network and flat.plain and not flat.faults
        analysis = analysed(network)
        assert analysis.core is analysis and analysis.flat.network is network


def test_a_dot_is_a_wire() -> None:
    network = drawn(
        {
            "dot1": ("Reroute", {}),
            "dot2": ("Reroute", {}),
            "relu": ("ReLU", {}),
            "tanh": ("Tanh", {}),
            "add": ("Add", {}),
        },
        "image>dot1 dot1>dot2 dot1>relu dot2>tanh relu>add.a tanh>add.b add>output",
    )
    made_of(
        network,
        {"relu": ("ReLU", {}), "tanh": ("Tanh", {}), "add": ("Add", {})},
        "image>relu image>tanh relu>add.a tanh>add.b add>output",
    )
    flat = flatten(network, CATALOGUE)
    assert flat.results[End("dot2", "out")] == End("image", "out")
    assert set(flat.takers[End("dot1", "in")]) == {End("relu", "in"), End("tanh", "in")}
    facts = analysed(network).facts["dot2"]
    assert facts.ok and facts.inputs == facts.outputs == (Shape((4, 6, 6)),)


def test_a_bypassed_node_hands_its_first_input_on() -> None:
    nodes: Nodes = {"conv": ("Conv2d", {}), "relu": ("ReLU", {}), "add": ("Add", {})}
    wires = "image>conv conv>add.a image>add.b add>relu relu>output"
    made_of(
        drawn(nodes, wires, modes={"conv": "bypass", "add": "bypass"}), {"relu": ("ReLU", {})}, "image>relu relu>output"
    )
    facts = analysed(drawn(nodes, wires, modes={"conv": "bypass"})).facts
    assert facts["conv"].outputs == (Shape((4, 6, 6)),) and facts["conv"].parameters == 0


def test_a_muted_branch_is_left_out_and_a_join_goes_on_with_the_rest() -> None:
    nodes: Nodes = {
        "relu": ("ReLU", {}), "tanh": ("Tanh", {}), "conv": ("Conv2d", {}), "sig": ("Sigmoid", {}),
        "add": ("Concat", {"count": 3}),
    }  # fmt: skip
    wires = "image>relu image>conv conv>tanh image>sig relu>add.a tanh>add.b sig>add.c add>output"
    rest: Nodes = {"relu": ("ReLU", {}), "sig": ("Sigmoid", {}), "add": ("Concat", {"count": 2})}
    made_of(drawn(nodes, wires, modes={"conv": "mute"}), rest, "image>relu image>sig relu>add.a sig>add.b add>output")
    alone: Nodes = {"sig": ("Sigmoid", {})}
    made_of(drawn(nodes, wires, modes={"conv": "mute", "relu": "mute"}), alone, "image>sig sig>output")
    analysis = analysed(drawn(nodes, wires, modes={"conv": "mute"}))
    assert analysis.buildable and not analysis.problems
    assert not analysis.facts["tanh"].ok and not analysis.facts["conv"].ok
    maps = Shape((4, 6, 6))
    assert analysis.facts["add"].inputs == (maps, None, maps) and analysis.facts["add"].outputs == (Shape((8, 6, 6)),)


def test_an_output_without_a_result_is_told_with_a_way_out() -> None:
    nodes: Nodes = {"relu": ("ReLU", {})}
    network = drawn(nodes, "image>relu relu>output", modes={"relu": "mute"})
    (problem,) = said(network)["output"]
    assert problem.severity == "error" and "muted" in problem.message
    mended, _ = problem.fixes[0].edit.apply(network)
    assert analysed(mended).buildable
    (problem,) = said(drawn(nodes, "image>relu relu>output", modes={"output": "mute"}))["output"]
    assert problem.severity == "error" and problem.fixes


def test_expressions_take_the_value_of_hyperparameters() -> None:
    fields = {"out_channels": "=width*2", "kernel_size": ["=k", 3], "padding": ["=k//2", 1]}
    network = drawn(
        {"conv": ("Conv2d", fields)}, "image>conv conv>output", hyperparameters={"width": 8, "k": "=width-3"}
    )
    wanted = {"out_channels": 16, "kernel_size": [5, 3], "padding": [2, 1]}
    made_of(network, {"conv": ("Conv2d", wanted)}, "image>conv conv>output")
    wrong = drawn({"conv": ("Conv2d", {"out_channels": "=widht"})}, "image>conv conv>output")
    (problem,) = said(wrong)["conv"]
    assert problem.severity == "error" and "widht" in problem.message
    assert analysed(problem.fixes[0].edit.apply(wrong)[0]).buildable


def test_a_block_is_laid_out_once_for_each_repeat() -> None:
    network = drawn({"res1": ("block-res", {"repeat": 2})}, "image>res1.in1 res1.out1>output", RESIDUAL)
    conv = ("Conv2d", {"out_channels": 4, "padding": "same"})
    once: Nodes = {f"res1/{i}/{name}": kind for i in (0, 1) for name, kind in
                   {"conv1": conv, "relu1": ("ReLU", {}), "add1": ("Add", {})}.items()}  # fmt: skip
    flat = flatten(network, CATALOGUE)
    assert shape_of(flat.network)[0] == {
        **{i: (k, f) for i, (k, f) in {**ENDS, **once}.items()},
    }
    assert flat.network.wires[End("res1/1/conv1", "in")].source == End("res1/0/add1", "out")
    assert flat.network.wires[End("res1/0/add1", "b")].source == End("image", "out")
    assert flat.network.wires[End("output", "in")].source == End("res1/1/add1", "out")


def test_parameters_of_a_block_are_those_of_its_parts() -> None:
    network = drawn({"res1": ("block-res", {"repeat": 3})}, "image>res1.in1 res1.out1>output", RESIDUAL)
    analysis = analysed(network)
    facts, core = analysis.facts["res1"], analysis.core.facts
    inner = [core[id] for id in core if id.startswith("res1/")]
    assert facts.parameters == sum(f.parameters for f in inner) == 3 * (4 * 4 * 9 + 4) == analysis.parameters
    assert facts.multiply_adds == sum(f.multiply_adds for f in inner) == analysis.multiply_adds > 0
    assert facts.ok and facts.inputs == facts.outputs == (Shape((4, 6, 6)),) and facts.receptive_field == (7, 7)


def test_a_block_used_with_other_parameters_and_inside_another_one() -> None:
    stage = Block(
        "stage",
        "Stage",
        net(
            {"in1": ("BlockInput", {}), "a": ("block-res", {"width": "=w"}), "b": ("block-res", {"width": "=w"}),
             "out1": ("BlockOutput", {})},
            "in1>a.in1 a.out1>b.in1 b.out1>out1",
        ),
        {"w": "=base"},
    )  # fmt: skip
    network = drawn(
        {"conv": ("Conv2d", {"out_channels": "=base"}), "stage1": ("block-stage", {"repeat": 2})},
        "image>conv conv>stage1.in1 stage1.out1>output",
        RESIDUAL,
        stage,
        hyperparameters={"base": 6},
    )
    built = build(network, CATALOGUE, seed=0)
    names = [name for name in built.module.state_dict() if name.endswith("weight")]
    assert names == ["conv.weight", *(f"stage1.{i}.{part}.conv1.weight" for i in (0, 1) for part in "ab")]
    room = analysed(network).inside(("stage1", "b"))
    assert room.names["width"] == 6 and room.facts["conv1"].outputs[0].dims[0] == 6


def test_weights_are_named_as_torchvision_names_them() -> None:
    network = drawn({"l": ("block-res", {"repeat": 2})}, "image>l.in1 l.out1>output", RESIDUAL)
    named = replace(network, nodes={**network.nodes, "l": replace(network.nodes["l"], name="layer1")})
    built = build(named, CATALOGUE, seed=0)
    assert "layer1.0.conv1.weight" in built.module.state_dict()
    assert built.names["l/1/conv1"] == "layer1.1.conv1" == module_names(built.network)["l/1/conv1"]
    assert built.module.get_submodule("layer1.1.conv1") is not None


def test_a_use_is_a_module_that_can_be_called() -> None:
    network = drawn({"l": ("block-res", {"repeat": 2})}, "image>l.in1 l.out1>output", RESIDUAL)
    module = build(network, CATALOGUE, seed=0).module
    x = torch.randn(2, 4, 6, 6)
    stage: Any = module.get_submodule("l")
    first: Any = module.get_submodule("l.0")
    second: Any = module.get_submodule("l.1")
    assert torch.equal(stage(x), second(first(x))) and torch.equal(module(x), stage(x))
    conv: Any = module.get_submodule("l.0.conv1")
    assert torch.allclose(first(x), torch.relu(conv(x)) + x)


def test_a_use_that_cannot_be_called_at_once_is_a_container() -> None:
    two = Block(
        "two",
        "Two",
        net(
            {"in1": ("BlockInput", {}), "in2": ("BlockInput", {}), "relu": ("ReLU", {}),
             "fc": ("Conv2d", {"out_channels": 4, "padding": "same"}),
             "out1": ("BlockOutput", {}), "out2": ("BlockOutput", {})},
            "in1>relu relu>out1 in2>fc fc>out2",
        ),
    )  # fmt: skip
    network = drawn(
        {"two1": ("block-two", {}), "tanh": ("Tanh", {})},
        "image>two1.in1 two1.out1>tanh tanh>two1.in2 two1.out2>output",
        two,
    )
    built = build(network, CATALOGUE, seed=0)
    assert list(built.module.state_dict()) == ["two1.fc.weight", "two1.fc.bias"]
    assert torch.equal(outcome(built), outcome(build(by_hand(network), CATALOGUE, seed=0)))
    assert torch.equal(outcome(built), built.layers(*_inputs(built)))


def _inputs(built: Built) -> list[torch.Tensor]:
    torch.manual_seed(1)
    return [torch.randn(3, *shape.dims) for shape in built.shapes]


def test_several_ports_keep_their_places() -> None:
    pair = Block(
        "pair",
        "Pair",
        net(
            {"in1": ("BlockInput", {}), "in2": ("BlockInput", {}), "in10": ("BlockInput", {}), "relu": ("ReLU", {}),
             "cat": ("Concat", {}), "out1": ("BlockOutput", {}), "out2": ("BlockOutput", {})},
            "in1>cat.a in2>relu relu>cat.b cat>out1 relu>out2",
        ),
    )  # fmt: skip
    network = drawn(
        {"tanh": ("Tanh", {}), "pair1": ("block-pair", {}), "cat": ("Concat", {})},
        "image>tanh tanh>pair1.in1 image>pair1.in2 pair1.out1>cat.a pair1.out2>cat.b cat>output",
        pair,
    )
    assert [p.name for p in _known(network).layer(network.nodes["pair1"]).inputs()] == ["in1", "in2", "in10"]
    built = build(network, CATALOGUE, seed=0)
    x, y = torch.randn(2, 4, 6, 6), torch.randn(2, 4, 6, 6)
    called: Any = built.module.get_submodule("pair1")
    both, second = called(x, y)
    assert torch.equal(both, torch.cat([x, y.relu()], 1)) and torch.equal(second, y.relu())


def _known(network: Network) -> Any:
    catalogue = CATALOGUE.copy()
    catalogue.know(network)
    return catalogue


def test_settings_survive() -> None:
    network = drawn({"l": ("block-res", {"repeat": 2})}, "image>l.in1 l.out1>output", RESIDUAL, recipe={"seed": 3})
    assert flatten(network, CATALOGUE).network.settings is network.settings


def test_what_stays_the_same_keeps_its_identity() -> None:
    network = drawn({"l": ("block-res", {"repeat": 2}), "r": ("ReLU", {})}, "image>l.in1 l.out1>r r>output", RESIDUAL)
    first = flatten(network, CATALOGUE)
    moved = replace(network, nodes={**network.nodes, "l": replace(network.nodes["l"], position=(9.0, 9.0))})
    assert flatten(moved, CATALOGUE, first).network is first.network
    aside = replace(network, nodes={**network.nodes, "r": replace(network.nodes["r"], position=(9.0, 9.0))})
    shifted, anew = flatten(aside, CATALOGUE, first), flatten(aside, CATALOGUE)
    assert shifted.network == anew.network and shifted.results == anew.results and shifted.drawn is aside
    after = flatten(SetFields("r", {"inplace": None}).apply(network)[0], CATALOGUE, first)
    assert after.network is first.network
    wide = InBlock("res", SetFields("conv1", {"bias": False})).apply(network)[0]
    second = flatten(wide, CATALOGUE, first)
    same = {id for id, node in second.network.nodes.items() if first.network.nodes.get(id) is node}
    assert second.network.nodes.keys() - same == {"l/0/conv1", "l/1/conv1"}


def test_an_edit_renews_what_it_touches_alone() -> None:
    inference = Inference(CATALOGUE)
    network = drawn({"l": ("block-res", {"repeat": 2}), "r": ("ReLU", {})}, "image>l.in1 l.out1>r r>output", RESIDUAL)
    first = inference.analyse(network)
    after = inference.analyse(replace(network, nodes={**network.nodes, "r": Node("r", "Tanh")}), first)
    assert after.facts["l"] == first.facts["l"] and set(after.core.renewed) == {"r", "output"}
    assert after.order is first.order


CHAIN = Block(
    "res",
    "",
    net({"in1": ("BlockInput", {}), "out1": ("BlockOutput", {}), "out2": ("BlockOutput", {})}, "in1>out1 in1>out2"),
)
STRANGE = {
    "unknown": (Block("other"), {}, "no block"),
    "repeat": (RESIDUAL, {"repeat": 65}, "1 to 64"),
    "half": (RESIDUAL, {"repeat": 1.5}, "1 to 64"),
    "parameter": (RESIDUAL, {"depth": 3}, "depth"),
    "text": (RESIDUAL, {"width": "wide"}, "width"),
    "expression": (RESIDUAL, {"width": "=a+"}, "has no value"),
    "default": (replace(RESIDUAL, parameters={"width": "=gone"}), {}, "gone"),
    "default over itself": (replace(RESIDUAL, parameters={"width": "=width"}), {}, "needs itself: width → width"),
    "itself": (replace(RESIDUAL, network=net({"u": ("block-res", {})}, "")), {}, "inside itself"),
    "chain": (CHAIN, {"repeat": 2}, "to repeat"),
}


@pytest.mark.parametrize("case", STRANGE)
def test_what_cannot_be_resolved_is_told_of_the_node(case: str) -> None:
    block, fields, words = STRANGE[case]
    network = drawn({"res1": ("block-res", fields)}, "image>res1.in1 res1.out1>output", block)
    found = [p for p in analysed(network).problems if p.node == "res1" and p.severity == "error"]
    assert any(words in p.message for p in found), found
    assert flatten(network, CATALOGUE).faults
    with pytest.raises(BuildError):
        build(network, CATALOGUE)
    for problem in found:
        for fix in problem.fixes:
            fix.edit.apply(network)


def test_hostile_repeats_are_counted_before_they_are_laid_out() -> None:
    blocks = {f"b{i}": Block(f"b{i}", "", net({"u": (f"block-b{i + 1}", {"repeat": 64})}, "")) for i in range(30)} | {
        "b30": Block("b30", "", net({"r": ("ReLU", {})}, ""))
    }
    network = replace(Network.of([Node("u", "block-b0"), Node("v", "block-b30")], []), blocks=blocks)
    flat = flatten(network, CATALOGUE)
    assert len(flat.network.nodes) < 10 and f"at most {MOST_NODES:,}" in str(flat.faults[0])
    assert "v/r" in flat.network.nodes
    tangle = {
        f"b{i}": Block(f"b{i}", "", net({f"u{j}": (f"block-b{j}", {}) for j in range(20)}, "")) for i in range(20)
    }
    flat = flatten(replace(Network.of([Node("u", "block-b0")], []), blocks=tangle), CATALOGUE)
    assert "inside itself" in flat.faults[0].message
    deep = {f"b{i}": Block(f"b{i}", "", net({"u": (f"block-b{i + 1}", {})}, "")) for i in range(2000)}
    flat = flatten(replace(Network.of([Node("u", "block-b0")], []), blocks=deep), CATALOGUE)
    assert "deep" in flat.faults[0].message


def test_ports_of_a_block_outside_of_one_can_be_removed() -> None:
    network = drawn({"in1": ("BlockInput", {}), "relu": ("ReLU", {})}, "in1>relu relu>output")
    (problem,) = said(network)["in1"]
    assert problem.severity == "error" and "only inside a block" in problem.message
    assert "in1" not in problem.fixes[0].edit.apply(network)[0].nodes


def test_an_open_port_of_a_use_is_told_once_and_of_the_use() -> None:
    network = drawn({"res1": ("block-res", {"repeat": 2})}, "res1.out1>output", RESIDUAL)
    found = said(network)
    assert [p.message for p in found["res1"]] == ["res1: nothing is connected to its input in1."]
    wired, _ = found["res1"][0].fixes[0].edit.apply(network)
    assert analysed(wired).buildable


def test_a_dot_without_a_wire_is_a_quiet_warning_and_what_it_feeds_an_error() -> None:
    found = said(drawn({"dot1": ("Reroute", {}), "relu": ("ReLU", {})}, "dot1>relu relu>output"))
    assert [p.severity for p in found["dot1"]] == ["warning"]
    assert "nothing is connected" in found["relu"][0].message


def test_wires_in_a_circle_of_dots_end_somewhere() -> None:
    found = said(
        drawn({"a": ("Reroute", {}), "b": ("Reroute", {}), "relu": ("ReLU", {})}, "a>b b>a b>relu relu>output")
    )
    assert any("circle" in p.message for ps in found.values() for p in ps)


def test_a_loop_through_a_block_is_a_loop() -> None:
    network = drawn({"res1": ("block-res", {}), "add": ("Add", {})},
                    "image>add.a res1.out1>add.b add>res1.in1 res1.out1>output", RESIDUAL)  # fmt: skip
    analysis = analysed(network)
    assert not analysis.buildable
    loop = next(p for p in analysis.problems if "loop" in p.message)
    assert analysed(loop.fixes[0].edit.apply(network)[0]).core.order


def test_a_problem_inside_a_block_stands_on_the_use_and_its_fix_mends_the_block() -> None:
    bad = replace(RESIDUAL, network=SetFields("conv1", {"padding": 0}).apply(RESIDUAL.network)[0])
    network = drawn({"res1": ("block-res", {"repeat": 2})}, "image>res1.in1 res1.out1>output", bad)
    (problem, *_) = said(network)["res1"]
    assert problem.message.startswith("res1/add1: ")
    room = analysed(network).inside(("res1",))
    assert [p.node for p in room.problems] == ["add1"] and room.problems[0].message.startswith("add1: ")
    for fix in problem.fixes:
        mended, _ = fix.edit.apply(network)
        assert mended.blocks["res"] != network.blocks["res"] and mended.nodes == network.nodes


def test_a_wire_is_tried_with_all_that_it_feeds() -> None:
    inference = Inference(CATALOGUE)
    network = drawn(
        {"res1": ("block-res", {}), "dot1": ("Reroute", {}), "fc": ("Linear", {}), "flat": ("Flatten", {})},
        "image>flat flat>fc dot1>res1.in1 res1.out1>output",
        RESIDUAL,
    )
    analysis = inference.analyse(network)

    def tried(source: str, target: End) -> Shape | Problem:
        return inference.try_wire(network, analysis, Wire(End(source, "out"), target))

    assert tried("image", End("dot1", "in")) == Shape((4, 6, 6)) == tried("image", End("res1", "in1"))
    refused = tried("flat", End("res1", "in1"))
    assert isinstance(refused, Problem) and refused.node == "res1" and refused.severity == "error"
    room = inference.analyse(network).inside(("res1",))
    wire = Wire(End("in1", "out"), End("out1", "in"))
    assert isinstance(inference.try_wire(room.network, room, wire), Shape | Problem)


def test_a_room_of_a_use_that_is_left_out_shows_what_is_drawn() -> None:
    network = drawn({"res1": ("block-res", {})}, "image>res1.in1 res1.out1>output", RESIDUAL, modes={"res1": "mute"})
    room = analysed(network).inside(("res1",))
    assert set(room.facts) == set(RESIDUAL.network.nodes) and not any(f.ok for f in room.facts.values())
    with pytest.raises(KeyError):
        analysed(network).inside(("nothing",))


def test_a_catalogue_learns_the_blocks_of_a_design() -> None:
    network = drawn({"r": ("block-res", {"width": "=w*2", "repeat": 3})}, "", RESIDUAL, hyperparameters={"w": 5})
    catalogue = CATALOGUE.copy()
    before = catalogue.kinds
    assert catalogue.know(network) and not catalogue.know(network)
    assert before is not catalogue.kinds and "block-res" not in before and "block-res" not in CATALOGUE.kinds
    layer = catalogue.layer(network.nodes["r"])
    assert layer.title == "Residual" and layer.summary() == "width 10 · ×3" and layer.family == "blocks"
    for fields in ({"repeat": 0}, {"width": "wide"}, {"what": 1}, {"width": "=q"}):
        with pytest.raises(BadFields):
            catalogue.layer(Node("r", "block-res", fields=fields))


def test_other_names_renew_only_the_kinds_of_blocks_whose_defaults_follow_them() -> None:
    follows = Block("follows", "", RESIDUAL.network, {"width": "=w*2"})
    catalogue = CATALOGUE.copy()
    catalogue.know(drawn({}, "", RESIDUAL, follows, hyperparameters={"w": 5}))
    before = catalogue.kinds
    assert catalogue.know(drawn({}, "", RESIDUAL, follows, hyperparameters={"w": 6}))
    assert catalogue.kinds["block-res"] is before["block-res"]
    assert catalogue.parse("block-follows", {}).summary() == "width 12"


def test_an_edit_inside_a_frame_changes_nothing_that_is_computed() -> None:
    network = drawn({"l": ("block-res", {})}, "image>l.in1 l.out1>output", RESIDUAL)
    first = flatten(network, CATALOGUE)
    marked = Patch(marks={"f": Frame("f", "", "", ("l",))}).apply(network)[0]
    assert flatten(marked, CATALOGUE, first).network is first.network


KINDS = ("ReLU", "Tanh", "Reroute", "Conv2d", "block-res", "Add")


@st.composite
def designs(draw: st.DrawFn) -> Network:
    """Rows of layers, dots and blocks with skips, some bypassed, some muted."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=7))
    nodes: Nodes = {}
    for index, kind in enumerate(kinds):
        fields: dict[str, Any] = {"out_channels": "=wide", "padding": "same"} if kind == "Conv2d" else {}
        fields |= {"repeat": draw(st.integers(1, 3)), "width": "=wide"} if kind == "block-res" else {}
        nodes[f"n{index}"] = (kind, fields)
    wires, before = [], ["image"]
    for id, (kind, _) in nodes.items():
        ports = {"Add": ("a", "b"), "block-res": ("in1",)}.get(kind, ("in",))
        for place, port in enumerate(ports):
            source = before[-1] if place == 0 else draw(st.sampled_from(before))
            out = "out1" if nodes.get(source, ("",))[0] == "block-res" else "out"
            wires.append(f"{source}.{out}>{id}.{port}")
        before.append(id)
    last = before[-1]
    wires.append(f"{last}.{'out1' if nodes[last][0] == 'block-res' else 'out'}>output")
    modes = {id: draw(st.sampled_from(("", "", "bypass"))) for id in nodes}
    return drawn(nodes, " ".join(wires), RESIDUAL, modes=modes, hyperparameters={"wide": 4})


@settings(max_examples=30, deadline=None)
@given(designs())
def test_whatever_is_drawn_computes_what_it_comes_to(network: Network) -> None:
    analysis = analysed(network)
    assert analysis.buildable, analysis.problems
    built = build(network, CATALOGUE, seed=2)
    plain = build(by_hand(network), CATALOGUE, seed=2)
    assert torch.equal(outcome(built), outcome(plain))
    assert torch.equal(outcome(built), built.layers.eval()(*_inputs(built)))
    assert analysis.parameters == sum(p.numel() for p in built.module.parameters())
    assert set(built.module.state_dict()) == {
        f"{built.names[id]}.{name}"
        for id in built.names
        if id not in built.inputs
        for name in built.module.get_submodule(built.names[id]).state_dict()
    }
    assert all(analysis.facts[a].ok for a in analysis.used)
    for place in (analysis, analysis.core):
        rank = {id: index for index, id in enumerate(place.order)}
        assert rank.keys() == place.network.nodes.keys()
        assert all(rank[wire.source.node] < rank[wire.target.node] for wire in place.network.wires.values())
