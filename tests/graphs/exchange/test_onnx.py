"""Export to ONNX, and our own files opened again."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from graphs.building.build import Built, build
from graphs.exchange.from_onnx.ours import Changed, open_onnx
from graphs.exchange.to_onnx import export as onnx_out
from graphs.exchange.to_onnx import recipes
from graphs.exchange.to_onnx.export import DIGEST, KEPT, NETWORK, SEAL, WEIGHTS, ExportError, OnnxReport, export_onnx
from graphs.files import storage
from graphs.files.faults import FileFault
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Block, End, Network, Node, Wire


def built_with_life(network: Network) -> tuple[Built, list[torch.Tensor]]:
    """A build whose batch normalisations have statistics, and samples for it."""
    built = build(network, standard(), seed=5)
    generator = torch.Generator().manual_seed(5)
    inputs = [
        torch.rand(6, *s.dims, generator=generator)
        if s.dtype == "float32"
        else torch.randint(20, (6, *s.dims), generator=generator)
        for s in built.shapes
    ]
    with torch.no_grad():
        built.module.train()(*inputs)
    return built, inputs


Exported = tuple[Built, Path, OnnxReport, list[torch.Tensor]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("onnx")


_made: dict[str, Exported] = {}


def exported(name: str, network: Network, folder: Path) -> Exported:
    """Exports each network once, since it takes seconds."""
    if name not in _made:
        built, inputs = built_with_life(network)
        path = folder / f"{name}.onnx"
        report = export_onnx(built, path, samples=inputs, metadata={"classes": '["0", "1"]'})
        _made[name] = (built, path, report, inputs)
    return _made[name]


@pytest.fixture
def lenet_file(lenet: Network, folder: Path) -> Exported:
    return exported("lenet", lenet, folder)


@pytest.fixture
def branches_file(branches: Network, folder: Path) -> Exported:
    return exported("branches", branches, folder)


def test_onnxruntime_agrees_at_every_batch_size(lenet_file: Exported) -> None:
    built, path, report, _ = lenet_file
    assert report.checked
    assert report.opset == 20
    assert report.bytes == path.stat().st_size
    assert set(report.differences) == {1, 2, 5}
    assert max(report.differences.values()) <= 1e-5
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [entry.name for entry in session.get_inputs()] == ["image"]
    assert [entry.name for entry in session.get_outputs()] == ["classes"]
    for size in (1, 2, 5, 33):
        batch = torch.rand(size, 1, 28, 28)
        expected = built.module.eval()(batch).detach().numpy()
        assert np.abs(session.run(None, {"image": batch.numpy()})[0] - expected).max() <= 1e-5


def test_the_file_is_clean(lenet_file: Exported) -> None:
    model = onnx.load(lenet_file[1])
    assert [n.op_type for n in model.graph.node] == [
        *("Conv", "Relu", "MaxPool", "Conv", "Relu", "MaxPool"),
        *("Flatten", "Gemm", "Relu", "Gemm", "Relu", "Gemm"),
    ]
    assert {"conv1.weight", "fc3.bias"} <= {i.name for i in model.graph.initializer}
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert model.producer_name == "Netloom"
    assert {e.key: e.value for e in model.metadata_props}["classes"] == '["0", "1"]'
    assert b".py" not in lenet_file[1].read_bytes()  # no paths of this machine


def test_our_files_open_exactly_as_they_were(lenet_file: Exported, branches_file: Exported) -> None:
    for built, path, _, _ in (lenet_file, branches_file):
        network, weights = open_onnx(path)
        assert network == built.network
        assert network.ids == built.network.ids
        state = built.module.state_dict()
        assert weights.keys() == state.keys()
        assert all(torch.equal(weights[k], state[k]) and weights[k].dtype == state[k].dtype for k in state)
        build(network, standard()).module.load_state_dict(weights)


def test_several_inputs_and_outputs_keep_their_names(branches_file: Exported) -> None:
    model = onnx.load(branches_file[1])
    assert [i.name for i in model.graph.input] == ["image1", "tokens1"]
    assert [o.name for o in model.graph.output] == ["output1", "output2"]
    operators = [n.op_type for n in model.graph.node]
    assert "GRU" in operators
    assert "BatchNormalization" in operators  # not folded into the convolution


def test_the_export_leaves_the_build_alone_and_prints_nothing(
    branches_file: Exported, lenet: Network, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert branches_file[0].module.training
    built, inputs = built_with_life(lenet)
    seen: list[float] = []
    random = torch.get_rng_state()
    export_onnx(built, tmp_path / "a.onnx", samples=inputs[0][:1], opset=18, progress=seen.append)
    assert torch.equal(torch.get_rng_state(), random)
    assert capfd.readouterr() == ("", "")
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert [p.name for p in tmp_path.iterdir()] == ["a.onnx"]


def test_recurrent_layers_are_one_operator_and_long_names_open_again(tmp_path: Path) -> None:
    """A series is not unrolled step by step, which takes minutes, and no weight's name is too long to be read."""
    kinds = ("RNN", "GRU", "LSTM")
    nodes = [Node("series", "SequenceInput", fields={"length": 300})]
    nodes += [Node(kind, kind, f"{kind} größe " * 18, {"hidden_size": 3, "result": "all"}) for kind in kinds]
    nodes += [Node("end", "Output", "e" * 200)]
    network = Network.of(nodes, [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)])
    built, inputs = built_with_life(network)
    started = time.process_time()
    export_onnx(built, tmp_path / "a.onnx", samples=inputs)
    assert time.process_time() - started < 15, "every step is traced, which takes far longer"
    operators = [n.op_type for n in onnx.load(tmp_path / "a.onnx").graph.node]
    assert sorted(set(operators) & set(kinds)) == sorted(kinds) and len(operators) < 50
    again, weights = open_onnx(tmp_path / "a.onnx")
    assert again == network
    build(network, standard()).module.load_state_dict(weights)


