"""The weights as safetensors."""

from __future__ import annotations

from pathlib import Path

from studio.shipping.cargo import Cargo
from studio.shipping.shipped import Report, Shipped, size_of


def ship_weights(cargo: Cargo, path: Path, report: Report) -> Shipped:
    """Writes the weights, with the design's digest, classes and normalisation. Raises FileFault."""
    from studio.design import design_of
    from studio.weights.learnt import Learnt, write

    report(0.2, "Writing the weights")
    built, project = cargo.built, cargo.project
    state = {name: tensor.detach().cpu() for name, tensor in built.module.state_dict().items()}
    design = design_of(project.network, project.catalogue)
    write(path, Learnt(design, state, cargo.step, cargo.told, names=built.names))
    report(1.0, "Written")
    count, size = sum(tensor.numel() for tensor in state.values()), path.stat().st_size
    details = (("Tensors", str(len(state))), ("Numbers", f"{count:,}"), ("Size", size_of(size)))
    facts = {"format": "weights", "weights": cargo.weights, "tensors": len(state), "numbers": count, "bytes": size}
    return Shipped(path, f"Written: {path.name}", details, cargo.trained, facts)
