"""Python's cyclic collector, run by the window's thread alone.

Left to itself the collector runs in whichever thread allocates next, the trainer or a worker too, and what it finds may
be a dialog or a timer; Qt's objects must end in the window's thread, or the program crashes now and then. So it is off
while there are other threads, and the window collects at its own ticks, by Python's own thresholds.
"""

from __future__ import annotations

import gc
import time

QUICK_S, PATIENCE = 0.005, 20
"""What takes less is done at any time; what takes longer is put off up to so many times."""
_holders: set[object] = set()
_cost = {"full": 1.0}


def hold(holder: object) -> None:
    """From now on only `collect` collects, until everyone who held has let go."""
    _holders.add(holder)
    gc.disable()


def release(holder: object) -> None:
    """Ends a `hold`; the collector runs by itself again when it was the last."""
    _holders.discard(holder)
    if not _holders:
        gc.enable()


def collect(calm: bool = True) -> None:
    """Collects the generation that is due, if any; to be called often, in the window's thread.

    The oldest, which takes the longer the larger a design is, waits until the window is `calm`, but not for ever.
    """
    young, middle, old = (count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True))
    if not young:
        return
    if old and middle and (calm or _cost["full"] < QUICK_S or gc.get_count()[2] > PATIENCE * gc.get_threshold()[2]):
        start = time.perf_counter()
        gc.collect(2)
        _cost["full"] = time.perf_counter() - start
    else:
        gc.collect(1 if middle else 0)
