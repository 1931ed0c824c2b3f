"""A whole training run without a window: from a project to trained weights and a folder that holds the run.

Used by the terminal and by scripts. torch is imported inside.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graphs import storage
from studio.data.spec import dump_spec, parse_spec
from studio.project import Project, dump_recipe, parse_recipe
from studio.training.events import Ended, Started
from studio.training.stream import Batch, Stream

if TYPE_CHECKING:
    from graphs.build import Built
    from studio.data.base import DataSpec
    from studio.data.prepare import Prepared
    from studio.recipe import Recipe
    from studio.training.history import History
    from studio.training.runs import RunFile, RunFolder
    from studio.training.snapshot import Snapshot

Watch = Callable[[Batch], None]
POLL = 0.03
"""Seconds between two looks at the trainer's stream."""


class TrainingFault(ValueError):  # noqa: N818 (named like the other faults)
    """Why a run could not start, or failed: one sentence."""


@dataclass(frozen=True)
class Finished:
    """A run that is over: `final` holds the weights it ended with, after `resumed` steps of an earlier start."""

    project: Project
    built: Built
    data: Prepared
    recipe: Recipe
    history: History
    final: Snapshot
    message: str
    seconds: float
    resumed: int = 0


def train(
    project: Project, folder: Path | None = None, *, resume: bool = False, watch: Watch | None = None
) -> Finished:
    """Trains the project's network and waits for the end.

    With a `folder` the run is kept there, and `resume` goes on with the one that it holds, for as many epochs
    as the project's recipe says. `watch` hears what the trainer tells, about 30 times a second. Raises
    TrainingFault, DataFault, ProjectFault, FileFault and graphs.build.BuildError; KeyboardInterrupt stops the
    run, keeps it, and is raised again.
    """
    from studio.training.runs import RunFolder

    place = RunFolder(folder) if folder else None
    spec, recipe = project.data, project.recipe
    file = place.read() if place and resume and (place.path / "run.json").exists() else None
    if place and file:
        _check_same(project, file, place)
        spec = parse_spec(file.data)
        recipe = parse_recipe(file.recipe).model_copy(update={"epochs": recipe.epochs})
    return _Run(project, spec, recipe, place, file).finish(watch)


def _check_same(project: Project, file: RunFile, place: RunFolder) -> None:
    if file.design != storage.digest(project.network):
        raise TrainingFault(
            f"{place.path.name} holds a run of another network than {project.name} is now; choose another "
            "folder, or start anew without resuming."
        )


class _Run:
    """One run: readied in the constructor, trained by `finish`."""

    def __init__(
        self, project: Project, spec: DataSpec, recipe: Recipe, place: RunFolder | None, file: RunFile | None
    ) -> None:
        from graphs.build import build
        from studio.data.prepare import prepare
        from studio.training.trainer import Trainer

        self.project, self.spec, self.recipe, self.place, self.file = project, spec, recipe, place, file
        self.built = build(project.network, project.catalogue, seed=recipe.seed)
        self.data = prepare(spec)
        saved = place.load() if place and file else None
        self.resumed = saved.state.step if saved else 0
        self.stream = Stream()
        self.trainer = Trainer(
            self.built,
            self.data,
            recipe,
            stream=self.stream,
            run=place.path.name if place else "run",
            checkpoint=place,
            state=saved.state if saved else None,
            history=saved.history if saved else None,
            threads=file.threads if file else None,
        )

    def finish(self, watch: Watch | None) -> Finished:
        """Trains to the end. Raises TrainingFault where it fails."""
        started = time.perf_counter()
        self.trainer.start()
        try:
            ended = self._follow(watch)
        finally:
            self.trainer.stop()
            self.trainer.join()
        if ended.reason == "failed" or self.trainer.final is None:
            raise TrainingFault(ended.message or "The run failed.")
        seconds = time.perf_counter() - started
        return Finished(
            *(self.project, self.built, self.data, self.recipe, self.trainer.history, self.trainer.final),
            ended.message,
            seconds,
            self.resumed,
        )

    def _follow(self, watch: Watch | None) -> Ended:
        while True:
            alive = not self.trainer.join(POLL)
            batch = self.stream.drain()
            for event in batch.events:
                if isinstance(event, Started):
                    self._begin(event)
            if watch and batch:
                watch(batch)
            for event in batch.events:
                if isinstance(event, Ended):
                    return event
            if not alive:
                raise TrainingFault("The run ended without a word; start it anew.")

    def _begin(self, event: Started) -> None:
        """The trainer is ready: writes what decides this run, and lets it go."""
        if self.place and not self.file:
            self.place.checkpoint.path.unlink(missing_ok=True)
            self.place.create(self._described(event))
        self.trainer.play()

    def _described(self, event: Started) -> RunFile:
        from studio.training.runs import RunFile

        network = self.project.network
        return RunFile(
            run=event.run,
            created=time.strftime("%Y-%m-%dT%H:%M:%S"),
            design=storage.digest(network),
            network=storage.dumps(network),
            recipe=dump_recipe(self.recipe),
            data=dump_spec(self.spec),
            normalisation=self.data.normalisation.to_json(),
            device=event.device,
            threads=event.threads,
            versions={name: importlib.metadata.version(name) for name in ("torch", "numpy")},
        )
