"""Large architectures from their graphs beside the same modules written by hand: building and training steps.

By hand means here: the modules of torch that the network holds, made and called in plain Python as in torchvision.
Times are of the processor, with one thread, so that what else runs on the machine counts little.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from graphs.architectures import find
from graphs.building.build import build
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from tests.bench.table import Row

ROUNDS = 15
SIDE = 64
BATCH = 2


class Bottleneck(nn.Module):
    """The block of ResNet-50, 101 and 152."""

    def __init__(self, into: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(into, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU()
        self.downsample: nn.Module | None = None
        if into != 4 * width:
            shortcut = nn.Conv2d(into, 4 * width, 1, stride=stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(4 * width))

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ByHand(nn.Module):
    """ResNet with bottlenecks, under the names of torchvision."""

    def __init__(self, depths: tuple[int, ...]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        into = 64
        for stage, depth in enumerate(depths):
            width, blocks = 64 << stage, []
            for place in range(depth):
                blocks.append(Bottleneck(into, width, 2 if stage and not place else 1))
                into = 4 * width
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(into, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def run() -> list[Row]:
    """Building ResNet-152, and training steps of ResNet-50, from the graph and by hand."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    return [_building(), *_steps()]


def _building() -> Row:
    kind, variant = find("resnet152")
    network, catalogue = kind(variant=variant).network(), standard().copy()
    catalogue.know(network)
    analysis = Inference(catalogue).analyse(network)
    ours, theirs = _turns(
        lambda: build(network, catalogue, seed=1, analysis=analysis), lambda: ByHand((3, 8, 36, 3)), rounds=5
    )
    note = "seconds to make all modules with random weights"
    return Row("build ResNet-152 from its graph", ours, theirs, ours / theirs, 1.5, "s", least=False, note=note)


def _steps() -> list[Row]:
    kind, variant = find("resnet50")
    network, catalogue = kind(variant=variant).network(), standard().copy()
    catalogue.know(network)
    made, hand = build(network, catalogue, seed=1).module, ByHand((3, 4, 6, 3))
    hand.load_state_dict(made.state_dict())
    x = torch.rand(BATCH, 3, SIDE, SIDE)
    rows = []
    for name, call in (("forward", _forward), ("forward and backward", _backward)):
        ours, theirs = _turns(lambda call=call: call(made, x), lambda call=call: call(hand, x), rounds=ROUNDS)
        rows.append(
            Row(
                f"ResNet-50 {name}",
                1 / ours,
                1 / theirs,
                theirs / ours,
                0.99,
                "per s",
                note=f"batch {BATCH}, {SIDE}×{SIDE}",
            )
        )
    return rows


def _forward(module: nn.Module, x: Tensor) -> None:
    with torch.no_grad():
        module.eval()(x)


def _backward(module: nn.Module, x: Tensor) -> None:
    module.train()(x).square().mean().backward()
    for weight in module.parameters():
        weight.grad = None


def _turns(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The least of each, taken in turns after one go that does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for call, taken in zip((ours, theirs), times, strict=True):
            gc.collect()
            start = time.process_time()
            call()
            if turn:
                taken.append(time.process_time() - start)
    return min(times[0]), min(times[1])
