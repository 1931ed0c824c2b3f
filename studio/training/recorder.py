"""The memory of a run: its state at steps that lie ever further apart, within a bound."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from studio.training.snapshot import Snapshot
from studio.training.state import State

MOST_BYTES = 512 * 2**20
MOST_STATES = 128
GROWTH = 1.12


class Recorder:
    """Keeps states at log-spaced steps on the host; the trainer writes, any thread reads.

    When they grow beyond the bound every second one goes and the spacing doubles; the first and the last
    stay.
    """

    def __init__(
        self,
        run: str = "",
        per_epoch: int = 1,
        *,
        most_bytes: int = MOST_BYTES,
        most_states: int = MOST_STATES,
    ) -> None:
        self.run, self.per_epoch = run, per_epoch
        self._most_bytes, self._most_states = most_bytes, max(2, most_states)
        self._growth = GROWTH
        self._lock = threading.Lock()
        self._states: dict[int, State] = {}
        self.next = 0

    def steps(self) -> tuple[int, ...]:
        """The recorded steps, in order."""
        with self._lock:
            return tuple(self._states)

    def record(self, state: State) -> None:
        """Keeps this state, copied to the host; `next` becomes the step to record after it."""
        kept = on_host(state)
        with self._lock:
            self._states[kept.step] = kept
            self._states = dict(sorted(self._states.items()))
            self._thin()
            self.next = max(kept.step + 1, int(kept.step * self._growth))

    def nearest(self, step: int) -> State | None:
        """The state recorded last at or before `step`, or the first one."""
        with self._lock:
            steps = list(self._states)
            if not steps:
                return None
            return self._states[steps[max(0, bisect_right(steps, step) - 1)]]

    def at(self, step: int) -> Snapshot | None:
        """The network as it was at `step`, or at the recorded step before it; None when nothing is
        recorded."""
        state = self.nearest(step)
        return None if state is None else snapshot_of(state, self.run, self.per_epoch)

    def copy(self, step: int) -> Recorder:
        """Its own memory of the same states, up to `step`, for a run that is forked there."""
        other = Recorder(self.run, self.per_epoch, most_bytes=self._most_bytes, most_states=self._most_states)
        with self._lock:
            other._states, other._growth, other.next = dict(self._states), self._growth, self.next
        other.forget_after(step)
        return other

    def forget_after(self, step: int) -> None:
        """Drops what was recorded after `step`."""
        with self._lock:
            self._states = {number: state for number, state in self._states.items() if number <= step}
            self.next = min(self.next, step + 1)

    def _thin(self) -> None:
        while len(self._states) > 2 and self._beyond():
            last = next(reversed(self._states))
            kept = {step: state for i, (step, state) in enumerate(self._states.items()) if i % 2 == 0 or step == last}
            self._states = kept
            self._growth = self._growth**2

    def _beyond(self) -> bool:
        size = sum(state.size() for state in self._states.values())
        return len(self._states) > self._most_states or size > self._most_bytes


def snapshot_of(state: State, run: str, per_epoch: int) -> Snapshot:
    """What views need of a state."""
    return Snapshot(run, state.step, state.step / max(1, per_epoch), state.weights, state.gradients, state.names)


def on_host(state: State) -> State:
    """The same state with its tensors in the computer's memory."""
    if all(tensor.device.type == "cpu" for tensor in state.weights.values()):
        return state
    memory = {name: [tensor.cpu() for tensor in tensors] for name, tensors in state.memory.items()}
    return replace(state, weights=_on_host(state.weights), memory=memory, gradients=_on_host(state.gradients))


def _on_host(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.cpu() for name, tensor in tensors.items()}
