"""Help cards in the window: every one can be read, walked through without a mouse, and follows the work."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QApplication, QListWidget
from pytestqt.qtbot import QtBot

from graphs.cards import CARDS, demonstration
from graphs.cards.maths import FormulaFault, parse, plain
from graphs.edits import SetFields, SetMode
from graphs.inference.facts import Facts
from graphs.layers.base import Shape
from graphs.layers.catalogue import standard
from graphs.network import Block, End, Network, Node, Wire
from studio.project import open_project
from widgets import theme
from widgets.desk import Desk
from widgets.panels.helpcard.asking import Hover, explain_button, hover
from widgets.panels.helpcard.card import HelpCard, symbols_text
from widgets.panels.helpcard.gallery import Gallery, card_of, fill
from widgets.panels.helpcard.glance import Glance
from widgets.panels.helpcard.opening import Teacher, explain, teacher_of
from widgets.panels.helpcard.picture import Picture, Words
from widgets.panels.helpcard.player import Player
from widgets.preferences import Preferences

CATALOGUE = standard()
KINDS = sorted(kind for kind in CATALOGUE.kinds if kind in CARDS)


@pytest.fixture(params=["dark", "light"])
def look(request: pytest.FixtureRequest) -> Iterator[str]:
    before = theme.wanted()
    theme.set_theme(request.param)
    yield request.param
    theme.set_theme(before)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    made = Desk(open_project("lenet-digits"), Preferences())
    qtbot.addWidget(made, before_close_func=lambda desk: desk.close_project())
    made.resize(1200, 760)
    made.show_workspace("Design")
    return made


def colours(image: QImage) -> int:
    """How many different colours there are in a picture."""
    made = image.convertToFormat(QImage.Format.Format_RGB32)
    return len(numpy.unique(numpy.frombuffer(made.constBits(), numpy.uint32)))


def test_every_card_is_drawn_and_said(qtbot: QtBot, look: str) -> None:
    card = HelpCard()
    qtbot.addWidget(card)
    card.show()
    body = card.body
    for kind in KINDS:
        fill(card, CATALOGUE, kind)
        QApplication.processEvents()
        card.resize(*card.full_size())
        QApplication.processEvents()
        for part in (body.picture, body.formula, body.words):
            assert colours(part.grab().toImage()) > 3, kind
        assert body.picture.share() == 1.0, f"the picture of {kind} is wider than its card"
        assert body.formula.sizeHint().width() <= body.formula.width() * 1.1, f"the formula of {kind} is too wide"
        assert CATALOGUE.kinds[kind].help in card.accessibleDescription()
        assert plain(CARDS[kind].formula[0]) in card.accessibleDescription()
        assert body.picture.accessibleDescription() and body.words.accessibleName()
        assert card.scroll.verticalScrollBar().maximum() == 0, f"{kind} is taller than it says"
    card.close()


def test_every_step_can_be_painted(qtbot: QtBot) -> None:
    picture, words = Picture(), Words()
    for part in (picture, words):
        qtbot.addWidget(part)
        part.resize(520, 400)
    for kind in KINDS:
        made = demonstration(kind)
        picture.show_demonstration(made)
        words.show_steps(tuple(step.words for step in made.steps))
        for place, step in enumerate(made.steps):
            picture.show_step(place)
            words.show_step(place)
            assert not picture.grab().isNull() and not words.grab().isNull()
            assert words.text == "\n".join(step.words) and step.words[0] in picture.accessibleDescription()


def test_a_family_can_be_looked_at_as_a_whole(qtbot: QtBot) -> None:
    gallery = Gallery(CATALOGUE, "linear")
    qtbot.addWidget(gallery)
    assert [card.kind for card in gallery.cards] == ["Linear", "Bilinear"]
    assert colours(gallery.grab().toImage()) > 10


def test_the_player_steps_by_hand_and_rests_when_hidden(qtbot: QtBot) -> None:
    player = Player()
    qtbot.addWidget(player)
    player.reduced = False
    player.show()
    player.set_steps(5)
    player.start()
    assert player.playing
    player.timer.timeout.emit()
    assert player.slider.value() == 1
    qtbot.mouseClick(player.forward, Qt.MouseButton.LeftButton)
    assert player.slider.value() == 2 and not player.playing
    qtbot.mouseClick(player.back, Qt.MouseButton.LeftButton)
    assert player.slider.value() == 1
    player.toggle()
    assert player.playing
    qtbot.keyClick(player.slider, Qt.Key.Key_Right)
    assert player.slider.value() == 2 and not player.playing  # whoever steps by hand is not overtaken
    player.toggle()
    assert player.playing
    player.hide()
    assert not player.playing


def test_playing_ends_at_the_last_step_and_begins_anew(qtbot: QtBot) -> None:
    player = Player()
    qtbot.addWidget(player)
    player.reduced = False
    player.show()
    player.set_steps(3, 2)
    player.start()
    player.timer.timeout.emit()
    assert not player.playing
    player.toggle()
    assert player.playing and player.slider.value() == 0


def test_nothing_moves_by_itself_where_motion_is_unwanted(qtbot: QtBot) -> None:
    player = Player()
    qtbot.addWidget(player)
    player.reduced = True
    player.show()
    player.set_steps(3)
    player.start()
    assert not player.playing and not player.play.isVisible()
    assert player.forward.isEnabled()


def test_f1_shows_the_selected_layer_and_the_card_follows_the_work(desk: Desk, qtbot: QtBot) -> None:
    explain(desk)
    card = teacher_of(desk).card
    assert not card.isVisible()
    desk.canvas.select(["conv1"])
    explain(desk)
    assert card.isVisible() and card.kind == "Conv2d"
    assert card.windowModality() == Qt.WindowModality.NonModal
    assert not card.body.sums.unknown.isHidden()  # no analysis yet
    analyse(desk)
    assert "⌊(28 + 2·2 − 5) / 1⌋ + 1" in card.body.sums.text() and "117,600" in card.body.sums.text()
    desk.project.document.apply(SetFields("conv1", {"out_channels": 8}))
    analyse(desk)
    assert "8·(1·5·5 + 1)" in card.body.sums.text()
    desk.project.document.apply(SetMode(("conv1",), "bypass"))
    analyse(desk)
    assert "bypassed" in card.body.sums.unknown.text() and not card.body.sums.unknown.isHidden()
    desk.canvas.select(["pool1"])
    assert card.kind == "MaxPool2d"
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible() and not card.body.player.playing
    assert len(desk.findChildren(Teacher)) == 1


def analyse(desk: Desk) -> None:
    """What the bridge hands over after an edit, at once."""
    from graphs.inference.shapes import Inference

    found = Inference(desk.project.catalogue).analyse(desk.project.network)
    desk.analysis = found
    desk.canvas.set_analysis(found)
    desk.changed.emit()


def test_a_kind_without_a_card_still_says_what_it_is(qtbot: QtBot) -> None:
    kind = type("Strange", (CATALOGUE.kinds["ReLU"],), {"title": "Strange", "help": "Does something of its own."})
    card = HelpCard()
    qtbot.addWidget(card)
    card.show_kind(kind)
    card.open()
    assert "Does something of its own." in card.accessibleDescription()
    assert card.body.picture.isHidden() and card.body.formula.isHidden()
    card.close()


def test_the_paper_opens_in_the_browser(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    card = card_of(CATALOGUE, "LSTM")
    qtbot.addWidget(card)
    assert CARDS["LSTM"].source.url in card.body.source.text()
    card.body.source.linkActivated.emit(CARDS["LSTM"].source.url)
    assert opened == [CARDS["LSTM"].source.url]


def test_resting_on_a_kind_shows_the_small_card(qtbot: QtBot) -> None:
    view = QListWidget()
    qtbot.addWidget(view)
    view.addItems(["Conv2d", "ReLU"])
    view.show()
    made: Hover = hover(view, lambda at: view.itemAt(at).text() if view.itemAt(at) else "", CATALOGUE)
    middle = view.visualItemRect(view.item(1)).center()
    qtbot.mouseMove(view.viewport(), middle)
    assert made.timer.isActive() and made.timer.interval() == 600
    made.timer.timeout.emit()
    assert made.glance is not None and made.glance.isVisible() and made.glance.title.text() == "ReLU"
    assert colours(made.glance.grab().toImage()) > 10
    qtbot.mouseMove(view.viewport(), view.visualItemRect(view.item(0)).center())
    assert made.glance.title.text() == "Conv2d"  # at once, while one is open
    qtbot.mouseMove(view.viewport(), QPoint(5, view.viewport().height() - 2))
    assert not made.glance.isVisible()


def test_every_small_card_fits(qtbot: QtBot, look: str) -> None:
    glance = Glance(None)  # type: ignore[arg-type]
    qtbot.addWidget(glance)
    for kind in KINDS:
        glance.show_kind(CATALOGUE.kinds[kind])
        assert glance.height() < 900
        assert glance.picture.height() <= glance.height()


def test_the_question_mark_can_be_reached_by_keyboard(qtbot: QtBot) -> None:
    button = explain_button()
    qtbot.addWidget(button)
    assert button.accessibleName() == "Explain this layer"
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    button.click()  # outside a window of the program there is nothing to ask, and nothing happens


@pytest.mark.parametrize("markup", [r"\frac{1}", "{a", r"\other{1}", "a}"])
def test_broken_formulas_are_refused(markup: str) -> None:
    with pytest.raises(FormulaFault):
        parse(markup)


def test_the_card_of_a_block_shows_what_is_inside_and_what_it_comes_to(qtbot: QtBot) -> None:
    """Its sentence counts the layers where nobody wrote one; its sums are those of everything inside."""
    layers = [Node("in1", "BlockInput"), Node("conv", "Conv2d", position=(200, 0)), Node("out1", "BlockOutput")]
    wires = [Wire(End("in1", "out"), End("conv", "in")), Wire(End("conv", "out"), End("out1", "in"))]
    block = Block("own", "Own", Network.of(layers, wires), {"filters": 16})
    catalogue = standard().copy()
    catalogue.know(Network(blocks={"own": block}))
    layer = catalogue.parse("block-own", {})
    assert layer.help == "1 layer: Conv2d." and layer.summary() == "filters 16"
    card = HelpCard()
    qtbot.addWidget(card)
    shape = Shape((3, 8, 8))
    facts = Facts(inputs=(shape,), outputs=(shape,), parameters=1234, multiply_adds=99, ok=True, ports=("out1",))
    card.show_node(Node("use", "block-own"), layer, facts)
    card.show_inside(catalogue)
    assert card.body.inside.block is block and not card.body.inside.isHidden()
    assert "1,234" in card.body.sums.text() and "99" in card.body.sums.text()


def test_every_number_of_several_symbols_stands_lower() -> None:
    for card in CARDS.values():
        assert not re.search(r"[_^]", symbols_text(card)), card.symbols


def test_the_card_of_an_operation_speaks_of_that_operation(qtbot: QtBot) -> None:
    card = HelpCard()
    qtbot.addWidget(card)
    node = Node("op1", "OnnxOp", fields={"op": "CumSum", "slots": [{"wire": 0}, {"value": 1, "dtype": "int64"}]})
    card.show_node(node, standard().layer(node), None)
    assert card.body.title.text() == "CumSum" and card.windowTitle() == "CumSum, explained"
    assert card.body.caption.isHidden() and card.body.picture.isHidden() and card.body.player.isHidden()
    assert "onnx__CumSum.html" in card.body.source.text() and "CumSum" in card.body.symbols.text()
    assert "Erf" not in card.accessibleDescription()
    node = Node("op2", "OnnxOp")
    card.show_node(node, standard().layer(node), None)
    assert card.body.title.text() == "Erf" and not card.body.caption.isHidden()
