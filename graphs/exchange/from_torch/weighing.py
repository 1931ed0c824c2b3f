"""Functions with weights, pools and what else torch.nn has a layer for, as the layers that they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.exchange.from_torch.matching import Match, Matcher, Sight, Unsuited, check


def _convolution(rank: int) -> Matcher:
    def match(sight: Sight) -> Match:
        x, weights = sight.front(sight.wire("input"), rank + 1), sight.tensors(weight="weight", bias="bias")
        size = sight.sizes(weights["weight"])
        padding = sight.raw("padding")
        fields: dict[str, Any] = {
            "out_channels": size[0],
            "kernel_size": size[2:],
            "stride": sight.several("stride", rank),
            "padding": padding
            if padding == "same"
            else [0] * rank
            if padding == "valid"
            else sight.several("padding", rank),
            "dilation": sight.several("dilation", rank),
            "groups": sight.number("groups"),
            "bias": "bias" in weights,
        }
        return sight.match(f"Conv{rank}d", x, tensors=weights, **_scalars(fields, rank))

    return match


def _scalars(fields: Mapping[str, Any], rank: int) -> dict[str, Any]:
    """One number in place of a list of one."""
    return {k: v[0] if rank == 1 and isinstance(v, list | tuple) and len(v) == 1 else v for k, v in fields.items()}


def _transposed(rank: int) -> Matcher:
    def match(sight: Sight) -> Match:
        x, weights = sight.front(sight.wire("input"), rank + 1), sight.tensors(weight="weight", bias="bias")
        size, groups = sight.sizes(weights["weight"]), sight.number("groups")
        names = ("stride", "padding", "output_padding", "dilation")
        fields: dict[str, Any] = {name: sight.several(name, rank) for name in names}
        fields |= {"out_channels": size[1] * groups, "kernel_size": size[2:], "groups": groups}
        return sight.match(
            f"ConvTranspose{rank}d", x, tensors=weights, **_scalars(fields, rank), bias="bias" in weights
        )

    return match


def _linear(sight: Sight) -> Match:
    x, weights = sight.wire("input"), sight.tensors(weight="weight", bias="bias")
    check(sight.seen(x).axis != len(sight.sizes(x)) - 1)
    wide = {"last_axis": True} if len(sight.seen(x).dims) > 2 else {}
    out = sight.sizes(weights["weight"])[0]
    return sight.match("Linear", x, tensors=weights, out_features=out, bias="bias" in weights, **wide)


def _embedding(sight: Sight) -> Match:
    weights = sight.tensors(weight="weight")
    rows, features = sight.sizes(weights["weight"])
    x = sight.wire("indices")
    check(sight.seen(x).dtype == "int64")
    filler = sight.number("padding_idx")
    fields = {} if filler is None or filler < 0 else {"padding_idx": filler}
    return sight.match("Embedding", x, tensors=weights, num_embeddings=rows, embedding_dim=features, **fields)


def _batch_norm(sight: Sight) -> Match:
    x = sight.front(sight.wire("input"), 1, 2, 3, 4)
    weights = sight.tensors(weight="weight", bias="bias", running_mean="running_mean", running_var="running_var")
    check("running_mean" in weights and "running_var" in weights and ("weight" in weights) == ("bias" in weights))
    kind = {3: "BatchNorm2d", 4: "BatchNorm3d"}.get(len(sight.seen(x).dims), "BatchNorm1d")
    fields = {"eps": sight.number("eps"), "momentum": sight.number("momentum"), "affine": "weight" in weights}
    return sight.match(kind, x, tensors=weights, **fields)


def _layer_norm(sight: Sight) -> Match:
    x, weights = sight.wire("input"), sight.tensors(weight="weight", bias="bias")
    axes = len(sight.number("normalized_shape"))
    check(sight.seen(x).axis is not None and int(sight.seen(x).axis or 0) < len(sight.sizes(x)) - axes)
    check("weight" in weights or "bias" not in weights)
    fields = {"axes": axes, "eps": sight.number("eps"), "elementwise_affine": "weight" in weights}
    fields |= {"bias": "bias" in weights} if weights else {}
    return sight.match("LayerNorm", x, tensors=weights, **fields)


def _rms_norm(sight: Sight) -> Match:
    x, weights = sight.wire("input"), sight.tensors(weight="weight")
    axes, eps = len(sight.number("normalized_shape")), sight.number("eps")
    check(int(sight.seen(x).axis or 0) < len(sight.sizes(x)) - axes)
    fields = {"axes": axes, "eps": 2.0**-23 if eps is None else eps, "elementwise_affine": bool(weights)}
    return sight.match("RMSNorm", x, tensors=weights, **fields)


def _group_norm(sight: Sight) -> Match:
    x, weights = sight.front(sight.wire("input")), sight.tensors(weight="weight", bias="bias")
    check(("weight" in weights) == ("bias" in weights))
    fields = {"num_groups": sight.number("num_groups"), "eps": sight.number("eps"), "affine": bool(weights)}
    return sight.match("GroupNorm", x, tensors=weights, **fields)


def _instance_norm(sight: Sight) -> Match:
    x, weights = sight.front(sight.wire("input"), 2, 3, 4), sight.tensors(weight="weight", bias="bias")
    check(sight.raw("running_mean") is None and bool(sight.raw("use_input_stats")))
    rank = len(sight.seen(x).dims) - 1
    return sight.match(f"InstanceNorm{rank}d", x, tensors=weights, eps=sight.number("eps"), affine=bool(weights))


def _dropout(kind: str) -> Matcher:
    def match(sight: Sight) -> Match:
        return sight.match(kind, sight.wire("input"), p=sight.number("p"))

    return match


def _channel_dropout(sight: Sight) -> Match:
    x = sight.front(sight.wire("input"), 2, 3, 4)
    return sight.match(f"Dropout{len(sight.seen(x).dims) - 1}d", x, p=sight.number("p"))


def _max_pool(rank: int, indices: bool = False) -> Matcher:
    def match(sight: Sight) -> Match:
        x = sight.front(sight.wire(), rank + 1)
        kernel = sight.several("kernel_size", rank)
        stride = sight.several("stride", rank) if sight.raw("stride") else kernel
        fields: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "padding": sight.several("padding", rank)}
        fields |= {"dilation": sight.several("dilation", rank), "ceil_mode": bool(sight.raw("ceil_mode"))}
        both = indices and bool(sight.used(1))
        outputs = sight.call.outputs[:2] if both else sight.call.outputs[:1]
        wanted = {"return_indices": True} if both else {}
        return Match(f"MaxPool{rank}d", (x,), outputs, _scalars({**fields, **wanted}, rank))

    return match


def _avg_pool(rank: int) -> Matcher:
    def match(sight: Sight) -> Match:
        x, kernel = sight.front(sight.wire(), rank + 1), sight.several("kernel_size", rank)
        check(sight.raw("divisor_override") is None)
        stride = sight.several("stride", rank) if sight.raw("stride") else kernel
        fields = {"kernel_size": kernel, "stride": stride, "padding": sight.several("padding", rank)}
        flags = {name: bool(sight.raw(name)) for name in ("ceil_mode", "count_include_pad")}
        return sight.match(f"AvgPool{rank}d", x, **_scalars(fields, rank), **flags)

    return match


def _adaptive(kind: str, rank: int) -> Matcher:
    def match(sight: Sight) -> Match:
        check(not sight.used(1))
        x, size = sight.front(sight.wire(), rank + 1), {"output_size": sight.several("output_size", rank)}
        return Match(f"{kind}{rank}d", (x,), (sight.output,), _scalars(size, rank))

    return match


def _unpool(sight: Sight) -> Match:
    x, indices = sight.front(sight.wire(), 3), sight.front(sight.wire("indices"), 3)
    size, before = sight.seen(sight.output).dims[1:], sight.seen(x).dims[1:]
    kernel = [max(1, out // n) for out, n in zip(size, before, strict=True)]
    exact = [n * k for n, k in zip(before, kernel, strict=True)] == list(size)
    fields = {"kernel_size": kernel, "stride": kernel, **({} if exact else {"size": size})}
    return Match("MaxUnpool2d", (x, indices), (sight.output,), fields)


def _upsample(mode: str, rank: int = 2) -> Matcher:
    kind = {1: "Upsample1d", 2: "Upsample", 3: "Upsample3d"}[rank]

    def match(sight: Sight) -> Match:
        x = sight.front(sight.wire("input"), rank + 1)
        corners = {"align_corners": True} if sight.raw("align_corners") else {}
        size, before = sight.seen(sight.output).dims[1:], sight.seen(x).dims[1:]
        scales = {out / n for out, n in zip(size, before, strict=True)}
        if len(scales) == 1 and min(scales) == int(min(scales)):
            return sight.match(kind, x, scale_factor=int(min(scales)), mode=mode, **corners)
        check(not sight.raw("scale_factors") or bool(corners))
        return sight.match(kind, x, **_scalars({"size": size}, rank), mode=mode, **corners)

    return match


def _factor(kind: str, name: str, argument: str) -> Matcher:
    def match(sight: Sight) -> Match:
        return sight.match(kind, sight.front(sight.wire(), 3), **{name: sight.number(argument)})

    return match


def _plain(kind: str, argument: str = "self") -> Matcher:
    def match(sight: Sight) -> Match:
        x = sight.wire(argument)
        check(sight.seen(x).dtype.startswith("float"))
        return sight.match(kind, x)

    return match


def _with(kind: str, **names: str) -> Matcher:
    """An activation with numbers: their names in the layer, and those of the arguments."""

    def match(sight: Sight) -> Match:
        return sight.match(kind, sight.wire(), **{name: sight.number(given) for name, given in names.items()})

    return match


def _elu(sight: Sight) -> Match:
    check(sight.number("scale") == 1 and sight.number("input_scale") == 1)
    return sight.match("ELU", sight.wire(), alpha=sight.number("alpha"))


def _softplus(sight: Sight) -> Match:
    check(sight.number("threshold") == 20)
    return sight.match("Softplus", sight.wire(), beta=sight.number("beta"))


def _between(sight: Sight, low: Any, high: Any) -> Match:
    check(isinstance(low, int | float) and isinstance(high, int | float) and low < high)
    check(sight.seen(sight.wire()).dtype.startswith("float"))
    if (low, high) == (0, 6):
        return sight.match("ReLU6", sight.wire())
    return sight.match("Hardtanh", sight.wire(), min_val=float(low), max_val=float(high))


def _hardtanh(sight: Sight) -> Match:
    return _between(sight, sight.number("min_val"), sight.number("max_val"))


def _clamp(sight: Sight) -> Match:
    low, high = sight.number("min"), sight.number("max")
    if low == 0 and high is None:
        return _plain("ReLU")(sight)  # type: ignore[return-value]
    return _between(sight, low, high)


def _glu(sight: Sight) -> Match:
    x = sight.wire()
    axis = sight.axis(x, sight.number("dim"))
    return sight.match("GLU", x, axis=-1 if axis == len(sight.seen(x).dims) > 1 else axis)


def _softmax(kind: str) -> Matcher:
    def match(sight: Sight) -> Match:
        x = sight.wire()
        check(sight.raw("dtype") is None)
        axis = sight.axis(x, sight.number("dim"))
        last = axis == len(sight.seen(x).dims) and axis > 1
        return sight.match(kind, x, axis=-1 if last else axis)

    return match


def _prelu(sight: Sight) -> Match:
    x, weights = sight.front(sight.wire()), sight.tensors(weight="weight")
    return sight.match("PReLU", x, tensors=weights, per_channel=sight.sizes(weights["weight"]) != (1,))


def _recurrent(kind: str, **more: Any) -> Matcher:
    def match(sight: Sight) -> Match | list[Match]:
        first = bool(sight.raw("batch_first"))
        x = sight.wire("input")
        check(sight.seen(x).axis == (0 if first else 1) and len(sight.seen(x).dims) == 2 and _at_rest(sight))
        weights, units = _recurrent_weights(sight, kind)
        ways = bool(sight.raw("bidirectional"))
        fields = {"hidden_size": units, "num_layers": sight.number("num_layers"), "bidirectional": ways, **more}
        fields |= {"dropout": sight.number("dropout"), "bias": bool(sight.raw("has_biases"))}
        steps, states = sight.used(0), [name for i in (1, 2) if (name := sight.used(i))]
        check(sight.used(2) == "" or kind == "LSTM")
        check(states in ([], [sight.used(1)]))
        ends = _ends(sight, states[0]) if states else ()
        check(not (states and ways))
        covers = (*states, *ends)
        if not steps:
            layer = Match(kind, (x,), ends[:1], {**fields, "result": "last"}, weights, covers)
            return [layer, *(Match("", ends[:1], (end,)) for end in ends[1:])]
        layer = Match(kind, (x,), (steps,), {**fields, "result": "all"}, weights, covers)
        last = {"axis": 1, "start": -1, "drop": True}
        return [layer, *(Match("Slice", (steps,), (end,), last) for end in ends)]

    return match


def _at_rest(sight: Sight) -> bool:
    """Whether it starts from nothing."""
    states = sight.raw("hx")
    names = [state.name for state in (states if isinstance(states, list) else [states])]
    makers = [sight.known.makers.get(name) for name in names]
    return all(maker is not None and maker.operation in ("zeros", "new_zeros", "zeros_like") for maker in makers)


def _recurrent_weights(sight: Sight, kind: str) -> tuple[dict[str, str], int]:
    """The weights by PyTorch's own names, and how many units there are."""
    given = [item.name for item in sight.raw("params")]
    parts = ("weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if sight.raw("has_biases") else ()))
    ways = ("", "_reverse") if sight.raw("bidirectional") else ("",)
    layers = range(sight.number("num_layers"))
    names = [f"{part}_l{layer}{way}" for layer in layers for way in ways for part in parts]
    check(len(names) == len(given) and all(name in sight.known.program.tensors for name in given))
    return dict(zip(names, given, strict=True)), sight.sizes(given[1])[1]


def _ends(sight: Sight, state: str) -> tuple[str, ...]:
    """The values that take the last layer's final state alone. Unsuited where it is taken in another way."""
    last = sight.number("num_layers") - 1
    users = sight.users.get(state, [])
    for user in users:
        fine = user.target == "aten.select.int" and user.given.get("dim") == 0 and user.given.get("index") in (-1, last)
        squeezed = user.target == "aten.squeeze.dim" and user.given.get("dim") == 0 and last == 0
        if not (fine or squeezed):
            raise Unsuited
    if state in sight.known.program.outputs:
        raise Unsuited
    return tuple(user.outputs[0] for user in users)


WEIGHING: Mapping[str, Matcher] = {
    **{f"conv{rank}d": _convolution(rank) for rank in (1, 2, 3)},
    **{f"conv_transpose{rank}d": _transposed(rank) for rank in (1, 2, 3)},
    "linear": _linear,
    "embedding": _embedding,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
    "dropout": _dropout("Dropout"),
    "feature_dropout": _channel_dropout,
    "alpha_dropout": _dropout("AlphaDropout"),
    "max_pool1d": _max_pool(1),
    "max_pool2d": _max_pool(2),
    "max_pool2d_with_indices": _max_pool(2, indices=True),
    "max_pool3d": _max_pool(3),
    "max_pool1d_with_indices": _max_pool(1, indices=True),
    **{f"avg_pool{rank}d": _avg_pool(rank) for rank in (1, 2, 3)},
    **{f"adaptive_avg_pool{rank}d": _adaptive("AdaptiveAvgPool", rank) for rank in (1, 2, 3)},
    **{f"adaptive_max_pool{rank}d": _adaptive("AdaptiveMaxPool", rank) for rank in (1, 2, 3)},
    "max_unpool2d": _unpool,
    "upsample_nearest2d": _upsample("nearest"),
    "upsample_bilinear2d": _upsample("bilinear"),
    "upsample_bicubic2d": _upsample("bicubic"),
    "upsample_nearest1d": _upsample("nearest", 1),
    "upsample_linear1d": _upsample("linear", 1),
    "upsample_nearest3d": _upsample("nearest", 3),
    "upsample_trilinear3d": _upsample("trilinear", 3),
    "pixel_shuffle": _factor("PixelShuffle", "upscale_factor", "upscale_factor"),
    "pixel_unshuffle": _factor("PixelUnshuffle", "downscale_factor", "downscale_factor"),
    "channel_shuffle": _factor("ChannelShuffle", "groups", "groups"),
    **{kind.lower(): _plain(kind) for kind in ("ReLU", "ReLU6", "SELU", "Sigmoid", "Tanh", "Mish", "SiLU")},
    "hardswish": _plain("Hardswish"),
    "hardsigmoid": _plain("Hardsigmoid"),
    "hardtanh": _hardtanh,
    "clamp": _clamp,
    "glu": _glu,
    "softsign": _plain("Softsign"),
    "log_sigmoid": _plain("LogSigmoid"),
    "celu": _with("CELU", alpha="alpha"),
    "leaky_relu": _with("LeakyReLU", negative_slope="negative_slope"),
    "rrelu": _with("RReLU", lower="lower", upper="upper"),
    "gelu": _with("GELU", approximate="approximate"),
    "elu": _elu,
    "softplus": _softplus,
    "softmax": _softmax("Softmax"),
    "log_softmax": _softmax("LogSoftmax"),
    "prelu": _prelu,
    "lstm": _recurrent("LSTM"),
    "gru": _recurrent("GRU"),
    "rnn_tanh": _recurrent("RNN", nonlinearity="tanh"),
    "rnn_relu": _recurrent("RNN", nonlinearity="relu"),
}
"""By the name of the function."""
