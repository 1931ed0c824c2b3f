"""A network as it is written into files that leave: without the folders of the computer that it was made on. Light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from graphs.network import Network, Node

CODE, FILE = "CustomLayer", "file"
START, DATA, PATH = "start", "data", "path"


def portable(network: Network) -> Network:
    """The network with its data and its files of code under their bare names, and without the file of weights that its
    training began with: the weights themselves are in the file that leaves."""
    blocks = {id: replace(block, network=_bare(block.network)) for id, block in network.blocks.items()}
    return replace(_bare(network), blocks=blocks, settings=_settings(network.settings))


def bare(path: str) -> str:
    """The name of a file or folder, for a path of either kind of computer that says from where it begins."""
    if PureWindowsPath(path).drive or path[:1] == "\\":
        return PureWindowsPath(path).name
    return PurePosixPath(path).name if path[:1] in ("/", "~") else path


def _bare(network: Network) -> Network:
    changed = {id: made for id, node in network.nodes.items() if (made := _named(node)) is not node}
    return replace(network, nodes={**network.nodes, **changed}) if changed else network


def _named(node: Node) -> Node:
    file = node.fields.get(FILE) if node.kind == CODE else None
    if not isinstance(file, str) or bare(file) == file:
        return node
    return replace(node, fields={**node.fields, FILE: bare(file)})


def _settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(settings)
    if isinstance(start := kept.get(START), Mapping) and start.get(FILE):
        del kept[START]
    data = kept.get(DATA)
    if isinstance(data, Mapping) and isinstance(path := data.get(PATH), str):
        kept[DATA] = {**data, PATH: bare(path)}
    return kept