def chained(*nodes: Node) -> Network:
    """Nodes one after another."""
    return Network.of(nodes, [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)])


def test_the_size_is_free_where_the_network_takes_any(tmp_path: Path) -> None:
    middle = Node("conv", "Conv2d", fields={"stride": 2}), Node("pool", "GlobalAvgPool"), Node("fc", "Linear")
    built, inputs = built_with_life(chained(Node("image", "ImageInput"), *middle, Node("out", "Output")))
    report = export_onnx(built, tmp_path / "a.onnx", samples=inputs, free_size=True)
    assert report.sizes == {"image": ("height", "width")} and not report.fixed
    assert [*report.resized] == ["height 60, width 92", "height 124, width 220"] and report.worst <= 1e-5
    shape = onnx.load(tmp_path / "a.onnx").graph.input[0].type.tensor_type.shape
    assert [dim.dim_param or dim.dim_value for dim in shape.dim] == ["batch", 1, "height", "width"]
    x = torch.rand(3, 1, 41, 77)
    (given,) = onnxruntime.InferenceSession(tmp_path / "a.onnx").run(None, {"image": x.numpy()})
    assert np.abs(given - built.module.eval()(x).detach().numpy()).max() <= 1e-5


def test_the_length_of_texts_is_free_and_two_lengths_keep_apart(tmp_path: Path) -> None:
    nodes = [Node(f"tokens{i}", "TokensInput", fields={"length": 4 + i, "vocabulary": 20}) for i in (1, 2)]
    nodes += [Node(f"words{i}", "Embedding", fields={"embedding_dim": 3}) for i in (1, 2)]
    nodes += [Node(f"gru{i}", "GRU", fields={"hidden_size": 3}) for i in (1, 2)]
    nodes += [Node("add", "Add"), Node("out", "Output")]
    lines = [(f"tokens{i}.out", f"words{i}.in") for i in (1, 2)] + [(f"words{i}.out", f"gru{i}.in") for i in (1, 2)]
    lines += [("gru1.out", "add.a"), ("gru2.out", "add.b"), ("add.out", "out.in")]
    ports = {node.id: [port.name for port in standard().layer(node).inputs()] for node in nodes}
    lines = [(a, f"add.{ports['add']['ab'.index(b[-1])]}" if b.startswith("add") else b) for a, b in lines]
    network = Network.of(nodes, [Wire(End(*a.split(".")), End(*b.split("."))) for a, b in lines])
    built, inputs = built_with_life(network)
    report = export_onnx(built, tmp_path / "a.onnx", samples=inputs, free_size=True)
    assert report.sizes == {"tokens1": ("tokens1_length",), "tokens2": ("tokens2_length",)}


