"""Cuts a built network at any node, and reads its answer: scores before any softmax, and class probabilities.

This module imports torch; import it inside functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

if TYPE_CHECKING:
    from graphs.building.build import Built
    from graphs.network import Network

Squash = Literal["softmax", "sigmoid", "none"]
SQUASHES: dict[str, Squash] = {"Softmax": "softmax", "LogSoftmax": "softmax", "Sigmoid": "sigmoid"}
LOSSES: dict[str, Squash] = {"cross-entropy": "softmax", "nll": "softmax", "binary cross-entropy": "sigmoid"}


def first_tensor(value: Any) -> Tensor:
    """The tensor a module gave, or the first of several. Raises TypeError where there is none."""
    while isinstance(value, (tuple, list)) and value:
        value = value[0]
    if not isinstance(value, Tensor):
        raise TypeError("the node gives no tensor")
    return value


def fx_node(built: Built, node: str) -> fx.Node | None:
    """The node of the fx graph that holds a network node's output, None for what is not in the build."""
    if node in built.inputs:
        inputs: list[fx.Node] = [n for n in built.graph.nodes if n.op == "placeholder"]
        return inputs[built.inputs.index(node)]
    name = built.names.get(node)
    nodes: list[fx.Node] = list(built.graph.nodes)
    return next((found for found in nodes if found.op == "call_module" and found.target == name), None)


def cut(built: Built, node: str) -> fx.GraphModule:
    """The part of a build that computes `node`: takes all inputs, gives that node's output; shares the
    modules.

    Raises KeyError where the build has no such node.
    """
    last = fx_node(built, node)
    if last is None:
        raise KeyError(node)
    wanted, stack = {last}, [last]
    while stack:
        for source in stack.pop().all_input_nodes:
            if source not in wanted:
                wanted.add(source)
                stack.append(source)
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for old in built.graph.nodes:
        if old in wanted or old.op == "placeholder":
            copies[old] = graph.node_copy(old, lambda n: copies[n])
    graph.output(copies[last])
    return fx.GraphModule(built.module, graph)


@dataclass(frozen=True)
class Head:
    """How the network answers: `node` gives the scores, `squash` turns them into probabilities."""

    node: str
    squash: Squash

    def probabilities(self, scores: Tensor) -> Tensor:
        """Class probabilities [N, classes] of scores [N, classes]."""
        if self.squash == "softmax":
            return functional.softmax(scores, dim=1)
        return torch.sigmoid(scores) if self.squash == "sigmoid" else scores.clamp(0, 1)

    def loss(self, scores: Tensor, target: Tensor) -> Tensor:
        """The loss per sample [N] that the squash belongs to, for classes `target` int64 [N]."""
        if self.squash == "softmax":
            return functional.cross_entropy(scores, target, reduction="none")
        wanted = functional.one_hot(target, scores.shape[1]).to(scores.dtype)
        if self.squash == "sigmoid":
            return functional.binary_cross_entropy_with_logits(scores, wanted, reduction="none").mean(1)
        return (scores - wanted).square().mean(1)


def head_of(network: Network, output: str) -> Head:
    """Where the scores of the output node `output` come from: what feeds it, or what feeds the softmax that
    does.
    """
    last = _source(network, output)
    kind = network.nodes[last].kind if last in network.nodes else ""
    if kind in SQUASHES:
        return Head(_source(network, last), SQUASHES[kind])
    recipe = network.settings.get("recipe") or {}
    return Head(last, LOSSES.get(recipe.get("loss", "cross-entropy"), "none"))


def _source(network: Network, node: str) -> str:
    wires = network.incoming(node)
    return wires[0].source.node if wires else node


class Scores(nn.Module):
    """The network up to its scores: [N, classes] for a classification, the outputs [N, k] for a regression.

    A single output for two classes speaks for the second: it becomes two columns that give the same
    probabilities.
    """

    def __init__(self, part: fx.GraphModule, squash: Squash, classes: int) -> None:
        super().__init__()
        self.part, self.squash, self.classes = part, squash, classes

    def forward(self, *inputs: Tensor) -> Tensor:
        return columns(first_tensor(self.part(*inputs)), self.squash, self.classes)


def columns(scores: Tensor, squash: Squash, classes: int) -> Tensor:
    """Scores [N, …] as columns [N, k]; a single one for two classes becomes two that give the same
    probabilities.
    """
    scores = scores.reshape(len(scores), -1)
    if classes == 2 and scores.shape[1] == 1:
        other = 1 - scores if squash == "none" else -scores
        return torch.cat([other, scores], dim=1)
    return scores
