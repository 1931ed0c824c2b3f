"""The weights that torchvision publishes for architectures of ours: which file, what it expects, what it reached.

Facts from the declarations in torchvision/models/*.py (0.20), checked against its documentation; the names of the
EfficientNet files are those that its change 8036 put right. The hexadecimal end of a file's name is the beginning of
its SHA-256. Light.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graphs.architectures.classes import labels

SITE = "https://download.pytorch.org/models/"
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALVES = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
"""Mean and deviation of red, green and blue in 0…1: of ImageNet, and where −1…1 is wanted."""
SWAG = "under the licence of SWAG, github.com/facebookresearch/SWAG/blob/main/LICENSE"


@dataclass(frozen=True)
class Weights:
    """One file of published weights.

    Pictures are scaled until their shorter side is `resize` pixels, then their middle of `crop` × `crop` is taken (all
    of it where `crop` is None); values of 0…1 are normalised by `mean` and `std`. `score` is what it reached of
    `measure`, in per cent; `mebibytes` how large the file is; `spare` the beginnings of names of parts that it holds
    besides.
    """

    file: str
    name: str
    score: float
    mebibytes: float
    crop: int | None = 224
    resize: int = 256
    interpolation: str = "bilinear"
    mean: tuple[float, ...] = IMAGENET[0]
    std: tuple[float, ...] = IMAGENET[1]
    classes: str = "imagenet"
    spare: tuple[str, ...] = ()
    terms: str = ""

    @property
    def url(self) -> str:
        """Where it is published."""
        return SITE + self.file

    @property
    def digest(self) -> str:
        """The first digits of its SHA-256, in hexadecimal."""
        return self.file.rpartition("-")[2].partition(".")[0]

    @property
    def measure(self) -> str:
        """What the score counts."""
        return "ImageNet pictures right" if self.classes == "imagenet" else "mean overlap on COCO, VOC's classes"

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes in the order of the results."""
        return labels(self.classes)

    @property
    def words(self) -> str:
        """What a person chooses by: “IMAGENET1K_V2 · 80.9 % · 97.8 MB”."""
        return f"{self.name} · {self.score:.1f} % · {self.mebibytes:.1f} MB"


def _one(file: str, score: float, mebibytes: float, crop: int | None = 224, resize: int = 256) -> Weights:
    return Weights(f"{file}.pth", "IMAGENET1K_V1", score, mebibytes, crop, resize)


def _two(file: str, score: float, mebibytes: float, crop: int | None = 224, resize: int = 232) -> Weights:
    """The second, better training by torchvision's newer recipe."""
    return Weights(f"{file}.pth", "IMAGENET1K_V2", score, mebibytes, crop, resize)


def _cubic(file: str, score: float, mebibytes: float, crop: int, resize: int) -> Weights:
    return replace(_one(file, score, mebibytes, crop, resize), interpolation="bicubic")


def _swag(file: str, name: str, score: float, mebibytes: float, side: int) -> Weights:
    return replace(_cubic(file, score, mebibytes, side, side), name=f"IMAGENET1K_SWAG_{name}_V1", terms=SWAG)


def _side_exits(weights: Weights, *spare: str) -> Weights:
    """Weights from networks that were made to see values of −1…1."""
    return replace(weights, mean=HALVES[0], std=HALVES[1], spare=spare)


def _segments(file: str, score: float, mebibytes: float) -> Weights:
    name, spare = "COCO_WITH_VOC_LABELS_V1", ("aux_classifier.",)
    return Weights(f"{file}.pth", name, score, mebibytes, None, 520, classes="voc", spare=spare)


