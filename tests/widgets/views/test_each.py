"""What single views do beyond the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt

from widgets.views.activations import Activations
from widgets.views.adversarial import Adversarial
from widgets.views.boundary import Boundary
from widgets.views.confusion import CellSamples, Confusion
from widgets.views.filters import Filters
from widgets.views.gradients import Gradients
from widgets.views.plane import SPLAT_FROM, Plane
from widgets.views.projection import Projection
from widgets.views.saliency import Saliency
from widgets.views.tiles import Tiles


def test_a_click_on_a_cell_gives_its_samples(shown: Any, digits: Any, qtbot: Any) -> None:
    view = shown(Confusion)
    result = view.result
    view.grab()
    label, predicted = np.argwhere(result.matrix > 0)[-1]
    with qtbot.waitSignal(view.cell_selected) as heard:
        at = view.matrix.cell_box(int(label), int(predicted)).center().toPoint()
        qtbot.mouseClick(view.matrix, Qt.MouseButton.LeftButton, pos=at)
    cell: CellSamples = heard.args[0]
    assert (cell.label, cell.predicted, cell.split) == (label, predicted, "validation")
    assert len(cell.indices) == result.matrix[label, predicted]
    targets = digits.context.data.validation.targets
    assert all(int(targets[i]) == label for i in cell.indices)
    at_sample = [int(np.flatnonzero(result.indices == i)[0]) for i in cell.indices]
    assert set(result.predictions[at_sample].tolist()) == {int(predicted)}


def test_a_click_on_a_picture_chooses_the_sample(shown: Any, qtbot: Any) -> None:
    view = shown(Confusion)
    view.choose_cell((0, 0))
    view.samples.grab()
    box, sample = view.samples._places[0]
    with qtbot.waitSignal(view.sample_selected) as heard:
        qtbot.mouseClick(view.samples, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert heard.args == [sample] and sample == view.cell_samples().indices[0]


def test_the_matrix_follows_the_commonest_mistake_until_a_cell_is_chosen(shown: Any) -> None:
    view = shown(Confusion)
    wrong = view.result.matrix.copy()
    np.fill_diagonal(wrong, 0)
    assert view.result.matrix[view.cell] == max(wrong.max(), view.result.matrix[0, 0] if not wrong.any() else 0)
    view.choose_cell((3, 3))
    view.redraw()
    assert view.cell == (3, 3)


def test_epsilon_slider_changes_the_options_and_says_so(shown: Any, qtbot: Any) -> None:
    view = shown(Adversarial)
    slider = view.bar.cells["epsilon"].editor
    with qtbot.waitSignal(view.options_changed):
        qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.TRACK // 2, slider.height() // 2))
    assert view.options().epsilon == pytest.approx(0.5, abs=0.02) and view.state == "stale"
    with qtbot.waitSignal(view.options_changed):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    with qtbot.assertNotEmitted(view.options_changed):
        view.set_option("epsilon", 0.1)
    assert view.options().epsilon == 0.1


def test_the_verdict_says_what_the_network_says_now(shown: Any) -> None:
    from widgets import theme

    view = shown(Adversarial, epsilon=0.0)
    words, colour = view.figure.verdict()
    assert words.startswith("still ") and colour == theme.current().good
    view = shown(Adversarial, epsilon=1.0)
    words, colour = view.figure.verdict()
    after = view.result.after[view.result.predicted_after]
    if view.result.success:
        assert words == f"now {view.result.classes[view.result.predicted_after]} · {100 * after:.0f} %"
        assert colour == theme.current().bad


def test_hovering_a_map_says_its_value_and_channel(shown: Any, qtbot: Any) -> None:
    view = shown(Activations)
    view.grab()
    tiles = view.figure.tiles
    qtbot.mouseMove(view.figure, tiles.box(2).center().toPoint())
    words = view.figure.card.text()
    row, column = tiles.maps.shape[1] // 2, tiles.maps.shape[2] // 2
    assert "channel 2" in words
    assert float(words.split("\n")[0]) == pytest.approx(float(view.result.full[2, row, column]), rel=0.02, abs=1e-3)
    view.figure.point_at(None)
    assert view.figure.card.text() == ""


def test_the_overview_leads_to_a_layer(shown: Any, qtbot: Any) -> None:
    view = shown(Activations, node=None)
    assert view.caption.text().startswith("Every layer") and view.result.full is None
    view.grab()
    box = next(box for box, node in view.figure._places if node == "conv1")
    with qtbot.waitSignals([view.options_changed, view.node_selected]):
        qtbot.mouseClick(view.figure, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert view.options().node == "conv1"


def test_filters_offer_layers_with_weights_only(shown: Any) -> None:
    view = shown(Filters)
    assert view.bar.choices("node") == [None, "conv1", "fc1"]
    assert not view.set_option("node", "relu1") and view.set_option("node", "fc1")
    view.grab()
    hit = view.figure.hit(view.figure.tiles.box(1).center())
    assert hit is not None and "filter 1" in hit.text and "norm" in hit.text


def test_gradients_show_every_layer_and_choose_one(shown: Any, qtbot: Any) -> None:
    view = shown(Gradients)
    view.grab()
    assert [view.result.layers[i].node for _, i in view.figure._rows] == ["conv1", "fc1"]
    with qtbot.waitSignal(view.node_selected) as heard:
        qtbot.mouseClick(view.figure, Qt.MouseButton.LeftButton, pos=view.figure._rows[1][0].center().toPoint())
    assert heard.args == ["fc1"]


def test_projection_finds_the_sample_under_the_pointer(shown: Any, qtbot: Any, digits: Any) -> None:
    view = shown(Projection)
    figure, result = view.figure, view.result
    x, y = figure.to_pixels(result.embedding[7:8])[0]
    hit = figure.hit(QPointF(x, y))
    assert hit is not None and hit.picture is not None
    near = int(np.flatnonzero(result.indices == hit.key)[0])
    assert np.abs(figure.to_pixels(result.embedding[[near]])[0] - (x, y)).max() < 9
    label = int(digits.context.data.validation.targets[hit.key])
    assert hit.text.startswith(digits.context.classes[label])
    with qtbot.waitSignal(view.sample_selected) as heard:
        qtbot.mouseClick(figure, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert heard.args[0] in result.indices


def test_projection_marks_the_chosen_sample_of_its_own_part(shown: Any) -> None:
    view = shown(Projection)
    sample = int(view.result.indices[3])
    view.choose(sample, "validation")
    assert view.figure._chosen == 3
    view.choose(sample, "train")
    assert view.figure._chosen is None


def test_saliency_says_why(shown: Any) -> None:
    view = shown(Saliency, sample=4)
    said = view.result.classes[view.result.predicted]
    assert view.caption.text() == f"Why it said {said}"
    other = (view.result.predicted + 1) % 10
    view = shown(Saliency, sample=4, target=other)
    assert view.caption.text() == f"What would speak for {view.result.classes[other]}"


def test_decision_regions_read_off_probability_and_sample(shown: Any, moons: Any) -> None:
    view = shown(Boundary, 700, 400)
    figure, result = view.figure, view.result
    point = figure.to_pixels(result.points[:1])[0]
    hit = figure.hit(QPointF(*point))
    assert hit is not None and hit.key in result.indices
    corner = figure.ground_box().topLeft() + QPointF(2, 2)
    hit = figure.hit(corner)
    best = result.values[-1, 0].max()
    assert hit is not None and f"{100 * best:.1f} %" in hit.text


def test_decision_regions_need_two_numbers(qtbot: Any, digits: Any) -> None:
    view = Boundary()
    qtbot.addWidget(view)
    need = view.missing(digits.context)
    assert need is not None and need.action == "example:spiral" and "1×8×8" in need.sentence


def test_very_many_points_are_splatted_alike(qtbot: Any) -> None:
    class Dots(Plane):
        def draw(self, painter: Any, area: Any) -> None:
            self.draw_points(painter, 3.0)

    generator = np.random.default_rng(0)
    plane = Dots()
    qtbot.addWidget(plane)
    plane.resize(300, 200)
    few, many = generator.random((200, 2)), generator.random((SPLAT_FROM + 1, 2))
    for points in (few, many):
        plane.set_points(points, (points[:, 0] > 0.5).astype(int), QRectF(0, 0, 1, 1))
        image = plane.grab().toImage()
        assert len({image.pixel(x, 100) for x in range(300)}) > 2


def test_the_plane_zooms_about_the_pointer_and_comes_back(shown: Any, qtbot: Any) -> None:
    figure = shown(Projection).figure
    at = QPointF(200, 100)
    before, scale = figure.to_units(at), figure.scales()[0]
    figure._zoom = 3.0
    assert figure.scales()[0] == pytest.approx(3 * scale)
    figure.show_all()
    after = figure.to_units(at)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()))


@pytest.mark.parametrize("count", [1, 5, 64, 300])
@pytest.mark.parametrize("area", [QRectF(0, 0, 880, 220), QRectF(5, 5, 120, 400), QRectF(0, 0, 40, 20)], ids=str)
def test_tiles_stay_inside_and_are_found_again(count: int, area: QRectF) -> None:
    tiles = Tiles(np.arange(count * 12, dtype=np.float32).reshape(count, 3, 4), 0.0, 1.0, False)
    used = tiles.lay_out(area)
    assert area.adjusted(-1, -1, 1, 1).contains(used)
    for index in (0, count // 2, count - 1):
        spot = tiles.at(tiles.box(index).center())
        assert spot is not None and spot.tile == index


def test_a_high_matrix_lies_on_its_side_and_is_still_read_right(shown: Any) -> None:
    view = shown(Filters, node="fc1")
    view.figure.show_result(_turned(view.result))
    view.grab()
    tiles, weights = view.figure.tiles, _turned(view.result).weights[0, 0]
    assert tiles.maps.shape[1] <= tiles.maps.shape[2]
    box = tiles.box(0)
    hit = view.figure.hit(box.topLeft() + QPointF(2.5 / weights.shape[0] * box.width(), box.height() * 0.01))
    assert hit is not None and "from 0 to 2" in hit.text
    assert float(hit.text.split("\n")[0]) == pytest.approx(float(weights[2, 0]), rel=0.01)


def _turned(result: Any) -> Any:
    """The result with as many rows as it had columns."""
    from dataclasses import replace

    turned = np.ascontiguousarray(result.weights.swapaxes(2, 3))
    norms = np.linalg.norm(turned[0, 0], axis=1)
    return replace(result, weights=turned, norms=norms, bias=None, total=result.total[::-1])


def test_the_picture_of_points_has_every_class_and_no_clip(shown: Any, tmp_path: Path) -> None:
    from widgets.views.plane import class_colour

    view = shown(Projection)
    view.save_picture(tmp_path / "points.svg")
    text = (tmp_path / "points.svg").read_text(encoding="utf-8")
    assert "clip" not in text
    for label in np.unique(view.result.labels):
        group = text.split(f'fill="{class_colour(int(label))}"')
        assert len(group) > 1, label


def test_the_picture_of_regions_needs_no_clip(shown: Any, tmp_path: Path) -> None:
    view = shown(Boundary)
    view.save_picture(tmp_path / "regions.svg")
    assert "clip" not in (tmp_path / "regions.svg").read_text(encoding="utf-8")
    whole, image = view.figure.ground_box(), view.figure._image
    part = view.figure._seen_part(whole.adjusted(whole.width() / 2, 0, 0, 0))
    assert part.left() == pytest.approx(image.width() / 2) and part.width() == pytest.approx(image.width() / 2)
