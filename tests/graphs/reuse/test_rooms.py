"""Rooms: what is done inside a block is done to the one document."""

from __future__ import annotations

import pytest

from graphs.document import Change, Document
from graphs.edits import AddNodes, EditError, InBlock, Move, RemoveNodes, SetBlocks, SetSetting
from graphs.network import Block, End, Network, Node, Wire
from graphs.reuse.rooms import Room, block_at, names_at, nearest, network_at, trail, uses


def nested() -> Network:
    """Two uses of a block that holds a use of another."""
    inner = Network.of([Node("in1", "BlockInput"), Node("relu1", "ReLU"), Node("out1", "BlockOutput")], [])
    outer = Network.of(
        [Node("in1", "BlockInput"), Node("pair1", "block-pair", "Twice"), Node("out1", "BlockOutput")],
        [Wire(End("in1", "out"), End("pair1", "in1"))],
    )
    blocks = {"pair": Block("pair", "Pair", inner), "stage": Block("stage", "Stage", outer)}
    top = Network.of([Node("a", "block-stage"), Node("b", "block-stage", "Second")], [], {"recipe": {}})
    return Network(top.nodes, top.wires, top.settings, blocks)


def test_a_path_leads_through_uses_to_a_definition() -> None:
    """By ids of uses from the outside in; what is no use, or not there, leads nowhere."""
    network = nested()
    assert block_at(network, ("a",)) == "stage" and block_at(network, ("b", "pair1")) == "pair"
    assert block_at(network, ("nobody",)) is None and block_at(network, ("a", "in1")) is None
    assert network_at(network, ()) is network
    room = network_at(network, ("a", "pair1"))
    assert room is not None and set(room.nodes) == {"in1", "relu1", "out1"}
    assert room.blocks is network.blocks and room.settings is network.settings
    assert nearest(network, ("a", "nobody", "pair1")) == ("a",)


def test_the_way_is_told_by_names_and_titles() -> None:
    """A use with a name goes by it, another by the title of its block."""
    steps = trail(nested(), ("a", "pair1"))
    assert [step.title for step in steps] == ["Network", "Stage", "Twice"]
    assert [step.path for step in steps] == [(), ("a",), ("a", "pair1")]
    assert uses(nested(), "stage") == 2 and uses(nested(), "pair") == 1


def test_an_edit_in_a_room_is_one_of_the_document() -> None:
    """All uses follow, the history is the document's, and both rooms of the block hear of it in their terms."""
    document = Document(nested())
    room, twin = Room(document, ("a", "pair1")), Room(document, ("b", "pair1"))
    heard: list[Change] = []
    twin.subscribe(heard.append)
    change = room.apply(AddNodes((Node("relu2", "ReLU"),)))
    assert set(change.patch.nodes) == {"relu2"} and change.after is room.network
    assert "relu2" in document.network.blocks["pair"].network.nodes and "relu2" in twin.network.nodes
    assert heard[0].patch.nodes.keys() == {"relu2"} and document.undo_label == room.undo_label == "Add relu2"
    room.undo()
    assert document.network == nested() and heard[1].patch.nodes == {"relu2": None}
    assert room.can_redo and not room.can_undo


def test_what_happens_elsewhere_is_not_heard() -> None:
    """Only the own network, the blocks and the settings concern a room."""
    document = Document(nested())
    heard: list[Change] = []
    Room(document, ("a", "pair1")).subscribe(heard.append)
    document.apply(Move({"a": (8.0, 8.0)}))
    assert not heard
    document.apply(SetSetting("recipe", {"epochs": 3}))
    assert heard and not heard[0].patch.nodes and heard[0].patch.settings
    document.apply(InBlock("stage", Move({"pair1": (8.0, 8.0)})))
    assert not heard[1].patch.nodes and set(heard[1].patch.blocks) == {"stage"}


def test_steps_merge_within_a_room_only() -> None:
    """The same key inside and outside means two steps."""
    document = Document(nested())
    room = Room(document, ("a", "pair1"))
    for place in (8.0, 16.0):
        room.apply(Move({"relu1": (place, 0.0)}), merge="nudge")
    document.apply(Move({"a": (8.0, 0.0)}), merge="nudge")
    document.undo()
    assert room.network.nodes["relu1"].position == (16.0, 0.0)
    document.undo()
    assert document.network == nested()


def test_a_transaction_in_a_room_is_one_step() -> None:
    """And one notification; a failure takes everything back."""
    document = Document(nested())
    room = Room(document, ("a",))
    heard: list[Change] = []
    room.subscribe(heard.append)
    with room.transaction("Two at once"):
        room.apply(AddNodes((Node("relu1", "ReLU"),)))
        room.apply(Move({"relu1": (8.0, 0.0)}))
    assert len(heard) == 1 and heard[0].label == "Two at once"
    with pytest.raises(EditError), room.transaction("Broken"):
        room.apply(RemoveNodes(("relu1",)))
        room.apply(Move({"relu1": (0.0, 0.0)}))
    assert "relu1" in room.network.nodes
    document.undo()
    assert document.network == nested()


def test_a_room_is_gone_with_its_use() -> None:
    """It refuses edits, tells nobody, and is there again once the deletion is undone."""
    document = Document(nested())
    room = Room(document, ("a", "pair1"))
    heard: list[Change] = []
    room.subscribe(heard.append)
    document.apply(RemoveNodes(("a",)))
    assert room.gone and room.block is None and not room.network.nodes and not heard
    with pytest.raises(EditError):
        room.apply(Move({"relu1": (0.0, 0.0)}))
    document.undo()
    assert not room.gone and "relu1" in room.network.nodes


def test_a_room_has_the_definition_that_its_use_has() -> None:
    """Where the use becomes one of another block, the room shows that one."""
    document = Document(nested())
    room = Room(document, ("a",))
    heard: list[Change] = []
    room.subscribe(heard.append)
    copy = Block("own", "Own", document.network.blocks["pair"].network)
    with document.transaction("Make it its own"):
        document.apply(SetBlocks({"own": copy}))
        document.apply(RemoveNodes(("a",)))
        document.apply(AddNodes((Node("a", "block-own"),)))
    assert room.block == "own" and heard[0].patch.nodes["pair1"] is None and "relu1" in heard[0].patch.nodes


def test_names_stand_for_what_the_uses_on_the_way_set() -> None:
    """A hyperparameter everywhere, a parameter as its use sets it, in the names of where the use stands."""
    leaf = Block("leaf", "", Network(), {"size": 1, "twice": "=size*2"})
    stage = Block("stage", "", Network.of([Node("leaf1", "block-leaf", "", {"size": "=width+1"})], []), {"width": 8})
    top = Network.of([Node("a", "block-stage", "", {"width": "=base*4"}), Node("b", "block-stage")], [])
    network = Network(top.nodes, {}, {"hyperparameters": {"base": 4}}, {"leaf": leaf, "stage": stage})
    assert names_at(network, ()) == {"base": 4}
    assert names_at(network, ("a",)) == {"base": 4, "width": 16}
    assert names_at(network, ("a", "leaf1")) == {"base": 4, "size": 17, "twice": 34}
    assert names_at(network, ("b", "leaf1"))["size"] == 9
