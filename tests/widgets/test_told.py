"""Steps are told with the names that cards show, the titles of the forms, and what a value became."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphs.document import Document
from graphs.edits import (
    AddNodes,
    Batch,
    Connect,
    Disconnect,
    InBlock,
    Move,
    RemoveNodes,
    Rename,
    SetFields,
    SetMode,
    SetSetting,
)
from graphs.layers.catalogue import standard
from graphs.network import Block, End, Network, Node, Wire
from graphs.reuse.blocks import make_block, rename_block
from widgets.told import told

WIRE = Wire(End("conv1", "out"), End("relu1", "in"))


@pytest.fixture
def document() -> Document:
    nodes = [Node("conv1", "Conv2d", "First"), Node("relu1", "ReLU"), Node("fc1", "Linear", "Dense")]
    inner = Network.of([Node("conv1", "Conv2d", "Inner")], [])
    return Document(replace(Network.of(nodes, [WIRE]), blocks={"res": Block("res", "Residual", inner)}))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (AddNodes((Node("x", "ReLU", "Squash"),)), "Add Squash"),
        (RemoveNodes(("conv1",)), "Delete First"),
        (RemoveNodes(("conv1", "fc1")), "Delete First and Dense"),
        (RemoveNodes(("conv1", "fc1", "relu1")), "Delete 3 layers"),
        (SetFields("conv1", {"out_channels": 8}), "Change filters of First to 8"),
        (SetFields("conv1", {"kernel_size": [3, 5]}), "Change kernel of First to 3 × 5"),
        (SetFields("conv1", {"out_channels": 8, "bias": False}), "Change filters and bias of First"),
        (Rename("conv1", "Eye"), "Rename First to Eye"),
        (Rename("relu1", "Squash"), "Rename relu1 to Squash"),
        (Move({"conv1": (1.0, 2.0)}), "Move First"),
        (SetMode(("conv1",), "bypass"), "Bypass First"),
        (SetMode(("conv1", "fc1"), "mute"), "Mute First and Dense"),
        (Connect((Wire(End("conv1", "out"), End("fc1", "in")),)), "Connect First to Dense"),
        (Disconnect((WIRE.target,)), "Disconnect relu1 from First"),
        (SetSetting("recipe", {"learning_rate": 0.1}), "Change learning rate to 0.1"),
        (SetSetting("recipe", {"learning_rate": 0.1, "seed": 3}), "Change the recipe"),
        (SetSetting("data", {"source": "digits", "size": 28}), "Change size of the data to 28"),
        (SetSetting("hyperparameters", {"width": 32}), "Change width of the hyperparameters to 32"),
        (InBlock("res", SetFields("conv1", {"out_channels": 8})), "Change filters of Inner to 8 in Residual"),
        (InBlock("res", RemoveNodes(("conv1",))), "Delete Inner in Residual"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_words(document: Document, edit: Any, words: str) -> None:
    document.apply(edit)
    assert told(document.history[0], document.network, standard()) == words
    document.undo()
    assert told(document.history[0], document.network, standard()) == words


def test_a_run_of_edits_is_told_by_what_came_of_it(document: Document) -> None:
    for count in (7, 8, 9):
        document.apply(SetFields("conv1", {"out_channels": count}), merge="count")
    (step,) = document.history
    assert told(step, document.network, standard()) == "Change filters of First to 9"


def test_what_is_done_by_hand_names_what_a_person_sees(document: Document) -> None:
    taken = Batch((RemoveNodes(("conv1",)), Move({"relu1": (9.0, 9.0)})), "Take out conv1")
    document.apply(taken)
    document.undo()
    document.apply(taken)
    assert told(document.history[0], document.network, standard()) == "Take out First"
    document.undo()
    with document.transaction("Move the wires of conv1.out"):
        document.apply(Disconnect((WIRE.target,)))
    assert told(document.history[0], document.network, standard()) == "Move the wires of First"


def test_words_of_a_transaction_are_its_own(document: Document) -> None:
    with document.transaction("Tidy up"):
        document.apply(Move({"conv1": (5.0, 5.0)}))
    assert told(document.history[0], document.network, standard()) == "Tidy up"


def test_an_expression_is_told_as_forms_show_it(document: Document) -> None:
    document.apply(SetFields("conv1", {"out_channels": "=width*2"}))
    assert (
        told(document.history[document.position - 1], document.network, standard())
        == "Change filters of First to width*2"
    )


def test_a_block_is_told_by_the_name_it_was_given_in_the_same_step(document: Document) -> None:
    document.apply(make_block(document.network, ["conv1", "relu1"], standard(), "Block"), merge="make a block")
    block = next(id for id in document.network.blocks if id != "res")
    document.apply(rename_block(document.network, block, "ConvBlock"), merge="make a block")
    assert told(document.history[document.position - 1], document.network, standard()) == "Make the block ConvBlock"
