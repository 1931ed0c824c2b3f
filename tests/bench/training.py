"""Training throughput over a plain PyTorch loop: without views, and with every live view open in the real
window.

Ours and the plain loop take turns in one process, since separate runs differ by far more than what is
measured; a figure is the median over the turns. Both use the same network, samples, batch size, optimiser
and number of threads; neither validates without views, both do after every epoch with them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from graphs.building.build import build
from graphs.layers.catalogue import standard
from graphs.network import Network
from studio.data.prepare import Part, Prepared, prepare
from studio.project import Project, open_project
from studio.recipe import Recipe
from studio.training.recorder import Recorder
from studio.training.stream import Stream
from studio.training.trainer import Trainer
from tests.bench.desk import endless
from tests.bench.plain import PlainLoop
from tests.bench.table import Row, render

CASES: dict[str, tuple[str, int, float, float]] = {
    "CNN": ("lenet-digits", 64, 0.98, 0.95),
    "MLP": ("mlp-digits", 32, 1.1, 0.90),
}
TURNS, SECONDS = 9, 1.5


def case(name: str, device: str, optimiser: str = "sgd") -> tuple[Project, Prepared, Recipe]:
    """An example that ships, with a recipe that goes on for as long as it is measured."""
    example, batch, _, _ = CASES[name]
    project = open_project(example)
    recipe = endless(batch, device, optimiser)
    data = prepare(project.data)
    nothing = Part(*(part[:0] for part in (data.validation.inputs, data.validation.targets, data.validation.rows)))
    return project, replace(data, validation=nothing), recipe


class Ours:
    """A trainer that makes steps when asked."""

    def __init__(self, network: Network, data: Prepared, recipe: Recipe) -> None:
        built = build(network, standard(), seed=recipe.seed)
        self.trainer = Trainer(built, data, recipe, stream=Stream(), recorder=Recorder())
        self.trainer.start()
        self.speed(0.5)

    def speed(self, seconds: float) -> float:
        """Steps a second over about so many seconds, from the order to the rest."""
        trainer = self.trainer
        self._rest()
        before, start = len(trainer.history), time.perf_counter()
        trainer.play()
        time.sleep(seconds)
        trainer.pause()
        self._rest()
        return (len(trainer.history) - before) / (time.perf_counter() - start)

    def _rest(self) -> None:
        while self.trainer.phase != "paused":
            if self.trainer.ended is not None:
                raise RuntimeError(self.trainer.ended.message)
            time.sleep(0.0005)

    def close(self) -> None:
        self.trainer.stop()
        self.trainer.join(10)


def turns(ours: Callable[[float], float], plain: Callable[[float], float], count: int, seconds: float) -> list[float]:
    """(ours, plain) medians in steps a second and the median of their ratio."""
    plain(0.5)
    pairs = [(ours(seconds), plain(seconds)) for _ in range(count)]
    ratios = [a / b for a, b in pairs]
    return [statistics.median(column) for column in ([a for a, _ in pairs], [b for _, b in pairs], ratios)]


def without_views(name: str, device: str, optimiser: str = "sgd") -> Row:
    """Our loop against the plain one."""
    project, data, recipe = case(name, device, optimiser)
    ours = Ours(project.network, data, recipe)
    threads = ours.trainer.threads or 1
    plain = PlainLoop(project.network, standard(), data, recipe, device=device, threads=threads)
    try:
        figures = turns(ours.speed, plain.speed, TURNS, SECONDS)
    finally:
        ours.close()
    title = f"training: {name}, no views" + (f" ({optimiser})" if optimiser != "sgd" else "")
    note = f"{recipe.batch_size} samples a step, {threads} thread{'s' * (threads > 1)}, {device}"
    return Row(title, *figures, CASES[name][2], "steps/s", note=note)


def run(device: str = "cpu") -> list[Row]:
    """All figures; about two minutes."""
    from tests.bench.watching import with_views

    rows = [without_views(name, device) for name in CASES]
    rows.append(without_views("MLP", device, "adam"))
    return rows + [row for name in CASES for row in with_views(name, device)]


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    rows: list[Any] = run(parser.parse_args(arguments).device)
    print(render(rows))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
