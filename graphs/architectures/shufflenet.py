"""ShuffleNet V2: half of the channels pass, half are worked on, then all are shuffled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing

_WIDTHS: Mapping[str, tuple[int, int, int, int]] = {
    "shufflenet_v2_x0_5": (48, 96, 192, 1024),
    "shufflenet_v2_x1_0": (116, 232, 464, 1024),
    "shufflenet_v2_x1_5": (176, 352, 704, 1024),
    "shufflenet_v2_x2_0": (244, 488, 976, 2048),
}


class ShuffleNetV2(Picture):
    name: ClassVar[str] = "shufflenet_v2"
    title: ClassVar[str] = "ShuffleNet V2"
    help: ClassVar[str] = "Half of the channels pass as they are, half are worked on; then all are shuffled."
    paper: ClassVar[Paper] = Paper(
        "N. Ma, X. Zhang, H. Zheng, J. Sun",
        "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", 2018,
        "https://arxiv.org/abs/1807.11164",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "shufflenet_v2_x0_5": Published(
            1_366_792, "torchvision documentation, ShuffleNet_V2_X0_5_Weights; paper", 0.041
        ),
        "shufflenet_v2_x1_0": torchvision("ShuffleNet_V2_X1_0", 2_278_604, 0.145),
        "shufflenet_v2_x1_5": torchvision("ShuffleNet_V2_X1_5", 3_503_624, 0.296),
        "shufflenet_v2_x2_0": torchvision("ShuffleNet_V2_X2_0", 7_393_996, 0.583),
    }
    titles: ClassVar[Mapping[str, str]] = {
        name: "ShuffleNet V2 ×" + name.split("_x")[1].replace("_", ".") for name in _WIDTHS
    }
    torchvision: ClassVar[frozenset[str]] = frozenset(published)

    variant: Literal["shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"] = variant(
        "shufflenet_v2_x1_0", "How wide it is.", titles
    )

    def draw(self, d: Drawing) -> None:
        d.unit("conv", "ReLU")
        _units(d)
        for depth in (4, 8):
            with d.block(f"stage-{depth}", f"Stage of {depth}", "The first halves the map.", before=24, half=58) as b:
                x = b.use("down", b.input(), id="0", before="=before", half="=half")
                for place in range(1, depth):
                    x = b.use("shuffle", x, id=str(place), half="=half")
                b.output(x)
        *widths, last = _WIDTHS[self.variant]
        x = d.use("conv", self.image(d), id="conv1", filters=24, stride=2)
        x, before = d.max_pool(x, 3, "maxpool", stride=2, padding=1), 24
        for stage, (depth, width) in enumerate(zip((4, 8, 4), widths, strict=True), 2):
            x = d.use(f"stage-{depth}", x, id=f"stage{stage}", before=before, half=width // 2)
            before = width
        x = d.use("conv", x, id="conv5", filters=last, kernel=1)
        x = d.flatten(d.layer("AdaptiveAvgPool2d", x, id="avgpool"), id="flatten")
        d.output(d.linear(x, self.classes, "fc"))


def _units(d: Drawing) -> None:
    """Defines the blocks "down" and "shuffle"."""
    step = {"stride": 2, "padding": 1, "bias": False}
    with d.block("branch1", "Smaller", "A filter for each channel, then 1×1 filters.", before=24, half=58) as b:
        x = b.norm(b.conv(b.input(), "=before", 3, "0", groups="=before", **step), "1")
        b.output(b.relu(b.norm(b.conv(x, "=half", 1, "2", bias=False), "3"), "4"))
    for id, title, stride in (("branch2", "Filters", 1), ("branch2-down", "Filters, smaller", 2)):
        with d.block(id, title, "1×1, a filter for each channel, 1×1.", half=58) as b:
            x = b.relu(b.norm(b.conv(b.input(), "=half", 1, "0", bias=False), "1"), "2")
            x = b.norm(b.conv(x, "=half", 3, "3", groups="=half", **{**step, "stride": stride}), "4")
            b.output(b.relu(b.norm(b.conv(x, "=half", 1, "5", bias=False), "6"), "7"))
    with d.block("down", "Shuffle, smaller", "Both halves are made anew from all channels.", before=24, half=58) as b:
        x = b.input()
        first = b.use("branch1", x, id="branch1", before="=before", half="=half")
        second = b.use("branch2-down", x, id="branch2", half="=half")
        b.output(b.layer("ChannelShuffle", b.concat(first, second), groups=2))
    with d.block("shuffle", "Shuffle", "Half passes, half is worked on.", half=58) as b:
        first, second = b.layers("Split", b.input(), count=2)
        second = b.use("branch2", second, id="branch2", half="=half")
        b.output(b.layer("ChannelShuffle", b.concat(first, second), groups=2))
