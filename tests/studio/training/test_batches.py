from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as some

from studio.training import batches as module
from studio.training.batches import Batches, batch_sizes
from studio.training.randomness import mix, order


@given(some.integers(1, 500), some.integers(1, 500))
def test_every_sample_is_in_one_batch_and_none_stands_alone(count: int, batch: int) -> None:
    sizes = batch_sizes(count, batch)
    assert sum(sizes) == count
    assert max(sizes) <= batch + 1
    assert batch == 1 or count == 1 or min(sizes) > 1


def test_pieces_give_the_epoch_in_its_order(monkeypatch: object) -> None:
    inputs = torch.arange(50.0).reshape(50, 1)
    labels = torch.arange(50)
    cpu = torch.device("cpu")
    original = module.PIECE_BYTES
    try:
        seen = []
        for size in (original, 4 * 7 * 2):
            module.PIECE_BYTES = size
            made = Batches(inputs, labels, labels, batch=7, seed=3, device=cpu)
            rows = []
            for place in range(made.per_epoch):
                piece = made.piece(2, place)
                rows += piece.inputs[place - piece.first].flatten().long().tolist()
                assert torch.equal(
                    piece.targets[place - piece.first], piece.inputs[place - piece.first].flatten().long()
                )
            seen.append(rows)
    finally:
        module.PIECE_BYTES = original
    assert seen[0] == seen[1] == order(3, 2, 50).tolist()


def test_orders_differ_between_epochs_and_seeds_and_repeat() -> None:
    assert torch.equal(order(0, 1, 100), order(0, 1, 100))
    assert not torch.equal(order(0, 1, 100), order(0, 2, 100))
    assert not torch.equal(order(0, 1, 100), order(1, 1, 100))
    assert len({mix(seed, purpose, n) for seed in range(20) for purpose in (1, 2) for n in range(50)}) == 2000
