"""Operators of ONNX that look numbers up by their places, and put them there."""

from __future__ import annotations

import torch
from torch import Tensor


def onnx_gather(x: Tensor, indices: Tensor, axis: int = 0) -> Tensor:
    """Slices of `x` along `axis`, in the shape of `indices`."""
    along = axis % x.ndim
    places = torch.where(indices < 0, indices + x.shape[along], indices)
    found = x.index_select(along, places.reshape(-1).long())
    return found.reshape(*x.shape[:along], *indices.shape, *x.shape[along + 1 :])


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
        return flat.index_select(0, at.reshape(-1)).reshape(*at.shape, *behind)
    rows = at.flatten(0, batch_dims - 1).flatten(1)
    every = torch.arange(rows.shape[0], device=x.device).unsqueeze(1)
    return flat[every, rows].reshape(*at.shape, *behind)


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
