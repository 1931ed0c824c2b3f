"""Our own ONNX files away from where they were made: changed by another program, and on another computer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import onnx
import pytest
import torch

from graphs.building.build import build
from graphs.building.source import write_source
from graphs.exchange.from_onnx.ours import Changed, open_onnx
from graphs.exchange.imported import Imported
from graphs.exchange.to_onnx.export import export_onnx
from graphs.exchange.to_onnx.portable import bare, portable
from graphs.files.storage import digest
from graphs.layers.catalogue import standard
from graphs.network import Block, Network, Node
from studio.api import Linear, ReLU, VectorInput, sequential
from studio.importing.importing import CHANGED, arrived, import_file
from studio.project import open_project
from studio.shipping.cargo import load


def exported(tmp_path: Path) -> tuple[Path, dict[str, torch.Tensor]]:
    """A file of a project whose weights and data lie in folders of this computer."""
    plain = sequential(VectorInput(features=4), Linear(out_features=8), ReLU(), Linear(out_features=3))
    about = {
        "start": {"file": str(tmp_path / "secret.pth")},
        "data": {"source": "csv", "path": str(tmp_path / "d.csv")},
    }
    built = build(replace(plain, settings=about), standard(), seed=3)
    export_onnx(built, tmp_path / "a.onnx", samples=built.example(5))
    return tmp_path / "a.onnx", built.module.state_dict()


def test_no_folder_of_this_computer_leaves_and_the_weights_need_no_other_file(tmp_path: Path) -> None:
    file, weights = exported(tmp_path)
    assert str(tmp_path).encode() not in file.read_bytes() and b"secret.pth" not in file.read_bytes()
    network, _ = open_onnx(file)
    assert "start" not in network.settings and network.settings["data"]["path"] == "d.csv"
    cargo = load(open_project(file), judged=False)
    assert all(torch.equal(cargo.built.module.state_dict()[name], weights[name]) for name in weights)
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")
    assert open_project(file).network.settings["data"]["path"] == str(tmp_path / "d.csv")


def test_files_of_code_go_by_their_names(tmp_path: Path) -> None:
    own = Node("own1", "CustomLayer", fields={"file": "/home/me/net.py", "name": "Net"})
    drawn = Network({"own1": own}, blocks={"b": Block("b", "B", Network({"own1": own}))})
    left = portable(drawn)
    assert left.nodes["own1"].fields["file"] == left.blocks["b"].network.nodes["own1"].fields["file"] == "net.py"
    assert digest(left) == digest(portable(left)) != digest(drawn)
    assert [bare(path) for path in ("C:\\me\\n.py", "\\\\host\\me\\n.py", "~/n.py", "code/n.py", "")] == [
        *("n.py", "n.py", "n.py", "code/n.py", "")
    ]


def test_a_file_that_another_program_changed_is_read_as_it_is_now(tmp_path: Path) -> None:
    file, weights = exported(tmp_path)
    model = onnx.load(file)
    tensor = next(one for one in model.graph.initializer if one.name.endswith("fc1.bias"))
    tensor.raw_data = (weights["fc1.bias"].numpy() + 1).tobytes()
    onnx.save(model, file)
    with pytest.raises(Changed, match="changed after the export"):
        open_onnx(file)
    arrival = import_file(file)
    assert arrival.imported.notes[0] == CHANGED and arrival.layers == 3 and arrival.reference is not None
    assert any(torch.allclose(t, weights["fc1.bias"] + 1) for t in arrival.imported.weights.values() if t.shape == (8,))


def test_source_says_where_an_imported_network_comes_from() -> None:
    network = sequential(VectorInput(features=4), Linear(out_features=3))
    strange = 'ONNX, opset 9, written by x"""\nimport os\\'
    project = arrived("mine", Imported(network, {}, strange)).project
    head = write_source(project.network, project.catalogue, "Mine").splitlines()[0]
    assert head == '"""Mine, imported with Netloom (ONNX, opset 9, written by x\'\'\' import os/)."""'
    assert write_source(network, standard()).startswith('"""Network, designed with Netloom."""')
