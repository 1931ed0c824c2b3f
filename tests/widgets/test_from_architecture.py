"""Architectures in the window: listed with the layers, asked for their fields, added as a block or opened anew."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from graphs.network import Network
from studio.listing import architecture
from tests.widgets.editor.tools import lenet
from widgets.editor import drawn
from widgets.editor.canvas import Canvas
from widgets.editor.ranking import rank
from widgets.editor.verbs.shelf import Shelf
from widgets.panels.architecture_dialog import ArchitectureDialog
from widgets.panels.start_page import StartPage

SMALL = f"{drawn.DRAWN}autoencoder/autoencoder_sparse"


@pytest.fixture
def make_dialog(qtbot: QtBot) -> Callable[[str], ArchitectureDialog]:
    """Dialogs that have measured what they show."""

    def make(name: str) -> ArchitectureDialog:
        dialog = ArchitectureDialog(None, name)
        settle(dialog)
        return dialog

    return make


def settle(dialog: ArchitectureDialog) -> None:
    """Waits for the measuring thread, and for what it found to be shown."""
    dialog.page.commit()
    dialog.page.job.wait(100)
    QApplication.processEvents()


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path) -> Canvas:
    """LeNet, with a shelf that knows the architectures."""
    made = Canvas(Document(lenet()), standard().copy())
    qtbot.addWidget(made)
    made.ease.reduced = True
    made.resize(1280, 800)
    made.shelf = Shelf(tmp_path, made)
    made.shelf.renew()
    made.shelf.job.wait(100)
    QApplication.processEvents()
    return made


def test_a_list_names_architectures_and_a_search_their_variants() -> None:
    shelf = drawn.kinds()
    listed = [entry.kind for entry in rank("", standard(), shelf=shelf) if entry.section == "architecture"]
    assert f"{drawn.DRAWN}resnet" in listed and all("/" not in key for key in listed)
    assert rank("resnet50", standard(), shelf=shelf)[0].kind == f"{drawn.DRAWN}resnet/resnet50"
    assert rank("unet", standard(), shelf=shelf)[0].kind == f"{drawn.DRAWN}unet"
    assert rank("conv2d", standard(), shelf=shelf)[0].kind == "Conv2d"


@pytest.mark.parametrize(("query", "kind"), [("u-net", "unet"), ("resnet-18", "resnet/resnet18"), ("U-Net", "unet")])
def test_a_hyphen_may_be_there_or_not(query: str, kind: str) -> None:
    assert rank(query, standard(), shelf=drawn.kinds())[0].kind == f"{drawn.DRAWN}{kind}"
    assert rank("max-pool", standard())[0].kind == "MaxPool2d"


def test_the_dialog_says_what_the_fields_come_to(make_dialog: Callable[[str], ArchitectureDialog]) -> None:
    dialog = make_dialog("autoencoder_sparse")
    assert "50,992 parameters" in dialog.page.facts.text() and "784-32-784" in dialog.page.facts.text()
    assert dialog.page.form is not None and dialog.page.form.enter("codes", 10)
    settle(dialog)
    assert "16,474 parameters" in dialog.page.facts.text() and "784-32-784" not in dialog.page.facts.text()
    assert dialog.add.isEnabled() and not dialog.page.picture.pixmap().isNull()


def test_a_search_shows_the_best_at_once(make_dialog: Callable[[str], ArchitectureDialog]) -> None:
    dialog = make_dialog("")
    assert dialog.add.isHidden() and len(dialog.keys()) > 20
    dialog.search.setText("sparse")
    assert dialog.keys()[0] == SMALL
    assert dialog.page.architecture().variant == "autoencoder_sparse"
    settle(dialog)
    asked: list[str] = []
    dialog.opened.connect(asked.append)
    dialog.open_.click()
    assert json.loads(asked[0]) == {"name": "autoencoder_sparse", "fields": {}}


def test_one_is_added_as_a_block_in_one_step(canvas: Canvas) -> None:
    before = canvas.document.network
    assert canvas.add_layer(SMALL) is None
    dialog = canvas.asking
    assert isinstance(dialog, ArchitectureDialog)
    assert dialog.page.form is not None and dialog.page.form.enter("codes", 5)
    settle(dialog)
    dialog.add.click()
    use = canvas.document.network.nodes[canvas.selected()[0]]
    block = canvas.document.network.blocks[use.block or ""]
    assert block.title == "Autoencoder, sparse" and block.network.nodes["code"].fields["out_features"] == 5
    kinds = {node.kind for node in block.network.nodes.values()}
    assert {"BlockInput", "BlockOutput"} <= kinds and not {"ImageInput", "Output"} & kinds
    canvas.document.undo()
    assert canvas.document.network == before


def test_return_adds_it_even_before_it_is_measured(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.show()
    canvas.add_layer(SMALL)
    dialog = canvas.asking
    assert isinstance(dialog, ArchitectureDialog) and dialog.focusWidget() is dialog.add
    QTest.keyClick(dialog.add, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(canvas.selected()) == 1 and bool(canvas.document.network.blocks), timeout=10_000)


def test_cancel_is_never_what_return_presses(make_dialog: Callable[[str], ArchitectureDialog]) -> None:
    for name in ("", "autoencoder_sparse"):
        dialog = make_dialog(name)
        assert not dialog.cancel.autoDefault()
        assert (dialog.open_ if not name else dialog.add).isDefault()


def test_none_comes_in_where_a_person_says_no(canvas: Canvas) -> None:
    before = canvas.document.network
    canvas.add_layer(SMALL)
    assert canvas.asking is not None
    canvas.asking.reject()
    assert canvas.document.network is before


def test_the_shelf_is_told_what_to_open(canvas: Canvas) -> None:
    asked: list[str] = []
    assert canvas.shelf is not None
    canvas.shelf.wanted.connect(asked.append)
    canvas.add_layer(SMALL)
    dialog = canvas.asking
    assert isinstance(dialog, ArchitectureDialog)
    settle(dialog)
    dialog.open_.click()
    assert json.loads(asked[0])["name"] == "autoencoder_sparse"


def test_what_is_dragged_has_the_ports_of_the_architecture(canvas: Canvas) -> None:
    catalogue, kind = canvas.drafting(SMALL)
    layer = catalogue.parse(kind, {})
    assert len(layer.inputs()) == len(layer.outputs()) == 1


def test_the_start_page_offers_them(qtbot: QtBot) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.architecture):
        page.drawn.click()


def test_a_block_computes_what_the_architecture_does() -> None:
    from graphs.architectures.part import as_part
    from graphs.network import BLOCK, End, Node, Wire

    whole = architecture("resnet18", {})
    part = as_part(whole, "resnet18")
    nodes = [
        Node("image", "ImageInput", fields={"channels": 3, "height": 224, "width": 224}),
        Node("net", BLOCK + part.block),
        Node("out", "Output"),
    ]
    definition = part.definition.network
    inside = next(n.id for n in definition.nodes.values() if n.kind == "BlockInput")
    outside = next(n.id for n in definition.nodes.values() if n.kind == "BlockOutput")
    wires = [Wire(End("image", "out"), End("net", inside)), Wire(End("net", outside), End("out", "in"))]
    network = Network({n.id: n for n in nodes}, {w.target: w for w in wires}, blocks=part.blocks)
    catalogue = standard().copy()
    catalogue.know(network)
    analysis = Inference(catalogue).analyse(network)
    assert not analysis.problems and analysis.parameters == 11_689_512
