"""Small networks as people write them, with inputs for them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


class Cnn(nn.Module):
    """Layers that are modules, and functions between them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, (3, 1), stride=2, padding="valid", groups=2, bias=False)
        self.drop = nn.Dropout2d(0.2)
        self.fc = nn.Linear(8 * 3 * 4, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = self.drop(functional.silu(self.conv2(functional.pad(x, (0, 0, 0, 0)))))
        x = functional.adaptive_avg_pool2d(x, (3, 4))
        return functional.log_softmax(self.fc(torch.flatten(x, 1)), dim=1)


class Basic(nn.Module):
    """A residual block."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.downsample = None
        if stride > 1:
            self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class Residual(nn.Module):
    """Stages of blocks, additions and ReLUs in place, one ReLU called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.layer1 = nn.Sequential(Basic(8, 8, 1), Basic(8, 8, 1))
        self.layer2 = nn.Sequential(Basic(8, 16, 2), Basic(16, 16, 1))
        self.fc = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer2(self.layer1(self.stem(x)))
        return self.fc(x.mean([2, 3]))


class Words(nn.Module):
    """A text classifier: all steps, and the last state."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 12)
        self.lstm = nn.LSTM(12, 7, num_layers=2, batch_first=True)
        self.gru = nn.GRU(7, 6, batch_first=True, bidirectional=True)
        self.rnn = nn.RNN(12, 5, batch_first=False)
        self.head = nn.Linear(6 * 2 + 7 + 5, 4)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embed(tokens)
        steps, (state, _) = self.lstm(x)
        both, _ = self.gru(steps)
        _, last = self.rnn(x.transpose(0, 1))
        return self.head(torch.cat([both[:, -1], state[-1], last[0]], dim=1))


class Shared(nn.Module):
    """A module that is used twice, and a table that is also the head."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 6))
        self.table = nn.Embedding(9, 6)
        self.head = nn.Linear(6, 9, bias=False)
        self.head.weight = self.table.weight

    def forward(self, a: Tensor, b: Tensor, tokens: Tensor) -> Tensor:
        return self.head(self.encoder(a) * self.encoder(b) + self.table(tokens).mean(1))


class Attentive(nn.Module):
    """Attention of three kinds, layers of a transformer, learned positions and a class token."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.places = nn.Parameter(torch.randn(1, 7, 8))
        self.self_attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.cross = nn.MultiheadAttention(8, 4, batch_first=False)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True, norm_first=True)
        self.decoder = nn.TransformerDecoderLayer(8, 2, 16, activation="gelu", batch_first=True)
        self.norm = nn.LayerNorm(8)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), dim=1) + self.places
        y, _ = self.self_attention(x, x, x)
        z, _ = self.cross(y.transpose(0, 1), x.transpose(0, 1), x.transpose(0, 1), need_weights=False)
        return self.norm(self.decoder(self.layer(z.transpose(0, 1)), y))[:, 0]


class Head(nn.Module):
    """Causal attention by hand, as in nanoGPT."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.out = nn.Linear(8, 8)
        self.register_buffer("mask", torch.tril(torch.ones(1, 1, 5, 5)))

    def forward(self, x: Tensor) -> Tensor:
        n, steps, width = x.shape
        q, k, v = self.qkv(x).split(8, dim=2)
        q, k, v = (part.view(n, steps, 2, 4).transpose(1, 2) for part in (q, k, v))
        scores = (q @ k.transpose(-2, -1)) * 4**-0.5
        scores = scores.masked_fill(self.mask[:, :, :steps, :steps] == 0, float("-inf"))
        y = functional.softmax(scores, dim=-1) @ v
        fast = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out((y + fast).transpose(1, 2).contiguous().view(n, steps, width))


class Functional(nn.Module):
    """What no layer says: rolls, sines, einsums, weights of its own, a write into a part, frames of a film."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(6))
        self.mix = nn.Parameter(torch.randn(6, 4))
        self.register_buffer("shift", torch.arange(6.0))
        self.each = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.roll(x, 1, dims=1) * self.gain + torch.sin(x - self.shift)
        y = y.clone()
        y[:, 0] = x[:, 1].clamp(min=0.0)
        z = torch.einsum("nti,ij->ntj", torch.stack([y, x], 1), self.mix)
        frames = self.each(z.reshape(-1, 4)).view(x.shape[0], 2, 3)
        return frames.flatten(1) / (frames.flatten(1).norm(dim=1, keepdim=True) + 1) - x


class Many(nn.Module):
    """Several inputs and several results."""

    def __init__(self) -> None:
        super().__init__()
        self.image = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.row = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU())
        self.a, self.b = nn.Linear(8, 2), nn.Linear(8, 1)

    def forward(self, image: Tensor, row: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        both = torch.cat([self.image(image), self.row(row)], 1)
        return self.a(both), {"b": self.b(both).squeeze(1), "image": image.mean((1, 2, 3))}


NETS: dict[str, tuple[Callable[[], nn.Module], Callable[[int], tuple[Tensor, ...]], int]] = {
    "cnn": (Cnn, lambda n: (torch.randn(n, 3, 12, 16),), 0),
    "residual": (Residual, lambda n: (torch.randn(n, 3, 12, 12),), 0),
    "words": (Words, lambda n: (torch.randint(0, 50, (n, 6)),), 0),
    "shared": (Shared, lambda n: (torch.randn(n, 6), torch.randn(n, 6), torch.randint(0, 9, (n, 3))), 0),
    "attentive": (Attentive, lambda n: (torch.randn(n, 6, 8),), 0),
    "head": (Head, lambda n: (torch.randn(n, 5, 8),), 2),
    "functional": (Functional, lambda n: (torch.randn(n, 6),), 11),
    "many": (Many, lambda n: (torch.randn(n, 1, 8, 8), torch.randn(n, 3)), 0),
}
"""How it is made, inputs for a batch, and how many operations are left in it at most."""
