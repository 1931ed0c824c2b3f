"""Where each weight of a network went in an ONNX file, so that it comes back to the last bit.

Most tensors are initialisers of the same name. ONNX lays some out differently: a reshaped or transposed copy,
or the weights of an LSTM with their gates in another order and both directions in one. A recipe says how to
read such a tensor back. What went nowhere (the batch counter of BatchNorm) is kept as it is, by the caller.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from onnx import GraphProto

Array = np.ndarray[Any, Any]
Index = Annotated[int, Field(ge=0, le=2**31)]
SMALL = 64
"""Numbers of a constant that is more likely a shape, an axis or a bound than a weight."""
KNOWN_TYPES = ("float32", "float64", "float16", "int64", "int32", "bool", "uint8", "int8")


class Recipe(BaseModel):
    """How to read one tensor: `source[slot][start : start + shape[0]]` with its `gates` in this order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    shape: tuple[Index, ...]
    transposed: bool = False
    slot: Index | None = None
    start: Index = 0
    gates: tuple[Index, ...] = ()

    def read(self, arrays: Mapping[str, Array]) -> Array:
        """The tensor. Raises KeyError, IndexError or ValueError where it is not there."""
        array = arrays[self.source]
        if self.slot is not None:
            array = array[self.slot][self.start : self.start + self.shape[0]]
        if self.gates:
            parts = np.split(array, len(self.gates))
            array = np.concatenate([parts[gate] for gate in self.gates])
        return np.ascontiguousarray(array.T if self.transposed else array).reshape(self.shape)


def initialisers(graph: GraphProto) -> dict[str, Array]:
    """The tensors inside the file by name. Those of unusual types, or in other files, are left out."""
    from onnx import TensorProto, numpy_helper

    inside = [t for t in graph.initializer if t.data_location != TensorProto.EXTERNAL]
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in inside}
    return {name: array for name, array in arrays.items() if str(array.dtype) in KNOWN_TYPES}


def find(name: str, tensor: Array, arrays: Mapping[str, Array]) -> Recipe | None:
    """How to read the tensor `name` out of `arrays`, None where it is not in them."""
    for recipe in _candidates(name, tensor, arrays):
        if recipe.read(arrays).tobytes() == tensor.tobytes():
            return recipe
    return None


def _candidates(name: str, tensor: Array, arrays: Mapping[str, Array]) -> Iterator[Recipe]:
    """Recipes worth trying, the likeliest first."""
    alike = [key for key, array in arrays.items() if array.size == tensor.size and array.dtype == tensor.dtype]
    alike.sort(key=lambda key: key != name)
    for key in alike:
        yield Recipe(source=key, shape=tensor.shape)
        if tensor.ndim == 2 and arrays[key].shape == tensor.T.shape:
            yield Recipe(source=key, shape=tensor.shape, transposed=True)
    for key, array in arrays.items():
        if tensor.ndim and array.ndim == tensor.ndim + 1 and array.dtype == tensor.dtype:
            yield from _slices(key, array, tensor)


def _slices(key: str, array: Array, tensor: Array) -> Iterator[Recipe]:
    """A direction of a recurrent layer: [directions, gates · units, …], two biases one after the other."""
    rows = tensor.shape[0]
    if array.shape[2:] != tensor.shape[1:] or not rows:
        return
    for slot in range(len(array)):
        for start in range(0, array.shape[1] - rows + 1, rows):
            part = array[slot][start : start + rows]
            for count in (1, 3, 4):
                gates = _order(part, tensor, count) if rows % count == 0 else ()
                if gates:
                    yield Recipe(source=key, shape=tensor.shape, slot=slot, start=start, gates=gates)


def _order(part: Array, tensor: Array, count: int) -> tuple[int, ...]:
    """Which block of `part` each of the `count` blocks of `tensor` is, () where one is missing."""
    blocks = np.split(part, count)
    found = [
        next((i for i, block in enumerate(blocks) if np.array_equal(block, wanted)), None)
        for wanted in np.split(tensor, count)
    ]
    return tuple(i for i in found if i is not None) if None not in found else ()


def graph_digest(graph: GraphProto) -> str:
    """SHA-256 over what a graph computes: its operators with their attributes, and what they take and give. Names of
    nodes, remarks and what is known of shapes do not count; nor do large constants, which are weights."""
    digest = hashlib.sha256()
    for constant in sorted(graph.initializer, key=lambda constant: constant.name):
        if math.prod(constant.dims) <= SMALL:
            digest.update(constant.SerializeToString(deterministic=True))
    for node in graph.node:
        bare = type(node)(op_type=node.op_type, domain=node.domain, input=node.input, output=node.output)
        bare.attribute.extend(sorted(node.attribute, key=lambda attribute: attribute.name))
        digest.update(bare.SerializeToString(deterministic=True))
    for value in (*graph.input, *graph.output):
        digest.update(f"\n{value.name}".encode())
    return digest.hexdigest()


def seal(text: str, tensors: Mapping[str, Array]) -> str:
    """SHA-256 over a text and tensors: names, types, shapes and every bit."""
    digest = hashlib.sha256(text.encode("utf-8"))
    for name in sorted(tensors):
        array = tensors[name]
        digest.update(f"\n{name} {array.dtype} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
