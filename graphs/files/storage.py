"""The project's file: readable JSON, a node a line and a wire a line, so that two versions compare well.

    {
      "format": "netloom",
      "version": 2,
      "nodes": {
        "conv1": {"kind": "Conv2d", "at": [160, 40], "fields": {"kernel_size": [5, 5], "out_channels": 6}}
      },
      "wires": [
        "image1.out -> conv1.in"
      ],
      "frames": {
        "frame1": {"title": "Stem", "members": ["conv1"]}
      },
      "blocks": {
        "residual": {
          "title": "Residual block",
          "parameters": {"channels": 16},
          "nodes": {
            "conv1": {"kind": "Conv2d", "at": [0, 0], "fields": {"out_channels": "=channels"}}
          },
          "wires": []
        }
      },
      "settings": {}
    }

Nodes and wires are sorted, ids in natural order: nothing depends on the order they were added in. A design without
blocks, frames, notes, bypassed and muted nodes is written as version 1, which older programs read. Kinds are not
looked up here: a kind this program does not know keeps its place and its data. The weights stand in a
safetensors file beside it (`graphs.files.weights`). Positions are pixels at 100 % zoom.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graphs.files import atomic, plainjson, records
from graphs.files.faults import FileFault, read_bounded, unwritable
from graphs.files.records import FORMAT_VERSION
from graphs.files.weights import load_weights, save_weights
from graphs.meaning.ties import TIES, ties_of
from graphs.network import Network, Node, natural
from graphs.reuse.fragments import fragment

__all__ = [
    "FORMAT_VERSION",
    "FileFault",
    "digest",
    "dumps",
    "fragment_dumps",
    "fragment_loads",
    "load",
    "load_weights",
    "loads",
    "natural",
    "save",
    "save_weights",
]

FORMAT, FRAGMENT = "netloom", "netloom-fragment"
NO_PROJECT = ("is no Netloom project", "choose a file that Netloom saved")
NO_FRAGMENT = ("holds no copied Netloom nodes", "copy nodes on the canvas first")


def load(path: str | os.PathLike[str]) -> Network:
    """The network in the file `path`. Raises FileFault."""
    data = read_bounded(Path(path), records.MAX_BYTES)
    name = Path(path).name
    try:
        return loads(data.decode("utf-8-sig"), name=name)
    except UnicodeDecodeError as error:
        problem = "is no text in UTF-8, so it is no Netloom project"
        raise FileFault(name, f"byte {error.start:,}", problem, "check that it is the right file") from error


def save(path: str | os.PathLike[str], network: Network) -> None:
    """Writes `network` to `path` in one step: the old file stays whole whatever happens. Raises FileFault."""
    text = dumps(network, name=Path(path).name)
    try:
        atomic.write_text(path, text)
    except OSError as error:
        raise unwritable(Path(path), error) from error


def loads(text: str, name: str = "the text") -> Network:
    """The network that `text` holds; `name` is what a FileFault calls it. Raises FileFault."""
    return records.read(text, FORMAT, name, NO_PROJECT)[0]


def dumps(network: Network, name: str = "the project") -> str:
    """`network` as text that `loads` reads back. Raises FileFault where it holds what no file can hold."""
    return records.write(FORMAT, network, name)


def fragment_dumps(network: Network, ids: Iterable[str]) -> str:
    """A part of a network as text for the clipboard (`graphs.reuse.fragments.fragment`). Unknown ids are left out."""
    return records.write(FRAGMENT, fragment(network, ids), "the selection")


def fragment_loads(text: str) -> Network:
    """The part of a network that `fragment_dumps` wrote, under the ids it had. Raises FileFault."""
    return records.read(text, FRAGMENT, "the clipboard", NO_FRAGMENT)[0]


def digest(network: Network, *, names: bool = True) -> str:
    """SHA-256 of what makes the network compute what it computes: kinds, fields and wires, and with `names` the names.

    Positions, marks and settings do not count, but for which layers share their weights. Names do not change what is
    computed, but a file is changed when they are. Take it of the flat network where expressions matter: what they stand
    for is part of the settings.
    """
    parts: list[Any] = _parts(network, names)
    if network.blocks:
        parts.append({key: _parts(network.blocks[key].network, names) for key in sorted(network.blocks)})
    if ties := ties_of(network.settings):
        parts.append({TIES: sorted(ties.items())})
    return hashlib.sha256(plainjson.compact(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _parts(network: Network, names: bool) -> list[Any]:
    nodes = {i: _computes(network.nodes[i], names) for i in network.ids}
    return [nodes, sorted(str(w) for w in network.wires.values())]


def _computes(node: Node, names: bool) -> list[Any]:
    called = [node.title] if names else []
    return [node.kind, *called, _canonical(node.fields), *([node.mode] if node.mode else [])]


def _canonical(value: Any) -> Any:
    """`value` with sorted keys, lists for tuples and whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | tuple):
        return [_canonical(v) for v in value]
    return {k: _canonical(value[k]) for k in sorted(value)} if hasattr(value, "keys") else value
