"""What must be there before anything can be trained or looked at: data in memory, and weights to begin with.

A thread readies it whenever the design changes; only the newest wish counts. Light at import.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from graphs.files import plainjson
from graphs.files.faults import FileFault
from graphs.layers.catalogue import Catalogue
from graphs.network import Network
from studio.data.spec import DataSpec
from studio.design import design_of
from studio.status import Level
from studio.weights.brought import Brought
from studio.weights.following import Names, names_of, renamed
from studio.weights.learnt import Bring, Learnt, fitting
from studio.weights.starting import SECTION, begun

if TYPE_CHECKING:
    from torch import Tensor

    from graphs.inference.problems import Problem
    from studio.data.prepare import Prepared
    from studio.recipe import Recipe
    from studio.training.snapshot import Snapshot
    from studio.training.trainer import Trainer

log = logging.getLogger("netloom.session")


@dataclass(frozen=True)
class Wish:
    """A design to ready: `launch` makes a trainer from the ground, when one is wanted and can be had."""

    network: Network
    catalogue: Catalogue
    spec: DataSpec
    seed: int
    launch: Callable[[Ground], Trainer | PassedOver | None] | None = None
    learnt: Bring | None = None
    recipe: Recipe | None = None


@dataclass(frozen=True)
class Ground:
    """What a wish led to. `snapshot` holds the weights before training, or those that the project brought along,
    which are `learnt` then. It is None, and `problem` says why in one sentence, where there is nothing to train or look
    at; `fault` mends that where the data does not fit the network, or its outputs do not fit the data: then it can be
    looked at, and not trained. `note` says what else is amiss. Equal `key` means
    that equal networks are built, with equal data and first weights; it begins with the design's digest. `names` are
    those of the network's layers, by which all weights go. `first` are weights that training begins with in place of
    fresh ones, `begun` what they are called and `told` what belongs to them; `missing` says why they cannot be had."""

    network: Network
    key: tuple[str, str, int, int]
    data: Prepared | None = None
    snapshot: Snapshot | None = None
    learnt: Learnt | None = None
    problem: str = ""
    fault: Problem | None = None
    note: tuple[Level, str] | None = None
    trainer: Trainer | None = None
    launched: bool = False
    names: Names = field(default_factory=dict)
    first: Mapping[str, Tensor] | None = None
    begun: str = ""
    missing: str = ""
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What there is while nothing is trained; empty where that is nothing but fresh weights."""
        if self.learnt is not None:
            return f"Weights of step {self.learnt.step:,}" if self.learnt.step else "Weights that it was imported with"
        if self.begun and self.fault is None:
            return f"Begins with the weights of {self.begun}"
        return self.fault.message if self.fault is not None else ""


