"""Written source stands as a formatter would write it, long lines too."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest

from graphs.building.source import write_source
from graphs.building.written.wrapping import wrapped
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire


def _attentive() -> Network:
    """A stack of long calls: causal attention, both layers of a transformer, many values joined."""
    nodes = [
        Node("series", "SequenceInput", fields={"length": 8, "features": 8}),
        Node("self_attention_of_all_heads", "MultiheadAttention", fields={"causal": True, "dropout": 0.1}),
        Node("encoder", "TransformerEncoderLayer", fields={"causal": True, "norm_first": True, "activation": "gelu"}),
        Node("decoder", "TransformerDecoderLayer"),
        Node("concat", "Concat", fields={"count": 3, "axis": -1}),
        Node("output", "Output"),
    ]
    chain = ["series", "self_attention_of_all_heads", "encoder"]
    wires = [Wire(End(a, "out"), End(b, "in")) for a, b in pairwise(chain)]
    wires += [
        Wire(End("encoder", "out"), End("decoder", "target")),
        Wire(End("series", "out"), End("decoder", "memory")),
    ]
    joined = zip(("series", "encoder", "decoder"), "abc", strict=True)
    wires += [Wire(End(node, "out"), End("concat", port)) for node, port in joined]
    return Network.of(nodes, [*wires, Wire(End("concat", "out"), End("output", "in"))])


def test_long_calls_are_formatted() -> None:
    text = write_source(_attentive(), standard())
    assert max(map(len, text.splitlines())) <= 110
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "110", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout == text


@pytest.mark.parametrize(
    ("statement", "lines"),
    [
        ("x = call(first, second)[0]", ["x = call(", "    first, second", ")[0]"]),
        ("x = call((first, second), third)", ["x = call(", "    (first, second),", "    third,", ")"]),
        ("x = call('a, (b', second, third)", ["x = call(", "    'a, (b',", "    second,", "    third,", ")"]),
        ("x = first + second + third + fourth", ["x = first + second + third + fourth"]),
    ],
)
def test_a_statement_is_parted_where_it_can_be(statement: str, lines: list[str]) -> None:
    room = 20 if "first, second)[" in statement else 23
    assert wrapped(statement, room=room).splitlines() == lines
