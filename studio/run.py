"""A run as the session holds it: the trainer, what it stands on, and the newest it told. Light."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from graphs.layers.catalogue import Catalogue
from studio.groundwork import Ground
from studio.status import Level, State, Status, memory
from studio.training.events import Ended, Notice, Progress
from studio.training.history import History
from studio.weights.learnt import Learnt, learnt_by

if TYPE_CHECKING:
    from studio.recipe import Recipe
    from studio.training.recorder import Recorder
    from studio.training.snapshot import Snapshot
    from studio.training.trainer import Trainer

Phase = Literal["preparing", "paused", "running", "ended"]
MAY_GROW = ("epochs", "patience")
"""What may change in the recipe of a run that goes on after it was stopped."""


@dataclass(eq=False)
class Run:
    """One run. `live` is the newest snapshot it gave; `poll` brings everything up to date. `outgrown`: it was said
    that the project has been changed since it began."""

    ground: Ground
    trainer: Trainer
    progress: Progress | None = None
    ended: Ended | None = None
    live: Snapshot | None = None
    outgrown: bool = False
    notices: list[tuple[Level, str]] = field(default_factory=list)

    @property
    def phase(self) -> Phase:
        """What it does; ended only when all it told has been taken."""
        if self.ended is not None:
            return "ended"
        return "running" if self.trainer.phase == "ended" else self.trainer.phase

    @property
    def history(self) -> History:
        """Its numbers."""
        return self.trainer.history

    @property
    def recorder(self) -> Recorder | None:
        """Its memory."""
        return self.trainer.recorder

    def poll(self) -> Snapshot | None:
        """Takes what the trainer told since the last time; gives a new snapshot where there is one."""
        batch = self.trainer.stream.drain()
        self.progress = batch.progress or self.progress
        for event in batch.events:
            if isinstance(event, Notice):
                self.notices.append(("info", event.message))
            elif isinstance(event, Ended):
                self._end(event)
        fresh: Snapshot | None = (batch.latest or {}).get("snapshot")
        fresh = fresh and fresh.under(self.ground.names)
        self.live = fresh or self.live
        return fresh

    def newest(self) -> Snapshot | None:
        """The newest weights at hand."""
        recorded = self.recorder.at(2**62) if self.recorder else None
        found = [snapshot.under(self.ground.names) for snapshot in (recorded, self.live) if snapshot is not None]
        return max(found, key=lambda snapshot: snapshot.step, default=None)

    def status(self, state: State, cost: float, message: str) -> Status:
        """Where it is, as the session tells it; `cost` is what watching costs, `message` what there is to say."""
        told, ended = self.progress, self.ended
        said, node = (ended.message, ended.node) if ended else (message, "")
        if told is None:
            return Status(state, message=said, node=node)
        return Status(
            *(state, told.epoch, told.epochs, told.step, told.steps, told.samples_per_second, told.seconds_left),
            *(cost, self.trainer.device, *memory(self.trainer.device), said, told.loss, told.learning_rate),
            *(node, told.run),
        )

    def follow(self, ground: Ground) -> bool:
        """Goes by the names that the layers of this very design have now; whether they are others."""
        own = self.ground
        if own.key[:2] != ground.key[:2] or own.network is ground.network or own.names == ground.names:
            return False
        settings = {**ground.network.settings, "recipe": own.network.settings.get("recipe")}
        self.ground = replace(own, network=replace(ground.network, settings=settings), names=ground.names)
        return True

    def learnt(self, catalogue: Catalogue) -> Learnt | None:
        """What it has learnt, with what it was learnt on; None before the first step."""
        newest, ground = self.newest(), self.ground
        if newest is None or not newest.step:
            return None
        return replace(learnt_by(ground.network, catalogue, newest, ground.data), run=self.trainer.folder)

    def can_go_on(self, recipe: Recipe, ground: Ground) -> bool:
        """Whether it was stopped, or is done, and this design and recipe would go on from there."""
        trainer, progress = self.trainer, self.progress
        if self.ended is None or self.ended.reason == "failed" or trainer.final_state is None or not progress:
            return False
        old, new = trainer.recipe.model_dump(), recipe.model_dump()
        same = all(old[name] == new[name] for name in new if name not in MAY_GROW)
        per_epoch = progress.steps // progress.epochs
        return same and self.ground.key == ground.key and progress.step < recipe.epochs * per_epoch

    def outgrown_by(self, ground: Ground) -> list[tuple[Level, str]]:
        """Says once that the project is another now than the one that is trained."""
        changed = self.ground.key[:2] != ground.key[:2]
        if self.outgrown or not changed:
            return []
        self.outgrown = True
        what = "network as it was when it began; press Start over to train the new one."
        if self.ground.key[0] == ground.key[0]:
            what = "data as it was when it began; press Start over to train with the new data."
        return [("info", f"The run goes on with the {what}")]

    def replaced_by(self, run: str, runs: Path) -> list[tuple[Level, str]]:
        """Says that another run starts where this one, which had learnt something, was shown."""
        learnt = self.progress is not None and self.progress.step > 0
        if run == self.trainer.run or not learnt or self.ended is None or self.ended.reason == "failed":
            return []
        return [
            ("info", f"A new run starts from fresh weights; the last one is kept in {runs.name}/{self.trainer.run}.")
        ]

    def _end(self, event: Ended) -> None:
        self.ended = event
        if event.message:
            self.notices.append(("error" if event.reason == "failed" else "info", event.message))
