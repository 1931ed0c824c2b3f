"""What torchvision's models hold, by name and shape, written down without it: an independent list for the names.

Each function lists the weights of one family as its state dict has them, from what is published of the layers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

Shape = tuple[int, ...]
Keys = dict[str, Shape]


class Listing:
    """Names and shapes as they are written down."""

    def __init__(self) -> None:
        self.keys: Keys = {}

    def conv(self, path: str, out: int, into: int, high: int, wide: int = 0, bias: bool = False) -> int:
        self.keys[f"{path}.weight"] = (out, into, high, wide or high)
        if bias:
            self.keys[f"{path}.bias"] = (out,)
        return out

    def linear(self, path: str, out: int, into: int) -> int:
        self.keys |= {f"{path}.weight": (out, into), f"{path}.bias": (out,)}
        return out

    def scales(self, path: str, count: int) -> None:
        self.keys |= {f"{path}.weight": (count,), f"{path}.bias": (count,)}

    def norm(self, path: str, count: int) -> None:
        self.scales(path, count)
        self.keys |= {f"{path}.running_mean": (count,), f"{path}.running_var": (count,)}
        self.keys[f"{path}.num_batches_tracked"] = ()

    def unit(self, path: str, out: int, into: int, high: int, wide: int = 0, names: str = "01") -> int:
        """A convolution and its normalisation: ".0" and ".1", or ".conv" and ".bn"."""
        first, second = ("conv", "bn") if names == "conv" else names
        self.conv(f"{path}.{first}", out, into, high, wide)
        self.norm(f"{path}.{second}", out)
        return out


def divisible(value: float) -> int:
    near = max(8, int(value + 4) // 8 * 8)
    return near + 8 if near < 0.9 * value else near


def resnet(name: str) -> Keys:
    depths = {"18": (2, 2, 2, 2), "34": (3, 4, 6, 3), "50": (3, 4, 6, 3), "101": (3, 4, 23, 3), "152": (3, 8, 36, 3)}
    depth = next(d for d in ("152", "101", "50", "34", "18") if f"t{d}" in name)
    groups, base = {"32x4d": (32, 4), "32x8d": (32, 8), "64x4d": (64, 4)}.get(name.split("_")[-1], (1, 64))
    base = 128 if name.startswith("wide") else base
    k, into = Listing(), 64
    k.conv("conv1", 64, 3, 7)
    k.norm("bn1", 64)
    for stage, count in enumerate(depths[depth], 1):
        width = 32 << stage
        out = width if depth in ("18", "34") else 4 * width
        for block in range(count):
            at = f"layer{stage}.{block}"
            if out == width:
                k.conv(f"{at}.conv1", width, into, 3)
                k.conv(f"{at}.conv2", width, width, 3)
                sizes = (width, width)
            else:
                inner = width * base // 64 * groups
                k.conv(f"{at}.conv1", inner, into, 1)
                k.conv(f"{at}.conv2", inner, inner // groups, 3)
                k.conv(f"{at}.conv3", out, inner, 1)
                sizes = (inner, inner, out)
            for place, size in enumerate(sizes, 1):
                k.norm(f"{at}.bn{place}", size)
            if into != out:
                k.unit(f"{at}.downsample", out, into, 1)
            into = out
    k.linear("fc", 1000, into)
    return k.keys


def alexnet(name: str) -> Keys:
    k, into = Listing(), 3
    for place, out, size in ((0, 64, 11), (3, 192, 5), (6, 384, 3), (8, 256, 3), (10, 256, 3)):
        into = k.conv(f"features.{place}", out, into, size, bias=True)
    into *= 36
    for place, out in ((1, 4096), (4, 4096), (6, 1000)):
        into = k.linear(f"classifier.{place}", out, into)
    return k.keys


def vgg(name: str) -> Keys:
    plans = {"11": "1 1 2 2 2", "13": "2 2 2 2 2", "16": "2 2 3 3 3", "19": "2 2 4 4 4"}
    k, into, place, normed = Listing(), 3, 0, name.endswith("_bn")
    for count, out in zip(map(int, plans[name[3:5]].split()), (64, 128, 256, 512, 512), strict=True):
        for _ in range(count):
            into = k.conv(f"features.{place}", out, into, 3, bias=True)
            if normed:
                k.norm(f"features.{place + 1}", out)
            place += 3 if normed else 2
        place += 1
    into *= 49
    for place, out in ((0, 4096), (3, 4096), (6, 1000)):
        into = k.linear(f"classifier.{place}", out, into)
    return k.keys


def squeezenet(name: str) -> Keys:
    k, early = Listing(), name.endswith("1_1")
    into = k.conv("features.0", 64 if early else 96, 3, 3 if early else 7, bias=True)
    places = (3, 4, 6, 7, 9, 10, 11, 12) if early else (3, 4, 5, 7, 8, 9, 10, 12)
    for place, squeeze in zip(places, (16, 16, 32, 32, 48, 48, 64, 64), strict=True):
        at = f"features.{place}"
        k.conv(f"{at}.squeeze", squeeze, into, 1, bias=True)
        k.conv(f"{at}.expand1x1", 4 * squeeze, squeeze, 1, bias=True)
        k.conv(f"{at}.expand3x3", 4 * squeeze, squeeze, 3, bias=True)
        into = 8 * squeeze
    k.conv("classifier.1", 1000, into, 1, bias=True)
    return k.keys


def densenet(name: str) -> Keys:
    plans = {"121": (6, 12, 24, 16), "161": (6, 12, 36, 24), "169": (6, 12, 32, 32), "201": (6, 12, 48, 32)}
    growth, into = (48, 96) if name.endswith("161") else (32, 64)
    k = Listing()
    k.conv("features.conv0", into, 3, 7)
    k.norm("features.norm0", into)
    for stage, count in enumerate(plans[name[-3:]], 1):
        for layer in range(1, count + 1):
            at = f"features.denseblock{stage}.denselayer{layer}"
            k.norm(f"{at}.norm1", into)
            k.conv(f"{at}.conv1", 4 * growth, into, 1)
            k.norm(f"{at}.norm2", 4 * growth)
            k.conv(f"{at}.conv2", growth, 4 * growth, 3)
            into += growth
        if stage < 4:
            k.norm(f"features.transition{stage}.norm", into)
            into = k.conv(f"features.transition{stage}.conv", into // 2, into, 1)
    k.norm("features.norm5", into)
    k.linear("classifier", 1000, into)
    return k.keys


def googlenet(name: str) -> Keys:
    k = Listing()
    for place, (out, into, size) in enumerate(((64, 3, 7), (64, 64, 1), (192, 64, 3)), 1):
        k.unit(f"conv{place}", out, into, size, names="conv")
    rows = """3a 64 96 128 16 32 32, 3b 128 128 192 32 96 64, 4a 192 96 208 16 48 64, 4b 160 112 224 24 64 64,
        4c 128 128 256 24 64 64, 4d 112 144 288 32 64 64, 4e 256 160 320 32 128 128, 5a 256 160 320 32 128 128,
        5b 384 192 384 48 128 128"""
    into = 192
    for row in rows.split(","):
        letter, *texts = row.split()
        one, three_in, three, five_in, five, pooled = map(int, texts)
        at = f"inception{letter}"
        k.unit(f"{at}.branch1", one, into, 1, names="conv")
        for branch, inner, out in ((2, three_in, three), (3, five_in, five)):
            k.unit(f"{at}.branch{branch}.0", inner, into, 1, names="conv")
            k.unit(f"{at}.branch{branch}.1", out, inner, 3, names="conv")
        k.unit(f"{at}.branch4.1", pooled, into, 1, names="conv")
        into = one + three + five + pooled
    k.linear("fc", 1000, into)
    return k.keys


def inception(name: str) -> Keys:
    k = Listing()

    def unit(path: str, out: int, into: int, high: int, wide: int = 0) -> int:
        return k.unit(path, out, into, high, wide, names="conv")

    stem = (
        ("1a_3x3", 32, 3, 3),
        ("2a_3x3", 32, 32, 3),
        ("2b_3x3", 64, 32, 3),
        ("3b_1x1", 80, 64, 1),
        ("4a_3x3", 192, 80, 3),
    )
    for path, out, into, size in stem:
        unit(f"Conv2d_{path}", out, into, size)
    for letter, into, pooled in (("b", 192, 32), ("c", 256, 64), ("d", 288, 64)):
        at = f"Mixed_5{letter}.branch"
        unit(f"{at}1x1", 64, into, 1)
        unit(f"{at}5x5_2", 64, unit(f"{at}5x5_1", 48, into, 1), 5)
        unit(f"{at}3x3dbl_3", 96, unit(f"{at}3x3dbl_2", 96, unit(f"{at}3x3dbl_1", 64, into, 1), 3), 3)
        unit(f"{at}_pool", pooled, into, 1)
    unit("Mixed_6a.branch3x3", 384, 288, 3)
    unit(
        "Mixed_6a.branch3x3dbl_3",
        96,
        unit("Mixed_6a.branch3x3dbl_2", 96, unit("Mixed_6a.branch3x3dbl_1", 64, 288, 1), 3),
        3,
    )
    for letter, c in (("b", 128), ("c", 160), ("d", 160), ("e", 192)):
        at = f"Mixed_6{letter}.branch"
        unit(f"{at}1x1", 192, 768, 1)
        unit(f"{at}7x7_3", 192, unit(f"{at}7x7_2", c, unit(f"{at}7x7_1", c, 768, 1), 1, 7), 7, 1)
        for place, (out, into, high, wide) in enumerate(
            ((c, 768, 1, 1), (c, c, 7, 1), (c, c, 1, 7), (c, c, 7, 1), (192, c, 1, 7)), 1
        ):
            unit(f"{at}7x7dbl_{place}", out, into, high, wide)
        unit(f"{at}_pool", 192, 768, 1)
    if name.endswith("aux"):
        unit("AuxLogits.conv1", 768, unit("AuxLogits.conv0", 128, 768, 1), 5)
        k.linear("AuxLogits.fc", 1000, 768)
    unit("Mixed_7a.branch3x3_2", 320, unit("Mixed_7a.branch3x3_1", 192, 768, 1), 3)
    for place, (into, high, wide) in enumerate(((768, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3)), 1):
        unit(f"Mixed_7a.branch7x7x3_{place}", 192, into, high, wide)
    for letter, into in (("b", 1280), ("c", 2048)):
        at = f"Mixed_7{letter}.branch"
        unit(f"{at}1x1", 320, into, 1)
        unit(f"{at}3x3_1", 384, into, 1)
        unit(f"{at}3x3dbl_2", 384, unit(f"{at}3x3dbl_1", 448, into, 1), 3)
        for stem_name in ("3x3_2", "3x3dbl_3"):
            unit(f"{at}{stem_name}a", 384, 384, 1, 3)
            unit(f"{at}{stem_name}b", 384, 384, 3, 1)
        unit(f"{at}_pool", 192, into, 1)
    k.linear("fc", 1000, 2048)
    return k.keys


def mobilenet_v2(name: str) -> Keys:
    k, into, place = Listing(), 32, 1
    k.unit("features.0", 32, 3, 3)
    for factor, out, count in ((1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)):
        for _ in range(count):
            at, wide, step = f"features.{place}.conv", into * factor, 0
            if factor > 1:
                k.unit(f"{at}.0", wide, into, 1)
                step = 1
            k.unit(f"{at}.{step}", wide, 1, 3)
            k.unit(at, out, wide, 1, names=f"{step + 1}{step + 2}")
            into, place = out, place + 1
    k.unit(f"features.{place}", 1280, into, 1)
    k.linear("classifier.1", 1000, 1280)
    return k.keys


def _mbconv(k: Listing, at: str, into: int, wide: int, out: int, size: int, squeezed: int) -> int:
    step = 0
    if wide != into:
        k.unit(f"{at}.block.0", wide, into, 1)
        step = 1
    k.unit(f"{at}.block.{step}", wide, 1, size)
    if squeezed:
        step += 1
        k.conv(f"{at}.block.{step}.fc1", squeezed, wide, 1, bias=True)
        k.conv(f"{at}.block.{step}.fc2", wide, squeezed, 1, bias=True)
    return k.unit(f"{at}.block.{step + 1}", out, wide, 1)


def mobilenet_v3(name: str) -> Keys:
    large = """3 16 16 -, 3 64 24 -, 3 72 24 -, 5 72 40 s, 5 120 40 s, 5 120 40 s, 3 240 80 -, 3 200 80 -, 3 184 80 -,
        3 184 80 -, 3 480 112 s, 3 672 112 s, 5 672 160 s, 5 960 160 s, 5 960 160 s"""
    small = """3 16 16 s, 3 72 24 -, 3 88 24 -, 5 96 40 s, 5 240 40 s, 5 240 40 s, 5 120 48 s, 5 144 48 s, 5 288 96 s,
        5 576 96 s, 5 576 96 s"""
    rows = [row.split() for row in (large if name.endswith("large") else small).split(",")]
    k, into = Listing(), 16
    k.unit("features.0", 16, 3, 3)
    for place, (size, wide, out, mark) in enumerate(rows, 1):
        squeezed = divisible(int(wide) // 4) if mark == "s" else 0
        into = _mbconv(k, f"features.{place}", into, int(wide), int(out), int(size), squeezed)
    last = k.unit(f"features.{len(rows) + 1}", 6 * into, into, 1)
    k.linear("classifier.3", 1000, k.linear("classifier.0", 1280 if name.endswith("large") else 1024, last))
    return k.keys


def efficientnet(name: str) -> Keys:
    scales = {"0": (1.0, 1.0), "1": (1.0, 1.1), "2": (1.1, 1.2), "3": (1.2, 1.4), "4": (1.4, 1.8), "5": (1.6, 2.2),
              "6": (1.8, 2.6), "7": (2.0, 3.1)}  # fmt: skip
    wider, deeper = scales[name[-1]]
    k = Listing()
    into = k.unit("features.0", divisible(32 * wider), 3, 3)
    rows = ((1, 3, 16, 1), (6, 3, 24, 2), (6, 5, 40, 2), (6, 3, 80, 3), (6, 5, 112, 3), (6, 5, 192, 4), (6, 3, 320, 1))
    for stage, (factor, size, out, count) in enumerate(rows, 1):
        for block in range(math.ceil(count * deeper)):
            wide = divisible(into * factor)
            squeezed = max(1, into // 4)
            into = _mbconv(k, f"features.{stage}.{block}", into, wide, divisible(out * wider), size, squeezed)
    k.linear("classifier.1", 1000, k.unit("features.8", 4 * into, into, 1))
    return k.keys


def shufflenet(name: str) -> Keys:
    widths = {"x0_5": (48, 96, 192, 1024), "x1_0": (116, 232, 464, 1024), "x1_5": (176, 352, 704, 1024),
              "x2_0": (244, 488, 976, 2048)}[name[-4:]]  # fmt: skip
    k = Listing()
    into = k.unit("conv1", 24, 3, 3)
    for stage, (count, out) in enumerate(zip((4, 8, 4), widths[:3], strict=True), 2):
        half = out // 2
        for block in range(count):
            at = f"stage{stage}.{block}"
            if not block:
                k.unit(f"{at}.branch1", into, 1, 3)
                k.unit(f"{at}.branch1", half, into, 1, names="23")
            k.unit(f"{at}.branch2", half, half if block else into, 1)
            k.unit(f"{at}.branch2", half, 1, 3, names="34")
            k.unit(f"{at}.branch2", half, half, 1, names="56")
        into = out
    k.linear("fc", 1000, k.unit("conv5", widths[3], into, 1))
    return k.keys


def convnext(name: str) -> Keys:
    width, third = {"tiny": (96, 9), "small": (96, 27), "base": (128, 27), "large": (192, 27)}[name.split("_")[1]]
    k = Listing()
    k.conv("features.0.0", width, 3, 4, bias=True)
    k.scales("features.0.1", width)
    for stage, count in enumerate((3, 3, third, 3)):
        if stage:
            k.scales(f"features.{2 * stage}.0", width)
            width = k.conv(f"features.{2 * stage}.1", 2 * width, width, 2, bias=True)
        for block in range(count):
            at = f"features.{2 * stage + 1}.{block}"
            k.keys[f"{at}.layer_scale"] = (width, 1, 1)
            k.conv(f"{at}.block.0", width, 1, 7, bias=True)
            k.scales(f"{at}.block.2", width)
            k.linear(f"{at}.block.5", width, k.linear(f"{at}.block.3", 4 * width, width))
    k.scales("classifier.0", width)
    k.linear("classifier.2", 1000, width)
    return k.keys


def vit(name: str) -> Keys:
    depth, width, inside = {"b": (12, 768, 3072), "l": (24, 1024, 4096)}[name[4]]
    patch = int(name[-2:])
    k = Listing()
    k.keys |= {"class_token": (1, 1, width), "encoder.pos_embedding": (1, (224 // patch) ** 2 + 1, width)}
    k.conv("conv_proj", width, 3, patch, bias=True)
    for layer in range(depth):
        at = f"encoder.layers.encoder_layer_{layer}"
        k.scales(f"{at}.ln_1", width)
        k.keys |= {
            f"{at}.self_attention.in_proj_weight": (3 * width, width),
            f"{at}.self_attention.in_proj_bias": (3 * width,),
        }
        k.linear(f"{at}.self_attention.out_proj", width, width)
        k.scales(f"{at}.ln_2", width)
        k.linear(f"{at}.mlp.3", width, k.linear(f"{at}.mlp.0", inside, width))
    k.scales("encoder.ln", width)
    k.linear("heads.head", 1000, width)
    return k.keys


FAMILIES: Mapping[str, Callable[[str], Keys]] = {
    "resnet": resnet,
    "resnext": resnet,
    "wide_resnet": resnet,
    "alexnet": alexnet,
    "vgg": vgg,
    "squeezenet": squeezenet,
    "densenet": densenet,
    "googlenet": googlenet,
    "inception": inception,
    "mobilenet_v2": mobilenet_v2,
    "mobilenet_v3": mobilenet_v3,
    "efficientnet": efficientnet,
    "shufflenet_v2": shufflenet,
    "convnext": convnext,
    "vit": vit,
}
"""The list of a variant, by the name of its architecture."""
