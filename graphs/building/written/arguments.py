"""Arguments of a constructor as a person writes them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from graphs.building.written.helpers import OWN, PREFIX, class_of
from graphs.layers.operation import literal

SHORT = {"kernel_size", "stride", "padding", "output_padding", "dilation", "output_size", "size"}
"""Arguments of torch.nn for which 3 means (3, 3)."""


class Ref(str):
    """The name of a parameter, standing where a number would stand."""


def given(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a constructor, each as short as torch.nn takes it, required ones first."""
    defaults = _defaults(kind)
    own = kind.startswith((PREFIX, OWN))
    short = {
        key: tuple(value) if own and isinstance(value, list) else _short(key, value) for key, value in values.items()
    }
    required = [key for key, default in defaults.items() if default is inspect.Parameter.empty and key in short]
    return {key: short[key] for key in dict.fromkeys([*required, *short])}


def listed(kind: str, values: Mapping[str, Any]) -> str:
    """ "1, 6, 5, padding=2": required ones by place, others by name where they are not the default."""
    defaults = _defaults(kind)
    said = {key: value for key, value in values.items() if not _told(key, value, values, defaults)}
    required = {key for key, default in defaults.items() if default is inspect.Parameter.empty}
    placed = [written(value) for key, value in said.items() if key in required]
    return ", ".join([*placed, *(f"{key}={written(value)}" for key, value in said.items() if key not in required)])


def _told(key: str, value: Any, values: Mapping[str, Any], defaults: Mapping[str, Any]) -> bool:
    """Whether torch takes this value when nothing is said."""
    if key == "stride" and defaults.get(key, 0) is None and value == values.get("kernel_size"):
        return True  # pooling: the windows lie side by side
    return not isinstance(value, Ref) and _same(value, _short(key, defaults.get(key, ...)))


def written(value: Any) -> str:
    """A value as it stands in Python source."""
    if isinstance(value, Ref):
        return str(value)
    return literal(tuple(value) if isinstance(value, list) else value)


def annotation(values: list[Any]) -> str:
    """The type of a parameter that takes all of these values: "int", "tuple[int, ...]"."""
    names = dict.fromkeys(_type(value) for value in values)
    return " | ".join(name for name in names if not (name == "int" and "float" in names))


def _type(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"tuple[{annotation(list(value)) if value else 'int'}, ...]"
    return "None" if value is None else type(value).__name__


def _defaults(kind: str) -> dict[str, Any]:
    """Parameters of a constructor of torch.nn, or of ours, and their defaults, `empty` where there is none."""
    from torch import nn

    cls = class_of(kind)
    for base in cls.__mro__:
        parameters = inspect.signature(base.__init__).parameters
        if base.__init__ is not object.__init__ and not any(p.kind == p.VAR_POSITIONAL for p in parameters.values()):
            found = {
                name: p.default
                for name, p in parameters.items()
                if name not in ("self", "mode" if base is nn.RNNBase else "")
            }
            return {**found, "nonlinearity": "tanh"} if issubclass(cls, nn.RNN) else found
    return {}


def _short(key: str, value: Any) -> Any:
    """3 for (3, 3) where torch takes both, and 120 for (120,)."""
    if isinstance(value, list | tuple) and value and key in SHORT | {"normalized_shape"}:
        alike = len(set(value)) == 1 and (key in SHORT or len(value) == 1)
        return value[0] if alike else tuple(value)
    return value


def _same(value: Any, default: Any) -> bool:
    return isinstance(value, bool) == isinstance(default, bool) and bool(value == default)
