"""Functions of benchmarks run in a process of their own, so that none finds what another has warmed up or left."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
INSIDE = """
import importlib, json, pathlib, sys
sys.path.insert(0, ".")
module, name, given, file = sys.argv[1:]
found = getattr(importlib.import_module(module), name)(*json.loads(given))
pathlib.Path(file).write_text(json.dumps(found), encoding="utf-8")
"""


def apart(function: Callable[..., Any], *given: object) -> Any:
    """What a module's function gives for these plain arguments; both ways they travel as JSON.

    Raises CalledProcessError when it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "found.json"
        call = (function.__module__, function.__name__, json.dumps(given), str(file))
        subprocess.run([sys.executable, "-c", INSIDE, *call], check=True, cwd=ROOT)
        return json.loads(file.read_text(encoding="utf-8"))
