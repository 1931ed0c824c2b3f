"""A network as a figure for papers and slides.

Convolutional networks become rows of volumes, rows of dense layers become columns of circles, everything else boxes
with arrows. It says what is computed; what is bypassed or muted is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from graphs.inference.analysis import Analysis
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import Network
from graphs.pictures.boxes import draw_boxes
from graphs.pictures.columns import draw_columns
from graphs.pictures.drawing import Drawing
from graphs.pictures.inks import ink
from graphs.pictures.stages import Line, Stage, line_of, stages_of
from graphs.pictures.steps import Graph, graph_of
from graphs.pictures.volumes import draw_volumes

__all__ = ["Form", "Look", "figure", "figure_drawing"]

Form = Literal["auto", "volumes", "columns", "boxes"]
MOST_VOLUMES, MOST_COLUMNS = 48, 12


@dataclass(frozen=True)
class Look:
    """How a figure shall look. `details` writes what is folded into a stage, `opened` shows what blocks hold."""

    theme: Literal["light", "dark"] = "light"
    form: Form = "auto"
    grey: bool = False
    transparent: bool = False
    details: bool = True
    opened: bool = False


def figure(
    network: Network,
    analysis: Analysis,
    look: Look = Look(),
    *,
    catalogue: Catalogue | None = None,
    title: str = "Network",
) -> str:
    """The figure as SVG text. A form that does not suit the network gives boxes."""
    drawing = figure_drawing(network, analysis, look, catalogue=catalogue)
    return drawing.svg(title, "" if look.transparent else ink(look.theme, look.grey).background)


def figure_drawing(
    network: Network,
    analysis: Analysis,
    look: Look = Look(),
    *,
    catalogue: Catalogue | None = None,
) -> Drawing:
    """The figure before it is written."""
    graph = graph_of(network, analysis, catalogue or standard(), look.opened)
    colours = ink(look.theme, look.grey)
    drawing = Drawing()
    form, line = _form(graph, look)
    if not graph.steps:
        drawing.text((0, 0), "Nothing to draw yet", colours.dim, 12)
    elif form == "volumes" and line is not None:
        draw_volumes(drawing, line, colours, look.details)
    elif form == "columns" and line is not None:
        draw_columns(drawing, line, colours, look.details)
    else:
        draw_boxes(drawing, graph, colours, look.details)
    return drawing


def _form(graph: Graph, look: Look) -> tuple[Form, Line | None]:
    """The form in which the network is drawn, and its row where it is one."""
    if look.form == "boxes" or any(step.inside for step in graph.steps.values()):
        return "boxes", None
    stages = stages_of(graph, joins=True)
    line = line_of(stages)
    if line is None:
        return "boxes", None
    fits = {"volumes": len(stages) <= 4 * MOST_VOLUMES, "columns": _dense(stages) and not line.skips}
    if look.form != "auto":
        return (look.form if fits[look.form] else "boxes"), line
    if fits["columns"] and 2 <= len(stages) <= MOST_COLUMNS:
        return "columns", line
    maps = any(_is_map(stage) for stage in stages.values())
    known = all(stage.shape for stage in stages.values())
    return ("volumes" if maps and known and len(stages) <= MOST_VOLUMES else "boxes"), line


def _is_map(stage: Stage) -> bool:
    return len(stage.shape or ()) == 3 and stage.head.family in ("convolution", "pooling")


def _dense(stages: Mapping[str, Stage]) -> bool:
    """Whether it is dense layers alone, from a vector on, or from a map laid out as one."""
    flat = [s for s in stages.values() if s.before]
    begun = [s for s in stages.values() if s.head.is_input]
    laid_out = all(s.before == ["flatten"] and s.sources == [b.head.id for b in begun] for s in flat)
    return laid_out and all(
        bool(s.shape) and ((s.head.is_input and (len(s.shape or ()) == 1 or bool(flat))) or _is_dense(s))
        for s in stages.values()
    )


def _is_dense(stage: Stage) -> bool:
    return stage.head.kind == "Linear" and len(stage.shape or ()) == 1
