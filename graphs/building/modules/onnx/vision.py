"""Operators of ONNX for pictures: windows put back, bent convolutions, regions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product

import torch
from torch import Tensor
from torch.nn import functional

from graphs.building.modules.onnx.common import Numbers, numbers


def onnx_col2im(
    x: Tensor,
    image_shape: Numbers,
    block_shape: Numbers,
    dilations: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """[N, C · numbers of a window, windows] laid back over a map [N, C, …]; where windows overlap, they add up."""
    sizes, block = [int(n) for n in numbers(image_shape)], [int(n) for n in numbers(block_shape)]
    rank = len(block)
    by, apart, both = strides or [1] * rank, dilations or [1] * rank, pads or [0] * 2 * rank
    whole = [n + both[i] + both[i + rank] for i, n in enumerate(sizes)]
    counts = [(n - d * (k - 1) - 1) // s + 1 for n, d, k, s in zip(whole, apart, block, by, strict=True)]
    parts = x.reshape(x.shape[0], -1, math.prod(block), *counts)
    y = x.new_zeros(x.shape[0], parts.shape[1], *whole)
    for place, at in enumerate(product(*(range(n) for n in block))):
        starts = [i * d for i, d in zip(at, apart, strict=True)]
        cut = [slice(first, first + s * (n - 1) + 1, s) for first, s, n in zip(starts, by, counts, strict=True)]
        y[(slice(None), slice(None), *cut)] += parts[:, :, place]
    return y[(slice(None), slice(None), *(slice(both[i], both[i] + n) for i, n in enumerate(sizes)))]


def onnx_max_unpool(
    x: Tensor,
    indices: Tensor,
    output_shape: Numbers | None = None,
    kernel_shape: Sequence[int] = (),
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """Numbers put back where a pool found them, zeros elsewhere; a larger shape adds zeros behind."""
    rank = len(kernel_shape)
    by, both = strides or [1] * rank, pads or [0] * 2 * rank
    sizes = [(x.shape[2 + i] - 1) * by[i] - both[i] - both[i + rank] + kernel_shape[i] for i in range(rank)]
    flat = x.new_zeros(x.shape[0] * x.shape[1] * math.prod(sizes))
    y = flat.scatter(0, indices.reshape(-1), x.reshape(-1)).reshape(*x.shape[:2], *sizes)
    if output_shape is None:
        return y
    wanted = [int(n) for n in numbers(output_shape)][2:]
    return functional.pad(y, [n for w, s in zip(wanted[::-1], sizes[::-1], strict=True) for n in (0, w - s)])


def onnx_deform_conv(
    x: Tensor,
    weight: Tensor,
    offset: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    offset_group: int = 1,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Tensor:
    """A convolution over [N, C, H, W] whose windows are bent: each number is read where `offset` says."""
    n, c, height, width = x.shape
    kh, kw = weight.shape[2:]
    by, apart, both = strides or [1, 1], dilations or [1, 1], pads or [0] * 4
    oh, ow = offset.shape[2:]
    moves = offset.reshape(n, offset_group, kh * kw, 2, oh, ow)
    taps = torch.arange(kh * kw, device=x.device).reshape(-1, 1, 1)
    rows = torch.arange(oh, device=x.device).reshape(1, -1, 1) * by[0] - both[0] + taps // kw * apart[0]
    columns = torch.arange(ow, device=x.device).reshape(1, 1, -1) * by[1] - both[1] + taps % kw * apart[1]
    down = (moves[:, :, :, 0] + rows) * (2 / max(height - 1, 1)) - 1
    across = (moves[:, :, :, 1] + columns) * (2 / max(width - 1, 1)) - 1
    grid = torch.stack((across, down), -1).reshape(n * offset_group, kh * kw * oh, ow, 2)
    maps = x.reshape(n * offset_group, c // offset_group, height, width)
    read = functional.grid_sample(maps, grid, align_corners=True)
    read = read.reshape(n, offset_group, c // offset_group, kh * kw, oh, ow)
    if mask is not None:
        read = read * mask.reshape(n, offset_group, 1, kh * kw, oh, ow)
    parts = read.reshape(n, group, c // group, kh * kw, oh, ow)
    weights = weight.reshape(group, -1, c // group, kh * kw)
    y = torch.einsum("ngckhw,gock->ngohw", parts, weights).flatten(1, 2)
    return y if bias is None else y + bias.reshape(-1, 1, 1)


def onnx_roi_align(
    x: Tensor,
    rois: Tensor,
    batch_indices: Tensor,
    coordinate_transformation_mode: str = "half_pixel",
    mode: str = "avg",
    output_height: int = 1,
    output_width: int = 1,
    sampling_ratio: int = 0,
    spatial_scale: float = 1.0,
) -> Tensor:
    """Each region of [N, C, H, W] as a map of one size: the mean (or the largest share) at points of each cell."""
    shift = 0.5 if coordinate_transformation_mode == "half_pixel" else 0.0
    found = []
    for region, batch in zip(rois * spatial_scale - shift, batch_indices, strict=True):
        left, top, right, bottom = region.unbind()
        across, down = right - left, bottom - top
        if not shift:
            across, down = across.clamp(min=1), down.clamp(min=1)
        counts = [sampling_ratio] * 2 if sampling_ratio > 0 else _counts(down / output_height, across / output_width)
        rows = _points(top, down, output_height, counts[0], x)
        columns = _points(left, across, output_width, counts[1], x)
        found.append(_cells(x[batch.long()], rows, columns, (output_height, output_width), counts, mode))
    return torch.stack(found) if found else x.new_zeros(0, x.shape[1], output_height, output_width)


def _counts(*sizes: Tensor) -> list[int]:
    return [max(int(torch.ceil(size)), 1) for size in sizes]


def _points(start: Tensor, length: Tensor, cells: int, count: int, x: Tensor) -> Tensor:
    """The places of all points along an axis."""
    steps = (torch.arange(cells * count, device=x.device, dtype=x.dtype) + 0.5) / count
    return start + steps * (length / cells)


def _weighed(places: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The numbers on both sides of each place and how much they count; nothing does far outside."""
    inside = ((places >= -1) & (places <= size)).to(places.dtype)
    held = places.clamp(0, size - 1)
    low = held.floor()
    yield low.long(), (1 - (held - low)) * inside
    yield (low.long() + 1).clamp(max=size - 1), (held - low) * inside


def _cells(
    x: Tensor, rows: Tensor, columns: Tensor, cells: tuple[int, int], counts: Sequence[int], mode: str
) -> Tensor:
    read = []
    for row, share in _weighed(rows, x.shape[1]):
        for column, other in _weighed(columns, x.shape[2]):
            read.append(x[:, row][:, :, column] * share.unsqueeze(1) * other)
    shape = (x.shape[0], cells[0], counts[0], cells[1], counts[1])
    if mode == "max":
        return torch.stack(read).amax(0).reshape(shape).amax((2, 4))
    return torch.stack(read).sum(0).reshape(shape).mean((2, 4))
