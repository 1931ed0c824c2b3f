"""Recurrent operators of ONNX, step by step: every activation, direction and option."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

Activation = Callable[[Tensor], Tensor]


def activation(name: str, alpha: float | None, beta: float | None) -> Activation:
    """The activation of this name with its numbers, or its usual ones."""
    a = {"leakyrelu": 0.01, "hardsigmoid": 0.2, "affine": 1.0}.get(name.lower(), 1.0) if alpha is None else alpha
    b = {"hardsigmoid": 0.5, "affine": 0.0}.get(name.lower(), 1.0) if beta is None else beta
    known: dict[str, Activation] = {
        "relu": torch.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "affine": lambda x: a * x + b,
        "leakyrelu": lambda x: functional.leaky_relu(x, a),
        "thresholdedrelu": lambda x: torch.where(x > a, x, 0),
        "scaledtanh": lambda x: a * torch.tanh(b * x),
        "hardsigmoid": lambda x: (a * x + b).clamp(0, 1),
        "elu": lambda x: functional.elu(x, a),
        "softsign": lambda x: x / (1 + x.abs()),
        "softplus": functional.softplus,
    }
    return known[name.lower()]


def activations_of(
    names: Sequence[str] | None,
    usual: Sequence[str],
    ways: int,
    alphas: Sequence[float] | None,
    betas: Sequence[float] | None,
) -> list[Activation]:
    """The activations of all directions; their numbers stand in the order of those that take some."""
    chosen = list(names or [*usual] * ways)
    a, b = list(alphas or ()), list(betas or ())
    with_a = {"affine", "leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu"}
    with_b = {"affine", "scaledtanh", "hardsigmoid"}
    found = []
    for name in chosen:
        first = a.pop(0) if a and name.lower() in with_a else None
        second = b.pop(0) if b and name.lower() in with_b else None
        found.append(activation(name, first, second))
    return found


def unrolled(
    step: Callable[[Tensor, tuple[Tensor, ...]], tuple[Tensor, ...]],
    x: Tensor,
    states: tuple[Tensor, ...],
    lengths: Tensor | None,
    backwards: bool,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The first state at every step of [T, N, …], and the last states; behind its length a sample keeps them."""
    results: list[Tensor] = []
    count = x.shape[0]
    for t in reversed(range(count)) if backwards else range(count):
        after = step(x[t], states)
        if lengths is None:
            states = after
            results.append(after[0])
            continue
        runs = (lengths.to(x.device) > t).reshape(-1, 1)
        states = tuple(torch.where(runs, new, old) for new, old in zip(after, states, strict=True))
        results.append(torch.where(runs, after[0], torch.zeros_like(after[0])))
    return torch.stack(results[::-1] if backwards else results), states


def begin(state: Tensor | None, x: Tensor, ways: int, size: int) -> Tensor:
    """The first state of each direction: zero where none is given."""
    return x.new_zeros(ways, x.shape[1], size) if state is None else state


def turned(x: Tensor, layout: int) -> Tensor:
    """Batch and the axis before it swapped, where the batch comes first."""
    return x.transpose(0, 1) if layout else x


def gathered(results: list[Tensor], last: list[tuple[Tensor, ...]], layout: int) -> tuple[Tensor, ...]:
    """[T, ways, N, H], and the last states [ways, N, H]."""
    steps = torch.stack(results, 1)
    states = tuple(torch.stack(parts) for parts in zip(*last, strict=True))
    if layout:
        return (steps.permute(2, 0, 1, 3), *(state.transpose(0, 1) for state in states))
    return (steps, *states)


