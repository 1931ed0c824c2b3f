"""Names in expressions that travel: copies compute what the originals did, wherever they take root."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphs.edits import EditError, InBlock, inside
from graphs.files.storage import fragment_dumps, fragment_loads
from graphs.layers.catalogue import standard
from graphs.meaning.expressions import MOST_NAMES
from graphs.meaning.flat import flatten
from graphs.network import Block, Network, Node
from graphs.reuse.carrying import HYPERPARAMETERS
from graphs.reuse.fragments import fragment, graft


def design(**values: Any) -> Network:
    """A layer, and a use of a block with a parameter, over the hyperparameters `w` and `d`."""
    inner = Network.of(
        [
            Node("fc1", "Linear", fields={"out_features": "=w+d+p"}),
            Node("fc2", "Linear", fields={"out_features": "=p*2"}),
        ],
        [],
    )
    nodes = [Node("fc1", "Linear", fields={"out_features": "=w*2"}), Node("use1", "block-b", fields={"p": "=w"})]
    block = Block("b", "B", inner, {"p": "=d*3"})
    return replace(Network.of(nodes, [], {HYPERPARAMETERS: values} if values else {}), blocks={"b": block})


def widths(network: Network, *ids: str) -> list[int]:
    plain = flatten(network, standard()).network.nodes
    return [node.fields["out_features"] for id, node in plain.items() if not ids or id.split("/")[0] in ids]


def pasted(network: Network, part: Network) -> tuple[Network, str]:
    made = graft(network, part)
    after, back = made.edit.apply(network)
    assert back.apply(after)[0] == network
    return after, made.note


HERE = design(w=8, d="=w/4", other=1)
COPIED = fragment_loads(fragment_dumps(HERE, HERE.nodes))


def test_values_come_along_and_become_hyperparameters_where_there_are_none() -> None:
    assert COPIED.settings == {HYPERPARAMETERS: {"d": 2, "w": 8}}
    after, note = pasted(Network(), COPIED)
    assert widths(after) == widths(HERE) and after.nodes["fc1"].fields == {"out_features": "=w*2"}
    assert note == "“w” and “d” came along as hyperparameters."
    again, note = pasted(after, COPIED)
    assert again.settings == after.settings and again.blocks == after.blocks and not note
    assert pasted(HERE, fragment(HERE, HERE.nodes)) == (
        graft(HERE, replace(COPIED, settings={})).edit.apply(HERE)[0],
        "",
    )


def test_where_a_name_means_something_else_the_copies_hold_the_value() -> None:
    there = Network(settings={HYPERPARAMETERS: {"w": 5}})
    after, note = pasted(there, COPIED)
    assert widths(after) == widths(HERE)
    assert after.settings == {HYPERPARAMETERS: {"w": 5, "d": 2}} and after.nodes["fc1"].fields == {
        "out_features": "=8*2"
    }
    assert after.blocks["b"].network.nodes["fc1"].fields == {"out_features": "=8+d+p"}
    assert note == (
        "“d” came along as a hyperparameter. “w” means something else here, so the copies hold the value it had: 8."
    )
    faulty, _ = pasted(Network(settings={HYPERPARAMETERS: {"w": "=gone"}}), COPIED)
    assert widths(faulty) == widths(HERE)


def test_what_is_copied_inside_a_block_keeps_the_defaults_of_its_parameters() -> None:
    room = inside(HERE, "b")
    part = fragment_loads(fragment_dumps(room, ["fc2"]))
    assert part.settings == {"parameters": {"p": 6}}
    assert pasted(room, part)[0].settings == room.settings  # a parameter of this name and value is there
    after, note = pasted(HERE, part)
    assert after.settings[HYPERPARAMETERS]["p"] == 6 and widths(after, "fc2") == [12] and note
    other = replace(HERE, blocks={"b": replace(HERE.blocks["b"], parameters={"p": 7})})
    inner, _ = InBlock("b", graft(inside(other, "b"), part).edit).apply(other)
    assert (
        inner.blocks["b"].network.nodes["fc3"].fields == {"out_features": "=6*2"} and inner.settings == other.settings
    )


def test_texts_full_designs_and_nonsense_on_the_clipboard() -> None:
    block = Block("b", "", Network.of([Node("c", "Conv2d", fields={"padding": "=how"})], []), {"how": "same"})
    room = inside(Network(blocks={"b": block}), "b")
    assert pasted(Network(), fragment(room, ["c"]))[0].nodes["c"].fields == {"padding": "same"}
    full = Network(settings={HYPERPARAMETERS: {f"x{i}": i for i in range(MOST_NAMES)}})
    after, _ = pasted(full, COPIED)
    assert after.settings == full.settings and widths(after) == widths(HERE)
    for odd in ({"w": [1]}, ["w"], "w", {"w": "=w"}):
        assert not pasted(Network(), replace(COPIED, settings={HYPERPARAMETERS: odd}))[0].settings
    long = replace(COPIED, nodes={"n": Node("n", "Linear", fields={"out_features": "=" + "+".join(["w"] * 90)})})
    with pytest.raises(EditError, match="longer than"):
        graft(full, replace(long, settings={HYPERPARAMETERS: {"w": 123456}}))
