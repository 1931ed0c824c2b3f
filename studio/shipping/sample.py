"""One real sample as a person would have it: a picture, a row of a table, a text or an array, and what it comes to."""

from __future__ import annotations

import csv
import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.shipping.cargo import Cargo
from studio.shipping.readying import PICTURES, TABLE, TOKENS, columns_of, inputs_of, kind_of, normalisation_of

if TYPE_CHECKING:
    from torch import Tensor

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Sample:
    """A file's name and bytes, and what the network must be fed for it: a tensor [1, *shape] for each input."""

    name: str
    data: bytes
    fed: tuple[Tensor, ...]


def sample(cargo: Cargo) -> Sample:
    """The first held-out sample, as a file that holds it as it was before it was readied; a made one without data."""
    import torch

    kind = kind_of(cargo)
    inputs = [tensor[:1].detach().cpu() for tensor in cargo.samples(1)]
    if len(inputs) != 1:
        arrays = {one["name"]: tensor.numpy() for one, tensor in zip(inputs_of(cargo), inputs, strict=True)}
        return Sample("example.npz", _npz(arrays), tuple(inputs))
    raw = inputs[0][0]
    if raw.is_floating_point() and cargo.data is not None:
        raw = cargo.data.normalisation.invert(raw)
    if kind == PICTURES:
        return _picture(cargo, raw.numpy())
    if kind == TOKENS:
        return _tokens(cargo, raw.numpy(), inputs[0])
    if kind == TABLE and cargo.data is not None:
        raw = torch.tensor([float(f"{value:.6g}") for value in raw.tolist()])  # as a person would write it
        return Sample("example.csv", _row(cargo, raw.numpy()), (normalisation_of(cargo).apply(raw)[None],))
    again = normalisation_of(cargo).apply(raw)[None] if raw.is_floating_point() else inputs[0]
    return Sample("example.npy", _npy(raw.numpy()), (torch.as_tensor(again),))


def _picture(cargo: Cargo, values: Array) -> Sample:
    """A PNG of one pixel for each value of the sample, which rounds them to bytes."""
    import torch

    pixels = np.clip(np.round(values * 255), 0, 255).astype(np.uint8)
    fed = normalisation_of(cargo).apply(torch.from_numpy(pixels).float() / 255)[None]
    return Sample("example.png", png(np.moveaxis(pixels, 0, 2)), (fed,))


def _tokens(cargo: Cargo, tokens: Array, fed: Tensor) -> Sample:
    words = cargo.data.vocabulary if cargo.data is not None else ()
    if not words or any(not word.strip() for word in words if len(word) != 1):
        return Sample("example.npy", _npy(tokens), (fed,))
    between = "" if all(len(word) == 1 for word in words) else " "
    return Sample("example.txt", between.join(words[token] for token in tokens).encode("utf-8"), (fed,))


def _row(cargo: Cargo, values: Array) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns_of(cargo))
    writer.writerow([f"{value:.6g}" for value in values])
    return text.getvalue().encode("utf-8")


def _npy(array: Array) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _npz(arrays: dict[str, Array]) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def png(pixels: Array) -> bytes:
    """A PNG of the bytes [height, width, 1 or 3]."""
    height, width, channels = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], 1)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
