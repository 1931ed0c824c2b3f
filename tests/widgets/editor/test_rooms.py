"""Blocks by hand: make, enter, change inside, leave, unpack, and back again by undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.edits import RemoveNodes, SetFields
from graphs.inference.shapes import Inference
from graphs.network import End, Network
from studio.project import Project
from tests.widgets.editor.tools import Hand, lenet, wire
from widgets.editor.canvas import Canvas
from widgets.editor.verbs.shelf import Shelf

Key, Mod = Qt.Key, Qt.KeyboardModifier
GROUP, UNGROUP = Mod.ControlModifier | Mod.AltModifier, Mod.ControlModifier | Mod.AltModifier | Mod.ShiftModifier


def shown(qtbot: QtBot, network: Network) -> Canvas:
    """A canvas on a project, which knows its blocks."""
    project = Project(Document(network))
    canvas = Canvas(project.document, project.catalogue)
    qtbot.addWidget(canvas)
    canvas.ease.reduced = True
    canvas.resize(1280, 800)
    canvas.show()
    canvas.setFocus()
    return canvas


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    return shown(qtbot, lenet())


@pytest.fixture
def blocked(canvas: Canvas, qtbot: QtBot) -> Canvas:
    """LeNet with the first convolution and pooling in a block."""
    canvas.select(["conv1", "pool1"])
    make(canvas, qtbot, "Stage")
    return canvas


def make(canvas: Canvas, qtbot: QtBot, title: str) -> str:
    """Makes a block of the selection by its key, types a title, and gives the id of the use."""
    qtbot.keyClick(canvas, Key.Key_G, GROUP)
    field = canvas.naming.field
    assert field is not None
    qtbot.keyClicks(field, title)
    qtbot.keyClick(field, Key.Key_Return)
    assert canvas.naming.field is None
    return canvas.selected()[0]


def analyse(canvas: Canvas) -> None:
    canvas.set_analysis(Inference(canvas.root_catalogue).analyse(canvas.root.network))


def test_a_selection_becomes_a_block_with_the_name_that_is_typed(blocked: Canvas) -> None:
    """In one step, in the place of what was selected, with the wires that were there."""
    network = blocked.root.network
    use = blocked.selected()[0]
    assert [block.title for block in network.blocks.values()] == ["Stage"]
    assert "conv1" not in network.nodes and blocked.is_use(use)
    assert network.incoming(use)[0].source == End("image1", "out")
    assert network.outgoing(use)[0].target == End("conv2", "in")
    blocked.undo()
    assert blocked.root.network == lenet() and not blocked.root.can_undo


def test_escape_keeps_the_name_it_has(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.select(["conv1"])
    qtbot.keyClick(canvas, Key.Key_G, GROUP)
    assert canvas.naming.field is not None
    qtbot.keyClicks(canvas.naming.field, "Something")
    qtbot.keyClick(canvas.naming.field, Key.Key_Escape)
    assert [block.title for block in canvas.root.network.blocks.values()] == ["Block"]


def test_what_cannot_be_a_block_says_why(canvas: Canvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.message) as said:
        canvas.select(["image1", "conv1"])
        canvas.make_block()
    assert "image1" in said.args[0] and canvas.root.network == lenet()


def test_enter_goes_inside_and_escape_comes_out(blocked: Canvas, qtbot: QtBot) -> None:
    """Enter on a layer still asks for the next one; Escape first selects nothing."""
    use = blocked.selected()[0]
    qtbot.keyClick(blocked, Key.Key_Return)
    assert blocked.path == (use,) and "conv1" in blocked.scene.items and "image1" not in blocked.scene.items
    assert blocked.breadcrumb.isVisible() and [b.text() for b in blocked.breadcrumb.links()] == ["Network"]
    blocked.select(["conv1"])
    qtbot.keyClick(blocked, Key.Key_Escape)
    assert blocked.path == (use,) and not blocked.selected()
    qtbot.keyClick(blocked, Key.Key_Escape)
    assert blocked.path == () and blocked.selected() == [use] and blocked.breadcrumb.isHidden()
    blocked.select(["fc1"])
    qtbot.keyClick(blocked, Key.Key_Return)
    assert blocked.path == () and blocked.popup.isVisible()
    blocked.popup.close()


def test_a_double_click_goes_inside(blocked: Canvas) -> None:
    hand = Hand(blocked)
    use = blocked.selected()[0]
    hand.double_click(hand.grip(use))
    assert blocked.path == (use,)
    blocked.breadcrumb.links()[0].click()
    assert blocked.path == ()


def test_every_room_has_a_view_of_its_own(blocked: Canvas) -> None:
    """One comes back to where one looked."""
    use = blocked.selected()[0]
    blocked.zoom(1.5, QPointF(200, 200))
    outside = blocked.camera.state()
    blocked.enter(use)
    blocked.pan(40, 20)
    inside = blocked.camera.state()
    blocked.leave()
    assert blocked.camera.state() == pytest.approx(outside)
    blocked.enter(use)
    assert blocked.camera.state() == pytest.approx(inside) and not blocked.fitted


def test_the_camera_eases_into_place(blocked: Canvas, qtbot: QtBot) -> None:
    """And stands where it would have stood without."""
    use = blocked.selected()[0]
    blocked.set_room((use,))
    goal = blocked.camera.state()
    blocked.leave()
    blocked.ease.reduced = False
    blocked.enter(use)
    assert blocked.camera.state() != pytest.approx(goal)
    blocked.ease.stop()
    assert blocked.camera.state() == pytest.approx(goal) and blocked.fitted


def test_all_uses_follow_what_is_changed_inside(blocked: Canvas, qtbot: QtBot) -> None:
    """And the bar says so; undo works from within."""
    use = blocked.selected()[0]
    blocked.copy()
    blocked.paste()
    other = blocked.selected()[0]
    assert other != use and len(blocked.root.network.blocks) == 1
    blocked.enter(use)
    hint = blocked.breadcrumb.findChild(QLabel, "crumbHint")
    assert hint is not None and "used 2 times" in hint.text()
    blocked.apply(SetFields("conv1", {"out_channels": 9}))
    blocked.set_room((other,))
    assert blocked.document.network.nodes["conv1"].fields["out_channels"] == 9
    blocked.undo()
    assert blocked.document.network.nodes["conv1"].fields["out_channels"] == 6 and blocked.path == (other,)
    blocked.redo()
    blocked.set_room(())
    blocked.select([other])
    blocked.own_block()
    blocked.naming.finish(keep=False)
    blocked.enter(other)
    blocked.apply(SetFields("conv1", {"out_channels": 4}))
    blocked.set_room((use,))
    assert blocked.document.network.nodes["conv1"].fields["out_channels"] == 9


def test_a_room_that_is_gone_is_left(blocked: Canvas) -> None:
    """By undo from within, or because the use goes."""
    use = blocked.selected()[0]
    blocked.enter(use)
    blocked.undo()
    assert blocked.path == () and "conv1" in blocked.scene.items and blocked.root.network == lenet()
    blocked.redo()
    blocked.set_room((use,))
    blocked.root.apply(RemoveNodes((use,)))
    assert blocked.path == () and blocked.scene.items.keys() == blocked.root.network.nodes.keys()


def test_blocks_in_blocks(blocked: Canvas, qtbot: QtBot) -> None:
    """Two levels down and straight up; all taken back is the beginning."""
    use = blocked.selected()[0]
    blocked.enter(use)
    blocked.select(["conv1"])
    inner = make(blocked, qtbot, "Heart")
    blocked.enter(inner)
    assert blocked.path == (use, inner) and "conv1" in blocked.scene.items
    assert [link.text() for link in blocked.breadcrumb.links()] == ["Network", "Stage"]
    blocked.apply(SetFields("conv1", {"out_channels": 3}))
    blocked.breadcrumb.links()[0].click()
    assert blocked.path == () and blocked.selected() == [use]
    while blocked.root.can_undo:
        blocked.undo()
    assert blocked.root.network == lenet()


def test_unpacking_puts_back_what_was_there(blocked: Canvas, qtbot: QtBot) -> None:
    """The definition stays until it is removed."""
    qtbot.keyClick(blocked, Key.Key_G, UNGROUP)
    network = blocked.root.network
    assert not any(node.block for node in network.nodes.values()) and len(network.blocks) == 1
    assert {node.kind for node in network.nodes.values()} == {node.kind for node in lenet().nodes.values()}
    assert len(network.wires) == len(lenet().wires)
    blocked.remove_definition(next(iter(network.blocks)))
    assert not blocked.root.network.blocks


def test_a_definition_in_use_stays(blocked: Canvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(blocked.message):
        blocked.remove_definition(next(iter(blocked.root.network.blocks)))
    assert blocked.root.network.blocks


def test_shapes_and_problems_inside_are_those_of_the_room(blocked: Canvas) -> None:
    """The use has them summed up, and its card a picture of what it holds."""
    use = blocked.selected()[0]
    analyse(blocked)
    item = blocked.scene.items[use]
    assert item.face.count == "156" and item.face.inner is not None and len(item.face.inner.boxes) == 4
    blocked.enter(use)
    assert blocked.scene.analysis.facts["conv1"].outputs[0].dims == (6, 28, 28)
    blocked.apply(SetFields("conv1", {"kernel_size": [99, 99], "padding": 0}))
    analyse(blocked)
    assert "conv1" in blocked.badges.problems
    blocked.leave()
    assert use in blocked.badges.problems and "conv1" in blocked.badges.text(use)


def test_a_repeated_use_looks_like_a_pile_and_says_how_often(qtbot: QtBot) -> None:
    canvas = shown(qtbot, lenet())
    canvas.select(["conv1"])
    use = make(canvas, qtbot, "Twice")
    plain = canvas.grab().toImage()
    canvas.apply(SetFields(use, {"repeat": 3}))
    face = canvas.scene.items[use].face
    assert face.repeat == 3 and "×3" in face.summary and canvas.grab().toImage() != plain


def test_live_pictures_reach_the_inside(blocked: Canvas) -> None:
    """By the ids of plain layers; a use shows what its last layer gives."""
    use = blocked.selected()[0]
    values = {"image1": 0, f"{use}/conv1": 1, f"{use}/pool1": 2}
    assert blocked.drawn(values) == {"image1": 0, use: 2}
    blocked.enter(use)
    assert {k: v for k, v in blocked.drawn(values).items() if k in ("conv1", "pool1")} == {"conv1": 1, "pool1": 2}
    analyse(blocked)
    assert blocked.layer_of("conv1") == f"{use}/conv1"
    blocked.set_room(())
    blocked.show_layer(f"{use}/pool1")
    assert blocked.path == (use,) and blocked.selected() == ["pool1"]


def test_ports_have_names(blocked: Canvas) -> None:
    """Each field names one; the use shows it."""
    use = blocked.selected()[0]
    blocked.name_ports()
    fields = blocked.popup.fields
    fields["in1"].setText("picture")
    fields["in1"].editingFinished.emit()
    blocked.popup.close()
    assert blocked.scene.items[use].face.inputs[0].title == "picture"


def test_the_menu_has_what_suits(blocked: Canvas) -> None:
    """Layers can become a block, uses be entered, rooms be left."""

    def words() -> list[str]:
        menu = blocked.context_menu(QMenu(blocked))
        found = [action.text() for action in menu.actions()]
        menu.deleteLater()
        return found

    assert {"Go inside", "Unpack", "Rename the block"} <= set(words()) and "Make a block" not in words()
    blocked.enter()
    assert {"Leave the block", "Rename the block"} <= set(words())
    blocked.select(["conv1"])
    assert "Make a block" in words() and "Go inside" not in words()


@pytest.fixture
def shelved(blocked: Canvas, tmp_path: Path) -> Canvas:
    """A canvas with an empty library of one's own beside the ready-made blocks."""
    blocked.shelf = Shelf(tmp_path / "blocks", blocked)
    blocked.shelf.renew()
    return blocked


