"""Operators of ONNX that read maps at places between their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from graphs.building.modules.onnx.common import Numbers, given_axes, numbers, picked


def origin(place: int, size: int, scale: float, mode: str, span: tuple[float, float], wanted: int) -> float:
    """Where a place of the result lies in the input."""
    length = scale * size
    if mode == "align_corners":
        return 0.0 if length == 1 else place * (size - 1) / (length - 1)
    if mode == "asymmetric":
        return place / scale
    if mode == "tf_crop_and_resize":
        first, last = span
        middle = (last - first) * (size - 1) / 2
        return first * (size - 1) + (middle if length == 1 else place * 2 * middle / (length - 1))
    if mode == "pytorch_half_pixel" and length == 1:
        return -0.5
    if mode == "half_pixel_symmetric":
        return size / 2 * (1 - wanted / length) + (place + 0.5) / scale - 0.5
    return (place + 0.5) / scale - 0.5


def shares(ratio: float, scale: float, mode: str, nearest: str, cubic: float, smooth: bool) -> list[float]:
    """How much the numbers around a place count; `ratio` is how far it is from the one before it, at most 1."""
    if mode == "nearest":
        up = {"round_prefer_floor": ratio > 0.5, "round_prefer_ceil": ratio >= 0.5, "ceil": True}.get(nearest, False)
        return [0.0, 1.0] if up or ratio == 1 else [1.0, 0.0]
    narrow = min(scale, 1.0) if smooth else 1.0
    reach = 1 if mode == "linear" else 2
    first = math.floor(-reach / narrow) + 1
    found = []
    for step in range(first, 2 - first):
        d = abs(step - ratio) * narrow
        if mode == "linear":
            found.append(max(0.0, 1 - d))
        elif d <= 1:
            found.append((cubic + 2) * d**3 - (cubic + 3) * d**2 + 1)
        else:
            found.append(cubic * d**3 - 5 * cubic * d**2 + 8 * cubic * d - 4 * cubic if d < 2 else 0.0)
    total = sum(found) if smooth else 1.0
    return [share / total for share in found]


def resized_axis(
    x: Tensor,
    axis: int,
    wanted: int,
    scale: float,
    span: tuple[float, float],
    mode: str,
    places: str,
    nearest: str,
    cubic: float,
    smooth: bool,
    inside: bool,
    outer: float,
) -> Tensor:
    """`x` with another size along one axis: each new number is a weighted sum of the old ones."""
    size, rows, lost = x.shape[axis], [], []
    for place in range(wanted):
        at = origin(place, size, scale, places, span, wanted)
        lost.append(places == "tf_crop_and_resize" and not 0 <= at <= size - 1)
        found = shares(at - math.ceil(at) + 1, scale, mode, nearest, cubic, smooth)
        first = math.ceil(at) - len(found) // 2
        if inside:
            found = [s if 0 <= first + i < size else 0.0 for i, s in enumerate(found)]
            found = [s / sum(found) for s in found]
        row = [0.0] * size
        for i, share in enumerate(found):
            row[min(max(first + i, 0), size - 1)] += share
        rows.append(row)
    if mode == "nearest":
        index = torch.tensor([row.index(1.0) for row in rows], device=x.device)
        y = picked(x, axis, index)
    else:
        weights = torch.tensor(rows, dtype=x.dtype if x.is_floating_point() else torch.float32, device=x.device)
        y = torch.matmul(x.movedim(axis, -1).to(weights.dtype), weights.T).movedim(-1, axis).to(x.dtype)
    if not any(lost):
        return y
    mask = torch.tensor(lost, device=x.device).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    return torch.where(mask, torch.full_like(y, outer), y)


def onnx_resize(
    x: Tensor,
    roi: Numbers | None = None,
    scales: Numbers | None = None,
    sizes: Numbers | None = None,
    antialias: int = 0,
    axes: Sequence[int] | None = None,
    coordinate_transformation_mode: str = "half_pixel",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    keep_aspect_ratio_policy: str = "stretch",
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
) -> Tensor:
    """Along one axis after the other; axes that keep their size are left alone."""
    chosen = given_axes(axes, x.ndim)
    span = numbers(roi) if roi is not None else []
    crops = coordinate_transformation_mode == "tf_crop_and_resize"
    factors = [float(s) for s in numbers(scales)] if scales is not None else []
    if factors:
        wanted = [math.floor(x.shape[axis] * s) for axis, s in zip(chosen, factors, strict=True)]
    else:
        wanted = [int(n) for n in numbers(sizes if sizes is not None else ())]
        factors = [n / x.shape[axis] for axis, n in zip(chosen, wanted, strict=True)]
        if keep_aspect_ratio_policy != "stretch":
            factors = [min(factors) if keep_aspect_ratio_policy == "not_larger" else max(factors)] * len(factors)
            wanted = [math.floor(x.shape[axis] * s + 0.5) for axis, s in zip(chosen, factors, strict=True)]
    for place, (axis, size, scale) in enumerate(zip(chosen, wanted, factors, strict=True)):
        if scale == 1 and size == x.shape[axis] and not crops:
            continue
        part = (span[place], span[place + len(chosen)]) if crops else (0.0, 1.0)
        x = resized_axis(
            *(x, axis, size, scale, part, mode, coordinate_transformation_mode, nearest_mode, cubic_coeff_a),
            *(bool(antialias), bool(exclude_outside), extrapolation_value),
        )
    return x


def onnx_resize_floor(x: Tensor, scales: Numbers, mode: str = "nearest") -> Tensor:
    """Before opset 11: places are divided by the scale, and the nearest is the one before."""
    return onnx_resize(x, None, scales, coordinate_transformation_mode="asymmetric", mode=mode, nearest_mode="floor")


def onnx_upsample_scaled(
    x: Tensor, width_scale: float = 1.0, height_scale: float = 1.0, mode: str = "nearest"
) -> Tensor:
    """Opset 1: height and width by two scales."""
    return onnx_resize_floor(x, [1, 1, height_scale, width_scale], "linear" if mode == "bilinear" else mode)


def onnx_grid_sample(
    x: Tensor, grid: Tensor, align_corners: int = 0, mode: str = "linear", padding_mode: str = "zeros"
) -> Tensor:
    names = {"linear": "bilinear", "cubic": "bicubic"}
    return functional.grid_sample(x, grid.to(x.dtype), names.get(mode, mode), padding_mode, bool(align_corners))


def onnx_affine_grid(theta: Tensor, size: Numbers, align_corners: int = 0) -> Tensor:
    """The places, from −1 to 1, that a turned and moved map is read at: [N, …, 2 or 3]."""
    steps = []
    for count in (int(n) for n in numbers(size)[2:]):
        places = torch.arange(count, dtype=theta.dtype, device=theta.device)
        steps.append(places * 2 / max(count - 1, 1) - 1 if align_corners else (places * 2 + 1) / count - 1)
    axes = torch.meshgrid(*steps, indexing="ij")
    points = torch.stack((*axes[::-1], torch.ones_like(axes[0])), -1).flatten(0, -2)
    return torch.matmul(points, theta.transpose(1, 2)).reshape(theta.shape[0], *axes[0].shape, len(axes))
