"""The curves: what the crosshair reads off, smoothing, log axes, zooming, labels at the ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.training.history import EpochRow, History
from widgets.views.curves import Curves
from widgets.views.smoothing import RunningMean, running_mean


def history(count: int = 400) -> History:
    """A loss that falls, an accuracy that rises, an epoch every 100 steps."""
    made, steps = History(), np.arange(1, count + 1)
    made.extend(1, 2.0 / np.sqrt(steps), 1 - 1.0 / np.sqrt(steps), np.full(count, 0.01))
    for epoch in range(1, count // 100 + 1):
        made.append_epoch(EpochRow(epoch, 100 * epoch, 0.5, 0.8, 1.0 / epoch, 0.5 + 0.1 * epoch, 0.01, 1.0))
    return made


@pytest.fixture
def curves(qtbot: Any) -> Curves:
    view = Curves()
    qtbot.addWidget(view)
    view.resize(1000, 300)
    with qtbot.waitExposed(view):
        view.show()
    view.show_history(history())
    return view


def test_crosshair_reads_off_every_line_at_the_nearest_step(curves: Curves) -> None:
    curves.bar.enter("smoothing", 1)
    curves.point_at(200.3)
    lines = curves.card.text().split("\n")
    assert lines[0] == "step 200 · epoch 2.0"
    assert f"training loss {2 / np.sqrt(200):.3g}" in lines
    assert "validation loss 0.5" in lines and "validation accuracy 70.0 %" in lines
    assert "learning rate 0.01" in lines
    curves.point_at(None)
    assert curves.card.text() == ""


def test_the_pointer_moves_the_crosshair(curves: Curves, qtbot: Any) -> None:
    from PySide6.QtCore import QPoint

    middle = curves.loss.area().center().toPoint()
    qtbot.mouseMove(curves.loss.viewport(), middle - QPoint(30, 0))
    qtbot.mouseMove(curves.loss.viewport(), middle)
    said = int(curves.card.text().split()[1])
    assert abs(said - curves.loss.value_at(middle.x())) <= 1


def test_end_labels_say_the_last_values_and_never_overlap(curves: Curves) -> None:
    labels = curves.loss.end_labels()
    assert [words.rsplit(" ", 1)[0] for _, words, _ in labels] == ["validation loss", "training loss"]
    assert labels[0][1] == "validation loss 0.25"
    assert not labels[0][0].intersects(labels[1][0].adjusted(0, 1, 0, -1))
    assert all(curves.loss.area().adjusted(0, -1, 0, 1).contains(box) for box, _, _ in labels)


def test_it_follows_the_run_until_somebody_zooms(curves: Curves) -> None:
    assert curves.loss.box.viewRange()[0] == [0.0, 400.0]
    curves.show_history(history(800))
    assert curves.accuracy.box.viewRange()[0] == [0.0, 800.0]
    curves.loss.box.setRange(xRange=(100, 200), padding=0)
    curves.loss.box.sigRangeChangedManually.emit([True, True])
    curves.show_history(history(900))
    assert curves.loss.box.viewRange()[0] == curves.accuracy.box.viewRange()[0] == [100, 200]
    curves.loss._follow(True)
    assert curves.loss.box.viewRange()[0] == [0.0, 900.0]


def test_log_axes(curves: Curves) -> None:
    curves.bar.enter("log_x", True)
    curves.bar.enter("log_y", True)
    (left, right), (low, _) = curves.loss.box.viewRange()
    assert left == 0 and right == pytest.approx(np.log10(400)) and low < 0
    assert curves.loss.value_at(curves.loss.pixel(50, 1).x()) == pytest.approx(50, rel=1e-3)
    assert curves.accuracy.box.viewRange()[1] == [0.0, 1.0]


def test_an_emptied_history_brings_the_page_back(curves: Curves) -> None:
    curves.show_history(History())
    assert curves.state == "empty"


def test_a_regression_has_no_accuracy(qtbot: Any) -> None:
    view, made = Curves(), History()
    qtbot.addWidget(view)
    made.extend(1, [1.0, 0.5], [np.nan, np.nan], [0.1, 0.1])
    view.show_history(made)
    assert view.accuracy.isHidden() and not view.loss.isHidden()


def test_the_step_of_the_time_machine_is_marked(curves: Curves) -> None:
    before = curves.loss.grab().toImage()
    curves.set_marker(200)
    assert curves.loss.grab().toImage() != before


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=60), st.integers(1, 20), st.integers(1, 59))
@settings(max_examples=60, deadline=None)
def test_a_growing_mean_equals_the_whole_one(values: list[float], window: int, cut: int) -> None:
    whole, grown = np.array(values), RunningMean()
    grown(whole[: max(1, min(cut, len(whole)))], window)
    np.testing.assert_allclose(grown(whole, window), running_mean(whole, window), atol=1e-9)


def test_a_mean_of_one_is_the_values_and_skips_what_is_not_finite() -> None:
    assert running_mean(np.array([1.0, 3.0]), 1).tolist() == [1.0, 3.0]
    mean = running_mean(np.array([np.nan, 2.0, np.nan, 4.0]), 4)
    assert np.isnan(mean[0]) and mean[1:].tolist() == [2.0, 2.0, 3.0]


def test_a_narrow_dock_has_one_panel_with_the_accuracy_on_it(curves: Curves, qtbot: Any) -> None:
    curves.resize(300, 200)
    qtbot.waitUntil(lambda: curves.accuracy.isHidden() and curves.rate.isHidden())
    labels = [words for _, words, _ in curves.loss.end_labels()]
    assert labels == ["validation accuracy 90.0 %", f"training loss {curves.loss.series[1].y[-1]:.3g}"]
    curves.point_at(400)
    assert "validation accuracy 90.0 %" in curves.card.text().split("\n")
    ticks = curves.loss.share_ticks()
    assert [tick.words for tick in ticks][:: len(ticks) - 1] == ["0 %", "100 %"]
    assert ticks[-1].value == curves.loss.box.viewRange()[1][1]
    assert curves.loss.width() - curves.loss.area().right() > 40
    curves.resize(1000, 300)
    qtbot.waitUntil(lambda: not curves.accuracy.isHidden())
    assert curves.loss.share_ticks() == []


def test_labels_keep_apart_and_inside() -> None:
    from PySide6.QtCore import QRectF

    from widgets.views.labels import apart

    area = QRectF(0, 0, 200, 100)
    tops = (90, 20, 25, 88, -5)
    boxes = [box for box, _, _ in apart([(QRectF(100, top, 90, 16), "", "") for top in tops], area)]
    assert all(area.contains(box) for box in boxes)
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
