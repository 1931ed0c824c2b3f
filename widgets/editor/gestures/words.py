"""The gestures of the canvas in words: what the page about hands lists. What keys do is declared with the actions."""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """One gesture: under which heading it stands, how it is made, what comes of it, and the class that does it."""

    heading: str
    how: str
    what: str
    by: str = ""


LAYERS, WIRES, LOOK, MARKS = "Layers", "Wires", "Looking around", "Frames and notes"
GESTURES: tuple[Told, ...] = (
    Told(LAYERS, "Double-click on empty ground", "Search a layer and add it there"),
    Told(
        LAYERS,
        "Drag out of the list at the left",
        "Add a layer there, or into the wire there",
        "DropKind",
    ),
    Told(LAYERS, "Drag", "Move what is selected; over a wire, put it in; Alt leaves the wire alone", "MoveNodes"),
    Told(LAYERS, "Shake while dragging", "Take the layer out of its wires; the flow goes on without it", "MoveNodes"),
    Told(LAYERS, "Drag on empty ground", "Select what the frame touches; Shift adds to the selection", "RubberBand"),
    Told(LAYERS, "Click, Shift+click", "Select a layer, or one more"),
    Told(LAYERS, "Double-click on a block", "Go inside"),
    Told(LAYERS, "Click on a warning sign", "See the problem and what mends it"),
    Told(WIRES, "Drag from a port", "Draw a wire; dropped on empty ground it offers what fits", "DrawWire"),
    Told(WIRES, "Drag the end of a wire", "Move it to another port, or let it go", "DrawWire"),
    Told(WIRES, "Ctrl+drag from a port", "Move all its wires to another port", "MoveWires"),
    Told(WIRES, "Alt+click on a port", "Take its wires off"),
    Told(WIRES, "Ctrl+right drag", "Cut every wire that the stroke crosses", "CutWires"),
    Told(WIRES, "Shift+right drag", "Put a dot into every wire that the stroke crosses", "DotWires"),
    Told(WIRES, "Double-click on a wire", "Put a dot into it, to lead it around other layers"),
    Told(WIRES, "Click, Shift+click on a wire", "Select it, or one more"),
    Told(MARKS, "Drag a frame by its title or border", "Move it with all that it holds", "MoveNodes"),
    Told(MARKS, "Drag a layer into a frame, or out", "It belongs to the frame, or no longer", "MoveNodes"),
    Told(MARKS, "Double-click on a title or a note", "Write it"),
    Told(MARKS, "Drag the corner of a note", "Make it larger or smaller", "ResizeNote"),
    Told(LOOK, "Wheel, or pinch", "Zoom at the pointer"),
    Told(LOOK, "Middle drag, or Space and drag", "Move the view", "Pan"),
    Told(LOOK, "Two fingers on a trackpad", "Move the view; with Ctrl zoom"),
    Told(LOOK, "Shift+wheel", "Move the view sideways"),
    Told(LOOK, "Drag in the small map", "Look elsewhere"),
    Told(LOOK, "Right-click", "Everything that can be done with what is there"),
)
