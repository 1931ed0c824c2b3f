"""Whatever texts a design holds, its written source is the same program: nothing of them runs."""

from __future__ import annotations

import ast
import keyword
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graphs.building.source import write_source
from graphs.inference.shapes import Inference
from graphs.layers.base import Layer
from graphs.layers.catalogue import BadFields, Catalogue, standard
from graphs.network import Block, End, Network, Node, Wire

SHARP = (
    *(
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\n",
        "\r",
        "\0",
        "\x0c",
        "\x1c",
        "\x85",
        "\u2028",
        "\u2029",
        "\ud800",
        "\u202e",
        "#",
    ),
    *(
        "print()",
        "__import__('os').system('true')",
        "{",
        "}",
        "%s",
        "ﬁ",
        "ｓelf",
        "__class__",
        "_modules",
        "class",
        "None",
    ),
)
TEXTS = st.lists(st.sampled_from(SHARP) | st.characters(), max_size=6).map("".join)
ATTACKS = (
    '"); __import__("os").system("true") #',
    '"""\nimport os\n"""',
    '\\"""; print(1); """',
    "a\u2028print(1)",
    "x=print(1)",
    "a\nprint(1)\n#",
    "ｓelf",
)


def id_of(text: str) -> str:
    return text.replace("/", "_") or "empty"


def design(text: str) -> Network:
    """A design that has the text wherever one can stand."""
    said = text.isascii() and text.isidentifier() and not keyword.iskeyword(text)
    port, inner, wide = Node("i1", "BlockInput", text), id_of(text + "n"), {"out_features": f"={text}" if said else 6}
    layers = [port, Node(inner, "Linear", text, wide)]
    layers += [Node("o1", "BlockOutput", text)]
    wires = [Wire(End("i1", "out"), End(inner, "in")), Wire(End(inner, "out"), End("o1", "in"))]
    names = {text: 6}
    block = Block(id_of(text), text, Network.of(layers, wires), names, text)
    row = [
        Node(id_of("v" + text), "VectorInput", text, {"features": 6}),
        Node("u1", f"block-{block.id}", text),
        Node("u2", f"block-{block.id}", text, {"repeat": 3}),
        Node(id_of(text + "f"), "Linear", text, {"out_features": 6}),
        Node("out", "Output", text),
    ]
    op = {"op": "SpaceToDepth", "attributes": {"blocksize": 2, "mode": text}}
    other = [
        Node("t1", "TensorInput", text, {"shape": [4, 4, 4]}),
        Node("op", "OnnxOp", text, op),
        Node("out2", "Output", text),
    ]
    ends = [Wire(End("t1", "out"), End("op", "in0")), Wire(End("op", "out0"), End("out2", "in"))]
    for first, second in pairwise(row):
        ports = ["o1" if first.block else "out", "i1" if second.block else "in"]
        ends.append(Wire(End(first.id, ports[0]), End(second.id, ports[1])))
    network = Network.of([*row, *other], ends, {"hyperparameters": {text: 3}})
    return replace(network, blocks={block.id: block})


def calls(text: str) -> Counter[str]:
    """What a program calls, imports and defines, whatever modules and values are called; it must be whole and plain."""
    text.encode()
    tree = ast.parse(text)
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            place = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            own = isinstance(node.func, ast.Attribute) and isinstance(place, ast.Name) and place.id == "self"
            found["self.…()" if own else type(node.func).__name__] += 1
        elif isinstance(node, ast.stmt):
            found[type(node).__name__] += 1
    return found


def source(network: Network) -> str:
    catalogue = Catalogue(standard().kinds.values())
    catalogue.know(network)
    analysis = Inference(catalogue).analyse(network)
    assert analysis.buildable, analysis.problems
    return write_source(network, catalogue)


HARMLESS = calls(source(design("plain")))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(TEXTS)
@example(ATTACKS[0])
@example(ATTACKS[1])
@example(ATTACKS[2])
@example(ATTACKS[3])
@example(ATTACKS[4])
@example(ATTACKS[5])
@example(ATTACKS[6])
def test_no_text_of_a_design_runs(text: str) -> None:
    assert calls(source(design(text))) == HARMLESS


def texts_of(kind: type[Layer]) -> list[str]:
    """The fields of a kind in which any text could stand."""
    usual = kind().model_dump()
    return [name for name, value in usual.items() if isinstance(value, str | list | tuple | dict)]


FIELDS = [(kind, field) for kind in standard().kinds.values() for field in texts_of(kind) if not kind.wiring]


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=lambda value: getattr(value, "__name__", value))
def test_a_field_takes_no_text_that_runs(kind: type[Layer], field: str) -> None:
    """Fields hold numbers and words of a list; those that hold any text are written as texts."""
    for attack in ATTACKS:
        for value in (attack, [attack], {attack: attack}, [[attack]]):
            fields: dict[str, Any] = {field: value}
            try:
                layer = standard().parse(kind.kind(), fields)
            except BadFields:
                continue
            assert kind.kind() in ("OnnxOp", "TorchOp", "CustomLayer")
            if kind.kind() == "TorchOp":
                from graphs.building.written.arguments import given, listed

                written = listed(kind.torch, given(kind.torch, layer.source_arguments(())))
                tree = ast.parse(f"f({written})")
                assert sum(isinstance(node, ast.Call) for node in ast.walk(tree)) == 1


@pytest.mark.parametrize("name", ["ｓuper", "print", "class", "a b", "", "range", "x\n", "nn"])
def test_a_class_is_called_by_a_name_that_means_nothing_else(name: str) -> None:
    network = design("plain")
    catalogue = Catalogue(standard().kinds.values())
    catalogue.know(network)
    with pytest.raises(ValueError, match="no name for a Python class"):
        write_source(network, catalogue, name)
