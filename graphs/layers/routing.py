"""What leads values about and computes nothing: the dot in a wire, and where a block begins and ends.

These are drawn, and resolved (`graphs.meaning.flat`) before anything is measured or built.
"""

from __future__ import annotations

from typing import ClassVar

from graphs.layers.base import Layer, Port

_IN = (Port("in", accepts="any"),)
_OUT = (Port("out", accepts="any"),)


class Wiring(Layer):
    """What all of these share: any values, no fields, nothing to build."""

    family: ClassVar[str] = "blocks"
    wiring: ClassVar[bool] = True

    def inputs(self) -> tuple[Port, ...]:
        return _IN

    def outputs(self) -> tuple[Port, ...]:
        return _OUT


class Reroute(Wiring):
    title: ClassVar[str] = "Reroute"
    help: ClassVar[str] = "A dot that a wire goes through, so that it can be led around other layers."
    stem: ClassVar[str] = "dot"
    synonyms: ClassVar[tuple[str, ...]] = ("dot", "wire", "bend", "knot", "waypoint")


class BlockInput(Wiring):
    title: ClassVar[str] = "Block input"
    help: ClassVar[str] = "Where values come into a block: every use of the block has a port for it."
    stem: ClassVar[str] = "in"
    synonyms: ClassVar[tuple[str, ...]] = ("port", "argument", "enter", "begin", "group input")

    def inputs(self) -> tuple[Port, ...]:
        return ()


class BlockOutput(Wiring):
    title: ClassVar[str] = "Block output"
    help: ClassVar[str] = "Where values leave a block: every use of the block has a port for it."
    stem: ClassVar[str] = "out"
    synonyms: ClassVar[tuple[str, ...]] = ("port", "result", "return", "leave", "end", "group output")

    def outputs(self) -> tuple[Port, ...]:
        return ()
