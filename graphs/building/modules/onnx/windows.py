"""Operators of ONNX that look through a window: convolutions and pools over any number of axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

CONVOLUTIONS: tuple[Callable[..., Tensor], ...] = (functional.conv1d, functional.conv2d, functional.conv3d)
TRANSPOSED: tuple[Callable[..., Tensor], ...] = (
    functional.conv_transpose1d,
    functional.conv_transpose2d,
    functional.conv_transpose3d,
)


def margins(
    sizes: Sequence[int],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Sequence[int] | None,
    auto_pad: str,
) -> list[tuple[int, int]]:
    """Numbers before and behind each axis."""
    rank = len(kernel)
    if auto_pad in ("NOTSET", ""):
        both = list(pads) if pads is not None else [0] * 2 * rank
        return list(zip(both[:rank], both[rank:], strict=True))
    if auto_pad == "VALID":
        return [(0, 0)] * rank
    found = []
    for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
        missing = max((-(-size // stride) - 1) * stride + (width - 1) * dilation + 1 - size, 0)
        less, more = missing // 2, missing - missing // 2
        found.append((less, more) if auto_pad == "SAME_UPPER" else (more, less))
    return found


def padded(x: Tensor, around: Sequence[tuple[int, int]], value: float = 0.0) -> Tensor:
    """`x` with `value` around its last axes."""
    amounts = [amount for pair in reversed(around) for amount in pair]
    return functional.pad(x, amounts, value=value) if any(amounts) else x


def onnx_conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """[N, C, …] with weights [M, C / group, …]; each side is padded as much as it says."""
    kernel = weight.shape[2:]
    by, apart = strides or [1] * len(kernel), dilations or [1] * len(kernel)
    around = margins(x.shape[2:], kernel, by, apart, pads, auto_pad)
    convolution = CONVOLUTIONS[len(kernel) - 1]
    return convolution(padded(x, around), weight, bias, tuple(by), 0, tuple(apart), group)


def onnx_conv_transpose(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    output_padding: Sequence[int] | None = None,
    output_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """Everything that the windows reach, then cut by `pads`, or to `output_shape`."""
    kernel = weight.shape[2:]
    rank = len(kernel)
    by, apart, more = strides or [1] * rank, dilations or [1] * rank, output_padding or [0] * rank
    reach = [(k - 1) * d for k, d in zip(kernel, apart, strict=True)]
    whole = TRANSPOSED[rank - 1](x, weight, None, tuple(by), 0, 0, group, tuple(apart))
    cuts = _cuts(x.shape[2:], by, reach, more, pads, auto_pad, output_shape)
    sizes = [s * (n - 1) + r + 1 + m for s, n, r, m in zip(by, x.shape[2:], reach, more, strict=True)]
    whole = padded(whole, [(0, size - own) for size, own in zip(sizes, whole.shape[2:], strict=True)])
    whole = padded(whole, [(-before, -behind) for before, behind in cuts])
    return whole if bias is None else whole + bias.reshape(-1, *(1,) * rank)


def _cuts(
    sizes: Sequence[int],
    strides: Sequence[int],
    reach: Sequence[int],
    more: Sequence[int],
    pads: Sequence[int] | None,
    auto_pad: str,
    wanted: Sequence[int] | None,
) -> list[tuple[int, int]]:
    """What a transposed convolution cuts away before and behind each axis."""
    rank = len(strides)
    same = auto_pad.startswith("SAME")
    if wanted is None and not same:
        both = list(pads) if pads is not None else [0] * 2 * rank
        return list(zip(both[:rank], both[rank:], strict=True))
    goals = list(wanted)[-rank:] if wanted is not None else [n * s for n, s in zip(sizes, strides, strict=True)]
    found = []
    for size, stride, far, extra, goal in zip(sizes, strides, reach, more, goals, strict=True):
        total = stride * (size - 1) + extra + far + 1 - goal
        less, rest = total // 2, total - total // 2
        found.append((less, rest) if auto_pad == "SAME_UPPER" else (rest, less))
    return found


def _room(
    sizes: Sequence[int],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    around: Sequence[tuple[int, int]],
    ceil_mode: int,
) -> list[tuple[int, int]]:
    """`around` with as much more behind that the last window of a pool that rounds up is whole."""
    if not ceil_mode:
        return list(around)
    found = []
    for size, width, stride, dilation, (before, behind) in zip(sizes, kernel, strides, dilations, around, strict=True):
        span = dilation * (width - 1) + 1
        count = -(-(size + before + behind - span) // stride) + 1
        if (count - 1) * stride >= size + before:
            count -= 1
        found.append((before, max(behind, (count - 1) * stride + span - size - before)))
    return found


def seen(x: Tensor, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]) -> Tensor:
    """Every window of [N, C, …] as [N, C, …, numbers in a window]."""
    rank = len(kernel)
    for place, (width, stride, dilation) in enumerate(zip(kernel, strides, dilations, strict=True)):
        axis = 2 + place
        x = x.unfold(axis, dilation * (width - 1) + 1, stride)
        x = x[..., ::dilation] if dilation > 1 else x
    return x.flatten(2 + rank)


def onnx_max_pool(
    x: Tensor,
    kernel_shape: Sequence[int] = (),
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    storage_order: int = 0,
    strides: Sequence[int] | None = None,
    outputs: int = 1,
) -> tuple[Tensor, ...]:
    """The largest of each window, and its place among all numbers of the tensor."""
    rank = len(kernel_shape)
    by, apart = strides or [1] * rank, dilations or [1] * rank
    sizes = x.shape[2:]
    around = _room(sizes, kernel_shape, by, apart, margins(sizes, kernel_shape, by, apart, pads, auto_pad), ceil_mode)
    least = -math.inf if x.is_floating_point() else torch.iinfo(x.dtype).min
    if outputs < 2 and rank < 4 and x.is_floating_point():
        pool: Callable[..., Tensor] = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)[rank - 1]
        return (pool(padded(x, around, least), tuple(kernel_shape), tuple(by), 0, tuple(apart)),)
    values, best = seen(_filled(x, around, least), kernel_shape, by, apart).max(-1)
    if outputs < 2:
        return (values,)
    places = torch.arange(math.prod(sizes), device=x.device).reshape(1, 1, *sizes)
    if storage_order:
        places = torch.arange(math.prod(sizes), device=x.device).reshape(1, 1, *sizes[::-1])
        places = places.permute(0, 1, *range(1 + rank, 1, -1))
    looked = seen(_filled(places, around, 0), kernel_shape, by, apart)
    found = looked.expand(*values.shape, -1).gather(-1, best.unsqueeze(-1)).squeeze(-1)
    maps = torch.arange(x.shape[0] * x.shape[1], device=x.device) * math.prod(sizes)
    return values, found + maps.reshape(*x.shape[:2], *(1,) * rank)


def _filled(x: Tensor, around: Sequence[tuple[int, int]], value: Any) -> Tensor:
    amounts = [amount for pair in reversed(around) for amount in pair]
    return functional.pad(x, amounts, value=value)


def onnx_average_pool(
    x: Tensor,
    kernel_shape: Sequence[int] = (),
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    count_include_pad: int = 0,
    dilations: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """The mean of each window; what stands outside counts only where it is told to, and never beyond the padding."""
    rank = len(kernel_shape)
    by, apart = strides or [1] * rank, dilations or [1] * rank
    sizes = x.shape[2:]
    around = margins(sizes, kernel_shape, by, apart, pads, auto_pad)
    room = _room(sizes, kernel_shape, by, apart, around, ceil_mode)
    total = seen(padded(x, room), kernel_shape, by, apart).sum(-1)
    ones = torch.ones_like(x[:1, :1])
    if count_include_pad:
        ones = padded(ones, around, 1.0)
        room = [(0, after - behind) for (_, after), (_, behind) in zip(room, around, strict=True)]
    return total / seen(padded(ones, room), kernel_shape, by, apart).sum(-1)


def onnx_lp_pool(
    x: Tensor,
    kernel_shape: Sequence[int] = (),
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Sequence[int] | None = None,
    p: int = 2,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """The p-norm of each window."""
    rank = len(kernel_shape)
    by, apart = strides or [1] * rank, dilations or [1] * rank
    sizes = x.shape[2:]
    room = _room(sizes, kernel_shape, by, apart, margins(sizes, kernel_shape, by, apart, pads, auto_pad), ceil_mode)
    return seen(padded(x, room).abs() ** p, kernel_shape, by, apart).sum(-1) ** (1 / p)


def onnx_global_average_pool(x: Tensor) -> Tensor:
    return x.mean(tuple(range(2, x.ndim)), keepdim=True)


def onnx_global_max_pool(x: Tensor) -> Tensor:
    return x.amax(tuple(range(2, x.ndim)), keepdim=True)


def onnx_global_lp_pool(x: Tensor, p: int = 2) -> Tensor:
    return (x.abs() ** p).sum(tuple(range(2, x.ndim)), keepdim=True) ** (1 / p)