WEIGHTS: Mapping[str, tuple[Weights, ...]] = {
    "alexnet": (_one("alexnet-owt-7be5be79", 56.522, 233.087),),
    "googlenet": (_side_exits(_one("googlenet-1378be20", 69.778, 49.731), "aux1.", "aux2."),),
    "inception_v3": (_side_exits(_one("inception_v3_google-0cc3c7bd", 77.294, 103.903, 299, 342), "AuxLogits."),),
    "inception_v3_aux": (_side_exits(_one("inception_v3_google-0cc3c7bd", 77.294, 103.903, 299, 342)),),
    "vgg11": (_one("vgg11-8a719046", 69.020, 506.84),),
    "vgg11_bn": (_one("vgg11_bn-6002323d", 70.370, 506.881),),
    "vgg13": (_one("vgg13-19584684", 69.928, 507.545),),
    "vgg13_bn": (_one("vgg13_bn-abd245e5", 71.586, 507.59),),
    "vgg16": (_one("vgg16-397923af", 71.592, 527.796),),
    "vgg16_bn": (_one("vgg16_bn-6c64b313", 73.360, 527.866),),
    "vgg19": (_one("vgg19-dcbb9e9d", 72.376, 548.051),),
    "vgg19_bn": (_one("vgg19_bn-c79401a0", 74.218, 548.143),),
    "resnet18": (_one("resnet18-f37072fd", 69.758, 44.661),),
    "resnet34": (_one("resnet34-b627a593", 73.314, 83.275),),
    "resnet50": (_two("resnet50-11ad3fa6", 80.858, 97.79), _one("resnet50-0676ba61", 76.130, 97.781)),
    "resnet101": (_two("resnet101-cd907fc2", 81.886, 170.53), _one("resnet101-63fe2227", 77.374, 170.511)),
    "resnet152": (_two("resnet152-f82ba261", 82.284, 230.474), _one("resnet152-394f9c45", 78.312, 230.434)),
    "resnext50_32x4d": (
        _two("resnext50_32x4d-1a0047aa", 81.198, 95.833),
        _one("resnext50_32x4d-7cdf4587", 77.618, 95.789),
    ),
    "resnext101_32x8d": (
        _two("resnext101_32x8d-110c445d", 82.834, 339.673),
        _one("resnext101_32x8d-8ba56ff5", 79.312, 339.586),
    ),
    "resnext101_64x4d": (_one("resnext101_64x4d-173b62eb", 83.246, 319.318, resize=232),),
    "wide_resnet50_2": (
        _two("wide_resnet50_2-9ba9bcbe", 81.602, 263.124),
        _one("wide_resnet50_2-95faca4d", 78.468, 131.82),
    ),
    "wide_resnet101_2": (
        _two("wide_resnet101_2-d733dc28", 82.510, 484.747),
        _one("wide_resnet101_2-32ee1156", 78.848, 242.896),
    ),
    "densenet121": (_one("densenet121-a639ec97", 74.434, 30.845),),
    "densenet161": (_one("densenet161-8d451a50", 77.138, 110.369),),
    "densenet169": (_one("densenet169-b2777c0a", 75.600, 54.708),),
    "densenet201": (_one("densenet201-c1103571", 76.896, 77.373),),
    "squeezenet1_0": (_one("squeezenet1_0-b66bff10", 58.092, 4.778),),
    "squeezenet1_1": (_one("squeezenet1_1-b8a52dc0", 58.178, 4.729),),
    "mobilenet_v2": (_two("mobilenet_v2-7ebf99e0", 72.154, 13.598), _one("mobilenet_v2-b0353104", 71.878, 13.555)),
    "mobilenet_v3_large": (
        _two("mobilenet_v3_large-5c1a4163", 75.274, 21.107),
        _one("mobilenet_v3_large-8738ca79", 74.042, 21.114),
    ),
    "mobilenet_v3_small": (_one("mobilenet_v3_small-047dcff4", 67.668, 9.829),),
    "shufflenet_v2_x0_5": (_one("shufflenetv2_x0.5-f707e7126e", 60.552, 5.282),),
    "shufflenet_v2_x1_0": (_one("shufflenetv2_x1-5666bf0f80", 69.362, 8.791),),
    "shufflenet_v2_x1_5": (_one("shufflenetv2_x1_5-3c479a10", 72.996, 13.557, resize=232),),
    "shufflenet_v2_x2_0": (_one("shufflenetv2_x2_0-8be3c8ee", 76.230, 28.433, resize=232),),
    "efficientnet_b0": (_cubic("efficientnet_b0_rwightman-7f5810bc", 77.692, 20.451, 224, 256),),
    "efficientnet_b1": (
        _two("efficientnet_b1-c27df63c", 79.838, 30.136, 240, 255),
        _cubic("efficientnet_b1_rwightman-bac287d4", 78.642, 30.134, 240, 256),
    ),
    "efficientnet_b2": (_cubic("efficientnet_b2_rwightman-c35c1473", 80.608, 35.174, 288, 288),),
    "efficientnet_b3": (_cubic("efficientnet_b3_rwightman-b3899882", 82.008, 47.184, 300, 320),),
    "efficientnet_b4": (_cubic("efficientnet_b4_rwightman-23ab8bcd", 83.384, 74.489, 380, 384),),
    "efficientnet_b5": (_cubic("efficientnet_b5_lukemelas-1a07897c", 83.444, 116.864, 456, 456),),
    "efficientnet_b6": (_cubic("efficientnet_b6_lukemelas-24a108a5", 84.008, 165.362, 528, 528),),
    "efficientnet_b7": (_cubic("efficientnet_b7_lukemelas-c5b4e57e", 84.122, 254.675, 600, 600),),
    "vit_b_16": (
        _one("vit_b_16-c867db91", 81.072, 330.285),
        _swag("vit_b_16_swag-9ac1b537", "E2E", 85.304, 331.398, 384),
        _swag("vit_b_16_lc_swag-4e70ced5", "LINEAR", 81.886, 330.285, 224),
    ),
    "vit_b_32": (_one("vit_b_32-d86f8d99", 75.912, 336.604),),
    "vit_l_16": (
        _one("vit_l_16-852ce7e3", 79.662, 1161.023, resize=242),
        _swag("vit_l_16_swag-4f3808c9", "E2E", 88.064, 1164.258, 512),
        _swag("vit_l_16_lc_swag-4d563306", "LINEAR", 85.146, 1161.023, 224),
    ),
    "vit_l_32": (_one("vit_l_32-c7638314", 76.972, 1169.449),),
    "convnext_tiny": (_one("convnext_tiny-983f1562", 82.520, 109.119, resize=236),),
    "convnext_small": (_one("convnext_small-0c510722", 83.616, 191.703, resize=230),),
    "convnext_base": (_one("convnext_base-6075fbad", 84.062, 338.064, resize=232),),
    "convnext_large": (_one("convnext_large-ea097f82", 84.414, 754.537, resize=232),),
    "deeplabv3_resnet50": (_segments("deeplabv3_resnet50_coco-cd0a2569", 66.4, 160.515),),
    "deeplabv3_resnet101": (_segments("deeplabv3_resnet101_coco-586e9e4e", 67.4, 233.217),),
    "fcn_resnet50": (_segments("fcn_resnet50_coco-1167a1af", 60.5, 135.009),),
    "fcn_resnet101": (_segments("fcn_resnet101_coco-7ecb50ca", 63.7, 207.711),),
}
"""By variant; the one that is usual first."""


def weights_of(variant: str) -> tuple[Weights, ...]:
    """What is published for a variant, the usual one first; empty where there is nothing."""
    return WEIGHTS.get(variant, ())


def named(variant: str, name: str = "") -> Weights:
    """The weights of a variant by their name, the usual ones without. Raises LookupError with one sentence."""
    known = weights_of(variant)
    if not known:
        raise LookupError(f"Nobody publishes weights for “{variant}” that Netloom knows of.")
    for weights in known:
        if weights.name == (name or known[0].name):
            return weights
    raise LookupError(f"“{variant}” has no weights “{name}”; it has {', '.join(each.name for each in known)}.")
