"""The kind that a block is: a Layer class made from its definition, so that palette, form and inspector know it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import create_model

from graphs.layers.base import Layer, Port, setting
from graphs.meaning.expressions import is_expression, name_fault
from graphs.meaning.scopes import MOST_REPEATS, Names, inner_names
from graphs.network import BLOCK, Block, natural

MOST_KINDS = 5
"""How many sorts of layers the sentence about a block without words of its own names."""


class BlockUse(Layer):
    """What the kinds of all blocks share. It is resolved into what the block holds before anything is built."""

    family: ClassVar[str] = "blocks"
    wiring: ClassVar[bool] = True
    block: ClassVar[Block]

    repeat: int = setting(
        1, "Repeat", "How many times the block stands in a row, with weights of its own each time.", ge=1,
        le=MOST_REPEATS, extra={"unit": "×"},
    )  # fmt: skip

    @classmethod
    def kind(cls) -> str:
        return f"{BLOCK}{cls.block.id}"

    def inputs(self) -> tuple[Port, ...]:
        return ports(self.block, "BlockInput")

    def outputs(self) -> tuple[Port, ...]:
        return ports(self.block, "BlockOutput")

    def arguments(self, inputs: Any) -> dict[str, Any]:
        return {}

    def summary(self) -> str:
        chosen = {name: getattr(self, name) for name in self.block.parameters if name in type(self).model_fields}
        parts = [f"{name} {v}" for name, v in chosen.items()]
        return " · ".join([*parts[:3], *([f"×{self.repeat}"] if self.repeat > 1 else [])])


def holds(block: Block) -> str:
    """What is inside a block, as one sentence: "6 layers: Conv2d, BatchNorm2d, ReLU and more."."""
    silent = ("BlockInput", "BlockOutput", "Reroute")
    inside = [node for node in block.network.nodes.values() if node.kind not in silent]
    kinds = list(dict.fromkeys(node.name or "a block" if node.block else node.kind for node in inside))
    if not inside:
        return "A block with nothing inside yet."
    count = "1 layer" if len(inside) == 1 else f"{len(inside)} layers"
    return f"{count}: {', '.join(kinds[:MOST_KINDS])}{' and more' if len(kinds) > MOST_KINDS else ''}."


def ports(block: Block, kind: str) -> tuple[Port, ...]:
    """The ports of a block: one for each node of this kind inside it, in natural order of their ids."""
    nodes = (n for n in block.network.nodes.values() if n.kind == kind)
    return tuple(Port(n.id, n.title, "any") for n in sorted(nodes, key=lambda n: natural(n.id)))


def parameter_fault(name: str) -> str:
    """Why a parameter of a block cannot have this name, as one sentence; empty where it can."""
    if sentence := name_fault(name):
        return sentence.replace("hyperparameter", "parameter")
    if hasattr(BlockUse, name) or name in BlockUse.model_fields or name.startswith("model_"):
        return f"“{name}” already means something for every block; take another name."
    return ""


def kind_of(block: Block, names: Names) -> type[Layer]:
    """The Layer class "block-ID" of a block. `names` are what the expressions in its defaults may use."""
    inner, _ = inner_names(block, names, {})
    fields: dict[str, Any] = {
        name: _field(name, value, inner.get(name))
        for name, value in block.parameters.items()
        if not parameter_fault(name)
    }
    kind: type[BlockUse] = create_model(f"{BLOCK}{_named(block.id)}", __base__=BlockUse, **fields)
    kind.block = block
    kind.title, kind.help = block.title or block.id, block.help or holds(block)
    kind.stem = re.sub(r"\W+|\d+$", "", block.id.lower()) or "block"
    skips = any(node.kind == "Add" for node in block.network.nodes.values())
    kind.synonyms = ("block", block.id, *(("skip connection", "residual") if skips else ()))
    return kind


def _named(id: str) -> str:
    """An id as a class of Python can be called; any text, but for letters that no text is written with."""
    return "".join(letter if letter.isprintable() else "_" for letter in id)


def _field(name: str, default: Any, value: Any) -> tuple[Any, Any]:
    """Type and default of a parameter; one whose default is an expression takes any number."""
    kinds: Mapping[type, Any] = {bool: bool, int: int, float: float, str: str}
    title = name.replace("_", " ").capitalize()
    says = f"{title} of this block; by itself {default}."
    kind = int | float if is_expression(default) else kinds.get(type(default), Any)
    return kind, setting(default if value is None else value, title, says)
