"""The main gestures in the real program under a real X server, with real keys and a real mouse.

Every gesture has its quick test on a canvas without a display; these few say that window system, Qt, shortcuts,
focus and pop-ups work together. They need a machine with time to spare, so only `make window-test` runs them, or
whoever sets NETLOOM_WINDOW_TESTS=1. A picture of the screen is kept on failure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from graphs.network import End, Frame, Network, Node, Note
from tests.widgets.editor.tools import wire
from tests.window.program import MIDDLE, RIGHT, UP, Program, bookmark, missing

ASKED = os.environ.get("NETLOOM_WINDOW_TESTS", "") not in ("", "0")
pytestmark = [
    pytest.mark.skipif(not ASKED, reason="`make window-test` runs these"),
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.timeout(600),
]
EMPTY = QPointF(60, 560)
"""Nothing stands here."""


def drawn() -> Network:
    """A row with a branch, and below it a second input and two layers without wires.

    A card keeps the room for a picture once it had one, so each gesture takes hold of cards of its own."""
    places = {
        "image1": ("ImageInput", 0, 0), "conv1": ("Conv2d", 260, 0), "relu1": ("ReLU", 520, 0),
        "output1": ("Output", 780, 0), "relu2": ("ReLU", 520, 300), "image2": ("ImageInput", 0, 300),
        "tanh1": ("Tanh", 260, 300), "selu1": ("SELU", 780, 300),
    }  # fmt: skip
    nodes = [Node(id, kind, position=(float(x), float(y))) for id, (kind, x, y) in places.items()]
    pairs = [("image1", "conv1"), ("conv1", "relu1"), ("conv1", "relu2"), ("relu1", "output1")]
    return Network.of(nodes, [wire(a, b) for a, b in pairs])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One window for all."""
    QApplication.instance() or QApplication([])
    program = Program(drawn(), tmp_path_factory.mktemp("window"), QPointF(460, 260))
    yield program
    program.close()
    assert "Traceback" not in program.complaints(), program.complaints()


@pytest.fixture
def program(running: Program, request: pytest.FixtureRequest) -> Iterator[Program]:
    """The window as it was at first; where a test fails, its picture is kept."""
    running.settled()
    failed = request.session.testsfailed
    yield running
    if request.session.testsfailed > failed:
        running.picture(Path(running.folder) / f"{request.node.name}.png")
    running.start_over()


def feeds(network: Network, target: str) -> str:
    """What feeds the input of a node."""
    found = network.wires.get(End(target, "in"))
    return found.source.node if found else ""


def test_tab_letters_and_enter_add_a_layer(program: Program) -> None:
    program.hover(EMPTY)
    program.keys("Tab")
    program.type("conv")
    program.keys("Return")
    node = program.read("a convolution", lambda n: n.nodes.get("conv2"))
    assert abs(node.position[0] - EMPTY.x()) <= 8
    program.keys("ctrl+z")
    program.read("it to be gone", lambda n: "conv2" not in n.nodes)
    program.keys("ctrl+shift+z")
    program.read("it to be back", lambda n: "conv2" in n.nodes)


def test_a_double_click_adds_a_layer(program: Program) -> None:
    program.click(EMPTY, times=2)
    program.type("dense")
    program.keys("Return")
    program.read("a linear layer", lambda n: any(node.kind == "Linear" for node in n.nodes.values()))


def test_a_wire_goes_from_port_to_port_and_from_a_port_to_a_new_layer(program: Program) -> None:
    program.drag([program.port("image2", "out", True), program.port("selu1", "in", False)])
    program.read("the wire", lambda n: feeds(n, "selu1") == "image2")
    program.drag([program.port("image2", "out", True), EMPTY + QPointF(240, 0)])
    program.type("dropout")
    program.keys("Return")
    program.read("a new layer on the wire", lambda n: len(n.outgoing("image2")) == 2 and "Dropout" in _kinds(n))


def test_a_layer_dropped_on_a_wire_goes_into_it(program: Program) -> None:
    box = program.scene.items["tanh1"].rect
    middle = (program.port("relu1", "out", True) + program.port("output1", "in", False)) / 2
    program.drag([program.grip("tanh1"), program.grip("tanh1") + (middle - box.center())])
    program.read("it to be in the wire", lambda n: feeds(n, "tanh1") == "relu1" and feeds(n, "output1") == "tanh1")


def test_wires_are_cut_by_a_stroke_and_by_a_click(program: Program) -> None:
    middle = (program.port("image1", "out", True) + program.port("conv1", "in", False)) / 2
    program.drag([middle - QPointF(0, 60), middle + QPointF(0, 60)], "ctrl", RIGHT)
    program.read("the cut", lambda n: not feeds(n, "conv1"))
    program.click(program.port("conv1", "out", True), "alt")
    program.read("both to be loose", lambda n: not feeds(n, "relu1") and not feeds(n, "relu2"))


