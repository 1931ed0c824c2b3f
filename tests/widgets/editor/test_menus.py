"""Menus say what can be done where they open, names are changed in place, and only what fits is offered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.edits import AddNodes
from graphs.inference.shapes import Inference
from graphs.layers.blocks import kind_of
from graphs.layers.catalogue import standard
from graphs.network import BLOCK, Block, End, Network, Node
from graphs.reuse.blocks import make_block
from studio.project import Project
from tests.widgets.editor.tools import Hand, lenet, wire
from widgets.editor.blockfit import holds
from widgets.editor.canvas import Canvas

Key, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    """LeNet with its first convolution and pooling in a block."""
    project = Project(Document(lenet()))
    project.document.apply(make_block(project.network, ["conv1", "pool1"], project.catalogue, "Stage"))
    made = Canvas(project.document, project.catalogue)
    qtbot.addWidget(made)
    made.ease.reduced = True
    made.resize(1280, 800)
    made.show()
    made.setFocus()
    return made


def use_of(canvas: Canvas) -> str:
    return next(i for i, node in canvas.document.network.nodes.items() if node.block)


def offered(canvas: Canvas) -> dict[str, str]:
    """Entries of the menu with their keys."""
    return {a.text(): a.shortcut().toString() for a in canvas.context_menu(QMenu(canvas)).actions()}


def closed(canvas: Canvas) -> dict[str, str]:
    """The menu that stands open on the screen, which is closed."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    found = {a.text(): a.shortcut().toString() for a in menu.actions()}
    menu.close()
    return found


def test_no_two_entries_of_a_menu_name_one_key(canvas: Canvas) -> None:
    """And the key after a block is the one that chains there; Return goes inside."""
    for chosen in ([], [use_of(canvas)], ["conv2"], ["conv2", "pool2"]):
        canvas.select(chosen)
        keys = [key for key in offered(canvas).values() if key]
        assert len(keys) == len(set(keys)), chosen
    canvas.select([use_of(canvas)])
    assert offered(canvas)["Add a layer after it…"] == "Shift+Return" and offered(canvas)["Go inside"] == "Return"
    canvas.select(["conv2"])
    assert offered(canvas)["Add a layer after it…"] == "Return"


@pytest.mark.parametrize("id", ["stage", "conv2"])
def test_shift_return_chains_after_a_layer_and_after_a_block(canvas: Canvas, id: str) -> None:
    id = use_of(canvas) if id == "stage" else id
    canvas.select([id])
    QTest.keyClick(canvas, Key.Key_Return, SHIFT)
    QTest.keyClicks(canvas.popup.field, "lrelu")
    QTest.keyClick(canvas.popup.field, Key.Key_Return)
    (new,) = canvas.selected()
    assert canvas.document.network.incoming(new)[0].source.node == id and canvas.path == ()


def test_f2_renames_layers_and_uses_also_inside(canvas: Canvas, qtbot: QtBot) -> None:
    """What was typed is kept by Enter as one step; a room renames the layer in the definition."""

    def rename(id: str, name: str) -> None:
        canvas.select([id])
        QTest.keyClick(canvas, Key.Key_F2)
        field = canvas.naming.field
        assert field is not None and field.text() == canvas.document.network.nodes[id].title
        field.selectAll()
        qtbot.keyClicks(field, name)
        qtbot.keyClick(field, Key.Key_Return)

    steps, use = len(canvas.root.steps), use_of(canvas)
    rename("fc1", "Wide")
    rename(use, "First stage")
    assert canvas.root.network.nodes["fc1"].name == "Wide" and canvas.root.network.nodes[use].name == "First stage"
    canvas.enter(use)
    inner = next(i for i, node in canvas.document.network.nodes.items() if node.kind == "Conv2d")
    rename(inner, "Edges")
    assert canvas.document.network.nodes[inner].name == "Edges" and len(canvas.root.steps) == steps + 3
    canvas.select([])
    assert not canvas.nameable()


def test_a_right_click_on_empty_ground_is_about_the_canvas(canvas: Canvas) -> None:
    """Whatever is selected; the menu key stays with the selection."""
    canvas.select(["conv2"])
    Hand(canvas).context(QPointF(5000, 5000))
    found = closed(canvas)
    assert {"Add a layer…", "Paste", "Add a note", "Tidy up", "Select all", "Show all"} <= set(found)
    assert canvas.selected() == []
    canvas.select(["conv2"])
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(3, 3), canvas.mapToGlobal(QPoint(3, 3)))
    QApplication.sendEvent(canvas, asked)
    assert "Duplicate" in closed(canvas)


