"""Your own arrays: an NPZ file of NumPy's with inputs and targets."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from graphs.files.faults import shown
from studio.data.base import MOST_BYTES, DataFault, DataSpec, Raw, Report
from studio.data.files import regular_file, unreadable
from studio.data.targets import MOST_CLASSES, TaskChoice, from_array, task_field

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

INPUT_NAMES = ("x", "X", "inputs", "images", "data", "x_train", "X_train", "train_images", "arr_0")
TARGET_NAMES = ("y", "Y", "targets", "labels", "target", "y_train", "Y_train", "train_labels", "arr_1")
VOCABULARY = "vocabulary"
"""The array of text that says what each token stands for, where there is one."""


class Npz(DataSpec):
    """Arrays in a file."""

    title = "NumPy file"
    help = "An .npz file with one array of inputs and one of targets, a sample a row."

    source: Literal["npz"] = Field(default="npz", title="Source", description="A NumPy file.")
    path: str = Field(
        default="",
        title="File",
        description="The .npz file.",
        json_schema_extra={"path": "file", "filter": "NumPy files (*.npz)"},
    )
    inputs: str = Field(
        default="",
        title="Inputs",
        description="Name of the input array; empty finds x, inputs, images, …",
        max_length=200,
    )
    targets: str = Field(
        default="",
        title="Targets",
        description="Name of the target array; empty finds y, targets, labels, …",
        max_length=200,
    )
    layout: Literal["auto", "as is", "channels last"] = Field(
        default="auto",
        title="Layout",
        description=(
            "channels last moves the channels of N×H×W×C to the front; auto does so where the last axis is "
            "1, 3 or 4 long, and takes N×H×W of bytes for grey pictures."
        ),
    )
    values: Literal["numbers", "tokens"] = Field(
        default="numbers",
        title="Values",
        description=(
            "tokens keeps whole numbers as they are, for a network that begins with an embedding; an array "
            "“vocabulary” may say what each stands for."
        ),
    )
    task: TaskChoice = task_field()

    def load(self, report: Report | None = None) -> Raw:
        """Inputs [N, …]; bytes are scaled to 0…1. Never unpickles. Raises DataFault."""
        path = regular_file(self.path, "NumPy file", MOST_BYTES)
        inputs, targets, vocabulary = self._arrays(path)
        if len(inputs) != len(targets) or not len(inputs):
            raise DataFault(
                f"{path.name} has {len(inputs):,} inputs and {len(targets):,} targets; "
                "save one target for each of at least one input."
            )
        few = MOST_CLASSES if targets.dtype.kind in "iub" else 20
        found = from_array(targets, self.task, f"{path.name}, the targets,", few)
        if self.values == "tokens":
            inputs, bounds = _tokens(inputs, path.name)
        else:
            inputs, bounds = _numbers(_arranged(inputs, self.layout, path.name), path.name)
        words = _words(vocabulary, bounds, path.name)
        return Raw(inputs, found.values, found.classes, bounds, (), found.notes, words)

    def _arrays(self, path: Path) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
        try:
            with zipfile.ZipFile(path) as archive:
                names = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
                inputs = _choose(self.inputs, INPUT_NAMES, names, path.name, "Inputs")
                targets = _choose(self.targets, TARGET_NAMES, names, path.name, "Targets")
                worded = self.values == "tokens" and VOCABULARY in names
                words = _read(archive, VOCABULARY, "US", path.name) if worded else None
                return _read(archive, inputs, "biuf", path.name), _read(archive, targets, "biufUS", path.name), words
        except (zipfile.BadZipFile, EOFError, RuntimeError, zipfile.LargeZipFile) as error:
            raise DataFault(f"{path.name} is no sound NPZ file; save it again with numpy.savez.") from error
        except OSError as error:
            raise unreadable(path, error) from error


def _choose(wanted: str, usual: tuple[str, ...], names: list[str], file: str, title: str) -> str:
    """The array that is asked for, or the first of the usual names."""
    listed = ", ".join(shown(n, 30) for n in names[:8]) or "no arrays"
    if wanted:
        if wanted in names:
            return wanted
        raise DataFault(f"{file} has no array {shown(wanted)}; it holds {listed}: name one of them under {title}.")
    for name in usual:
        if name in names:
            return name
    raise DataFault(f"{file} holds {listed}; name the one to use under {title}.")


def _read(archive: zipfile.ZipFile, name: str, kinds: str, file: str) -> NDArray[Any]:
    """One array, after its header was seen to be plain and of bounded size."""
    import numpy as np

    where = f"{file}, array {shown(name)}"
    try:
        with archive.open(f"{name}.npy") as stream:
            shape, dtype = _header(stream)
        if dtype.kind not in kinds or dtype.hasobject:
            words = "numbers or text" if "U" in kinds else "numbers"
            raise DataFault(f"{where}: holds {dtype}, where {words} are expected; save it as plain {words}.")
        if _size(shape, dtype.itemsize) > MOST_BYTES:
            raise DataFault(f"{where}: would take more than {MOST_BYTES // 2**30} GiB of memory; save fewer samples.")
        if not shape:
            raise DataFault(f"{where}: holds a single value; save one row for each sample.")
        with archive.open(f"{name}.npy") as stream:
            array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
        return array
    except DataFault:
        raise
    except (ValueError, TypeError, SyntaxError, MemoryError, OverflowError, KeyError, _zlib_error()) as error:
        raise DataFault(f"{where}: is damaged; save it again with numpy.savez.") from error


def _zlib_error() -> type[Exception]:
    import zlib

    return zlib.error


def _header(stream: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and dtype as the header of an array says, without reading the array."""
    from numpy.lib import format as npy

    version = npy.read_magic(stream)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"version {version}")
    shape, _, dtype = read(stream)
    return shape, dtype


