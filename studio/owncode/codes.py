"""The Python files that the layers of a design name: where they lie, what they hold, whether they may run. Light.

They are only read here. What may run follows from the person's own settings (`studio.owncode.trust`), by the path
and the content that a file has now: never from anything in a project, on the clipboard, in a block or in a recovered
session.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from graphs.edits import Applied
from graphs.files.faults import FileFault, elsewhere
from graphs.files.python_files import SourceFile, read_source
from graphs.files.python_imports import together
from graphs.layers.custom import Code, CustomLayer
from graphs.network import Network, Node
from graphs.patches import Patch
from studio.owncode import trust

KIND = CustomLayer.kind()
MOST_FILES = 64
"""Files of code that one design names at most; of the others nothing is read."""


def named(network: Network) -> tuple[str, ...]:
    """The files that layers name, those in blocks too, each once, as they stand in the project."""
    return tuple(dict.fromkeys(file for node in _layers(network) if (file := file_of(node))))


def file_of(node: Node) -> str:
    """The file that a layer names; empty where it is no custom layer or names none."""
    file = node.fields.get("file") if node.kind == KIND else None
    return file if isinstance(file, str) and "\0" not in file else ""


def _layers(network: Network) -> Iterator[Node]:
    for part in (network, *(block.network for block in network.blocks.values())):
        yield from (node for node in part.nodes.values() if node.kind == KIND)


def codes(network: Network, folder: Path | None) -> dict[str, Code]:
    """What is known of each file that the design names; `folder` is that of the project."""
    files = named(network)[:MOST_FILES]
    if not files:
        return {}
    found = {file: _read(file, folder) for file in files}
    read = [one for one in found.values() if isinstance(one, SourceFile)]
    unknown = set(trust.unknown(read))
    return {
        file: Code(one, one not in unknown) if isinstance(one, SourceFile) else Code(fault=one)
        for file, one in found.items()
    }


def place_of(file: str, folder: Path | None) -> Path:
    """Where a file lies that a project in `folder` names. One that was moved along with the project is found beside
    it."""
    path = Path(file)
    if path.is_absolute():
        beside = folder / path.name if folder is not None else path
        return path if path.is_file() or not beside.is_file() else beside
    return (folder or Path.cwd()) / path


def name_for(path: Path, folder: Path | None) -> str:
    """How a project in `folder` names a file: relative where it lies inside, with slashes."""
    real = Path(os.path.realpath(path))
    inside = folder is not None and real.is_relative_to(os.path.realpath(folder))
    return real.relative_to(os.path.realpath(folder)).as_posix() if inside and folder is not None else str(real)


def _read(file: str, folder: Path | None) -> SourceFile | str:
    if folder is None and not PurePath(file).is_absolute():
        return f"{file} lies beside the project, and this one is not saved yet."
    if elsewhere(file):
        return f"{PurePath(file).name} lies on another computer; copy it beside the project."
    try:
        source = read_source(place_of(file, folder))
        others = together(source, source.path.parent, source.path.stem)
    except (FileFault, ValueError, OSError) as fault:
        return str(fault)
    if more := [other.path.name for other in others.values() if other is not source]:
        return f"{source.path.name} brings in {more[0]}; put all that its layer needs into one file."
    return source


def moved(network: Network, old: Path | None, new: Path) -> Patch:
    """What changes in a project that is saved in another folder, so that its layers name the same files."""
    if old == new or not named(network):
        return Patch()
    names = {file: name_for(place_of(file, old), new) for file in named(network) if old or Path(file).is_absolute()}
    changed = {file: name for file, name in names.items() if name != file}
    blocks = {id: replace(b, network=_renamed(b.network, changed)) for id, b in network.blocks.items()}
    return Patch(
        {id: n for id, n in _renamed(network, changed).nodes.items() if n is not network.nodes[id]},
        blocks={id: b for id, b in blocks.items() if b.network is not network.blocks[id].network},
    )


def beside(network: Network, folder: Path) -> Network:
    """The network with the files that lie in a folder named in full, for a project that is in no folder yet."""
    there = {file: folder / file for file in named(network)[:MOST_FILES] if not PurePath(file).is_absolute()}
    names = {file: str(path) for file, path in there.items() if not elsewhere(file) and path.is_file()}
    blocks = {id: replace(block, network=_renamed(block.network, names)) for id, block in network.blocks.items()}
    return replace(_renamed(network, names), blocks=blocks) if names else network


def _renamed(network: Network, names: Mapping[str, str]) -> Network:
    found = {id: node for id, node in network.nodes.items() if file_of(node) in names}
    if not found:
        return network
    fresh = {id: replace(n, fields={**n.fields, "file": names[file_of(n)]}) for id, n in found.items()}
    return replace(network, nodes={**network.nodes, **fresh})


@dataclass(frozen=True)
class Renamed(Applied):
    """What a project that is saved in another folder calls its files of code from there."""

    changes: Patch
    label: str = "Find code from the new folder"

    def patch(self, network: Network) -> Patch:
        """The layers with the new names."""
        return self.changes


TEMPLATE = '''"""A layer of your own. Save this file, then look at it in Netloom and allow it."""

import torch
from torch import nn


class Swish(nn.Module):
    """Multiplies each number with its own sigmoid, as steep as beta says.

    Arguments of __init__ become fields of the layer; those of forward become its inputs. The first axis of a tensor
    is the batch, and what forward gives has it in front too. in_channels and in_features without a default follow
    from the first input.
    """

    def __init__(self, beta: float = 1.0, learn: bool = True) -> None:
        super().__init__()
        self.beta = nn.Parameter(torch.tensor(beta), requires_grad=learn)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(self.beta * x)
'''
"""What a person's first layer may look like."""
