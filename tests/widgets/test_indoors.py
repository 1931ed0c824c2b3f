"""The desk follows the canvas into blocks: inspector, problems, palette."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.edits import InBlock, SetFields
from graphs.inference.shapes import Inference
from graphs.reuse.blocks import make_block
from studio.project import Project
from tests.widgets.editor.tools import lenet
from widgets.desk import Desk
from widgets.editor.ranking import Entry
from widgets.panels.palette_panel import ENTRY
from widgets.preferences import Preferences


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    """LeNet with its first convolution and pooling in a block, and no session."""
    project = Project(Document(lenet()))
    project.document.apply(make_block(project.network, ["conv1", "pool1"], project.catalogue, "Stage"))
    made = Desk(project, Preferences())
    qtbot.addWidget(made)
    made.canvas.ease.reduced = True
    made.resize(1280, 800)
    made.show_workspace("Design")
    made.show()
    yield made
    made.close_project()


def analyse(desk: Desk) -> None:
    desk._show_analysis(Inference(desk.project.catalogue).analyse(desk.project.network))


def listed(desk: Desk, title: str) -> list[Entry]:
    """What the palette lists under this title."""
    model = desk.palette_panel.kinds
    rows = (model.index(row).data(ENTRY) for row in range(model.rowCount()))
    return [row for row in rows if isinstance(row, Entry) and row.title == title]


def entry(desk: Desk, title: str) -> Entry | None:
    """The first of them."""
    return next(iter(listed(desk, title)), None)


USE = "stage1"


def test_the_inspector_changes_what_is_inside(desk: Desk) -> None:
    """Through the room: the definition follows."""
    desk.canvas.enter(USE)
    desk.canvas.select(["conv1"])
    assert desk.inspector.watched() == "conv1"
    desk.inspector.node_page.edited.emit(SetFields("conv1", {"out_channels": 11}), "")
    block = desk.project.network.blocks["stage"]
    assert block.network.nodes["conv1"].fields["out_channels"] == 11
    desk.canvas.leave()
    assert desk.inspector.watched() == USE


def test_a_problem_inside_is_gone_to(desk: Desk) -> None:
    """The list names the use; a click on it enters the room and selects the layer."""
    wrong = SetFields("conv1", {"kernel_size": [99, 99], "padding": 0})
    desk.project.document.apply(InBlock("stage", wrong))
    analyse(desk)
    assert desk.analysis is not None and {problem.node for problem in desk.analysis.problems} >= {USE}
    desk.go(USE)
    assert desk.canvas.path == (USE,) and desk.canvas.selected() == ["conv1"]
    desk.go("fc1")
    assert desk.canvas.path == () and desk.canvas.selected() == ["fc1"]


def test_the_palette_lists_blocks_and_what_can_be_done_with_them(desk: Desk) -> None:
    """Those of the project, one's own and the ready-made; ports only inside."""
    desk.shelf.renew()
    project = entry(desk, "Stage")
    assert project is not None and project.section == "project"
    assert any(key.startswith("ready:") for key in desk.shelf.kinds)
    assert entry(desk, "Block input") is None
    desk.canvas.enter(USE)
    assert entry(desk, "Block input") is not None
    desk.canvas.leave()
    assert not desk.may_with_block("delete", project.kind) and desk.may_with_block("save", project.kind)
    desk.palette_panel.asked.emit("save", project.kind)
    assert [entry.section for entry in listed(desk, "Stage")] == ["project", "own"]
    desk.palette_panel.renamed.emit(project.kind, "First")
    assert desk.project.network.blocks["stage"].title == "First"
    own = listed(desk, "Stage")[0]
    desk.palette_panel.chosen.emit(own.kind)
    assert len([node for node in desk.project.network.nodes.values() if node.block]) == 2
    desk.canvas.undo()
    desk.palette_panel.asked.emit("forget", own.kind)
    assert not listed(desk, "Stage")


def test_a_definition_that_nothing_uses_can_be_deleted(desk: Desk) -> None:
    desk.canvas.select([USE])
    desk.canvas.unpack_block()
    kind = "block-stage"
    assert desk.may_with_block("delete", kind) and entry(desk, "Stage") is not None
    desk.palette_panel.asked.emit("delete", kind)
    assert not desk.project.network.blocks and entry(desk, "Stage") is None


def test_views_know_the_layers_inside(desk: Desk) -> None:
    """By the ids that what is built has."""
    from widgets.views.context import Context

    analyse(desk)
    context = Context(desk.project.network, desk.analysis)
    assert (f"{USE}/conv1", "Stage/conv1") in context.layers(weights=True)
