"""Operators of ONNX for sounds and other signals."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from graphs.building.modules.onnx.common import Numbers, numbers, type_of


def onnx_dft(
    x: Tensor,
    dft_length: Numbers | None = None,
    axis: Numbers = -2,
    inverse: int = 0,
    onesided: int = 0,
) -> Tensor:
    """The frequencies of […, n, 1] or of complex […, n, 2], as pairs; `onesided` gives half of them."""
    along = int(numbers(axis)[0])
    along = along if along >= 0 else along + x.ndim
    length = None if dft_length is None else int(numbers(dft_length)[0])
    if x.shape[-1] == 2 and inverse and onesided:
        real: Tensor = torch.fft.irfft(torch.view_as_complex(x.contiguous()), length, along)
        return real.unsqueeze(-1)
    signal = torch.view_as_complex(x.contiguous()) if x.shape[-1] == 2 else x.squeeze(-1)
    if onesided:
        return torch.view_as_real(torch.fft.rfft(signal, length, along))
    found = torch.fft.ifft(signal, length, along) if inverse else torch.fft.fft(signal, length, along)
    return torch.view_as_real(found)


def onnx_dft_along(
    x: Tensor, dft_length: Numbers | None = None, axis: int = 1, inverse: int = 0, onesided: int = 0
) -> Tensor:
    """Before opset 20: the axis is an attribute."""
    return onnx_dft(x, dft_length, axis, inverse, onesided)


def onnx_stft(
    x: Tensor,
    frame_step: Numbers,
    window: Tensor | None = None,
    frame_length: Numbers | None = None,
    onesided: int = 1,
) -> Tensor:
    """The frequencies of pieces of [N, n, 1 or 2]: [N, pieces, frequencies, 2]."""
    if frame_length is not None:
        length = int(numbers(frame_length)[0])
    else:
        length = x.shape[1] if window is None else window.shape[0]
    signal = torch.view_as_complex(x.contiguous()) if x.shape[-1] == 2 else x.reshape(*x.shape[:2])
    pieces = signal.unfold(1, length, int(numbers(frame_step)[0]))
    pieces = pieces if window is None else pieces * window
    return torch.view_as_real(torch.fft.rfft(pieces) if onesided else torch.fft.fft(pieces))


def windowed(size: Numbers, parts: tuple[float, ...], periodic: int, output_datatype: str) -> Tensor:
    """A sum of cosines over one turn."""
    count = int(numbers(size)[0])
    turn = torch.arange(count, dtype=torch.float64) * (2 * math.pi / (count if periodic else max(count - 1, 1)))
    total = sum((part * torch.cos(turn * order) for order, part in enumerate(parts)), torch.zeros(count))
    return torch.as_tensor(total).to(type_of(output_datatype))


def onnx_hann_window(size: Numbers, output_datatype: str = "float32", periodic: int = 1) -> Tensor:
    return windowed(size, (0.5, -0.5), periodic, output_datatype)


def onnx_hamming_window(size: Numbers, output_datatype: str = "float32", periodic: int = 1) -> Tensor:
    return windowed(size, (25 / 46, -21 / 46), periodic, output_datatype)


def onnx_blackman_window(size: Numbers, output_datatype: str = "float32", periodic: int = 1) -> Tensor:
    return windowed(size, (0.42, -0.5, 0.08), periodic, output_datatype)


def onnx_mel_weight_matrix(
    num_mel_bins: Numbers,
    dft_length: Numbers,
    sample_rate: Numbers,
    lower_edge_hertz: Numbers,
    upper_edge_hertz: Numbers,
    output_datatype: str = "float32",
) -> Tensor:
    """Triangles over the frequencies, evenly spread over the mel scale: [frequencies, bins]."""
    bins, length = int(numbers(num_mel_bins)[0]), int(numbers(dft_length)[0])
    rows, rate = length // 2 + 1, int(numbers(sample_rate)[0])
    low, high = (2595 * math.log10(1 + float(numbers(edge)[0]) / 700) for edge in (lower_edge_hertz, upper_edge_hertz))
    edges = [low + place * (high - low) / (bins + 2) for place in range(bins + 2)]
    places = [math.floor((length + 1) * 700 * (10 ** (mel / 2595) - 1) / rate) for mel in edges]
    matrix = torch.zeros(rows, bins)
    for bin in range(bins):
        first, middle, last = places[bin : bin + 3]
        if first == middle:
            matrix[middle, bin] = 1
        for row in range(first, middle + 1 if middle > first else first):
            matrix[row, bin] = (row - first) / (middle - first)
        for row in range(middle, last if last > middle else middle):
            matrix[row, bin] = (last - row) / (last - middle)
    return matrix.to(type_of(output_datatype))
