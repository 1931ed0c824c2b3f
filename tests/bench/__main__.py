"""All benchmarks: `python -m tests.bench [--only NAME] [--json FILE] [--device cpu|cuda]`.

Each runs in a process of its own, so that none slows another; within a benchmark everything that is
compared takes turns in one process.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.table import Row, render

CANVAS = ("opening", "frames", "edits", "layout", "memory")
NAMES = ("startup", *CANVAS, "training", "architectures", "importing", "exporting", "heartbeat")
WITH_DEVICE = ("training", "heartbeat")
ROOT = Path(__file__).resolve().parents[2]
INSIDE = """
import dataclasses, importlib, json, pathlib, sys
sys.path.insert(0, ".")
name, device, file = sys.argv[1:]
module = importlib.import_module(f"tests.bench.{name}")
rows = module.run(device) if device else module.run()
pathlib.Path(file).write_text(json.dumps([dataclasses.asdict(row) for row in rows]), encoding="utf-8")
"""


def measured(name: str, device: str) -> list[Row]:
    """What one benchmark measures, in a fresh process. Raises CalledProcessError when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        command = [sys.executable, "-c", INSIDE, name, device if name in WITH_DEVICE else "", str(file)]
        subprocess.run(command, check=True, cwd=ROOT)
        return [Row(**row) for row in json.loads(file.read_text(encoding="utf-8"))]


def about() -> dict[str, Any]:
    """The machine that the figures are of."""
    import torch

    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "processors": torch.get_num_threads(),
        "cuda": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


def main(arguments: list[str] | None = None) -> int:
    """Prints a table; 0 when every aim is met, 1 otherwise, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures Netloom against its aims.")
    only = "measure just this (can be repeated); canvas is all about large networks"
    parser.add_argument("--only", choices=[*NAMES, "canvas"], action="append", help=only)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="where to train")
    chosen = parser.parse_args(arguments)
    rows: list[Row] = []
    wanted = chosen.only or NAMES
    for name in (n for n in NAMES if n in wanted or ("canvas" in wanted and n in CANVAS)):
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += measured(name, chosen.device)
    print(render(rows))
    if chosen.json:
        figures = {"machine": about(), "rows": [row.to_json() for row in rows]}
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
