"""Wires are laid where they are looked at, and far pictures sharpened in bands: both end up as if done at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from graphs.layers.catalogue import standard
from graphs.network import Network, Note
from tests.widgets.editor.test_scale import anew, crowd, shown
from widgets.editor.canvas import Canvas
from widgets.editor.mirror import ways
from widgets.editor.mirror.scene import Scene
from widgets.editor.painting import layer, lettering, picture

MakeCanvas = Callable[[Network], Canvas]


@pytest.fixture
def many(qapp: object, monkeypatch: pytest.MonkeyPatch) -> tuple[Scene, Scene]:
    """Two scenes of one network; in the first, wires are laid where they are looked at."""
    monkeypatch.setattr(ways, "FEW", 10)
    lazy, whole = Scene(standard()), Scene(standard())
    for scene in (lazy, whole):
        scene.load(crowd(400))
    whole.routes.lay_all()
    return lazy, whole


def test_what_is_seen_is_as_if_all_were_laid(many: tuple[Scene, Scene]) -> None:
    lazy, whole = many
    assert lazy.routes.waiting == 399
    for seen in (QRectF(0, 0, 500, 300), QRectF(2000, 900, 700, 500), QRectF(-900, -900, 10, 10)):
        found = lazy.routes.within(seen)
        assert set(found) == set(whole.routes.within(seen))
        assert all(lazy.routes[end].segments == whole.routes[end].segments for end in found)
    assert 0 < lazy.routes.waiting < 399
    lazy.catch_up()
    assert lazy.routes.waiting == 0 and lazy.bounds() == whole.bounds()
    assert {e: way.segments for e, way in lazy.routes.items()} == {e: w.segments for e, w in whole.routes.items()}


def test_a_drag_before_all_are_laid_leaves_the_same_ways(many: tuple[Scene, Scene]) -> None:
    held = {f"n{i}": (i % 20 * 160.0, i // 20 * 120.0) for i in range(100, 130)}
    for scene in many:
        for step in (10.0, 25.0):
            scene.preview({id: (x + step, y + step) for id, (x, y) in held.items()})
            scene.leading_out(QRectF(0, 0, 4000, 4000))
            scene.take_swept()
        scene.settle()
    first, second = ({e: way.segments for e, way in scene.routes.items()} for scene in many)
    assert first == second


def test_lines_from_far_away_run_between_the_ports(many: tuple[Scene, Scene]) -> None:
    lazy, whole = many
    for end, way in whole.routes.items():
        assert lazy.routes.spans.line(end) == way.line
    some = list(whole.routes)[:7]
    assert len(lazy.routes.spans.lines(lazy.boxes.bounds(), some)) == 392


def test_a_far_picture_is_sharpened_in_bands(make_canvas: MakeCanvas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MANY", 100)
    monkeypatch.setattr(picture, "REST_S", 0.0)
    monkeypatch.setattr(layer, "SLICE_S", 0.0)
    canvas = make_canvas(crowd(450))
    canvas.zoom(0.2 / canvas.camera.scale)
    shown(canvas)
    image = QImage(canvas.size(), QImage.Format.Format_RGB32)
    for factor in (1.1, 1 / 1.3):
        canvas.zoom(factor, QPointF(300, 200))
        frames = 0
        while frames < 200:
            painter = QPainter(image)
            waiting = canvas.picture.paint(painter, QRectF(canvas.rect()))
            painter.end()
            frames += 1
            if frames == 5:
                canvas.pan(11, -6)
            if not waiting:
                break
        assert 10 < frames < 200, "a band a frame"
        assert image == anew(canvas)


def test_a_font_that_somebody_changes_is_no_card_s(qapp: object) -> None:
    before = lettering.font(lettering.Face.NAME).pixelSize()
    lettering.font(lettering.Face.NAME).setPixelSize(40)
    assert lettering.font(lettering.Face.NAME).pixelSize() == before


def test_notes_and_frames_are_on_the_minimap(make_canvas: MakeCanvas) -> None:
    note = Note("note1", "far up", (0.0, -900.0), (200.0, 100.0))
    canvas = make_canvas(replace(crowd(20), marks={"note1": note}))
    scale, corner = canvas.minimap._fit()
    assert corner.y() < -900.0 and scale > 0


def test_nothing_is_laid_for_a_frame_that_passes(many: tuple[Scene, Scene]) -> None:
    lazy, _ = many
    seen = QRectF(0, 0, 500, 300)
    ends, lines = lazy.routes.ready(seen)
    assert not ends and lines and lazy.routes.waiting == 399
    laid = lazy.routes.within(seen)
    assert set(lazy.routes.ready(seen)[0]) == set(laid)
