"""t-SNE of a few hundred samples with all pairs in matrices: quicker there than trees, and nothing to import.

The same objective, step sizes and momentum as openTSNE's, which lays out larger sets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.inspection.embedding import EXAGGERATION

if TYPE_CHECKING:
    from torch import Tensor

    from studio.inspection.embedding import Doubles, Frame

MOST = 512
"""Up to this many samples matrices are quicker."""
HALVINGS = 22
LONGEST_STEP = 5.0
MOMENTUM, LEAST_RATE = 0.8, 200.0


def joint(values: Tensor, perplexity: float) -> Tensor:
    """The symmetric affinities [n, n] of values [n, d], of sum 1; each row looks at 3 · perplexity neighbours."""
    import torch

    perplexity = min(perplexity, (len(values) - 1) / 3)
    count = max(1, min(len(values) - 1, int(3 * perplexity)))
    centred = values - values.mean(dim=0)
    squares = centred.square().sum(dim=1)
    apart = torch.addmm(squares[None, :], centred, centred.T, alpha=-2).add_(squares[:, None])
    apart.fill_diagonal_(torch.inf)
    near = apart.topk(count, dim=1, largest=False)
    rows = conditional(near.values.clamp(min=0), perplexity)
    found = torch.zeros_like(apart).scatter_(1, near.indices, rows)
    return (found + found.T).div_(2 * len(values))


def conditional(squares: Tensor, perplexity: float) -> Tensor:
    """Shares [n, k] of the neighbours at squared distances `squares`: each row's perplexity is the given one."""
    import torch

    away = squares - squares[:, :1]
    away = away / away.mean(dim=1, keepdim=True).clamp(min=1e-12)
    low, high = torch.full((len(away), 1), -12.0), torch.full((len(away), 1), 16.0)
    wanted = math.log(perplexity)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        sharp = middle.exp()
        shares = (away * -sharp).exp_()
        total = shares.sum(dim=1, keepdim=True)
        entropy = total.log() + sharp * (away * shares).sum(dim=1, keepdim=True) / total
        flat = entropy > wanted
        low, high = torch.where(flat, middle, low), torch.where(flat, high, middle)
    shares = (away * -((low + high) / 2).exp()).exp_()
    return shares / shares.sum(dim=1, keepdim=True)


@dataclass
class Descent:
    """A layout [n, 2] that moves towards lower divergence from `affinities` [n, n]."""

    layout: Tensor
    affinities: Tensor

    def __post_init__(self) -> None:
        import torch

        self._update = torch.zeros_like(self.layout)
        self._gains = torch.ones_like(self.layout)

    def restart(self) -> None:
        """Forget the speed, when the exaggeration changes."""
        self.__post_init__()

    def step(self, exaggeration: float) -> None:
        """One iteration of gradient descent with momentum and gains."""
        close, total = self._closeness()
        pull = (self.affinities * exaggeration).sub_(close, alpha=1 / total).mul_(close)
        gradient = pull.sum(dim=1, keepdim=True) * self.layout - pull @ self.layout
        against = (gradient > 0) != (self._update > 0)
        self._gains = (self._gains * 0.8 + against * (0.2 + 0.2 * self._gains)).clamp_(min=0.01)
        rate = max(LEAST_RATE, len(self.layout) / exaggeration)
        self._update = MOMENTUM * self._update - rate * self._gains * gradient
        length = self._update.norm(dim=1, keepdim=True)
        self._update *= (LONGEST_STEP / length.clamp(min=LONGEST_STEP)).clamp(max=1.0)
        self.layout = self.layout + self._update
        self.layout -= self.layout.mean(dim=0)

    def divergence(self) -> float:
        """The Kullback-Leibler divergence of the layout from the affinities."""
        close, total = self._closeness()
        some = self.affinities > 0
        wanted = self.affinities[some]
        return float((wanted * (wanted / (close[some] / total).clamp(min=1e-12)).log()).sum())

    def _closeness(self) -> tuple[Tensor, float]:
        squares = self.layout.square().sum(dim=1)
        apart = (self.layout @ self.layout.T).mul_(-2).add_(squares[:, None]).add_(squares)
        close = apart.clamp_(min=0).add_(1).reciprocal_().fill_diagonal_(0)
        return close, float(close.sum())


def descend(
    start: Doubles, affinities: Tensor, done: int, until: int, early: int, every: int, frame: Frame, seed: int
) -> tuple[Doubles, int, float]:
    """As `embedding.optimise`, for affinities [n, n] of `joint`; nothing in it is random."""
    import torch

    descent = Descent(torch.from_numpy(start).float(), affinities)
    divergence = float("nan")
    for iteration in range(done + 1, until + 1):
        if iteration == early + 1:
            descent.restart()
        descent.step(EXAGGERATION if iteration <= early else 1.0)
        if (iteration - done) % every == 0:
            divergence = descent.divergence()
            if frame(iteration, divergence, descent.layout.double().numpy()):
                return descent.layout.double().numpy(), iteration, divergence
    return descent.layout.double().numpy(), max(done, until), divergence
