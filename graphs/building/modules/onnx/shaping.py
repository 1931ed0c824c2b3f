"""Operators of ONNX that lay numbers out anew: axes, cuts, padding, copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from graphs.building.modules.onnx.common import Numbers, given_axes, numbers, picked, type_of


def onnx_reshape(x: Tensor, shape: Numbers = (), allowzero: int = 0) -> Tensor:
    """0 keeps the axis, -1 takes what is left."""
    sizes = [x.shape[i] if n == 0 and not allowzero else n for i, n in enumerate(numbers(shape))]
    return x.reshape(sizes)


def onnx_flatten(x: Tensor, axis: int = 1) -> Tensor:
    """Two axes: all before `axis`, and all from it on."""
    at = axis + x.ndim if axis < 0 else axis
    before = x.reshape(1, *x.shape) if at == 0 else x.flatten(0, at - 1)
    return before.flatten(1) if before.ndim > 1 else before.unsqueeze(1)


def onnx_transpose(x: Tensor, perm: Sequence[int] | None = None) -> Tensor:
    return x.permute(tuple(range(x.ndim))[::-1] if perm is None else tuple(perm))


def onnx_squeeze(x: Tensor, axes: Numbers | None = None) -> Tensor:
    return x.squeeze() if axes is None else x.squeeze(tuple(given_axes(axes, x.ndim)))


def onnx_unsqueeze(x: Tensor, axes: Numbers = ()) -> Tensor:
    found = numbers(axes)
    for axis in sorted(given_axes(found, x.ndim + len(found))):
        x = x.unsqueeze(axis)
    return x


def onnx_expand(x: Tensor, shape: Numbers) -> Tensor:
    """Both ways: axes of one in `shape` keep those of `x`."""
    sizes = numbers(shape)
    own = [1] * (len(sizes) - x.ndim) + list(x.shape)
    sizes = [1] * (x.ndim - len(sizes)) + sizes
    return x.expand([n if wanted == 1 else wanted for n, wanted in zip(own, sizes, strict=True)])


def onnx_tile(x: Tensor, repeats: Numbers, axis: Numbers | None = None) -> Tensor:
    """Before opset 6: `repeats` copies along one axis."""
    if axis is None:
        return x.repeat(numbers(repeats))
    counts = [1] * x.ndim
    counts[numbers(axis)[0]] = numbers(repeats)[0]
    return x.repeat(counts)


def onnx_concat(*values: Tensor, axis: int = 1) -> Tensor:
    return torch.cat(values, axis)


def onnx_split(
    x: Tensor, split: Numbers | None = None, axis: int = 0, num_outputs: int | None = None, outputs: int = 1
) -> tuple[Tensor, ...]:
    """Parts of given sizes, or as many equal ones as there are results, the last one smaller."""
    if split is not None:
        return torch.split(x, numbers(split), axis)
    size = -(-x.shape[axis] // (num_outputs or outputs))
    return torch.split(x, size, axis)


def onnx_slice(
    x: Tensor, starts: Numbers, ends: Numbers, axes: Numbers | None = None, steps: Numbers | None = None
) -> Tensor:
    """A part of some axes; a step below 0 walks backwards."""
    first, last = numbers(starts), numbers(ends)
    along = given_axes(axes, x.ndim) if axes is not None else list(range(len(first)))
    by = numbers(steps) if steps is not None else [1] * len(first)
    for axis, start, end, step in zip(along, first, last, by, strict=True):
        if step > 0:
            x = x[(*(slice(None),) * axis, slice(max(start, -(2**62)), min(end, 2**62), step))]
            continue
        places = range(x.shape[axis])[slice(start, end if end >= -x.shape[axis] else None, step)]
        x = picked(x, axis, torch.tensor(list(places), dtype=torch.int64, device=x.device))
    return x


def onnx_pad(
    x: Tensor,
    pads: Numbers | None = None,
    value: Tensor | float | None = None,
    axes: Numbers | None = None,
    mode: str = "constant",
    paddings: Numbers | None = None,
) -> Tensor:
    """`pads` are all beginnings, then all ends; numbers below 0 cut away."""
    found = numbers(pads if pads is not None else paddings if paddings is not None else ())
    along = given_axes(axes, x.ndim)
    if mode == "constant":
        amounts = [0] * 2 * x.ndim
        for place, axis in enumerate(along):
            behind = 2 * (x.ndim - 1 - axis)
            amounts[behind : behind + 2] = [found[place], found[place + len(along)]]
        if not isinstance(value, Tensor):
            return functional.pad(x, amounts, value=0 if value is None else numbers(value)[0])
        own = functional.pad(torch.ones_like(x, dtype=torch.bool), amounts)
        return torch.where(own, functional.pad(x, amounts), value.reshape(()))
    for place, axis in enumerate(along):
        places = _reflected(x, axis, found[place], found[place + len(along)], mode)
        x = picked(x, axis, places)
    return x


def _reflected(x: Tensor, axis: int, before: int, after: int, mode: str) -> Tensor:
    """The places of `x` along an axis that stand in the padded one."""
    size = x.shape[axis]
    places = torch.arange(-before, size + after, device=x.device)
    if mode == "edge":
        return places.clamp(0, size - 1)
    if mode == "wrap":
        return places % size
    period = max(2 * (size - 1), 1)
    return (size - 1) - ((places % period) - (size - 1)).abs()


def onnx_depth_to_space(x: Tensor, blocksize: int = 1, mode: str = "DCR") -> Tensor:
    n, c, h, w = x.shape
    if mode == "CRD":
        parts = x.reshape(n, c // blocksize**2, blocksize, blocksize, h, w).permute(0, 1, 4, 2, 5, 3)
    else:
        parts = x.reshape(n, blocksize, blocksize, c // blocksize**2, h, w).permute(0, 3, 4, 1, 5, 2)
    return parts.reshape(n, c // blocksize**2, h * blocksize, w * blocksize)


def onnx_space_to_depth(x: Tensor, blocksize: int = 1, mode: str = "DCR") -> Tensor:
    n, c, h, w = x.shape
    parts = x.reshape(n, c, h // blocksize, blocksize, w // blocksize, blocksize)
    order = (0, 1, 3, 5, 2, 4) if mode == "CRD" else (0, 3, 5, 1, 2, 4)
    return parts.permute(order).reshape(n, c * blocksize**2, h // blocksize, w // blocksize)


def onnx_trilu(x: Tensor, k: Numbers | None = None, upper: int = 1) -> Tensor:
    along = 0 if k is None else int(numbers(k)[0])
    return torch.triu(x, along) if upper else torch.tril(x, along)


def onnx_shape(x: Tensor, start: int = 0, end: int | None = None) -> Tensor:
    return torch.tensor(list(x.shape[start:end]), dtype=torch.int64, device=x.device)


def onnx_size(x: Tensor) -> Tensor:
    return torch.tensor(x.numel(), dtype=torch.int64, device=x.device)


def onnx_constant_of_shape(shape: Numbers, value: Tensor | None = None) -> Tensor:
    fill = torch.zeros(1) if value is None else value
    sizes = [int(size) for size in numbers(shape)]
    return fill.reshape(()).expand(sizes).clone()


def onnx_range(start: Numbers, limit: Numbers, delta: Numbers, stash_type: int = 1) -> Tensor:
    kind = start.dtype if isinstance(start, Tensor) else None
    return torch.arange(numbers(start)[0], numbers(limit)[0], numbers(delta)[0], dtype=kind)


def onnx_one_hot(indices: Tensor, depth: Numbers, values: Tensor, axis: int = -1) -> Tensor:
    """`values` are those that are off and on; numbers below 0 count from the end."""
    count = int(numbers(depth)[0])
    places = indices.long()
    places = torch.where(places < 0, places + count, places).unsqueeze(axis)
    sizes: list[Any] = [1] * places.ndim
    sizes[axis] = count
    on = places == torch.arange(count, device=indices.device).reshape(sizes)
    return torch.where(on, values[1], values[0])


def onnx_eye_like(x: Tensor, k: int = 0, dtype: str | None = None) -> Tensor:
    rows, columns = x.shape
    down = torch.arange(rows, device=x.device).unsqueeze(1)
    across = torch.arange(columns, device=x.device).unsqueeze(0)
    return (across - down == k).to(x.dtype if dtype is None else type_of(dtype))


def onnx_center_crop_pad(x: Tensor, shape: Numbers, axes: Sequence[int] | None = None) -> Tensor:
    """Cut, or filled with zeros, on both sides to a size."""
    for axis, size in zip(given_axes(axes, x.ndim), numbers(shape), strict=True):
        own = x.shape[axis]
        if size < own:
            x = x.narrow(axis, (own - size) // 2, size)
        elif size > own:
            before = (size - own) // 2
            behind = [0, 0] * (x.ndim - 1 - axis)
            x = functional.pad(x, [*behind, before, size - own - before])
    return x


def onnx_constant(**said: Any) -> Tensor:
    """What one of its attributes says."""
    ((name, value),) = said.items()
    kinds = {"value_int": torch.int64, "value_ints": torch.int64}
    return value if isinstance(value, Tensor) else torch.tensor(value, dtype=kinds.get(name, torch.float32))
