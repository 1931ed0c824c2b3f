"""Where it began: the perceptron, the multilayer perceptron, and the first networks that read digits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Picture, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting


class Perceptron(Architecture):
    name: ClassVar[str] = "perceptron"
    title: ClassVar[str] = "Perceptron"
    family: ClassVar[Family] = "classics"
    help: ClassVar[str] = "One unit: a weighted sum of its inputs, and which side of a threshold it lies on."
    paper: ClassVar[Paper] = Paper(
        "F. Rosenblatt", "The Perceptron: A Probabilistic Model for Information Storage and Organization in the Brain",
        1958, "https://doi.org/10.1037/h0042519",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "perceptron": Published(3, "a weight for each of two inputs and a threshold, as in the paper's equation")
    }

    variant: Literal["perceptron"] = variant("perceptron", "There is one.")
    features: int = setting(2, "Inputs", "How many numbers it sees.", ge=1, le=1_000_000)

    def draw(self, d: Drawing) -> None:
        x = d.layer("VectorInput", id="vector", name="Inputs", features=self.features)
        d.output(d.layer("Sigmoid", d.linear(x, 1, "fc"), id="side"), "Side")


class MLP(Architecture):
    name: ClassVar[str] = "mlp"
    title: ClassVar[str] = "Multilayer perceptron"
    family: ClassVar[Family] = "classics"
    help: ClassVar[str] = "Layers of units, each seeing all of the layer before: enough to separate what no line can."
    paper: ClassVar[Paper] = Paper(
        "D. Rumelhart, G. Hinton, R. Williams", "Learning Representations by Back-Propagating Errors", 1986,
        "https://doi.org/10.1038/323533a0",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "mlp784": Published(266_610, "A. Géron, Hands-On Machine Learning, chapter 10: 784, 300, 100 and 10 units")
    }
    titles: ClassVar[Mapping[str, str]] = {"mlp784": "Multilayer perceptron"}

    variant: Literal["mlp784"] = variant("mlp784", "For pictures of 28×28.", titles)
    features: int = setting(784, "Inputs", "How many numbers it sees.", ge=1, le=1_000_000)
    first: int = setting(300, "First layer", "Units of the first layer.", ge=1, le=1_000_000)
    second: int = setting(100, "Second layer", "Units of the second layer.", ge=1, le=1_000_000)
    classes: int = setting(10, "Classes", "How many classes are told apart.", ge=1, le=1_000_000)

    def draw(self, d: Drawing) -> None:
        x = d.layer("VectorInput", id="vector", name="Inputs", features=self.features)
        x = d.relu(d.linear(x, self.first, "fc1"), "relu1")
        x = d.relu(d.linear(x, self.second, "fc2"), "relu2")
        d.output(d.linear(x, self.classes, "fc3"))


class _Digits(Picture):
    """What the readers of digits share."""

    family: ClassVar[Family] = "classics"
    side: ClassVar[int] = 28

    classes: int = setting(10, "Classes", "How many classes are told apart.", ge=1, le=1_000_000)
    channels: int = setting(1, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)


class LeNet(_Digits):
    name: ClassVar[str] = "lenet"
    title: ClassVar[str] = "LeNet-5"
    help: ClassVar[str] = "Two convolutions, two pools, three layers: the network that read cheques in the nineties."
    paper: ClassVar[Paper] = Paper(
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner", "Gradient-Based Learning Applied to Document Recognition", 1998,
        "https://doi.org/10.1109/5.726791",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "lenet5": Published(61_706, "Dive into Deep Learning, section 7.6: every map of the second convolution sees all"
                            " six (60,000 in the paper, where it sees some)"),
    }  # fmt: skip

    variant: Literal["lenet5"] = variant("lenet5", "As it is taught: with all maps connected.")

    def draw(self, d: Drawing) -> None:
        x = d.layer("Sigmoid", d.conv(self.image(d), 6, 5, "conv1", padding=2), id="sigmoid1")
        x = d.layer("Sigmoid", d.conv(d.avg_pool(x, 2, "pool1"), 16, 5, "conv2"), id="sigmoid2")
        x = d.flatten(d.avg_pool(x, 2, "pool2"), "flatten")
        x = d.layer("Sigmoid", d.linear(x, 120, "fc1"), id="sigmoid3")
        x = d.layer("Sigmoid", d.linear(x, 84, "fc2"), id="sigmoid4")
        d.output(d.linear(x, self.classes, "fc3"))


class DigitNet(_Digits):
    name: ClassVar[str] = "digit_net"
    title: ClassVar[str] = "Two-stage digit net"
    help: ClassVar[str] = "Six and then twelve 5×5 filters, each with a pool behind it: 99.1 % of MNIST's digits read."
    paper: ClassVar[Paper] = Paper(
        "R. B. Palm", "Prediction as a Candidate for Learning Deep Hierarchical Models of Data", 2012,
        "https://github.com/rasmusbergpalm/DeepLearnToolbox",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "digits_6_12": Published(3_898, "6c-2s-12c-2s of the toolbox, by hand: 156 + 1,812 + 1,930"),
    }
    titles: ClassVar[Mapping[str, str]] = {"digits_6_12": "Two-stage digit net, 6 and 12"}

    variant: Literal["digits_6_12"] = variant("digits_6_12", "How many filters the two stages have.", titles)

    def draw(self, d: Drawing) -> None:
        with d.block("stage", "Stage", "A convolution, a squashing function and a pool.", filters=6) as b:
            x = b.layer("Sigmoid", b.conv(b.input(), "=filters", 5, "conv"), id="sigmoid")
            b.output(b.avg_pool(x, 2, "pool"))
        x = d.use("stage", self.image(d), id="stage1", filters=6)
        x = d.use("stage", x, id="stage2", filters=12)
        d.output(d.linear(d.flatten(x, "flatten"), self.classes, "fc"))