class Groundwork:
    """The thread. It starts with the first wish and ends with `close`."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._wish: Wish | None = None
        self._found: Ground | None = None
        self._last: Ground | None = None
        self._loaded: tuple[str, Prepared] | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def want(self, wish: Wish) -> None:
        """Readies this; an earlier wish that is not done is forgotten unless it was to launch a trainer."""
        with self._change:
            if self._closed or (self._wish is not None and self._wish.launch and not wish.launch):
                return
            self._wish = wish
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="groundwork", daemon=True)
                self._thread.start()
            self._change.notify_all()

    def take(self) -> Ground | None:
        """What is ready since the last call."""
        with self._change:
            found, self._found = self._found, None
            return found

    def close(self, timeout: float = 10.0) -> bool:
        """Ends the thread; False where it did not end in time."""
        with self._change:
            self._closed = True
            self._change.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._closed or self._wish is not None)
                if self._closed:
                    return
                wish, self._wish = self._wish, None
            if wish is not None:
                self._ready(wish)

    def _ready(self, wish: Wish) -> None:
        try:
            ground = self._ground(wish)
        except Superseded:
            return
        with self._change:
            self._last = replace(ground, trainer=None, launched=False, note=None)
            if self._found is None or not self._found.launched or ground.launched:
                self._found = ground

    def _ground(self, wish: Wish) -> Ground:
        begins = plainjson.compact(wish.network.settings.get(SECTION))
        learnt = hash((begins, 0 if wish.learnt is None else id(wish.learnt)))
        brought = hash((learnt, tuple(wish.catalogue.codes.items())))  # code that changes is another network
        key = (design_of(wish.network, wish.catalogue), wish.spec.model_dump_json(), wish.seed, brought)
        names = names_of(wish.network, wish.catalogue)
        ground = Ground(wish.network, key, launched=wish.launch is not None, names=names)
        if _reusable(self._last) and self._last is not None and self._last.key == key:
            last, kept = self._last, self._last.learnt
            snapshot = last.snapshot and last.snapshot.under(names)
            first = renamed(last.first, last.names, names) if last.first is not None else None
            ground = replace(ground, data=last.data, snapshot=snapshot, learnt=kept and kept.under(names))
            ground = replace(ground, first=first, begun=last.begun, told=last.told)
        try:
            ground = replace(ground, data=self._data(wish, key[1]))
            ground = ground if ground.snapshot else _with_weights(ground, wish)
            ground = ground if ground.fault else replace(ground, fault=_unable(ground, wish))
            return ground if ground.fault or not wish.launch else _launched(ground, wish.launch(ground))
        except Superseded:
            raise
        except Exception as error:  # whatever is wrong with a design is told, and another design is tried
            if not isinstance(error, ValueError):
                log.exception("a design could not be readied")
            return replace(ground, problem=one_sentence(error))

    def _data(self, wish: Wish, key: str) -> Prepared:
        from studio.data.prepare import prepare

        if self._loaded is None or self._loaded[0] != key:
            self._loaded = None
            self._loaded = key, prepare(wish.spec, self._check)
        return self._loaded[1]

    def _check(self, _share: float) -> None:
        """Called while data is loaded; ends the loading when nobody waits for it any more."""
        if self._closed or self._wish is not None:
            raise Superseded


@dataclass(frozen=True)
class PassedOver:
    """A run on disk of this very design that is not gone on with, and why, in one sentence."""

    why: str


class Superseded(Exception):
    """Something newer is wanted."""


def _launched(ground: Ground, trainer: Trainer | PassedOver | None) -> Ground:
    """The ground with its trainer; a run that goes on needs no word about weights that were kept beside it."""
    if isinstance(trainer, PassedOver):
        level, said = ground.note or ("info", "")
        return replace(ground, note=(level, f"{said} {trainer.why}".strip()))
    goes_on = trainer is not None and trainer.first is not None
    return replace(ground, trainer=trainer, note=None if goes_on else ground.note)


def _with_weights(ground: Ground, wish: Wish) -> Ground:
    """The weights that the project brought along where they fit the design, else those a run begins with.

    Neither where the data does not fit. Raises BuildError.
    """
    from graphs.building.build import build
    from studio.training.snapshot import Snapshot
    from studio.weights.misfit import misfit

    built = build(wish.network, wish.catalogue, seed=wish.seed)
    fault = None
    if ground.data is not None:
        keeps = isinstance(wish.learnt, Brought) and wish.learnt.begins
        fault = misfit(built, wish.catalogue, ground.data, wish.network, keeps=keeps)
    if fault is not None:
        return replace(ground, data=None, problem=fault.message, fault=fault)
    state = {name: tensor.detach() for name, tensor in built.module.state_dict().items()}
    first = Snapshot("", 0, 0.0, state, names=ground.names)
    ground = _begun(ground, wish, state)
    first = replace(first, weights=ground.first or state)
    try:
        learnt = fitting(wish.learnt, wish.network, wish.catalogue, state)
    except FileFault as fault:
        return replace(ground, snapshot=first, note=("warning", str(fault)))
    if learnt is None:
        return replace(ground, snapshot=first, note=("warning", ground.missing) if ground.missing else None)
    if learnt.begins:
        ground = replace(ground, first=learnt.weights)
    note = _shown_as(learnt)
    shown = Snapshot("", learnt.step, 0.0, learnt.weights, names=ground.names)
    return replace(ground, snapshot=shown, learnt=learnt, note=("info", note) if note else None)


def _begun(ground: Ground, wish: Wish, fresh: Mapping[str, Tensor]) -> Ground:
    """The weights that training begins with, where those are not the fresh ones; nothing is fetched for that."""
    try:
        found = begun(wish.network, wish.catalogue, fresh)
    except ValueError as fault:
        return replace(ground, missing=str(fault))
    if found is None:
        return ground
    return replace(ground, first=found.landing.state, begun=found.start.words, told=found.told)


def _reusable(ground: Ground | None) -> bool:
    return ground is not None and ground.snapshot is not None and not ground.missing


def _shown_as(learnt: Learnt) -> str:
    """What is said of weights that the project brought along."""
    if learnt.fresh:
        listed = ", ".join(learnt.fresh[:3]) + (f" and {len(learnt.fresh) - 3:,} more" if len(learnt.fresh) > 3 else "")
        return f"It begins with the weights it came with where they still fit; as new begin {listed}."
    if learnt.begins:
        return f"It is shown as it was saved, after {learnt.step:,} steps of training." if learnt.step else ""
    return f"It is shown as it was saved, after {learnt.step:,} steps of training; a new run begins from the start."


def _unable(ground: Ground, wish: Wish) -> Problem | None:
    from graphs.inference.shapes import Inference
    from studio.weights.misfit import unable

    if ground.data is None or wish.recipe is None:
        return None
    return unable(Inference(wish.catalogue).analyse(wish.network), wish.catalogue, ground.data, wish.recipe)


def one_sentence(error: Exception) -> str:
    """What went wrong, for a person."""
    first = (str(error).strip().splitlines() or [""])[0][:300]
    return first if isinstance(error, ValueError) and first else f"This could not be readied: {first or error!r}."
