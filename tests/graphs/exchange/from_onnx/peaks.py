"""Reads models in a process of its own, and says of each what it led to, how long it took and the peak of memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from graphs.exchange.from_onnx import read_onnx
from graphs.files.faults import FileFault
from graphs.layers.catalogue import standard

ROOT = Path(__file__).parents[4]


@dataclass(frozen=True)
class Told:
    """What reading a file led to: a sentence, empty where it was read; seconds; MiB above what was needed before any
    of the files, None where the system does not say."""

    sentence: str
    seconds: float
    grown: float | None


def peak() -> float | None:
    """The most memory that this process ever had, in MiB."""
    if sys.platform == "win32":
        return None
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)


def told(warm: Path, files: Mapping[str, Path], seconds: float = 100.0) -> dict[str, Told]:
    """What reading each of the files led to, after the good file `warm`; those that were not reached are absent."""
    command = [sys.executable, "-m", "tests.graphs.exchange.from_onnx.peaks", str(warm), *map(str, files.values())]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        text, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        text, _ = process.communicate()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("[")]
    return {name: Told(*line) for name, line in zip(files, lines, strict=False)}


def main(warm: str, *files: str) -> None:
    """Prints a line for each file."""
    read_onnx(warm, standard())
    before = peak()
    for file in files:
        start, sentence = time.perf_counter(), ""
        try:
            read_onnx(file, standard())
        except FileFault as fault:
            sentence = str(fault)
        after = peak()
        grown = None if before is None or after is None else after - before
        print(json.dumps([sentence, time.perf_counter() - start, grown]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
