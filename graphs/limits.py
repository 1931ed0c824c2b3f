"""How many blocks a design can have, and how they may stand in each other."""

from __future__ import annotations

from collections.abc import Mapping

from graphs.network import Block, Network
from graphs.patches import EditError

MOST_BLOCKS, MOST_DEPTH, MOST_PARAMETERS, MOST_ALTOGETHER = 1_000, 32, 64, 4_096
"""Blocks of a design, how deep they stand in each other, parameters of one and of all: more is no design but a trap."""


def check_blocks(network: Network, after: Mapping[str, Block | None], changed: Mapping[str, Block | None]) -> None:
    """Raises EditError where a removed block is in use, where a block would hold itself, or one holds what none can."""
    gone = {key for key, block in changed.items() if block is None and key in network.blocks}
    places = (network, *(block.network for block in after.values() if block)) if gone else ()
    for place in places:
        for key in place.uses & gone:
            user = next(node for node in place.nodes.values() if node.block == key)
            raise EditError(f"The block “{network.blocks[key].title or key}” is in use by “{user.title}”.")
    if sum(block is not None for block in after.values()) > max(MOST_BLOCKS, len(network.blocks)):
        raise EditError(f"A design holds at most {MOST_BLOCKS:,} blocks.")
    grown = False
    for key, block in changed.items():
        if block and (block.network.blocks or block.network.settings):
            raise EditError("The inside of a block holds no blocks and no settings of its own.")
        known = network.blocks.get(key)
        if block and len(block.parameters) > max(MOST_PARAMETERS, len(known.parameters) if known else 0):
            raise EditError(f"A block has at most {MOST_PARAMETERS} parameters.")
        if block and block.network.uses - (known.network.uses if known else frozenset()):
            grown = True
            if _holds(after, key):
                raise EditError(f"The block “{block.title or key}” cannot hold itself.")
    altogether = sum(len(block.parameters) for block in after.values() if block)
    if altogether > max(MOST_ALTOGETHER, sum(len(block.parameters) for block in network.blocks.values())):
        raise EditError(f"The blocks of a design have at most {MOST_ALTOGETHER:,} parameters.")
    if grown and depth(after) > MOST_DEPTH:
        raise EditError(f"Blocks stand in each other at most {MOST_DEPTH} deep.")


def depth(blocks: Mapping[str, Block | None]) -> int:
    """How many blocks stand in each other at most; those that hold themselves, or one that does, do not count."""
    needs = {key: block.network.uses & blocks.keys() for key, block in blocks.items() if block}
    users: dict[str, list[str]] = {}
    for key, held in needs.items():
        for inner in held:
            users.setdefault(inner, []).append(key)
    waiting = {key: len(held) for key, held in needs.items()}
    heights = {key: 1 for key, count in waiting.items() if not count}
    ready = list(heights)
    while ready:
        inner = ready.pop()
        for key in users.get(inner, ()):
            waiting[key] -= 1
            heights[key] = max(heights.get(key, 1), heights[inner] + 1)
            ready += [] if waiting[key] else [key]
    return max(heights.values(), default=0)


def _holds(blocks: Mapping[str, Block | None], key: str) -> bool:
    """Whether a block is used in its own inside, however deep."""
    seen: set[str] = set()
    stack = [key]
    while stack:
        block = blocks.get(stack.pop())
        for used in block.network.uses - seen if block else ():
            if used == key:
                return True
            seen.add(used)
            stack.append(used)
    return False
