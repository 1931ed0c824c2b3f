"""Opens the ONNX files of other programs: their operators become layers, in blocks where the file says what belongs
together, and what no layer says stays an operator that still runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.exchange.from_onnx.bounds import Budget
from graphs.exchange.from_onnx.constants import Misfit, Plan, folded
from graphs.exchange.from_onnx.model import Model
from graphs.exchange.from_onnx.parsing import parsed
from graphs.exchange.from_onnx.planning import plans, without_batches
from graphs.exchange.imported import Imported, Progress
from graphs.files.faults import FileFault
from graphs.layers.catalogue import Catalogue

if TYPE_CHECKING:
    from graphs.exchange.from_onnx.sketch import Sketch


def read_onnx(
    path: str | os.PathLike[str],
    catalogue: Catalogue,
    *,
    progress: Progress | None = None,
    sizes: Mapping[str, Sequence[int]] | None = None,
) -> Imported:
    """The network of an ONNX file of any opset from 6 on, laid out, and its weights.

    `sizes` gives the shape of one sample, by the name of an input or by "" for the first, where the file leaves axes
    open. Nothing of the file is executed. Raises FileFault, and whatever `progress` raises to cancel.
    """
    from graphs.exchange.from_onnx.drawing import drawn
    from graphs.exchange.from_onnx.finishing import finished
    from graphs.exchange.from_onnx.runs import joined_up
    from graphs.exchange.from_onnx.sketch import Unsuited, Whole

    tell: Progress = progress or (lambda share, words: None)
    tell(0.0, "Reading the file")
    model = parsed(Path(path))
    last: Misfit | None = None
    budget = Budget()
    for plan in _ways(model, sizes):
        try:
            found = folded(model, plan, lambda share: tell(0.2 + 0.3 * share, "Finding shapes"), budget)
            sketch: Sketch = drawn(joined_up(found), catalogue, lambda share: tell(0.5 + 0.3 * share, "Drawing layers"))
        except Misfit as misfit:
            last = last or misfit
        except Whole:
            continue
        except Unsuited as reason:
            raise FileFault(model.file, "", f"cannot be drawn: {reason}", "export the model in another way") from reason
        else:
            tell(0.8, "Laying it out")
            return finished(sketch, catalogue)
    if last is None:
        raise FileFault(
            model.file, "", "mixes the samples of a batch in a way that is not read", "export it for one sample"
        )
    raise model.fault(
        last.op, f"does not take what arrives at it ({last.reason.rstrip('.')})", "export the model again"
    )


def _ways(model: Model, sizes: Mapping[str, Sequence[int]] | None) -> Iterator[Plan]:
    """Plans to try in turn: with samples along an axis, then with the whole input as one sample."""
    tried: list[Plan] = []
    for plan in plans(model, sizes):
        tried.append(plan)
        yield plan
    for plan in tried:
        yield from without_batches(plan)
