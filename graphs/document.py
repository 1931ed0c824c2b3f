"""The one writer of a network: applies edits, takes them back, and says once what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from graphs.edits import Edit, EditError, Patch
from graphs.network import Network
from graphs.patches import alike

K = TypeVar("K")
V = TypeVar("V")
Listener = Callable[["Change"], None]


@dataclass(frozen=True)
class Change:
    """What just happened: the network before and after, and the patch that leads from one to the other.

    `travelled` says that it went along the history: by undo, redo, or to one of its steps.
    """

    before: Network
    after: Network
    label: str
    patch: Patch
    travelled: bool = False


@dataclass(frozen=True)
class Step:
    """One entry of the history, forwards and backwards."""

    label: str
    forward: Patch
    backward: Patch
    merge: str | None = None

    @property
    def changes(self) -> bool:
        """Whether anything is different after it: a name set to what it was is no change."""
        return not alike(self.forward, self.backward)


class Document:
    """Holds the current network. Every change goes through `apply`, `undo`, `redo` or `replace`.

    Listeners are called once per change, after the state is complete; an edit raised inside a notification
    is refused with EditError, since listeners would see changes out of order.
    """

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or Network()
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._listeners: list[Listener] = []
        self._saved = self._network
        self._notifying = False
        self._pending: list[Step] | None = None

    @property
    def network(self) -> Network:
        """The network as it stands."""
        return self._network

    @property
    def modified(self) -> bool:
        """Whether the network differs from what was last saved."""
        return not alike(self._network, self._saved)

    def mark_saved(self) -> None:
        """Remembers the network as it stands as what is on disk."""
        self._saved = self._network
        self.seal()

    def apply(self, edit: Edit, merge: str | None = None) -> Change:
        """Applies an edit. Consecutive edits with the same `merge` key are one step of undo; what changes nothing
        is none, and leaves what can be done again alone.

        Raises EditError, with the document unchanged, when the edit does not fit.
        """
        self._refuse_inside_notification()
        patch = edit.patch(self._network)
        before = self._network
        self._network, back = patch.apply(before)
        step = Step(edit.label, patch, back, merge)
        if self._pending is not None:
            self._pending.append(step)
            return Change(before, self._network, step.label, patch)
        if step.changes:
            self._push(step)
        return self._notify(before, step.label, patch)

    @contextmanager
    def transaction(self, label: str) -> Iterator[None]:
        """Edits inside are one step and one notification; an exception takes all of them back."""
        self._refuse_inside_notification()
        if self._pending is not None:
            yield  # a transaction inside a transaction is part of it
            return
        before, self._pending = self._network, []
        try:
            yield
        except BaseException:
            self._network, self._pending = before, None
            raise
        steps, self._pending = self._pending, None
        if any(step.changes for step in steps):
            self._close(before, label, steps)

    def _close(self, before: Network, label: str, steps: list[Step]) -> None:
        forward, backward = Patch(), Patch()
        for step in steps:
            forward, backward = forward.then(step.forward), step.backward.then(backward)
        self._push(Step(label, forward, backward))
        self._notify(before, label, forward)

    @property
    def steps(self) -> tuple[str, ...]:
        """What was done, in order, and behind it what was undone and can be done again."""
        return tuple(step.label for step in (*self._done, *reversed(self._undone)))

    @property
    def history(self) -> tuple[Step, ...]:
        """The steps themselves, as `steps` names them: what words for them are made from."""
        return (*self._done, *reversed(self._undone))

    @property
    def position(self) -> int:
        """How many of the steps are done."""
        return len(self._done)

    def travel(self, position: int) -> Change | None:
        """Goes to where `position` steps are done, with one announcement; None when that is here.

        Raises EditError where there are not so many steps.
        """
        self._refuse_on_the_way()
        if not 0 <= position <= len(self._done) + len(self._undone):
            raise EditError(f"There is no step {position} to go to.")
        if position == len(self._done):
            return None
        return self._back(position) if position < len(self._done) else self._forth(position)

    def undo(self) -> Change | None:
        """Takes the last step back; None when there is none."""
        return self.travel(max(0, self.position - 1))

    def redo(self) -> Change | None:
        """Does the last undone step again; None when there is none."""
        return self.travel(min(self.position + 1, self.position + len(self._undone)))

    def replace(self, network: Network, *, label: str = "Open") -> Change:
        """Starts over with another network: an empty history, nothing to save."""
        self._refuse_on_the_way()
        before, self._network = self._network, network
        self._done, self._undone, self._saved = [], [], network
        return self._notify(before, label, difference(before, network))

    def seal(self) -> None:
        """Ends merging: the next edit is a step of its own even under the same merge key."""
        if self._done and self._done[-1].merge is not None:
            last = self._done[-1]
            self._done[-1] = Step(last.label, last.forward, last.backward)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._undone)

    @property
    def undo_label(self) -> str:
        """What undo would take back, or an empty string."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again, or an empty string."""
        return self._undone[-1].label if self._undone else ""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` after every change; returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _back(self, position: int) -> Change:
        steps = self._done[position:][::-1]
        patch = _joined(step.backward for step in steps)
        before, self._network = self._network, patch.apply(self._network)[0]
        del self._done[position:]
        self._undone.extend(steps)
        self.seal()
        return self._notify(before, steps[-1].label, patch, travelled=True)

    def _forth(self, position: int) -> Change:
        count = position - len(self._done)
        steps = self._undone[-count:][::-1]
        patch = _joined(step.forward for step in steps)
        before, self._network = self._network, patch.apply(self._network)[0]
        del self._undone[-count:]
        self._done.extend(steps)
        self.seal()
        return self._notify(before, steps[-1].label, patch, travelled=True)

    def _refuse_on_the_way(self) -> None:
        self._refuse_inside_notification()
        if self._pending is not None:
            raise EditError("Undo and redo wait until the change that is under way is complete.")

    def _push(self, step: Step) -> None:
        self._undone.clear()
        last = self._done[-1] if self._done else None
        if last and step.merge is not None and last.merge == step.merge:
            both = Step(last.label, last.forward.then(step.forward), step.backward.then(last.backward), step.merge)
            self._done[-1:] = [both] if both.changes else []  # a drag that came back to where it began is no step
        else:
            self._done.append(step)

    def _notify(self, before: Network, label: str, patch: Patch, travelled: bool = False) -> Change:
        change = Change(before, self._network, label, patch, travelled)
        self._notifying = True
        try:
            for listener in tuple(self._listeners):
                listener(change)
        finally:
            self._notifying = False
        return change

    def _refuse_inside_notification(self) -> None:
        if self._notifying:
            raise EditError("A change was raised while another one was being announced.")


def _joined(patches: Iterable[Patch]) -> Patch:
    whole = Patch()
    for patch in patches:
        whole = whole.then(patch)
    return whole


def difference(before: Network, after: Network) -> Patch:
    """The patch that leads from one network to the other."""
    return Patch(
        _changed(before.nodes, after.nodes),
        _changed(before.wires, after.wires),
        _changed(before.settings, after.settings),
        _changed(before.blocks, after.blocks),
        _changed(before.marks, after.marks),
    )


def _changed(before: Mapping[K, V], after: Mapping[K, V]) -> dict[K, V | None]:
    gone: dict[K, V | None] = {key: None for key in before if key not in after}
    return {**gone, **{k: v for k, v in after.items() if k not in before or not alike(before[k], v)}}
