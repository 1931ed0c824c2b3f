"""What operations of other programs have in common: where each of their operands comes from.

An operand is {"wire": k}, what comes in at port k; {"value": numbers, "dtype": type}, a small constant;
{"tensor": name, "shape": sizes, "dtype": type, "learn": whether}, which is in the state dict under that name; or null,
left out. Numbers that JSON lacks are written "inf", "-inf" and "nan".
"""

from __future__ import annotations

import json
import keyword
import math
import re
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field

from graphs.layers.base import Layer, Port, setting
from graphs.layers.tensor_names import usable

Dtype = Literal[
    "float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool", "bfloat16",
    "uint16", "uint32", "uint64", "complex64", "complex128",
]  # fmt: skip
DTYPES: tuple[str, ...] = get_args(Dtype)
MOST = 1024
"""Numbers of one constant, and ports of one operation."""
LONGEST = 20_000
"""Characters of the attributes of one operation."""
LARGEST = 2**31
"""Numbers of one tensor in the state dict."""
DEEPEST = 16
"""Axes of a tensor."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
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
        case {"wire": port, **rest} if not rest and whole(port, 0, MOST - 1):
            return {"wire": int(port)}
        case {"value": value, "dtype": str() as dtype, **rest} if not rest and dtype in DTYPES:
            return {"value": _constant(value), "dtype": dtype}
        case {"tensor": name, "shape": [*sizes], "dtype": str() as dtype, **rest}:
            return _tensor(name, sizes, dtype, rest)
    raise ValueError("takes operands that are a wire, a constant, a tensor by its name, or null")


def whole(value: Any, low: int, high: int) -> bool:
    """Whether this is a whole number within bounds."""
    return isinstance(value, int) and low <= value <= high


def scalar(value: Any) -> bool:
    """Whether this is a number that torch holds, a text of a bounded length, or null."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return len(value) <= LONGEST
    return value is None or whole(value, -(2**63), 2**64)


def _tensor(name: Any, sizes: list[Any], dtype: str, rest: dict[Any, Any]) -> dict[str, Any]:
    learn = rest.pop("learn", False)
    fits = len(sizes) <= DEEPEST and all(whole(size, 0, LARGEST) for size in sizes) and math.prod(sizes) <= LARGEST
    if rest or not isinstance(learn, bool) or dtype not in DTYPES or not fits:
        raise ValueError("takes tensors with a name, a shape and a type")
    if not usable(name):
        raise ValueError("takes tensors whose name is a plain one that means nothing else")
    if learn and "float" not in dtype:
        raise ValueError("cannot learn whole numbers")
    return {"tensor": name, "shape": [int(size) for size in sizes], "dtype": dtype, "learn": learn}


def _constant(value: Any) -> Any:
    """Numbers in lists of the same length at every depth."""
    if math.prod(_form(value, 0)) > MOST:
        raise ValueError(f"takes constants of at most {MOST} numbers")
    return json.loads(json.dumps(value))


def _form(value: Any, depth: int) -> tuple[int, ...]:
    """The shape of nested lists of numbers. Raises ValueError for anything else."""
    if isinstance(value, list | tuple):
        if depth >= DEEPEST or len(value) > MOST:
            raise ValueError(f"takes constants of a few axes and at most {MOST} numbers")
        forms = {_form(inner, depth + 1) for inner in value}
        if len(forms) > 1:
            raise ValueError("takes constants with rows of the same length")
        return (len(value), *next(iter(forms), ()))
    if (isinstance(value, str) and value not in _WORDS) or value is None or not scalar(value):
        raise ValueError("takes constants that are numbers")
    return ()


def _options(value: Any) -> Any:
    """Values by name: numbers, texts, lists of them, and constants."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError("takes plain values: numbers, texts and lists of them") from None
    if not isinstance(value, dict) or len(text) > LONGEST:
        raise ValueError(f"takes values by name, at most {LONGEST:,} characters in all")
    return {_keyword(name): _option(inner) for name, inner in json.loads(text).items()}


def _keyword(name: str) -> str:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ValueError("takes values by a plain name")
    return name


def _option(value: Any) -> Any:
    if isinstance(value, dict):
        if "value" not in value:
            raise ValueError("takes numbers, texts, lists of them, and constants with a type")
        return checked(value)
    if not all(map(scalar, value if isinstance(value, list) else [value])):
        raise ValueError("takes numbers, texts, lists of them, and constants with a type")
    return value


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

    @property
    def count(self) -> int:
        """How many results it gives."""
        return 1

    @property
    def local(self) -> bool:
        return False

    def inputs(self) -> tuple[Port, ...]:
        return tuple(Port(f"in{place}", accepts="any") for place in range(self.takes))

    def outputs(self) -> tuple[Port, ...]:
        return tuple(Port(f"out{place}", accepts="any") for place in range(self.count))

    @cached_property
    def text(self) -> str:
        """Everything that was chosen, as text."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)

    def __hash__(self) -> int:
        return hash((self.kind(), self.text))


def literal(value: Any) -> str:
    """A plain value as it stands in Python source; {"value", "dtype"} as a tensor. Raises ValueError for anything that
    is not plain: what is written here is run."""
    if isinstance(value, dict):
        if set(value) == {"value", "dtype"}:
            return f"torch.tensor({literal(plain(value['value']))}, dtype=torch.{_dtype(value['dtype'])})"
        return "{" + ", ".join(f"{literal(key)}: {literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{float(value)!r}")'
    if value is None or type(value) in (bool, int, float):
        return repr(value)
    raise ValueError(f"a {type(value).__name__} cannot be written as source")


def quoted(text: str) -> str:
    """A text as a Python string, in double quotes where it holds none."""
    shown = repr(str(text))
    return f'"{shown[1:-1]}"' if shown[0] == "'" and '"' not in shown else shown


def _dtype(name: Any) -> str:
    if name not in DTYPES:
        raise ValueError("tensors have a type that torch knows")
    return str(name)
