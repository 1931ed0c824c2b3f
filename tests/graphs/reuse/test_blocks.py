"""Blocks: whatever becomes one and is taken apart again computes the same numbers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from graphs.edits import (
    AddNodes,
    Edit,
    EditError,
    InBlock,
    Rename,
    SetFields,
    SetMarks,
    SetMode,
    SetSetting,
    enclosing,
    inside,
)
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import BLOCK, Block, End, Frame, Network, Node, Note, Wire
from graphs.reuse.blocks import (
    duplicate_block,
    expose,
    hide,
    make_block,
    remove_block,
    rename_block,
    rename_parameter,
    set_default,
    set_repeat,
    unpack,
)
from graphs.reuse.fragments import fragment, graft
from tests.graphs.meaning import meanings


def wire(text: str) -> Wire:
    source, target = text.split(">")
    return Wire(_end(source, "out"), _end(target, "in"))


def _end(text: str, port: str) -> End:
    node, _, named = text.partition(".")
    return End(node, named or port)


def residual() -> Network:
    """A residual part between a stem and a head, with a frame and a note around the way over the convolutions."""
    conv = {"out_channels": 4, "kernel_size": [3, 3], "padding": "same"}
    nodes = [
        Node("image1", "ImageInput", fields={"channels": 1, "height": 8, "width": 8}),
        Node("stem1", "Conv2d", fields=conv, position=(200, 0)),
        Node("conv1", "Conv2d", fields=conv, position=(400, 0)),
        Node("relu1", "ReLU", position=(600, 0)),
        Node("conv2", "Conv2d", fields=conv, position=(800, 0)),
        Node("add1", "Add", position=(1000, 40)),
        Node("relu2", "ReLU", "Second", position=(1200, 40)),
        Node("pool1", "GlobalAvgPool", position=(1400, 40)),
        Node("output1", "Output", position=(1600, 40)),
    ]
    wires = "image1>stem1 stem1>conv1 conv1>relu1 relu1>conv2 conv2>add1.a stem1>add1.b add1>relu2 relu2>pool1"
    network = Network.of(nodes, [wire(w) for w in f"{wires} pool1>output1".split()], {"hyperparameters": {"width": 4}})
    marks = {"frame1": Frame("frame1", "Way", "", ("conv1", "relu1"), ("note1",)), "note1": Note("note1", "x" * 3)}
    return replace(network, marks=marks)


def done(edit: Edit, network: Network) -> Network:
    """The network after an edit, which must also be taken back exactly."""
    after, back = edit.apply(network)
    assert back.apply(after)[0] == network
    return after


def knowing(network: Network) -> Catalogue:
    catalogue = standard().copy()
    catalogue.know(network)
    return catalogue


def made(ids: str = "conv1 relu1 conv2 add1", network: Network | None = None, title: str = "Residual") -> Network:
    network = network or residual()
    return done(make_block(network, ids.split(), knowing(network), title), network)


def unpacked(network: Network, use: str) -> Network:
    return done(unpack(network, use, knowing(network)), network)


def meaning(network: Network) -> list[str]:
    """What a network computes, whatever its nodes are called."""
    found = meanings.meaning(network, knowing(network))
    assert found is not None
    return found


def numbers(network: Network) -> tuple[Any, set[str]]:
    """What the network gives for a fixed input, built with weights by the names of their layers; all their names."""
    import torch

    from graphs.building.build import build

    module = build(network, knowing(network)).module
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for _, weight in sorted(module.named_parameters(), key=lambda pair: pair[0].split(".")[-2:]):
            weight.copy_(torch.rand(weight.shape, generator=generator) - 0.5)
        return module(torch.rand(2, 1, 8, 8, generator=generator)), set(module.state_dict())


def test_a_selection_becomes_a_block_with_the_ports_it_needs() -> None:
    after = made()
    (use,) = (n for n in after.nodes.values() if n.block)
    block = after.blocks["residual"]
    assert set(after.nodes) == {"image1", "stem1", "residual1", "relu2", "pool1", "output1"} and use.position == (
        704,
        16,
    )
    assert {str(w) for w in after.incoming(use.id) + after.outgoing(use.id)} == {
        "stem1.out -> residual1.in1",
        "residual1.out1 -> relu2.in",
    }
    kinds = {n.id: (n.kind, n.name) for n in block.network.nodes.values() if n.kind.startswith("Block")}
    assert kinds == {"in1": ("BlockInput", "in"), "out1": ("BlockOutput", "out")}
    assert {str(w) for w in block.network.outgoing("in1")} == {"in1.out -> conv1.in", "in1.out -> add1.b"}
    assert set(block.network.marks) == {"frame1", "note1"} and not after.marks


def test_it_computes_the_same_numbers_before_as_a_block_and_after() -> None:
    import torch

    before = residual()
    block = made()
    after = unpacked(block, "residual1")
    (first, _), (second, names), (third, _) = numbers(before), numbers(block), numbers(after)
    assert {"residual.conv1.weight", "residual.conv2.bias", "stem1.weight"} <= names
    assert torch.equal(first, second) and torch.equal(first, third)
    assert after == replace(before, blocks=block.blocks)  # the ids were free, so nothing else is left to differ


@pytest.mark.parametrize("ids", ["conv1", "relu2 pool1", "stem1 conv1 relu1 conv2 add1 relu2", "conv1 relu1", "stem1"])
def test_any_part_means_the_same_as_a_block_and_unpacked(ids: str) -> None:
    before, after = residual(), made(ids)
    assert meaning(after) == meaning(before) == meaning(unpacked(after, "residual1"))


def test_blocks_inside_blocks() -> None:
    before, once = residual(), made("conv1 relu1 conv2")
    twice = made("residual1 add1", once, "Outer")
    assert twice.blocks["outer"].network.uses == {"residual"} and meaning(twice) == meaning(before)
    room = inside(twice, "outer")
    taken = done(InBlock("outer", unpack(room, "residual1", knowing(twice))), twice)
    assert not taken.blocks["outer"].network.uses and meaning(taken) == meaning(before)
    parts = done(InBlock("outer", make_block(room, ["residual1"], knowing(twice), "Residual")), twice)
    assert parts.blocks["outer"].network.uses == {"residual2"} and meaning(parts) == meaning(before)


def test_loose_layers_become_a_block_with_open_ports() -> None:
    nodes = [Node("conv1", "Conv2d"), Node("norm1", "BatchNorm2d"), Node("add1", "Add", position=(0, 200))]
    loose = Network.of(nodes, [wire("conv1>norm1"), wire("norm1>add1.a")])
    block = made("conv1 norm1 add1", loose).blocks["residual"]
    assert {n.id: n.title for n in block.network.nodes.values() if n.kind == "BlockInput"} == {
        "in1": "in",
        "in2": "in 2",
    }
    assert [n.title for n in block.network.nodes.values() if n.kind == "BlockOutput"] == ["out"]


def test_frames_keep_what_stays_and_take_the_use_in() -> None:
    after = made("relu1 conv2")
    assert after.marks["frame1"] == Frame("frame1", "Way", "", ("conv1",), ("note1",))
    within = made("relu1")
    assert isinstance(frame := within.marks["frame1"], Frame) and frame.members == ("conv1", "residual1")
    back = unpacked(within, "residual1").marks["frame1"]
    assert isinstance(back, Frame) and set(back.members) == {"conv1", "relu1"}


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        ("", "Select the layers"),
        ("ghost", "no node “ghost”"),
        ("image1 stem1", "“image1” belongs to the whole network"),
        ("pool1 output1", "“output1” belongs to the whole network"),
        ("stem1 add1", "comes back through “conv1”"),
    ],
)
def test_what_cannot_become_a_block_is_refused_in_words(ids: str, sentence: str) -> None:
    with pytest.raises(EditError, match=sentence):
        make_block(residual(), ids.split(), standard(), "Block")


def test_ports_of_a_block_stay_its_ports() -> None:
    after = made()
    with pytest.raises(EditError, match="“in” is a port of this block"):
        make_block(inside(after, "residual"), ["in1", "conv1"], knowing(after), "Inner")


def repeated(times: int | str) -> Network:
    after = made()
    return done(set_repeat("residual1", times), after)


@pytest.mark.parametrize("times", [1, 2, 3, "=width/2"])
def test_repeats_unpack_to_a_chain(times: int | str) -> None:
    before = repeated(times)
    after = unpacked(before, "residual1")
    count = times if isinstance(times, int) else 2
    assert sum(n.kind == "Add" for n in after.nodes.values()) == count and not after.uses
    assert meaning(after) == meaning(before)
    boxes = {n.position for n in after.nodes.values()}
    assert len(boxes) == len(after.nodes)


def exposed() -> Network:
    """The block with its channels as a parameter of both convolutions, used twice with other values."""
    network = made()
    catalogue = knowing(network)
    network = done(expose(network, "residual", "conv1", "out_channels", "channels", catalogue), network)
    return done(expose(network, "residual", "conv2", "out_channels", "channels", catalogue), network)


def fields(network: Network, id: str) -> Mapping[str, Any]:
    return network.nodes[id].fields


def test_a_field_becomes_a_parameter_and_a_field_again() -> None:
    network = exposed()
    block = network.blocks["residual"]
    assert block.parameters == {"channels": 4} and fields(block.network, "conv1")["out_channels"] == "=channels"
    assert meaning(network) == meaning(residual())
    hidden = done(hide(network, "residual", "channels"), network)
    assert hidden == made()
    changed = done(SetFields("residual1", {"channels": 8}), network)
    with pytest.raises(EditError, match="“Residual” sets “channels” to 8; give it 4 first"):
        hide(changed, "residual", "channels")
    assert fields(unpacked(changed, "residual1"), "conv2")["out_channels"] == 8


def test_what_a_use_sets_is_written_into_expressions() -> None:
    network = exposed()
    twice = SetFields("conv1", {"out_channels": "=max(channels * 2 - 1, 1e0)", "stride": ["=channels", 1]})
    network = done(InBlock("residual", twice), network)
    for value, expected in ((3, "=max(3 * 2 - 1, 1e0)"), ("=width + 1", "=max((width + 1) * 2 - 1, 1e0)")):
        after = unpacked(done(SetFields("residual1", {"channels": value}), network), "residual1")
        assert fields(after, "conv1")["out_channels"] == expected
        assert fields(after, "conv1")["stride"] == [value, 1] and fields(after, "conv2")["out_channels"] == value


def test_defaults_over_other_parameters_and_hyperparameters() -> None:
    network = exposed()
    catalogue = knowing(network)
    network = done(set_default(network, "residual", "channels", "=width"), network)
    network = done(InBlock("residual", SetFields("relu1", {"slope": "=channels*2"})), network)
    network = done(expose(network, "residual", "relu1", "slope", "slope", catalogue), network)
    assert network.blocks["residual"].parameters == {"channels": "=width", "slope": "=channels*2"}
    assert fields(unpacked(network, "residual1"), "relu1")["slope"] == "=width*2"
    renamed = done(rename_parameter(network, "residual", "channels", "planes"), network)
    assert renamed.blocks["residual"].parameters == {"planes": "=width", "slope": "=planes*2"}
    assert fields(renamed.blocks["residual"].network, "conv2")["out_channels"] == "=planes"


def test_a_renamed_parameter_is_followed_at_every_use() -> None:
    network = made("residual1", done(SetFields("residual1", {"channels": 4}), exposed()), "Outer")
    network = done(AddNodes((Node("more1", "block-residual", fields={"channels": 6, "repeat": 2}),)), network)
    after = done(rename_parameter(network, "residual", "channels", "planes"), network)
    assert fields(after, "more1") == {"planes": 6, "repeat": 2}
    assert fields(after.blocks["outer"].network, "residual1") == {"planes": 4}
    assert meaning(after) == meaning(network)


def test_a_part_of_a_block_is_handed_the_parameters_it_needs() -> None:
    network = exposed()
    network = done(set_default(network, "residual", "channels", 5), network)
    room = inside(network, "residual")
    after = done(InBlock("residual", make_block(room, ["conv1", "relu1"], knowing(network), "Half")), network)
    assert after.blocks["half"].parameters == {"channels": 5}
    (use,) = (n for n in after.blocks["residual"].network.nodes.values() if n.block)
    assert use.fields == {"channels": "=channels"} and meaning(after) == meaning(network)
    back = done(InBlock("residual", unpack(inside(after, "residual"), use.id, knowing(after))), after)
    assert back.blocks["residual"].network == network.blocks["residual"].network


@pytest.mark.parametrize(
    ("node", "field", "name", "sentence"),
    [
        ("ghost", "x", "x", "no node “ghost”"),
        ("conv1", "nothing", "x", "no field “nothing”"),
        ("conv1", "out_channels", "min", "already means something"),
        ("conv1", "out_channels", "repeat", "already means something"),
        ("conv1", "out_channels", "1x", "begins with a letter"),
        ("conv2", "kernel_size", "channels", "a parameter “channels” already, and it is 4, not 3"),
        ("relu1", "odd", "x", "only one number"),
        ("conv1", "out_channels", "width", "is a hyperparameter that this block uses"),
    ],
)
def test_what_cannot_be_a_parameter_is_refused_in_words(node: str, field: str, name: str, sentence: str) -> None:
    network = exposed()
    network = done(InBlock("residual", SetFields("relu1", {"odd": [1, 2], "slope": "=width"})), network)
    with pytest.raises(EditError, match=sentence):
        expose(network, "residual", node, field, name, knowing(network))


def test_definitions_are_named_copied_and_removed() -> None:
    network = done(AddNodes((Node("more1", "block-residual"),)), exposed())
    titled = done(rename_block(network, "residual", "ResNet block"), network)
    assert titled.blocks["residual"].title == "ResNet block"
    with pytest.raises(EditError, match="in use by “Residual”"):
        remove_block(network, "residual").apply(network)
    own = done(duplicate_block(network, "more1"), network)
    assert own.nodes["more1"].block == "residual2" and own.nodes["residual1"].block == "residual"
    assert own.blocks["residual2"].network == own.blocks["residual"].network
    assert enclosing(inside(own, "residual2")) is own.blocks["residual2"]
    free = unpacked(own, "residual1")
    assert set(done(remove_block(free, "residual"), free).blocks) == {"residual2"}


@pytest.mark.parametrize("mode", ["bypass", "mute"])
def test_a_use_that_does_not_compute_is_not_unpacked(mode: Any) -> None:
    network = done(SetMode(("residual1",), mode), made())
    with pytest.raises(EditError, match="let it compute before"):
        unpack(network, "residual1", knowing(network))


def test_names_that_mean_something_else_outside_are_noticed() -> None:
    network = done(InBlock("residual", SetFields("conv1", {"out_channels": "=width"})), made())
    outer = made("residual1", network, "Outer")
    outer = replace(outer, blocks={**outer.blocks, "outer": replace(outer.blocks["outer"], parameters={"width": 9})})
    with pytest.raises(EditError, match="“width” is a hyperparameter inside"):
        unpack(inside(outer, "outer"), "residual1", knowing(outer))


def test_a_wire_straight_through_a_block_is_healed() -> None:
    inner = Network.of([Node("in1", "BlockInput"), Node("out1", "BlockOutput")], [wire("in1>out1")])
    nodes = [Node("a", "ReLU"), Node("through1", f"{BLOCK}t", fields={"repeat": 5}), Node("b", "ReLU")]
    network = Network.of(nodes, [wire("a>through1.in1"), wire("through1.out1>b")])
    after = unpacked(replace(network, blocks={"t": Block("t", network=inner)}), "through1")
    assert set(after.wires.values()) == {wire("a>b")} and set(after.nodes) == {"a", "b"}


def test_marks_of_every_copy_come_out() -> None:
    network = repeated(2)
    after = unpacked(network, "residual1")
    frames = [m for m in after.marks.values() if isinstance(m, Frame)]
    assert len(frames) == 2 and len(after.marks) == 4
    assert done(SetMarks({frames[0].id: None}), after).frame_of.keys() == {*frames[1].members, *frames[1].notes}


def test_expressions_of_the_design_go_on_inside() -> None:
    network = done(SetFields("conv1", {"out_channels": "=width"}), residual())
    after = made("conv1 relu1", network)
    assert not after.blocks["residual"].parameters
    wider = done(SetSetting("hyperparameters", {"width": 4}), after)
    assert meaning(wider) == meaning(residual())


def parts(seed: int) -> tuple[Network, random.Random]:
    """A network of random layers with modes, dots and expressions here and there, wired without loops."""
    drawn = random.Random(seed)
    nodes = [Node("image1", "ImageInput"), Node("output1", "Output")]
    wires: list[Wire] = []
    ids = ["image1"]
    for number in range(drawn.randint(4, 14)):
        kind = drawn.choice(["Conv2d", "ReLU", "Add", "Reroute", "Concat", "Linear"])
        mode = drawn.choice(["", "", "", "", "bypass", "mute"]) if kind != "Reroute" else ""
        fields = {"out_channels": drawn.choice([4, "=width*2", "=width"])} if kind == "Conv2d" else {}
        node = Node(f"n{number}", kind, fields=fields, mode=mode, position=(number * 200.0, drawn.random() * 400))
        ports = ("a", "b") if kind in ("Add", "Concat") else ("in",)
        wires += [Wire(End(drawn.choice(ids[-4:]), "out"), End(node.id, port)) for port in ports]
        nodes.append(node)
        ids.append(node.id)
    wires.append(Wire(End(ids[-1], "out"), End("output1", "in")))
    return Network.of(nodes, wires, {"hyperparameters": {"width": 4}}), drawn


@pytest.mark.parametrize("seed", range(60))
def test_random_parts_mean_the_same_as_blocks_of_blocks_and_unpacked_again(seed: int) -> None:
    network, drawn = parts(seed)
    before = meaning(network)
    made_blocks = 0
    for _ in range(8):
        free = [i for i in network.ids if i not in ("image1", "output1")]
        chosen = drawn.sample(free, min(len(free), drawn.randint(1, 4)))
        chosen = sorted(network.downstream(set(chosen)) & network.upstream(set(chosen)))
        if set(chosen) & {"image1", "output1"}:
            continue
        network = done(make_block(network, chosen, knowing(network), "Part"), network)
        made_blocks += 1
        assert meaning(network) == before
    while uses := [node.id for node in network.nodes.values() if node.block]:
        network = unpacked(network, drawn.choice(uses))
        assert meaning(network) == before
    assert made_blocks and not network.uses


def test_uses_are_called_as_their_block_each_with_a_number_of_its_own() -> None:
    """So that they are called the same wherever one reads of them; what is named by hand stays so called."""
    network = made()
    (use,) = (node for node in network.nodes.values() if node.block)
    assert use.title == "Residual"
    for _ in range(2):
        network = done(graft(network, fragment(network, [use.id])).edit, network)
    assert [n.title for n in network.nodes.values() if n.block] == ["Residual", "Residual 2", "Residual 3"]
    network = done(Rename(use.id, "Mine"), network)
    titled = done(rename_block(network, "residual", "ResNet block"), network)
    assert [n.title for n in titled.nodes.values() if n.block] == ["Mine", "ResNet block", "ResNet block 2"]


def test_ports_are_called_by_what_they_carry_where_that_says_something() -> None:
    nodes = [Node("v1", "VectorInput"), Node("a", "MultiheadAttention"), Node("o", "Output")]
    wires = [Wire(End("v1", "out"), End("a", port)) for port in ("query", "key", "value")]
    block = made("a", Network.of(nodes, wires)).blocks["residual"]
    inner = block.network.nodes.values()
    assert [n.title for n in inner if n.kind == "BlockInput"] == ["in"], "one result for all of them"
    wires[0] = Wire(End("v2", "out"), End("a", "query"))
    block = made("a", Network.of([*nodes, Node("v2", "VectorInput")], wires[:2])).blocks["residual"]
    assert {n.title for n in block.network.nodes.values() if n.kind == "BlockInput"} == {"query", "key"}


def test_a_block_whose_name_ends_in_a_digit_gets_an_id_that_nobody_has() -> None:
    blocks = {id: Block(id) for id in ("stage2", "stage22")}
    assert Network(blocks=blocks).fresh_block("stage2") not in blocks
