"""How late a 16 ms timer of the window's thread fires while training runs flat out and every view is open.

Lateness is the time between two beats beyond 16 ms. The garbage collector is frozen after the start, as the
program itself does. Timers of 16 ms are themselves inexact by about a millisecond.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from tests.bench.desk import OpenDesk
from tests.bench.table import Row, render

BEAT = 16.0
SECONDS = 12.0
P99, MOST = 12.0, 50.0


def lateness(desk: OpenDesk, seconds: float, training: bool) -> np.ndarray:
    """Milliseconds that each beat was late."""
    from PySide6.QtCore import Qt, QTimer

    beats: list[float] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start(round(BEAT))
    if training:
        desk.train(seconds)
    else:
        desk.run(seconds)
    timer.stop()
    return np.maximum(1000 * np.diff(beats) - BEAT, 0.0)


def measure(example: str, batch: int, device: str, title: str) -> list[Row]:
    """The heartbeat of a window on this example; the reference is the same window at rest."""
    desk = OpenDesk(example, batch, device)
    try:
        desk.train(4.0)
        gc.collect()
        gc.freeze()
        resting = lateness(desk, 3.0, training=False)
        busy = lateness(desk, SECONDS, training=True)
    finally:
        gc.unfreeze()
        desk.close()
    beats = f"{len(busy)} beats; reference: the same window at rest"
    return [
        _row(
            f"heartbeat: {title}, p99 late",
            float(np.percentile(busy, 99)),
            float(np.percentile(resting, 99)),
            P99,
            beats,
        ),
        _row(f"heartbeat: {title}, worst", float(busy.max()), float(resting.max()), MOST, beats),
    ]


def _row(name: str, ours: float, reference: float, aim: float, note: str) -> Row:
    return Row(name, ours, reference, ours, aim, "ms", least=False, note=note)


def run(device: str = "cpu") -> list[Row]:
    """A small network, whose steps want the interpreter all the time, and a convolutional one."""
    return [*measure("mlp-digits", 32, device, "MLP"), *measure("lenet-digits", 64, device, "CNN")]


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    rows = run(parser.parse_args(arguments).device)
    print(render(rows))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
