"""The network as Python source, run once with the same weights to see that it computes the same numbers.

It runs in a process of its own, as it will run elsewhere.
"""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from studio.shipping.cargo import Cargo
from studio.shipping.model import write
from studio.shipping.shipped import Report, Shipped, ShippingFault

if TYPE_CHECKING:
    from torch import nn

TOLERANCE = 1e-5
MODULE, GIVEN, RESULTS = "netloom_written_source", "given.pt", "results.pt"
PATIENCE = 300
"""Seconds that the written source may take for three samples."""
RUN = f"""
import sys
import torch
import {MODULE} as written
told = torch.load("{GIVEN}", weights_only=True)
network = getattr(written, sys.argv[1])().eval()
network.load_state_dict(told["state"])
with torch.no_grad():
    found = network(*told["inputs"])
torch.save([out.contiguous() for out in (found if isinstance(found, tuple) else (found,))], "{RESULTS}")
"""


class CodeOptions(BaseModel):
    """Options of the Python file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    class_name: str = Field("Network", title="Class", description="The name of the class.", min_length=1)


def ship_source(cargo: Cargo, path: Path, options: CodeOptions, report: Report) -> Shipped:
    """Writes the Python file, after its class was made, given the weights, and compared with the network.

    Raises BuildError, ShippingFault, FileFault, ValueError for a bad name.
    """
    from graphs.building.source import write_source

    report(0.1, "Writing the source")
    text = write_source(cargo.project.network, cargo.project.catalogue, options.class_name)
    report(0.4, "Running it, and comparing")
    worst = _compared(cargo, text, options.class_name)
    write(path, text.encode("utf-8"))
    report(1.0, "Written")
    lines = text.count("\n")
    details = (("Lines", f"{lines:,}"), ("Largest difference", f"{worst:.1e}" if worst else "none"))
    facts = {"format": "source", "class": options.class_name, "lines": lines, "largest_difference": worst}
    summary = f"run, largest difference {worst:.1e}"
    return Shipped(path, f"Written, run and compared: {path.name}", details, cargo.trained, facts, summary=summary)


def _compared(cargo: Cargo, text: str, name: str) -> float:
    """The largest difference of an output at a batch of 3. Raises ShippingFault where it is more than rounding."""
    from graphs.exchange.to_onnx.agreement import difference, largest, results

    inputs = cargo.samples(3)
    ours = copy.deepcopy(cargo.built.module).cpu().eval()
    expected = results(ours, inputs)
    with TemporaryDirectory(prefix="netloom-") as folder:
        given = _given(Path(folder), text, name, ours, inputs)
    found = max(difference(out, array) for out, array in zip(given, expected, strict=True))
    if not found <= TOLERANCE * max(1.0, *(largest(array) for array in expected)):
        raise ShippingFault(f"The written source differs from the network by {found:.2g}: nothing was written.")
    return found


def _given(folder: Path, text: str, name: str, ours: nn.Module, inputs: Sequence[Any]) -> list[np.ndarray]:
    """What the written class gives with the weights of ours, in a process of its own. Raises ShippingFault."""
    import torch

    (folder / f"{MODULE}.py").write_text(text, encoding="utf-8")
    torch.save({"state": ours.state_dict(), "inputs": [torch.as_tensor(x) for x in inputs]}, folder / GIVEN)
    command = [sys.executable, "-E", "-s", "-B", "-c", RUN, name]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ShippingFault(f"The written source could not be run to verify it: {error}.") from error
    if done.returncode:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
        raise ShippingFault(f"The written source does not run: {last.partition(': ')[2] or last}"[:400])
    return [out.numpy() for out in torch.load(folder / RESULTS, weights_only=True)]
