from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.inspection import embedding


def cloud(samples: int, size: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    scales = torch.logspace(0.7, -1, size)
    return torch.randn(samples, size, generator=generator) * scales + 3


@pytest.mark.parametrize(("samples", "size"), [(200, 20), (60, 700), (700, 600), (5, 1)])
def test_principal_components_agree_with_scikit_learn(samples: int, size: int) -> None:
    from sklearn.decomposition import PCA

    values = cloud(samples, size)
    reference = PCA(min(2, size), svd_solver="full").fit(values.numpy().astype(np.float64))
    expected = reference.transform(values.numpy().astype(np.float64))
    found, explained = embedding.pca(values)
    for axis in range(expected.shape[1]):
        sign = np.sign(found[:, axis] @ expected[:, axis])
        scale = np.abs(expected[:, axis]).max()
        np.testing.assert_allclose(found[:, axis] * sign, expected[:, axis], atol=1e-3 * scale)
        assert explained[axis] == pytest.approx(reference.explained_variance_ratio_[axis], rel=1e-4)
        assert found[np.abs(found[:, axis]).argmax(), axis] > 0


def test_neighbours_agree_with_scikit_learn() -> None:
    from sklearn.neighbors import NearestNeighbors

    values = cloud(300, 12)
    distances, indices = NearestNeighbors(n_neighbors=9, n_jobs=1).fit(values.numpy()).kneighbors()
    found, apart = embedding.neighbours(values, 9, rows=64)
    np.testing.assert_array_equal(found, indices)
    np.testing.assert_allclose(apart, distances, atol=1e-3)


def test_affinities_agree_with_opentsne() -> None:
    from openTSNE.affinity import PerplexityBasedNN

    values = cloud(150, 12)
    reference = PerplexityBasedNN(values.numpy().astype(np.float64), perplexity=20, method="exact", n_jobs=1)
    found = embedding.affinities(values, 20)
    assert abs(found.P - reference.P).max() < 1e-5 * reference.P.max()
    assert embedding.affinities(values[:10], 20).P.shape == (10, 10)


def test_alignment_takes_back_a_turn_a_mirror_and_a_shift() -> None:
    reference = cloud(40, 2).double().numpy()
    turn = np.array([[np.cos(2), -np.sin(2)], [np.sin(2), np.cos(2)]])
    for change in (turn, turn @ np.diag([1, -1])):
        np.testing.assert_allclose(embedding.align(reference @ change + 5, reference), reference, atol=1e-9)
    doubled = embedding.align(2 * reference, reference)
    np.testing.assert_allclose(np.linalg.norm(doubled.std(0)), 2 * np.linalg.norm(reference.std(0)))
