"""Blocks as a person would draw them: none around a single node or block, and none called after an operator in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

Path = tuple[str, ...]
_SAYS_NOTHING = re.compile(
    r"([a-z]|conv\w*|relu\w*|batch_?norm\w*|bn|gemm|matmul|add|mul|concat|x|y|out|node|val|function)[_.]?\d*",
    re.IGNORECASE,
)
"""Steps that name one operator of a block rather than the block."""
_SHORT = {"BatchNorm": "BN", "Conv": "conv", "Linear": "linear", "Dropout": "dropout", "MaxPool": "max pool"}
MOST_NAMED = 3
"""Layers that the name of a block lists."""


@dataclass(frozen=True)
class Drawn:
    """Where each node stands, and what the blocks are called, by their places."""

    paths: Mapping[str, Path]
    titles: Mapping[Path, str]


def flattened(paths: Mapping[str, Path], titles: Mapping[Path, str], kept: Collection[str] = ()) -> Drawn:
    """Without the blocks that hold no more than one node or block, which takes their name. The nodes `kept` stay where
    they are: their weights go by their places."""
    children: dict[Path, set[tuple[str, str]]] = {}
    fixed = {path[:depth] for id, path in paths.items() if id in kept for depth in range(1, len(path))}
    for id, path in paths.items():
        for depth in range(1, len(path)):
            children.setdefault(path[:depth], set()).add((path[depth], id if depth == len(path) - 1 else ""))
    single = {path for path, inside in children.items() if len(inside) == 1} - fixed
    found = {id: _without(path, single) for id, path in paths.items()}
    left = {_without(path, single): title for path, title in titles.items() if path not in single}
    return Drawn(found, left)


def _without(path: Path, single: Collection[Path]) -> Path:
    """A place without the steps that hold no more than the next one, which goes by the first of their names."""
    steps: list[str] = []
    waiting = ""
    for depth, step in enumerate(path, 1):
        waiting = waiting or step
        if path[:depth] not in single:
            steps.append(waiting)
            waiting = ""
    return tuple(steps)


def named(drawn: Drawn, kinds: Mapping[str, str]) -> dict[Path, str]:
    """What blocks are called: as they were given, and by what they hold where their place names one operator. `kinds`
    are those of the nodes, in the order in which they compute."""
    inside: dict[Path, list[str]] = {}
    for id in (id for id in kinds if len(drawn.paths.get(id, ())) > 1):
        inside.setdefault(drawn.paths[id][:-1], []).append(kinds[id])
    around = {path[:depth] for path in inside for depth in range(1, len(path))}
    silent = [path for path in {**inside, **dict.fromkeys(around)} if _SAYS_NOTHING.fullmatch(path[-1])]
    made = {path: "Block" if path in around else _content(inside[path]) for path in silent}
    return {**made, **drawn.titles}


def _content(kinds: list[str]) -> str:
    """ "BN, ReLU, conv"; no more than "Block" where it holds many layers."""
    if len(kinds) > MOST_NAMED:
        return "Block"
    words = [re.sub(r"\d+d$", "", kind) for kind in kinds]
    text = ", ".join(_SHORT.get(word, word) for word in words)
    return text[:1].upper() + text[1:]
