from __future__ import annotations

import numpy as np
import torch

from studio.inspection import dense, embedding


def clusters(samples: int = 150, size: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(samples) % 3
    return torch.randn(samples, size, generator=generator) + 6 * labels[:, None], labels


def test_affinities_agree_with_opentsne() -> None:
    values, _ = clusters()
    reference = embedding.affinities(values, 20).P.toarray()
    found = dense.joint(values, 20).numpy()
    assert np.abs(found - reference).max() < 1e-4 * reference.max()
    assert dense.joint(values[:6], 20).isfinite().all()


def test_equal_samples_have_affinities_too() -> None:
    values = torch.zeros(40, 3)
    values[0] = 1.0
    assert dense.joint(values, 5).isfinite().all()


def test_the_layout_is_about_as_good_as_that_of_opentsne() -> None:
    values, labels = clusters()
    start, _ = embedding.pca(values)
    start *= 1e-4 / start[:, 0].std()

    def go_on(*_: object) -> bool:
        return False

    ours, done, divergence = dense.descend(start, dense.joint(values, 20), 0, 300, 30, 10, go_on, 0)
    known = embedding.affinities(values, 20)
    _, _, reference = embedding.optimise(start, known, 0, 300, 75, 10, go_on, 0)
    assert done == 300 and divergence < 1.25 * reference
    near = torch.cdist(*[torch.from_numpy(ours)] * 2).topk(4, largest=False).indices[:, 1:]
    assert (labels[near] == labels[:, None]).float().mean() > 0.98


def test_a_frame_can_end_it() -> None:
    values, _ = clusters(60)
    start, _ = embedding.pca(values)
    _, done, _ = dense.descend(start, dense.joint(values, 10), 5, 50, 0, 10, lambda *_: True, 0)
    assert done == 15
