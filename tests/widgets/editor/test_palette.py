"""The palette by keyboard and mouse."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from graphs.layers.catalogue import standard
from graphs.network import Block, Network, Node
from widgets.editor.palette import Palette


def open_palette(qtbot: QtBot) -> tuple[Palette, list[str]]:
    palette, chosen = Palette(standard()), []
    qtbot.addWidget(palette)
    palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    palette.chosen.connect(chosen.append)
    palette.show_at(QPoint(10, 10))
    return palette, chosen


def test_typing_and_enter_choose(qtbot: QtBot) -> None:
    palette, chosen = open_palette(qtbot)
    QTest.keyClicks(palette.field, "maxp")
    assert palette.entries()[0].kind == "MaxPool2d"
    assert "largest" in palette.note.text().lower() or palette.note.text()
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert chosen == ["MaxPool2d"] and not palette.isVisible()


def test_arrows_go_round(qtbot: QtBot) -> None:
    palette, chosen = open_palette(qtbot)
    count = palette.list.count()
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentRow() == count - 1
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    QTest.keyClick(palette.field, Qt.Key.Key_PageDown)
    assert palette.list.currentRow() > 5
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert chosen == [] and not palette.isVisible()


def test_nothing_found_says_so_and_enter_does_nothing(qtbot: QtBot) -> None:
    palette, chosen = open_palette(qtbot)
    QTest.keyClicks(palette.field, "qqqq")
    assert palette.entries() == [] and "No layer" in palette.note.text()
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert chosen == [] and palette.isVisible()


def test_a_click_chooses(qtbot: QtBot) -> None:
    palette, chosen = open_palette(qtbot)
    item = palette.list.item(2)
    palette.grab()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=palette.list.visualItemRect(item).center())
    assert chosen == [standard_order()[2]]


def standard_order() -> list[str]:
    return [kind.kind() for group in standard().families().values() for kind in group]


def test_a_long_name_does_not_run_into_where_it_belongs(qtbot: QtBot) -> None:
    """Its row is painted the same whatever comes after what has room, and its tooltip says all of it."""
    pictures = []
    for tail in ("one", "other"):
        catalogue = standard().copy()
        title = f"A stage of convolutions whose name is much longer than any row {tail}"
        catalogue.know(Network(blocks={"b": Block("b", title, Network(nodes={"r": Node("r", "ReLU")}))}))
        palette = Palette(catalogue)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(palette)
        palette.show_at(QPoint(0, 0))
        palette.note.clear()
        assert palette.list.item(0).toolTip() == title
        pictures.append(palette.list.grab(palette.list.visualItemRect(palette.list.item(0))).toImage())
        palette.close()
    assert pictures[0] == pictures[1]
