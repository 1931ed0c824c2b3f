"""Our own ONNX files as projects: the network as it was, and its weights. onnx is imported on use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from graphs.document import Document
from graphs.files.faults import elsewhere, unreadable
from graphs.network import Network
from studio.owncode import codes
from studio.project import Project
from studio.weights.brought import Brought
from studio.weights.learnt import STEP

SUFFIX = ".onnx"
METADATA = 14
"""The number of the field metadata_props in a ModelProto (onnx.proto)."""
NETWORK = b"netloom.network"
LONGEST_KEY = 128


def opened_onnx(path: Path) -> Project:
    """A project made from one of our own ONNX files, with the weights in it. Raises FileFault."""
    from graphs.exchange.from_onnx.ours import open_onnx
    from graphs.exchange.to_onnx.portable import portable

    network, state = open_onnx(path)
    network = _found_beside(portable(network), path.parent)
    project = Project(Document(network), name=path.stem)
    step = _step_in(path)
    known = project.catalogue.copy()
    project.learnt = Brought(network, known, state, step, begins=False)
    return project


def _found_beside(network: Network, folder: Path) -> Network:
    """The network with code and data that lie beside the file named in full: its project is in no folder yet."""
    network = codes.beside(network, folder)
    data = network.settings.get("data")
    name = data.get("path") if isinstance(data, Mapping) else None
    if not isinstance(name, str) or not name or elsewhere(name) or "\0" in name or not (folder / name).exists():
        return network
    return replace(network, settings={**network.settings, "data": {**dict(data or {}), "path": str(folder / name)}})


def is_ours(path: Path) -> bool:
    """Whether an ONNX file says in its metadata that Netloom wrote it; reads no more than the heads of its parts."""
    try:
        with path.open("rb") as file:
            return NETWORK in _metadata(file)
    except OSError as error:
        raise unreadable(path, error) from error


def _metadata(file: BinaryIO) -> Iterator[bytes]:
    """The keys of a model's metadata. A protobuf message is a row of fields, each with its number, how it is stored
    and, but for plain numbers, its length (protobuf.dev/programming-guides/encoding)."""
    while (head := _number(file)) is not None and head & 7 in (0, 2):
        size = _number(file)
        if head & 7 == 0:
            continue
        if size is None:
            return
        inner = file.read(min(size, LONGEST_KEY)) if head >> 3 == METADATA else b""
        if inner[:1] == b"\x0a" and len(inner) > 1:
            yield inner[2 : 2 + inner[1]]
        file.seek(size - len(inner), os.SEEK_CUR)


def _number(file: BinaryIO) -> int | None:
    """The next number, seven bits in each byte; None at the end of the file."""
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return value
    return None


def _step_in(path: Path) -> int:
    """The step of training that an ONNX file says its weights are of, 0 where it says nothing."""
    import onnx

    told = {entry.key: entry.value for entry in onnx.load(path, load_external_data=False).metadata_props}
    step = told.get(STEP, "0")
    return int(step) if step.isdecimal() and len(step) < 19 else 0
