"""A class of somebody's own code as a network: which files it takes, what it is given, running it once agreed to."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from graphs.files.faults import FileFault
from graphs.files.python_files import SourceFile, read_source
from graphs.files.python_imports import installed, located, together
from studio.owncode.trust import Ask, agreed
from studio.project import ProjectFault

if TYPE_CHECKING:
    from torch import Tensor

    from graphs.exchange.imported import Imported, Progress
    from studio.importing.importing import Wanted
    from studio.importing.likeness import Reference

HOW = "; look at it and allow it in the window, or say --trust."
DTYPES = ("float32", "float64", "int64", "int32", "bool", "uint8")
MISFITS = (RuntimeError, ValueError, IndexError, TypeError, AssertionError)
"""What a module raises for inputs of another size than it is made for."""
MOST_INPUTS, MOST_NUMBERS = 64, 2**24


def files_of(found: Wanted) -> tuple[str, dict[str, SourceFile]]:
    """The name of the module that holds a class, and all files that run with it, by the names of theirs.

    Nothing runs to find out. What an installed package brings in was installed, and is not read. Raises FileFault.
    """
    if found.path is not None:
        return found.path.stem, together(read_source(found.path), found.path.parent, found.path.stem)
    root, file = located(found.module)
    source = read_source(file)
    if installed(root):
        return found.module, {found.module: source}
    return found.module, together(source, root, found.module)


def classes_in(file: SourceFile) -> tuple[str, ...]:
    """The classes in a file that may be networks: those with a forward, or built on another class. Raises FileFault."""
    made = [node for node in file.tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    forward = [node.name for node in made if any(getattr(part, "name", "") == "forward" for part in node.body)]
    return tuple(forward or [node.name for node in made if node.bases])


def import_class(
    found: Wanted, inputs: Sequence[str], arguments: Mapping[str, Any], ask: Ask | None, progress: Progress
) -> tuple[Imported, Callable[[], Reference]]:
    """The network of a class, after somebody has agreed to its files. Raises NotAgreed, FileFault, ProjectFault."""
    name, files = files_of(found)
    chosen = found.name or _only(files[name])
    check_class(files[name], chosen)
    shapes = examples_of(inputs, chosen)
    agreed(list(files.values()), ask, HOW)
    progress(0.1, f"Running {files[name].path.name}")
    module = _made(files, name, chosen, arguments)
    tensors = _tensors(shapes)
    _try(module, tensors, chosen, files[name])
    progress(0.2, f"Following {chosen} through PyTorch")
    from graphs.exchange.from_torch import read_module
    from studio.importing.likeness import of_module

    def further(share: float, words: str) -> None:
        progress(0.2 + 0.8 * share, words)

    return read_module(module, tensors, name=chosen, progress=further), partial(of_module, module)


def check_class(file: SourceFile, name: str) -> None:
    """Raises ProjectFault where nothing in a file goes by this name; found without running it."""
    bound = set[str]()
    for part in file.tree.body:
        if isinstance(part, ast.ClassDef | ast.FunctionDef):
            bound.add(part.name)
        elif isinstance(part, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name.partition(".")[0] for alias in part.names}
        else:  # names given in any other way
            bound |= {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
            bound |= {node.name for node in ast.walk(part) if isinstance(node, ast.ClassDef)}
    if name in bound or "*" in bound:
        return
    there = classes_in(file)
    listed = f"it has {', '.join(there[:8])}" if there else "it has none that could be a network"
    raise ProjectFault(f"{file.path.name} has no class {name}; {listed}.")


def _try(module: Any, tensors: Sequence[Tensor], name: str, file: SourceFile) -> None:
    """Computes once: a size that does not fit is told in its own words, before anything follows the module. Raises
    ProjectFault, OwnFault."""
    import torch

    from graphs.building import own

    training = module.training
    try:
        with own.told(file, f"{name} cannot compute"), torch.no_grad(), torch.random.fork_rng(devices=[]):
            module.eval()(*tensors)
    except own.OwnFault as fault:
        error = fault.__cause__
        if not isinstance(error, MISFITS):
            raise
        sizes = " and ".join("×".join(map(str, tensor.shape[1:])) for tensor in tensors)
        said = " ".join((str(error).strip().splitlines() or [type(error).__name__])[0].split())[:160].rstrip(".")
        raise ProjectFault(f"{name} does not take {sizes}: {said}. Give the size that it is made for.") from None
    finally:
        module.train(training)


def _only(file: SourceFile) -> str:
    names = classes_in(file)
    if len(names) == 1:
        return names[0]
    if not names:
        raise FileFault(file.path.name, "", "holds no class with a forward", "name a file that defines an nn.Module")
    choices = ", ".join(f"{file.path.name}:{name}" for name in names[:6])
    raise ProjectFault(f"{file.path.name} holds {len(names)} classes; name one of {choices}.")


def _made(files: Mapping[str, SourceFile], name: str, chosen: str, arguments: Mapping[str, Any]) -> Any:
    from graphs.building import own

    file = files[name]
    with own.told(file, f"{chosen} cannot be made"):
        kind = own.class_in(own.run(file, files, name), chosen, file)
        return kind(**arguments)


def examples_of(inputs: Sequence[str], name: str) -> list[tuple[tuple[int, ...], str]]:
    """Shapes and dtypes of "3x224x224" and "128:int64". Raises ProjectFault."""
    if not inputs:
        raise ProjectFault(f"Say what {name} takes, without the batch: --input 3x224x224, or --input 128:int64.")
    if len(inputs) > MOST_INPUTS:
        raise ProjectFault(f"A network takes at most {MOST_INPUTS} inputs.")
    return [_example(text) for text in inputs]


def _example(text: str) -> tuple[tuple[int, ...], str]:
    dims, _, dtype = text.strip().lower().replace("×", "x").replace(" ", "").partition(":")
    dtype = {"": "float32", "float": "float32", "int": "int64", "long": "int64"}.get(dtype, dtype)
    if not re.fullmatch(r"\d{1,7}(x\d{1,7}){0,7}", dims) or dtype not in DTYPES:
        said = f"“{text[:60]}” is no input; write 3x224x224 for numbers, 128:int64 for tokens."
        raise ProjectFault(said)
    shape = tuple(int(part) for part in dims.split("x"))
    numbers = 1
    for size in shape:
        numbers *= size
    if not 0 < numbers <= MOST_NUMBERS:
        raise ProjectFault(f"“{text[:60]}” is no input that fits: from 1 to {MOST_NUMBERS:,} numbers a sample.")
    return shape, dtype


def _tensors(shapes: Sequence[tuple[tuple[int, ...], str]]) -> tuple[Tensor, ...]:
    """Made-up inputs of two samples."""
    import torch

    made = []
    for shape, dtype in shapes:
        kind = getattr(torch, dtype)
        made.append(torch.randn(2, *shape).to(kind) if kind.is_floating_point else torch.ones(2, *shape, dtype=kind))
    return tuple(made)


def arguments_of(texts: Sequence[str]) -> dict[str, Any]:
    """Arguments of a constructor from "width=8", "layers=[2, 2]", "act=relu". Raises ProjectFault."""
    given: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip().isidentifier() or len(value) > 10_000:
            raise ProjectFault(f"“{text[:60]}” is no argument; write width=8.")
        given[name.strip()] = _value(value.strip())
    return given


def _value(text: str) -> Any:
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    return text
