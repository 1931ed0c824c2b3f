"""Our own ONNX files as projects: the network as it was, and its weights. onnx is imported on use."""

from __future__ import annotations

from pathlib import Path

from graphs.document import Document
from studio.design import design_of
from studio.project import Project
from studio.weights.following import names_of
from studio.weights.learnt import STEP, Learnt

SUFFIX = ".onnx"


def opened_onnx(path: Path) -> Project:
    """A project made from one of our own ONNX files, with the weights in it. Raises FileFault."""
    from graphs.exchange.from_onnx.ours import open_onnx

    network, state = open_onnx(path)
    project = Project(Document(network), name=path.stem)
    step = _step_in(path)
    known = project.catalogue.copy()
    project.learnt = lambda: Learnt(design_of(network, known), state, step, names=names_of(network, known))
    return project


def _step_in(path: Path) -> int:
    """The step of training that an ONNX file says its weights are of, 0 where it says nothing."""
    import onnx

    told = {entry.key: entry.value for entry in onnx.load(path, load_external_data=False).metadata_props}
    step = told.get(STEP, "0")
    return int(step) if step.isdecimal() and len(step) < 19 else 0