def test_a_size_that_is_fixed_is_told_with_the_layer_that_fixes_it(lenet: Network, tmp_path: Path) -> None:
    built, inputs = built_with_life(lenet)
    with pytest.raises(ExportError, match=r"^The height and width cannot be left free: fc1 takes only .+ built for\.$"):
        export_onnx(built, tmp_path / "a.onnx", samples=inputs, free_size=True)
    vector = chained(Node("vector", "VectorInput"), Node("fc", "Linear"), Node("out", "Output"))
    with pytest.raises(ExportError, match=r"there is no size to free\.$"):
        export_onnx(*(made := built_with_life(vector))[:1], tmp_path / "a.onnx", samples=made[1], free_size=True)
    assert not list(tmp_path.iterdir())


def test_every_version_of_the_operators_that_is_offered_is_honoured(tmp_path: Path) -> None:
    built, inputs = built_with_life(chained(Node("vector", "VectorInput"), Node("fc", "Linear"), Node("out", "Output")))
    for opset in (18, 19, 23):
        assert export_onnx(built, tmp_path / "a.onnx", samples=inputs, opset=opset).opset == opset
    for opset in (17, 24):
        with pytest.raises(ExportError, match=f"opset 18 to 23, and {opset} is none"):
            export_onnx(built, tmp_path / "a.onnx", samples=inputs, opset=opset)


