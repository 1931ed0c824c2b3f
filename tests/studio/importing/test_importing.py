"""Importing: what a file is, what is refused, and what becomes of it; code runs after agreement alone."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import onnx
import pytest
import torch

from graphs.building.build import build
from graphs.edits import SetSetting
from graphs.exchange.imported import Imported
from graphs.exchange.to_onnx.export import export_onnx
from graphs.files.faults import FileFault
from graphs.files.storage import load_weights
from studio.importing import importing, likeness
from studio.importing.importing import Wanted, arrived, import_file, wanted, write
from studio.importing.onnxfile import is_ours
from studio.owncode import classes as owncode
from studio.owncode import trust
from studio.project import ProjectFault, open_project

NET = """import torch
from torch import nn
from pathlib import Path
Path(__file__).with_name("ran").touch()

class Part(nn.Module):
    def forward(self, x):
        return torch.relu(x)

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.fc, self.part, self.out = nn.Linear(4, width), Part(), nn.Linear(width, 2)

    def forward(self, x):
        return self.out(self.part(self.fc(x)))
"""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    return tmp_path / "net.py"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = open_project("iris")
    built = build(project.network, project.catalogue, seed=1)
    path = tmp_path_factory.mktemp("ours") / "iris.onnx"
    export_onnx(built, path, samples=built.example(5))
    return path


def ran(net: Path) -> bool:
    return net.with_name("ran").exists()


def archive(path: Path, name: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(name, "pt2")
    return path


def test_what_a_file_is(tmp_path: Path, net: Path, ours: Path) -> None:
    foreign = tmp_path / "x.onnx"
    foreign.write_bytes(b"\x08\x03")
    assert wanted(ours) == Wanted("ours", ours)
    assert wanted(str(foreign)).what == "onnx"
    assert wanted(net) == Wanted("class", net)
    assert wanted(f"{net}:Net") == Wanted("class", net, "Net")
    assert wanted("package.module:Net") == Wanted("class", None, "Net", "package.module")
    for name in ("a.pt2", "a.pt", "a"):
        assert wanted(archive(tmp_path / name, "a/archive_format")).what == "program"


def test_only_metadata_says_that_a_file_is_ours(tmp_path: Path) -> None:
    made = onnx.ModelProto(ir_version=8, doc_string="netloom.network")
    made.graph.name = "netloom.network" * 50
    made.metadata_props.add(key="other", value="netloom.network")
    path = tmp_path / "m.onnx"
    path.write_bytes(made.SerializeToString())
    assert not is_ours(path)
    made.metadata_props.add(key="netloom.network", value="{}")
    path.write_bytes(made.SerializeToString())
    assert is_ours(path)
    for cut in range(0, len(made.SerializeToString()), 7):
        path.write_bytes(made.SerializeToString()[:cut] + b"\xff" * 12)
        is_ours(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("w.pth", "load the weights into it"),
        ("w.safetensors", "load the weights into it"),
        ("w.h5", "convert it to ONNX"),
        ("w.txt", "choose a .netloom, .onnx"),
        ("missing.onnx", "no such file"),
        ("missing.py:Net", "no such file"),
        ("", "Name a file"),
        ("x" * 2000, "Name a file"),
        (".", "folder"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence(
    tmp_path: Path, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if name.startswith("w."):
        (tmp_path / name).write_bytes(b"PK\x03\x04 whatever")
    with pytest.raises((FileFault, ProjectFault), match=said):
        import_file(name)


def test_our_own_onnx_comes_back_as_it_was(ours: Path) -> None:
    arrival = import_file(ours)
    assert arrival.project.network == open_project(ours).network
    assert arrival.layers > 0
    assert arrival.operations == 0
    assert set(arrival.imported.weights)


def test_looking_at_code_runs_nothing(net: Path) -> None:
    name, files = owncode.files_of(wanted(net))
    assert owncode.classes_in(files[name]) == ("Part", "Net")
    with pytest.raises(ProjectFault, match=r"net\.py:Part, net\.py:Net"):
        import_file(net, inputs=["4"])
    with pytest.raises(trust.NotAgreed, match="--trust"):
        import_file(f"{net}:Net", inputs=["4"])
    with pytest.raises(trust.NotAgreed):
        import_file(f"{net}:Net", inputs=["4"], ask=lambda files: False)
    assert not ran(net)


def test_an_importable_module_is_found_without_importing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    (tmp_path / "pack" / "net.py").write_text(NET, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    name, files = owncode.files_of(wanted("pack.net:Net"))
    assert name == "pack.net"
    assert set(files) == {"pack", "pack.net"}
    with pytest.raises(trust.NotAgreed):
        import_file("pack.net:Net", inputs=["4"])
    with pytest.raises(FileFault, match="no such module"):
        import_file("nothing.like_that:Net", inputs=["4"])


def test_a_changed_file_is_asked_about_again(net: Path) -> None:
    asked: list[str] = []

    def ask(files: object) -> bool:
        asked.append("yes")
        net.write_text(NET + "# other\n", encoding="utf-8")
        return False

    with pytest.raises(trust.NotAgreed):
        import_file(f"{net}:Net", inputs=["4"], ask=ask)
    trust.allow(owncode.files_of(wanted(net))[1].values())
    net.write_text(NET + "# changed since\n", encoding="utf-8")
    with pytest.raises(trust.NotAgreed):
        import_file(f"{net}:Net", inputs=["4"])
    assert asked == ["yes"]
    assert not ran(net)


def test_what_a_class_takes_is_said_as_text() -> None:
    assert owncode.examples_of(["3x224x224", " 128:int64"], "Net") == [((3, 224, 224), "float32"), ((128,), "int64")]
    assert owncode.arguments_of(["width=8", "layers=[2, 2]", "act=relu", "bias=False", "x=(1,2)"]) == {
        "width": 8, "layers": [2, 2], "act": "relu", "bias": False, "x": (1, 2),
    }  # fmt: skip
    for text in ("", "3x", "x3", "0", "3:complex64", "9999999x9999999", "-1", "3;4", "1" * 50):
        with pytest.raises(ProjectFault):
            owncode.examples_of([text], "Net")
    for text in ("8", "=8", "a b=1", "import os"):
        with pytest.raises(ProjectFault):
            owncode.arguments_of([text])


def test_what_arrives_keeps_its_weights(tmp_path: Path) -> None:
    project = open_project("iris")
    built = build(project.network, project.catalogue, seed=3)
    arrival = arrived("a/b:c", Imported(project.network, built.module.state_dict(), "made here"))
    assert arrival.project.name == "a-b-c"
    assert arrival.project.network.settings["about"] == project.network.settings["about"]
    saved = write(arrival, tmp_path / "x")
    again = open_project(saved)
    assert again.learnt is not None
    found = again.learnt()
    assert found is not None
    assert all(torch.equal(found.weights[key], value) for key, value in built.module.state_dict().items())
    assert load_weights(tmp_path / "x.safetensors")[0].keys() == built.module.state_dict().keys()


def test_likeness_is_told(ours: Path) -> None:
    """Our own file, taken as another program's: onnxruntime is the reference."""
    arrival = import_file(ours)
    other = importing.Arrival(arrival.project, arrival.imported, lambda: likeness.of_onnx(ours))
    apart = likeness.likeness(other)
    assert apart is not None
    assert apart < 1e-5
    wrong = {key: value + 1 for key, value in arrival.imported.weights.items()}
    spoilt = importing.Arrival(arrival.project, Imported(arrival.project.network, wrong), other.reference)
    assert (likeness.likeness(spoilt) or 0) > 0.1
    assert likeness.told(3.2e-6) == "Its results are the same within 3e-06."
    assert likeness.told(None) == ""
    assert likeness.told(0.3).startswith("Its results are not the same")
    assert likeness.told(float("nan")).startswith("Its results are not the same")


