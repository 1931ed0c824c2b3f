"""A whole training run without a window: from a project to trained weights and a folder that holds the run.

Used by the terminal and by scripts. torch is imported inside.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from studio.checking import misfit_of
from studio.data.spec import DataSpec, dump_spec, parse_spec
from studio.project import Project, dump_recipe, parse_recipe
from studio.recipe import Recipe
from studio.training.events import Ended
from studio.training.stream import Batch
from studio.weights.learnt import fitting

if TYPE_CHECKING:
    from torch import Tensor

    from graphs.building.build import Built
    from studio.data.prepare import Prepared
    from studio.training.history import History
    from studio.training.snapshot import Snapshot
    from studio.training.trainer import Trainer

Watch = Callable[[Batch], None]
POLL = 0.03
"""Seconds between two looks at the trainer's stream."""


class TrainingFault(ValueError):
    """Why a run could not start, or failed: one sentence; `finished` holds the sound part of one that failed."""

    finished: Finished | None = None


@dataclass(frozen=True)
class Finished:
    """A run that is over: `final` holds the weights it ended with, `resumed` the steps of earlier starts."""

    project: Project
    built: Built
    data: Prepared
    recipe: Recipe
    history: History
    final: Snapshot
    message: str
    seconds: float
    resumed: int = 0

    @property
    def score(self) -> float:
        """The validation accuracy at the end, 0…1; for regression the validation loss."""
        last = self.history.epochs[-1]
        return last.val_accuracy if self.data.task == "classification" else last.val_loss


def train(
    project: Project,
    folder: Path | None = None,
    *,
    resume: bool = False,
    changes: Mapping[str, Any] | None = None,
    watch: Watch | None = None,
) -> Finished:
    """Trains the project's network and waits for the end.

    With a `folder` the run is kept there, and `resume` goes on with the one that it holds, by its own recipe
    and data. `changes` are options of the recipe that differ this time. `watch` hears what the trainer tells,
    about 30 times a second. Raises TrainingFault, DataFault, ProjectFault, FileFault and
    graphs.building.build.BuildError; KeyboardInterrupt stops the run, keeps it, and is raised again.
    """
    from studio.data.prepare import prepare
    from studio.training.launch import launch

    spec, recipe, resume = _what(project, folder, resume, changes or {})
    data = prepare(spec)
    first = None if resume else _first(project, recipe.seed)
    trainer = launch(
        project.network,
        project.catalogue,
        data,
        recipe,
        folder=folder,
        resume=resume,
        spec=dump_spec(spec),
        first=first,
    )
    built = cast("Built", trainer.built)
    misfit = misfit_of(data.shape, built.shapes[0].dims) if len(built.shapes) == 1 else ""
    if misfit:
        raise TrainingFault(misfit)
    resumed = len(trainer.history)
    started = time.perf_counter()
    ended = _run(trainer, watch)
    seconds = time.perf_counter() - started
    if trainer.final is None:
        raise TrainingFault(ended.message or "The run failed; start it anew.")
    said = ended.message or _done_already(trainer, resumed)
    finished = Finished(*(project, built, data, recipe, trainer.history, trainer.final, said, seconds, resumed))
    if ended.reason == "failed":
        fault = TrainingFault(ended.message or "The run failed; start it anew.")
        fault.finished = finished
        raise fault
    return finished


def _first(project: Project, seed: int) -> Mapping[str, Tensor] | None:
    """The weights that the project begins with in place of fresh ones; published ones are fetched."""
    from studio.weights.starting import build_begun, start_of

    if start_of(project.network) is None:
        return _imported(project, seed)
    _, begun = build_begun(project.network, project.catalogue, seed, fetch=True)
    return begun.landing.state if begun is not None else None


def _imported(project: Project, seed: int) -> Mapping[str, Tensor] | None:
    """The weights that the project was imported with, those that still fit it."""
    from graphs.building.build import build

    found = project.learnt() if project.learnt is not None else None
    if found is None or not found.begins:
        return None
    fresh = build(project.network, project.catalogue, seed=seed).module.state_dict()
    fits = fitting(lambda: found, project.network, project.catalogue, fresh)
    return fits.weights if fits is not None else None


def _done_already(trainer: Trainer, resumed: int) -> str:
    """What to say of a resumed run that had no step left to make."""
    if not resumed or len(trainer.history) > resumed or not trainer.history.epochs:
        return ""
    return f"This run is done already: it has made {trainer.history.epochs[-1].epoch:,} epochs; ask for more."


def _what(
    project: Project, folder: Path | None, resume: bool, changes: Mapping[str, Any]
) -> tuple[DataSpec, Recipe, bool]:
    """Data and recipe of the run, and whether there is one to go on with."""
    from studio.training.runs import RunFolder

    spec, recipe = project.data, project.recipe
    resume = bool(resume and folder and (folder / "run.json").exists())
    if resume and folder:
        file = RunFolder(folder).read()
        spec, recipe = parse_spec(file.data), parse_recipe(file.recipe)
    return spec, parse_recipe({**dump_recipe(recipe), **changes}), resume


def _run(trainer: Trainer, watch: Watch | None) -> Ended:
    """Lets the trainer train to its end; whatever happens here, its thread has ended afterwards."""
    trainer.start()
    trainer.play()
    try:
        return _follow(trainer, watch)
    finally:
        trainer.stop()
        while trainer.phase != "ended":
            time.sleep(POLL)
        trainer.join()


def _follow(trainer: Trainer, watch: Watch | None) -> Ended:
    """Waits without `join`: before Python 3.13 Ctrl+C inside it makes a running thread look ended."""
    while True:
        over = trainer.phase == "ended"
        batch = trainer.stream.drain()
        if watch and batch:
            watch(batch)
        for event in batch.events:
            if isinstance(event, Ended):
                return event
        if over:
            raise TrainingFault("The run ended without a word; start it anew.")
        time.sleep(POLL)
