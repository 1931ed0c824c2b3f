"""PyTorch's recurrent layers with one tensor as their result; parameters and their names are PyTorch's own."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class RNN(nn.RNN):
    """nn.RNN that returns every step [N, T, D·H] or, with `last`, its final state [N, D·H]."""

    def __init__(self, *args: Any, last: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        steps, state = super().forward(_short(x))
        return _result(self, x, steps, state)


class LSTM(nn.LSTM):
    """nn.LSTM that returns every step [N, T, D·H] or, with `last`, its final state [N, D·H]."""

    def __init__(self, *args: Any, last: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        steps, (state, _) = super().forward(_short(x))
        return _result(self, x, steps, state)


class GRU(nn.GRU):
    """nn.GRU that returns every step [N, T, D·H] or, with `last`, its final state [N, D·H]."""

    def __init__(self, *args: Any, last: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        steps, state = super().forward(_short(x))
        return _result(self, x, steps, state)


def _short(x: Tensor) -> Tensor:
    """On the meta device one step stands for all: PyTorch unrolls the series there, 80 ms for 10 steps."""
    return x[:, :1] if x.is_meta else x


def _result(module: RNN | LSTM | GRU, x: Tensor, steps: Tensor, state: Tensor) -> Tensor:
    if module.last:
        return state[-2:].transpose(0, 1).flatten(1) if module.bidirectional else state[-1]
    return steps.expand(-1, x.shape[1], -1) if x.is_meta else steps


class GatedLSTM(nn.Module):
    """An LSTM that is written out step by step, with `peepholes` from its memory to its gates, or with `coupled` gates
    (what is forgotten makes room for what is new: f = 1 − i).

    Weights are those of nn.LSTM, [gates · H, …] for input, forget (unless coupled), candidate and output; `peep` is
    [gates, H] for input, forget and output.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        peepholes: bool = False,
        coupled: bool = False,
        last: bool = True,
    ) -> None:
        super().__init__()
        gates = 3 if coupled else 4
        self.hidden_size, self.coupled, self.last = hidden_size, coupled, last
        self.weight_ih = nn.Parameter(torch.empty(gates * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(gates * hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(gates * hidden_size)) if bias else None
        self.peep = nn.Parameter(torch.empty(gates - 1, hidden_size)) if peepholes else None
        for weight in self.parameters():
            nn.init.uniform_(weight, -(hidden_size**-0.5), hidden_size**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        if x.is_meta:  # shapes alone: no step is walked through
            return x.new_empty(x.shape[0], *([] if self.last else [x.shape[1]]), self.hidden_size)
        hidden = memory = x.new_zeros(x.shape[0], self.hidden_size)
        steps = []
        for seen in functional.linear(x, self.weight_ih, self.bias).unbind(1):
            hidden, memory = self.step(seen + hidden @ self.weight_hh.T, memory)
            steps.append(hidden)
        return hidden if self.last else torch.stack(steps, 1)

    def step(self, scores: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """State and memory after one step, from the scores of the gates [N, gates · H]."""
        parts = torch.split(scores, self.hidden_size, dim=1)
        enter, candidate, leave = parts[0], parts[-2].tanh(), parts[-1]
        enter = (enter if self.peep is None else enter + self.peep[0] * memory).sigmoid()
        if self.coupled:
            keep = 1 - enter
        else:
            keep = (parts[1] if self.peep is None else parts[1] + self.peep[1] * memory).sigmoid()
        memory = keep * memory + enter * candidate
        leave = (leave if self.peep is None else leave + self.peep[-1] * memory).sigmoid()
        return leave * memory.tanh(), memory

    def extra_repr(self) -> str:
        return f"{self.hidden_size}, coupled={self.coupled}, peepholes={self.peep is not None}"
