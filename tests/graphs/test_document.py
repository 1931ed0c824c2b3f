"""Edits and the one writer: whatever is done can be taken back, exactly, and is announced once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.document import Change, Document, difference
from graphs.edits import (
    AddNodes,
    Batch,
    Connect,
    Disconnect,
    Edit,
    EditError,
    Move,
    RemoveNodes,
    Rename,
    SetFields,
    SetSetting,
)
from graphs.network import End, Network, Node, Wire

numbers = st.integers(0, 9)
actions = st.lists(st.tuples(numbers, numbers, numbers), max_size=60)


def wire(source: str, target: str, port: str = "in") -> Wire:
    return Wire(End(source, "out"), End(target, port))


def edit_of(network: Network, action: tuple[int, int, int]) -> Edit:
    """An edit that fits the network, chosen by three small numbers."""
    what, first, second = action
    ids = sorted(network.nodes)
    if what < 3 or not ids:
        return AddNodes((Node(network.fresh_id("n"), "ReLU", position=(first, second)),))
    a, b = ids[first % len(ids)], ids[second % len(ids)]
    choices: list[Edit] = [
        RemoveNodes((a,) if a == b else (a, b)),
        Connect((wire(a, b, f"p{second % 2}"),)),
        Disconnect((End(a, "p0"), End(b, "p1"))),
        Batch((Rename(a, f"name {second}"), SetFields(a, {"x": second or None})), "Both"),
        Move({a: (first, second), b: (second, first)}),
        SetSetting("recipe", {"epochs": second} if first else None),
        SetFields(b, {"x": first, "y": None}),
    ]
    return choices[what - 3]


@given(actions)
def test_undo_all_is_the_start_and_redo_all_is_the_end(steps: list[tuple[int, int, int]]) -> None:
    document = Document()
    states = [document.network]
    for step in steps:
        document.apply(edit_of(document.network, step))
        if document.network != states[-1]:
            states.append(document.network)
    end = document.network
    while document.can_undo:
        document.undo()
    assert document.network == Network()
    while document.can_redo:
        document.redo()
    assert document.network == end


@given(actions)
def test_every_edit_yields_its_inverse_and_its_difference(steps: list[tuple[int, int, int]]) -> None:
    network = Network()
    for step in steps:
        after, back = edit_of(network, step).apply(network)
        assert back.apply(after)[0] == network
        assert difference(network, after).apply(network)[0] == after
        assert all(w.source.node in after.nodes and w.target.node in after.nodes for w in after.wires.values())
        network = after


@given(actions)
def test_listeners_see_each_state_once_and_complete(steps: list[tuple[int, int, int]]) -> None:
    document, seen = Document(), []
    document.subscribe(lambda change: seen.append((change, document.network)))
    for step in steps:
        document.apply(edit_of(document.network, step))
    assert len(seen) == len(steps)
    assert all(change.after is current for change, current in seen)
    assert all(change.patch.apply(change.before)[0] == change.after for change, _ in seen)


def two() -> Document:
    return Document(Network.of([Node("a", "ReLU"), Node("b", "ReLU")], [wire("a", "b")]))


def test_edits_under_one_key_are_one_step() -> None:
    document = two()
    for x in range(5):
        document.apply(Move({"a": (x, 0)}), merge="drag")
    document.apply(Move({"b": (9, 9)}), merge="other drag")
    document.undo()
    assert document.network.nodes["a"].position == (4, 0)
    document.undo()
    assert document.network.nodes["a"].position == (0, 0) and not document.can_undo


def test_a_merge_never_crosses_an_undo_or_a_save() -> None:
    document = two()
    document.apply(Move({"a": (1, 0)}), merge="drag")
    document.mark_saved()
    document.apply(Move({"a": (2, 0)}), merge="drag")
    document.undo()
    assert document.network.nodes["a"].position == (1, 0) and not document.modified


def test_a_transaction_is_one_step_and_one_announcement() -> None:
    document, seen = two(), []
    document.subscribe(seen.append)
    with document.transaction("Tidy"):
        document.apply(Move({"a": (1, 1)}))
        document.apply(RemoveNodes(("b",)))
    assert [change.label for change in seen] == ["Tidy"] and document.undo_label == "Tidy"
    document.undo()
    assert document.network == two().network


def test_a_transaction_that_fails_leaves_nothing_behind() -> None:
    document, seen = two(), []
    document.subscribe(seen.append)
    with pytest.raises(EditError, match="no node “missing”"), document.transaction("Tidy"):
        document.apply(RemoveNodes(("a",)))
        document.apply(Rename("missing", "x"))
    assert document.network == two().network and not seen and not document.can_undo


def test_an_edit_inside_an_announcement_is_refused() -> None:
    document, errors = two(), []

    def listener(change: Change) -> None:
        try:
            document.apply(Rename("a", "again"))
        except EditError as error:
            errors.append(error)

    document.subscribe(listener)
    document.apply(Rename("a", "once"))
    assert len(errors) == 1 and document.network.nodes["a"].name == "once"


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (AddNodes((Node("a", "ReLU"),)), "already a node “a”"),
        (AddNodes((Node("c", "ReLU"), Node("c", "Linear"))), "already a node “c”"),
        (Connect((wire("a", "ghost"),)), "“ghost”, which is not in the network"),
        (RemoveNodes(("ghost",)), "no node “ghost”"),
        (SetFields("ghost", {"x": 1}), "no node “ghost”"),
    ],
)
def test_an_edit_that_does_not_fit_changes_nothing(edit: Edit, sentence: str) -> None:
    document = two()
    with pytest.raises(EditError, match=sentence):
        document.apply(edit)
    assert document.network == two().network and not document.can_undo


@pytest.mark.parametrize("edit", [Rename("a", "a"), Move({"a": (0.0, 0.0)}), SetSetting("data", None), Batch(())])
def test_what_changes_nothing_is_no_step_and_keeps_what_can_be_done_again(edit: Edit) -> None:
    document = two()
    document.apply(Rename("b", "x"))
    document.undo()
    document.apply(edit)
    with document.transaction("Nothing"):
        document.apply(edit)
    assert not document.can_undo and document.redo_label == "Rename b"
    document.redo()
    assert document.network.nodes["b"].name == "x"


def test_modified_follows_undo_back_to_the_saved_state() -> None:
    document = two()
    document.apply(Rename("a", "x"))
    assert document.modified
    document.undo()
    assert not document.modified


def test_travel_goes_anywhere_with_one_announcement() -> None:
    document, states = two(), []
    for x in range(6):
        states.append(document.network)
        document.apply(Rename("a", f"name {x}") if x % 2 else Move({"b": (x + 1, 0)}))
    states.append(document.network)
    seen: list[Change] = []
    document.subscribe(seen.append)
    for number, position in enumerate((0, 6, 3, 4, 1, 6, 0)):
        assert document.travel(position) is seen[-1] and len(seen) == number + 1
        assert document.network == states[position] and document.position == position and len(document.steps) == 6
        assert seen[-1].patch.apply(seen[-1].before)[0] == document.network
    assert document.steps[:2] == ("Move b", "Rename a") and document.travel(0) is None
    with pytest.raises(EditError, match="no step 7"):
        document.travel(7)
    document.travel(2)
    document.apply(Rename("a", "other"))
    assert len(document.steps) == 3 and not document.can_redo


def test_no_step_is_lost_by_travelling_while_a_change_is_under_way() -> None:
    document = two()
    document.apply(Rename("a", "x"))
    with document.transaction("Tidy"):
        document.apply(Rename("a", "y"))
        for act in (document.undo, lambda: document.travel(0), lambda: document.replace(Network())):
            with pytest.raises(EditError, match="under way"):
                act()
    assert document.steps == ("Rename a", "Tidy") and document.network.nodes["a"].name == "y"


def test_order_leaves_out_what_a_cycle_blocks_and_cycles_name_it() -> None:
    nodes = [Node(i, "ReLU") for i in "abcd"]
    network = Network.of(nodes, [wire("a", "b"), wire("b", "c"), wire("c", "b", "back"), wire("c", "d")])
    assert network.order == ("a",)
    assert network.cycles() == [["b", "c"]]
    assert network.downstream({"b"}) == {"b", "c", "d"} and network.upstream({"b"}) == {"a", "b", "c"}


@pytest.mark.parametrize(("before", "after"), [(True, 1), (4, 4.0), ([1, 2], [1, 2.0]), (0, False)])
def test_a_value_of_another_kind_is_a_change_though_it_is_equal(before: object, after: object) -> None:
    document = Document(Network.of([Node("n", "ReLU", fields={"x": before}, position=(8, 8))], []))
    document.apply(Move({"n": (8.0, 8.0)}))
    document.apply(SetFields("n", {"x": before}))
    assert not document.can_undo and not document.modified
    change = document.apply(SetFields("n", {"x": after}))
    assert document.can_undo and document.modified
    assert difference(change.before, change.after).nodes
    document.undo()
    assert repr(document.network.nodes["n"].fields["x"]) == repr(before) and not document.modified
