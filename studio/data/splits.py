"""Which samples are learnt from and which are kept apart, decided by a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

FEWEST = 8
"""With fewer samples than this nothing is kept apart."""


def split(targets: NDArray[np.generic], classes: int, share: float, seed: int) -> tuple[Rows, Rows]:
    """The rows for training and for validation, both in ascending order.

    `targets` int64 [N] is split class by class (`classes` > 0), so that both parts hold the classes in the
    same proportion and every class keeps at least one row for training; other targets are split as one.
    Both parts are all rows where `share` is 0 or there are fewer than `FEWEST`.
    """
    import numpy as np

    count = len(targets)
    everything = np.arange(count, dtype=np.int64)
    wanted = round(count * share)
    if count < FEWEST or not wanted:
        return everything, everything
    generator = np.random.default_rng([seed, count])
    groups = [np.flatnonzero(targets == k) for k in range(classes)] if classes else [everything]
    takes = _shares([len(group) for group in groups], wanted)
    kept = [generator.permutation(g)[:take] for g, take in zip(groups, takes, strict=True)]
    validation = np.sort(np.concatenate(kept)).astype(np.int64)
    if not len(validation):
        return everything, everything
    return np.setdiff1d(everything, validation), validation


def _shares(sizes: list[int], wanted: int) -> list[int]:
    """How many of each group to take, `wanted` in all (largest remainders; one of each stays)."""
    total = sum(sizes)
    exact = [size * wanted / total for size in sizes]
    takes = [min(int(share), max(size - 1, 0)) for share, size in zip(exact, sizes, strict=True)]
    by_remainder = sorted(range(len(sizes)), key=lambda k: (takes[k] - exact[k], k))
    for k in by_remainder:
        if sum(takes) < wanted and takes[k] < sizes[k] - 1:
            takes[k] += 1
    return takes
