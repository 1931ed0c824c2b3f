"""Cards keep their size: before torch is there, while a shape is unknown, and beside their neighbours."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.document import Document
from graphs.edits import Rename, SetFields
from graphs.files import storage
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from graphs.network import End, Network, Node, Wire
from tests.widgets.editor.test_look import FACTS, Analysis
from tests.widgets.editor.tools import lenet
from widgets.editor.canvas import Canvas
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting.guess import guesses

EXAMPLES = sorted((Path(__file__).parents[3] / "resources/examples").glob("*.netloom"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_card_of_an_example_jumps_when_its_shapes_arrive(qapp: object, path: Path) -> None:
    network = storage.loads(path.read_text(encoding="utf-8"))
    catalogue = standard().copy()
    catalogue.know(network)
    scene = Scene(catalogue)
    scene.load(network)
    before = {i: item.rect.getRect() for i, item in scene.items.items()}
    scene.set_analysis(Inference(catalogue).analyse(network))
    assert {i: item.rect.getRect() for i, item in scene.items.items()} == before
    assert any(item.face.art for item in scene.items.values())


def test_guesses_are_what_the_analysis_finds() -> None:
    network = lenet()
    facts = Inference(standard()).analyse(network).facts
    for id, guess in guesses(network, standard()).items():
        assert (guess.outputs, guess.parameters) == (facts[id].outputs, facts[id].parameters)


def test_a_card_keeps_its_size_while_its_shape_is_unknown(canvas: Canvas) -> None:
    canvas.set_analysis(Analysis(lenet(), FACTS))  # type: ignore[arg-type]
    before = {i: canvas.scene.items[i].rect.getRect() for i in FACTS}
    canvas.document.apply(SetFields("conv1", {"out_channels": -1}))
    canvas.set_analysis(Analysis(canvas.document.network, {}))  # type: ignore[arg-type]
    assert {i: canvas.scene.items[i].rect.getRect() for i in FACTS} == before
    assert canvas.scene.items["fc1"].face.art is not None and canvas.scene.items["fc1"].face.count == ""


def test_a_card_grows_only_into_free_room(qapp: object) -> None:
    nodes = [Node("a", "ReLU"), Node("b", "ReLU", position=(160.0, 0.0)), Node("c", "ReLU", position=(0.0, 300.0))]
    document, scene = Document(Network.of(nodes, [])), Scene(standard())
    scene.load(document.network)
    document.subscribe(scene.follow)
    for id in ("a", "c"):
        document.apply(Rename(id, "a name that needs a wide card"))
    assert scene.items["a"].rect.right() <= 160 - 16 < scene.items["c"].rect.right()


def test_a_window_over_values_of_another_rank_is_no_guess() -> None:
    """A pool that gives a fixed size after a vector: a design that does not fit is guessed at as well."""
    nodes = [Node("a", "SequenceInput"), Node("b", "AdaptiveAvgPool2d")]
    scene = Scene(standard())
    scene.load(Network.of(nodes, [Wire(End("a", "out"), End("b", "in"))]))
    assert scene.items.keys() == {"a", "b"}
