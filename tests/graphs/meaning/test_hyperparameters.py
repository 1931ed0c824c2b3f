"""Named hyperparameters: who uses them, renaming that every expression follows, removal that is refused while used."""

from __future__ import annotations

import pytest

from graphs.document import Document
from graphs.edits import EditError
from graphs.meaning import hyperparameters as edits
from graphs.meaning.hyperparameters import SetManyFields, User
from graphs.network import Block, Network, Node


@pytest.fixture
def document() -> Document:
    inner = Network.of(
        [
            Node("a", "Conv2d", fields={"out_channels": "=width"}),
            Node("b", "Conv2d", fields={"out_channels": "=inner"}),
        ],
        [],
    )
    shadow = Network.of([Node("c", "Linear", fields={"out_features": "=width"})], [])
    outer = Network.of([Node("u", "block-res")], [])
    nodes = [
        Node("conv1", "Conv2d", "First", fields={"out_channels": "=width*2", "kernel_size": ["=depth", 3]}),
        Node("conv2", "Conv2d", fields={"out_channels": "=depth*2"}),
        Node("conv10", "Conv2d", fields={"out_channels": 7}),
        Node("stage", "block-outer"),
        Node("other", "block-shadow", fields={"width": "=width+1"}),
    ]
    network = Network.of(nodes, [], {"hyperparameters": {"width": 32, "depth": "=width/8", "lonely": 1}})
    blocks = {
        "res": Block("res", "Residual", inner, {"inner": "=depth+1"}),
        "shadow": Block("shadow", "", shadow, {"width": 3}),
        "outer": Block("outer", "", outer),
    }
    return Document(Network(network.nodes, network.wires, network.settings, blocks))


def test_users_are_found_everywhere_but_where_a_parameter_hides_the_name(document: Document) -> None:
    found = edits.users(document.network)
    assert found == {
        "width": [
            User("", "", "depth"), User("", "conv1", "out_channels"), User("", "other", "width"),
            User("res", "a", "out_channels"),
        ],
        "depth": [User("", "conv1", "kernel_size"), User("", "conv2", "out_channels"), User("res", "", "inner")],
        "lonely": [],
    }  # fmt: skip
    assert edits.nodes_that_use(document.network, "width") == ["conv1", "conv2", "other", "stage"]
    assert edits.nodes_that_use(document.network, "lonely") == []


def test_renaming_is_followed_by_every_expression_in_one_step(document: Document) -> None:
    before = document.network
    change = document.apply(edits.rename(before, "width", "w"))
    after = document.network
    assert change.label == "Rename width to w"
    assert list(after.settings["hyperparameters"].items()) == [("w", 32), ("depth", "=w/8"), ("lonely", 1)]
    assert after.nodes["conv1"].fields["out_channels"] == "=w*2"
    assert after.nodes["other"].fields == {"width": "=w+1"}
    assert after.blocks["res"].network.nodes["a"].fields == {"out_channels": "=w"}
    assert after.blocks["shadow"] is before.blocks["shadow"] and after.nodes["conv2"] is before.nodes["conv2"]
    assert edits.nodes_that_use(after, "w") == edits.nodes_that_use(before, "width")
    document.undo()
    assert document.network == before and not document.can_undo


@pytest.mark.parametrize("name", ["depth", "2w", "max", "", "inner"])
def test_a_name_that_cannot_be_is_refused(document: Document, name: str) -> None:
    with pytest.raises(EditError):
        edits.rename(document.network, "width" if name != "inner" else "depth", name)


def test_what_is_used_is_not_removed_and_says_by_whom(document: Document) -> None:
    with pytest.raises(EditError, match="used by depth, First, other and a in Residual"):
        edits.remove(document.network, "width")
    document.apply(edits.remove(document.network, "lonely"))
    assert list(edits.section(document.network)) == ["width", "depth"]


def test_adding_and_changing_are_steps_with_names(document: Document) -> None:
    network = document.network
    assert edits.fresh_name(network, "width") == "width2" and edits.fresh_name(network, "9") == "value"
    document.apply(edits.add(network, "rate", 0.5))
    assert document.undo_label == "Add the hyperparameter rate"
    for value in (1, 2, 3):
        document.apply(edits.change(document.network, "rate", value), merge="drag")
    assert document.undo_label == "Change rate" and edits.section(document.network)["rate"] == 3
    document.undo()
    assert edits.section(document.network)["rate"] == 0.5


def test_fields_of_many_nodes_are_one_step_and_a_drag_that_comes_back_none(document: Document) -> None:
    before = document.network
    for value in (8, 9, None):
        fields = {id: {"groups": value} for id in ("conv1", "conv2")}
        document.apply(SetManyFields(fields, "Change groups of 2 layers"), merge="drag")
        assert document.network.nodes["conv1"].fields.get("groups") == value
    assert document.network == before and not document.can_undo
    with pytest.raises(EditError):
        document.apply(SetManyFields({"nobody": {}}))


@pytest.mark.parametrize("section", [None, [], "text", {"a": [1]}, {1: 2}])
def test_whatever_a_file_holds_there_is_read(section: object) -> None:
    network = Network(settings={"hyperparameters": section})
    assert isinstance(edits.users(network), dict)
