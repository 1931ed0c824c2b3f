"""The constants of an ONNX file, inside it or in a file beside it, as tensors on the CPU."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.model import MOST_AXES
from graphs.files.faults import FileFault, shown

if TYPE_CHECKING:
    import numpy as np
    from onnx import GraphProto, TensorProto
    from torch import Tensor

MAX_BYTES = 2**31 - 1
AGAIN = "export the model again"
_TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float32",
    11: "float32",
    16: "float32",
    4: "int32",
    12: "int64",
    13: "int64",
}
"""ONNX's numbers of types and what they become: all fractions are of single precision here."""
_NUMPY = {
    1: "<f4",
    2: "u1",
    3: "i1",
    5: "<i2",
    6: "<i4",
    7: "<i8",
    9: "?",
    10: "<f2",
    11: "<f8",
    4: "<u2",
    12: "<u4",
    13: "<u8",
    16: "<u2",
}
_OTHER = {10: "half", 11: "double", 16: "half"}


def type_name(kind: int, double: bool = False) -> str | None:
    """The torch type, by name, of values of an ONNX type; None where there is none."""
    return "float64" if double and kind == 11 else _TYPES.get(kind)


def is_double(graph: GraphProto) -> bool:
    """Whether a model reckons in double precision throughout: it takes such numbers and has no weights."""
    taken = {info.type.tensor_type.elem_type for info in graph.input if info.type.HasField("tensor_type")}
    return 11 in taken and not any(math.prod(t.dims) > 1 and t.data_type in (1, 10, 11, 16) for t in graph.initializer)


class Store:
    """Reads the constants of one file; all together are no larger than a file may be."""

    def __init__(self, path: Path, double: bool = False) -> None:
        self.path, self.file, self.double = path, path.name, double
        self.left = MAX_BYTES
        self.precisions: set[str] = set()

    @property
    def notes(self) -> list[str]:
        """What became of the numbers that is worth telling."""
        return [f"Numbers of {name} precision became single precision." for name in sorted(self.precisions)]

    def initialisers(self, graph: GraphProto) -> dict[str, Tensor]:
        """The constants by name. Raises FileFault."""
        if graph.sparse_initializer:
            raise FileFault(self.file, "constants", "are sparse, which is not read", "export them dense")
        found: dict[str, Tensor] = {}
        for proto in graph.initializer:
            if proto.name in found:
                raise FileFault(self.file, f"constant {shown(proto.name)}", "is there twice", AGAIN)
            found[proto.name] = self.tensor(proto)
        return found

    def tensor(self, proto: TensorProto) -> Tensor:
        """One constant. Raises FileFault."""
        where = f"constant {shown(proto.name)}" if proto.name else "a constant"
        kind, dims = proto.data_type, tuple(int(n) for n in proto.dims)
        if kind not in _TYPES:
            raise FileFault(self.file, where, "is of a type that is not read", "export the model in single precision")
        if len(dims) > MOST_AXES or any(n < 0 for n in dims):
            raise FileFault(self.file, where, "has a shape that no tensor has", AGAIN)
        size = math.prod(dims) * 8 if kind in (11, 7, 13) else math.prod(dims) * 4
        self.left -= size
        if self.left < 0:
            raise FileFault(self.file, where, "makes the constants larger than 2 GiB", "choose a smaller model")
        array = self._outside(proto, where) if proto.data_location == 1 else self._inside(proto, where)
        if array.size != math.prod(dims):
            raise FileFault(self.file, where, f"holds {array.size} numbers instead of {math.prod(dims)}", AGAIN)
        if kind in _OTHER and not self.double:
            self.precisions.add(_OTHER[kind])
        return _torch(array.reshape(dims), kind, self.double)

    def _inside(self, proto: TensorProto, where: str) -> np.ndarray[Any, Any]:
        import numpy as np
        from onnx import numpy_helper

        wanted = np.dtype(_NUMPY[proto.data_type])
        if proto.HasField("raw_data"):
            if len(proto.raw_data) % wanted.itemsize:
                raise FileFault(self.file, where, "is cut off", AGAIN)
            return np.frombuffer(proto.raw_data, wanted)
        try:
            count = max(map(len, (proto.float_data, proto.int32_data, proto.int64_data, proto.double_data, ())))
            if max(count, len(proto.uint64_data)) != math.prod(proto.dims):
                raise FileFault(self.file, where, "holds another number of values than its shape says", AGAIN)
            array: np.ndarray[Any, Any] = np.asarray(numpy_helper.to_array(proto))
        except (ValueError, TypeError, OverflowError) as error:
            raise FileFault(self.file, where, "cannot be read", AGAIN) from error
        return array.reshape(-1).view(np.uint16) if proto.data_type == 16 else array.reshape(-1)

    def _outside(self, proto: TensorProto, where: str) -> np.ndarray[Any, Any]:
        """A constant in a file of its own, which must lie in the folder of the model."""
        import numpy as np

        said = {entry.key: entry.value for entry in proto.external_data}
        folder = self.path.resolve().parent
        location = said.get("location", "")
        beside = (folder / location).resolve() if location and "\0" not in location else folder
        if beside == folder or folder not in beside.parents or Path(location).is_absolute():
            problem = f"lies in {shown(location)}, which is outside the folder of the model"
            raise FileFault(self.file, where, problem, "keep its files beside it")
        wanted = np.dtype(_NUMPY[proto.data_type])
        count = math.prod(proto.dims)
        try:
            offset, length = int(said.get("offset", 0)), int(said.get("length", count * wanted.itemsize))
            if not beside.is_file():
                problem = f"lies in {shown(location)}, and there is no such file beside the model"
                raise FileFault(self.file, where, problem, "copy that file beside the model")
            if offset < 0 or length != count * wanted.itemsize or offset + length > beside.stat().st_size:
                raise FileFault(self.file, where, f"is not whole in {shown(location)}", AGAIN)
            return np.fromfile(beside, wanted, count, offset=offset)
        except (OSError, ValueError) as error:
            if isinstance(error, FileFault):
                raise
            raise FileFault(self.file, where, f"cannot be read from {shown(location)}", AGAIN) from error


def _torch(array: np.ndarray[Any, Any], kind: int, double: bool) -> Tensor:
    """The array as a tensor of its own memory."""
    import numpy as np
    import torch

    if kind == 16:
        array = (array.astype(np.uint32) << 16).view(np.float32)
    made = np.array(array, dtype=type_name(kind, double), copy=True, order="C")
    return torch.from_numpy(made)
