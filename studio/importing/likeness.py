"""How near an imported network is to its original: both compute the same made-up inputs, and the results are compared.

torch and onnxruntime are imported on use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphs.files.faults import FileFault, read_bounded

if TYPE_CHECKING:
    from torch import Tensor, nn

    from graphs.building.build import Built
    from studio.importing.importing import Arrival

MAX_BYTES = 2**31 - 1
MOST_NUMBERS = 2**24
"""Numbers that the made-up inputs hold at most."""
ALIKE = 1e-4
"""Beyond this share of the largest number two results are not called the same."""
Reference = Callable[[Mapping[str, "Tensor"]], "Sequence[Tensor]"]
"""What the original computes of inputs by their titles, in the order of its own outputs."""


def likeness(arrival: Arrival) -> float | None:
    """The largest difference of any result, as a share of the largest number (or of 1); None where it cannot be told.

    Raises BuildError for a network that cannot be built.
    """
    if arrival.reference is None:
        return None
    import torch

    from graphs.building.build import build

    project = arrival.project
    built = build(project.network, project.catalogue, seed=0)
    built.module.load_state_dict(dict(arrival.imported.weights))
    given = made_inputs(built)
    if given is None:
        return None
    with torch.no_grad():
        found = built.module.eval()(*given.values())
        try:
            wanted = arrival.reference()(given)
        except (ValueError, RuntimeError, LookupError, TypeError, MemoryError):
            return None  # the original cannot be run here; what was imported can
    return _apart(found if isinstance(found, tuple) else (found,), wanted)


def made_inputs(built: Built) -> dict[str, Tensor] | None:
    """Inputs for two samples by the titles of their nodes; None where they are too large to be made up."""
    import torch

    generator = torch.Generator().manual_seed(0)
    made: dict[str, Tensor] = {}
    for node, shape in zip(built.inputs, built.shapes, strict=True):
        kind, dims = getattr(torch, shape.dtype), (2, *shape.dims)
        if 2 * shape.size > MOST_NUMBERS:
            return None
        values = torch.randn(dims, generator=generator)
        most = max(2, shape.values)
        whole = torch.randint(most, dims, generator=generator)
        made[built.network.nodes[node].title] = values.to(kind) if kind.is_floating_point else whole.to(kind)
    return made


def of_module(module: nn.Module) -> Reference:
    """What a module computes; its inputs go by their order."""

    def run(given: Mapping[str, Tensor]) -> Sequence[Tensor]:
        result = module.eval()(*given.values())
        return list(result) if isinstance(result, tuple | list) else [result]

    return run


def of_onnx(path: Path) -> Reference:
    """What onnxruntime computes of a model, sample by sample where it takes one at a time. Raises ValueError."""
    import torch

    from graphs.exchange.to_onnx.agreement import session

    try:
        runner = session(read_bounded(path, MAX_BYTES))
    except FileFault:
        raise
    except Exception as error:  # onnxruntime's own errors have no common class
        raise ValueError("onnxruntime cannot run it") from error
    entries = runner.get_inputs()

    def run(given: Mapping[str, Tensor]) -> Sequence[Tensor]:
        tensors = _by_name([entry.name for entry in entries], given)
        ranks = [len(entry.shape) for entry in entries]
        alone = any(rank < tensor.ndim for rank, tensor in zip(ranks, tensors, strict=True))
        alone = alone or any(entry.shape and entry.shape[0] == 1 for entry in entries)
        try:
            if not alone:
                return [torch.from_numpy(out) for out in runner.run(None, _feed(entries, tensors))]
            rows = [runner.run(None, _feed(entries, [t[at : at + 1] for t in tensors])) for at in range(2)]
        except Exception as error:
            raise ValueError("onnxruntime cannot run it") from error
        return [torch.stack([torch.from_numpy(out) for out in both]) for both in zip(*rows, strict=True)]

    return run


def of_program(path: Path) -> Reference:
    """What a `.pt2` file itself computes, call by call; its inputs go by their order. Raises FileFault."""
    from graphs.exchange.from_torch import original

    run = original(path)
    return lambda given: run(list(given.values()))


def _by_name(names: Sequence[str], given: Mapping[str, Tensor]) -> list[Tensor]:
    """The inputs in the order of these names; by their own order where the names are not the same."""
    if set(names) == set(given):
        return [given[name] for name in names]
    if len(names) != len(given):
        raise ValueError("the inputs are not the same")
    return list(given.values())


def _feed(entries: Sequence[Any], tensors: Sequence[Tensor]) -> dict[str, Any]:
    """The arrays by name, without an axis for the batch where the model has none."""
    shaped = [t[0] if len(e.shape) < t.ndim else t for e, t in zip(entries, tensors, strict=True)]
    return {entry.name: tensor.numpy() for entry, tensor in zip(entries, shaped, strict=True)}


def _apart(found: Sequence[Tensor], wanted: Sequence[Tensor]) -> float | None:
    if len(found) != len(wanted):
        return None
    worst = 0.0
    for one, other in zip(found, wanted, strict=True):
        if one.numel() != other.numel():
            return None
        flat, expected = one.double().flatten(), other.double().flatten()
        scale = max(1.0, float(expected.abs().max())) if expected.numel() else 1.0
        difference = float((flat - expected).abs().max()) / scale if expected.numel() else 0.0
        worst = max(worst, difference)
    return worst if worst == worst else None


def told(share: float | None) -> str:
    """The likeness in words; empty where it is not known."""
    if share is None:
        return ""
    if not share:
        return "Its results are the same."
    if share <= ALIKE:
        return f"Its results are the same within {share:.0e}."
    return f"Its results are not the same: they differ by up to {share:.2g} of the largest. Do not rely on it."
