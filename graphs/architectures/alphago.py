"""The policy network of AlphaGo: thirteen convolutions that look at a board and say where to play."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Architecture, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting

_SOURCE = "by hand: k·(48·5² + 1) + 11·k·(9k + 1) + k + 19², from the text of the paper's “Neural network architecture”"


class AlphaGo(Architecture):
    name: ClassVar[str] = "alphago"
    title: ClassVar[str] = "AlphaGo policy"
    help: ClassVar[str] = "Thirteen convolutions without pools give a score for each point of a Go board."
    paper: ClassVar[Paper] = Paper(
        "D. Silver, A. Huang, C. Maddison, A. Guez et al.",
        "Mastering the game of Go with deep neural networks and tree search", 2016,
        "https://doi.org/10.1038/nature16961",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "alphago128": Published(1_777_641, _SOURCE),
        "alphago192": Published(3_882_793, _SOURCE),
        "alphago256": Published(6_798_953, _SOURCE),
        "alphago384": Published(15_064_297, _SOURCE),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "alphago128": "AlphaGo policy, 128 filters", "alphago192": "AlphaGo policy, 192 filters",
        "alphago256": "AlphaGo policy, 256 filters", "alphago384": "AlphaGo policy, 384 filters",
    }  # fmt: skip

    variant: Literal["alphago128", "alphago192", "alphago256", "alphago384"] = variant(
        "alphago192", "How many filters each convolution has; 192 played the matches.", titles
    )
    planes: int = setting(48, "Planes", "What is known of each point of the board.", ge=1, le=4096)
    size: int = setting(19, "Board", "Lines of the board.", ge=5, le=64, extra={"unit": "lines"})

    def draw(self, d: Drawing) -> None:
        filters = int(self.variant.removeprefix("alphago"))
        with d.block("hidden", "3×3 convolution", "A convolution that keeps the size of the board.", filters=192) as b:
            b.output(b.relu(b.conv(b.input(), "=filters", 3, "conv", padding=1)))
        board = {"channels": self.planes, "height": self.size, "width": self.size}
        x = d.layer("ImageInput", id="board", name="Board", **board)
        x = d.relu(d.conv(x, filters, 5, "conv1", padding=2), "relu1")
        x = d.use("hidden", x, id="hidden", name="Layers 2 to 12", filters=filters, repeat=11)
        x = d.conv(x, 1, 1, "conv13", bias=False)
        bias = d.layer("Parameter", x, id="bias", name="Bias of each point", shape=[1, self.size, self.size], std=0)
        d.output(d.flatten(d.add(x, bias, id="moves"), "flatten"), "Moves")