def test_the_verb_writes_a_project(ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import main as door

    out = tmp_path / "iris"
    assert door.main(["import", str(ours), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["project"] == str(out.with_suffix(".netloom"))
    assert told["layers"] == import_file(ours).layers
    assert door.main(["import", str(ours), "--out", str(out)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert door.main(["import", str(ours), "--out", str(out), "--force"]) == 0
    assert door.main(["check", str(out)]) == 0


def test_the_verb_asks_for_trust(net: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import main as door

    out = str(tmp_path / "n")
    assert door.main(["import", f"{net}:Net", "--input", "4", "--out", out]) == 1
    said = capsys.readouterr().err
    assert "net.py is code" in said
    assert "--trust" in said
    assert said.count("\n") == 1
    assert not ran(net)


def test_what_was_imported_is_retrained_from_its_weights_and_written_again(tmp_path: Path) -> None:
    """Another program's ONNX: imported, saved, opened, trained on from where it was, exported, opened again."""
    from graphs.exchange.from_onnx import read_onnx
    from graphs.exchange.from_onnx.ours import open_onnx
    from graphs.layers.catalogue import standard
    from studio.headless import train

    torch.manual_seed(123)  # other numbers than a recipe's seed draws
    net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)).eval()
    path = tmp_path / "net.onnx"
    torch.onnx.export(net, (torch.randn(2, 4),), path, dynamo=True, verbose=False, external_data=False,
                      dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))  # fmt: skip
    assert read_onnx(path, standard()).network.nodes
    arrival = import_file(path)
    assert arrival.operations == 0
    apart = likeness.likeness(arrival)
    assert apart is not None
    assert apart < 1e-5
    arrival.project.document.apply(SetSetting("data", {"source": "iris"}))
    opened = open_project(write(arrival, tmp_path / "kept"))
    finished = train(opened, changes={"epochs": 1, "learning_rate": 1e-8, "optimiser": "sgd"})
    before = {key: value for key, value in arrival.imported.weights.items() if value.is_floating_point()}
    assert before
    for key, value in before.items():
        assert torch.allclose(finished.final.weights[key], value, atol=1e-5), f"{key} did not begin as imported"
    built = build(opened.network, opened.catalogue)
    built.module.load_state_dict(dict(finished.final.weights))
    export_onnx(built, tmp_path / "again.onnx", samples=built.example(5))
    assert open_onnx(tmp_path / "again.onnx")[0] == opened.network
