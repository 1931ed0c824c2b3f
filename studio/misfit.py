"""Data that does not fit the network: what is wrong in one sentence, and the edit that mends it. Light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphs.edits import Batch, Edit, SetFields
from graphs.layers.catalogue import Catalogue
from graphs.mends import Become
from graphs.problems import Fix, Problem
from studio.checking import misfit_of

if TYPE_CHECKING:
    from graphs.build import Built
    from studio.data.prepare import Prepared

FIELDS = {
    "VectorInput": ("features",),
    "SequenceInput": ("length", "features"),
    "ImageInput": ("channels", "height", "width"),
}
"""What says the shape of an input; a kind of input for each number of axes."""


def misfit(built: Built, catalogue: Catalogue, data: Prepared) -> Problem | None:
    """Why this data cannot be fed to this network, None where it can. Several inputs are the trainer's to refuse."""
    if len(built.shapes) != 1:
        return None
    taken, node = built.shapes[0], built.network.nodes[built.inputs[0]]
    message = misfit_of(data.shape, taken.dims)
    if not message:
        return None
    drawn, _, inside = node.id.partition("/")
    floats = taken.dtype.startswith("float") and not inside
    fixes = _fixes(node.id, node.kind, tuple(data.shape), catalogue) if floats else ()
    return Problem(drawn, "warning", message, fixes=fixes)


def _fixes(node: str, kind: str, shape: tuple[int, ...], catalogue: Catalogue) -> tuple[Fix, ...]:
    wanted = next((name for name, fields in FIELDS.items() if len(fields) == len(shape)), "")
    if wanted not in catalogue.kinds:
        return ()
    label = f"Make the input {'×'.join(map(str, shape))}"
    sizes: Edit = SetFields(node, dict(zip(FIELDS[wanted], shape, strict=True)))
    return (Fix(label, sizes if kind == wanted else Batch((Become(node, wanted, label), sizes), label)),)
