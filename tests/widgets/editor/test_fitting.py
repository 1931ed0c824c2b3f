"""While a wire is in the hand every port says whether it would fit; a drop that does not fit offers what mends it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.inference.shapes import Inference
from graphs.network import End, Network, Node, Wire
from graphs.reuse.blocks import make_block
from studio.project import Project
from tests.widgets.editor.tools import Hand, wire
from widgets.editor.canvas import Canvas
from widgets.editor.gestures import DrawWire

LARGE = ("ImageInput", {"channels": 3, "height": 16, "width": 16})
MAP = ("ImageInput", {"channels": 3, "height": 8, "width": 8})
ROW = ("VectorInput", {"features": 64})
ODD = ("VectorInput", {"features": 10})
TEXT = ("TokensInput", {})
Made = tuple[str, dict[str, Any]]


def shown(qtbot: QtBot, network: Network) -> Canvas:
    """A canvas that knows all shapes."""
    project = Project(Document(network))
    canvas = Canvas(project.document, project.catalogue)
    qtbot.addWidget(canvas)
    canvas.ease.reduced = True
    canvas.resize(1280, 800)
    canvas.show()
    canvas.zoom_reset()
    inference = Inference(project.catalogue)
    canvas.set_inference(inference)
    canvas.set_analysis(inference.analyse(network))
    return canvas


def many() -> Network:
    """One of everything that has ports: layers that fit and do not, a block, a dot, a join, what lies before."""
    kinds = ["ImageInput", "Conv2d", "MaxPool2d", "Linear", "Embedding", "Add", "Reroute", "Output"]
    nodes = [Node(kind.lower(), kind, position=(n % 4 * 240.0, n // 4 * 250.0)) for n, kind in enumerate(kinds)]
    network = Network.of(nodes, [wire("imageinput", "conv2d"), wire("conv2d", "maxpool2d")])
    project = Project(Document(network))
    project.document.apply(make_block(network, ["maxpool2d"], project.catalogue, "Stage"))
    return project.network


@pytest.mark.parametrize(("start", "output"), [("conv2d", True), ("linear", False)])
def test_every_port_on_the_screen_says_whether_it_fits(qtbot: QtBot, start: str, output: bool) -> None:
    canvas = shown(qtbot, many())
    hand = Hand(canvas)
    port = "out" if output else "in"
    hand.press(hand.port(start, port, output))
    hand.move(QPointF(500, 460))
    gesture = canvas.gesture
    assert isinstance(gesture, DrawWire)
    others = [s for i in canvas.scene.items if i != start for s in canvas.scene.sockets(i) if s.output != output]
    assert {"stage1", "reroute", "add"} <= {socket.end.node for socket in others}

    def all_judged() -> None:
        canvas.grab()
        assert all(gesture._judged(socket) for socket in others)

    qtbot.waitUntil(all_judged)
    for socket in others:
        verdict = gesture.verdict(socket)
        assert verdict.short or verdict.fits, socket
        assert verdict.fits or verdict.text
    if output:
        short = {socket.end.node: gesture.verdict(socket).short for socket in others}
        assert short["stage1"] == "16×13×13" and short["reroute"] == "16×26×26"
        assert short["embedding"] == "needs tokens" and short["linear"].startswith("needs")
    hand.release(hand.port(start, port, output))


MENDS = [
    (MAP, ("Linear", {}), None, "Insert Flatten"),
    (MAP, ("Linear", {}), None, "Insert GlobalAvgPool"),
    (ROW, ("Conv2d", {}), None, "Reshape to 1×8×8 first"),
    (MAP, ("Add", {}), ("ImageInput", {"channels": 16, "height": 8, "width": 8}), "Insert Conv2d 1×1 before b"),
    (MAP, ("Add", {}), ODD, "Insert GlobalAvgPool and Linear before b"),
    (ODD, ("Multiply", {}), MAP, "Insert Linear and Reshape before b"),
    (MAP, ("Concat", {}), LARGE, "Insert Upsample to 16×16 before b"),
    (ODD, ("Concat", {}), MAP, "Insert Linear and Reshape before b"),
    (TEXT, ("LSTM", {}), None, "Insert Embedding"),
    (MAP, ("BatchNorm1d", {}), None, "Use BatchNorm2d instead"),
    (ROW, ("Embedding", {}), None, "Use Linear instead"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "target", "first", "label"), MENDS)
def test_a_drop_that_does_not_fit_offers_the_mend(
    qtbot: QtBot, source: Made, target: Made, first: Made | None, label: str
) -> None:
    """By hand: drag, choose from the menu at the pointer, and the layer computes; one step of undo."""
    nodes = [Node("source", source[0], fields=source[1]), Node("target", *_named(target), position=(400.0, 0.0))]
    nodes += [Node("output", "Output", position=(700.0, 0.0))]
    wires = [wire("target", "output")]
    if first is not None:
        nodes.append(Node("first", first[0], fields=first[1], position=(0.0, 250.0)))
        wires.append(Wire(End("first", "out"), End("target", "a")))
    network = Network.of(nodes, wires)
    canvas = shown(qtbot, network)
    hand = Hand(canvas)
    hand.drag(hand.port("source", "out", True), hand.port("target", "b" if first else "in", False))
    offers = {action.text(): action for action in canvas.popup.actions() if action.isEnabled()}
    assert label in offers, list(offers)
    offers[label].trigger()
    canvas.popup.close()
    after = Inference(canvas.root_catalogue).analyse(canvas.document.network)
    assert not [problem for problem in after.problems_of("target") if problem.severity == "error"]
    assert after.output_shape(End("target", "out")) is not None
    canvas.undo()
    assert canvas.document.network == network and not canvas.document.can_undo


def _named(made: Made) -> tuple[str, str, dict[str, Any]]:
    return made[0], "", made[1]
