"""Operators of ONNX that look numbers up by their places, and put them there."""

from __future__ import annotations

import torch
from torch import Tensor

from graphs.building.modules.onnx.common import Numbers, numbers, picked


def onnx_gather(x: Tensor, indices: Tensor, axis: int = 0) -> Tensor:
    """Slices of `x` along `axis`, in the shape of `indices`."""
    return picked(x, axis % x.ndim, indices.long())


def onnx_gather_elements(x: Tensor, indices: Tensor, axis: int = 0) -> Tensor:
    places = torch.where(indices < 0, indices + x.shape[axis], indices)
    return torch.gather(x, axis, places.long())


def onnx_gather_nd(x: Tensor, indices: Tensor, batch_dims: int = 0) -> Tensor:
    """The last axis of `indices` holds places along the first axes of `x` behind the common ones."""
    depth = indices.shape[-1]
    sizes = x.shape[batch_dims : batch_dims + depth]
    common, behind = x.shape[:batch_dims], x.shape[batch_dims + depth :]
    flat = x.reshape(*common, -1, *behind).flatten(0, max(batch_dims - 1, 0)) if batch_dims else x.reshape(-1, *behind)
    at = torch.zeros(indices.shape[:-1], dtype=torch.int64, device=x.device)
    for place, size in enumerate(sizes):
        at = at * size + torch.remainder(indices[..., place].long(), size)
    if not batch_dims:
        return flat[at]
    rows = at.reshape(flat.shape[0], -1)
    every = torch.arange(flat.shape[0], device=x.device).unsqueeze(1)
    return flat[every, rows].reshape((*at.shape, *behind))


def onnx_scatter_elements(
    x: Tensor, indices: Tensor, updates: Tensor, axis: int = 0, reduction: str = "none"
) -> Tensor:
    places = torch.where(indices < 0, indices + x.shape[axis], indices).long()
    if reduction == "none":
        return torch.scatter(x, axis, places, updates)
    ways = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}
    return torch.scatter_reduce(x, axis, places, updates, ways[reduction])


def onnx_scatter_nd(x: Tensor, indices: Tensor, updates: Tensor, reduction: str = "none") -> Tensor:
    """`updates` at the places that the last axis of `indices` holds."""
    depth = indices.shape[-1]
    behind = x.shape[depth:]
    at = torch.zeros(indices.shape[:-1], dtype=torch.int64, device=x.device)
    for place, size in enumerate(x.shape[:depth]):
        at = at * size + torch.remainder(indices[..., place].long(), size)
    flat, rows = x.reshape(-1, *behind), at.reshape(-1)
    new = updates.reshape(-1, *behind)
    if reduction == "none":
        return flat.index_copy(0, rows, new).reshape(x.shape)
    places = rows.reshape(-1, *(1,) * len(behind)).expand(new.shape)
    ways = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}
    return torch.scatter_reduce(flat, 0, places, new, ways[reduction]).reshape(x.shape)


def onnx_tensor_scatter(
    cache: Tensor, update: Tensor, write_indices: Tensor | None = None, axis: int = -2, mode: str = "linear"
) -> Tensor:
    """`update` written into each sample of a cache along an axis, from a place of its own on."""
    along = axis % cache.ndim
    steps = torch.arange(update.shape[along], device=cache.device)
    starts = (
        torch.zeros_like(cache[:, 0].flatten(1)[:, 0], dtype=torch.int64) if write_indices is None else write_indices
    )
    places = starts.reshape(-1, 1) + steps
    places = places % cache.shape[along] if mode == "circular" else places
    shape = [1] * cache.ndim
    shape[0], shape[along] = cache.shape[0], update.shape[along]
    return torch.scatter(cache, along, places.reshape(shape).expand(update.shape), update)


def onnx_compress(x: Tensor, condition: Numbers, axis: int | None = None) -> Tensor:
    """The slices that the condition keeps."""
    whole = x.flatten() if axis is None else x
    kept = [place for place, wanted in enumerate(numbers(condition)) if wanted]
    return whole.index_select(axis or 0, torch.tensor(kept, dtype=torch.int64, device=x.device))


def onnx_non_zero(x: Tensor) -> Tensor:
    """The places of what is not 0: [axes, how many]."""
    return torch.nonzero(x).T.contiguous()


def onnx_unique(x: Tensor, axis: int | None = None, sorted: int = 1) -> tuple[Tensor, ...]:
    """What there is, each once; also where it is first, which of them each is, and how often it is there."""
    values, inverse, counts = torch.unique(x, return_inverse=True, return_counts=True, dim=axis)
    flat = inverse.flatten()
    places = torch.arange(flat.shape[0], device=x.device)
    first = torch.full_like(counts, flat.shape[0]).scatter_reduce(0, flat, places, "amin")
    if sorted:
        return values, first, flat, counts
    order = torch.argsort(first)
    rank = torch.argsort(order)
    return values.index_select(axis or 0, order), first[order], rank[flat], counts[order]


def onnx_reverse_sequence(x: Tensor, lengths: Tensor, batch_axis: int = 1, time_axis: int = 0) -> Tensor:
    """The first steps of each sample backwards, as many as it says."""
    turned = x.movedim((batch_axis, time_axis), (0, 1))
    steps = torch.arange(turned.shape[1], device=x.device).unsqueeze(0)
    ends = lengths.to(x.device).reshape(-1, 1)
    places = torch.where(steps < ends, ends - 1 - steps, steps)
    places = places.reshape(*places.shape, *(1,) * (x.ndim - 2)).expand(turned.shape)
    return torch.gather(turned, 1, places).movedim((0, 1), (batch_axis, time_axis))
