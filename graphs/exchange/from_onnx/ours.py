"""Opens the ONNX files that Netloom wrote: the network exactly as it was, and its weights to the last bit."""

from __future__ import annotations

import base64
import binascii
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, TypeAdapter, ValidationError

from graphs.exchange.to_onnx import recipes
from graphs.exchange.to_onnx.export import DIGEST, GRAPH, KEPT, NETWORK, SEAL, WEIGHTS
from graphs.exchange.to_onnx.recipes import Array, Recipe
from graphs.files import plainjson, storage
from graphs.files.faults import FileFault, read_bounded
from graphs.network import Network

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import Tensor

MAX_BYTES = 2**31 - 1
AGAIN = "import it as a model of another program, or export it again from Netloom"
Ways = Annotated[dict[str, Recipe], Field(max_length=200_000)]


class Changed(FileFault):
    """What Netloom wrote was changed by another program since: the design in it is no longer that of the model."""


def open_onnx(path: str | os.PathLike[str]) -> tuple[Network, dict[str, Tensor]]:
    """The network and its weights by state-dict name, on the CPU. Raises FileFault; Changed where that can still be
    read as the file of another program."""
    file = Path(path)
    model = _parsed(read_bounded(file, MAX_BYTES), file.name)
    entries = {entry.key: entry.value for entry in model.metadata_props}
    if NETWORK not in entries:
        problem = "is an ONNX file that another program wrote, and only those of Netloom can be opened"
        raise FileFault(file.name, "", problem, "build the network on the canvas")
    try:
        network = storage.loads(entries[NETWORK], name=f"{file.name}, metadata")
    except FileFault as fault:
        raise Changed(fault.file, fault.place, fault.problem, fault.remedy) from fault
    if storage.digest(network) != entries.get(DIGEST):
        problem = "does not match its digest, so it was changed after the export"
        raise Changed(file.name, "metadata", problem, AGAIN)
    if entries.get(GRAPH, "") not in ("", recipes.graph_digest(model.graph)):
        problem = "holds other operators than were exported, so the file was changed after the export"
        raise Changed(file.name, "graph", problem, AGAIN)
    tensors = _weights(model, entries, file.name)
    if recipes.seal(entries[NETWORK], tensors) != entries.get(SEAL):
        problem = "are not those that were exported, so the file was changed after the export"
        raise Changed(file.name, "network and weights", problem, AGAIN)
    return network, _torch(tensors)


def _parsed(data: bytes, name: str) -> ModelProto:
    import onnx

    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:
        raise FileFault(name, "", "is broken or no ONNX file", "choose another file") from error
    if not model.graph.node and not model.metadata_props:
        raise FileFault(name, "", "is broken or no ONNX file", "choose another file")
    return model


def _weights(model: ModelProto, entries: Mapping[str, str], name: str) -> dict[str, Array]:
    try:
        ways = TypeAdapter(Ways).validate_python(plainjson.parse(entries.get(WEIGHTS, ""), name))
        arrays = recipes.initialisers(model.graph)
        if 4 * sum(math.prod(way.shape) for way in ways.values()) > MAX_BYTES:
            raise ValueError("more weights than any file holds")
        tensors = {key: way.read(arrays) for key, way in ways.items()}
        return {**tensors, **_kept(entries.get(KEPT, ""))}
    except FileFault as fault:
        raise Changed(fault.file, fault.place, fault.problem, fault.remedy) from fault
    except (ValidationError, ValueError, LookupError, TypeError, MemoryError) as error:
        raise Changed(name, "weights", "cannot be found in the file", AGAIN) from error


def _kept(text: str) -> dict[str, Array]:
    """The tensors that ONNX had no use for. Raises ValueError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not text:
        return {}
    try:
        return dict(load(base64.b64decode(text, validate=True)))
    except (binascii.Error, SafetensorError) as error:
        raise ValueError("kept tensors are broken") from error


def _torch(tensors: Mapping[str, Array]) -> dict[str, Tensor]:
    import numpy as np
    import torch

    return {key: torch.from_numpy(np.array(array)) for key, array in tensors.items()}
