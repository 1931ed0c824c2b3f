"""How an architecture is declared: one class that draws a published network and says what is known of it.

Nothing here imports torch. From the declaration come the form, the drawn network and the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict

from graphs.architectures.draw import Drawing
from graphs.layers.base import setting
from graphs.network import End, Network

Family = Literal["classics", "classification", "segmentation", "sequence", "generative"]


@dataclass(frozen=True)
class Published:
    """The number of learned values as published, and where. `giga` is 10⁹ multiply-adds for one sample at the
    published size, 0 where nobody says."""

    count: int
    source: str
    giga: float = 0.0


@dataclass(frozen=True)
class Paper:
    """Where an architecture was first described."""

    authors: str
    title: str
    year: int
    url: str = ""


class Architecture(BaseModel):
    """One architecture, or a family of them told apart by `variant`. A subclass declares and draws it.

    `variant` is a Literal of names that are unique among all architectures; its default is the usual one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str] = ""
    """Its name in the terminal, and that of its file."""
    title: ClassVar[str] = ""
    family: ClassVar[Family] = "classification"
    help: ClassVar[str] = ""
    paper: ClassVar[Paper]
    published: ClassVar[Mapping[str, Published]] = {}
    """What is published of each variant, with all fields left as they are."""
    titles: ClassVar[Mapping[str, str]] = {}
    """What each variant is called, where that is not its name: {"resnet50": "ResNet-50"}."""
    torchvision: ClassVar[frozenset[str]] = frozenset()
    """Variants whose weights have the names of torchvision's, but for what `weights_map` says."""

    variant: Any

    @classmethod
    def variants(cls) -> tuple[str, ...]:
        """The names of its variants, in the order of the form."""
        return tuple(get_args(cls.model_fields["variant"].annotation))

    def draw(self, d: Drawing) -> None:
        """Draws the nodes, wires and blocks."""
        raise NotImplementedError

    def network(self) -> Network:
        """The network, laid out, with what it is in its settings."""
        drawing = Drawing()
        self.draw(drawing)
        return drawing.network({"about": {"title": self.titles.get(self.variant, self.title), "text": self.help}})

    def weights_map(self) -> tuple[tuple[str, str], ...]:
        """Rules (regular expression, replacement) that turn the names of torchvision's state dict into ours, each
        applied to what the one before gives; empty where the names are the same."""
        return ()


class Picture(Architecture):
    """What architectures share that tell pictures apart. A height or width of None is the published size."""

    sizes: ClassVar[Mapping[str, int]] = {}
    """The side of the published input for variants whose input is not `side` wide and high."""
    side: ClassVar[int] = 224

    classes: int = setting(1000, "Classes", "How many classes are told apart.", ge=1, le=1_000_000)
    channels: int = setting(3, "Channels", "1 for grey pictures, 3 for colour.", ge=1, le=4096)
    height: int | None = setting(
        None, "Height", "Rows of a picture.", ge=1, le=4096, extra={"unit": "pixels", "none": "as published"}
    )
    width: int | None = setting(
        None, "Width", "Columns of a picture.", ge=1, le=4096, extra={"unit": "pixels", "none": "as published"}
    )

    def image(self, d: Drawing) -> End:
        """The input."""
        side = self.sizes.get(self.variant, self.side)
        return d.image(self.channels, self.height or side, self.width or side)


def variant(default: str, description: str, labels: Mapping[str, str] | None = None) -> Any:
    """The field that tells the members of a family apart."""
    return setting(default, "Variant", description, extra={"labels": dict(labels)} if labels else None)


def torchvision(name: str, count: int, giga: float) -> Published:
    """What the documentation of torchvision says of a model."""
    return Published(count, f"torchvision documentation, {name}_Weights", giga)
