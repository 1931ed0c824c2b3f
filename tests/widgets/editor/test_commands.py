"""What keys and menus do."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.edits import Move
from graphs.network import End, Network, Node
from tests.widgets.editor.tools import Hand, lenet, wire
from widgets.editor.canvas import Canvas

MakeCanvas = Callable[[Network], Canvas]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def press(canvas: Canvas, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(canvas, key, keys)


def test_delete_undo_redo(canvas: Canvas) -> None:
    canvas.select(["pool1", "conv2"])
    press(canvas, Key.Key_Delete)
    assert {"pool1", "conv2"}.isdisjoint(canvas.document.network.nodes) and canvas.selected() == []
    press(canvas, Key.Key_Z, CTRL)
    assert canvas.document.network == lenet()
    press(canvas, Key.Key_Z, CTRL | SHIFT)
    assert "pool1" not in canvas.document.network.nodes


def test_copy_and_paste_make_the_same_nodes_under_new_ids(canvas: Canvas) -> None:
    canvas.select(["conv1", "pool1", "conv2"])
    press(canvas, Key.Key_C, CTRL)
    press(canvas, Key.Key_V, CTRL)
    network = canvas.document.network
    copies = canvas.selected()
    assert len(copies) == 3 and len(network.nodes) == 13
    for old, new in zip(
        ("conv1", "pool1", "conv2"), sorted(copies, key=lambda i: network.nodes[i].position), strict=True
    ):
        a, b = network.nodes[old], network.nodes[new]
        assert (a.kind, a.fields) == (b.kind, b.fields)
        assert b.position != a.position
    assert sum(w.source.node in copies and w.target.node in copies for w in network.wires.values()) == 2
    assert not any(w.source.node in lenet().nodes and w.target.node in copies for w in network.wires.values())


def test_copies_travel_to_another_canvas(canvas: Canvas, make_canvas: MakeCanvas) -> None:
    canvas.select_all()
    canvas.copy()
    other = make_canvas(Network())
    other.paste()
    assert other.document.network == lenet()


def test_paste_keeping_inputs(canvas: Canvas) -> None:
    canvas.select(["conv2"])
    canvas.copy()
    canvas.paste(keep_inputs=True)
    (copy,) = canvas.selected()
    assert canvas.document.network.wires[End(copy, "in")].source.node == "pool1"


def test_cut_and_paste_bring_the_same_back(canvas: Canvas) -> None:
    canvas.select(["fc1", "fc2"])
    canvas.cut()
    assert "fc1" not in canvas.document.network.nodes
    canvas.paste()
    assert canvas.document.network.nodes == lenet().nodes


@pytest.mark.parametrize("text", ["", "hello", "{}", '{"format": "netloom-fragment"}', "[" * 5000])
def test_a_strange_clipboard_is_one_sentence(canvas: Canvas, text: str) -> None:
    said: list[str] = []
    canvas.message.connect(said.append)
    canvas.told.connect(said.append)
    QGuiApplication.clipboard().setText(text)
    canvas.paste()
    assert len(said) == 1 and canvas.document.network == lenet()


def test_duplicate_leaves_the_clipboard_alone(canvas: Canvas) -> None:
    QGuiApplication.clipboard().setText("mine")
    canvas.select(["fc1", "fc2"])
    press(canvas, Key.Key_D, CTRL)
    assert len(canvas.selected()) == 2 and QGuiApplication.clipboard().text() == "mine"
    first, second = canvas.selected()
    assert canvas.document.network.wires[End(second, "in")].source.node == first


def test_taking_out_keeps_the_flow(canvas: Canvas) -> None:
    canvas.select(["pool1", "conv2"])
    press(canvas, Key.Key_X, CTRL | SHIFT)
    network = canvas.document.network
    assert "pool1" in network.nodes and not network.incoming("pool1") and not network.outgoing("conv2")
    assert network.wires[End("pool2", "in")].source.node == "conv1"


def test_enter_chains_a_layer(canvas: Canvas) -> None:
    canvas.select(["conv1"])
    press(canvas, Key.Key_Return)
    kinds = {entry.kind for entry in canvas.popup.entries()}
    assert "ReLU" in kinds and "ImageInput" not in kinds
    QTest.keyClicks(canvas.popup.field, "relu")
    QTest.keyClick(canvas.popup.field, Key.Key_Return)
    network = canvas.document.network
    assert network.wires[End("relu1", "in")].source.node == "conv1"
    assert network.wires[End("pool1", "in")].source.node == "relu1"
    boxes = [canvas.scene.items[i].rect for i in ("conv1", "relu1", "pool1", "conv2")]
    assert all(a.right() < b.left() for a, b in itertools.pairwise(boxes))
    assert canvas.selected() == ["relu1"]


def test_tab_opens_the_palette_and_shift_tab_leaves(canvas: Canvas) -> None:
    canvas.setFocus()
    press(canvas, Key.Key_Tab)
    assert canvas.popup.isVisible()
    canvas.popup.close()


def test_arrows_walk_along_wires(canvas: Canvas) -> None:
    press(canvas, Key.Key_Right)
    assert canvas.selected() == ["image1"]
    press(canvas, Key.Key_Right)
    press(canvas, Key.Key_Right)
    assert canvas.selected() == ["pool1"]
    press(canvas, Key.Key_Left)
    assert canvas.selected() == ["conv1"]
    press(canvas, Key.Key_Down)
    assert canvas.selected() == ["fc1"]
    press(canvas, Key.Key_Up)
    assert canvas.selected() == ["conv1"]


def test_nudges_are_one_step(canvas: Canvas) -> None:
    canvas.select(["conv1"])
    for _ in range(3):
        press(canvas, Key.Key_Right, CTRL)
    assert canvas.document.network.nodes["conv1"].position == (232.0, 0.0)
    press(canvas, Key.Key_Z, CTRL)
    assert canvas.document.network == lenet()


def test_a_layer_from_the_list_stands_beside_the_selection(canvas: Canvas) -> None:
    canvas.select(["fc3"])
    id = canvas.add_layer("ReLU")
    assert id == "relu1" and canvas.selected() == ["relu1"]
    box = canvas.scene.items["relu1"].rect
    assert all(not box.intersects(item.rect) for i, item in canvas.scene.items.items() if i != "relu1")
    assert canvas.add_layer("NoSuchKind") is None


@pytest.mark.parametrize("chosen", [["conv1"], ["conv1", "pool1"]])
def test_a_layer_from_the_palette_finds_free_room_beside_the_selection(canvas: Canvas, chosen: list[str]) -> None:
    canvas.select(chosen)
    last = canvas.scene.bounds(chosen)
    press(canvas, Key.Key_Tab)
    canvas.popup.chosen.emit("ReLU")
    canvas.popup.close()
    (new,) = canvas.selected()
    box = canvas.scene.items[new].rect
    assert new not in chosen and box.left() >= last.right()
    assert all(not box.intersects(item.rect) for id, item in canvas.scene.items.items() if id != new)


def test_tidying_up_overlaps_nothing_and_is_one_step(make_canvas: MakeCanvas) -> None:
    nodes = [Node(n.id, n.kind, n.name, n.fields) for n in lenet().nodes.values()]
    canvas = make_canvas(Network.of(nodes, list(lenet().wires.values())))
    press(canvas, Key.Key_L)
    rects = [item.rect for item in canvas.scene.items.values()]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])
    assert all(x % 8 == 0 and y % 8 == 0 for x, y in (n.position for n in canvas.document.network.nodes.values()))
    canvas.undo()
    assert not canvas.document.can_undo


def test_a_large_network_is_tidied_beside_the_window(make_canvas: MakeCanvas, qtbot: QtBot) -> None:
    nodes = [Node(f"relu{n}", "ReLU") for n in range(450)]
    canvas = make_canvas(Network.of(nodes, [wire(f"relu{n}", f"relu{n + 1}") for n in range(449)]))
    canvas.arrange()
    assert not canvas.document.can_undo, "it has only begun"
    qtbot.waitUntil(lambda: canvas.document.can_undo, timeout=5000)
    assert len({node.position for node in canvas.document.network.nodes.values()}) == 450
    said: list[str] = []
    canvas.message.connect(said.append)
    canvas.undo()
    canvas.arrange()
    canvas.document.apply(Move({"relu1": (8.0, 8.0)}))
    qtbot.waitUntil(lambda: bool(said), timeout=5000)
    assert canvas.document.network.nodes["relu2"].position == (0.0, 0.0)


def test_tidying_up_eases_and_ends_where_the_document_says(make_canvas: MakeCanvas) -> None:
    nodes = [Node(n.id, n.kind, n.name, n.fields) for n in lenet().nodes.values()]
    canvas = make_canvas(Network.of(nodes, list(lenet().wires.values())))
    canvas.ease.reduced = False
    canvas.arrange()
    goal = canvas.document.network.nodes["fc3"].position
    assert canvas.scene.items["fc3"].rect.topLeft() != QPointF(*goal)
    canvas.document.apply(Move({"fc3": (8.0, 8.0)}))
    canvas.ease.stop()
    assert canvas.scene.items["fc3"].rect.topLeft() == QPointF(8, 8)


def test_looking_around(canvas: Canvas) -> None:
    zooms: list[float] = []
    canvas.zoom_changed.connect(zooms.append)
    press(canvas, Key.Key_Home)
    seen = canvas.camera.scene_rect(canvas.rect().toRectF())
    assert seen.contains(canvas.scene.bounds())
    canvas.select(["fc3"])
    press(canvas, Key.Key_F)
    centre = canvas.camera.to_view(canvas.scene.items["fc3"].rect.center())
    assert abs(centre.x() - canvas.width() / 2) < 2
    canvas.zoom_in()
    canvas.zoom_reset()
    assert canvas.camera.scale == pytest.approx(1.0) and zooms[-1] == pytest.approx(1.0)
    canvas.reveal("image1")
    assert canvas.camera.view_rect(canvas.scene.items["image1"].rect).left() >= 39


def test_fitting_stays_clear_of_the_minimap(canvas: Canvas) -> None:
    canvas.arrange()
    canvas.fit()
    corner = canvas.camera.scene_rect(canvas.minimap.geometry().toRectF())
    assert canvas.minimap.isVisible() and canvas.scene.boxes.within(corner) == []


def test_what_is_brought_into_view_is_not_under_the_minimap(canvas: Canvas) -> None:
    canvas.zoom_reset()
    box = canvas.scene.items["conv2"].rect
    for spot in (canvas.minimap.geometry().center(), canvas.rect().bottomRight() * 2):
        canvas.camera.x = box.center().x() - spot.x() / canvas.camera.scale
        canvas.camera.y = box.center().y() - spot.y() / canvas.camera.scale
        canvas.moved_camera()
        canvas.reveal("conv2")
        seen = canvas.camera.view_rect(box)
        assert canvas.minimap.isVisible() and canvas.rect().toRectF().contains(seen)
        assert not seen.intersects(canvas.minimap.geometry().toRectF())


def test_what_was_fitted_stays_fitted_until_hands_move_it(canvas: Canvas) -> None:
    canvas.fit()
    canvas.resize(900, 500)
    seen = canvas.camera.scene_rect(canvas.rect().toRectF())
    assert seen.contains(canvas.scene.bounds())
    canvas.pan(10, 0)
    state = canvas.camera.state()
    canvas.resize(1000, 600)
    assert canvas.camera.state() == state


def test_the_minimap_moves_the_view(canvas: Canvas) -> None:
    canvas.zoom(3.0)
    before = canvas.camera.state()
    QTest.mouseClick(canvas.minimap, Qt.MouseButton.LeftButton, pos=canvas.minimap.rect().center() / 2)
    assert canvas.camera.state() != before
    canvas.minimap.grab()
    canvas.toggle_minimap()
    assert not canvas.minimap.isVisible()


def test_another_document_takes_the_place(canvas: Canvas) -> None:
    canvas.select(["conv1"])
    old = canvas.document
    other = Document(Network.of([Node("relu1", "ReLU")], []))
    canvas.set_document(other)
    assert set(canvas.scene.items) == {"relu1"} and canvas.selected() == []
    old.apply(Move({"conv1": (0.0, 0.0)}))
    assert set(canvas.scene.items) == {"relu1"}
    other.replace(lenet())
    assert set(canvas.scene.items) == set(lenet().nodes)


def test_it_says_what_is_selected(canvas: Canvas) -> None:
    assert canvas.accessibleName() and "10 nodes" in canvas.accessibleDescription()
    canvas.select(["conv1"])
    words = canvas.accessibleDescription()
    assert "conv1" in words and "Conv2d" in words and "image1" in words
    canvas.select_all()
    assert "10 of 10" in canvas.accessibleDescription()


@pytest.mark.parametrize("ids", [[], ["conv1"], ["conv1", "fc1"]])
def test_the_context_menu_offers_what_is_possible(canvas: Canvas, ids: list[str]) -> None:
    canvas.select(ids)
    texts = [action.text() for action in canvas.context_menu(QMenu(canvas)).actions()]
    assert ("Delete" in texts) == bool(ids) and ("Tidy up" in texts) == (not ids)


def test_an_edit_that_does_not_fit_is_one_sentence(canvas: Canvas) -> None:
    said: list[str] = []
    canvas.message.connect(said.append)
    assert not canvas.apply(Move({"nowhere": (0.0, 0.0)}))
    assert len(said) == 1


def test_many_pastes_never_lie_on_each_other(make_canvas: MakeCanvas) -> None:
    canvas = make_canvas(
        Network.of([Node("relu1", "ReLU"), Node("relu2", "ReLU", position=(240, 0))], [wire("relu1", "relu2")])
    )
    canvas.select_all()
    canvas.copy()
    for _ in range(4):
        canvas.paste()
    places = [node.position for node in canvas.document.network.nodes.values()]
    assert len(set(places)) == len(places) == 10
    assert Hand(canvas).centre("relu1") is not None
