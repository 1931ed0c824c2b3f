"""Python's cyclic collector, run by the window's thread alone.

Left to itself the collector runs in whichever thread allocates next, the trainer or a worker too, and what it finds may
be a dialog or a timer; Qt's objects must end in the window's thread, or the program crashes now and then. So it is off
while there are other threads, and the window collects at its own ticks, by Python's own thresholds.
"""

from __future__ import annotations

import gc

_holders: set[object] = set()


def hold(holder: object) -> None:
    """From now on only `collect` collects, until everyone who held has let go."""
    _holders.add(holder)
    gc.disable()


def release(holder: object) -> None:
    """Ends a `hold`; the collector runs by itself again when it was the last."""
    _holders.discard(holder)
    if not _holders:
        gc.enable()


def collect() -> None:
    """Collects the generation that is due, if any; to be called often, in the window's thread."""
    young, middle, old = (count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True))
    if young:
        gc.collect(2 if old and middle else 1 if middle else 0)
