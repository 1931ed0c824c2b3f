"""What operations of other programs have in common: where each of their operands comes from.

An operand is {"wire": k}, what comes in at port k; {"value": numbers, "dtype": type}, a small constant;
{"tensor": name, "shape": sizes, "dtype": type, "learn": whether}, which is in the state dict under that name; or null,
left out. Numbers that JSON lacks are written "inf", "-inf" and "nan".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field

from graphs.layers.base import Layer, Port, setting

Dtype = Literal[
    "float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool", "bfloat16",
    "uint16", "uint32", "uint64", "complex64", "complex128",
]  # fmt: skip
DTYPES: tuple[str, ...] = get_args(Dtype)
MOST = 1024
"""Numbers of one constant, and ports of one operation."""
LONGEST = 20_000
"""Characters of the attributes of one operation."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_WORDS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def plain(value: Any) -> Any:
    """The numbers of a constant, those in words included."""
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return _WORDS[value] if isinstance(value, str) else value


def checked(slot: Any) -> Any:
    """An operand, checked, as plain JSON. Raises ValueError for anything else."""
    match slot:
        case None:
            return None
        case {"wire": int() as port, **rest} if not rest and 0 <= port < MOST:
            return {"wire": int(port)}
        case {"value": value, "dtype": str() as dtype, **rest} if not rest and dtype in DTYPES:
            return {"value": _constant(value), "dtype": dtype}
        case {"tensor": str() as name, "shape": [*sizes], "dtype": str() as dtype, **rest}:
            return _tensor(name, sizes, dtype, rest)
    raise ValueError("takes operands that are a wire, a constant, a tensor by its name, or null")


def _tensor(name: str, sizes: list[Any], dtype: str, rest: dict[Any, Any]) -> dict[str, Any]:
    learn = rest.pop("learn", False)
    fits = all(isinstance(size, int) and 0 <= size < 2**31 for size in sizes) and math.prod(sizes) <= 2**34
    if rest or dtype not in DTYPES or not _NAME.fullmatch(name) or not fits or len(sizes) > 16:
        raise ValueError("takes tensors with a plain name, a shape and a type")
    if learn and "float" not in dtype:
        raise ValueError("cannot learn whole numbers")
    return {"tensor": name, "shape": [int(size) for size in sizes], "dtype": dtype, "learn": bool(learn)}


def _constant(value: Any) -> Any:
    """Numbers in lists of the same length at every depth."""
    count, at = 1, value
    while isinstance(at, list | tuple):
        count *= len(at)
        if not at or count > MOST:
            break
        at = at[0]
    if count > MOST or len(list(_leaves(value, 0))) != count:
        raise ValueError(f"takes constants of at most {MOST} numbers, with rows of the same length")
    return json.loads(json.dumps(value))


def _leaves(value: Any, depth: int) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        if depth > 16 or len(value) > MOST:
            raise ValueError("takes constants of a few axes")
        for inner in value:
            yield from _leaves(inner, depth + 1)
    elif value in _WORDS if isinstance(value, str) else isinstance(value, int | float) and math.isfinite(value):
        yield value
    else:
        raise ValueError("takes constants that are numbers")


def _options(value: Any) -> Any:
    """Plain JSON of a bounded length."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError("takes plain values: numbers, texts and lists of them") from None
    if not isinstance(value, dict) or len(text) > LONGEST:
        raise ValueError(f"takes values by name, at most {LONGEST:,} characters in all")
    return json.loads(text)


def _slots(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) > MOST:
        raise ValueError(f"takes a list of at most {MOST} operands")
    return [checked(slot) for slot in value]


Options = Annotated[dict[str, Any], BeforeValidator(_options)]
"""Values by name, as plain JSON."""
Slots = Annotated[list[Any], BeforeValidator(_slots)]
"""Operands in order."""
Count = Annotated[int, Field(ge=1, le=MOST)]


class Operation(Layer):
    """One operation of another program: any number of ports, any values."""

    family: ClassVar[str] = "combine"

    takes: Count = setting(1, "Inputs", "How many wires it takes.")
    gives: Count = setting(1, "Outputs", "How many results it gives.")

    def inputs(self) -> tuple[Port, ...]:
        return tuple(Port(f"in{place}", accepts="any") for place in range(self.takes))

    def outputs(self) -> tuple[Port, ...]:
        return tuple(Port(f"out{place}", accepts="any") for place in range(self.gives))

    @cached_property
    def text(self) -> str:
        """Everything that was chosen, as text."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)

    def __hash__(self) -> int:
        return hash((self.kind(), self.text))


def literal(value: Any) -> str:
    """A plain value as it stands in Python source; {"value", "dtype"} as a tensor."""
    if isinstance(value, dict):
        if set(value) == {"value", "dtype"}:
            return f"torch.tensor({literal(plain(value['value']))}, dtype=torch.{value['dtype']})"
        return "{" + ", ".join(f"{literal(key)}: {literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
