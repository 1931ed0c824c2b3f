"""The probe that every analysis looks through: a network of its own with the weights of a snapshot. Light at
import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.inspection.base import InspectionFault, Integers, SampleOptions, Split, titled

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, fx, nn
    from torch.utils.hooks import RemovableHandle

    from graphs.building.build import Built
    from graphs.layers.catalogue import Catalogue
    from graphs.network import Network
    from studio.data.prepare import Part, Prepared
    from studio.inspection.head import Head
    from studio.training.snapshot import Snapshot


class Probe:
    """A network of one's own to look into: built once, given the weights of a snapshot, always in evaluation
    mode, on the CPU. Nodes are those of the plain network that the design comes to: "res1/conv" inside a block.

    One per thread. Weights are copied in from a snapshot and never back; its parameters take no gradient of
    their own.
    """

    def __init__(self, network: Network, catalogue: Catalogue, data: Prepared, *, built: Built | None = None) -> None:
        """Raises graphs.building.build.BuildError where the network cannot be built; `built` is taken where it is
        given.
        """
        if built is None:
            from graphs.building.build import build

            recipe = network.settings.get("recipe") or {}
            built = build(network, catalogue, seed=int(recipe.get("seed", 0)))
        self.network, self.data, self.built = built.network, data, built
        self.module = built.module.eval().requires_grad_(False)
        self.snapshot: Snapshot | None = None
        self.earlier: Snapshot | None = None
        self.titles = {node.id: node.title for node in self.network.nodes.values()}
        self._untrained = {name: value.clone() for name, value in self.module.state_dict().items()}
        self._parts: dict[str, Any] = {}
        fed = set(built.inputs)
        self._modules = {node: self.module.get_submodule(name) for node, name in built.names.items() if node not in fed}

    @property
    def gradients(self) -> Mapping[str, Tensor]:
        """Gradients by parameter name, as the snapshot has them; empty where it has none."""
        return self.snapshot.gradients if self.snapshot is not None else {}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Ids of the nodes of the build, in the order of the forward pass; nodes that lead nowhere are left
        out.
        """
        used = {*self.built.names, *self.built.inputs, *self.built.outputs}
        return tuple(node for node in self.network.order if node in used)

    def load(self, snapshot: Snapshot | None) -> None:
        """Take over the weights of a snapshot; None gives back the weights before any training. Raises
        InspectionFault for weights of another network.

        `earlier` is the last snapshot that was looked at before this one and is older, if any.
        """
        import torch

        if snapshot is self.snapshot:
            return
        weights = self._untrained if snapshot is None else snapshot.weights
        own = self.module.state_dict()
        if any(name not in weights or weights[name].shape != value.shape for name, value in own.items()):
            raise InspectionFault("These weights belong to another network.")
        with torch.no_grad():
            for name, value in own.items():
                value.copy_(weights[name])
        now = self.snapshot
        if now is not None and snapshot is not None and now.step < snapshot.step:
            self.earlier = now
        self.snapshot = snapshot

    def part(self, split: Split) -> Part:
        """The validation or training samples."""
        return self.data.validation if split == "validation" else self.data.train

    def inputs(self, split: Split, indices: Integers | None = None) -> Tensor:
        """Normalised inputs [n, *shape] of some samples (all where None), on the CPU."""
        import torch

        inputs = self.part(split).inputs
        if indices is not None:
            inputs = inputs[torch.from_numpy(indices).to(inputs.device)]
        return inputs.detach().cpu()

    def targets(self, split: Split, indices: Integers) -> Tensor:
        """Targets of some samples: int64 [n] classes, or float32 [n, k]."""
        import torch

        targets = self.part(split).targets
        return targets[torch.from_numpy(indices).to(targets.device)].cpu()

    def sample(self, options: SampleOptions) -> tuple[Tensor, Tensor]:
        """One sample as a batch of one [1, *shape], normalised, and its target [1, …]. Raises InspectionFault
        past the end.
        """
        part = self.part(options.split)
        count = len(part.targets)
        if options.sample >= count:
            name = "validation" if options.split == "validation" else "training"
            raise InspectionFault(f"There is no {name} sample {options.sample}: there are {count}, counted from 0.")
        rows = slice(options.sample, options.sample + 1)
        return part.inputs[rows].detach().cpu(), part.targets[rows].detach().cpu()

    def spread(self, split: Split, most: int) -> Integers:
        """Positions of at most `most` samples, evenly spread over the part."""

        count = len(self.part(split).targets)
        if count == 0:
            name = "validation" if split == "validation" else "training"
            raise InspectionFault(f"There are no {name} samples to look at.")
        return np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(np.int64))

    def raw(self, inputs: Tensor) -> Tensor:
        """Inputs in raw units, as they were before normalisation."""
        return self.data.normalisation.invert(inputs)

    def visit(self, inputs: Tensor, see: Callable[[str, Tensor], None], nodes: Iterable[str] | None = None) -> None:
        """Run one forward pass without gradients, and show the output [N, …] of nodes (all where None) as it
        comes.

        An output that is not kept is freed during the pass. Inputs come first; an output node shows what it
        is given. Raises InspectionFault for a network with several inputs.
        """
        import torch

        wanted = self.order if nodes is None else tuple(nodes)
        if len(self.built.inputs) != 1:
            raise InspectionFault(f"This network has {len(self.built.inputs)} inputs; looking inside takes one.")
        shown = self._shown(wanted)
        for node in shown.pop(self.built.inputs[0], ()):
            see(node, inputs)
        hooks = [_hook(self._modules[source], see, nodes) for source, nodes in shown.items() if source in self._modules]
        try:
            with torch.no_grad():
                self.module(inputs)
        finally:
            for hook in hooks:
                hook.remove()

    def activations(self, inputs: Tensor, nodes: Iterable[str] | None = None) -> dict[str, Tensor]:
        """Outputs [N, …] of nodes (all where None) by id, from one forward pass without gradients."""
        found: dict[str, Tensor] = {}
        self.visit(inputs, found.__setitem__, nodes)
        return found

    def _shown(self, wanted: Iterable[str]) -> dict[str, list[str]]:
        """By the node that computes it, the nodes whose output it is: itself, and output nodes that it feeds."""
        shown: dict[str, list[str]] = {}
        for node in wanted:
            wires = self.network.incoming(node)
            source = wires[0].source.node if node in self.built.outputs and wires else node
            shown.setdefault(source, []).append(node)
        return shown

    def module_of(self, node: str) -> nn.Module | None:
        """The module that computes a node, None for inputs and outputs, which have none."""
        return self._modules.get(node)

    def up_to(self, node: str) -> fx.GraphModule:
        """The part of the network that computes `node`, sharing the probe's modules. Raises InspectionFault
        for a strange node.
        """
        from studio.inspection.head import cut

        if node in self.built.outputs and self.network.incoming(node):
            node = self.network.incoming(node)[0].source.node
        if node not in self._parts:
            try:
                self._parts[node] = cut(self.built, node)
            except KeyError:
                raise InspectionFault(f"There is no layer “{titled(self.titles, node)}” in this network.") from None
        part: fx.GraphModule = self._parts[node]
        return part

    @cached_property
    def head(self) -> Head:
        """Where the network's scores come from. Raises InspectionFault where it does not have exactly one
        output.
        """
        from studio.inspection.head import head_of

        if len(self.built.outputs) != 1:
            raise InspectionFault(f"This needs a network with one output; this one has {len(self.built.outputs)}.")
        return head_of(self.network, self.built.outputs[0])

    @cached_property
    def scores(self) -> nn.Module:
        """From normalised inputs to scores [N, classes] before any softmax (regression: outputs [N, k]);
        takes gradients.
        """
        from studio.inspection.head import Scores

        classes = len(self.data.classes)
        return Scores(self.up_to(self.head.node), self.head.squash, classes).eval()

    def spread_scores(self, scores: Tensor) -> Tensor:
        """Scores [N, …] as one column per class [N, classes]; a single score for two classes becomes two."""
        from studio.inspection.head import columns

        return columns(scores, self.head.squash, len(self.data.classes))

    def classify(self) -> None:
        """Raises InspectionFault where the data has no classes, or the network does not give one score for
        each.
        """
        import torch

        if self.data.task != "classification":
            raise InspectionFault("This needs classes, and this data has numbers to predict.")
        with torch.no_grad():
            found, classes = (
                self.scores(self.inputs("train", self.spread("train", 1))).shape[1],
                len(self.data.classes),
            )
        if found != classes:
            raise InspectionFault(f"The network has {found} outputs for {classes} classes.")

    def batches(self, split: Split, indices: Integers, size: int = 256) -> Iterator[Tensor]:
        """Normalised inputs of these samples, `size` at a time."""
        for start in range(0, len(indices), size):
            yield self.inputs(split, indices[start : start + size])


def _hook(module: nn.Module, see: Callable[[str, Tensor], None], nodes: list[str]) -> RemovableHandle:
    """Show the module's outputs as those of `nodes`. The hook gives None: anything else would replace the
    output.
    """
    from studio.inspection.head import first_tensor

    def show(module: nn.Module, args: Any, output: Any) -> None:
        for node in nodes:
            see(node, first_tensor(output))

    return module.register_forward_hook(show)
