"""Any network as layered boxes: round boxes in the families' colours below each other, arrows with shapes between.

Sums are circles, inputs and outputs pills; an opened block is a frame around what it holds, its repeats a bracket.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphs.layers.base import times
from graphs.pictures.drawing import Drawing, Pen, Point
from graphs.pictures.inks import Ink
from graphs.pictures.lettering import elided, width
from graphs.pictures.plans import Item, Plan, planned
from graphs.pictures.stages import Stage, stages_of
from graphs.pictures.steps import Graph
from graphs.pictures.volumes import draw_sign
from graphs.pictures.words import long_words

__all__ = ["draw_boxes"]

WORDS, FINE = 12.0, 10.0
NARROWEST, WIDEST = 132.0, 260.0
LOW, HIGH, PILL = 32.0, 44.0, 28.0
SIGN, DOT = 22.0, 7.0
PADDING, HEAD, BRACKET = 22.0, 26.0, 44.0
SIGNS = {"Add": "+", "Multiply": "×"}


def draw_boxes(drawing: Drawing, graph: Graph, ink: Ink, details: bool = True) -> None:
    """Draw the steps from above to below, going on in columns side by side where there are many."""
    painter = _Painter(drawing, ink, details)
    painter.draw(painter.plan(graph, wrap=True), (0.0, 0.0))


@dataclass
class _Painter:
    drawing: Drawing
    ink: Ink
    details: bool

    def plan(self, graph: Graph, wrap: bool = False) -> Plan:
        """Boxes for the stages of a graph, in place."""
        return planned({id: self._item(stage) for id, stage in stages_of(graph).items()}, wrap)

    def _item(self, stage: Stage) -> Item:
        kind = stage.head.kind
        if stage.head.inside is not None and stage.head.inside.steps:
            item = self._frame(stage, self.plan(stage.head.inside))
        elif kind in ("BlockInput", "BlockOutput"):
            item = Item(stage, DOT, DOT)
        elif kind in SIGNS:
            item = Item(stage, SIGN, SIGN)
        else:
            item = self._box(stage)
        item.room = 2 * (width(_shape(stage), FINE) + 10) if _shape(stage) else 0.0
        return item

    def _box(self, stage: Stage) -> Item:
        lines = self.lines(stage)
        wide = max(width(lines[0], WORDS) * 1.05, *(width(t, FINE) for t in lines[1:]), 0.0) + 28
        pill = stage.head.is_input or stage.head.is_output
        tall = HIGH if len(lines) > 1 else PILL if pill else LOW
        return Item(stage, min(max(wide, NARROWEST if not pill else 84.0), WIDEST), tall)

    def _frame(self, stage: Stage, inside: Plan) -> Item:
        side = BRACKET if stage.head.repeat > 1 else 0.0
        title = width(_title(stage), WORDS) * 1.08
        middle = next((i.middle for i in inside.items.values() if i.stage.head.kind == "BlockInput"), inside.wide / 2)
        half = max(middle + PADDING, inside.wide - middle + PADDING, title + 24)
        shift = half + side - middle
        heads = tuple(i.middle + shift for i in inside.items.values() if i.stage.head.kind == "BlockInput")
        feet = tuple(i.middle + shift for i in inside.items.values() if i.stage.head.kind == "BlockOutput")
        return Item(stage, 2 * (half + side), inside.tall + HEAD + 12, 0.0, inside, heads, feet, shift)

    def lines(self, stage: Stage) -> list[str]:
        """What stands in a box: what it does, and below it its name and what is folded into it."""
        step = stage.head
        words = step.title if step.is_input or step.is_output else long_words(step.kind, step.layer, step.channels)
        words += f" ×{step.repeat}" if step.repeat > 1 else ""
        plain = words.lower().replace(" ", "")
        more = [] if step.title.lower().replace(" ", "") in plain else [step.title]
        more += stage.folded if self.details else []
        return [words, *([" · ".join(more)] if more else [])]

    def draw(self, plan: Plan, corner: Point) -> None:
        """Draw a plan with its upper left corner here: arrows first, then boxes, then what flows."""
        x, y = corner
        pen = Pen(self.ink.line, 1.3)
        for way in plan.ways:
            points = [(x + a, y + b) for a, b in way.points]
            small = plan.items[way.target].tall < 10
            self.drawing.way(points, pen, 0.0 if small else 7.0)
        for item in plan.items.values():
            self._draw_item(item, (x + item.left, y + item.top))
        takers = {way.source for way in plan.ways}
        for id, item in plan.items.items():
            below = any(way.source == id and way.points[0][1] > item.centre for way in plan.ways)
            if id in takers and below:
                at = (x + item.left + item.exit() - item.left + 7, y + item.bottom + 14)
                self.drawing.text(at, _shape(item.stage), self.ink.dim, FINE, anchor="start")

    def _draw_item(self, item: Item, corner: Point) -> None:
        kind, (x, y) = item.stage.head.kind, corner
        if item.inside is not None:
            self._draw_frame(item, item.inside, corner)
        elif item.wide == DOT:
            self.drawing.circle((x + DOT / 2, y + DOT / 2), 2.6, self.ink.line)
        elif kind in SIGNS:
            draw_sign(self.drawing, self.ink, (x + SIGN / 2, y + SIGN / 2), SIGNS[kind], SIGN / 2)
        else:
            self._draw_box(item, corner)

    def _draw_box(self, item: Item, corner: Point) -> None:
        (x, y), step = corner, item.stage.head
        pill = step.is_input or step.is_output
        dash = "4 3" if step.layer is None or not step.layer.title else ""
        box = (x, y, item.wide, item.tall)
        pen = Pen(self.ink.edge(step.family), 1.1, dash)
        self.drawing.rounded(box, item.tall / 2 if pill else 7, self.ink.fill(step.family, 0.24), pen)
        lines = self.lines(item.stage)
        first = y + (item.tall / 2 + 4.2 if len(lines) == 1 else 19)
        words = elided(lines[0], item.wide - 16, WORDS)
        self.drawing.text((x + item.wide / 2, first), words, self.ink.text, WORDS)
        if len(lines) > 1:
            fine = elided(lines[1], item.wide - 16, FINE)
            self.drawing.text((x + item.wide / 2, y + 34), fine, self.ink.dim, FINE)

    def _draw_frame(self, item: Item, inside: Plan, at: Point) -> None:
        (x, y), repeat = at, item.stage.head.repeat
        side = BRACKET if repeat > 1 else 0.0
        box = (x + side, y, item.wide - 2 * side, item.tall)
        self.drawing.rounded(box, 11, self.ink.fill("blocks", 0.07), Pen(self.ink.edge("blocks"), 1.1))
        pen = Pen(self.ink.line, 1.3)
        corner = x + item.shift, y + HEAD
        for ends, edge, turn in ((item.entries, y, 0.0), (item.exits, y + item.tall, inside.tall)):
            for end in ends:
                self.drawing.line((x + end, edge), (x + end, corner[1] + turn), pen)
        self.draw(inside, corner)
        wide, entry = item.wide - 2 * side, (item.entries[0] if item.entries else item.wide / 2) - side
        left = entry >= wide / 2 - 1
        title = elided(_title(item.stage), max(entry, wide - entry) - 22, WORDS)
        place = (x + side + (12 if left else wide - 12), y + 18)
        self.drawing.text(place, title, self.ink.text, WORDS, anchor="start" if left else "end", bold=True)
        if repeat > 1:
            edge = x + item.wide - side + 8
            ways = [(edge, y + 4), (edge + 7, y + 4), (edge + 7, y + item.tall - 4), (edge, y + item.tall - 4)]
            self.drawing.way(ways, Pen(self.ink.text, 1.2))
            self.drawing.text(
                (edge + 13, y + item.tall / 2 + 4), f"×{repeat}", self.ink.text, 13, anchor="start", bold=True
            )


def _title(stage: Stage) -> str:
    layer = stage.head.layer
    kind = layer.title if layer is not None else ""
    return stage.head.title if not kind or stage.head.title == kind else f"{stage.head.title}: {kind}"


def _shape(stage: Stage) -> str:
    return times(stage.shape) if stage.shape and stage.head.kind != "BlockOutput" else ""
