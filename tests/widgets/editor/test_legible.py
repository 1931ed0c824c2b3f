"""A small network stays legible in small windows and at every size of the system's text."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from tests.widgets.editor.test_look import FACTS, Analysis, maps
from tests.widgets.editor.tools import lenet
from widgets import theme
from widgets.editor.canvas import Canvas
from widgets.editor.painting.cards import CROWD, Detail, detail
from widgets.editor.painting.lettering import SIZES, SMALLEST, sizes


def test_few_nodes_keep_their_details_farther_away() -> None:
    assert [detail(s, 14) for s in (0.5, 0.49, 0.15, 0.14)] == [
        Detail.FULL, Detail.NAMES, Detail.NAMES, Detail.BLOCKS,
    ]  # fmt: skip
    assert detail(0.5, CROWD) == Detail.NAMES and detail(0.3, CROWD) == Detail.BLOCKS


def test_letters_of_full_cards_are_legible() -> None:
    for zoom in (0.5, 0.6, 0.8, 1.0):
        assert all(round(min(SIZES) * grown) * zoom >= SMALLEST - 0.01 for grown in sizes(zoom))


def test_a_small_canvas_writes_names_and_shows_pictures(canvas: Canvas) -> None:
    canvas.set_analysis(Analysis(lenet(), FACTS))  # type: ignore[arg-type]
    canvas.set_thumbnails({"conv1": maps(1.0)})
    canvas.resize(700, 240)
    canvas.fit()
    assert canvas.camera.scale < 0.6
    item, image = canvas.scene.items["conv1"], canvas.grab().toImage()
    box = canvas.camera.view_rect(QRectF(item.rect.topLeft(), item.rect.topRight() + QPointF(0, 28))).toRect()
    light = sum(image.pixelColor(x, y).lightness() > 150 for x in range(box.left() + 4, box.right() - 4)
                for y in range(box.top() + 2, box.bottom()))  # fmt: skip
    assert light > 10, "the name"
    spot = canvas.camera.to_view(item.rect.topLeft() + item.face.art_box.topLeft() + QPointF(12, 12)).toPoint()
    assert image.pixelColor(spot).name() == "#{:02x}{:02x}{:02x}".format(*theme.magnitude_lut()[255].tolist()[:3])


def test_the_minimap_leaves_a_small_canvas_alone_while_all_is_in_view(canvas: Canvas) -> None:
    canvas.resize(690, 350)
    canvas.fit()
    assert not canvas.minimap.due()
    canvas.zoom(4)
    assert canvas.minimap.due() and canvas.minimap.isVisible()
    canvas.resize(1280, 800)
    canvas.fit()
    assert canvas.minimap.due()


def test_larger_text_leaves_cards_as_they_are(canvas: Canvas) -> None:
    before = {i: QRectF(item.rect) for i, item in canvas.scene.items.items()}
    usual = theme.scale()
    try:
        theme._State.scale = 1.4 * usual
        canvas._restyle()
        assert before == {i: item.rect for i, item in canvas.scene.items.items()}
    finally:
        theme._State.scale = usual
