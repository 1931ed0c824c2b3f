"""Networks of PyTorch: a `.pt2` file of torch.export, or a module of a person's own, as a network of layers.

`read_program` runs nothing that stands in the file. `read_module` runs the forward of a module: ask before it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.exchange.imported import Imported, Progress
from graphs.files.faults import FileFault

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["original", "read_module", "read_program"]


def read_program(path: Path, *, progress: Progress | None = None) -> Imported:
    """The network in a `.pt2` file, without running anything that it holds. Raises FileFault."""
    from graphs.exchange.from_torch.archive import read_archive
    from graphs.exchange.from_torch.importing import imported

    if progress:
        progress(0.0, "Reading the file")
    try:
        return imported(read_archive(path), path.name, "PyTorch, a program of torch.export", progress)
    except RecursionError as error:
        raise FileFault(path.name, "", "is nested too deep", "take a part of the network") from error


def original(path: Path) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    """What the program in a `.pt2` file itself computes of inputs, for comparing: its own calls, writes in place
    included, with the batch in front. Raises FileFault; ValueError where it would hold too much."""
    from graphs.exchange.from_torch.archive import read_archive
    from graphs.exchange.from_torch.importing import understood
    from graphs.exchange.from_torch.rawly import as_traced

    program = read_archive(path)
    return as_traced(program, understood(program, path.name))


def read_module(
    module: nn.Module, inputs: Sequence[Tensor], *, name: str = "", progress: Progress | None = None
) -> Imported:
    """The network that a module is, followed with these inputs, which have the batch in front. Runs its forward.

    Raises FileFault, which speaks of `name`.
    """
    from graphs.exchange.from_torch.importing import imported
    from graphs.exchange.from_torch.tracing import trace

    called = name or type(module).__name__
    if progress:
        progress(0.0, "Following the module")
    return imported(trace(module, inputs, called), called, f"PyTorch, the module {type(module).__name__}", progress)
