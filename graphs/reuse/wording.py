"""How parameters and blocks are called that nobody named: by the fields and the modules they come from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from graphs.layers.blocks import parameter_fault
from graphs.layers.catalogue import standard
from graphs.network import BLOCK, Block, Network, Node

_WORDS = {
    "out_channels": "channels",
    "out_features": "features",
    "kernel_size": "kernel",
    "num_heads": "heads",
    "hidden_size": "hidden",
    "repeat": "depth",
}
"""Fields that a parameter is called otherwise for."""
_WIDE = re.compile(r"(.*_)?(channels|features|hidden|hidden_size|groups|width|squeezed|dim_feedforward)(_\d+)?")
"""Fields that say how wide something is: one number may stand for several of them."""
LARGEST = 16
"""How many times wider than another layer one is said to be, not how wide."""


class Place(NamedTuple):
    """Where a number stands: a node, its field, and the place in a list; -1 for a number alone."""

    node: str
    field: str
    at: int


Column = tuple[int | float, ...]
"""What a number is in each of several blocks."""
Key = tuple[str, Column]
"""A sort of number, and what it is in each block."""
Columns = Mapping[Key, list[Place]]


def sort(name: str) -> str:
    """What a field of this name speaks of: numbers of one sort that are always the same are one parameter."""
    return "wide" if _WIDE.fullmatch(name) else re.sub(r"_\d+$", "", _WORDS.get(name, name))


def parameter_names(columns: Columns, taken: Collection[str]) -> tuple[dict[str, Column], dict[Key, str]]:
    """Parameters for numbers that differ, by name, and the expression that says each of the numbers."""
    base, texts = _bases(columns)
    chosen: dict[Key, str] = {}
    short: dict[str, list[Key]] = defaultdict(list)
    for key in base:
        short[_WORDS.get(columns[key][0].field, columns[key][0].field)].append(key)
    for word, keys in short.items():
        for key in reversed(keys):
            options = _options(word, columns[key][0], key is keys[-1], len(keys))
            chosen[key] = _free(options, word, {*taken, *chosen.values()})
    values = {chosen[key]: key[1] for key in base}
    return values, {key: f"={chosen[texts[key][0]]}{texts[key][1]}" for key in columns}


def _bases(columns: Columns) -> tuple[list[Key], dict[Key, tuple[Key, str]]]:
    """The numbers that are parameters, and for each number the one it follows from and what is done with that."""
    base: list[Key] = []
    texts: dict[Key, tuple[Key, str]] = {}
    for key in sorted(columns, key=lambda key: key[0] == "padding"):
        found = next(((other, text) for other in base if (text := _follows(key, other)) is not None), None)
        if found is None:
            base.append(key)
        texts[key] = found or (key, "")
    return [key for key in columns if key in base], texts


def _follows(key: Key, other: Key) -> str | None:
    """What is done with another number to have this one."""
    (kind, column), (before, numbers) = key, other
    if not all(isinstance(number, int) for number in (*column, *numbers)):
        return None
    if kind == "padding" and before == "kernel":
        return "//2" if all(a == b // 2 for a, b in zip(column, numbers, strict=True)) else None
    if kind == "padding" and before == "dilation":
        return "" if column == numbers else None
    if kind != before or kind != "wide" or min(*column, *numbers) <= 0:
        return None
    for large, small, sign in ((column, numbers, "*"), (numbers, column, "//")):
        times = int(large[0] // small[0])
        if 2 <= times <= LARGEST and all(a == b * times for a, b in zip(large, small, strict=True)):
            return f"{sign}{times}"
    return None


def _options(word: str, place: Place, last: bool, count: int) -> list[str]:
    """What a parameter may be called: by its field, the last of several, which is what comes out; by the node."""
    node = re.sub(r"\W", "_", place.node)
    by_node = [f"{node}_{word}"] if node[0].isalpha() else [f"n{node}"] if not node.isdigit() else []
    if last:
        return [word]
    return ["hidden", *by_node] if count == 2 and sort(place.field) == "wide" else by_node


def _free(options: list[str], word: str, taken: Collection[str]) -> str:
    numbered = (f"{word[:30]}_{number}" for number in range(2, len(taken) + 3))
    for name in (*options, *numbered, *(f"value_{number}" for number in range(1, len(taken) + 2))):
        if name not in taken and name.isascii() and not parameter_fault(name):
            return name
    raise AssertionError("there is always a free number")


def written(node: Node, place: Place, old: Any, text: str) -> Node:
    """A node with an expression in the place of a number. A list of the same expression becomes that alone, where a
    single number means the same."""
    if place.at < 0:
        return replace(node, fields={**node.fields, place.field: text})
    listed = [*old] if isinstance(old, list | tuple) else [old] * (place.at + 1)
    listed[place.at] = text
    alone = set(listed) == {text} and _takes_one(node.kind, place.field, len(listed))
    return replace(node, fields={**node.fields, place.field: text if alone else listed})


@lru_cache(maxsize=1024)
def _takes_one(kind: str, name: str, count: int) -> bool:
    """Whether a field of so many numbers may be said as one."""
    known = standard().kinds.get(kind)
    if known is None:
        return False
    try:
        made = [known.model_validate({name: value}).model_dump(mode="json") for value in (3, [3] * count)]
    except ValidationError:
        return False
    return made[0] == made[1]


def generic(block: Block) -> tuple[str, str]:
    """What a block has in common with others of which nobody says what they are: its title without numbers, or that
    it is a convolution and what goes with it."""
    return ("", "Convolution") if _convolves(block.network) else ("", re.sub(r"\d+[a-z]?\b|\d+", "", block.title))


def shared_title(blocks: list[Block]) -> str:
    """What blocks are called together of which nobody says what they are."""
    titles = {block.title for block in blocks}
    if len(titles) == 1 and not (titles.copy().pop().endswith(" block") and _convolves(blocks[0].network)):
        return blocks[0].title
    if _convolves(blocks[0].network):
        return "Convolution"
    return " ".join(generic(blocks[0])[1].split()).strip(" _") or blocks[0].title


def _convolves(network: Network) -> bool:
    """Whether this is a single convolution, with a normalisation, an activation or both."""
    kinds = [node.kind for node in network.nodes.values() if node.kind not in _PORTS]
    rest = [kind for kind in kinds if not re.fullmatch(r"Conv[123]d", kind)]
    known = [standard().kinds.get(kind) for kind in rest]
    side = all(kind is not None and kind.family in ("normalisation", "activation") for kind in known)
    return len(kinds) - len(rest) == 1 and 1 <= len(rest) <= 3 and side and len(network.wires) == len(kinds) + 1


_PORTS = ("BlockInput", "BlockOutput")


def titled_apart(network: Network, keep: Collection[str]) -> Network:
    """The design with another title for each block, and ids that say the same; the blocks `keep` stay."""
    titles = _titles(network, keep)
    names: dict[str, str] = {key: key for key in keep}
    free = Network(blocks={key: network.blocks[key] for key in keep if key in network.blocks})
    for key, title in titles.items():
        names[key] = free.fresh_block(re.sub(r"\W+", "_", title.lower()).strip("_")[:60] or "block")
        free = replace(free, blocks={**free.blocks, names[key]: network.blocks[key]})
    blocks = {}
    for key, block in network.blocks.items():
        inner = _renamed(block.network, names)
        blocks[names[key]] = (
            block if key in keep else Block(names[key], titles[key], inner, block.parameters, block.help)
        )
    return replace(_renamed(network, names), blocks=blocks)


def _renamed(network: Network, names: Mapping[str, str]) -> Network:
    nodes = {
        id: replace(node, kind=BLOCK + names[node.block]) if node.block and node.block in names else node
        for id, node in network.nodes.items()
    }
    return replace(network, nodes=nodes)


def _titles(network: Network, keep: Collection[str]) -> dict[str, str]:
    """A title for each block that no other has: its own, where it stands, or what it has more than its like."""
    alike: dict[str, list[Block]] = defaultdict(list)
    for key, block in network.blocks.items():
        if key not in keep:
            alike[block.title].append(block)
    steps = _steps(network)
    taken, titles = {block.title for key, block in network.blocks.items() if key in keep}, dict[str, str]()
    for title, blocks in alike.items():
        plain = min(blocks, key=lambda block: len(block.network.nodes))
        for block in blocks:
            options = [title] if block is plain or len(blocks) == 1 else []
            options += [_more(title, block, plain), _placed(title, steps.get(block.id, ())), title]
            numbered = (f"{title} {number}" for number in range(2, len(taken) + 3))
            titles[block.id] = next(o for o in (*options, *numbered) if o and o not in taken)
            taken.add(titles[block.id])
    return {key: titles[key] for key in network.blocks if key not in keep}


def _steps(network: Network) -> dict[str, set[str]]:
    """Under which ids each block stands."""
    found: dict[str, set[str]] = defaultdict(set)
    for part in (network, *(block.network for block in network.blocks.values())):
        for id, node in part.nodes.items():
            if node.block is not None:
                found[node.block].add(id)
    return found


def _placed(title: str, steps: Collection[str]) -> str:
    """The title with the number of the one place where a block stands: "Layer 2"."""
    (step,) = steps if len(steps) == 1 else ("",)
    number = re.fullmatch(r"([^\W\d]*?)_?(\d+[a-z]?)", step)
    if number and not number[1] and not title.endswith(" block"):
        return ""
    return f"{title.removesuffix(' block')} {number[2]}" if number else ""


def _more(title: str, block: Block, plain: Block) -> str:
    """The title with what a block holds more than its like: "BasicBlock with downsample"."""
    more = [node for id, node in block.network.nodes.items() if id not in plain.network.nodes]
    named = [node for node in more if node.kind not in _PORTS]
    named.sort(key=lambda node: len(node.id))
    if not named or not all(node.id.startswith(named[0].id) for node in named):
        return ""
    word = named[0].id if re.match(r"[^\W\d]", named[0].id) else "" if named[0].block else named[0].kind
    return f"{title} with {word.replace('_', ' ')}" if word else ""
