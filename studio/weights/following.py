"""What was learnt follows its layers when they are given other names: tensors go by names, layers are known by ids.

Names in a state dict are made from titles (`graphs.names`), so whoever keeps tensors keeps beside them which node each
name belonged to. Light.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from graphs.layers.catalogue import Catalogue
from graphs.meaning.flat import flatten
from graphs.names import module_names
from graphs.network import Network

Names = Mapping[str, str]
"""The path of its module by the id of each node of the plain network."""
T = TypeVar("T")


def names_of(network: Network, catalogue: Catalogue) -> dict[str, str]:
    """The names that a network has for its layers now."""
    return module_names(flatten(network, catalogue).network)


def alike(old: Names, new: Names) -> bool:
    """Whether tensors that went by the `old` names go by them still; so it is where nothing is known of either."""
    return old is new or not new or all(new.get(node) == name for node, name in old.items())


def renamed(tensors: Mapping[str, T], old: Names, new: Names) -> dict[str, T]:
    """The tensors by the names that their layers have now. Those of a layer that is no more are left out."""
    if alike(old, new):
        return dict(tensors)
    nodes = {name: node for node, name in old.items()}
    found: dict[str, T] = {}
    for key, tensor in tensors.items():
        path = key
        while path and path not in nodes:
            path = path.rpartition(".")[0]
        name = new.get(nodes.get(path, ""))
        if name is not None:
            found[name + key[len(path) :]] = tensor
    return found
