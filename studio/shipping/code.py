"""The network as Python source, run once with the same weights to see that it computes the same numbers."""

from __future__ import annotations

import copy
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from studio.shipping.cargo import Cargo
from studio.shipping.model import write
from studio.shipping.shipped import Report, Shipped, ShippingFault

if TYPE_CHECKING:
    from torch import nn

TOLERANCE = 1e-5
MODULE = "netloom_written_source"


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
    from graphs.exchange.to_onnx.agreement import difference, first_line, largest, results

    inputs = cargo.samples(3)
    ours = copy.deepcopy(cargo.built.module).cpu().eval()
    try:
        with _imported(text) as module:
            written: nn.Module = getattr(module, name)()
            written.load_state_dict(ours.state_dict())
            expected, given = results(ours, inputs), results(written.eval(), inputs)
    except Exception as error:
        raise ShippingFault(f"The written source does not run: {first_line(error)}") from error
    found = max(difference(out, array) for out, array in zip(given, expected, strict=True))
    if not found <= TOLERANCE * max(1.0, *(largest(array) for array in expected)):
        raise ShippingFault(f"The written source differs from the network by {found:.2g}: nothing was written.")
    return found


@contextmanager
def _imported(text: str) -> Iterator[Any]:
    """The written file as a module, for as long as it is compared."""
    with TemporaryDirectory(prefix="netloom-") as folder:
        file = Path(folder) / f"{MODULE}.py"
        file.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(MODULE, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[MODULE] = module
        try:
            spec.loader.exec_module(module)
            yield module
        finally:
            sys.modules.pop(MODULE, None)
