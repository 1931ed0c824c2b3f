"""What is written about a layer in a figure: "5×5 conv", "2×2 max pool", "dense"."""

from __future__ import annotations

from graphs.layers.base import Layer, Unknown, times
from graphs.layers.windows import spread

__all__ = ["long_words", "short_words", "size_words"]

PLAIN = {
    "Linear": "dense", "Flatten": "flatten", "GlobalAvgPool": "global avg pool",
    "LayerNorm": "layer norm", "GroupNorm": "group norm", "Dropout": "dropout",
    "Tanh": "tanh", "Sigmoid": "sigmoid", "Softmax": "softmax", "LogSoftmax": "log softmax",
    "Embedding": "embedding", "Reshape": "reshape", "Permute": "permute", "Upsample": "upsample", "Concat": "concat",
    "Add": "add", "Multiply": "multiply", "Softplus": "softplus", "Bilinear": "bilinear",
    "Subtract": "subtract", "Divide": "divide", "Upsample1d": "upsample", "Upsample3d": "upsample",
    **{f"BatchNorm{rank}d": "batch norm" for rank in (1, 2, 3)},
    **{f"InstanceNorm{rank}d": "instance norm" for rank in (1, 2, 3)},
    **{f"Dropout{rank}d": "dropout" for rank in (1, 2, 3)},
    **{f"AdaptiveAvgPool{rank}d": "avg pool" for rank in (1, 2, 3)},
    **{f"AdaptiveMaxPool{rank}d": "max pool" for rank in (1, 2, 3)},
}  # fmt: skip
CONVOLUTIONS = {
    **{f"Conv{rank}d": "conv" for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": "up-conv" for rank in (1, 2, 3)},
}
POOLS = {
    **{f"MaxPool{rank}d": "max pool" for rank in (1, 2, 3)},
    **{f"AvgPool{rank}d": "avg pool" for rank in (1, 2, 3)},
}


def short_words(kind: str, layer: Layer | None, channels: int = 0) -> str:
    """What a layer does, in two or three words; `channels` is how many channels come in."""
    if layer is None or isinstance(layer, Unknown):
        return f"{kind}, not known"
    if kind in CONVOLUTIONS:
        return _convolution(kind, layer, channels)
    if kind in POOLS:
        rank = int(kind[-2])
        window, stride = layer.kernel_size, layer.stride  # type: ignore[attr-defined]
        steps = "" if stride in (None, window) else _stride(spread(stride, rank))
        return f"{times(spread(window, rank))} {POOLS[kind]}{steps}"
    words = PLAIN.get(kind, layer.title or kind)
    return f"{words} ×{layer.scale_factor}" if kind.startswith("Upsample") and layer.size is None else words  # type: ignore[attr-defined]


def long_words(kind: str, layer: Layer | None, channels: int = 0) -> str:
    """The same with how wide the result is: "3×3 conv, 64"."""
    words = short_words(kind, layer, channels)
    if layer is None or isinstance(layer, Unknown):
        return words
    if kind in CONVOLUTIONS:
        head, comma, rest = words.partition(", ")
        return f"{head}, {layer.out_channels}{comma}{rest}"  # type: ignore[attr-defined]
    if kind in ("Linear", "Bilinear"):
        return f"{words}, {layer.out_features}"  # type: ignore[attr-defined]
    if layer.family in ("recurrent", "blocks"):
        more = layer.summary().replace(" · ", ", ").rsplit("×", 1)[0] if layer.family == "blocks" else layer.summary()
        return ", ".join(part for part in (words, more.replace(" · ", ", ").strip(", ")) if part)
    return words


def size_words(dims: tuple[int, ...] | None) -> str:
    """A shape as figures say it: maps "6@28×28", vectors "84", series "20×64"."""
    if not dims:
        return ""
    if len(dims) >= 3:
        return f"{dims[0]}@{times(dims[1:])}"
    return times(dims)


def _convolution(kind: str, layer: Layer, channels: int) -> str:
    rank = int(kind[-2])
    window = times(spread(layer.kernel_size, rank))  # type: ignore[attr-defined]
    groups = getattr(layer, "groups", 1)
    way = "depthwise " if groups > 1 and groups == channels else "grouped " if groups > 1 else ""
    steps = spread(layer.stride, rank)  # type: ignore[attr-defined]
    if kind.startswith("ConvTranspose"):
        larger = "" if steps == spread(layer.kernel_size, rank) else _stride(steps).replace("/", "×")  # type: ignore[attr-defined]
        return f"{window} {way}up-conv{larger}"
    gaps = "dilated " if max(spread(getattr(layer, "dilation", 1), rank)) > 1 else ""
    return f"{window} {gaps}{way}{CONVOLUTIONS[kind]}{_stride(steps)}"


def _stride(steps: tuple[int, ...]) -> str:
    same = steps[:1] * len(steps) == steps
    return "" if max(steps) == 1 else f", /{steps[0] if same else times(steps)}"
