"""Which operators of ONNX there are here: how many values each takes and gives, and which function computes it.

Light: no torch and no onnx. The functions stand in `graphs.building.modules.onnx`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NEWEST = 28
"""The newest opset that is known."""

_OPERATORS = """
Abs 1; Acos 1; Acosh 1; Add 2; AffineGrid 2 known=1; And 2; ArgMax 1; ArgMin 1; Asin 1; Asinh 1; Atan 1; Atanh 1
Attention 3-7 1-4; AveragePool 1; BatchNormalization 5 1-5 outputs; Bernoulli 1; BitCast 1; BitShift 2; BitwiseAnd 2
BitwiseNot 1; BitwiseOr 2; BitwiseXor 2; BlackmanWindow 1 known=0; Cast 1; CastLike 2; CausalConvWithState 2-4 1-2
Ceil 1; Celu 1; CenterCropPad 2 known=1; Clip 1-3; Col2Im 3 known=1,2; Compress 2 known=1; Concat 1+; Constant 0
ConstantOfShape 1 known=0; Conv 2-3; ConvInteger 2-4; ConvTranspose 2-3; Cos 1; Cosh 1; CumProd 2 known=1
CumSum 2 known=1; DeformConv 3-5; DepthToSpace 1; DequantizeLinear 2-3; Det 1; DFT 1-3 known=1,2; Div 2
Dropout 1-3 1-2 known=1,2 outputs; DynamicQuantizeLinear 1 1-3; Einsum 1+; Elu 1; Equal 2; Erf 1; Exp 1
Expand 2 known=1; EyeLike 1; Flatten 1; Floor 1; Gather 2; GatherElements 2; GatherND 2; Gelu 1; Gemm 2-3
GlobalAveragePool 1; GlobalLpPool 1; GlobalMaxPool 1; Greater 2; GreaterOrEqual 2; GridSample 2; GroupNormalization 3
GRU 3-6 1-2; HammingWindow 1 known=0; HannWindow 1 known=0; Hardmax 1; HardSigmoid 1; HardSwish 1; Identity 1
InstanceNormalization 3; IsInf 1; IsNaN 1; LayerNormalization 2-3 1-3 outputs; LeakyRelu 1; Less 2; LessOrEqual 2
LinearAttention 3-6 1-2; Log 1; LogSoftmax 1; LpNormalization 1; LpPool 1; LRN 1; LSTM 3-8 1-3; MatMul 2
MatMulInteger 2-4; Max 1+; MaxPool 1 1-2 outputs; MaxUnpool 2-3 known=2; Mean 1+; MeanVarianceNormalization 1
MelWeightMatrix 5 known=0,1,2,3,4; Min 1+; Mish 1; Mod 2; Mul 2; Multinomial 1; Neg 1; NegativeLogLikelihoodLoss 2-3
NonZero 1; Not 1; OneHot 3 known=1; Or 2; Pad 1-4 known=1,3; Pow 2; PRelu 2; QLinearConv 8-9; QLinearMatMul 8
QuantizeLinear 2-3; RandomNormal 0; RandomNormalLike 1; RandomUniform 0; RandomUniformLike 1; Range 3 known=0,1,2
Reciprocal 1; ReduceL1 1-2 known=1; ReduceL2 1-2 known=1; ReduceLogSum 1-2 known=1; ReduceLogSumExp 1-2 known=1
ReduceMax 1-2 known=1; ReduceMean 1-2 known=1; ReduceMin 1-2 known=1; ReduceProd 1-2 known=1; ReduceSum 1-2 known=1
ReduceSumSquare 1-2 known=1; Relu 1; Reshape 1-2 known=1; Resize 1-4 known=1,2,3; ReverseSequence 2
RMSNormalization 2; RNN 3-6 1-2; RoiAlign 3; RotaryEmbedding 3-4; Round 1; Scatter 3; ScatterElements 3; ScatterND 3
Selu 1; Shape 1; Shrink 1; Sigmoid 1; Sign 1; Sin 1; Sinh 1; Size 1; Slice 1-5 known=1,2,3,4; Softmax 1
SoftmaxCrossEntropyLoss 2-3 1-2; Softplus 1; Softsign 1; SpaceToDepth 1; Split 1-2 1-1024 known=1 outputs; Sqrt 1
Squeeze 1-2 known=1; STFT 2-4 known=1,3; Sub 2; Sum 1+; SwiGLU 2; Swish 1; Tan 1; Tanh 1; TensorScatter 2-3
ThresholdedRelu 1; Tile 1-3 known=1,2; TopK 1-2 1-2 known=1; Transpose 1; Trilu 1-2 known=1; Unique 1 1-4
Unsqueeze 1-2 known=1; Upsample 1-2 known=1; Where 3; Xor 2
"""
"""Name, values taken ("2", "1-3", "1+"), values given where not one, `known=`: inputs whose numbers decide the shape
or the way, so that they must be constants; `outputs`: the function is told how many results are wanted."""

_SINCE: Mapping[str, Mapping[int, str]] = {
    **{name: {1: f"{name}_along", 7: name} for name in ("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor")},
    **{name: {1: f"{name}_along", 7: name} for name in ("Equal", "Greater", "Less")},
    **{name: {1: f"{name}_flat", 13: name} for name in ("Softmax", "LogSoftmax", "Hardmax")},
    "IsNaN": {1: "Isnan"},
    "PRelu": {1: "PreluChannels", 7: "Prelu"},
    "DFT": {17: "DftAlong", 20: "Dft"},
    "Resize": {10: "ResizeFloor", 11: "Resize"},
    "Upsample": {1: "UpsampleScaled", 7: "ResizeFloor"},
    "Scatter": {9: "ScatterElements"},
    "GRU": {1: "Gru"},
    "LRN": {1: "Lrn"},
    "LSTM": {1: "Lstm"},
    "RNN": {1: "Rnn"},
    "STFT": {17: "Stft"},
}
"""Operators whose meaning changed: the function by the first opset that means it so."""

ABSENT: Mapping[str, str] = {
    **dict.fromkeys(("If", "Loop", "Scan", "SequenceMap"), "it holds a graph of its own"),
    **dict.fromkeys(
        (
            *("ConcatFromSequence", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase"),
            *("SequenceInsert", "SequenceLength", "SplitToSequence", "Optional", "OptionalGetElement"),
            "OptionalHasElement",
        ),
        "it works on sequences of tensors or on values that may be missing",
    ),
    **dict.fromkeys(
        ("RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit", "TfIdfVectorizer"), "it works on texts"
    ),
    "ImageDecoder": "it decodes picture files",
    **dict.fromkeys(("NonMaxSuppression", "MaxRoiPool"), "how much it gives depends on the picture"),
    **dict.fromkeys(("Adagrad", "Adam", "Gradient", "Momentum"), "it trains, which Netloom does itself"),
}
"""Operators that are left out, and why."""
VARYING = frozenset({"NonZero", "Unique"})
"""Operators that give as much as their numbers ask for: they are computed where all is constant, but are no layer."""


@dataclass(frozen=True)
class Operator:
    """One operator. `most` and `gives` are the largest numbers of inputs and outputs."""

    name: str
    least: int
    most: int
    fewest: int
    gives: int
    known: frozenset[int]
    counted: bool

    def function(self, version: int) -> str:
        """The function that computes it as that opset means it: "onnx_reduce_sum"."""
        since = _SINCE.get(self.name, {1: self.name})
        return _snake(since[max((first for first in since if first <= version), default=min(since))])


MANY = 1024
"""Values that an operator takes or gives at most."""


def _snake(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return f"onnx_{words.lower()}"


def _range(text: str) -> tuple[int, int]:
    if text.endswith("+"):
        return int(text[:-1]), MANY
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def _read(line: str) -> Operator:
    name, takes, *rest = line.split()
    gives = next((word for word in rest if word[0].isdigit()), "1")
    known = next((word.removeprefix("known=") for word in rest if word.startswith("known=")), "")
    places = frozenset(int(place) for place in known.split(",") if place)
    return Operator(name, *_range(takes), *_range(gives), places, "outputs" in rest)


OPERATORS: Mapping[str, Operator] = {
    operator.name: operator for operator in (_read(line) for line in re.split(r"[;\n]", _OPERATORS) if line.strip())
}

_FORGOTTEN = frozenset({"consumed_inputs"})
"""Attributes of old opsets that say nothing about the result."""
TYPES = (
    *("", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64"),
    *("uint32", "uint64", "complex64", "complex128", "bfloat16"),
)
"""Types as torch names them, at the numbers that ONNX gives them."""


def called(operator: Operator, version: int, attributes: Mapping[str, Any], outputs: int) -> tuple[str, dict[str, Any]]:
    """The function that computes an operator, and what it is given by name."""
    options = {name: value for name, value in attributes.items() if name not in _FORGOTTEN}
    for name in ("to", "dtype", "output_dtype", "output_datatype", "softmax_precision"):
        if name in options:
            options[name] = _type(options[name])
    if operator.counted and outputs > 1:
        options["outputs"] = outputs
    return operator.function(version), options


def _type(number: Any) -> str:
    """The name of a type; one that torch lacks is called "type 17"."""
    if isinstance(number, int):
        return TYPES[number] if 0 < number < len(TYPES) else f"type {number}"
    return str(number)
