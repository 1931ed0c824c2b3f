"""DeepLab-v3: a ResNet that looks through dilated kernels, and a head that looks at several scales at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.architectures.resnet import stem
from graphs.layers.base import setting

_DOCUMENTATION = "torchvision documentation, {}_Weights, less the 2,365,205 of the auxiliary head: {} − 2,365,205"
RATES = (12, 24, 36)


class DeepLab(Architecture):
    name: ClassVar[str] = "deeplab"
    title: ClassVar[str] = "DeepLab-v3"
    family: ClassVar[Family] = "segmentation"
    help: ClassVar[str] = (
        "A dilated ResNet keeps maps an eighth as wide; the head looks with several dilations side by side."
    )
    paper: ClassVar[Paper] = Paper(
        "L.-C. Chen, G. Papandreou, F. Schroff, H. Adam",
        "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017, "https://arxiv.org/abs/1706.05587",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "deeplabv3_resnet50": Published(39_638_869, _DOCUMENTATION.format("DeepLabV3_ResNet50", "42,004,074")),
        "deeplabv3_resnet101": Published(58_630_997, _DOCUMENTATION.format("DeepLabV3_ResNet101", "60,996,202")),
        "fcn_resnet50": Published(32_957_013, _DOCUMENTATION.format("FCN_ResNet50", "35,322,218")),
        "fcn_resnet101": Published(51_949_141, _DOCUMENTATION.format("FCN_ResNet101", "54,314,346")),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "deeplabv3_resnet50": "DeepLab-v3, ResNet-50", "deeplabv3_resnet101": "DeepLab-v3, ResNet-101",
        "fcn_resnet50": "FCN, ResNet-50", "fcn_resnet101": "FCN, ResNet-101",
    }  # fmt: skip
    torchvision: ClassVar[frozenset[str]] = frozenset(published)

    variant: Literal["deeplabv3_resnet50", "deeplabv3_resnet101", "fcn_resnet50", "fcn_resnet101"] = variant(
        "deeplabv3_resnet50", "The head, and how deep the network is that it stands on.", titles
    )
    classes: int = setting(21, "Classes", "How many classes each pixel is one of.", ge=1, le=65536)
    channels: int = setting(3, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    height: int = setting(520, "Height", "Rows of a picture.", ge=16, le=4096, extra={"unit": "pixels"})
    width: int = setting(520, "Width", "Columns of a picture.", ge=16, le=4096, extra={"unit": "pixels"})

    def draw(self, d: Drawing) -> None:
        depths = (3, 4, 23, 3) if self.variant.endswith("101") else (3, 4, 6, 3)
        _bottlenecks(d)
        for depth in sorted({*depths}):
            _stage(d, depth)
        with d.block("backbone", f"ResNet-{self.variant[-3:].strip('t')}", "A ResNet without its head; the last two "
                     "stages are dilated instead of halved.") as b:  # fmt: skip
            x = stem(b, b.input())
            strides, first, rest = (1, 2, 1, 1), (1, 1, 1, 2), (1, 1, 2, 4)
            for i, depth in enumerate(depths):
                given: dict[str, Any] = {"width": 64 << i, "stride": strides[i], "first": first[i], "rest": rest[i]}
                x = b.use(f"stage-{depth}", x, id=f"layer{i + 1}", **given)
            b.output(x)
        size = (-(-self.height // 8), -(-self.width // 8))
        x = d.use("backbone", d.image(self.channels, self.height, self.width), id="backbone")
        if self.variant.startswith("fcn"):
            self._fcn_head(d)
            x = d.use("head", x, id="classifier", classes=self.classes)
        else:
            aspp(d)
            self._deeplab_head(d)
            x = d.use("head", x, id="classifier", classes=self.classes, rows=size[0], columns=size[1])
        whole = [self.height, self.width]
        d.output(d.layer("Upsample", x, id="enlarge", size=whole, mode="bilinear"), "Classes")

    def _fcn_head(self, d: Drawing) -> None:
        with d.block("head", "FCN head", "A convolution and the scores of each place.", classes=21) as b:
            x = b.relu(b.norm(b.conv(b.input(), 512, 3, "0", padding=1, bias=False), "1"), "2")
            b.output(b.conv(b.dropout(x, 0.1, "3"), "=classes", 1, "4"))

    def _deeplab_head(self, d: Drawing) -> None:
        given = {"classes": 21, "rows": 65, "columns": 65}
        with d.block("head", "DeepLab head", "Looks at several scales, then scores each place.", **given) as b:
            x = b.use("aspp", b.input(), id="0", rows="=rows", columns="=columns")
            x = b.relu(b.norm(b.conv(x, 256, 3, "1", padding=1, bias=False), "2"), "3")
            b.output(b.conv(x, "=classes", 1, "4"))


def aspp(d: Drawing) -> None:
    """Defines the block "aspp": five ways of looking at a map of `rows` × `columns`, side by side."""
    with d.block("aspp_conv", "Dilated convolution", "A dilated convolution, normalised.", rate=12) as b:
        x = b.conv(b.input(), 256, 3, "0", padding="=rate", dilation="=rate", bias=False)
        b.output(b.relu(b.norm(x, "1"), "2"))
    with d.block("aspp_point", "1×1 convolution", "A 1×1 convolution, normalised.") as b:
        b.output(b.relu(b.norm(b.conv(b.input(), 256, 1, "0", bias=False), "1"), "2"))
    with d.block(
        "aspp_pooling", "Mean of the picture", "What the whole map says, at every place.", rows=65, columns=65
    ) as b:
        x = b.conv(b.layer("AdaptiveAvgPool2d", b.input(), id="0"), 256, 1, "1", bias=False)
        x = b.relu(b.norm(x, "2"), "3")
        b.output(b.layer("Upsample", x, size=["=rows", "=columns"], mode="bilinear"))
    with d.block("aspp_convs", "Five scales", "Five ways of looking, side by side.", rows=65, columns=65) as b:
        x = b.input()
        ways = [b.at(b.use("aspp_point", x, id="0"), 1, 0)]
        ways += [b.at(b.use("aspp_conv", x, id=str(i + 1), rate=rate), 1, i + 1) for i, rate in enumerate(RATES)]
        ways.append(b.at(b.use("aspp_pooling", x, id="4", rows="=rows", columns="=columns"), 1, 4))
        b.at(x, 0, 2)
        x = b.at(b.concat(*ways, id="concat"), 2, 2)
        b.at(b.output(x), 3, 2)
    with d.block("aspp_project", "Projection", "Back to 256 channels.") as b:
        x = b.relu(b.norm(b.conv(b.input(), 256, 1, "0", bias=False), "1"), "2")
        b.output(b.dropout(x, 0.5, "3"))
    with d.block("aspp", "ASPP", "Atrous spatial pyramid pooling.", rows=65, columns=65) as b:
        x = b.use("aspp_convs", b.input(), id="convs", rows="=rows", columns="=columns")
        b.output(b.use("aspp_project", x, id="project"))


def _stage(d: Drawing, depth: int) -> None:
    given = {"width": 64, "stride": 1, "first": 1, "rest": 1}
    with d.block(f"stage-{depth}", f"Stage of {depth}", "Blocks on maps of one size.", **given) as b:
        x = b.use("reduction", b.input(), id="0", width="=width", stride="=stride", dilation="=first")
        for place in range(1, depth):
            x = b.use("residual", x, id=str(place), width="=width", dilation="=rest")
        b.output(x)


def _bottlenecks(d: Drawing) -> None:
    """Defines the blocks "residual" and "reduction" of a ResNet, with dilation."""
    with d.block("downsample", "Downsample", "Brings the input to the shape of the sum.", width=64, stride=1) as b:
        b.output(b.norm(b.conv(b.input(), "=width*4", 1, "0", stride="=stride", bias=False), "1"))
    help = "A 1×1 convolution narrows, a 3×3 one works, a 1×1 one widens; the input is added."
    for down in (False, True):
        given = {"width": 64, "dilation": 1, **({"stride": 1} if down else {})}
        title = "Bottleneck, smaller" if down else "Bottleneck"
        with d.block("reduction" if down else "residual", title, help, **given) as b:
            x = b.input()
            y = b.relu(b.norm(b.conv(x, "=width", 1, "conv1", bias=False), "bn1"), "relu")
            shape = {"stride": "=stride" if down else 1, "padding": "=dilation", "dilation": "=dilation"}
            y = b.relu(b.norm(b.conv(y, "=width", 3, "conv2", bias=False, **shape), "bn2"), "relu2")
            y = b.norm(b.conv(y, "=width*4", 1, "conv3", bias=False), "bn3")
            skip = b.use("downsample", x, id="downsample", width="=width", stride="=stride") if down else x
            b.output(b.relu(b.add(y, skip, id="sum"), "relu3"))
