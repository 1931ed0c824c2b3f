"""Files of torch.export: broken, hostile and huge ones are refused in a sentence, and nothing in them is ever run."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from graphs.exchange.from_torch import original, read_module, read_program
from graphs.files.faults import FileFault

Edit = Callable[[dict[str, Any]], None]
GRAPH, WEIGHTS = "models/model.json", "data/weights/model_weights_config.json"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pt2") / "net.pt2"
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5), nn.ReLU(), nn.Linear(3, 2)).eval()
    torch.export.save(torch.export.export(net, (torch.randn(2, 4),)), path)
    return path


def changed(file: Path, to: Path, name: str, edit: Edit | bytes) -> Path:
    """A copy of the file with one of the texts in it changed."""
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(to, "w") as after:
        for info in before.infolist():
            data = before.read(info)
            if info.filename.endswith(name):
                data = edit if isinstance(edit, bytes) else _edited(data, edit)
            after.writestr(info.filename, data)
    return to


def _edited(data: bytes, edit: Edit) -> bytes:
    value = json.loads(data)
    edit(value)
    return json.dumps(value).encode()


def nodes(model: dict[str, Any]) -> list[dict[str, Any]]:
    return model["graph_module"]["graph"]["nodes"]


def test_what_the_file_itself_computes(file: Path) -> None:
    found = read_program(file)
    weights = {name: value.double() for name, value in found.weights.items()}
    x = torch.randn(5, 4)
    hidden = (x.double() @ weights["0.weight"].T + weights["0.bias"]).relu()
    wanted = hidden @ weights["3.weight"].T + weights["3.bias"]
    torch.testing.assert_close(original(file)([x])[0].double(), wanted, rtol=1e-5, atol=1e-6)


def test_expressions_of_sizes_are_never_evaluated(file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"

    def edit(model: dict[str, Any]) -> None:
        words = f"__import__('pathlib').Path({str(victim)!r}).touch()"
        size = {"as_expr": {"expr_str": words, "hint": {"as_int": 2}}}
        for value in model["graph_module"]["graph"]["tensor_values"].values():
            value["sizes"][0] = size
        model["range_constraints"] = {words: {"min_val": 0, "max_val": 9}}
        model["guards_code"] = [words]

    read_program(changed(file, tmp_path / "evil.pt2", GRAPH, edit))
    assert not victim.exists()


def test_pickles_are_never_unpacked(file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (victim,))

    data = io.BytesIO()
    torch.save(Evil(), data)
    read_program(changed(file, tmp_path / "a.pt2", "sample_inputs/model.pt", data.getvalue()))
    evil = changed(file, tmp_path / "b.pt2", "data/weights/weight_0", data.getvalue())

    def pickled(config: dict[str, Any]) -> None:
        for payload in config["config"].values():
            payload["use_pickle"] = True

    with pytest.raises(FileFault, match="never unpacked"):
        read_program(changed(evil, tmp_path / "c.pt2", WEIGHTS, pickled))
    assert not victim.exists()


def _target(name: str) -> Edit:
    return lambda model: nodes(model)[0].update(target=name)


def _sizes(value: Any) -> Edit:
    def edit(config: dict[str, Any]) -> None:
        config["config"]["0.weight"]["tensor_meta"]["sizes"] = value

    return edit


def _argument(value: dict[str, Any]) -> Edit:
    return lambda model: nodes(model)[0]["inputs"][0].update(arg=value)


def _write(more: Edit) -> Edit:
    def edit(model: dict[str, Any]) -> None:
        nodes(model)[0].update(target="torch.ops.aten.relu_.default", inputs=[{**nodes(model)[0]["inputs"][0]}])
        nodes(model)[0]["inputs"][0]["name"] = "self"
        more(model)

    return edit


HOSTILE: dict[str, tuple[str, Edit | bytes]] = {
    "a function that reads files": (GRAPH, _target("torch.ops.aten.from_file.default")),
    "a function that is none": (GRAPH, _target("torch.ops.aten.relu.nothing")),
    "Python's own": (GRAPH, _target("os.system")),
    "an attribute of an attribute": (GRAPH, _target("torch.ops.aten.relu.default.__class__")),
    "a function that writes": (GRAPH, _target("torch.ops.aten.relu.out")),
    "a function that takes other memory": (GRAPH, _target("torch.ops.aten.set_.source_Tensor")),
    "a write that is none": (GRAPH, _target("torch.ops.aten.relu_.nothing")),
    "a write into a number": (GRAPH, _write(_argument({"as_int": 3}))),
    "a write without a result": (GRAPH, _write(lambda model: nodes(model)[0].update(outputs=[]))),
    "no graph": (GRAPH, b"{}"),
    "no text": (GRAPH, b"\xff\xfe"),
    "nested too deep": (GRAPH, b"[" * 5000 + b"]" * 5000),
    "a value from nowhere": (GRAPH, _argument({"as_tensor": {"name": "nobody"}})),
    "a graph as an argument": (GRAPH, _argument({"as_graph": {"name": "g", "graph": {}}})),
    "an argument of no kind": (GRAPH, _argument({})),
    "an endless number": (GRAPH, _argument({"as_int": 10**30})),
    "more numbers than bytes": (WEIGHTS, _sizes([{"as_int": 10**9}, {"as_int": 10**9}])),
    "fewer than none": (WEIGHTS, _sizes([{"as_int": -3}, {"as_int": 4}])),
    "other sizes": (WEIGHTS, _sizes([{"as_int": 4}, {"as_int": 3}])),
    "sizes of words": (WEIGHTS, _sizes("abc")),
    "no weights": (WEIGHTS, b'{"config": {}}'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_or_hostile_file_is_refused_in_a_sentence(name: str, file: Path, tmp_path: Path) -> None:
    with pytest.raises(FileFault) as fault:
        read_program(changed(file, tmp_path / "bad.pt2", *HOSTILE[name]))
    assert str(fault.value).startswith("bad.pt2") and str(fault.value).endswith(".")
    assert len(str(fault.value)) < 400 and "\n" not in str(fault.value)


def test_every_beginning_of_a_file_is_refused(file: Path, tmp_path: Path) -> None:
    data = file.read_bytes()
    for length in range(0, len(data), max(1, len(data) // 60)):
        (tmp_path / "cut.pt2").write_bytes(data[:length])
        with pytest.raises(FileFault):
            read_program(tmp_path / "cut.pt2")


def test_what_is_packed_or_said_more_than_once_is_refused_before_it_is_read(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(tmp_path / "packed.pt2", "w", zipfile.ZIP_DEFLATED) as after:
        for info in before.infolist():
            after.writestr(info.filename, before.read(info))
    with pytest.raises(FileFault, match="did not write"):
        read_program(tmp_path / "packed.pt2")


def test_many_weights_in_one_entry_are_no_more_than_the_file_holds(tmp_path: Path) -> None:
    class Several(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(256, 256, bias=False) for _ in range(40))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for layer in self.layers:
                x = layer(x)
            return x

    torch.export.save(torch.export.export(Several(), (torch.randn(2, 256),)), tmp_path / "net.pt2")

    def edit(config: dict[str, Any]) -> None:
        for payload in config["config"].values():
            payload["path_name"] = "weight_0"

    one = changed(tmp_path / "net.pt2", tmp_path / "one.pt2", WEIGHTS, edit)
    with zipfile.ZipFile(one) as before, zipfile.ZipFile(tmp_path / "bad.pt2", "w") as after:
        for info in before.infolist():
            name = info.filename.rpartition("/")[2]
            if not name.startswith("weight_") or name == "weight_0":
                after.writestr(info.filename, before.read(info) if not name.startswith("sample") else b"")
    with pytest.raises(FileFault, match="more numbers than the file holds"):
        read_program(tmp_path / "bad.pt2")


def test_calls_of_graphs_within_the_graph_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Still(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                y = x.relu().exp().sin().cos()
            return x + y

    torch.export.save(torch.export.export(Still(), (torch.randn(2, 4),)), tmp_path / "net.pt2")
    read_program(tmp_path / "net.pt2")
    monkeypatch.setattr("graphs.exchange.from_torch.archive.MOST_CALLS", 4)
    with pytest.raises(FileFault, match="more than 4 calls"):
        read_program(tmp_path / "net.pt2")


@pytest.mark.parametrize("limit", ["MOST_HELD", "MOST_WORK"])
def test_constants_have_one_budget(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tables(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for place in range(6):
                x = x + (torch.arange(200.0).view(200, 1) * torch.arange(float(place), place + 4.0)).sum(0)
            return x

    found = read_module(Tables(), (torch.randn(2, 4),))
    assert len(found.weights) == 0 and not any(node.fields.get("before") for node in found.network.nodes.values())
    monkeypatch.setattr(f"graphs.exchange.from_torch.operating.{limit}", 4_000)
    left = read_module(Tables(), (torch.randn(2, 4),))
    assert any(node.fields.get("before") for node in left.network.nodes.values())


def test_a_size_that_would_fill_the_memory_is_refused_before_it_does(tmp_path: Path) -> None:
    class Large(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + torch.zeros(7)

    torch.export.save(torch.export.export(Large(), (torch.randn(2, 7),)), tmp_path / "net.pt2")

    def edit(model: dict[str, Any]) -> None:
        for node in nodes(model):
            if node["target"].endswith("zeros.default"):
                node["inputs"][0]["arg"] = {"as_ints": [2**20, 2**20, 7]}

    with pytest.raises(FileFault, match="too large"):
        read_program(changed(tmp_path / "net.pt2", tmp_path / "bad.pt2", GRAPH, edit))
