"""How a layer kind is declared: one class that says everything about it.

From the one declaration come palette entry, form, validation, shapes, PyTorch build, source code, ONNX,
reference page and contract tests. Nothing here imports torch: the window shows before torch is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Accepts = Literal["float", "tokens", "any"]
FAMILIES: Mapping[str, str] = {
    "io": "Inputs and outputs",
    "convolution": "Convolution",
    "pooling": "Pooling",
    "activation": "Activation",
    "linear": "Linear",
    "recurrent": "Recurrent",
    "normalisation": "Normalisation",
    "combine": "Combine and reshape",
    "loss": "Targets",
}


class Shape(NamedTuple):
    """Shape of one sample, without the batch axis, and its dtype as torch names it."""

    dims: tuple[int, ...]
    dtype: str = "float32"

    def __str__(self) -> str:
        return "×".join(map(str, self.dims)) or "1 value"

    @property
    def size(self) -> int:
        """Number of values in one sample."""
        return math.prod(self.dims)


class Port(NamedTuple):
    """Where a wire ends. `accepts` says which values it takes (an input) or gives (an output)."""

    name: str
    title: str = ""
    accepts: Accepts = "float"


class Window(NamedTuple):
    """What one output value sees along each spatial axis, for receptive fields."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]


@dataclass(frozen=True)
class Remedy:
    """A change that would mend a fault: new fields for the node, or a layer put in front of it."""

    label: str
    fields: Mapping[str, Any] | None = None
    insert: str | None = None
    insert_fields: Mapping[str, Any] | None = None
    port: str | None = None


@dataclass(frozen=True)
class Fault:
    """Why a layer cannot take its input, in words a student knows."""

    message: str
    expected: str = ""
    received: str = ""
    remedies: tuple[Remedy, ...] = ()


def _pair(value: Any) -> Any:
    """3 → (3, 3); "3x5" and "3×5" → (3, 5); a pair stays."""
    if isinstance(value, str):
        value = [part.strip() for part in value.replace("×", "x").lower().split("x")]
        value = value * 2 if len(value) == 1 else value
    return (value, value) if isinstance(value, int) else value


_Whole = Annotated[int, Field(ge=0, le=4096)]
_Positive = Annotated[int, Field(ge=1, le=4096)]
Pair = Annotated[tuple[_Positive, _Positive], BeforeValidator(_pair), Field(json_schema_extra={"pair": True})]
Pair0 = Annotated[tuple[_Whole, _Whole], BeforeValidator(_pair), Field(json_schema_extra={"pair": True})]


class Layer(BaseModel):
    """One kind of layer. A subclass declares it; an instance holds the checked fields of one node.

    The name of the class is the name of the kind in files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: ClassVar[str] = ""
    family: ClassVar[str] = "combine"
    help: ClassVar[str] = ""
    stem: ClassVar[str] = "node"
    synonyms: ClassVar[tuple[str, ...]] = ()
    torch: ClassVar[str] = ""
    """The class it builds: "nn.Conv2d" of torch, or "modules.Concat" of graphs/modules.py."""
    source_only: ClassVar[bool] = False
    """An input: it takes nothing and is fed by the data."""

    @classmethod
    def kind(cls) -> str:
        """The name of this kind in files."""
        return cls.__name__

    def inputs(self) -> tuple[Port, ...]:
        """Ports that wires end in; may depend on the fields."""
        return (Port("in"),)

    def outputs(self) -> tuple[Port, ...]:
        """Ports that wires start at."""
        return (Port("out"),)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        """Arguments of the constructor of `torch`, those derived from the input shapes included."""
        return self.model_dump()

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        """Why these inputs do not fit, or None. Called before torch is."""
        return None

    def call(self, module: str, args: list[str]) -> str:
        """The expression of this layer in the forward method of the generated source."""
        return f"self.{module}({', '.join(args)})"

    def summary(self) -> str:
        """What the node shows under its name: "6 · 5×5 · pad 2"."""
        return ""

    def window(self) -> Window | None:
        """Kernel, stride and dilation, for a layer that looks through a window."""
        return None


class Unknown(Layer):
    """A kind this version does not know: kept with all its data, drawn as a placeholder."""

    model_config = ConfigDict(frozen=True, extra="allow")
    title: ClassVar[str] = "Unknown layer"
    help: ClassVar[str] = "This kind is not known to this version of Netloom. Its data is kept as it is."
