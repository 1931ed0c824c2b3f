"""Trainers for a project's grounds: a new one, one that goes on, and the one that a project is opened with.

Called in the groundwork thread. Light at import.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphs.files.faults import FileFault
from studio.data.spec import dump_spec
from studio.design import known_as
from studio.groundwork import Ground, PassedOver
from studio.project import Project
from studio.run import Run
from studio.training.governor import Governor

if TYPE_CHECKING:
    from studio.recipe import Recipe
    from studio.training.trainer import Trainer

log = logging.getLogger("netloom.session")
MOST_RUNS = 50
"""At most so many runs are looked through for one that fits."""


def trainer_of(
    project: Project,
    governor: Governor,
    ground: Ground,
    how: Mapping[str, Any] | None = None,
    recipe: Recipe | None = None,
) -> Trainer:
    """A trainer on this ground; `how` are options of `launch`, `recipe` another than the project's.

    Raises BuildError, FileFault, and ValueError where the weights cannot be had that it begins with.
    """
    from studio.training.launch import launch
    from studio.training.recorder import Recorder
    from studio.training.runs import fresh_id

    how, runs = how or {}, project.runs
    if ground.missing and "state" not in how and not how.get("resume"):
        raise ValueError(ground.missing)
    run = how.get("run") or fresh_id(runs)
    assert ground.data is not None
    options = {"recorder": Recorder(), "governor": governor, "spec": dump_spec(project.data), **how}
    options |= {"first": ground.first} if ground.first is not None else {}
    options |= {"run": run, "folder": runs / run, "spare": 1}  # a window and its worker need one
    return launch(ground.network, project.catalogue, ground.data, recipe or project.recipe, **options)


def new_or_continued(project: Project, governor: Governor, run: Run | None, ground: Ground) -> Trainer:
    """A trainer for the design as it is, from where `run` ended if that fits."""
    recipe = project.recipe
    if run is None or not run.can_go_on(recipe, ground):
        return trainer_of(project, governor, ground)
    old = run.trainer
    how = {"state": old.final_state, "threads": old.threads, "history": old.history, "recorder": old.recorder}
    return trainer_of(project, governor, ground, {**how, "run": old.run})


def reopened(project: Project, governor: Governor, ground: Ground) -> Trainer | PassedOver | None:
    """The newest run on disk of this very design, from its checkpoint; None where there is none that can go on. It is
    passed over where the project brought weights along that have learnt for longer."""
    run = _newest(project, ground)
    if run is None:
        return None
    try:
        trainer = trainer_of(project, governor, ground, {"run": run, "resume": True})
        first, shown = trainer.first, ground.snapshot
        if first is not None and shown is not None and 0 < first.step < shown.step:
            return PassedOver(f"The run {run}, which broke off at step {first.step:,}, is kept in {project.runs.name}.")
        return trainer if _sound(trainer, ground) else None
    except Exception as error:  # noqa: BLE001 (a run that is refused or broken must not keep its project closed)
        log.info("run %s cannot be gone on with: %s", run, error)
        return None


def _newest(project: Project, ground: Ground) -> str | None:
    from studio.training.runs import RunFolder, run_ids

    designs = known_as(ground.network, project.catalogue)
    for run in run_ids(project.runs)[: -MOST_RUNS - 1 : -1]:
        folder = RunFolder(project.runs / run)
        try:
            if folder.checkpoint.path.is_file() and folder.read().design in designs:
                return run
        except FileFault:
            continue
    return None


def _sound(trainer: Trainer, ground: Ground) -> bool:
    """Whether it begins from weights of this network, as far as the weights at hand or further. Raises FileFault."""
    from graphs.files.weights import check_fit

    first, shown = trainer.first, ground.snapshot
    if first is None or shown is None or not first.step or first.step < shown.step:
        return False
    check_fit(first.under(ground.names).weights, shown.weights, trainer.run)
    return True
