"""Figures that nobody publishes as such are worked out here from the description of each paper, layer by layer."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest

from graphs.architectures import find


def conv(channels: int, filters: int, kernel: int, bias: bool = True) -> int:
    """Learned values of a convolution."""
    return channels * filters * kernel**2 + (filters if bias else 0)


def chain(*widths: int, kernel: int = 3) -> int:
    """Convolutions one after another."""
    return sum(conv(a, b, kernel) for a, b in itertools.pairwise(widths))


def dense(*widths: int) -> int:
    """Linear layers one after another."""
    return sum(a * b + b for a, b in itertools.pairwise(widths))


VGG16 = chain(3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
FCN = VGG16 + conv(512, 4096, 7) + conv(4096, 4096, 1) + conv(4096, 21, 1)


def enlarging(kernel: int) -> int:
    """A transposed convolution from 21 scores to 21 scores, without bias."""
    return conv(21, 21, kernel, bias=False)


def alphago(k: int) -> int:
    return conv(48, k, 5) + 11 * conv(k, k, 3) + k + 19**2


def unet() -> int:
    down = sum(chain(a, b, b) for a, b in ((1, 64), (64, 128), (128, 256), (256, 512), (512, 1024)))
    up = sum(conv(2 * w, w, 2) + chain(2 * w, w, w) for w in (512, 256, 128, 64))
    return down + up + conv(64, 2, 1)


def resnet50(stages: int) -> int:
    """The first stages of a ResNet-50, without biases but with normalisation."""
    total, channels = 3 * 64 * 49 + 128, 64
    for index, depth in enumerate((3, 4, 6, 3)[:stages]):
        width = 64 << index
        total += channels * width * 4 + 8 * width
        for _ in range(depth):
            total += channels * width + 9 * width**2 + 4 * width**2 + 12 * width
            channels = width * 4
    return total


def sharpmask() -> int:
    coarse = conv(1024, 128, 1) + dense(12_800, 512, 3200)
    steps = ((1024, 32), (512, 16), (256, 8), (64, 4))
    refined = sum(conv(seen, k, 3) + conv(2 * k, k // 2, 3) for seen, k in steps)
    return resnet50(3) + coarse + refined + conv(2, 1, 3)


def letters(gates: int, letters: int = 65, width: int = 128) -> int:
    layer = gates * (2 * width**2 + 2 * width)
    return letters * width + 2 * layer + dense(width, letters)


def attention(width: int, inner: int) -> int:
    """A layer of a transformer: four projections, two Linear, two normalisations."""
    return 4 * dense(width, width) + dense(width, inner, width) + 4 * width


def gpt(vocabulary: int, length: int, layers: int, d: int) -> int:
    return vocabulary * d + length * d + layers * attention(d, 4 * d) + 2 * d


def mirrored(classes: int) -> int:
    """SegNet: VGG-16, its mirror image, and two numbers for each normalised channel."""
    up = chain(512, 512, 512, 512, 512, 512, 256, 256, 256, 128, 128, 64, 64, classes)
    normalised = 2 * (2 * 64 + 2 * 128 + 3 * 256 + 6 * 512) + 2 * (5 * 512 + 3 * 256 + 2 * 128 + 2 * 64)
    return VGG16 + up + normalised


def deconvnet() -> int:
    """DeconvNet: 13 convolutions, three large layers, 13 transposed convolutions, all but the scores normalised."""
    middle = conv(512, 4096, 7) + conv(4096, 4096, 1) + conv(4096, 512, 7)
    up = chain(512, 512, 512, 512, 512, 512, 256, 256, 256, 128, 128, 64, 64, 64) + conv(64, 21, 1)
    channels = 2 * 64 + 2 * 128 + 3 * 256 + 6 * 512 + 2 * 4096 + 512 + 5 * 512 + 3 * 256 + 2 * 128 + 3 * 64
    return VGG16 + middle + up + 2 * channels


def dcgan(widths: tuple[int, ...], first: int, last: int) -> int:
    """Convolutions of 4×4 without bias between these widths, normalised but for the first and the last."""
    weights = sum(16 * a * b for a, b in itertools.pairwise(widths))
    return weights + 2 * sum(widths[first:last])


BY_HAND: Mapping[str, int] = {
    **{f"alphago{k}": alphago(k) for k in (128, 192, 256, 384)},
    "fcn32s": FCN + enlarging(64),
    "fcn16s": FCN + conv(512, 21, 1) + enlarging(4) + enlarging(32),
    "fcn8s": FCN + conv(512, 21, 1) + conv(256, 21, 1) + 2 * enlarging(4) + enlarging(16),
    "unet_valid": unet(),
    "unet_same": unet(),
    "segnet": mirrored(12),
    "deconvnet": deconvnet(),
    "sharpmask_resnet50": sharpmask(),
    "char_rnn": letters(1),
    "char_gru": letters(3),
    "char_lstm": letters(4),
    "show_and_tell": resnet50(4) + dense(2048, 512) + 10_000 * 512 + 4 * (2 * 512**2 + 1024) + dense(512, 10_000),
    "kim_cnn": 18_765 * 300 + sum(300 * 100 * width + 100 for width in (3, 4, 5)) + dense(300, 2),
    "siamese_omniglot": conv(1, 64, 10)
    + conv(64, 128, 7)
    + conv(128, 128, 4)
    + conv(128, 256, 4)
    + dense(9216, 4096, 1),
    "albert_base": 30_000 * 128 + (512 + 2 + 2) * 128 + dense(128, 768) + attention(768, 3072) + dense(768, 768, 2),
    "dcnn_sst": 15_448 * 48 + 48 * (6 * 7 + 6) + 24 * 14 * (6 * 5 + 1) + dense(12 * 14 * 4, 5),
    "deepmask_vgg": chain(3, 64, 128, 256, 256, 512, 512, 512, 512)
    + conv(512, 512, 1)
    + dense(512 * 14**2, 512, 56**2)
    + dense(512 * 7**2, 512, 1024, 1),
    "gpt_mini": gpt(65, 256, 6, 384),
    "gpt2": gpt(50_257, 1024, 12, 768),
    "encoder_small": 8192 * 128 + 2 * attention(128, 512) + dense(128, 2),
    "encoder_base": 10_000 * 512 + 6 * attention(512, 2048) + dense(512, 2),
    "autoencoder_deep": dense(784, 1000, 500, 250, 30, 250, 500, 1000, 784),
    "autoencoder_dense": dense(784, 128, 64, 10, 64, 128, 784),
    "autoencoder_sparse": dense(784, 32, 784),
    "autoencoder_conv": chain(1, 16, 8, 8, 8, 8, 16, 1),
    "autoencoder_denoising": chain(1, 32, 32, 32, 32, 1),
    "dcgan_generator": dcgan((100, 512, 256, 128, 64, 3), 1, 5),
    "dcgan_discriminator": dcgan((3, 64, 128, 256, 512, 1), 2, 5),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_the_figure_is_what_the_paper_comes_to(name: str) -> None:
    kind, variant = find(name)
    assert kind.published[variant].count == BY_HAND[name]
    assert (
        "hand" in kind.published[variant].source
        or name in ("unet_same", "encoder_base", "gpt2", "albert_base")
        or "table" in (kind.published[variant].source)
    )


def test_the_tables_of_gpt2_are_one() -> None:
    assert gpt(50_257, 1024, 12, 768) == 124_439_808
