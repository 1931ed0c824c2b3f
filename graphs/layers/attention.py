"""Attention, the layers of a transformer, and what turns pictures and places into series."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from graphs.layers.base import Fault, Layer, Pair, Port, Remedy, Shape, Window, setting, times
from graphs.layers.recurrent import as_series
from graphs.layers.weights import bias_field
from graphs.layers.windows import axes, map_fault


def series_fault(title: str, shape: Shape, port: str | None = None) -> Fault | None:
    """A fault where the input is no series of steps × features."""
    if len(shape.dims) == 2:
        return None
    message = f"{title} works on a series of steps × features, and this input has {axes(len(shape.dims))}."
    remedies = tuple(
        Remedy(r.label, insert=r.insert, insert_fields=r.insert_fields, port=port) for r in as_series(shape.dims)
    )
    return Fault(message, "steps × features", str(shape), remedies)


class _Series(Layer):
    """Layers that take a series of steps × features."""

    family: ClassVar[str] = "recurrent"

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return series_fault(self.title, inputs[0])


class PatchEmbedding(Layer):
    title: ClassVar[str] = "PatchEmbedding"
    family: ClassVar[str] = "recurrent"
    help: ClassVar[str] = "Cuts a picture into patches and turns each into a step of a series."
    stem: ClassVar[str] = "patches"
    synonyms: ClassVar[tuple[str, ...]] = ("vision transformer", "vit", "tokens", "patchify", "projection")
    torch: ClassVar[str] = "modules.PatchEmbedding"
    written: ClassVar[str | None] = "nn.Conv2d"

    patch_size: Pair = setting((16, 16), "Patch", "Height and width of a patch.")
    features: int = setting(64, "Features", "How many numbers stand for one patch.", ge=1, le=65536)
    bias: bool = bias_field()

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        size = {"kernel_size": self.patch_size, "stride": self.patch_size}
        return {"in_channels": inputs[0].dims[0], "out_channels": self.features, **size, "bias": self.bias}

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        return outputs[0].size * inputs[0].dims[0] * math.prod(self.patch_size)

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = map_fault(self.title, inputs[0], 2)
        if wrong is not None:
            return wrong
        size = inputs[0].dims[1:]
        if all(n >= p for n, p in zip(size, self.patch_size, strict=True)):
            return None
        less = [min(n, p) for n, p in zip(size, self.patch_size, strict=True)]
        remedy = Remedy(f"Set the patch to {times(tuple(less))}", {"patch_size": less})
        message = "A patch is larger than the picture."
        return Fault(message, f"at least {times(self.patch_size)}", times(size), (remedy,))

    def call(self, module: str, args: list[str]) -> str:
        return f"self.{module}({', '.join(args)}).flatten(2).transpose(1, 2)"

    def window(self, dims: tuple[int, ...]) -> Window | None:
        return None

    def summary(self) -> str:
        return f"{times(self.patch_size)} → {self.features}"


class ClassToken(_Series):
    title: ClassVar[str] = "ClassToken"
    help: ClassVar[str] = "Puts one learned step in front of a series, which gathers what the whole is."
    stem: ClassVar[str] = "token"
    synonyms: ClassVar[tuple[str, ...]] = ("cls", "vision transformer", "bert", "class embedding")
    torch: ClassVar[str] = "modules.ClassToken"

    std: float = setting(0.0, "Spread", "How far from 0 it is drawn before training.", ge=0, le=100)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"features": inputs[0].dims[-1], "std": self.std}


class PositionalEmbedding(_Series):
    title: ClassVar[str] = "PositionalEmbedding"
    help: ClassVar[str] = "Adds a learned row of numbers for each place, since attention knows no order."
    stem: ClassVar[str] = "position"
    synonyms: ClassVar[tuple[str, ...]] = ("position", "learned", "vision transformer", "bert", "order")
    torch: ClassVar[str] = "modules.PositionalEmbedding"

    std: float = setting(0.02, "Spread", "How far from 0 they are drawn before training.", ge=0, le=100)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"steps": inputs[0].dims[0], "features": inputs[0].dims[1], "std": self.std}


class PositionalEncoding(_Series):
    title: ClassVar[str] = "PositionalEncoding"
    help: ClassVar[str] = "Adds sines and cosines of the place to a series, since attention knows no order."
    stem: ClassVar[str] = "position"
    synonyms: ClassVar[tuple[str, ...]] = ("sinusoidal", "position", "transformer", "order", "sine")
    torch: ClassVar[str] = "modules.PositionalEncoding"

    base: float = setting(10000.0, "Base", "The slowest wave takes about six times as many steps.", gt=1, le=1e9)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"steps": inputs[0].dims[0], "features": inputs[0].dims[1], "base": self.base}


def _heads() -> Any:
    return setting(4, "Heads", "How many times it looks, each with a share of the features.", ge=1, le=4096)


def _dropout(share: float) -> Any:
    return setting(share, "Dropout", "The share that is dropped while training.", ge=0, le=1, extra={"step": 0.05})


def heads_fault(title: str, heads: int, shape: Shape, field: str) -> Fault | None:
    """A fault where the heads do not divide the features evenly."""
    features = shape.dims[-1]
    if features % heads == 0:
        return None
    common = math.gcd(features, heads)
    message = f"{heads} heads do not divide the {features} features of {title} evenly."
    remedies = (Remedy(f"Set the heads to {common}", {field: common}),)
    return Fault(message, f"features that {heads} divides", str(shape), remedies)


class MultiheadAttention(_Series):
    title: ClassVar[str] = "MultiheadAttention"
    help: ClassVar[str] = "Each step gathers from all steps what matters to it, weighed by how well they match."
    stem: ClassVar[str] = "attention"
    synonyms: ClassVar[tuple[str, ...]] = ("self-attention", "transformer", "query", "key", "value", "cross-attention")
    torch: ClassVar[str] = "modules.MultiheadAttention"
    written: ClassVar[str | None] = "nn.MultiheadAttention"
    own: ClassVar[tuple[str, ...]] = ("causal",)

    num_heads: int = _heads()
    separate: bool = setting(
        False, "Query, key and value", "Take them from three wires (cross-attention) instead of one."
    )
    causal: bool = setting(False, "Causal", "Let each step see itself and the steps before it only.")
    dropout: float = _dropout(0.0)
    bias: bool = bias_field()

    def inputs(self) -> tuple[Port, ...]:
        return tuple(map(Port, ("query", "key", "value"))) if self.separate else (Port("in"),)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        width = inputs[0].dims[-1]
        others = dict(zip(("kdim", "vdim"), (s.dims[-1] for s in inputs[1:]), strict=False))
        others = {} if set(others.values()) <= {width} else others
        given = self.model_dump(exclude={"separate"})
        return {"embed_dim": width, **given, **others, "batch_first": True}

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        query, key, value = (inputs * 3)[:3] if len(inputs) == 1 else inputs
        (steps, width), others = query.dims, key.dims[0]
        return 2 * steps * width**2 + (key.size + value.size) * width + 2 * steps * others * width

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        for port, shape in zip(self.inputs(), inputs, strict=True):
            wrong = series_fault(self.title, shape, port.name)
            if wrong is not None:
                return wrong
        return (
            heads_fault(self.title, self.num_heads, inputs[0], "num_heads")
            or self._pair_fault(inputs)
            or self._causal_fault(inputs)
        )

    def _pair_fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if len(inputs) == 1 or inputs[1].dims[0] == inputs[2].dims[0]:
            return None
        message = "Each step of the key needs a step of the value."
        remedy = Remedy("Remove the wire to value", cut="value")
        return Fault(message, f"{inputs[1].dims[0]} steps", str(inputs[2]), (remedy,))

    def _causal_fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        if not self.causal or len(inputs) == 1 or inputs[0].dims[0] == inputs[1].dims[0]:
            return None
        message = "Causal attention needs as many steps in the key as in the query."
        remedy = Remedy("Let every step see all", {"causal": False})
        return Fault(message, f"{inputs[0].dims[0]} steps", str(inputs[1]), (remedy,))

    def call(self, module: str, args: list[str]) -> str:
        mask = f", attn_mask={_mask(args[0])}, is_causal=True" if self.causal else ""
        return f"self.{module}({', '.join((args * 3)[:3])}, need_weights=False{mask})[0]"

    def summary(self) -> str:
        return f"{self.num_heads} heads" + (" · causal" if self.causal else "")


def _mask(name: str) -> str:
    return f"nn.Transformer.generate_square_subsequent_mask({name}.shape[1], device={name}.device)"


class _TransformerLayer(_Series):
    """What both layers of a transformer share."""

    own: ClassVar[tuple[str, ...]] = ("causal",)

    nhead: int = _heads()
    dim_feedforward: int = setting(
        256, "Inner units", "How wide the two Linear inside are between them.", ge=1, le=1_000_000
    )
    dropout: float = _dropout(0.1)
    activation: Literal["relu", "gelu"] = setting("relu", "Activation", "How the inner units bend their numbers.")
    norm_first: bool = setting(False, "Normalise first", "Normalise before attention and Linear instead of after.")
    layer_norm_eps: float = setting(1e-5, "Epsilon", "A small number that keeps the normalisation safe.", gt=0, le=1)
    bias: bool = bias_field()

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        return {"d_model": inputs[0].dims[-1], **self.model_dump(), "batch_first": True}

    def _within(self, shape: Shape) -> int:
        steps, width = shape.dims
        return 4 * steps * width**2 + 2 * steps**2 * width + 2 * steps * width * self.dim_feedforward

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return series_fault(self.title, inputs[0], self.inputs()[0].name) or heads_fault(
            self.title, self.nhead, inputs[0], "nhead"
        )

    def summary(self) -> str:
        return f"{self.nhead} heads · {self.dim_feedforward}"


class TransformerEncoderLayer(_TransformerLayer):
    title: ClassVar[str] = "TransformerEncoderLayer"
    help: ClassVar[str] = "Attention among all steps, then two Linear for each, both with skips and normalisation."
    stem: ClassVar[str] = "encoder"
    synonyms: ClassVar[tuple[str, ...]] = ("transformer", "self-attention", "bert", "vit", "encoder block")
    torch: ClassVar[str] = "modules.TransformerEncoderLayer"
    written: ClassVar[str | None] = "nn.TransformerEncoderLayer"

    causal: bool = setting(False, "Causal", "Let each step see itself and the steps before it only.")

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        return self._within(inputs[0])

    def call(self, module: str, args: list[str]) -> str:
        mask = f", src_mask={_mask(args[0])}, is_causal=True" if self.causal else ""
        return f"self.{module}({args[0]}{mask})"


class TransformerDecoderLayer(_TransformerLayer):
    title: ClassVar[str] = "TransformerDecoderLayer"
    help: ClassVar[str] = "As the encoder layer, and each step also looks at what an encoder made of another series."
    stem: ClassVar[str] = "decoder"
    synonyms: ClassVar[tuple[str, ...]] = ("transformer", "cross-attention", "translation", "decoder block")
    torch: ClassVar[str] = "modules.TransformerDecoderLayer"
    written: ClassVar[str | None] = "nn.TransformerDecoderLayer"

    causal: bool = setting(True, "Causal", "Let each step see itself and the steps before it only.")

    def inputs(self) -> tuple[Port, ...]:
        return (Port("target"), Port("memory"))

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        (steps, width), others = inputs[0].dims, inputs[1].dims[0]
        crossed = 2 * steps * width**2 + 2 * others * width**2 + 2 * steps * others * width
        return self._within(inputs[0]) + crossed

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        wrong = super().fault(inputs) or series_fault(self.title, inputs[1], "memory")
        if wrong is not None or inputs[0].dims[-1] == inputs[1].dims[-1]:
            return wrong
        width = inputs[0].dims[-1]
        fields = {"out_features": width, "last_axis": True}
        remedy = Remedy(f"Insert Linear to {width} before memory", insert="Linear", insert_fields=fields, port="memory")
        message = "Target and memory need as many features."
        return Fault(message, f"{width} features", str(inputs[1]), (remedy,))

    def call(self, module: str, args: list[str]) -> str:
        mask = f", tgt_mask={_mask(args[0])}, tgt_is_causal=True" if self.causal else ""
        return f"self.{module}({', '.join(args)}{mask})"


class SqueezeExcitation(Layer):
    title: ClassVar[str] = "SqueezeExcitation"
    family: ClassVar[str] = "convolution"
    help: ClassVar[str] = "Turns channels up or down by a gate that looks at the means of all channels."
    stem: ClassVar[str] = "se"
    synonyms: ClassVar[tuple[str, ...]] = ("channel attention", "senet", "gate", "squeeze and excite", "efficientnet")
    torch: ClassVar[str] = "modules.SqueezeExcitation"

    reduction: int = setting(16, "Reduction", "How many times fewer channels there are in between.", ge=1, le=65536)
    squeezed: int | None = setting(
        None,
        "Channels between",
        "How many, in place of the reduction.",
        ge=1,
        le=65536,
        extra={"none": "by the reduction"},
    )
    activation: Literal["relu", "silu"] = setting("relu", "Activation", "How the channels in between are bent.")
    gate: Literal["sigmoid", "hardsigmoid"] = setting("sigmoid", "Gate", "What squeezes the factors between 0 and 1.")

    def between(self, channels: int) -> int:
        """How many channels there are in between."""
        return self.squeezed or max(1, channels // self.reduction)

    def arguments(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        channels = inputs[0].dims[0]
        chosen = {"activation": self.activation, "gate": self.gate}
        return {"channels": channels, "squeezed": self.between(channels), **chosen}

    def multiply_adds(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int:
        return 2 * inputs[0].dims[0] * self.between(inputs[0].dims[0])

    def fault(self, inputs: tuple[Shape, ...]) -> Fault | None:
        return map_fault(self.title, inputs[0], 2)

    def summary(self) -> str:
        return f"{self.squeezed} between" if self.squeezed else f"1/{self.reduction}"
