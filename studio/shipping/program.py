"""A `.pt2` file: the network as torch.export saves it, which PyTorch alone runs, at any batch size."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from studio.shipping.cargo import Cargo
from studio.shipping.model import told, write
from studio.shipping.shipped import Report, Shipped, ShippingFault, size_of

if TYPE_CHECKING:
    from torch import Tensor, nn

TRACED, BATCHES = 2, (1, 2, 5)
"""The batch that it is traced with, and those that it is compared at."""
TOLERANCE = 1e-5
MORE = "netloom.json"
NO_MORE_THAN_SHAPES = ("stack_trace", "source_fn_stack", "torch_fn")
"""What the trace notes of each step that a file for others need not hold, paths of this machine among it."""


def ship_program(cargo: Cargo, path: Path, report: Report) -> Shipped:
    """Writes a `.pt2` file, loaded again and compared with the network at other batch sizes.

    Raises ShippingFault, FileFault.
    """
    import torch

    report(0.05, "Tracing")
    module = copy.deepcopy(cargo.built.module).cpu().eval()
    inputs = list(cargo.samples(max(BATCHES)))
    program = _exported(module, cargo.built.example(TRACED))
    with TemporaryDirectory(prefix="netloom-") as folder:
        file = Path(folder) / "network.pt2"
        report(0.5, "Saving, and loading it again")
        torch.export.save(program, file, extra_files={MORE: json.dumps(_more(cargo), ensure_ascii=False)})
        again = torch.export.load(file).module()
        report(0.8, "Comparing at other batch sizes")
        differences = {size: _difference(module, again, [t[:size] for t in inputs], size) for size in BATCHES}
        data = file.read_bytes()
    write(path, data)
    report(1.0, "Written")
    steps, worst = sum(n.op == "call_function" for n in program.graph.nodes), max(differences.values())
    details = (
        ("Operations", f"{steps:,}"),
        ("Size", size_of(len(data))),
        ("Largest difference", f"{worst:.1e}" if worst else "none"),
        ("Compared in batches of", ", ".join(map(str, BATCHES))),
    )
    facts = {"format": "pt2", "weights": cargo.weights, "operations": steps, "bytes": len(data)}
    facts |= {"largest_difference": worst, "differences": {str(size): d for size, d in differences.items()}}
    summary = f"loaded again, largest difference {worst:.1e} at batches of {', '.join(map(str, BATCHES))}"
    headline = f"Written, loaded again and compared: {path.name}"
    return Shipped(path, headline, details, cargo.trained, facts, summary=summary)


def _exported(module: nn.Module, inputs: Sequence[Tensor]) -> Any:
    """The traced program. The inputs stand in the file as its example: they are zeros, never a person's samples."""
    import torch

    from graphs.exchange.to_onnx.agreement import cause, first_line
    from graphs.exchange.to_onnx.quiet import quiet

    free = tuple({0: torch.export.Dim.DYNAMIC} for _ in inputs)
    try:
        with quiet(), torch.no_grad():
            program = torch.export.export(module, tuple(inputs), dynamic_shapes=free)
    except Exception as error:
        raise ShippingFault(f"PyTorch could not trace the network: {first_line(cause(error))}") from error
    for node in program.graph.nodes:
        for key in NO_MORE_THAN_SHAPES:
            node.meta.pop(key, None)
    return program


def _difference(module: nn.Module, again: nn.Module, batch: Sequence[Tensor], size: int) -> float:
    """The largest difference of an output. Raises ShippingFault where it is more than rounding."""
    from graphs.exchange.to_onnx.agreement import difference, first_line, largest, results

    expected = results(module, batch)
    try:
        given = results(again, batch)
    except Exception as error:
        told = first_line(error)
        raise ShippingFault(
            f"What was saved does not run at a batch of {size}, so nothing was written: {told}"
        ) from error
    found = max(difference(out, array) for out, array in zip(given, expected, strict=True))
    if not found <= TOLERANCE * max(1.0, *(largest(array) for array in expected)):
        raise ShippingFault(
            f"What was saved differs from the network by {found:.2g} at a batch of {size}: nothing was written."
        )
    return found


def _more(cargo: Cargo) -> dict[str, Any]:
    """What stands in the file beside the program: classes, normalisation and step, as in other files of ours."""
    return {"producer": "Netloom", **told(cargo)}
