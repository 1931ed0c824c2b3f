"""Layers written in Python: the contract of all kinds where there is code, and nothing at all where there is none.

Whether code runs is seen by a file that it makes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from graphs.building.build import BuildError, build
from graphs.building.source import write_source
from graphs.exchange.from_onnx.ours import open_onnx
from graphs.exchange.to_onnx.export import export_onnx
from graphs.files.faults import FileFault
from graphs.files.python_files import SourceFile, read_source
from graphs.files.storage import dumps, loads
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import BadFields, Catalogue, standard
from graphs.layers.custom import Code, chosen, described, field_name
from graphs.layers.signature import Argument, signature
from graphs.network import Block, End, Network, Node, Wire
from studio.owncode.codes import TEMPLATE

CODE = '''import math
import torch
from torch import nn
from torch.nn import functional as F
from pathlib import Path

Path(__file__).with_name("ran").touch()
HALF = 0.5


def shifted(x: torch.Tensor, by: float) -> torch.Tensor:
    return x + by * math.sqrt(4) * HALF


class Base(nn.Module):
    def forward(self, x):
        return shifted(F.relu(self.lin(x)), self.shift) * self.beta


class Gate(Base):
    """Shifts and scales."""

    def __init__(self, in_features: int, shift: float = 1.0, *, title: str = "a", mode: "Literal['x', 'y']" = "x"):
        super().__init__()
        self.lin = nn.Linear(in_features, in_features)
        self.beta = nn.Parameter(torch.ones(in_features))
        self.shift = shift


class Both(nn.Module):
    def __init__(self, ratio=0.25):
        super().__init__()
        self.ratio = ratio

    def forward(self, x, skip):
        return x + skip, x * self.ratio
'''


@pytest.fixture
def source(tmp_path: Path) -> SourceFile:
    (tmp_path / "gate.py").write_text(CODE, encoding="utf-8")
    return read_source(tmp_path / "gate.py")


def ran(source: SourceFile) -> bool:
    return source.path.with_name("ran").exists()


def knowing(source: SourceFile, allowed: bool = True) -> Catalogue:
    catalogue = standard().copy()
    catalogue.read({"gate.py": Code(source, allowed)})
    return catalogue


def network(source: SourceFile, **fields: Any) -> Network:
    nodes = [
        Node("x", "VectorInput", fields={"features": 5}),
        Node("gate", "CustomLayer", fields={**chosen(source, "gate.py", "Gate"), **fields}),
        Node("both", "CustomLayer", fields=chosen(source, "gate.py", "Both")),
        Node("add", "Add"),
        Node("out", "Output"),
    ]
    ends = ["x.out gate.x", "gate.out both.x", "x.out both.skip", "both.out0 add.in0", "both.out1 add.in1"]
    adds = [port.name for port in standard().kinds["Add"]().inputs()]
    ends = [end.replace("add.in0", f"add.{adds[0]}").replace("add.in1", f"add.{adds[1]}") for end in ends]
    wires = [
        Wire(End(*a.split(".")), End(*b.split("."))) for a, b in (end.split() for end in (*ends, "add.out out.in"))
    ]
    return Network.of(nodes, wires)


def test_a_signature_is_read_and_nothing_runs(source: SourceFile) -> None:
    found = signature(source, "Gate")
    assert (found.takes, found.gives, found.help) == (("x",), 1, "Shifts and scales.")
    assert found.arguments == (
        Argument("in_features", "whole"),
        Argument("shift", "number", 1.0, (), False),
        Argument("title", "text", "a", (), False),
        Argument("mode", "choice", "x", ("x", "y"), False),
    )
    both = signature(source, "Both")
    assert (both.takes, both.gives) == (("x", "skip"), 2)
    assert field_name("title") == "title_"
    assert not ran(source)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class A:\n  pass", "no forward"),
        ("class A:\n  def forward(self, *x): pass", "any number"),
        ("class A:\n  def forward(self): pass", "no input"),
        ("class B: pass", "no class"),
        ("class A(B): pass\nclass B(A): pass", "no forward"),
        ("class A(", "no Python"),
        ("x = " + "(" * 5000, "no Python"),
        ("x = " + "-" * 100_000 + "1", "no Python"),
        ("x = " + "[" * 90 + "]" * 90 + "\nclass B: pass", "no class"),
    ],
)
def test_what_is_no_layer_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    with pytest.raises(FileFault, match=said) as fault:
        signature(read_source(tmp_path / "a.py"), "A")
    assert "\n" not in str(fault.value)


def test_without_agreement_it_stays_a_placeholder(source: SourceFile) -> None:
    for catalogue, said, label in (
        (standard().copy(), "has not been read", "Choose a Python file…"),
        (knowing(source, False), "nobody has agreed", "Look at the code and allow it…"),
    ):
        drawn = network(source)
        analysis = Inference(catalogue).analyse(drawn)
        first = next(problem for problem in analysis.problems if problem.node == "gate")
        assert said in str(first)
        assert [fix.label for fix in first.fixes] == [label]
        assert first.fixes[0].edit.apply(drawn)[0] == drawn
        assert catalogue.layer(drawn.nodes["both"]).inputs()[1].name == "skip"
        with pytest.raises(BuildError):
            build(drawn, catalogue)
        with pytest.raises(BuildError):
            write_source(drawn, catalogue)
    assert not ran(source)


def test_nothing_in_a_project_can_say_that_code_is_allowed(source: SourceFile) -> None:
    fields = chosen(source, "gate.py", "Gate")
    for name in ("code", "allowed", "trusted", "torch", "own_code", "digest"):
        with pytest.raises(BadFields):
            knowing(source, False).layer(Node("g", "CustomLayer", fields={**fields, name: True}))
    smuggled = {**fields, "declares": [{"name": "code", "kind": "switch", "default": True, "optional": True}]}
    layer = knowing(source, False).layer(Node("g", "CustomLayer", fields=smuggled))
    assert type(layer).code is not None
    assert not type(layer).code.allowed
    assert not ran(source)


def test_the_contract_of_all_kinds(source: SourceFile, tmp_path: Path) -> None:
    drawn, catalogue = network(source, shift=0.5), knowing(source)
    analysis = Inference(catalogue).analyse(drawn)
    assert [str(problem) for problem in analysis.problems] == []
    built = build(drawn, catalogue, seed=1)
    assert set(built.module.state_dict()) == {"gate.beta", "gate.lin.weight", "gate.lin.bias"}
    assert analysis.facts["gate"].parameters == sum(p.numel() for p in built.module.parameters())
    x = torch.randn(3, 5)
    expected = built.module(x)
    assert expected.shape == (3, 5)
    expected.sum().backward()
    assert all(parameter.grad is not None for parameter in built.module.parameters())

    assert loads(dumps(drawn)) == drawn
    again = build(drawn, catalogue, seed=1)
    assert all(torch.equal(v, again.module.state_dict()[k]) for k, v in built.module.state_dict().items())

    text = write_source(drawn, catalogue)
    assert "touch" not in text
    space: dict[str, Any] = {"__name__": "written"}
    exec(compile(text, "written.py", "exec"), space)
    written = space["Network"]()
    written.load_state_dict(built.module.state_dict())
    assert torch.equal(written(x), expected)

    export_onnx(built, tmp_path / "gate.onnx", samples=x)
    back, state = open_onnx(tmp_path / "gate.onnx")
    assert back == drawn
    assert all(torch.equal(state[key], value) for key, value in built.module.state_dict().items())


def test_inside_a_block_and_often(source: SourceFile) -> None:
    inner = Network.of(
        [
            Node("in", "BlockInput"),
            Node("gate", "CustomLayer", fields={**chosen(source, "gate.py", "Gate"), "shift": "=by"}),
            Node("out", "BlockOutput"),
        ],
        [Wire(End("in", "out"), End("gate", "x")), Wire(End("gate", "out"), End("out", "in"))],
    )
    drawn = Network(
        {n.id: n for n in (Node("x", "VectorInput", fields={"features": 5}),
                           Node("b", "block-gate", fields={"by": 2.0, "repeat": 2}), Node("o", "Output"))},
        {w.target: w for w in (Wire(End("x", "out"), End("b", "in")), Wire(End("b", "out"), End("o", "in")))},
        blocks={"gate": Block("gate", "Gate", inner, {"by": 1.0})},
    )  # fmt: skip
    for catalogue in (knowing(source, False), knowing(source)):
        catalogue.know(drawn)
        allowed = next(iter(catalogue.codes.values())).allowed
        analysis = Inference(catalogue).analyse(drawn)
        assert analysis.buildable == allowed
        assert ran(source) == allowed
    built = build(drawn, catalogue)
    assert {"b.0.gate.beta", "b.1.gate.beta"} <= set(built.module.state_dict())
    assert built.module.get_submodule("b.0.gate").shift == 2.0


def test_agreeing_and_changing_is_noticed_without_an_edit(source: SourceFile) -> None:
    drawn, catalogue = network(source), knowing(source, False)
    inference = Inference(catalogue)
    before = inference.analyse(drawn)
    assert not before.buildable
    assert catalogue.read({"gate.py": Code(source, True)})
    after = inference.analyse(drawn, before)
    assert after.buildable
    assert not catalogue.read({"gate.py": Code(source, True)})
    source.path.write_text(CODE.replace("forward(self, x, skip)", "forward(self, x, skip, more)"), encoding="utf-8")
    catalogue.read({"gate.py": Code(read_source(source.path), True)})
    changed = inference.analyse(drawn, after)
    problem = next(p for p in changed.problems if p.node == "both")
    assert "takes other inputs" in str(problem)
    mended = problem.fixes[0].edit.apply(drawn)[0]
    assert catalogue.layer(mended.nodes["both"]).inputs()[2].name == "more"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("    raise ValueError('bad day')", "gate.py, line 15: Wrong cannot compute: ValueError, bad day"),
        ("    return [x]", "something else than tensors"),
        ("    return x.sum()", "batch axis"),
        ("    raise SystemExit", "SystemExit"),
        ("    return x, x", "gives 2 tensors, and 1 were read"),
        ("    return x[0].item() * x", "cannot compute"),
    ],
)
def test_what_goes_wrong_in_code_is_said_on_the_node(tmp_path: Path, code: str, said: str) -> None:
    lines = "\n" * 10 + "from torch import nn\n\nclass Wrong(nn.Module):\n  def forward(self, x):\n"
    path = tmp_path / "gate.py"
    path.write_text(lines + code + "\n", encoding="utf-8")
    source = read_source(path)
    fields = {**chosen(source, "gate.py", "Wrong"), "results": 1}
    catalogue = knowing(source)
    drawn = Network.of(
        [Node("x", "VectorInput"), Node("w", "CustomLayer", fields=fields), Node("o", "Output")],
        [Wire(End("x", "out"), End("w", "x")), Wire(End("w", "out"), End("o", "in"))],
    )
    problems = [str(p) for p in Inference(catalogue).analyse(drawn).problems if p.node == "w"]
    if "x, x" in code:
        assert "takes other inputs" in problems[0]
    else:
        assert said in problems[0]


def test_what_the_template_holds_is_a_layer(tmp_path: Path) -> None:
    (tmp_path / "gate.py").write_text(TEMPLATE, encoding="utf-8")
    source = read_source(tmp_path / "gate.py")
    fields = chosen(source, "gate.py", "Swish")
    assert json.loads(json.dumps(fields)) == fields == {"file": "gate.py", "name": "Swish",
                                                        **described(signature(source, "Swish"))}  # fmt: skip
    layer = knowing(source).layer(Node("s", "CustomLayer", fields={**fields, "beta": 2.0}))
    assert layer.arguments(()) == {"beta": 2.0, "learn": True}
    with pytest.raises(BadFields, match="Beta of Custom layer"):
        knowing(source).layer(Node("s", "CustomLayer", fields={**fields, "beta": "much"}))


@pytest.mark.parametrize(
    "fields",
    [
        {"takes": []}, {"takes": ["a", "a"]}, {"takes": ["a.b"]}, {"takes": ["x"] * 99}, {"results": 0},
        {"results": 10**9}, {"declares": [{}]}, {"declares": [1]}, {"declares": "x"}, {"declares": {"a": 1}},
        {"declares": [{"name": "a", "kind": "code"}]}, {"declares": [{"name": "a b", "kind": "whole"}]},
        {"declares": [{"name": "a", "kind": "whole"}] * 2}, {"declares": [{"name": "a", "kind": "whole"}] * 999},
        {"file": 5}, {"name": ["x"]}, {"file": "x" * 5000},
        {"declares": [{"name": "a", "kind": "choice", "choices": 5}]},
        {"declares": [{"name": "a", "kind": "whole", "default": "x"}]},
        {"declares": [{"name": "a", "kind": "whole", "default": {"x": [1]}}]},
    ],
)  # fmt: skip
def test_hostile_fields_are_bad_fields_or_a_placeholder(source: SourceFile, fields: dict[str, Any]) -> None:
    catalogue = knowing(source)
    node = Node("g", "CustomLayer", fields={**chosen(source, "gate.py", "Both"), **fields})
    drawn = Network.of([Node("x", "VectorInput"), node, Node("o", "Output")], [Wire(End("x", "out"), End("g", "x"))])
    assert not Inference(catalogue).analyse(drawn).buildable
    assert loads(dumps(drawn)) == drawn
