"""Networks of layers for series and for volumes, and the kinds that they are here."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Series(nn.Module):
    """[N, 4, 16] through layers of one axis."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.Sequential(
            nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, dilation=2),
            nn.InstanceNorm1d(6, affine=True),
            nn.AvgPool1d(3, 2, padding=1, count_include_pad=False),
            nn.Hardtanh(-0.5, 2.0),
            nn.Softsign(),
            nn.GLU(1),
        )
        self.norm = nn.LayerNorm(17, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.steps(x)
        y = self.norm(x)
        return functional.logsigmoid((x - y) / (functional.celu(y, 0.5) + 2))


SERIES = {
    "ConvTranspose1d": 1,
    "InstanceNorm1d": 1,
    "AvgPool1d": 1,
    "Hardtanh": 1,
    "Softsign": 1,
    "GLU": 1,
    "LayerNorm": 1,
    "Subtract": 1,
    "CELU": 1,
    "Scale": 1,
    "Divide": 1,
    "LogSigmoid": 1,
}


class Stretched(nn.Module):
    """[N, 4, 16] made longer and shorter, and put back: PyTorch spells this out in ONNX."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.MaxPool1d(2, return_indices=True)
        self.back = nn.MaxUnpool1d(2)
        self.steps = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="linear"),
            nn.AdaptiveAvgPool1d(6),
            nn.Dropout1d(0.2),
            nn.Upsample(size=9, mode="linear", align_corners=True),
            nn.AdaptiveMaxPool1d(4),
            nn.AlphaDropout(0.1),
        )

    def forward(self, x: Tensor) -> Tensor:
        small, where = self.pool(x)
        result: Tensor = self.steps(self.back(small * 2, where))
        return result


STRETCHED = {
    "MaxPool1d": 1,
    "Scale": 1,
    "MaxUnpool1d": 1,
    "Upsample1d": 2,
    "AdaptiveAvgPool1d": 1,
    "Dropout1d": 1,
    "AdaptiveMaxPool1d": 1,
    "AlphaDropout": 1,
}


class Volumes(nn.Module):
    """[N, 3, 4, 6, 8] through layers of three axes."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.Sequential(
            nn.Conv3d(3, 4, 3, padding=1, bias=False),
            nn.BatchNorm3d(4),
            nn.MaxPool3d((1, 2, 2)),
            nn.ConvTranspose3d(4, 5, 2, stride=2),
            nn.InstanceNorm3d(5, affine=True),
            nn.AvgPool3d(2, 2),
            nn.Dropout3d(0.2),
            nn.Upsample(scale_factor=2, mode="trilinear", align_corners=True),
            nn.AdaptiveAvgPool3d(1),
            nn.Flatten(),
        )

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.steps(x)
        return result


VOLUMES = {
    "Conv3d": 1,
    "BatchNorm3d": 1,
    "MaxPool3d": 1,
    "ConvTranspose3d": 1,
    "InstanceNorm3d": 1,
    "AvgPool3d": 1,
    "Upsample3d": 1,
}


def lively(module: nn.Module) -> nn.Module:
    """The module with numbers in all of its weights and memories, to be used."""
    generator = torch.Generator().manual_seed(7)
    for value in (*module.parameters(), *module.buffers()):
        if value.is_floating_point():
            value.data = 0.3 * torch.randn(value.shape, generator=generator) + (0.5 if value.ndim == 1 else 0.0)
    for name, value in module.named_buffers():
        if name.endswith("running_var"):
            value.data = value.data.abs() + 0.5
    return module.eval()
