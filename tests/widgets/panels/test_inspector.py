"""The inspector: expressions in fields, many layers changed at once, hyperparameters named, changed and followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.edits import AddNodes, Batch, SetBlocks, SetFields, SetMarks, SetSetting
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from graphs.meaning.hyperparameters import start_of
from graphs.network import Block, Frame, Network, Node, Note
from graphs.reuse.rooms import Room
from studio.project import Project, open_project
from tests.graphs.meaning import tied
from widgets.forms.entries import read
from widgets.panels.hyperparameters import Hyperparameters
from widgets.panels.inspector import Inspector

CONVS = ["conv1", "conv2"]


@pytest.fixture
def project() -> Project:
    opened = open_project("lenet-digits")
    opened.document.apply(SetSetting("hyperparameters", {"width": 8, "depth": "=width/2", "lonely": 1}))
    return opened


@pytest.fixture
def inspector(qtbot: QtBot, project: Project) -> Inspector:
    made = Inspector(project)
    qtbot.addWidget(made)
    project.document.subscribe(lambda _change: made.show_network(None))
    return made


def typed(form: Any, name: str, text: str) -> bool:
    return bool(form.enter(name, *read(form.rows[name].entry, text)))


def steps(project: Project, act: Callable[[], Any]) -> int:
    """How many steps of undo an act makes."""
    before = len(project.document.steps)
    act()
    return len(project.document.steps) - before


def test_an_expression_is_kept_and_follows_its_hyperparameter(inspector: Inspector, project: Project) -> None:
    inspector.show_selection(["conv1"])
    form = inspector.node_page.form
    assert typed(form, "out_channels", "width*2")
    assert project.network.nodes["conv1"].fields["out_channels"] == "=width*2"
    project.document.apply(SetSetting("hyperparameters", {"width": 20}))
    assert inspector.node_page.form is form and form is not None
    assert form.editor("out_channels").accessibleDescription().endswith("= 40")
    project.document.apply(SetSetting("hyperparameters", None))
    assert form.faults()["out_channels"].startswith("There is no “width”")


def test_shapes_follow_a_hyperparameter(project: Project) -> None:
    catalogue = standard().copy()
    for width in (5, 9):
        project.document.apply(SetSetting("hyperparameters", {"width": width}))
        project.document.apply(SetFields("conv1", {"out_channels": "=width*2"}))
        catalogue.know(project.network)
        assert Inference(catalogue).analyse(project.network).facts["conv1"].outputs[0].dims[0] == 2 * width


def test_the_default_is_written_as_nothing_and_a_drag_back_is_no_step(inspector: Inspector, project: Project) -> None:
    inspector.show_selection(["conv1"])
    form: Any = inspector.node_page.form
    before = project.network.nodes["conv1"].fields
    field = form.editor("out_channels")

    def drag_and_escape() -> None:
        field.press(0.0)
        field.drag_to(60.0, Qt.KeyboardModifier.NoModifier)
        assert project.network.nodes["conv1"].fields != before
        field.end_drag(cancel=True)

    assert steps(project, drag_and_escape) == 0
    assert project.network.nodes["conv1"].fields == before
    form.enter("bias", False)
    form.reset("bias")
    assert project.network.nodes["conv1"].fields == before


def test_each_drag_is_one_step(inspector: Inspector, project: Project) -> None:
    inspector.show_selection(["conv1"])
    field: Any = inspector.node_page.form.editor("out_channels")  # type: ignore[union-attr]

    def drag() -> None:
        field.press(0.0)
        for x in range(0, 60, 6):
            field.drag_to(float(x), Qt.KeyboardModifier.NoModifier)
        field.release()

    assert [steps(project, drag) for _ in range(3)] == [1, 1, 1]


def test_layers_of_one_kind_share_all_fields_and_change_in_one_step(inspector: Inspector, project: Project) -> None:
    inspector.show_selection(CONVS)
    form: Any = inspector.several.form
    assert set(form.rows) == set(standard().kinds["Conv2d"].model_fields)
    assert form.editor("out_channels").placeholderText() == "mixed"
    assert form.editor("stride").text() == "1 × 1"
    assert steps(project, lambda: typed(form, "out_channels", "width+1")) == 1
    assert project.document.undo_label == "Change filters of 2 layers"
    assert all(project.network.nodes[id].fields["out_channels"] == "=width+1" for id in CONVS)
    assert form.editor("out_channels").text() == "width+1"
    project.document.undo()
    assert form.editor("out_channels").placeholderText() == "mixed"


def test_different_kinds_share_what_has_the_same_name_and_type(inspector: Inspector, project: Project) -> None:
    inspector.show_selection(["conv1", "pool1"])
    form: Any = inspector.several.form
    assert "kernel_size" in form.rows and not {"out_channels", "stride"} & set(form.rows)  # a stride may be none
    assert typed(form, "kernel_size", "2**2")
    assert [project.network.nodes[id].fields["kernel_size"] for id in ("conv1", "pool1")] == [[4, 4], [4, 4]]
    inspector.show_selection(["conv1", "flatten", "fc1"])
    assert inspector.several.form is None or "kernel_size" not in inspector.several.form.rows


def test_what_does_not_suit_every_one_of_them_is_refused(inspector: Inspector, project: Project) -> None:
    inspector.show_selection(CONVS)
    assert steps(project, lambda: typed(inspector.several.form, "out_channels", "0")) == 0
    assert inspector.several.form is not None and inspector.several.form.faults()


def test_modes_of_one_and_of_many(inspector: Inspector, project: Project) -> None:
    inspector.show_selection(["conv1"])
    inspector.node_page.mode.chosen.emit("bypass")
    inspector.show_selection(CONVS)
    assert inspector.several.mode.choice.placeholderText() == "mixed"
    assert steps(project, lambda: inspector.several.mode.chosen.emit("mute")) == 1
    assert {project.network.nodes[id].mode for id in CONVS} == {"mute"}


def test_a_number_becomes_a_hyperparameter(inspector: Inspector, project: Project) -> None:
    inspector.show_selection(["conv1"])
    assert steps(project, lambda: inspector.make_hyperparameter("out_channels")) == 1
    assert project.network.settings["hyperparameters"]["filters"] == 6
    assert project.network.nodes["conv1"].fields["out_channels"] == "=filters"


@pytest.fixture
def table(qtbot: QtBot, project: Project) -> Hyperparameters:
    made = Hyperparameters(project)
    qtbot.addWidget(made)
    return made


def test_the_table_shows_values_now_uses_and_faults(table: Hyperparameters, project: Project) -> None:
    project.document.apply(SetFields("conv1", {"out_channels": "=depth"}))
    table.resize(400, 300)
    table.show()
    assert list(table.rows) == ["width", "depth", "lonely"]
    assert table.rows["depth"].value.beside() == "= 4"
    assert [row.uses.text() for row in table.rows.values()] == ["1", "1", "0"]
    asked: list[Any] = []
    table.select.connect(asked.append)
    table.rows["width"].uses.click()
    assert asked == [["conv1"]] and not table.rows["lonely"].uses.isEnabled()
    project.document.apply(SetSetting("hyperparameters", {"a": "=b", "b": "=a"}))
    table.show_project()
    assert "It needs itself" in table.rows["a"].fault.text()


def test_the_table_adds_changes_renames_and_removes(table: Hyperparameters, project: Project) -> None:
    project.document.apply(SetFields("conv1", {"out_channels": "=width*2"}))
    table.show_project()
    assert steps(project, table.add) == 1
    assert list(table.rows)[-1] == "width2"
    assert steps(project, lambda: table.enter("width2", ["=depth*3"])) == 1
    assert not table.enter("depth", ["=width2+1"]) and "It needs itself" in table.rows["depth"].fault.text()
    assert not table.enter("depth", ["=depth+1"]) and "no “depth”" in table.rows["depth"].fault.text()
    assert steps(project, lambda: table.rename("width", "w")) == 1
    assert project.network.nodes["conv1"].fields["out_channels"] == "=w*2"
    assert steps(project, lambda: table.remove("w")) == 0
    assert "conv1" in table.rows["w"].fault.text()
    assert steps(project, lambda: table.rename("w", "2 w")) == 0 and "letters" in table.rows["w"].fault.text()
    assert steps(project, lambda: table.remove("width2")) == 1 and "width2" not in table.rows


def test_everything_in_the_table_has_a_name_for_the_screen_reader(table: Hyperparameters) -> None:
    for name, row in table.rows.items():
        assert all(name in part.accessibleName() for part in row.parts)


def test_inside_a_block_fields_take_its_names(inspector: Inspector, project: Project) -> None:
    inner = Network.of([Node("conv1", "Conv2d")], [])
    block = SetBlocks({"res": Block("res", "Res", inner, {"inner": 12})})
    project.document.apply(Batch((block, AddNodes((Node("res1", "block-res"),)))))
    room, catalogue = Room(project.document, ("res1",)), standard().copy()
    catalogue.know(project.network, {"inner": 12})
    inspector.show_room(room, catalogue)
    inspector.show_selection(["conv1"])
    assert typed(inspector.node_page.form, "out_channels", "inner*width")
    assert project.network.blocks["res"].network.nodes["conv1"].fields == {"out_channels": "=inner*width"}
    assert inspector.node_page.form is not None
    assert inspector.node_page.form.editor("out_channels").accessibleDescription().endswith("= 96")
    before = [words for words, _ in inspector.node_page.form.verbs]
    assert before == ["Make it a hyperparameter", "Expose as a parameter of the block"]
    assert steps(project, lambda: inspector.expose("kernel_size")) == 1
    assert project.network.blocks["res"].parameters == {"inner": 12, "kernel": 3}
    assert project.network.blocks["res"].network.nodes["conv1"].fields["kernel_size"] == "=kernel"


def test_each_drag_in_the_recipe_is_one_step(inspector: Inspector, project: Project) -> None:
    field: Any = inspector.project_page.recipe.form.editor("epochs")

    def drag() -> None:
        field.press(0.0)
        for x in (20.0, 40.0, 60.0):
            field.drag_to(x, Qt.KeyboardModifier.NoModifier)
        field.release()

    assert [steps(project, drag) for _ in range(2)] == [1, 1]


def test_an_expression_that_misses_a_name_offers_to_define_it(inspector: Inspector, project: Project) -> None:
    """And what was typed counts then."""
    inspector.show_selection(["conv1"])
    form = inspector.node_page.form
    assert form is not None
    row = form.rows["out_channels"]
    row.editor.setText("grown*2")  # type: ignore[attr-defined]
    assert not form.enter("out_channels", *read(row.entry, "grown*2"))
    assert row.define.missing == "grown" and row.define.text() == "Define grown"
    held, told = form.value("out_channels"), list[str]()
    inspector.failed.connect(told.append)
    row.define.click()
    assert project.network.settings["hyperparameters"]["grown"] * 2 == held and not told
    assert project.network.nodes["conv1"].fields["out_channels"] == "=grown*2" and not row.define.missing
    row.editor.setText("wide**2")  # type: ignore[attr-defined]
    assert not form.enter("out_channels", *read(row.entry, "wide**2"))
    row.define.click()
    assert project.network.settings["hyperparameters"]["wide"] == 32
    assert told == ["wide is 32 until you change it, which makes Filters 1,024."]


@pytest.mark.parametrize(
    ("text", "held", "start"),
    [
        ("width*2", 16, 8), ("=width", 16, 16), ("2*(width+depth)", 16, 5), ("64-width", 16, 48), ("width/2", 16, 32),
        ("width*2", 15, None), ("width**2", 16, None), ("width-20", -30, None), ("width*other", 16, None),
        ("width*2", [3, 3], None), ("min(width, 4)", 16, None), ("width*0", 0, None),
    ],
)  # fmt: skip
def test_a_new_name_lets_its_field_keep_its_number(text: str, held: object, start: int | None) -> None:
    assert start_of(text, "width", {"depth": 3}, held) == start


def test_a_bound_is_written_as_the_row_of_the_field_does(inspector: Inspector) -> None:
    inspector.show_selection(["conv1"])
    form = inspector.node_page.form
    assert form is not None and not typed(form, "out_channels", "999999")
    assert form.faults()["out_channels"] == "The most is 65,536."


def test_the_menu_of_a_field_speaks_as_all_menus_do_and_goes_with_its_form(inspector: Inspector) -> None:
    inspector.show()
    inspector.show_selection(["conv1"])
    form = inspector.node_page.form
    assert form is not None
    form.open_menu("out_channels", inspector.mapToGlobal(inspector.rect().center()))
    menu = form._menu
    assert menu is not None and menu.isVisible()
    texts = [action.text() for action in menu.actions()]
    assert "Select all" in texts and not any("&" in text or "\t" in text for text in texts)
    inspector.show_selection(["pool1"])
    assert not menu.isVisible()
    inspector.hide()


def test_a_frame_a_note_and_a_wire_are_shown_as_what_they_are(inspector: Inspector, project: Project) -> None:
    members = ("conv1", "conv2")
    marks = {"f": Frame("f", "Stem", "pooling", members), "n": Note("n", "Mind the gap", (0.0, 0.0), (100.0, 80.0))}
    project.document.apply(SetMarks(dict(marks)))
    inspector.show_network(Inference(project.catalogue).analyse(project.network))
    page = inspector.marks
    inspector.show_marks(["f"], [])
    facts = {name: value.text() for name, value in page.facts._values.items()}
    assert page.name.text() == "Stem" and facts["Layers"] == "2" and facts["Parameters"] != "0"
    assert steps(project, lambda: (page.name.setText("Root"), page.name.editingFinished.emit())) == 1
    assert steps(project, lambda: page._change(colour="linear")) == 1
    mark = project.network.marks["f"]
    assert isinstance(mark, Frame) and (mark.title, mark.colour, mark.members) == ("Root", "linear", members)
    inspector.show_marks(["n"], [])
    assert page.note.toPlainText() == "Mind the gap" and page.facts._values == {}
    inspector.show_network(Inference(project.catalogue).analyse(project.network))
    end = next(iter(project.network.wires))
    inspector.show_marks([], [end])
    facts = {name: value.text() for name, value in page.facts._values.items()}
    wire = project.network.wires[end]
    assert facts["From"].startswith(project.network.nodes[wire.source.node].title)
    assert facts["To"].startswith(project.network.nodes[wire.target.node].title) and facts["Shape"].startswith("N × ")
    inspector.show_marks([], [])
    assert inspector._pages.currentIndex() == 0


def test_a_layer_can_have_the_weights_of_another(qtbot: QtBot) -> None:
    project = Project(Document(tied.language_model()))
    inspector, inference = Inspector(project), Inference(project.catalogue)
    qtbot.addWidget(inspector)
    project.document.subscribe(lambda _change: inspector.show_network(inference.analyse(project.network)))
    inspector.show_network(inference.analyse(project.network))
    inspector.show_selection(["head"])
    row = inspector.node_page.sharing
    assert [row.choice.itemText(i) for i in range(row.choice.count())] == ["nobody", "wte"]
    assert row.choice.currentData() == "wte" and not row.isHidden()
    row.choice.activated.emit(0)
    assert "ties" not in project.network.settings and row.choice.currentData() == ""
    row.choice.activated.emit(1)
    assert project.network.settings["ties"] == {"head": "wte"}
    assert project.document.undo_label == "Share the weights of wte with head"
    inspector.show_selection(["ln"])
    assert row.isHidden()


def test_a_use_of_a_block_can_share_all_that_is_in_it(qtbot: QtBot) -> None:
    for design, id, chosen in ((tied.twin_blocks, "see_b", "see_a"), (tied.repeats, "h", "h")):
        project = Project(Document(design()))
        before = project.network.settings["ties"]
        inspector = Inspector(project)
        qtbot.addWidget(inspector)
        for words, ties in (("", None), (chosen, before)):
            inspector.show_network(Inference(project.catalogue).analyse(project.network))
            inspector.show_selection([id])
            choice = inspector.node_page.sharing.choice
            assert choice.currentData() == ("" if words else chosen)
            choice.activated.emit(choice.findData(words))
            assert project.network.settings.get("ties") == ties


def test_the_owner_of_weights_says_who_shares_them_and_what_an_edit_breaks(qtbot: QtBot) -> None:
    project = Project(Document(tied.twins()))
    owner, follower = next((b, a) for a, b in project.network.settings["ties"].items())
    inspector = Inspector(project)
    qtbot.addWidget(inspector)

    def problems() -> list[str]:
        inspector.show_network(Inference(project.catalogue).analyse(project.network))
        inspector.show_selection([owner])
        page = inspector.node_page
        return [word.text() for word in page.findChildren(QLabel) if "cannot share" in word.text()]

    assert problems() == []
    assert inspector.node_page.facts._values["Shared by"].text() == project.network.nodes[follower].title
    project.document.apply(SetFields(owner, {"out_channels": 5}))
    assert problems()