def onnx_rnn(
    x: Tensor,
    weight: Tensor,
    recurrence: Tensor,
    bias: Tensor | None = None,
    lengths: Tensor | None = None,
    initial_h: Tensor | None = None,
    activation_alpha: Sequence[float] | None = None,
    activation_beta: Sequence[float] | None = None,
    activations: Sequence[str] | None = None,
    clip: float | None = None,
    direction: str = "forward",
    hidden_size: int | None = None,
    layout: int = 0,
    output_sequence: int = 0,
) -> tuple[Tensor, ...]:
    """h' = f(x · Wᵀ + h · Rᵀ + b)."""
    ways, size = weight.shape[0], recurrence.shape[-1]
    functions = activations_of(activations, ("Tanh",), ways, activation_alpha, activation_beta)
    x, first = turned(x, layout), None if initial_h is None else turned(initial_h, layout)
    starts, results, last = begin(first, x, ways, size), [], []
    for way in range(ways):
        w, r, f = weight[way], recurrence[way], functions[way]
        b = bias[way][:size] + bias[way][size:] if bias is not None else x.new_zeros(size)

        def step(x: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            total = x @ w.T + states[0] @ r.T + b  # noqa: B023
            return (f(total if clip is None else total.clamp(-clip, clip)),)  # noqa: B023

        steps, states = unrolled(step, x, (starts[way],), lengths, direction == "reverse" or way == 1)
        results.append(steps)
        last.append(states)
    return gathered(results, last, layout)


def onnx_gru(
    x: Tensor,
    weight: Tensor,
    recurrence: Tensor,
    bias: Tensor | None = None,
    lengths: Tensor | None = None,
    initial_h: Tensor | None = None,
    activation_alpha: Sequence[float] | None = None,
    activation_beta: Sequence[float] | None = None,
    activations: Sequence[str] | None = None,
    clip: float | None = None,
    direction: str = "forward",
    hidden_size: int | None = None,
    layout: int = 0,
    linear_before_reset: int = 0,
    output_sequence: int = 0,
) -> tuple[Tensor, ...]:
    """Gates z (keep) and r (reset), then the new state, in the order of the weights."""
    ways, size = weight.shape[0], recurrence.shape[-1]
    functions = activations_of(activations, ("Sigmoid", "Tanh"), ways, activation_alpha, activation_beta)
    x, first = turned(x, layout), None if initial_h is None else turned(initial_h, layout)
    starts, results, last = begin(first, x, ways, size), [], []
    for way in range(ways):
        w, r, (f, g) = weight[way], recurrence[way], functions[2 * way : 2 * way + 2]
        b = bias[way] if bias is not None else x.new_zeros(6 * size)

        def held(total: Tensor) -> Tensor:
            return total if clip is None else total.clamp(-clip, clip)

        def step(x: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            h, given = states[0], x @ w.T + b[: 3 * size]  # noqa: B023
            own = h @ r[: 2 * size].T + b[3 * size : 5 * size]  # noqa: B023
            gates = f(held(given[:, : 2 * size] + own))  # noqa: B023
            keep, reset = gates.chunk(2, 1)
            if linear_before_reset:
                past = reset * (h @ r[2 * size :].T + b[5 * size :])  # noqa: B023
            else:
                past = (reset * h) @ r[2 * size :].T + b[5 * size :]  # noqa: B023
            return ((1 - keep) * g(held(given[:, 2 * size :] + past)) + keep * h,)  # noqa: B023

        steps, states = unrolled(step, x, (starts[way],), lengths, direction == "reverse" or way == 1)
        results.append(steps)
        last.append(states)
    return gathered(results, last, layout)


def onnx_lstm(
    x: Tensor,
    weight: Tensor,
    recurrence: Tensor,
    bias: Tensor | None = None,
    lengths: Tensor | None = None,
    initial_h: Tensor | None = None,
    initial_c: Tensor | None = None,
    peepholes: Tensor | None = None,
    activation_alpha: Sequence[float] | None = None,
    activation_beta: Sequence[float] | None = None,
    activations: Sequence[str] | None = None,
    clip: float | None = None,
    direction: str = "forward",
    hidden_size: int | None = None,
    input_forget: int = 0,
    layout: int = 0,
    output_sequence: int = 0,
) -> tuple[Tensor, ...]:
    """Gates i, o, f and the new content c, in the order of the weights; peepholes look at the cell."""
    ways, size = weight.shape[0], recurrence.shape[-1]
    functions = activations_of(activations, ("Sigmoid", "Tanh", "Tanh"), ways, activation_alpha, activation_beta)
    x = turned(x, layout)
    given = [None if state is None else turned(state, layout) for state in (initial_h, initial_c)]
    hs, cs = (begin(state, x, ways, size) for state in given)
    results, last = [], []
    for way in range(ways):
        w, r, (f, g, h) = weight[way], recurrence[way], functions[3 * way : 3 * way + 3]
        b = bias[way][: 4 * size] + bias[way][4 * size :] if bias is not None else x.new_zeros(4 * size)
        p = peepholes[way] if peepholes is not None else x.new_zeros(3 * size)

        def held(total: Tensor) -> Tensor:
            return total if clip is None else total.clamp(-clip, clip)

        def step(x: Tensor, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            state, cell = states
            i, o, keep, new = (x @ w.T + state @ r.T + b).chunk(4, 1)  # noqa: B023
            enter = f(held(i + p[:size] * cell))  # noqa: B023
            stay = 1 - enter if input_forget else f(held(keep + p[2 * size :] * cell))  # noqa: B023
            after = stay * cell + enter * g(held(new))  # noqa: B023
            return f(held(o + p[size : 2 * size] * after)) * h(after), after  # noqa: B023

        steps, states = unrolled(step, x, (hs[way], cs[way]), lengths, direction == "reverse" or way == 1)
        results.append(steps)
        last.append(states)
    return gathered(results, last, layout)
