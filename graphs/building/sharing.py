"""Modules that have weights of another module: in a built network, and as lines of its source."""

from __future__ import annotations

import keyword
from collections.abc import Mapping

from torch import nn

from graphs.inference.sharing import Share


def share(modules: Mapping[str, nn.Module], shares: Mapping[str, Share]) -> None:
    """Puts the very parameters of the one module into the other, and what goes with them where the two are alike."""
    for id, found in shares.items():
        if id in modules and found.source in modules:
            _take(modules[id], modules[found.source], found)


def _take(module: nn.Module, source: nn.Module, found: Share) -> None:
    for name in found.names:
        path, _, last = name.rpartition(".")
        setattr(module.get_submodule(path), last, source.get_parameter(name))
    if found.whole:
        for own, theirs in zip(module.modules(), source.modules(), strict=True):
            own._buffers = theirs._buffers  # one and the same, wherever the module is moved to


def written(names: Mapping[str, str], shares: Mapping[str, Share]) -> list[str]:
    """The statements of a constructor: "self.head.weight = self.wte.weight", or "self.b = self.a" for modules that are
    alike. `names` are the paths of the modules by the ids of their layers."""
    lines = []
    for id, found in shares.items():
        if id not in names or found.source not in names:
            continue
        own, theirs = names[id], names[found.source]
        around, _, last = own.rpartition(".")
        if found.whole and last.isdigit():
            place = _spoken(around) if around else "self"
            lines.append(f'{place}.add_module("{last}", {_spoken(theirs)})')
        elif found.whole:
            lines.append(f"{_spoken(around)}.{last} = {_spoken(theirs)}")
        else:
            lines += [f"{_spoken(own)}.{name} = {_spoken(theirs)}.{name}" for name in found.names]
    return lines


def _spoken(path: str) -> str:
    """A module as it is spoken of in the class of the whole network."""
    if not path:
        return "self"
    plain = all(step.isidentifier() and not keyword.iskeyword(step) for step in path.split("."))
    return f"self.{path}" if plain else f'self.get_submodule("{path}")'
