"""Edits of frames, notes, modes and blocks: what they keep true, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphs.edits import (
    AddNodes,
    Batch,
    Connect,
    Edit,
    EditError,
    InBlock,
    Move,
    Patch,
    RemoveNodes,
    Rename,
    SetBlocks,
    SetFields,
    SetMarks,
    SetMode,
    SetSetting,
)
from graphs.network import Block, End, Frame, Mark, Network, Node, Note, Wire


def design() -> Network:
    """Two blocks, the outer one holding the inner one; a frame around two nodes and a note."""
    inner = Network.of(
        [Node("conv1", "Conv2d"), Node("relu1", "ReLU")], [Wire(End("conv1", "out"), End("relu1", "in"))]
    )
    outer = Network.of([Node("use1", "block-inner"), Node("relu1", "ReLU")], [])
    blocks = {"inner": Block("inner", "Inner", inner), "outer": Block("outer", "Outer", outer)}
    blocks["spare"] = Block("spare", "Spare", Network.of([Node("relu1", "ReLU")], []))
    marks: dict[str, Mark] = {
        "frame1": Frame("frame1", "Stem", "", ("a", "b"), ("note1",)),
        "note1": Note("note1", "hello"),
    }
    nodes = {n.id: n for n in (Node("a", "ReLU"), Node("b", "block-outer"), Node("c", "ReLU"))}
    return Network(nodes, {}, {"recipe": {"epochs": 1}}, blocks, marks)


def done(edit: Edit, network: Network | None = None) -> Network:
    """The network after an edit, which must also be taken back exactly."""
    before = network or design()
    after, back = edit.apply(before)
    assert back.apply(after)[0] == before
    return after


def test_a_frame_follows_what_it_holds() -> None:
    after = done(RemoveNodes(("a",)))
    assert after.marks["frame1"] == Frame("frame1", "Stem", "", ("b",), ("note1",))
    assert "frame1" not in done(Batch((RemoveNodes(("b",)), SetMarks({"note1": None}))), after).marks
    assert done(SetMarks({"note1": None})).marks == {"frame1": Frame("frame1", "Stem", "", ("a", "b"))}
    assert done(SetMarks({"frame1": None})).frame_of == {}


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (SetMarks({"frame2": Frame("frame2", members=("a",))}), "“a” cannot be in two frames"),
        (SetMarks({"frame2": Frame("frame2", members=("ghost",))}), "holds “ghost”, which is not there"),
        (SetMarks({"frame2": Frame("frame2", notes=("frame1",))}), "holds “frame1”, which is not there"),
        (SetMarks({"frame2": Frame("frame2", members=("c", "c"))}), "something twice"),
        (SetMarks({"frame2": Frame("frame2")}), "holds nothing"),
        (SetMarks({"note1": Frame("note1", members=("c",))}), "holds “note1”, which is not there"),
        (SetMarks({"c": Note("c")}), "a node and a mark"),
        (SetMarks({"note9": Note("note8")}), "cannot stand under the id"),
        (AddNodes((Node("note1", "ReLU"),)), "a node and a mark"),
        (SetBlocks({"inner": None}), "The block “Inner” is in use by “use1”"),
        (SetBlocks({"outer": None}), "The block “Outer” is in use by “b”"),
        (InBlock("inner", SetBlocks({"outer": None})), "The block “Outer” is in use by “b”"),
        (InBlock("spare", SetBlocks({"spare": None})), "from its own inside"),
        (InBlock("inner", AddNodes((Node("x", "block-inner"),))), "cannot hold itself"),
        (InBlock("inner", AddNodes((Node("x", "block-outer"),))), "cannot hold itself"),
        (SetBlocks({"inner": Block("inner", network=design())}), "no blocks and no settings"),
        (InBlock("ghost", Rename("a", "x")), "no block “ghost”"),
        (InBlock("inner", Rename("a", "x")), "no node “a”"),
        (SetMode(("ghost",), "mute"), "no node “ghost”"),
    ],
)  # fmt: skip
def test_what_would_break_the_network_is_refused(edit: Edit, sentence: str) -> None:
    with pytest.raises(EditError, match=sentence):
        edit.apply(design())


def test_patches_are_checked_too() -> None:
    for patch in (
        Patch({"a": None}),
        Patch(marks={"note1": None}),
        Patch({"x": Node("y", "ReLU")}),
        Patch(wires={End("a", "in"): Wire(End("c", "out"), End("b", "in"))}),
    ):
        with pytest.raises(EditError):
            patch.apply(design())


def test_an_edit_inside_a_block_may_change_the_rest_of_the_design() -> None:
    edit = Batch((Rename("conv1", "First"), SetSetting("recipe", {"epochs": 9}), SetBlocks({"spare": None})), "Both")
    after = done(InBlock("inner", edit))
    assert after.blocks["inner"].network.nodes["conv1"].name == "First"
    assert after.settings == {"recipe": {"epochs": 9}} and "spare" not in after.blocks
    assert not after.blocks["inner"].network.settings and not after.blocks["inner"].network.blocks
    assert after.nodes == design().nodes


def test_edits_inside_edits_inside_blocks_all_count() -> None:
    both = Batch((Rename("relu1", "Outer's"), InBlock("inner", Rename("relu1", "Inner's"))))
    after = done(InBlock("outer", both))
    assert after.blocks["outer"].network.nodes["relu1"].name == "Outer's"
    assert after.blocks["inner"].network.nodes["relu1"].name == "Inner's"
    same = Batch((InBlock("inner", Rename("conv1", "First")), Rename("relu1", "Second")))
    titled = Batch((same, SetBlocks({"spare": Block("spare", "Kept")})))
    after = done(InBlock("inner", titled))
    assert [n.name for n in after.blocks["inner"].network.nodes.values()] == ["First", "Second"]


def test_a_definition_changed_from_its_own_inside_keeps_both_changes() -> None:
    inner = design().blocks["inner"]
    edit = Batch(
        (SetBlocks({"inner": replace(inner, title="Renamed", parameters={"width": 4})}), Move({"conv1": (8, 8)}))
    )
    after = done(InBlock("inner", edit)).blocks["inner"]
    assert (
        after.title == "Renamed"
        and after.parameters == {"width": 4}
        and after.network.nodes["conv1"].position == (8, 8)
    )


def test_fields_that_hold_none_stay_when_others_change() -> None:
    network = Network.of([Node("pool1", "MaxPool2d", fields={"stride": None, "padding": 1})], [])
    after = done(SetFields("pool1", {"padding": None, "kernel_size": 3}), network)
    assert after.nodes["pool1"].fields == {"stride": None, "kernel_size": 3}


def test_a_block_that_a_file_holds_in_itself_can_be_mended() -> None:
    inside = Network.of([Node("use1", "block-loop"), Node("relu1", "ReLU")], [])
    network = Network(blocks={"loop": Block("loop", network=inside)})
    assert done(InBlock("loop", Move({"relu1": (1, 1)})), network).uses == frozenset()
    assert not done(InBlock("loop", RemoveNodes(("use1",))), network).blocks["loop"].network.uses


def test_wires_are_checked_inside_blocks() -> None:
    with pytest.raises(EditError, match="not in the network"):
        InBlock("inner", Connect((Wire(End("a", "out"), End("conv1", "in")),))).apply(design())
