"""What a proof says of each layer, and of what is drawn. Light: the window reads it before anything is computed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TOLERANCE = 1e-5
"""The share of the largest value by which numbers of one precision may differ."""
AGREES, FOLLOWS, BEGINS = "agrees", "follows", "begins"


@dataclass(frozen=True)
class Verdict:
    """How a layer fares: the largest absolute difference of its results, the largest absolute value among them, and
    whether the two agree there, part there (`begins`), or only go on from a layer before where they do (`follows`)."""

    error: float
    largest: float
    state: str = AGREES

    @property
    def share(self) -> float:
        """The difference as a share of the largest value."""
        return self.error / self.largest if self.largest else self.error


@dataclass(frozen=True)
class Proof:
    """`verdicts` by id of the plain layer, in the order of computing; layers that nothing needs are absent."""

    verdicts: Mapping[str, Verdict]
    opset: int
    samples: int
    tolerance: float = TOLERANCE

    @property
    def begins(self) -> tuple[str, ...]:
        """The layers in which PyTorch and onnxruntime part, in the order of computing."""
        return tuple(id for id, verdict in self.verdicts.items() if verdict.state == BEGINS)

    @property
    def first(self) -> str | None:
        """The first of them, None where all agree."""
        return next(iter(self.begins), None)

    @property
    def worst(self) -> str | None:
        """The layer with the largest difference as a share of its values."""
        return max(self.verdicts, key=lambda id: self.verdicts[id].share, default=None)

    def of(self, ids: Iterable[str]) -> Verdict | None:
        """The worst of these layers, as of a block: the one in which it begins, else the largest share."""
        found = [self.verdicts[id] for id in ids if id in self.verdicts]
        order = (AGREES, FOLLOWS, BEGINS)
        return max(found, key=lambda verdict: (order.index(verdict.state), verdict.share), default=None)

    def drawn(self, scopes: Collection[str], room: tuple[str, ...] = ()) -> dict[str, Verdict]:
        """By id of the nodes that are drawn in the design, or inside the use of a block at `room`, the worst of the
        layers that each stands for. `scopes` are those of the resolved design (`Flat.scopes`)."""
        layers: dict[str, list[str]] = {}
        for id in self.verdicts:
            path = drawn_path(id, scopes)
            if len(path) > len(room) and path[: len(room)] == room:
                layers.setdefault(path[len(room)], []).append(id)
        return {node: verdict for node, ids in layers.items() if (verdict := self.of(ids)) is not None}

    def told(self) -> list[dict[str, Any]]:
        """A row for each layer, for JSON."""
        return [
            {"node": id, "difference": v.error, "largest": v.largest, "share": v.share, "state": v.state}
            for id, v in self.verdicts.items()
        ]


def drawn_path(id: str, scopes: Collection[str]) -> tuple[str, ...]:
    """The ids that are drawn, from the outside in, of a layer of the plain network: "res1/0/conv1" is ("res1", "conv1")
    where "res1/0/" is a scope."""
    path, start = [], 0
    while (end := id.find("/", start)) >= 0:
        for stop in (end, id.find("/", end + 1)):
            if id[: stop + 1] in scopes:
                path.append(id[start:end])
                start = stop + 1
                break
        else:
            break
    return (*path, id[start:])
