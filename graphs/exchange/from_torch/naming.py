"""Where the nodes of a program stand: under the paths of the modules they were called in, which state dicts keep."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from graphs.exchange.from_torch.assembling import Assembled, Piece
from graphs.exchange.from_torch.program import Level

_CONTAINERS = """
    Sequential ModuleList ModuleDict Transformer TransformerEncoder TransformerDecoder ParameterList
"""
CONTAINERS = frozenset(_CONTAINERS.split())
Path = tuple[str, ...]


@dataclass
class Places:
    """The path of each piece, and which pieces share all or one of their weights with an earlier one."""

    paths: list[Path] = field(default_factory=list)
    ties: dict[int, int] = field(default_factory=dict)
    copied: list[str] = field(default_factory=list)


def places(made: Assembled) -> Places:
    """A path for each piece, no two the same and none the beginning of another."""
    inner = [place for place, piece in enumerate(made.pieces) if not piece.kind.endswith("Input")]
    alone = Counter(piece.level for piece in made.pieces)
    wanted = {place: _wanted(made.pieces[place], alone) for place in inner}
    found, taken = Places(), set[Path]()
    groups = {path[:depth] for path in wanted.values() for depth in range(1, len(path))}
    for place, piece in enumerate(made.pieces):
        if place not in wanted:
            found.paths.append(())
            continue
        path = wanted[place]
        if path in groups:
            path = (*path, piece.stem)
        found.paths.append(_free(path, taken | groups))
        taken.add(found.paths[-1])
    _tie(made, found)
    return found


def _wanted(piece: Piece, alone: Counter[Level | None]) -> Path:
    """The path of the layer that it stands for, else the one that its weights have, else one in the module around."""
    level = piece.level
    path = tuple(step for step in level.path.split(".") if step) if level else ()
    if level and path and alone[level] == 1 and _is_layer(level):
        return path if not level.turn else (*path[:-1], f"{path[-1]}_{level.turn + 1}")
    named = () if level and level.turn else _by_weights(piece)
    return named or (*path, piece.stem)


def _by_weights(piece: Piece) -> Path:
    """The path under which all weights keep their names; of a single one that has another name here, its own."""
    around = {fqn.removesuffix(own) for own, fqn in piece.tensors.items() if fqn.endswith(f".{own}")}
    if len(around) == 1 and all(fqn.endswith(f".{own}") for own, fqn in piece.tensors.items()):
        return tuple(next(iter(around)).rstrip(".").split("."))
    if len(piece.tensors) == 1 and piece.kind != "TorchOp":
        return tuple(next(iter(piece.tensors.values())).split("."))
    return ()


def _is_layer(level: Level) -> bool:
    return level.kind.startswith("torch.nn.") and level.kind.rpartition(".")[2] not in CONTAINERS


def _free(path: Path, taken: set[Path]) -> Path:
    name, count = path, 1
    while name in taken:
        count += 1
        name = (*path[:-1], f"{path[-1]}_{count}")
    return name


def _tie(made: Assembled, found: Places) -> None:
    """Which pieces have the same weights."""
    first: dict[str, int] = {}
    for place, piece in enumerate(made.pieces):
        owners = {first[fqn] for fqn in piece.tensors.values() if fqn in first}
        for owner in sorted(owners):
            other = made.pieces[owner]
            whole = piece.kind == other.kind and piece.tensors == other.tensors
            if whole or ("weight" in piece.tensors and piece.tensors["weight"] == other.tensors.get("weight")):
                found.ties[place] = owner
                break
        else:
            if owners:
                found.copied.append(".".join(found.paths[place]))
        for fqn in piece.tensors.values():
            first.setdefault(fqn, place)


def titles(made: Assembled, calls: list[tuple[Level, ...]]) -> dict[Path, str]:
    """What the blocks are called: the classes of the modules that a person wrote."""
    found: dict[Path, str] = {}
    for levels in calls:
        for level in levels:
            name = level.kind.rpartition(".")[2]
            if level.path and name not in CONTAINERS and not level.kind.startswith("torch.nn."):
                found[tuple(level.path.split("."))] = name
    return found