def _size(shape: tuple[int, ...], itemsize: int) -> int:
    """Bytes of an array, counted as float32 where its own values are smaller."""
    count = 1
    for length in shape:
        count *= length
    return count * max(itemsize, 4)


def _arranged(inputs: NDArray[Any], layout: str, file: str) -> NDArray[Any]:
    """Pictures as N×C×H×W."""
    if layout == "as is":
        return inputs
    if layout == "channels last" and inputs.ndim != 4:
        axes = "×".join(map(str, inputs.shape))
        raise DataFault(f"{file} holds inputs of {axes}, which are no N×H×W×C; choose another layout.")
    if inputs.ndim == 4:
        last = inputs.shape[3] in (1, 3, 4) and inputs.shape[1] not in (1, 3, 4)
        return inputs.transpose(0, 3, 1, 2) if last or layout == "channels last" else inputs
    return inputs[:, None] if inputs.ndim == 3 and inputs.dtype.kind == "u" else inputs


def _numbers(inputs: NDArray[Any], file: str) -> tuple[NDArray[np.float32], tuple[float, float]]:
    import numpy as np

    if not inputs.size:
        raise DataFault(f"{file} holds inputs without a single value; save at least one value a sample.")
    values = np.ascontiguousarray(inputs, dtype=np.float32)
    if inputs.dtype == np.uint8:
        return np.divide(values, np.float32(255)), (0.0, 1.0)
    finite = np.isfinite(values).reshape(len(values), -1).all(1)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        raise DataFault(f"{file}: input {row + 1} holds a value that is not finite; correct or remove it.")
    low, high = float(values.min()), float(values.max())
    return values, (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def _tokens(inputs: NDArray[Any], file: str) -> tuple[NDArray[np.int64], tuple[float, float]]:
    import numpy as np

    if inputs.dtype.kind not in "iub" or not inputs.size or inputs.min() < 0:
        raise DataFault(f"{file} holds inputs that are no tokens (whole numbers from 0); choose the values numbers.")
    return inputs.astype(np.int64), (0.0, float(inputs.max()))


def _words(vocabulary: NDArray[Any] | None, bounds: tuple[float, float], file: str) -> tuple[str, ...]:
    """What each token stands for; nothing where the file does not say so."""
    if vocabulary is None:
        return ()
    words = tuple(map(str, vocabulary.reshape(-1).astype(str)))
    if len(set(words)) < len(words) or len(words) <= bounds[1]:
        remedy = f"save {bounds[1] + 1:,.0f} different words or more, or none"
        raise DataFault(f"{file}: the vocabulary has {len(words):,} words, some twice or too few; {remedy}.")
    return words
