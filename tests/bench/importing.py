"""How long it takes from a file of DenseNet-121 to its network, laid out and with its weights: 1,746 operators.

The weights are drawn at random, since the model inside the onnx package holds the same number everywhere.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.apart import apart
from tests.bench.table import Row, render

MODEL = "light_densenet121"
MOST = 3000.0
ROUNDS = 3


def run() -> list[Row]:
    """About fifteen seconds."""
    first, *others = apart(read, ROUNDS)
    rows = [("first", first), ("again", sorted(others)[len(others) // 2])]
    return [
        Row("DenseNet-121 from ONNX, laid out", taken, taken, taken, MOST, "ms", least=False, note=note)
        for note, taken in rows
    ]


def read(rounds: int) -> list[float]:
    """Milliseconds of each time. PyTorch was asked about a network before, as in the window, where one is shown."""
    from graphs.architectures import find
    from graphs.exchange.from_onnx import read_onnx
    from graphs.inference.shapes import Inference
    from graphs.layers.catalogue import standard
    from tests.graphs.exchange.from_onnx.lively import write_light

    kind, variant = find("squeezenet1_1")
    Inference(standard()).analyse(kind(variant=variant).network())
    times = []
    with tempfile.TemporaryDirectory() as folder:
        path = write_light(MODEL, Path(folder))
        for _ in range(rounds):
            start = time.perf_counter()
            read_onnx(path, standard())
            times.append(1000 * (time.perf_counter() - start))
    return times


if __name__ == "__main__":
    print(render(run()))
