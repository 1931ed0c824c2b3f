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
    "recurrent": "Recurrent and attention",
    "normalisation": "Normalisation",
    "combine": "Combine and reshape",
    "loss": "Targets",
    "blocks": "Blocks",
}


class Shape(NamedTuple):
    """Shape of one sample, without the batch axis, and its dtype as torch names it.

    `values` is how many different tokens there are, where the shape holds tokens and that is known.
    """

    dims: tuple[int, ...]
    dtype: str = "float32"
    values: int = 0

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
    """What one output value sees along each spatial axis, for receptive fields.

    `upscale` is for layers that enlarge a map: how many outputs there are for each input along an axis.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    upscale: tuple[float, ...] = ()


@dataclass(frozen=True)
class Remedy:
    """A change that would mend a fault: new fields for the node, a layer put in front of it, another kind
    `instead` of its own, or the wire into the port `cut` removed; and what is done `then`, in the same step."""

    label: str
    fields: Mapping[str, Any] | None = None
    insert: str | None = None
    insert_fields: Mapping[str, Any] | None = None
    port: str | None = None
    instead: str | None = None
    cut: str | None = None
    then: Remedy | None = None
    attend: Literal["", "choose", "write", "allow"] = ""
    """What a person has to decide outside the network, about the code that a layer of their own names."""


@dataclass(frozen=True)
class Fault:
    """Why a layer cannot take its input, in words a student knows. A warning does not stop the build."""

    message: str
    expected: str = ""
    received: str = ""
    remedies: tuple[Remedy, ...] = ()
    severity: Literal["error", "warning"] = "error"


def _split(value: Any) -> Any:
    """ "3x5", "3×5" and "3, 5" → ["3", "5"]; "same" and what is no text stay as they are."""
    if not isinstance(value, str) or not any(c.isdigit() for c in value):
        return value
    return [part.strip() for part in value.replace("×", ",").replace("x", ",").split(",")]


def _spread(count: int) -> BeforeValidator:
    """Lets a field of `count` numbers also take one number for all of them, or text such as "3×5"."""

    def spread(value: Any) -> Any:
        value = _split(value)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        alone = isinstance(value, int | float | str) and not isinstance(value, bool)
        return (value,) * count if alone and value != "same" else value

    return BeforeValidator(spread)


Whole = Annotated[int, Field(ge=0, le=4096)]
Positive = Annotated[int, Field(ge=1, le=4096)]
Pair = Annotated[tuple[Positive, Positive], _spread(2)]
Pair0 = Annotated[tuple[Whole, Whole], _spread(2)]
Triple = Annotated[tuple[Positive, Positive, Positive], _spread(3)]
Triple0 = Annotated[tuple[Whole, Whole, Whole], _spread(3)]
Padding1 = Literal["same"] | Whole
Padding2 = Annotated[Literal["same"] | tuple[Whole, Whole], _spread(2)]
Padding3 = Annotated[Literal["same"] | tuple[Whole, Whole, Whole], _spread(3)]
"""Padding: a number, one per axis, or "same" (the map keeps its size)."""
OptionalPair = Annotated[tuple[Positive, Positive] | None, _spread(2)]
OptionalTriple = Annotated[tuple[Positive, Positive, Positive] | None, _spread(3)]
"""One number for each axis, or None: the layer chooses."""
Axes = Annotated[tuple[int, ...], BeforeValidator(_split)]
"""Any number of whole numbers."""


def setting(default: Any, title: str, description: str, *, extra: dict[str, Any] | None = None, **bounds: Any) -> Any:
    """A field of a layer: its default, its title in the form, one sentence of help, and its bounds.

    `extra` is for the form: `unit`, `step`, `labels` {value: words}, `none` (words for no value), `when`
    {field: wanted}.
    """
    return Field(default, title=title, description=description, json_schema_extra=extra, **bounds)


def times(values: tuple[int, ...] | int) -> str:
    """(5, 5) → "5×5"."""
    return "×".join(map(str, values)) if isinstance(values, tuple) else str(values)


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
    """The class it builds: "nn.Conv2d" of torch, or "modules.Concat" of graphs/modules."""
    written: ClassVar[str | None] = None
    """The class that generated source constructs, where it is not `torch`; "" where `call` says it all."""
    own: ClassVar[tuple[str, ...]] = ()
    """Arguments of `torch` that the class in `written` does not take."""
    source_only: ClassVar[bool] = False
    """An input: it takes nothing and is fed by the data."""
    holds: ClassVar[Literal["scores", "probabilities", "log probabilities"]] = "scores"
    """What an output behind it holds, for the loss that suits it."""
    is_output: ClassVar[bool] = False
    """An output: what arrives there is the result of the network; it has no module of its own."""
    wiring: ClassVar[bool] = False
    """It only leads values about, or is a block: resolved before anything is measured or built."""
    own_code: ClassVar[bool] = False
    """What it computes stands in a file of a person's own, which is named in its fields."""

    @classmethod
    def kind(cls) -> str:
        """The name of this kind in files."""
        return cls.__name__

    @classmethod
    def specialised(cls, fields: Mapping[str, Any], codes: Mapping[str, Any]) -> type[Layer]:
        """The kind that a node of these fields is: another one where a file of `codes` says what its fields are."""
        return cls

    @property
    def label(self) -> str:
        """What a card calls it: its kind, or what it is told to be."""
        return self.title or self.kind()

    def inputs(self) -> tuple[Port, ...]:
        """Ports that wires end in; may depend on the fields."""
        return (Port("in"),)

    def outputs(self) -> tuple[Port, ...]:
        """Ports that wires start at."""
        return (Port("out"),)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        """Arguments of the constructor of `torch`, those derived from the input shapes included."""
        return self.model_dump()

    def source_arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        """Arguments of the constructor that generated source calls."""
        return {key: value for key, value in self.arguments(inputs).items() if key not in self.own}

    def constructs(self) -> str:
        """What the generated source constructs for it, "" where forward says it all."""
        return self.torch if self.written is None else self.written

    def uses(self) -> tuple[str, ...]:
        """The functions of `graphs.building.modules` that its expression in forward calls."""
        return ()

    def initial(self) -> tuple[str, dict[str, Any]] | None:
        """The function of torch.nn.init for the weight and its arguments; None leaves PyTorch's own."""
        return None

    def feeds(self) -> Shape | None:
        """What the data feeds into an input; None for every other kind."""
        return None

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        """Multiply-adds for one sample: products with weights; biases and element-wise work do not count."""
        return 0

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        """Why these inputs do not fit, or None. Called before torch is."""
        return None

    def call(self, module: str, args: list[str]) -> str:
        """The expression of this layer in the forward method of the generated source."""
        return f"self.{module}({', '.join(args)})"

    def summary(self) -> str:
        """What the node shows under its name: "6 · 5×5 · pad 2"."""
        return ""

    @property
    def local(self) -> bool:
        """Whether a value sees, but through `window`, no others than that at its own place of a map of the same size;
        where that is not known, it may see the whole input."""
        return True

    def window(self, dims: tuple[int, ...]) -> Window | None:
        """What one output sees of an input of these dims, for a layer that looks through a window."""
        return None


class Unknown(Layer):
    """A kind this version does not know: kept with all its data, drawn as a placeholder."""

    model_config = ConfigDict(frozen=True, extra="allow")
    title: ClassVar[str] = "Unknown layer"
    help: ClassVar[str] = "This kind is not known to this version of Netloom. Its data is kept as it is."