def test_what_pytorch_cannot_convert_is_said_in_plain_words(
    lenet: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, inputs = built_with_life(lenet)

    def fail(*_: object, **__: object) -> None:
        try:
            raise ValueError("No ONNX function found for pool.")
        except ValueError as error:
            raise RuntimeError("This is \x1b[96mstep 3/3\x1b[0m. Next steps:\n- file a report") from error

    monkeypatch.setattr(torch.onnx, "export", fail)
    with pytest.raises(ExportError, match=r"to ONNX: No ONNX function found for pool\.$"):
        export_onnx(built, tmp_path / "a.onnx", samples=inputs)


def test_a_difference_beyond_the_tolerance_writes_nothing(
    lenet: Network, lenet_file: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, inputs = built_with_life(lenet)
    monkeypatch.setattr(onnx_out, "converted", lambda *_: onnx.load(lenet_file[1]))
    with torch.no_grad():
        built.module.fc3.bias += 0.01
    with pytest.raises(ExportError, match=r"differ by 0\.01 at a batch of 1"):
        export_onnx(built, tmp_path / "a.onnx", samples=inputs)
    with pytest.raises(ExportError, match="at least one sample"):
        export_onnx(built, tmp_path / "a.onnx", samples=inputs[0][:0])
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(lenet_file: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built, path, _, inputs = lenet_file
    monkeypatch.setattr(onnx_out, "converted", lambda *_: onnx.load(path))
    with pytest.raises(FileFault, match="could not be written"):
        export_onnx(built, tmp_path / "nowhere" / "a.onnx", samples=inputs)


def rewritten(path: Path, to: Path, **changes: str | None) -> Path:
    """A copy of the file with other metadata."""
    model = onnx.load(path)
    entries = {e.key: e.value for e in model.metadata_props} | {f"netloom.{k}": v for k, v in changes.items()}
    del model.metadata_props[:]
    for key, value in entries.items():
        if value is not None:
            model.metadata_props.add(key=key, value=value)
    onnx.save(model, to)
    return to


def test_tampered_metadata_is_refused(lenet_file: Exported, tmp_path: Path) -> None:
    _, path, _, _ = lenet_file
    entries = {e.key: e.value for e in onnx.load(path).metadata_props}
    assert {NETWORK, DIGEST, WEIGHTS, KEPT, SEAL} <= entries.keys()
    other = storage.loads(entries[NETWORK].replace('"out_features": 120', '"out_features": 121'))
    ways = json.loads(entries[WEIGHTS])
    cases: list[tuple[dict[str, str | None], str]] = [
        ({"network": storage.dumps(other)}, "does not match its digest"),
        ({"network": storage.dumps(other), "digest": storage.digest(other)}, "changed after the export"),
        ({"network": entries[NETWORK].replace('"at": [0, 0]', '"at": [1, 0]', 1)}, "changed after the export"),
        ({"network": entries[NETWORK][:-30]}, "no valid JSON"),
        ({"network": None}, "another program"),
        ({"digest": None}, "does not match its digest"),
        ({"seal": None}, "changed after the export"),
        ({"weights": ""}, "no valid JSON"),
        ({"weights": "[]"}, "cannot be found"),
        ({"weights": json.dumps({**ways, "fc1.bias": {"source": "nothing", "shape": [120]}})}, "cannot be found"),
        (
            {"weights": json.dumps({**ways, "fc1.bias": {"source": "fc1.bias", "shape": [2**31] * 9}})},
            "cannot be found",
        ),
        ({"weights": json.dumps({**ways, "fc1.bias": {"source": "fc1.bias", "shape": [-1]}})}, "cannot be found"),
        (
            {"weights": json.dumps({f"w{i}": {"source": "fc1.weight", "shape": [48120]} for i in range(20_000)})},
            "cannot be found",
        ),
        ({"weights": json.dumps({"fc1.bias": ways["fc1.bias"]})}, "changed after the export"),
        ({"kept": "?"}, "cannot be found"),
        ({"kept": "AAAA"}, "cannot be found"),
    ]
    for changes, message in cases:
        with pytest.raises(FileFault, match=message) as fault:
            open_onnx(rewritten(path, tmp_path / "t.onnx", **changes))
        assert str(fault.value).startswith("t.onnx")


def test_metadata_that_is_no_text_is_refused(lenet_file: Exported, tmp_path: Path) -> None:
    whole = lenet_file[1].read_bytes()
    (tmp_path / "t.onnx").write_bytes(whole.replace(b'"format": "netloom"', b'"format": "netl\xf0om"'))
    with pytest.raises(FileFault, match=r"^t\.onnx, metadata: is no text in UTF-8"):
        open_onnx(tmp_path / "t.onnx")


def test_changed_weights_and_weights_elsewhere_are_refused(lenet_file: Exported, tmp_path: Path) -> None:
    model = onnx.load(lenet_file[1])
    tensor = model.graph.initializer[0]
    tensor.raw_data = bytes([tensor.raw_data[0] ^ 1]) + tensor.raw_data[1:]
    onnx.save(model, tmp_path / "t.onnx")
    with pytest.raises(FileFault, match="changed after the export"):
        open_onnx(tmp_path / "t.onnx")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    (tmp_path / "t.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(FileFault, match="cannot be found"):
        open_onnx(tmp_path / "t.onnx")


@pytest.mark.parametrize("change", ["operator", "attribute", "more", "constant"])
def test_another_graph_is_not_taken_for_ours(lenet_file: Exported, tmp_path: Path, change: str) -> None:
    model = onnx.load(lenet_file[1])
    nodes = {node.op_type: node for node in model.graph.node}
    if change == "operator":
        nodes["Relu"].op_type = "Sigmoid"
    elif change == "attribute":
        nodes["Conv"].attribute[0].CopyFrom(onnx.helper.make_attribute(nodes["Conv"].attribute[0].name, [1, 1]))
    elif change == "more":
        last = model.graph.output[0].name
        model.graph.node.append(onnx.helper.make_node("Softmax", [last], ["after"]))
        model.graph.output[0].name = "after"
    else:
        shape = min(model.graph.initializer, key=lambda constant: math.prod(constant.dims))
        array = onnx.numpy_helper.to_array(shape) + 1
        shape.CopyFrom(onnx.numpy_helper.from_array(array, shape.name))
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(Changed):
        open_onnx(tmp_path / "other.onnx")
    for node in (same := onnx.load(lenet_file[1])).graph.node:
        node.name, node.doc_string = "", "said by another tool"
    onnx.save(same, tmp_path / "same.onnx")
    assert open_onnx(tmp_path / "same.onnx")[0] == lenet_file[0].drawn


def test_foreign_broken_and_huge_files(lenet_file: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "t.onnx"
    whole = lenet_file[1].read_bytes()
    for content in (b"", b"\x00", b"not onnx at all", whole[: len(whole) // 2], bytes(range(256)) * 9):
        file.write_bytes(content)
        with pytest.raises(FileFault, match=r"^t\.onnx: is broken or no ONNX file"):
            open_onnx(file)
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    ends = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1]) for n in "xy"]
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([node], "g", ends[:1], ends[1:])), file)
    with pytest.raises(FileFault, match="another program"):
        open_onnx(file)
    monkeypatch.setattr("graphs.exchange.from_onnx.ours.MAX_BYTES", 1000)
    file.write_bytes(whole)
    with pytest.raises(FileFault, match="larger than"):
        open_onnx(file)
    with pytest.raises(FileFault, match="no such file"):
        open_onnx(tmp_path / "missing.onnx")


def test_recipes_find_what_was_laid_out_differently() -> None:
    numbers = np.random.default_rng(0)
    weight = numbers.random((8, 3), dtype=np.float32)
    bias = numbers.random(8, dtype=np.float32)
    gates = np.split(weight, 4)
    packed = np.stack([np.concatenate([gates[0], gates[3], gates[1], gates[2]])] * 2)
    arrays = {"turned": weight.T.copy(), "packed": packed, "biases": np.stack([np.concatenate([bias, bias * 2])])}
    for tensor, source in ((weight, "turned"), (bias * 2, "biases")):
        recipe = recipes.find("w", tensor, arrays)
        assert recipe is not None
        assert recipe.source == source
        assert np.array_equal(recipe.read(arrays), tensor)
    del arrays["turned"]
    recipe = recipes.find("w", weight, arrays)
    assert recipe is not None
    assert recipe.gates == (0, 2, 3, 1)
    assert recipes.find("w", weight + 1, arrays) is None


def test_blocks_are_scopes_in_the_names_and_the_design_comes_back_as_it_was_drawn(tmp_path: Path) -> None:
    inner = Network.of(
        [Node("x", "BlockInput"), Node("fc1", "Linear", "", {"out_features": "=width"}), Node("y", "BlockOutput")],
        [Wire(End("x", "out"), End("fc1", "in")), Wire(End("fc1", "out"), End("y", "in"))],
    )
    nodes = [
        Node("vector1", "VectorInput", "", {"features": 3}),
        Node("s", "block-part", "Stage 1", {"repeat": 2}),
        Node("d", "Dropout", mode="bypass"),
        Node("out", "Output"),
    ]
    lines = [("vector1.out", "s.x"), ("s.y", "d.in"), ("d.out", "out.in")]
    wires = [Wire(End(*a.split(".")), End(*b.split("."))) for a, b in lines]
    network = replace(
        Network.of(nodes, wires, {"hyperparameters": {"width": 3}}), blocks={"part": Block("part", "Part", inner)}
    )
    catalogue = Catalogue(standard().kinds.values())
    catalogue.know(network)
    built = build(network, catalogue, seed=1)
    export_onnx(built, tmp_path / "blocks.onnx", samples=torch.randn(4, 3))
    names = [node.name for node in onnx.load(tmp_path / "blocks.onnx").graph.node]
    assert names == ["/stage_1/0/fc1/Gemm", "/stage_1/1/fc1/Gemm"]
    again, weights = open_onnx(tmp_path / "blocks.onnx")
    assert again == network and {*weights} == {*built.module.state_dict()}
    assert all(torch.equal(weights[name], tensor) for name, tensor in built.module.state_dict().items())
