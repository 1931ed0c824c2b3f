"""Small sets made by a formula: logic gates, moons, spirals, circles."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from studio.data.base import DataSpec, Raw, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class _Made(DataSpec):
    """Points in the plane."""

    seed: int = Field(default=0, title="Seed", description="Decides where the points fall.", ge=0, le=2**31 - 1)
    noise: float = Field(
        default=0.1,
        title="Noise",
        description="How far the points stray from their curve (standard deviation).",
        ge=0,
        le=2,
        json_schema_extra={"step": 0.05},
    )

    def _raw(self, points: NDArray[np.floating], targets: NDArray[np.integer], classes: tuple[str, ...]) -> Raw:
        """Adds the noise."""
        import numpy as np

        stray = np.random.default_rng([self.seed, 1]).normal(0, 1, points.shape) * self.noise
        inputs = (points + stray).astype(np.float32)
        low, high = float(np.floor(2 * inputs.min()) / 2), float(np.ceil(2 * inputs.max()) / 2)
        return Raw(inputs, targets.astype(np.int64), classes, (low, high), ("x", "y"))


class _Gate(_Made):
    """A logic gate with two inputs."""

    truth: ClassVar[tuple[int, int, int, int]]

    noise: float = Field(
        default=0.0,
        title="Noise",
        description="How far the points stray from the four corners (standard deviation).",
        ge=0,
        le=2,
        json_schema_extra={"step": 0.05},
    )
    copies: int = Field(
        default=1, title="Copies", description="How often each of the four cases appears.", ge=1, le=10_000
    )

    def load(self, report: Report | None = None) -> Raw:
        """Inputs float32 [4 · copies, 2]: the corners (0, 0), (0, 1), (1, 0), (1, 1)."""
        import numpy as np

        corners = np.array([(0, 0), (0, 1), (1, 0), (1, 1)], np.float64)
        return self._raw(np.tile(corners, (self.copies, 1)), np.tile(self.truth, self.copies), ("0", "1"))


class Xor(_Gate):
    """One or the other, not both."""

    title = "XOR"
    help = "True when exactly one input is: no straight line separates it, so one neuron cannot learn it."
    truth = (0, 1, 1, 0)

    source: Literal["xor"] = Field(default="xor", title="Source", description="Exclusive or.")


class And(_Gate):
    """Both."""

    title = "AND"
    help = "True when both inputs are: one neuron is enough."
    truth = (0, 0, 0, 1)

    source: Literal["and"] = Field(default="and", title="Source", description="Logical and.")


class Or(_Gate):
    """At least one."""

    title = "OR"
    help = "True when at least one input is: one neuron is enough."
    truth = (0, 1, 1, 1)

    source: Literal["or"] = Field(default="or", title="Source", description="Logical or.")


class _Points(_Made):
    """A set of which one chooses how many points it has."""

    points: int = Field(default=600, title="Points", description="How many points, over all classes.", ge=8, le=200_000)

    def _share(self, part: int, parts: int) -> int:
        return self.points // parts + (part < self.points % parts)


class Moons(_Points):
    """Two half circles that reach into each other."""

    title = "Moons"
    help = "Two half moons that reach into each other."

    source: Literal["moons"] = Field(default="moons", title="Source", description="Two half moons.")

    def load(self, report: Report | None = None) -> Raw:
        """Points float32 [points, 2], two classes."""
        import numpy as np

        upper, lower = (np.linspace(0, np.pi, self._share(k, 2)) for k in (0, 1))
        points = np.concatenate(
            [
                np.stack([np.cos(upper), np.sin(upper)], 1),
                np.stack([1 - np.cos(lower), 0.5 - np.sin(lower)], 1),
            ]
        )
        return self._raw(points, np.repeat([0, 1], [len(upper), len(lower)]), ("upper", "lower"))


class Circles(_Points):
    """A ring around a ring."""

    title = "Circles"
    help = "A small ring inside a large one."

    source: Literal["circles"] = Field(default="circles", title="Source", description="A ring inside a ring.")
    factor: float = Field(
        default=0.5,
        title="Inner radius",
        description="The radius of the inner ring; the outer one has radius 1.",
        gt=0,
        lt=1,
        json_schema_extra={"step": 0.05},
    )

    def load(self, report: Report | None = None) -> Raw:
        """Points float32 [points, 2], two classes."""
        import numpy as np

        rings = []
        for k, radius in enumerate((1.0, self.factor)):
            angle = np.linspace(0, 2 * np.pi, self._share(k, 2), endpoint=False)
            rings.append(radius * np.stack([np.cos(angle), np.sin(angle)], 1))
        labels = np.repeat([0, 1], [len(ring) for ring in rings])
        return self._raw(np.concatenate(rings), labels, ("outer", "inner"))


class Spirals(_Points):
    """Arms that wind around each other."""

    title = "Spirals"
    help = "Spiral arms wound around each other: hard for a small network, lovely to watch."

    source: Literal["spirals"] = Field(default="spirals", title="Source", description="Wound spiral arms.")
    arms: int = Field(default=2, title="Arms", description="How many arms, each a class.", ge=2, le=8)
    turns: float = Field(
        default=1.5,
        title="Turns",
        description="How often each arm winds around the middle.",
        gt=0,
        le=5,
        json_schema_extra={"step": 0.25},
    )
    noise: float = Field(
        default=0.02,
        title="Noise",
        description="How far the points stray from their arm (standard deviation).",
        ge=0,
        le=2,
        json_schema_extra={"step": 0.01},
    )

    def load(self, report: Report | None = None) -> Raw:
        """Points float32 [points, 2] with radius up to 1, one class for each arm."""
        import numpy as np

        arms = []
        for k in range(self.arms):
            along = np.linspace(0.08, 1, self._share(k, self.arms))
            angle = 2 * np.pi * (self.turns * along + k / self.arms)
            arms.append(along[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1))
        labels = np.repeat(np.arange(self.arms), [len(arm) for arm in arms])
        names = tuple(f"arm {k + 1}" for k in range(self.arms))
        return self._raw(np.concatenate(arms), labels, names)
