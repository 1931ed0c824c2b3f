"""The arithmetic of layouts in two dimensions: PCA, nearest neighbours, t-SNE by openTSNE, keeping the
orientation.

All on one thread and without global random generators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Doubles: TypeAlias = NDArray[np.float64]

Frame = Callable[[int, float, "Doubles"], bool]
"""Told the iteration, the divergence and the layout so far; True ends the run."""

EXACT = 512
"""Up to this many samples or values a PCA is computed exactly, beyond iteratively."""
EXAGGERATION = 12.0


def pca(values: Tensor, seed: int = 0) -> tuple[Doubles, Doubles]:
    """The two principal coordinates [n, 2] of values [n, d], and the share of the variance along each [2].

    The sign of each axis is fixed: its largest coordinate is positive.
    """
    import numpy as np

    centred = (values - values.mean(dim=0)).double()
    total = float(centred.square().sum())
    directions = _directions(centred, seed)
    found = (centred @ directions).numpy()
    coordinates = np.zeros((len(values), 2))
    coordinates[:, : found.shape[1]] = found[:, :2]
    largest = np.abs(coordinates).argmax(axis=0)
    signs = np.sign(coordinates[largest, [0, 1]])
    coordinates *= np.where(signs == 0, 1, signs)
    explained = np.square(coordinates).sum(axis=0) / (total or 1.0)
    return coordinates, explained


def _directions(centred: Tensor, seed: int) -> Tensor:
    """The first two principal directions [d, ≤ 2] of centred values [n, d]."""

    samples, size = centred.shape
    if size <= EXACT:
        return _leading(centred.T @ centred)
    if samples <= EXACT:
        return _orthonormal(centred.T @ _leading(centred @ centred.T))
    return _lanczos(centred, seed)


def _lanczos(centred: Tensor, seed: int) -> Tensor:
    """The first two principal directions of many large samples, by scipy's Lanczos iteration."""
    import torch
    from scipy.sparse.linalg import LinearOperator, eigsh

    def multiply(vector: Doubles) -> Doubles:
        found: Doubles = (centred.T @ (centred @ torch.from_numpy(vector.ravel()))).numpy()
        return found

    size = centred.shape[1]
    start = torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    operator = LinearOperator((size, size), matvec=multiply, dtype="float64")
    values, vectors = eigsh(operator, k=2, v0=start.numpy(), tol=1e-6)
    return torch.from_numpy(vectors[:, values.argsort()[::-1]].copy())


def _leading(symmetric: Tensor) -> Tensor:
    """The eigenvectors [n, ≤ 2] of the largest eigenvalues of a symmetric matrix [n, n]."""
    import torch

    _, vectors = torch.linalg.eigh(symmetric)
    leading: Tensor = vectors.flip(1)[:, :2]
    return leading


def _orthonormal(columns: Tensor) -> Tensor:
    import torch

    basis: Tensor = torch.linalg.qr(columns)[0]
    return basis


def neighbours(
    values: Tensor, count: int, rows: int = 512, turn: Callable[[], None] = lambda: None
) -> tuple[NDArray[np.int64], Doubles]:
    """The `count` nearest other samples of each of values [n, d], nearest first, and their distances: both
    [n, count]. `turn` is called after every few rows.
    """
    import numpy as np
    import torch

    values = values - values.mean(dim=0)
    squares = values.square().sum(dim=1)
    indices, distances = [], []
    for start in range(0, len(values), rows):
        some = values[start : start + rows]
        apart = torch.addmm(squares[None, :], some, values.T, alpha=-2).add_(squares[start : start + rows, None])
        apart[torch.arange(len(some)), torch.arange(start, start + len(some))] = torch.inf
        nearest = apart.topk(count, dim=1, largest=False)
        indices.append(nearest.indices.numpy())
        distances.append(nearest.values.clamp(min=0).sqrt().double().numpy())
        turn()
    return np.concatenate(indices), np.concatenate(distances)


@dataclass
class Neighbours:
    """Neighbours that are known already, in the form openTSNE asks for (its KNNIndex)."""

    k: int
    found: tuple[NDArray[np.int64], Doubles]

    def build(self) -> tuple[NDArray[np.int64], Doubles]:
        """Indices and distances [n, k]."""
        return self.found


def affinities(values: Tensor, perplexity: float, turn: Callable[[], None] = lambda: None) -> Any:
    """openTSNE's affinities of values [n, d]; the perplexity is lowered to (n − 1) / 3 where it is higher."""
    from openTSNE.affinity import PerplexityBasedNN

    perplexity = min(perplexity, (len(values) - 1) / 3)
    count = max(1, min(len(values) - 1, int(3 * perplexity)))
    index = Neighbours(count, neighbours(values, count, turn=turn))
    return PerplexityBasedNN(knn_index=index, perplexity=perplexity, n_jobs=1)


def optimise(
    start: Doubles, affinities: Any, done: int, until: int, early: int, every: int, frame: Frame, seed: int
) -> tuple[Doubles, int, float]:
    """Run t-SNE from iteration `done` to `until`, those before `early` with exaggeration; `frame` every few
    iterations.

    Gives the layout [n, 2], the iteration reached and the divergence. What `frame` raises passes through.
    """
    import numpy as np
    from openTSNE import TSNEEmbedding

    layout = TSNEEmbedding(
        start, affinities, negative_gradient_method="bh", n_jobs=1, random_state=seed, learning_rate="auto"
    )
    reached, divergence, ended = done, float("nan"), False
    for exaggeration, last in ((EXAGGERATION, min(early, until)), (1.0, until)):
        if ended or last <= reached:
            continue
        phase = reached

        def tell(iteration: int, error: float, embedding: Any, phase: int = phase) -> bool:
            nonlocal reached, divergence, ended
            reached, divergence = phase + iteration, float(error)
            ended = frame(reached, divergence, np.asarray(embedding, dtype=np.float64).copy())
            return ended

        layout = layout.optimize(
            last - reached,
            inplace=True,
            exaggeration=exaggeration,
            momentum=0.8,
            callbacks=tell,
            use_callbacks=True,
            callbacks_every_iters=min(every, last - reached),
        )
        if not ended:
            reached = last
    return np.asarray(layout, dtype=np.float64).copy(), reached, divergence


def align(layout: Doubles, reference: Doubles) -> Doubles:
    """The layout [n, 2] turned, mirrored and moved (never scaled) so that it lies on `reference` as well as
    it can.

    Orthogonal Procrustes: the rotation is U Vᵀ of the singular value decomposition of layoutᵀ · reference.
    """
    import numpy as np

    centre, there = layout.mean(axis=0), reference.mean(axis=0)
    left, _, right = np.linalg.svd((layout - centre).T @ (reference - there))
    turned: Doubles = (layout - centre) @ (left @ right) + there
    return turned