def test_ctrl_drag_moves_all_wires_of_a_port(program: Program) -> None:
    program.drag([program.port("conv1", "out", True), program.port("image2", "out", True)], "ctrl")
    program.read("all wires at the other", lambda n: feeds(n, "relu1") == feeds(n, "relu2") == "image2")


def test_a_shaken_layer_falls_out(program: Program) -> None:
    """Turns of the hand can get lost between two glances of a busy machine; then one shakes again."""
    at = program.grip("relu1")

    def out(network: Network) -> bool:
        if feeds(network, "output1") == "conv1":
            return True
        program.keys("ctrl+z", "Escape")
        program.drag([at, *[at + QPointF(dx, 60) for dx in (50, -50, 50, -50, 50, -50, 0)]], pause=0.008)
        return False

    program.read("the flow without it", out)


def test_frames_and_notes_are_made_and_written(program: Program) -> None:
    program.click(program.grip("relu1"))
    program.click(program.grip("relu2"), "shift")
    program.keys("ctrl+g")
    program.type("Twins")
    program.keys("Return")
    marks = program.read("the frame", lambda n: n.marks)
    assert [(m.title, set(m.members)) for m in marks.values() if isinstance(m, Frame)] == [
        ("Twins", {"relu1", "relu2"})
    ]
    program.hover(EMPTY)
    program.keys("shift+p")
    program.type("why two")
    program.keys("Escape")
    program.read("the note", lambda n: any(isinstance(m, Note) and m.text == "why two" for m in n.marks.values()))


def test_layers_are_bypassed_and_muted(program: Program) -> None:
    program.click(program.grip("relu1"))
    program.keys("ctrl+b")
    program.click(program.grip("relu2"))
    program.keys("m")
    program.read("both", lambda n: n.nodes["relu1"].mode == "bypass" and n.nodes["relu2"].mode == "mute")


def test_a_block_is_made_entered_changed_and_left(program: Program) -> None:
    program.click(program.grip("conv1"))
    program.click(program.grip("relu1"), "shift")
    program.keys("ctrl+alt+g")
    program.type("Stage")
    program.keys("Return")
    program.read("the block", lambda n: [b.title for b in n.blocks.values()] == ["Stage"])
    program.keys("Return")
    program.hover(EMPTY)
    program.keys("Tab")
    program.type("gelu")
    program.keys("Return")
    program.read("a layer inside", lambda n: any("GELU" in _kinds(b.network) for b in n.blocks.values()))
    program.keys("Escape", "Escape", "Tab")
    program.type("gelu")
    program.keys("Return")
    program.read("a layer outside", lambda n: "GELU" in _kinds(n))


def _kinds(network: Network) -> set[str]:
    return {node.kind for node in network.nodes.values()}


def test_the_view_is_moved_by_wheel_middle_button_minimap_and_bookmarks(program: Program) -> None:
    start = (program.look_at.x(), program.look_at.y(), 1.0)
    program.drag([EMPTY, EMPTY + QPointF(80, -40)], button=MIDDLE)
    program.keys("ctrl+2")
    place = program.read("where it is now", lambda n: _known(bookmark(n, 2)))
    assert place == (start[0] - 80, start[1] + 40, 1.0)
    program.click(EMPTY, button=UP)
    program.keys("ctrl+3")
    assert program.read("a nearer view", lambda n: _known(bookmark(n, 3)))[2] == pytest.approx(1.0016**120, abs=1e-3)
    program.do("mousemove", "1170", "690", "mousedown", "1", "mousemove", "1180", "680", "mouseup", "1")  # the minimap
    program.keys("ctrl+4")
    assert program.read("a view elsewhere", lambda n: _known(bookmark(n, 4)))[:2] != bookmark_of(program, 3)[:2]

    def back(network: Network) -> bool:
        program.keys("2", "ctrl+5")
        return bookmark(network, 5) == place

    program.read("the way back", back)


def bookmark_of(program: Program, number: int) -> tuple[float, float, float]:
    """A bookmark in the file."""
    return program.read("a bookmark", lambda n: _known(bookmark(n, number)))


def _known(place: tuple[float, float, float]) -> tuple[float, float, float] | None:
    return place if place[2] else None


def test_the_command_palette_finds_what_has_no_key(program: Program) -> None:
    program.click(program.grip("relu2"))
    program.keys("ctrl+b")
    program.read("it to be off", lambda n: n.nodes["relu2"].mode == "bypass")
    program.keys("ctrl+k")
    program.type("let everything")
    program.keys("Return")
    program.read("everything to compute", lambda n: not n.nodes["relu2"].mode)
