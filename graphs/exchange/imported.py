"""What an importer brings from another program's file: a network, its weights, and what is worth telling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphs.network import Network

if TYPE_CHECKING:
    from torch import Tensor

Progress = Callable[[float, str], None]
"""Told a share from 0 to 1 and what is being done; may raise to cancel."""

OPERATIONS = ("OnnxOp", "TorchOp")
"""Kinds that stand for one operation of another program that no layer of ours says."""


@dataclass(frozen=True, eq=False)
class Imported:
    """A network read from another program's file.

    `weights` are by the state-dict names of what `build(network)` gives. `notes` are sentences for a person: what
    was left out, what became an operation. `origin` says what the file was ("ONNX, opset 9, written by pytorch").
    """

    network: Network
    weights: Mapping[str, Tensor]
    origin: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def operations(self) -> Counter[str]:
        """How often each operation stands in it that no layer says, by its name, those in blocks counted once."""
        networks = [self.network, *(block.network for block in self.network.blocks.values())]
        nodes = (node for network in networks for node in network.nodes.values() if node.kind in OPERATIONS)
        return Counter(str(node.fields.get("op") or node.fields.get("target") or node.kind) for node in nodes)
