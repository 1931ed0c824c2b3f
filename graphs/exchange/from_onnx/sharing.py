"""Which layers of a sketch have their weights from the same constant of the file, and so share them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphs.exchange.from_onnx.sketch import Made, Sketch

if TYPE_CHECKING:
    from torch import Tensor

MOST_TOLD = 6


def lies_at(tensor: Tensor) -> tuple[Hashable, ...]:
    """Where in memory the numbers of a tensor lie, and in what order: the same for all that read one constant alike."""
    return tensor.data_ptr(), tuple(tensor.shape), tensor.stride(), tensor.dtype


@dataclass(frozen=True)
class Shared:
    """Which node follows which, as `graphs.meaning.ties` says it, and which have a copy of what others have too."""

    ties: Mapping[str, str]
    copied: Sequence[str]


def shared(sketch: Sketch) -> Shared:
    """Finds the nodes that share weights.

    Layers of one kind share all weights that both have; of two kinds they share `weight` alone, as a table of tokens
    and the layer that names the next one do. These two share also where the file holds the table a second time lying
    on its side, as exporters write it. A constant of one number all over (zeros, ones) makes no tie: exporters write
    what is alike by chance once.
    """
    finding = _Finding()
    for id, made in sketch.nodes.items():
        finding.look(id, made)
    return Shared(finding.ties, finding.copied)


class _Finding:
    def __init__(self) -> None:
        self.ties: dict[str, str] = {}
        self._first: dict[tuple[Hashable, ...], list[tuple[str, Made]]] = {}
        self._tables: list[tuple[str, Made]] = []
        self.copied: list[str] = []

    def look(self, id: str, made: Made) -> None:
        """Finds the one among the nodes so far that this one follows."""
        found = _learnt(made)
        seen = {key: first for key, tensor in found.items() if (first := self._first.get(lies_at(tensor)))}
        owners = {owner: other for key, first in seen.items() if _varied(found[key]) for owner, other in first}
        owners |= {owner: other for owner, other in self._tables if _table_of(made, other)}
        leader = next((owner for owner, other in owners.items() if _fit(made, other)), None)
        if leader is not None:
            self.ties[id] = leader
            return
        if owners:
            self.copied.append(id)
        for tensor in found.values():
            self._first.setdefault(lies_at(tensor), []).append((id, made))
        if made.kind in ("Embedding", "Linear"):
            self._tables.append((id, made))


def told(found: Shared, names: Mapping[str, str]) -> list[str]:
    """Sentences about that; `names` says what each node is called."""
    said = []
    if found.ties:
        pairs = [f"{names[a]} with {names[b]}" for a, b in found.ties.items()]
        said.append(f"Layers that take the same constants of the file share their weights: {_listed(pairs)}.")
    if found.copied:
        few = _listed([names[id] for id in found.copied])
        said.append(f"The file uses some weights elsewhere too, of which here each layer has its own: {few}.")
    return said


def _learnt(made: Made) -> dict[str, Tensor]:
    """The weights that are learnt, by name."""
    still = {"running_mean", "running_var", "num_batches_tracked"}
    slots = made.fields.get("slots", ()) if made.kind == "OnnxOp" else ()
    still |= {slot["tensor"] for slot in slots if slot and "tensor" in slot and not slot["learn"]}
    return {name: tensor for name, tensor in made.weights.items() if name not in still and tensor.is_floating_point()}


def _fit(made: Made, other: Made) -> bool:
    """Whether all that a tie between the two would share is the same."""
    own, theirs = _learnt(made), _learnt(other)
    names = [name for name in own if name in theirs and (made.kind == other.kind or name == "weight")]
    same = all(lies_at(own[name]) == lies_at(theirs[name]) for name in names)
    return bool(names) and (same or _table_of(made, other))


def _table_of(made: Made, other: Made) -> bool:
    """Whether a table of tokens and a layer hold the same numbers; no two that learnt apart do."""
    import torch

    if {made.kind, other.kind} != {"Embedding", "Linear"}:
        return False
    own, theirs = made.weights["weight"], other.weights["weight"]
    return own.shape == theirs.shape and bool(torch.equal(own, theirs)) and _varied(own)


def _varied(tensor: Tensor) -> bool:
    """Whether a tensor holds more than one number over and over."""
    return bool((tensor != tensor.reshape(-1)[0]).any()) if tensor.numel() > 1 else False


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_TOLD
    return ", ".join(names[:MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
