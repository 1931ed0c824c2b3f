"""How the verbs speak: tables, a progress bar, one sentence for a fault, and the exit code."""

from __future__ import annotations

import json
import logging
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from studio.training.events import EpochEnd, Notice, Started
from studio.training.stream import Batch

if TYPE_CHECKING:
    from graphs.inference.problems import Problem
    from studio.checking import Checked
    from studio.headless import Finished
    from studio.listing import Listed

INTERRUPTED = 130
LINES = 20
"""About how many lines a run writes where it cannot draw a bar."""


def _out() -> Console:
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


def _err() -> Console:
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


def guarded(work: Callable[[], object]) -> int:
    """Does the work; gives the exit code. Faults of the input become one sentence on stderr, never a traceback.

    The environment variable NETLOOM_DEBUG shows tracebacks and the log.
    """
    if not os.environ.get("NETLOOM_DEBUG"):
        logging.getLogger("netloom").addHandler(logging.NullHandler())
    try:
        work()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        complain("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        _close_pipe()
        return 1
    except (ValueError, OSError, MemoryError, ImportError) as fault:
        if os.environ.get("NETLOOM_DEBUG"):
            raise
        complain(sentence(fault))
        return 1
    return 0


def sentence(fault: BaseException) -> str:
    """What went wrong, on one line."""
    if isinstance(fault, MemoryError):
        return "Memory ran out: take smaller batches or a smaller network."
    if isinstance(fault, ImportError):
        return f"Something Netloom needs cannot be loaded ({fault}); “make setup” installs it."
    if isinstance(fault, OSError) and fault.strerror:
        where = f"{fault.filename}: " if fault.filename else ""
        return f"{where}{fault.strerror[:1].lower()}{fault.strerror[1:]}."
    return " ".join(str(fault).split()) or type(fault).__name__


def _close_pipe() -> None:
    """Whoever read our output has gone: nothing more is written, not even by Python when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """One line on stderr."""
    _err().print(escape(text), style="red" if sys.stderr.isatty() else "")


def say(text: str) -> None:
    """One line on stdout."""
    _out().print(escape(text))


def written(path: Path, note: str = "") -> None:
    """Says where something was written."""
    _out().print(f"[bold]{escape(str(path))}[/bold]" + (f"  {escape(note)}" if note else ""))


def write_json(value: Any) -> None:
    """JSON on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """A plain table; the columns `right` are set flush right."""
    made = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for index, name in enumerate(header):
        made.add_column(name, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*map(escape, row))
    Console(file=sys.stdout, highlight=False).print(made)


def listed(found: Sequence[Listed], sources: bool) -> None:
    """Architectures in a table; with the `sources` of their figures under it."""
    rows = [(one.name, one.title, str(one.year), _count(one.parameters), _count(one.multiply_adds)) for one in found]
    table(("name", "what it is", "year", "parameters", "multiply-adds"), rows, right=(3, 4))
    for one in found if sources else ():
        say(f"\n{one.title}: {one.source}. {one.cited}")


def checked(found: Checked) -> None:
    """What `check` found out."""
    rows = [
        (r.title, f"{r.kind} {r.summary}".strip(), r.shape, _count(r.parameters), _count(r.multiply_adds))
        for r in found.rows
    ]
    table(("node", "layer", "result", "parameters", "multiply-adds"), rows, right=(3, 4))
    say(f"\n{found.parameters:,} parameters · {found.multiply_adds:,} multiply-adds a sample")
    if found.hyperparameters:
        known = ("none" if value is None else f"{value:g}" for value in found.hyperparameters.values())
        say(" · ".join(f"{name} = {value}" for name, value in zip(found.hyperparameters, known, strict=True)))
    for problem in found.problems:
        say(f"{problem.severity}: {problem}{remedy(problem)}")
    for line in found.training:
        say(f"training: {line}")
    if found.buildable and not found.training:
        say("It can be built and trained.")


def remedy(problem: Problem) -> str:
    """What mends a problem, as a sentence; names in it are written as they are."""
    labels = [fix.label[:1].lower() + fix.label[1:] for fix in problem.fixes]
    labels += ["say --trust"] if any(getattr(fix.edit, "what", "") == "allow" for fix in problem.fixes) else []
    return f" To mend it: {', or '.join(labels)}." if labels else ""


@contextmanager
def building(file: str) -> Iterator[None]:
    """Says of a network that cannot be built which file holds it, and what mends it."""
    try:
        yield
    except ValueError as fault:
        found = getattr(fault, "problems", ())  # a BuildError, whose module brings torch: not imported to ask
        if not found:
            raise
        more = sum(problem.severity == "error" for problem in found) - 1
        also = f" And {more} more; “check” lists them." if more > 0 else ""
        raise ValueError(f"{file}: {found[0]}{remedy(found[0])}{also}") from fault


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def result(run: Finished) -> None:
    """The last line about a run."""
    last = run.history.epochs[-1] if run.history.epochs else None
    if run.message:
        say(run.message)
    if last is not None:
        steps = run.final.step - run.resumed
        say(f"{last.epoch:,} epochs, {steps:,} steps in {seconds(run.seconds)}: {_figures(last)}")


def _figures(end: Any) -> str:
    parts = [f"loss {end.train_loss:.4g}", f"validation loss {end.val_loss:.4g}"]
    if math.isfinite(end.val_accuracy):
        parts.append(f"validation accuracy {end.val_accuracy:.1%}")
    return ", ".join(part for part in parts if "nan" not in part)


def seconds(value: float) -> str:
    """A time as a person says it."""
    if value < 60:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"


@contextmanager
def working(what: str) -> Iterator[None]:
    """Shows that something takes a moment."""
    console = _err()
    if not console.is_terminal:
        yield
        return
    with console.status(escape(what)):
        yield


@contextmanager
def telling(what: str) -> Iterator[Callable[[float, str], None]]:
    """Shows that something takes a moment; gives what is told a share from 0 to 1 and the words for what is done."""
    console = _err()
    if not console.is_terminal:
        yield lambda share, words: None
        return
    with console.status(escape(what)) as status:
        yield lambda share, words: status.update(f"{escape(words or what)}  {share:.0%}")


@contextmanager
def progressing(what: str) -> Iterator[Callable[[float, str], None]]:
    """The same for something that tells how far it is: what it yields is told a share of 1 and words."""
    console = _err()
    if not console.is_terminal:
        yield lambda _share, _words: None
        return
    with console.status(escape(what)) as status:
        yield lambda _share, words: status.update(escape(words))


class TrainingBar:
    """A progress bar on stderr; where there is no terminal, a line now and then."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._console = _err()
        self._task: Any = None
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TextColumn("{task.fields[told]}"),
            console=self._console,
            transient=True,
        )
        self._figures, self._epochs = "", 0

    def __enter__(self) -> TrainingBar:
        if self._console.is_terminal:
            self._bar.start()
            self._task = self._bar.add_task(f"{self._name}: getting ready", total=None, told="")
        return self

    def __exit__(self, *_: object) -> None:
        if self._task is not None:
            self._bar.stop()

    def show(self, batch: Batch) -> None:
        """What the trainer just told."""
        for event in batch.events:
            if isinstance(event, Notice):
                self._console.print(escape(event.message))
            elif isinstance(event, Started):
                self._epochs = event.epochs
            elif isinstance(event, EpochEnd):
                self._figures = _figures(event)
                self._line(event.epoch)
        progress = batch.progress
        if progress is not None and self._task is not None:
            speed = f"{progress.samples_per_second:,.0f} samples/s" if progress.samples_per_second else ""
            left = f"{seconds(progress.seconds_left)} left" if progress.seconds_left else ""
            told = " · ".join(part for part in (self._figures, speed, left) if part)
            epoch = min(int(progress.epoch) + 1, progress.epochs)
            name = f"{escape(self._name)}: epoch {epoch:,} of {progress.epochs:,}"
            self._bar.update(self._task, description=name, total=progress.steps, completed=progress.step, told=told)

    def _line(self, epoch: int) -> None:
        every = max(1, -(-self._epochs // LINES))
        if self._task is None and (epoch == self._epochs or epoch % every == 0):
            self._console.print(f"epoch {epoch:,} of {self._epochs:,}: {self._figures}")
