"""Wires without a mouse: connect, disconnect, choose one after the other, offer ports by name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from graphs.edits import AddNodes
from graphs.network import End, Node
from widgets.editor.canvas import Canvas
from widgets.panels.finder import Finder


def test_two_selected_layers_are_connected_in_their_order(canvas: Canvas) -> None:
    canvas.document.apply(AddNodes((Node("add9", "Add"),)))
    canvas.select(["conv1", "add9"])
    canvas.connect_selected()
    canvas.select(["pool1", "add9"])
    canvas.connect_selected()
    wires = canvas.document.network.incoming("add9")
    assert {(w.source.node, w.target.port) for w in wires} == {("conv1", "a"), ("pool1", "b")}
    canvas.select(["conv1", "add9"])
    canvas.disconnect_selected()
    assert [w.source.node for w in canvas.document.network.incoming("add9")] == ["pool1"]


def test_a_loop_and_a_wrong_count_are_refused_in_words(canvas: Canvas, qtbot: QtBot) -> None:
    before = canvas.document.network
    for chosen, voice in ((["conv1"], canvas.told), (["pool1", "conv1"], canvas.message)):
        canvas.select(chosen)
        with qtbot.waitSignal(voice) as said:
            canvas.connect_selected()
        assert said.args[0].endswith(".")
    assert canvas.document.network is before


def test_the_wires_of_a_layer_are_chosen_one_after_the_other(canvas: Canvas) -> None:
    canvas.select(["conv1"])
    seen = []
    for _ in range(3):
        canvas.next_wire(1)
        seen.append((set(canvas.chosen_wires), canvas.selected()))
    assert seen == [({End("conv1", "in")}, []), ({End("pool1", "in")}, []), (set(), ["conv1"])]
    canvas.next_wire(-1)
    assert canvas.chosen_wires == {End("pool1", "in")}
    assert canvas.accessibleDescription().startswith("Wire from ")
    canvas.delete_selection()
    assert End("pool1", "in") not in canvas.document.network.wires


def test_ports_are_offered_by_name(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.document.apply(AddNodes((Node("add9", "Add", "Sum"),)))
    canvas.select(["conv1"])
    canvas.connect_to()
    finder = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Finder) and w.isVisible())
    assert not any("image" in id.split(">")[1] for id in finder.found()), "a wire back would close a loop"
    qtbot.keyClicks(finder.line, "sum")
    assert finder.found() == ["conv1.out>add9.a", "conv1.out>add9.b"]
    qtbot.keyClick(finder.line, Qt.Key.Key_Down)
    qtbot.keyClick(finder.line, Qt.Key.Key_Return)
    assert canvas.document.network.wires[End("add9", "b")].source.node == "conv1"
