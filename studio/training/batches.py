"""Samples in the order of an epoch: shuffled once, gathered in large pieces, sliced into batches.

Indexing tensors for every batch costs a small network a tenth of its speed; one gather for many batches
does not. The numbers are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from studio.training.randomness import order

PIECE_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Piece:
    """Batches that lie together: `first` is the place of the first in its epoch."""

    first: int
    inputs: tuple[Tensor, ...]
    targets: tuple[Tensor, ...]
    labels: Tensor
    sizes: tuple[int, ...]


def batch_sizes(count: int, batch: int) -> tuple[int, ...]:
    """The sizes of an epoch's batches. A last batch of one sample joins the one before: batch norm needs
    two."""
    full, rest = divmod(count, batch)
    if rest == 1 and full and batch > 1:
        return (batch,) * (full - 1) + (batch + 1,)
    return (batch,) * full + ((rest,) if rest else ())


class Batches:
    """The training samples, wherever they lie; `piece` brings some batches of an epoch to `device`.

    `targets` are what the loss takes; `labels` what a guess is compared with (the same where there are no
    classes).
    """

    def __init__(
        self, inputs: Tensor, targets: Tensor, labels: Tensor, *, batch: int, seed: int, device: torch.device
    ) -> None:
        self.sizes = batch_sizes(len(inputs), batch)
        self.device = device
        self._seed = seed
        resident = device.type != "cuda" or _fits(inputs, device)
        self._parts = [part.to(device) if resident else part for part in (inputs, targets, labels)]
        sample = max(1, inputs[:1].numel() * inputs.element_size())
        self._per_piece = max(1, PIECE_BYTES // (sample * batch))
        self._order: tuple[int, Tensor] | None = None
        self._piece: tuple[tuple[int, int], Piece] | None = None

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return len(self.sizes)

    def piece(self, epoch: int, place: int) -> Piece:
        """The piece of `epoch` that holds the batch at `place`."""
        number = place // self._per_piece
        if self._piece is None or self._piece[0] != (epoch, number):
            self._piece = None
            self._piece = ((epoch, number), self._gather(epoch, number * self._per_piece))
        return self._piece[1]

    def _gather(self, epoch: int, first: int) -> Piece:
        sizes = self.sizes[first : first + self._per_piece]
        start = sum(self.sizes[:first])
        chosen = self._shuffled(epoch)[start : start + sum(sizes)]
        inputs, targets, labels = (self._take(part, chosen) for part in self._parts)
        lengths = list(sizes)
        return Piece(first, torch.split(inputs, lengths), torch.split(targets, lengths), labels, sizes)

    def _take(self, part: Tensor, chosen: Tensor) -> Tensor:
        return part.index_select(0, chosen.to(part.device)).to(self.device, non_blocking=True)

    def _shuffled(self, epoch: int) -> Tensor:
        if self._order is None or self._order[0] != epoch:
            self._order = (epoch, order(self._seed, epoch, len(self._parts[0])))
        return self._order[1]


def _fits(inputs: Tensor, device: torch.device) -> bool:
    """Whether the samples take less than half of what is free on the device."""
    free, _ = torch.cuda.mem_get_info(device)
    return inputs.numel() * inputs.element_size() < free // 2
