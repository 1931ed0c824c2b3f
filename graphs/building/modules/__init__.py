"""Modules that torch.nn lacks: one for each layer kind that is a call, or several, in PyTorch. A file per family.

A build has one fresh module per node, since attribution and hooks need one to hold on to. Generated source prints
the classes that it constructs from here (`graphs.building.written.helpers`), with what they use of their own file:
so they stand on torch, the standard library and each other alone.
"""

from __future__ import annotations

from graphs.building.modules.attention import (
    ClassToken,
    MultiheadAttention,
    Parameter,
    PatchEmbedding,
    PositionalEmbedding,
    PositionalEncoding,
    SqueezeExcitation,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from graphs.building.modules.joining import (
    Add,
    Concat,
    Divide,
    GlobalAvgPool,
    Multiply,
    Permute,
    Reshape,
    Stack,
    Subtract,
)
from graphs.building.modules.onnx import OnnxOp
from graphs.building.modules.operation import Tensors
from graphs.building.modules.recurrent import GRU, LSTM, RNN, GatedLSTM
from graphs.building.modules.scaling import DropPath, LayerNorm2d, LayerScale, LocalResponseNorm2d, Scale
from graphs.building.modules.slicing import ChannelShuffle, Constant, MatMul, Mean, Pad, Slice, Split
from graphs.building.modules.sliding import (
    BedOfNails,
    KMaxPool,
    MaxUnpool1d,
    MaxUnpool2d,
    SeparableConv2d,
    SumPool2d,
    UntiedConv2d,
)
from graphs.building.modules.torch_op import TorchOp
from graphs.building.modules.units import APL, CenteredSoftplus, GaussianNoise, Maxout, QuickGELU, Step

__all__ = [
    "APL",
    "GRU",
    "LSTM",
    "RNN",
    "Add",
    "BedOfNails",
    "CenteredSoftplus",
    "ChannelShuffle",
    "ClassToken",
    "Concat",
    "Constant",
    "Divide",
    "DropPath",
    "GatedLSTM",
    "GaussianNoise",
    "GlobalAvgPool",
    "KMaxPool",
    "LayerNorm2d",
    "LayerScale",
    "LocalResponseNorm2d",
    "MatMul",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "Maxout",
    "Mean",
    "MultiheadAttention",
    "Multiply",
    "OnnxOp",
    "Pad",
    "Parameter",
    "PatchEmbedding",
    "Permute",
    "PositionalEmbedding",
    "PositionalEncoding",
    "QuickGELU",
    "Reshape",
    "Scale",
    "SeparableConv2d",
    "Slice",
    "Split",
    "SqueezeExcitation",
    "Stack",
    "Step",
    "Subtract",
    "SumPool2d",
    "Tensors",
    "TorchOp",
    "TransformerDecoderLayer",
    "TransformerEncoderLayer",
    "UntiedConv2d",
]
