"""Ties when a block stands more or less often in a row, and when what shares its weights is copied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphs.edits import InBlock, SetFields
from graphs.files.storage import dumps, loads
from graphs.layers.catalogue import standard
from graphs.meaning.flat import flatten
from graphs.meaning.ties import ties_of
from graphs.network import Network
from graphs.reuse.fragments import fragment, graft
from tests.graphs.meaning.tied import repeats, twin_blocks, twins


def whole(network: Network) -> dict[str, str]:
    """The ties, all of which are between layers that there are."""
    ties = ties_of(network.settings)
    assert {*ties, *ties.values()} <= flatten(network, standard()).network.nodes.keys()
    return ties


@pytest.mark.parametrize(("times", "left"), [(1, {}), (2, {"h/1/fc": "h/0/fc"}), (4, ties_of(repeats().settings))])
def test_a_block_that_is_repeated_otherwise_keeps_the_ties_it_can(times: int, left: dict[str, str]) -> None:
    network = repeats()
    after, back = SetFields("h", {"repeat": times}).apply(network)
    assert whole(after) == left
    assert back.apply(after)[0] == network


def test_a_use_that_becomes_a_row_shares_with_the_first_of_it() -> None:
    network = twin_blocks()
    after, _ = SetFields("see_a", {"repeat": 2}).apply(network)
    assert whole(after) == {"see_b/0": "see_a/0/0"}
    assert whole(SetFields("see_a", {"repeat": None}).apply(after)[0]) == {"see_b/0": "see_a/0"}


def test_inside_a_block_too() -> None:
    network, outer = repeats(), twin_blocks()
    inner = replace(network.nodes["h"], id="row")
    seen = outer.blocks["seen"]
    room = replace(seen, network=replace(seen.network, nodes={**seen.network.nodes, "row": inner}))
    ties = {"see_b/row/2/fc": "see_a/row/0/fc", "see_b/row/0/fc": "see_a/row/0/fc"}
    design = replace(outer, blocks={"seen": room, **network.blocks}, settings={"ties": ties})
    after, _ = InBlock("seen", SetFields("row", {"repeat": 1})).apply(design)
    assert ties_of(after.settings) == {"see_b/row/fc": "see_a/row/fc"}


def test_copies_share_with_each_other_what_their_originals_do() -> None:
    network = twins()
    part = loads(dumps(fragment(network, ["conv_left", "conv_right", "norm_left"])))
    assert ties_of(part.settings) == {"conv_right": "conv_left"}
    found = graft(network, part)
    after, _ = found.edit.apply(network)
    assert whole(after) == {**ties_of(network.settings), found.ids["conv_right"]: found.ids["conv_left"]}


def test_copies_of_a_row_share_again() -> None:
    network = repeats()
    found = graft(Network(), fragment(network, ["h"]))
    after, _ = found.edit.apply(Network())
    assert whole(after) == ties_of(network.settings)
