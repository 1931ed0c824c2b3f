"""Weights on disk: safetensors with metadata, never pickle. torch is imported on use."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.files import atomic
from graphs.files.faults import FileFault, shown, unreadable, unwritable

if TYPE_CHECKING:
    from torch import Tensor

MAX_BYTES = 64 * 2**30
MAX_TENSORS = 200_000
RETRAIN = "choose a file that Netloom saved or train again"


def save_weights(
    path: str | os.PathLike[str], state: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Writes the tensors of `state`, by state-dict name, in one step; equal ones give equal bytes. Raises FileFault."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    tensors = _separate(state)

    def write(part: Path) -> None:
        save_file(tensors, part, dict(metadata or {}))
        _order_metadata(part)

    try:
        atomic.write_with(path, write)
    except OSError as error:
        raise unwritable(Path(path), error) from error
    except SafetensorError as error:
        raise unwritable(Path(path), OSError(_reason(error))) from error


def _reason(error: Exception) -> str:
    """What the system said, without the words that safetensors puts around it."""
    return re.sub(r" \(os error \d+\)$", "", str(error).removeprefix("Error while serializing: ")).split(": ")[-1]


def _order_metadata(file: Path) -> None:
    """Sorts the metadata in the header: safetensors writes them in an order that differs from call to call."""
    with file.open("r+b") as opened:
        size = int.from_bytes(opened.read(8), "little")
        header = json.loads(opened.read(size))
        header["__metadata__"] = dict(sorted(header.get("__metadata__", {}).items()))
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode().ljust(size)
        if len(text) == size:
            opened.seek(8)
            opened.write(text)


def load_weights(
    path: str | os.PathLike[str], expected: Mapping[str, Tensor] | None = None
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and the metadata that `save_weights` wrote, on the CPU.

    With `expected` (a module's state dict) names and shapes must be those. Raises FileFault.
    """
    from safetensors import SafetensorError

    file = Path(path)
    _check_size(file)
    try:
        state, metadata = _read(file)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        if isinstance(error, FileFault):
            raise
        raise FileFault(file.name, "", "is broken or no safetensors file", RETRAIN) from error
    except OSError as error:
        raise unreadable(file, error) from error
    if expected is not None:
        check_fit(state, expected, file.name)
    return state, metadata


def load_metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """The metadata alone, from the head of the file. Raises FileFault."""
    from safetensors import SafetensorError, safe_open

    file = Path(path)
    _check_size(file)
    try:
        with safe_open(file, framework="pt") as opened:
            return dict(opened.metadata() or {})
    except (SafetensorError, ValueError, RuntimeError) as error:
        raise FileFault(file.name, "", "is broken or no safetensors file", RETRAIN) from error
    except OSError as error:
        raise unreadable(file, error) from error


def check_fit(state: Mapping[str, Tensor], expected: Mapping[str, Tensor], name: str) -> None:
    """Raises FileFault unless `state` has the names and shapes of `expected`."""
    remedy = "open the weights of this very network"
    for key, tensor in expected.items():
        if key not in state:
            raise FileFault(name, key, "is missing, though the network has it", remedy)
        if state[key].shape != tensor.shape:
            found, wanted = (_dims(t) for t in (state[key], tensor))
            raise FileFault(name, key, f"is {found} where the network has {wanted}", remedy)
    extra = next((key for key in state if key not in expected), None)
    if extra is not None:
        raise FileFault(name, shown(extra), "has no place in the network", remedy)


def _dims(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a single number"


def _check_size(file: Path) -> None:
    try:
        size = file.stat().st_size
    except OSError as error:
        raise unreadable(file, error) from error
    if not file.is_file():
        raise FileFault(file.name, "", "is no regular file", RETRAIN)
    if size > MAX_BYTES:
        problem = f"is larger than {MAX_BYTES // 2**30} GiB, the most that is read"
        raise FileFault(file.name, "", problem, RETRAIN)


def _read(file: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Copies out of the mapped file, so that it can be replaced at once (Windows refuses otherwise)."""
    from safetensors import safe_open

    with safe_open(file, "pt", "cpu") as opened:
        keys = list(opened.keys())
        if len(keys) > MAX_TENSORS:
            raise FileFault(file.name, "", f"holds more than {MAX_TENSORS:,} tensors", RETRAIN)
        return {key: opened.get_tensor(key).clone() for key in keys}, dict(opened.metadata() or {})


def _separate(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors on the CPU, dense and none sharing memory with another, as safetensors wants them."""
    seen: set[int] = set()
    separate: dict[str, Tensor] = {}
    for key, tensor in state.items():
        dense = tensor.detach().to("cpu").contiguous()
        storage = dense.untyped_storage().data_ptr()
        separate[key] = dense.clone() if storage in seen else dense
        seen.add(storage)
    return separate
