"""A plain network with paths becomes nested blocks: the same network when resolved, under the names of its paths."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.architectures import find
from graphs.building.build import build
from graphs.files.storage import dumps, loads
from graphs.layers.base import Layer
from graphs.layers.catalogue import standard
from graphs.limits import MOST_BLOCKS, depth
from graphs.meaning.flat import flatten
from graphs.names import module_names
from graphs.network import End, Network, Node, Wire
from graphs.placing.whole import laid_out
from graphs.reuse.folding import folded

Paths = dict[str, tuple[str, ...]]


def scrambled(name: str) -> tuple[Network, Paths]:
    """An architecture without its blocks, under ids that say nothing, and where each layer stood."""
    kind, variant = find(name)
    flat = flatten(kind(variant=variant).network(), standard()).network
    names, ids = module_names(flat), {id: f"n{number}" for number, id in enumerate(flat.nodes)}
    nodes = [Node(ids[i], node.kind, "", node.fields) for i, node in flat.nodes.items()]
    wires = [Wire(_under(ids, w.source), _under(ids, w.target)) for w in flat.wires.values()]
    return Network.of(nodes, wires), {ids[i]: tuple(name.split(".")) for i, name in names.items()}


def _under(ids: Mapping[str, str], end: End) -> End:
    return End(ids[end.node], end.port)


def _layer(node: Node) -> Layer:
    """The layer that a node is; [2, 2] and 2 are the same stride."""
    return standard().kinds[node.kind].model_validate(node.fields)


def check(plain: Network, paths: Paths) -> Network:
    """What holds for every network that is folded; the network in blocks."""
    found = folded(plain, paths)
    flat = flatten(found.network, standard())
    places = {**found.places}
    assert not flat.faults
    assert flat.network.nodes.keys() == set(places.values()) and places.keys() == plain.nodes.keys()
    for id, node in plain.nodes.items():
        there = flat.network.nodes[places[id]]
        assert there.kind == node.kind and _layer(there) == _layer(node)
    wires = {(_under(places, w.source), _under(places, w.target)) for w in plain.wires.values()}
    assert wires == {(w.source, w.target) for w in flat.network.wires.values()}
    for part in (found.network, *(block.network for block in found.network.blocks.values())):
        assert not part.cycles()
    assert flatten(loads(dumps(found.network)), standard()).network == flat.network
    return found.network


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "googlenet", "unet", "gpt", "shufflenet_v2_x1_0"])
def test_an_architecture_comes_back_under_the_names_it_had(name: str) -> None:
    plain, paths = scrambled(name)
    flat = flatten(check(plain, paths), standard()).network
    assert sorted(module_names(flat).values()) == sorted(".".join(path) for path in paths.values())


def test_equal_blocks_share_a_definition() -> None:
    plain, paths = scrambled("densenet121")
    network = folded(plain, paths).network
    assert len(network.blocks) < 12
    assert sum(len(block.network.nodes) for block in network.blocks.values()) < len(plain.nodes) / 2


def test_it_computes_the_same() -> None:
    plain, paths = scrambled("resnet18")
    before, after = build(plain, standard(), seed=0), build(folded(plain, paths).network, standard(), seed=1)
    names = {f"{before.names[id]}.": f"{'.'.join(path)}." for id, path in paths.items() if id in before.names}
    state = {names[key[: key.index(".") + 1]] + key.split(".")[1]: v for key, v in before.module.state_dict().items()}
    after.module.load_state_dict(state)
    x = torch.randn(2, *before.shapes[0].dims)
    with torch.no_grad():
        assert torch.equal(before.module.eval()(x), after.module.eval()(x))


def _row(*paths: str) -> tuple[Network, Paths]:
    """Layers one after another at these paths."""
    nodes = [Node("x", "VectorInput", fields={"features": 4})]
    nodes += [Node(f"n{number}", "Linear", fields={"out_features": 4}) for number in range(len(paths))]
    nodes.append(Node("y", "Output"))
    wires = [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)]
    return Network.of(nodes, wires), {f"n{number}": tuple(path.split(".")) for number, path in enumerate(paths)}


def test_lists_of_modules_that_take_turns_stay_flat_and_keep_their_names() -> None:
    plain, paths = _row("layers.0.fc", "norms.0", "layers.1.fc", "norms.1", "0", "Wq")
    network = check(plain, paths)
    assert {"layers-0", "layers-1"} < network.nodes.keys() and "layers" not in network.nodes
    built = build(network, standard(), seed=0)
    wanted = {f"{path}.{part}" for path in map(".".join, paths.values()) for part in ("weight", "bias")}
    assert built.module.state_dict().keys() == wanted


def test_a_module_called_twice_is_two_nodes() -> None:
    plain, paths = _row("block.fc", "block.fc", "block.fc")
    assert {"fc", "fc_2", "fc_3"} < check(plain, paths).blocks["block"].network.nodes.keys()


def test_what_follows_another_follows_it_inside() -> None:
    plain, paths = _row("a.fc", "b.fc")
    tied = Network(plain.nodes, plain.wires, {"ties": {"n1": "n0"}})
    assert folded(tied, paths).network.settings["ties"] == {"b/fc": "a/fc"}


def test_names_that_no_node_can_have() -> None:
    plain, paths = _row("a b.c/d", "ä.x", ".", "in1.in1", "a.b", "a", "-.-")
    check(plain, paths)
    check(plain, {id: ("in1", "in1", "out1", *path) for id, path in paths.items()})


def test_blocks_stay_within_what_a_design_can_hold() -> None:
    plain, paths = _row(*(".".join(["d"] * 60) for _ in range(3)))
    assert depth(check(plain, paths).blocks) <= 32
    plain, _ = _row(*["x"] * 1200)
    different = {f"n{n}": Node(f"n{n}", "Linear", fields={"out_features": n + 1}) for n in range(1200)}
    plain = Network({**plain.nodes, **different}, plain.wires)
    assert len(check(plain, {f"n{n}": (f"a{n}", "fc") for n in range(1200)}).blocks) <= MOST_BLOCKS


@st.composite
def _networks(draw: st.DrawFn) -> tuple[Network, Paths]:
    count = draw(st.integers(1, 14))
    nodes, wires, paths = [Node("x", "VectorInput")], [], {}
    steps = st.lists(st.sampled_from(["a", "b", "0"]), max_size=4)
    for number in range(count):
        id = f"n{number}"
        nodes.append(Node(id, "Add"))
        wires += [Wire(End(nodes[draw(st.integers(0, number))].id, "out"), End(id, port)) for port in ("in1", "in2")]
        paths[id] = tuple(draw(steps))
    nodes.append(Node("y", "Output"))
    wires.append(Wire(End(nodes[-2].id, "out"), End("y", "in")))
    return Network.of(nodes, wires), paths


@settings(max_examples=60, deadline=None)
@given(_networks())
def test_any_network_is_the_same_when_it_is_resolved(drawn: tuple[Network, Paths]) -> None:
    check(*drawn)


def test_everything_has_a_place() -> None:
    network = laid_out(folded(*scrambled("resnet18")).network)
    for part in (network, *(block.network for block in network.blocks.values())):
        assert len({node.position for node in part.nodes.values()}) == len(part.nodes)
