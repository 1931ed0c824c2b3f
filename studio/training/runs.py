"""A run on disk: a folder with run.json, metrics.csv and the checkpoint."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from graphs.files import atomic
from graphs.files.faults import FileFault, read_bounded, unwritable
from studio.training.checkpoint import Checkpoint, Saved
from studio.training.history import EPOCH_COLUMNS, EpochRow, History, csv_line
from studio.training.state import State

HEADER = ",".join(EPOCH_COLUMNS)
FILES = ("run.json", "metrics.csv", "checkpoint.safetensors", "model.onnx", "weights.safetensors", "curves.svg")
"""What a run leaves in its folder."""
PREVIOUS = "previous"
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class RunFile:
    """What run.json says, written when a run starts: all that decides it, so that it can be repeated and
    compared.

    `design` is the digest of the network, `network` its whole design, `data` and `recipe` their settings.
    """

    run: str
    created: str
    design: str
    network: str
    recipe: Mapping[str, Any]
    data: Mapping[str, Any]
    normalisation: Any
    device: str = "cpu"
    threads: int = 1
    forked: Mapping[str, Any] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


class RunFolder:
    """The folder of a run; the trainer keeps it up to date through `begin`, `epoch_ended`, `due` and
    `save`."""

    def __init__(self, path: Path, file: RunFile | None = None, goes_on: bool = False) -> None:
        self.path, self.file = path, file
        self.checkpoint = Checkpoint(path / "checkpoint.safetensors")
        self._goes_on = goes_on
        self._resumed = goes_on

    @property
    def metrics(self) -> Path:
        """One row an epoch."""
        return self.path / "metrics.csv"

    def begin(self, device: str, threads: int) -> str:
        """Called by the trainer when it is ready: writes the file it was given; what there is to say about it.

        Raises FileFault.
        """
        return self.create(replace(self.file, device=device, threads=threads)) if self.file is not None else ""

    def create(self, file: RunFile) -> str:
        """Makes the folder and writes run.json; a run that is there already is kept in a folder below it.

        Gives the sentence that says so, else nothing. Raises FileFault.
        """
        text = json.dumps(asdict(file), indent=2, ensure_ascii=False) + "\n"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            told = "" if self._resumed else self._set_aside()
            atomic.write_text(self.path / "run.json", text)
            if not self._goes_on:
                self.checkpoint.path.unlink(missing_ok=True)
                atomic.write_text(self.metrics, HEADER + "\n")
        except OSError as error:
            raise unwritable(self.path, error) from error
        return told

    def _set_aside(self) -> str:
        """Moves the run that is here into the folder of the previous one, whose place it takes."""
        if not (self.path / "run.json").exists():
            return ""
        kept = self.path / PREVIOUS
        if kept.is_dir():
            shutil.rmtree(kept)
        kept.mkdir()
        for name in FILES:
            if (self.path / name).exists():
                (self.path / name).replace(kept / name)
        return f"The run that was in this folder is kept in {kept}."

    def read(self) -> RunFile:
        """What run.json says. Raises FileFault where it is missing or broken."""
        data = read_bounded(self.path / "run.json", MOST_BYTES)
        try:
            return RunFile(**json.loads(data))
        except (ValueError, TypeError) as error:
            raise FileFault("run.json", "", "is not the description of a run", "start the run anew") from error

    def load(self) -> Saved | None:
        """The last checkpoint, with metrics.csv put back to its rows; None when there is none. Raises
        FileFault."""
        self._resumed = True
        saved = self.checkpoint.load()
        if saved is not None:
            self._goes_on = True
            self._rewrite(saved.history)
        return saved

    def epoch_ended(self, row: EpochRow) -> None:
        """Appends the row to metrics.csv."""
        with self.metrics.open("a", encoding="utf-8", newline="") as file:
            file.write(csv_line(row) + "\n")

    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return self.checkpoint.due()

    def save(self, state: State, history: History) -> None:
        """Writes a checkpoint. Raises FileFault."""
        self.checkpoint.save(state, history)

    def _rewrite(self, history: History) -> None:
        lines = [HEADER, *(csv_line(row) for row in history.epochs)]
        atomic.write_text(self.metrics, "\n".join(lines) + "\n")


def fresh_id(runs: Path) -> str:
    """A name for a new run below `runs`: the time, and a number where that is taken."""
    stem = time.strftime("%Y-%m-%d_%H-%M-%S")
    taken = {path.name for path in runs.iterdir()} if runs.is_dir() else set()
    return next(name for name in (stem, *(f"{stem}_{i}" for i in range(2, 10_000))) if name not in taken)


def claim(runs: Path) -> Path:
    """A new folder below `runs`, made so that no other run can have it. Raises OSError."""
    runs.mkdir(parents=True, exist_ok=True)
    while True:
        folder = runs / fresh_id(runs)
        with contextlib.suppress(FileExistsError):  # another run was quicker
            folder.mkdir()
            return folder


def run_ids(runs: Path) -> list[str]:
    """The runs below `runs`, oldest first."""
    if not runs.is_dir():
        return []
    return sorted(path.parent.name for path in runs.glob("*/run.json"))
