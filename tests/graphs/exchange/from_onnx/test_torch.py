"""What torch.onnx writes of plain PyTorch reads back: equal at any batch, in blocks, under its own names."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from graphs.exchange.from_onnx import read_onnx
from graphs.exchange.imported import Imported
from graphs.layers.catalogue import standard
from tests.graphs.exchange.from_onnx.lively import computed, results, samples, worst


class BasicBlock(nn.Module):
    """Two convolutions and a skip; one ReLU is used twice."""

    def __init__(self, into: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(into, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.down = nn.Sequential(nn.Conv2d(into, width, 1, stride), nn.BatchNorm2d(width)) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (x if self.down is None else self.down(x)))


class Residual(nn.Module):
    """A small residual network."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 7, 2, 3)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(BasicBlock(8, 8), BasicBlock(8, 8))
        self.layer2 = nn.Sequential(BasicBlock(8, 16, 2), BasicBlock(16, 16))
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.layer2(self.layer1(self.pool(self.stem(x)))).mean((2, 3)))


class Tagger(nn.Module):
    """Tokens read in both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(50, 12)
        self.lstm = nn.LSTM(12, 16, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(32, 8, batch_first=True)
        self.fc = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.gru(self.lstm(self.table(x))[0])[0][:, -1])


class Attention(nn.Module):
    """A layer of a transformer whose heads are told apart by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(16, 16) for _ in range(3))
        self.norm = nn.LayerNorm(16)
        self.feed = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))

    def forward(self, x: Tensor) -> Tensor:
        count, steps, width = x.shape
        query, key, value = (
            part(x).view(count, steps, 4, 4).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        weights = torch.softmax(query @ key.transpose(-2, -1) / 2, -1)
        seen = (weights @ value).transpose(1, 2).reshape(count, steps, width)
        return self.feed(self.norm(x + seen))


def written(module: nn.Module, example: Tensor, folder: Path, opset: int, dynamo: bool) -> Imported:
    """The module exported with a free batch, and read; it must compute what the module does."""
    path, module = folder / "net.onnx", module.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if dynamo:
            free = ({0: torch.export.Dim.DYNAMIC},)
            torch.onnx.export(
                module, (example,), path, dynamo=True, opset_version=opset, dynamic_shapes=free, verbose=False
            )
        else:
            axes = {"x": {0: "batch"}}
            torch.onnx.export(
                module, (example,), path, dynamo=False, opset_version=opset, input_names=["x"], dynamic_axes=axes
            )
    imported = read_onnx(path, standard())
    built = computed(imported)
    for batch in (1, 2, 5):
        (x,) = samples(built, batch, seed=batch)
        with torch.no_grad():
            assert worst(results(built, [x]), [module(x).numpy()]) < 2e-5
    return imported


CASES: dict[str, tuple[Callable[[], nn.Module], Tensor]] = {
    "residual": (Residual, torch.zeros(2, 3, 32, 32)),
    "tagger": (Tagger, torch.zeros(2, 9, dtype=torch.int64)),
    "attention": (Attention, torch.zeros(2, 7, 16)),
}
WAYS = [("residual", 20, True), ("residual", 11, False), ("tagger", 13, False), ("attention", 17, False)]


@pytest.mark.parametrize(("name", "opset", "dynamo"), WAYS)
def test_reads_back(name: str, opset: int, dynamo: bool, tmp_path: Path) -> None:
    make, example = CASES[name]
    torch.manual_seed(0)
    module = make()
    imported = written(module, example, tmp_path, opset, dynamo)
    assert not imported.operations and not imported.notes
    own = module.state_dict()
    kept = [key for key in imported.weights if key in own]
    assert len(kept) > len(imported.weights) * 0.4, "names"
    if name == "residual":
        blocks = {block.title for block in imported.network.blocks.values()}
        assert {"layer1", "layer2", "fc"} <= imported.network.nodes.keys() and {"Layer"} <= blocks
        assert ("Basic block" in blocks) == dynamo
