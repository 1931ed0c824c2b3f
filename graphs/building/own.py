"""Runs Python that a person wrote. Only called with files that somebody has agreed to (`studio.owncode.trust`).

The text that was read is what runs: the files that it brings in are taken from what was read too, never from the disk,
never from compiled copies. What is run stays under a name of its own, so that equal files are run once.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING, Any

from graphs.files.python_files import SourceFile

if TYPE_CHECKING:
    from graphs.layers.base import Shape

PREFIX = "netloom_own_"
_one = threading.RLock()


class OwnFault(ValueError):
    """What went wrong in a person's code, in one sentence with file and line."""


def run(file: SourceFile, together: Mapping[str, SourceFile] | None = None, name: str = "") -> ModuleType:
    """The module that the file makes when it runs, remembered. Raises OwnFault.

    `together` are the files that it may bring in, by module name; the file itself stands in it as `name`.
    """
    files = dict(together or {})
    key = key_of(file, files.values())
    with _one:
        if key in sys.modules:
            return sys.modules[key]
        with _finding(files):
            module = _imported(name) if name in files and "." in name else _executed(key, file)
        sys.modules[key] = module
        return module


def key_of(file: SourceFile, others: Iterable[SourceFile] = ()) -> str:
    """The name that the module of a file has while the program runs; another text is another module."""
    said = [str(file.path), file.digest, *sorted(other.digest for other in others)]
    return PREFIX + sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def class_in(module: ModuleType, name: str, file: SourceFile) -> Any:
    """The nn.Module class of that name. Raises OwnFault."""
    from torch import nn

    found = getattr(module, name, None)
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        what = "no nn.Module" if found is not None else "not there"
        raise OwnFault(f"{file.path.name}: “{name}” is {what}; name a class that is a torch.nn.Module.")
    return found


def made(layer: Any, inputs: tuple[Shape, ...]) -> Any:
    """A fresh module of a custom layer, on torch's current default device. Raises OwnFault."""
    code = type(layer).code
    if code is None or code.source is None or not code.allowed:
        raise OwnFault(f"{layer.file or 'This layer'} is code that nobody has agreed to run.")
    kind = class_in(run(code.source), layer.name, code.source)
    with told(code.source, f"{layer.name} cannot be made"):
        return kind(**layer.arguments(inputs))


def called(layer: Any, module: Any, tensors: Sequence[Any]) -> Any:
    """What a module of a custom layer gives, one tensor or a tuple of them. Raises OwnFault."""
    import torch

    file = type(layer).code.source
    with told(file, f"{layer.name} cannot compute"):
        given = module(*tensors)
    results = given if isinstance(given, tuple) else (given,)
    if not all(isinstance(result, torch.Tensor) for result in results):
        raise OwnFault(f"{file.path.name}: {layer.name} gives something else than tensors, or a list of them.")
    if len(results) != layer.results:
        raise OwnFault(f"{file.path.name}: {layer.name} gives {len(results)} tensors, and {layer.results} were read.")
    return given


def module_named(place: str) -> ModuleType:
    """The module of code that has run, by the name it goes by here. Raises OwnFault."""
    if not place.startswith(PREFIX) or place not in sys.modules:
        raise OwnFault("This code has not run yet.")
    return sys.modules[place]


@contextmanager
def told(file: SourceFile | None, what: str) -> Iterator[None]:
    """Whatever a person's code raises, as an OwnFault that says where."""
    try:
        yield
    except (KeyboardInterrupt, OwnFault):
        raise
    except BaseException as error:
        raise OwnFault(sentence(error, file, what)) from error


def sentence(error: BaseException, file: SourceFile | None, what: str) -> str:
    """ "swish.py, line 12: cannot be run: NameError, name “x” is not defined"."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if file and frame.filename == str(file.path)]
    where = f"{file.path.name}{f', line {lines[-1]}' if lines else ''}: " if file else ""
    said = " ".join(str(error).split())[:200].rstrip(".")
    return f"{where}{what}: {type(error).__name__}{f', {said}' if said else ''}."


def _executed(key: str, file: SourceFile) -> ModuleType:
    loader = _Read({key: file})
    spec = importlib.util.spec_from_loader(key, loader, origin=str(file.path))
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[key] = module
    try:
        with told(file, "it cannot be run"):
            loader.exec_module(module)
    except OwnFault:
        sys.modules.pop(key, None)
        raise
    return module


def _imported(name: str) -> ModuleType:
    with told(None, f"{name} cannot be imported"):
        return importlib.import_module(name)


@contextmanager
def _finding(files: Mapping[str, SourceFile]) -> Iterator[None]:
    """Lets imports find these files first, as they were read; afterwards everything is as before."""
    finder = _Read(files)
    before = {name: sys.modules.pop(name) for name in files if name in sys.modules}
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in files:
            sys.modules.pop(name, None)
        sys.modules.update(before)


class _Read(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds and loads modules whose text has been read."""

    def __init__(self, files: Mapping[str, SourceFile]) -> None:
        self._files = files

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._files:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self._files[fullname].path))

    def is_package(self, fullname: str) -> bool:
        return self._files[fullname].path.name == "__init__.py"

    def get_source(self, fullname: str) -> str:
        return self._files[fullname].text

    def get_code(self, fullname: str) -> Any:
        file = self._files[fullname]
        return compile(file.text, str(file.path), "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        module.__file__ = str(self._files[name].path)
        exec(self.get_code(name), module.__dict__)
