"""From a network, data and a recipe to a trainer, on disk or not, new or resumed."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from graphs.building.build import build
from graphs.files import storage
from graphs.files.faults import FileFault
from graphs.layers.catalogue import Catalogue
from graphs.network import Network
from studio.data.prepare import Prepared
from studio.design import design_of, known_as
from studio.recipe import Recipe
from studio.training.governor import Governor
from studio.training.history import History
from studio.training.recorder import Recorder
from studio.training.runs import RunFile, RunFolder
from studio.training.state import State
from studio.training.stream import Stream
from studio.training.trainer import Trainer

MAY_DIFFER = ("epochs", "patience", "device")
"""What a resumed run may change in its recipe."""


def launch(
    network: Network,
    catalogue: Catalogue,
    data: Prepared,
    recipe: Recipe,
    *,
    stream: Stream | None = None,
    folder: Path | None = None,
    resume: bool = False,
    spec: Mapping[str, Any] | None = None,
    recorder: Recorder | None = None,
    governor: Governor | None = None,
    run: str | None = None,
    state: State | None = None,
    history: History | None = None,
    threads: int | None = None,
    spare: int = 0,
    forked: Mapping[str, Any] | None = None,
    first: Mapping[str, Tensor] | None = None,
) -> Trainer:
    """A trainer that waits to be started, with the network built from the recipe's seed, or with the `first` weights
    where there are any.

    `folder` keeps the run on disk: run.json, metrics.csv, checkpoint.safetensors. With `resume` it goes on
    from what the folder holds (from the start where there is no checkpoint yet). `state` and `history` go
    on from an earlier state instead. `spec` are the settings of the data, for run.json; `spare` processors
    are left to others. Raises BuildError and FileFault.
    """
    name = run or (folder.name if folder else "run")
    keeper = None
    if folder is not None:
        design = design_of(network, catalogue)
        goes_on = state is not None and forked is None
        keeper = RunFolder(folder, run_file(name, design, network, data, recipe, spec or {}, forked), goes_on)
        if resume:
            told = _check(keeper, known_as(network, catalogue), recipe, spec or {})
            keeper.file = replace(keeper.file or told, created=told.created, forked=told.forked)
            threads = told.threads
            saved = keeper.load()
            state, history = saved or (None, None)
    built = build(network, catalogue, seed=recipe.seed)
    if first is not None and state is None:
        built.module.load_state_dict(dict(first))
    return Trainer(
        built,
        data,
        recipe,
        stream=stream or Stream(),
        run=name,
        recorder=recorder,
        checkpoint=keeper,
        governor=governor,
        state=state,
        history=history,
        threads=threads,
        spare=spare,
    )


def run_file(
    run: str,
    design: str,
    network: Network,
    data: Prepared,
    recipe: Recipe,
    spec: Mapping[str, Any],
    forked: Mapping[str, Any] | None = None,
) -> RunFile:
    """The description of a run that starts now; `forked` names the run and the step that it starts from."""
    return RunFile(
        run=run,
        created=time.strftime("%Y-%m-%dT%H:%M:%S"),
        design=design,
        network=storage.dumps(network),
        recipe=recipe.model_dump(mode="json"),
        data=dict(spec),
        normalisation=json.loads(data.normalisation.to_json()),
        forked=forked,
        versions={"torch": torch.__version__, "python": platform.python_version()},
    )


def _check(folder: RunFolder, designs: tuple[str, ...], recipe: Recipe, spec: Mapping[str, Any]) -> RunFile:
    """The description of the run in `folder`. Raises FileFault unless it is a run of this network, known by any of
    `designs`, of this recipe and data."""
    file = folder.read()
    if file.design not in designs:
        raise FileFault(folder.path.name, "", "holds a run of another network", "choose another folder")
    if dict(file.data) != json.loads(json.dumps(dict(spec))):
        raise FileFault(folder.path.name, "", "holds a run on other data", "choose another folder")
    for name, value in recipe.model_dump(mode="json").items():
        if name not in MAY_DIFFER and file.recipe.get(name, value) != value:
            title = Recipe.model_fields[name].title or name
            problem = f"holds a run with {title.lower()} {file.recipe[name]}, not {value}"
            raise FileFault(folder.path.name, "", problem, "choose another folder, or the same recipe")
    return file