def test_a_block_is_kept_and_comes_into_another_project(shelved: Canvas, qtbot: QtBot) -> None:
    """In one step with its use; one that is there already is used again."""
    shelved.save_block()
    assert shelved.shelf is not None
    key = next(key for key in shelved.shelf.kinds if key.startswith("own:"))
    other = shown(qtbot, lenet())
    other.shelf = shelved.shelf
    use = other.add_layer(key, QPointF(0, 500))
    assert use is not None and other.is_use(use) and other.selected() == [use]
    assert [block.title for block in other.root.network.blocks.values()] == ["Stage"]
    again = other.chain(key, "fc1")
    assert again is not None and len(other.root.network.blocks) == 1
    assert other.root.network.incoming(again)[0].source.node == "fc1"
    other.undo()
    other.undo()
    assert other.root.network == lenet() and not other.root.can_undo
    shelved.shelf.rename(key, "Renamed")
    key = next(key for key in shelved.shelf.kinds if key.startswith("own:"))
    assert shelved.shelf.kinds[key].title == "Renamed"
    shelved.shelf.remove(key)
    assert not any(key.startswith("own:") for key in shelved.shelf.kinds)


def test_another_block_of_the_name_is_replaced_only_when_asked(shelved: Canvas) -> None:
    shelved.save_block()
    use = shelved.selected()[0]
    shelved.enter(use)
    shelved.apply(SetFields("conv1", {"out_channels": 9}))
    shelved.save_block()
    offers = {action.text(): action for action in shelved.popup.actions()}
    offers["Replace it"].trigger()
    shelved.popup.close()
    assert shelved.shelf is not None
    entry = next(kept.entry for key, kept in shelved.shelf.kept.items() if key.startswith("own:"))
    assert entry.definition.network.nodes["conv1"].fields["out_channels"] == 9


