"""State dicts that other programs wrote: safetensors, or what torch.save makes, read without ever running anything.

A .pth file is a pickle. It is read by torch's own reader of weights alone, which knows tensors and plain containers and
nothing else; before that its archive is looked at, so that no file makes more of itself than it is. torch is imported
on use.
"""

from __future__ import annotations

import pickle
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphs.files.faults import FileFault, shown, unreadable
from graphs.files.weights import MAX_TENSORS, load_weights

if TYPE_CHECKING:
    from torch import Tensor

MAX_BYTES = 16 * 2**30
MAX_PICKLE = 64 * 2**20
"""Bytes of the list of names in an archive: a million names take less."""
MAX_DEPTH = 4
SUFFIXES = (".pth", ".pt", ".bin", ".ckpt", ".safetensors")
USUAL = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "module",
    "net",
    "network",
    "weights",
    "params",
    "ema",
)
"""Under which names programs keep the state dict within a larger file, in the order in which they are tried."""
REMEDY = "choose a file of weights (.pth, .pt or .safetensors)"
_ASKED = re.compile(r"(?:GLOBAL|Unsupported (?:class|global|type)[^\w]*)\s*:?\s*([\w.]+)")


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors in a file by their names, on the CPU. Nothing in it is executed. Raises FileFault."""
    _check(path)
    if path.suffix.lower() == ".safetensors":
        return load_weights(path)[0]
    found = _loaded(path)
    state = _tensors(found, path.name, 0, set())
    if not state:
        raise FileFault(path.name, "", "holds no weights by name", REMEDY)
    return state


def _check(path: Path) -> None:
    try:
        size = path.stat().st_size if path.exists() else -1
    except OSError as error:
        raise unreadable(path, error) from error
    if size < 0 or not path.is_file():
        problem = "is no regular file" if size >= 0 else "there is no such file"
        raise FileFault(path.name, "", problem, "check its name and folder")
    if size > MAX_BYTES:
        raise FileFault(path.name, "", f"is larger than {MAX_BYTES // 2**30} GiB, the most that is read", REMEDY)
    if path.suffix.lower() != ".safetensors" and zipfile.is_zipfile(path):
        _check_archive(path, size)


def _check_archive(path: Path, size: int) -> None:
    """torch writes its archives uncompressed: one that would become larger in memory is none of its."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise FileFault(path.name, "", "is a broken archive", REMEDY) from error
    packed = any(part.compress_type != zipfile.ZIP_STORED for part in parts)
    if packed or sum(part.file_size for part in parts) > size or len(parts) > MAX_TENSORS:
        raise FileFault(path.name, "", "is an archive that torch did not write", REMEDY)
    if any(part.filename.endswith(".pkl") and part.file_size > MAX_PICKLE for part in parts):
        raise FileFault(path.name, "", "holds more names than weights can have", REMEDY)


def _loaded(path: Path) -> Any:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it thinks of the file's age helps nobody here
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path) or None)
    except pickle.UnpicklingError as error:
        asked = _ASKED.search(str(error))
        wants = f" (it asks for {shown(asked[1])})" if asked and "." in asked[1] else ""
        problem = f"holds more than weights{wants}, and what could be a program is not opened"
        raise FileFault(path.name, "", problem, "save its state_dict() alone, or as safetensors") from error
    except OSError as error:
        raise unreadable(path, error) from error
    except Exception as error:  # a reader of foreign bytes fails in many ways, and each means the same
        raise FileFault(path.name, "", "is broken or no file of weights", REMEDY) from error


def _tensors(found: Any, file: str, depth: int, seen: set[int]) -> dict[str, Tensor]:
    """The state dict in what was read, also where it lies deeper in; nothing is looked at twice."""
    from torch import Tensor

    if not isinstance(found, Mapping) or depth > MAX_DEPTH or id(found) in seen:
        return {}
    seen.add(id(found))
    if len(found) > MAX_TENSORS:
        raise FileFault(file, "", f"holds more than {MAX_TENSORS:,} tensors", REMEDY)
    state = {name: value for name, value in found.items() if isinstance(name, str) and isinstance(value, Tensor)}
    if state:
        for name, tensor in state.items():
            _check_tensor(name, tensor, file)
        return state
    for inner in _inner(found):
        if state := _tensors(inner, file, depth + 1, seen):
            return state
    return {}


def _inner(found: Mapping[Any, Any]) -> Iterator[Any]:
    yield from (found[name] for name in USUAL if name in found)
    yield from (value for name, value in found.items() if name not in USUAL)


def _check_tensor(name: str, tensor: Tensor, file: str) -> None:
    """A tensor may not say that it is larger than what is stored of it."""
    import torch

    if tensor.layout is not torch.strided or tensor.device.type != "cpu" or tensor.is_quantized:
        raise FileFault(file, shown(name), "is no plain tensor of numbers", REMEDY)
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise FileFault(file, shown(name), "says that it is larger than it is", REMEDY)
