"""The written source of whatever can be drawn with blocks runs, holds the same weights and computes the same."""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import torch

from graphs.building.build import build
from graphs.building.source import write_source
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Block, End, Mode, Network, Node, Wire

DESIGNS = int(os.environ.get("NETLOOM_DESIGNS", "160"))
"""How many designs are drawn; more in a run by hand."""
GROUPS = 8
WIDTH = 6
TITLES = ("", "", "", "in", "self", "torch", "x", "y", "nn", "0", "Réseau", "Блок", "A/b", "module", "super", "Shared")
PARAMETERS = ("h", "self", "nn", "super", "torch", "Shared", "lambda", "range")
LAYERS = ("ReLU", "Tanh", "Linear", "Wide", "Add", "Multiply", "Reroute", "Split", "use", "use", "use")


class Drawing:
    """One design, drawn at random: every value is a row of WIDTH numbers, so that most of it fits."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.blocks: dict[str, Block] = {}

    def design(self) -> Network:
        for index in range(self.random.randint(1, 3)):
            self._block(f"b{index}")
        nodes, ends, wires = self._sources("i", "VectorInput", self.random.randint(1, 2))
        nodes["i1"] = replace(nodes["i1"], fields={"features": WIDTH})
        nodes = {id: replace(node, fields={"features": WIDTH}) for id, node in nodes.items()}
        self._grow(nodes, ends, wires, self.random.randint(2, 5), list(self.blocks), {"k": 4})
        self._close(nodes, ends, wires, "o", "Output", self.random.randint(1, 2))
        settings = {"hyperparameters": {"k": 4, "r": "=k/2"}}
        return replace(Network.of([*nodes.values()], wires, settings), blocks=self.blocks)

    def _block(self, id: str) -> None:
        nodes, ends, wires = self._sources("i", "BlockInput", self.random.choice((1, 2, 2, 3)))
        names = self.random.sample(PARAMETERS, self.random.randint(0, 2))
        parameters = {name: self.random.choice((2, 3, "=k", "=k+1")) for name in names}
        self._grow(nodes, ends, wires, self.random.randint(1, 4), list(self.blocks), parameters)
        self._close(nodes, ends, wires, "o", "BlockOutput", self.random.choice((1, 1, 2, 2)))
        title = self.random.choice((*TITLES, "Shared", "Net", "Linear"))
        self.blocks[id] = Block(id, title, Network.of([*nodes.values()], wires), parameters)

    def _sources(self, stem: str, kind: str, count: int) -> tuple[dict[str, Node], list[End], list[Wire]]:
        nodes = {f"{stem}{i + 1}": Node(f"{stem}{i + 1}", kind, self.random.choice(TITLES)) for i in range(count)}
        return nodes, [End(id, "out") for id in nodes], []

    def _grow(
        self, nodes: dict[str, Node], ends: list[End], wires: list[Wire], count: int, known: list[str], names: Any
    ) -> None:
        for index in range(count):
            id, kind = f"n{index}", self.random.choice(LAYERS)
            if kind == "Wide":
                wide = self.random.choice([3, *(f"={name}" for name in names)])
                nodes[f"w{index}"] = Node(f"w{index}", "Linear", "", {"out_features": wide})
                wires.append(Wire(self._one(ends), End(f"w{index}", "in")))
                nodes[id] = Node(id, "Linear", self.random.choice(TITLES), {"out_features": WIDTH})
                wires.append(Wire(End(f"w{index}", "out"), End(id, "in")))
                ends.append(End(id, "out"))
                continue
            ins, outs, fields = ["in"], ["out"], {}
            if kind == "use" and known:
                block = self.blocks[self.random.choice(known)]
                kind = f"block-{block.id}"
                ins = [node.id for node in block.network.nodes.values() if node.kind == "BlockInput"]
                outs = [node.id for node in block.network.nodes.values() if node.kind == "BlockOutput"]
                values = {name: self.random.choice((2, 5, *(f"={n}" for n in names))) for name in block.parameters}
                fields = {name: value for name, value in values.items() if self.random.random() < 0.5}
                fields |= {"repeat": self.random.choice((1, 1, 2, 3, 4, "=r"))} if len(outs) <= len(ins) else {}
            elif kind == "Linear":
                fields = {"out_features": WIDTH, "bias": self.random.random() < 0.5}
            elif kind in ("Add", "Multiply"):
                ins = ["a", "b"]
            elif kind in ("Split", "use"):
                kind = "Sigmoid"
            mode: Mode = self.random.choice(("", "", "", "", "", "", "", "", "bypass", "mute"))
            nodes[id] = Node(id, kind, self.random.choice(TITLES), fields, mode=mode)
            wires += [Wire(self._one(ends), End(id, port)) for port in ins if self.random.random() < 0.96]
            ends += [End(id, port) for port in outs]

    def _one(self, ends: list[End]) -> End:
        """A result, mostly a late one."""
        return ends[max(self.random.randrange(len(ends)) for _ in range(2))]

    def _close(
        self, nodes: dict[str, Node], ends: list[End], wires: list[Wire], stem: str, kind: str, count: int
    ) -> None:
        for index in range(count):
            id = f"{stem}{index + 1}"
            nodes[id] = Node(id, kind, self.random.choice(TITLES))
            wires.append(Wire(self._one(ends), End(id, "in")))


def computed(network: Network) -> bool:
    """Whether the design can be built; then its source has to do what is built, exactly."""
    catalogue = Catalogue(standard().kinds.values())
    catalogue.know(network)
    if not Inference(catalogue).analyse(network).buildable:
        return False
    text = write_source(network, catalogue, "Net")
    space: dict[str, Any] = {"__name__": "written"}
    exec(compile(text, "written.py", "exec"), space)
    built = build(network, catalogue, seed=3)
    written = space["Net"]()
    assert set(written.state_dict()) == set(built.module.state_dict())
    written.load_state_dict(built.module.state_dict())
    generator = torch.Generator().manual_seed(3)
    inputs = [torch.randn(2, *shape.dims, generator=generator) for shape in built.shapes]
    with torch.no_grad():
        results = [made.eval()(*inputs) for made in (built.module, built.layers, written)]
    pairs = [result if isinstance(result, tuple) else (result,) for result in results]
    assert len({len(pair) for pair in pairs}) == 1
    assert all(torch.equal(a, b) and torch.equal(a, c) for a, b, c in zip(*pairs, strict=True)), text
    assert all(len(line) <= 120 for line in text.splitlines())
    return True


@pytest.mark.parametrize("group", range(GROUPS))
def test_the_source_of_any_design_computes_what_is_built(group: int) -> None:
    done = 0
    for seed in range(group, DESIGNS * 3, GROUPS):
        try:
            done += computed(Drawing(seed).design())
        except Exception as error:
            raise AssertionError(f"design {seed}") from error
        if done == DESIGNS // GROUPS:
            return
    raise AssertionError(f"only {done} designs can be built")