def test_the_menu_of_a_wire_inserts_a_layer_or_a_dot(canvas: Canvas) -> None:
    end = End("pool2", "in")
    canvas.choose_wire(end)
    assert {"Insert a layer…", "Add a reroute dot", "Delete the wire"} <= set(offered(canvas))
    canvas.insert_layer()
    kinds = {entry.kind for entry in canvas.popup.entries()}
    assert "ReLU" in kinds and not kinds & {"ImageInput", "Output"}
    QTest.keyClicks(canvas.popup.field, "lrelu")
    QTest.keyClick(canvas.popup.field, Key.Key_Return)
    (new,) = canvas.selected()
    network = canvas.document.network
    assert network.wires[end].source.node == new and network.incoming(new)[0].source.node == "conv2"
    canvas.choose_wire(end)
    canvas.dot_wires()
    assert canvas.document.network.nodes[canvas.document.network.wires[end].source.node].kind == "Reroute"


def residual(filters: int = 16) -> Block:
    """x + conv(x): takes only maps of so many channels."""
    nodes = [
        Node("in1", "BlockInput"), Node("add", "Add"), Node("out1", "BlockOutput"),
        Node("conv", "Conv2d", "", {"out_channels": "=filters", "kernel_size": [3, 3], "padding": 1}),
    ]  # fmt: skip
    wires = [wire("in1", "conv"), wire("conv", "add", "a"), wire("in1", "add", "b"), wire("add", "out1")]
    inner = Network.of(nodes, wires)
    return Block("residual", "Residual", inner, {"filters": filters})


def ports(network: Network, id: str) -> list[str]:
    return [port.name for port in standard().layer(network.nodes[id]).inputs()]


@pytest.fixture
def fitting(qtbot: QtBot) -> Canvas:
    """An image of 16 channels, rows of 10 numbers, and a project's residual block."""
    block = residual()
    first, second = ports(block.network, "add")
    wires = [wire("in1", "conv"), wire("conv", "add", first), wire("in1", "add", second), wire("add", "out1")]
    block = Block(block.id, block.title, Network.of(list(block.network.nodes.values()), wires), block.parameters)
    nodes = [
        Node("image", "ImageInput", "", {"channels": 16, "height": 8, "width": 8}),
        Node("grey", "ImageInput", "", {"channels": 3, "height": 8, "width": 8}, (0, 300)),
        Node("row", "VectorInput", "", {"features": 10}, (0, 600)),
    ]
    network = Network(nodes={node.id: node for node in nodes}, blocks={block.id: block})
    project = Project(Document(network))
    made = Canvas(project.document, project.catalogue)
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    made.set_inference(Inference(project.catalogue))
    made.set_analysis(Inference(project.catalogue).analyse(network))
    return made


@pytest.mark.parametrize(("after", "fits"), [("image", True), ("grey", False), ("row", False)])
def test_a_block_is_offered_only_where_it_computes(fitting: Canvas, after: str, fits: bool) -> None:
    """The image of 3 channels passes the convolution and fails at the sum."""
    fitting.select([after])
    fitting.chain_layer()
    assert (BLOCK + "residual" in {entry.kind for entry in fitting.popup.entries()}) == fits
    fitting.popup.close()


def test_a_block_is_not_offered_inside_itself(fitting: Canvas) -> None:
    """Nor what holds it, nor in the list without a query."""
    kind = kind_of(fitting.root.network.blocks["residual"], {})
    fitting.document.apply(AddNodes((Node("r", kind.kind()),)))
    fitting.enter("r")
    fitting.open_palette()
    found = {entry.kind for entry in fitting.popup.entries()}
    assert kind.kind() not in found and "BlockInput" in found
    fitting.popup.close()
    outer = Block("outer", "Outer", Network.of([Node("u", BLOCK + "residual")], []))
    assert holds({"residual": residual(), "outer": outer}, frozenset({"residual"})) == {"residual", "outer"}


def test_what_cannot_fit_is_not_offered_as_a_mend(fitting: Canvas) -> None:
    """A use that nothing feeds is not offered the row, which it cannot take."""
    fitting.document.apply(AddNodes((Node("r", BLOCK + "residual", position=(300, 0)),)))
    inference = Inference(fitting.root_catalogue)
    found = inference.analyse(fitting.root.network).problems_of("r")
    labels = [fix.label for problem in found for fix in problem.fixes]
    assert not any("row" in label for label in labels) and any(label.startswith("Connect ") for label in labels)
