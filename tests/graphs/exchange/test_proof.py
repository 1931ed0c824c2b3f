"""The proof layer by layer: all agree as exported, and a fault in the file is found in the layer that it is in."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from graphs.building.build import Built, build
from graphs.exchange.proving import proof
from graphs.exchange.proving.proof import prove
from graphs.exchange.proving.verdicts import AGREES, BEGINS, FOLLOWS, drawn_path
from graphs.exchange.to_onnx.agreement import ExportError
from graphs.exchange.to_onnx.export import VALUES, export_onnx
from graphs.layers.catalogue import standard
from graphs.meaning.flat import Flat, flatten
from graphs.network import Block, End, Network, Node, Wire


@cache
def drawn() -> tuple[Built, Flat]:
    """A block used twice over, another one inside it, a layer with several results, and one that computes nothing."""
    twin = [
        Node("x", "BlockInput"),
        Node("conv", "Conv2d", fields={"out_channels": 4, "padding": 1}),
        Node("norm", "BatchNorm2d"),
        Node("relu", "ReLU"),
        Node("y", "BlockOutput"),
    ]
    outer = [Node("x", "BlockInput"), Node("first", "block-part"), Node("drop", "Dropout"), Node("y", "BlockOutput")]
    nodes = [
        Node("image", "ImageInput", fields={"channels": 4, "height": 8, "width": 8}),
        Node("stage", "block-outer", "Stage 1", {"repeat": 2}),
        Node("split", "Split"),
        Node("left", "Conv2d", fields={"out_channels": 3}),
        Node("right", "Conv2d", fields={"out_channels": 3}),
        Node("add", "Add"),
        Node("pool", "GlobalAvgPool"),
        Node("fc", "Linear", fields={"out_features": 5}),
        Node("output", "Output", "Classes"),
    ]
    ports = {node.id: [p.name for p in standard().layer(node).outputs()] for node in nodes if node.kind == "Split"}
    joins = [p.name for p in standard().layer(nodes[5]).inputs()]
    lines = ["image.out stage.x", "stage.y split.in", f"split.{ports['split'][0]} left.in"]
    lines += [f"split.{ports['split'][1]} right.in", f"left.out add.{joins[0]}", f"right.out add.{joins[1]}"]
    lines += ["add.out pool.in", "pool.out fc.in", "fc.out output.in"]
    part = Network.of(twin, wired("x.out conv.in", "conv.out norm.in", "norm.out relu.in", "relu.out y.in"))
    whole = Network.of(outer, wired("x.out first.x", "first.y drop.in", "drop.out y.in"))
    blocks = {"part": Block("part", "Part", part), "outer": Block("outer", "Outer", whole)}
    network = replace(Network.of(nodes, wired(*lines)), blocks=blocks)
    catalogue = standard().copy()
    catalogue.know(network)
    built = build(network, catalogue, seed=3)
    with torch.no_grad():
        built.module.train()(samples(6))
    return built, flatten(network, catalogue)


def wired(*lines: str) -> list[Wire]:
    return [Wire(End(*a.split(".")), End(*b.split("."))) for a, b in map(str.split, lines)]


def samples(count: int = 3) -> torch.Tensor:
    return torch.rand(count, 4, 8, 8, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proof") / "it.onnx"
    export_onnx(drawn()[0], path, samples=samples())
    return path


def harmed(path: Path, weight: str, by: float = 0.5) -> bytes:
    """The file with one number of one weight changed."""
    model = onnx.load(path)
    (tensor,) = (t for t in model.graph.initializer if t.name == weight)
    values = numpy_helper.to_array(tensor).copy()
    values.flat[values.size // 2] += by
    tensor.CopyFrom(numpy_helper.from_array(values, weight))
    return model.SerializeToString()


def test_every_layer_agrees_as_it_is_written(file: Path) -> None:
    built, _ = drawn()
    seen: list[float] = []
    found = prove(built, samples(), opset=18, progress=seen.append)
    assert found.opset == 18 and found.samples == proof.SAMPLES and found.first is None
    assert set(found.verdicts) == {*built.names, *built.outputs} - {*built.inputs}
    assert all(verdict.state == AGREES and verdict.share <= 1e-5 for verdict in found.verdicts.values())
    assert seen == sorted(seen) and seen[-1] == 1.0
    again = prove(built, samples(), data=file.read_bytes())
    assert again.first is None and again.verdicts.keys() == found.verdicts.keys()


@pytest.mark.parametrize(
    ("weight", "layer"),
    [
        ("stage_1.0.first.conv.weight", "stage/0/first/conv"),
        ("stage_1.1.first.norm.bias", "stage/1/first/norm"),
        ("right.bias", "right"),
        ("fc.bias", "fc"),
    ],
)
def test_a_fault_in_the_file_is_found_in_its_layer(file: Path, weight: str, layer: str) -> None:
    """One number of one weight is another: exactly its layer is where the two part, and nothing before it differs."""
    built, flat = drawn()
    found = prove(built, samples(), data=harmed(file, weight))
    assert found.begins == (layer,) and found.first == layer
    order = [*found.verdicts]
    assert all(found.verdicts[id].state == AGREES for id in order[: order.index(layer)])
    assert found.verdicts["output"].state == FOLLOWS
    assert found.drawn(flat.scopes)[drawn_path(layer, flat.scopes)[0]].state == BEGINS
    assert ("left" in order) and (layer != "right" or found.verdicts["left"].state == AGREES)


def test_a_block_is_as_bad_as_the_worst_inside(file: Path) -> None:
    built, flat = drawn()
    found = prove(built, samples(), data=harmed(file, "stage_1.1.first.conv.bias"))
    whole, room, inner = (found.drawn(flat.scopes, path) for path in ((), ("stage",), ("stage", "first")))
    assert {*whole} == {"stage", "split", "left", "right", "add", "pool", "fc", "output"}
    assert whole["stage"].state == BEGINS and {*room} == {"first", "drop"} and {*inner} == {"conv", "norm", "relu"}
    assert room["first"].state == inner["conv"].state == BEGINS
    assert found.told()[0].keys() == {"node", "difference", "largest", "share", "state"}


def test_results_are_held_a_few_at_a_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built, _ = drawn()
    whole = prove(built, samples(), data=harmed(file, "fc.bias"))
    monkeypatch.setattr(proof, "ROOM", 5000)
    pieces = prove(built, samples(), data=harmed(file, "fc.bias"))
    assert [*pieces.verdicts] == [*whole.verdicts] and pieces.begins == whole.begins == ("fc",)


def test_what_cannot_be_proven_is_said_in_a_sentence(file: Path) -> None:
    built, _ = drawn()
    model = onnx.load(file)
    entries = {entry.key: entry for entry in model.metadata_props}
    for text, words in (("{}", "does not say"), ("[]", "is broken"), ('{"fc": 3}', "is broken"), ("{", "is broken")):
        entries[VALUES].value = text
        with pytest.raises(ExportError, match=words):
            prove(built, samples(), data=model.SerializeToString())
    with pytest.raises(ExportError, match="broken or no ONNX file"):
        prove(built, samples(), data=b"no")
    with pytest.raises(ExportError, match="18 to 23"):
        prove(built, samples(), opset=24)


def test_rounding_is_no_fault() -> None:
    """A difference of large numbers keeps few digits: what is left differs by far more than a share of itself."""
    nodes = [Node("in1", "VectorInput", fields={"features": 64}), Node("big", "Scale", fields={"factor": 1e6})]
    nodes += [Node("fc", "Linear", fields={"out_features": 8}), Node("output", "Output")]
    wires = wired("in1.out big.in", "big.out fc.in", "fc.out output.in")
    built = build(Network.of(nodes, wires), standard(), seed=2)
    x = torch.rand(3, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        fc = built.module.get_submodule("fc")
        fc.bias -= fc(x[:1] * 1e6)[0]  # the first sample gives nearly nothing
    assert prove(built, x[:1]).first is None
    assert np.isfinite([v.share for v in prove(built, x[:1]).verdicts.values()]).all()
