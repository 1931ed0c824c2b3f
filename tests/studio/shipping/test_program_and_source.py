"""The `.pt2` file and the written source compute what the network does, where nothing of Netloom is."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from studio.project import Project
from studio.shipping import code, program
from studio.shipping.cargo import Cargo, load
from studio.shipping.code import CodeOptions, ship_source
from studio.shipping.program import ship_program
from studio.shipping.shipped import Cancelled, ShippingFault, quietly
from studio.shipping.tensors import ship_weights

from .conftest import computed

ELSEWHERE = """
import sys, numpy, torch
from safetensors.torch import load_file
from written import Small

def run(network, inputs, outputs):
    with torch.no_grad():
        numpy.save(outputs, network(torch.from_numpy(numpy.load(inputs))).numpy())

run(torch.export.load("digits.pt2").module(), "digits.npy", "digits-out.npy")
run(torch.export.load("texts.pt2").module(), "texts.npy", "texts-out.npy")
network = Small().eval()
network.load_state_dict(load_file("weights.safetensors"))
run(network, "digits.npy", "source-out.npy")
print(sorted(name for name in sys.modules if name.split(".")[0] in ("graphs", "studio", "widgets")))
"""


def test_programs_and_source_run_without_netloom_at_another_batch_size(
    digits: Cargo, texts: Cargo, tmp_path: Path
) -> None:
    """What is compared is computed by a process that knows nothing of Netloom."""
    fed = {}
    for name, cargo in (("digits", digits), ("texts", texts)):
        made = ship_program(cargo, tmp_path / f"{name}.pt2", quietly)
        assert made.facts["differences"].keys() == {"1", "2", "5"}
        assert made.facts["largest_difference"] <= 1e-5
        assert cargo.data is not None
        fed[name] = cargo.data.validation.inputs[:7].numpy()
        np.save(tmp_path / f"{name}.npy", fed[name])
    made = ship_source(digits, tmp_path / "written.py", CodeOptions(class_name="Small"), quietly)
    assert made.facts["largest_difference"] <= 1e-5 and "netloom_written_source" not in sys.modules
    ship_weights(digits, tmp_path / "weights.safetensors", quietly)
    (tmp_path / "elsewhere.py").write_text(ELSEWHERE)
    command = [sys.executable, "-E", "-B", "elsewhere.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=110, check=True)
    assert done.stdout.strip() == "[]"
    for name, cargo in (("digits", digits), ("texts", texts)):
        assert np.abs(np.load(tmp_path / f"{name}-out.npy") - computed(cargo, fed[name])).max() <= 1e-5
    assert np.abs(np.load(tmp_path / "source-out.npy") - computed(digits, fed["digits"])).max() <= 1e-5


def test_a_program_holds_neither_paths_of_this_machine_nor_samples(digits: Cargo, tmp_path: Path) -> None:
    import io

    import torch

    ship_program(digits, tmp_path / "network.pt2", quietly)
    with zipfile.ZipFile(tmp_path / "network.pt2") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name, data in held.items() if str(Path.cwd()).encode() in data or b".py" in data]
    samples = next(data for name, data in held.items() if "sample_inputs" in name)
    args, _ = torch.load(io.BytesIO(samples), weights_only=True)
    assert not args[0].any()
    told = next(data for name, data in held.items() if name.endswith("netloom.json"))
    assert b"netloom.classes" in told


def test_a_program_that_differs_is_not_written(digits: Cargo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.exchange.to_onnx.agreement.difference", lambda out, expected: 0.5)
    with pytest.raises(ShippingFault, match=r"differs from the network by 0\.5 at a batch of 1"):
        ship_program(digits, tmp_path / "network.pt2", quietly)
    with pytest.raises(ShippingFault, match=r"written source differs from the network by 0\.5"):
        ship_source(digits, tmp_path / "written.py", CodeOptions(), quietly)
    assert not list(tmp_path.iterdir())


def test_source_that_does_not_run_is_not_written(
    digits: Cargo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphs.building.source.write_source", lambda *_: "import nothing_of_that_name\n")
    with pytest.raises(ShippingFault, match="does not run: No module named 'nothing_of_that_name'"):
        ship_source(digits, tmp_path / "written.py", CodeOptions(), quietly)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "ship", [ship_program, lambda cargo, path, report: ship_source(cargo, path, CodeOptions(), report)]
)
def test_cancelled_nothing_is_written(ship: object, digits: Cargo, tmp_path: Path) -> None:
    def cancel(share: float, words: str) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        ship(digits, tmp_path / "never", cancel)  # type: ignore[operator]
    assert not list(tmp_path.iterdir())


def test_several_inputs_and_outputs_leave_as_well(branches_project: Project, tmp_path: Path) -> None:
    cargo = load(branches_project)
    assert cargo.missing == "The data feeds one input, and this network has 2."
    assert program.ship_program(cargo, tmp_path / "it.pt2", quietly).facts["largest_difference"] <= 1e-5
    assert code.ship_source(cargo, tmp_path / "it.py", CodeOptions(), quietly).facts["largest_difference"] <= 1e-5


def test_source_is_compared_in_a_process_of_its_own(
    digits: Cargo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphs.building import source

    text = source.write_source(digits.project.network, digits.project.catalogue)
    monkeypatch.setattr(source, "write_source", lambda *_: f"import sys\n\nsys.netloom_ran_here = True\n{text}")
    assert ship_source(digits, tmp_path / "written.py", CodeOptions(), quietly).facts["largest_difference"] <= 1e-5
    assert not hasattr(sys, "netloom_ran_here")