def test_ready_made_blocks_can_be_dropped_on_a_wire(shelved: Canvas) -> None:
    """And found by what they do, in the palette at the pointer."""
    hand = Hand(shelved)
    shelved.zoom_reset()
    key = next(key for key in shelved.shelf.kinds if key.startswith("ready:") and "residual" in key)  # type: ignore[union-attr]
    before = len(shelved.root.network.nodes)
    assert hand.drop(key, QPointF(300, 420))
    assert len(shelved.root.network.nodes) == before + 1 and len(shelved.root.network.blocks) == 2
    shelved.open_palette()
    shelved.popup.field.setText("residual")
    assert any(entry.kind == key for entry in shelved.popup.entries())
    shelved.popup.close()


def test_uses_travel_over_the_clipboard_with_their_definitions(blocked: Canvas, qtbot: QtBot) -> None:
    blocked.copy()
    other = shown(qtbot, lenet())
    other.paste()
    assert [block.title for block in other.root.network.blocks.values()] == ["Stage"]
    other.undo()
    assert other.root.network == lenet()
    QApplication.clipboard().clear()


def test_a_wire_inside_can_be_drawn_by_hand(blocked: Canvas) -> None:
    """Gestures work in a room as they do outside."""
    blocked.enter(blocked.selected()[0])
    blocked.apply(RemoveNodes(("pool1",)))
    hand = Hand(blocked)
    blocked.fit()
    hand.drag(hand.port("conv1", "out", True), hand.port("out1", "in", False))
    assert blocked.document.network.wires[End("out1", "in")] == wire("conv1", "out1")
