"""The last layer before an output has as many units as the data asks for; what cannot run shows no pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graphs.edits import Disconnect, SetMode
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node
from studio.inspection.activations import Thumbnail
from tests.widgets.editor.tools import lenet, wire
from widgets.editor.canvas import Canvas
from widgets.editor.painting.live import alive

MakeCanvas = Callable[[Network], Canvas]


def short() -> Network:
    nodes = [Node("x", "VectorInput"), Node("act", "ReLU", position=(220, 0)), Node("end", "Output", position=(440, 0))]
    return Network.of(nodes, [wire("x", "act"), wire("act", "end")])


def units(canvas: Canvas, id: str | None) -> object:
    assert id is not None
    return canvas.catalogue.layer(canvas.document.network.nodes[id]).out_features


def test_chained_before_an_output_it_has_the_classes_as_units(make_canvas: MakeCanvas) -> None:
    canvas = make_canvas(short())
    usual = standard().kinds["Linear"]().out_features
    canvas.answers = usual + 3
    assert units(canvas, canvas.chain("Linear", "x")) == usual, "another layer follows"
    last = canvas.chain("Linear", "act")
    assert units(canvas, last) == usual + 3
    canvas.undo()
    assert last not in canvas.document.network.nodes, "it is one step of undo"


def test_put_into_the_wire_of_an_output_too(make_canvas: MakeCanvas) -> None:
    canvas = make_canvas(short())
    canvas.answers = 7
    assert units(canvas, canvas.add_layer("Linear", None, End("end", "in"))) == 7


def test_without_data_it_is_as_always(make_canvas: MakeCanvas) -> None:
    canvas = make_canvas(short())
    assert units(canvas, canvas.chain("Linear", "act")) == standard().kinds["Linear"]().out_features


@pytest.mark.parametrize(
    ("edit", "gone"),
    [
        (Disconnect((End("conv2", "in"),)), {"conv2", "pool2", "flatten1", "fc1", "fc2", "fc3", "output1"}),
        (SetMode(("fc2",), "mute"), {"fc2", "fc3", "output1"}),
        (SetMode(("pool1",), "bypass"), {"pool1"}),
    ],
)
def test_what_gets_nothing_any_more_shows_nothing(edit: object, gone: set[str]) -> None:
    network, _ = edit.apply(lenet())  # type: ignore[attr-defined]
    pictures = {id: Thumbnail("bars", np.zeros(3, np.float32), 0.0, 1.0, 3) for id in network.nodes}
    analysis = Inference(standard()).analyse(network)
    assert pictures.keys() - alive(pictures, analysis).keys() >= gone
    assert {"image1", "conv1"} <= alive(pictures, analysis).keys()
    whole = Inference(standard()).analyse(lenet())
    assert alive(pictures, whole) is pictures
