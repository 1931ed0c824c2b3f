import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from graphs.building.build import BuildError, build
from graphs.building.source import write_source
from graphs.edits import Rename
from graphs.layers.catalogue import standard
from graphs.network import Network, Node

LENET = '''\
"""LeNet, designed with Netloom."""

import torch
from torch import nn


class LeNet(nn.Module):
    """1×28×28 → 10, 61,706 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(400, 120)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(120, 84)
        self.relu4 = nn.ReLU()
        self.fc3 = nn.Linear(84, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.conv1(image)  # 6×28×28
        x = self.relu1(x)
        x = self.pool1(x)  # 6×14×14
        x = self.conv2(x)  # 16×10×10
        x = self.relu2(x)
        x = self.pool2(x)  # 16×5×5
        x = self.flatten(x)  # 400
        x = self.fc1(x)  # 120
        x = self.relu3(x)
        x = self.fc2(x)  # 84
        x = self.relu4(x)
        return self.fc3(x)  # 10


if __name__ == "__main__":
    lenet = LeNet().eval()
    image = torch.randn(2, 1, 28, 28)
    with torch.no_grad():
        print(tuple(lenet(image).shape))
'''


def made(source: str, name: str = "Network") -> torch.nn.Module:
    space: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "generated.py", "exec"), space)
    return space[name]()


def same_numbers(network: Network) -> str:
    """Writes the source, checks it against the build, and returns it."""
    source = write_source(network, standard())
    built = build(network, standard(), seed=3)
    module = made(source)
    assert list(module.state_dict()) == list(built.module.state_dict())
    module.load_state_dict(built.module.state_dict())
    inputs = [
        torch.randn(3, *s.dims) if s.dtype == "float32" else torch.randint(20, (3, *s.dims)) for s in built.shapes
    ]
    results, expected = module.eval()(*inputs), built.module.eval()(*inputs)
    pairs = zip(results, expected, strict=True) if isinstance(expected, tuple) else [(results, expected)]
    assert all(torch.equal(a, b) for a, b in pairs)
    return source


def test_lenet_reads_as_a_person_would_write_it(lenet: Network) -> None:
    assert write_source(lenet, standard(), "LeNet") == LENET


def test_lenet_gives_the_same_numbers(lenet: Network) -> None:
    same_numbers(lenet)


def test_branches_several_inputs_and_outputs(branches: Network) -> None:
    source = same_numbers(branches)
    assert "def forward(self, image1: torch.Tensor, tokens1: torch.Tensor) -> tuple[torch.Tensor, ...]:" in source
    assert "self.gru1 = nn.GRU(6, 3, bidirectional=True, batch_first=True)" in source
    assert 'nn.init.kaiming_normal_(self.conv1.weight, nonlinearity="relu")' in source
    assert "relu1 = self.relu1(x)\n" in source
    assert "x = x + relu1" in source
    assert "unused1" not in source
    assert "modules" not in source


def test_the_file_runs_with_torch_alone(branches: Network, tmp_path: Path) -> None:
    file = tmp_path / "network.py"
    file.write_text(write_source(branches, standard()), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(file)], capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout == "(2, 4)\n(2, 4)\n"
    assert done.stderr == ""


def test_odd_titles_become_names(lenet: Network) -> None:
    titles = {"image": "x", "conv1": "torch", "relu1": "class", "pool1": "Größe 1", "conv2": 'a"b\n', "fc1": "self"}
    nodes = {i: Node(n.id, n.kind, titles.get(i, ""), n.fields, n.position) for i, n in lenet.nodes.items()}
    source = same_numbers(Network(nodes, lenet.wires))
    ast.parse(source)


@pytest.mark.parametrize("name", ["Torch", "Class", "Print", "Image"])
def test_any_class_name_runs(lenet: Network, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    net = Rename("conv1", "net").apply(Rename("image", "net").apply(lenet)[0])[0]
    exec(compile(write_source(net, standard(), name), "generated.py", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == "(2, 10)\n"


def test_a_network_with_faults_and_a_bad_name_are_refused(lenet: Network) -> None:
    with pytest.raises(BuildError):
        write_source(Network(lenet.nodes, {}), standard())
    for name in ("class", "my net", "1st", "", "torch", "nn", "super"):
        with pytest.raises(ValueError, match="no name for a Python class"):
            write_source(lenet, standard(), name)
