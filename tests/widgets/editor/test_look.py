"""What is painted, and when: levels of detail, live pictures, badges, files."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from graphs.edits import Connect, SetFields
from graphs.inference.problems import Fix, Problem
from graphs.layers.base import Shape
from graphs.network import End, Network, Node
from studio.inspection.activations import Health, Thumbnail
from tests.widgets.editor.tools import Hand, lenet, wire
from widgets import theme
from widgets.editor.canvas import Canvas
from widgets.editor.painting.cards import Detail, detail
from widgets.editor.painting.face import face, mosaic
from widgets.editor.painting.live import health_line, shares, short

MakeCanvas = Callable[[Network], Canvas]


class Facts:
    """As `graphs.inference.shapes.Facts`, without torch."""

    def __init__(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...], parameters: int = 0) -> None:
        self.inputs, self.outputs, self.parameters, self.shared = inputs, outputs, parameters, 0


class Analysis:
    """As `graphs.inference.shapes.Analysis`, without torch."""

    def __init__(self, network: Network, facts: dict[str, Facts], problems: tuple[Problem, ...] = ()) -> None:
        self.network, self.facts, self.problems = network, facts, problems

    def output_shape(self, end: End) -> Shape | None:
        facts = self.facts.get(end.node)
        return facts.outputs[0] if facts and facts.outputs else None


MAPS, VECTOR = Shape((6, 28, 28)), Shape((120,))
FACTS = {
    "image1": Facts((), (Shape((1, 28, 28)),)),
    "conv1": Facts((Shape((1, 28, 28)),), (MAPS,), 156),
    "fc1": Facts((Shape((400,)),), (VECTOR,), 48_120),
    "fc3": Facts((Shape((84,)),), (Shape((10,)),), 850),
    "output1": Facts((Shape((10,)),), ()),
}


def maps(value: float, signed: bool = False) -> Thumbnail:
    values = np.full((6, 28, 28), value, dtype=np.float32)
    return Thumbnail("maps", values, -1.0 if signed else 0.0, 1.0, 6, signed=signed)


@pytest.fixture
def watched(canvas: Canvas) -> Canvas:
    canvas.set_analysis(Analysis(lenet(), FACTS))  # type: ignore[arg-type]
    return canvas


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("scale", [1.4, 1.0, 0.6, 0.25, 0.02])
def test_every_level_is_painted_in_both_themes(watched: Canvas, name: str, scale: float) -> None:
    theme.set_theme(name)
    try:
        watched.set_thumbnails({"conv1": maps(0.5), "image1": maps(0.3)})
        watched.fit()
        watched.zoom(scale / watched.camera.scale)
        image = watched.grab().toImage()
        colours = {image.pixelColor(x, y).name() for x in range(0, 1280, 4) for y in range(0, 800, 4)}
        assert theme.current().background in colours and len(colours) > 3
    finally:
        theme.set_theme("dark")


def test_levels() -> None:
    assert [detail(s) for s in (1.0, 0.6, 0.59, 0.35, 0.34)] == [
        Detail.FULL, Detail.FULL, Detail.NAMES, Detail.NAMES, Detail.BLOCKS,
    ]  # fmt: skip


def test_room_for_pictures_is_kept_before_there_is_data(watched: Canvas) -> None:
    sizes = {i: item.rect.size() for i, item in watched.scene.items.items()}
    watched.set_thumbnails({"conv1": maps(0.5), "fc1": Thumbnail("bars", np.ones(120, np.float32), 0, 1, 120)})
    watched.set_health({"fc1": Health(0.0, 1.0, gradient=0.003)})
    assert sizes == {i: item.rect.size() for i, item in watched.scene.items.items()}
    art = watched.scene.items["conv1"].face.art
    assert art is not None and art.count == 6 and watched.scene.items["conv1"].face.count == "156"


def test_a_thumbnail_shows_its_values_in_viridis(watched: Canvas) -> None:
    watched.set_thumbnails({"conv1": maps(1.0)})
    item = watched.scene.items["conv1"]
    spot = watched.camera.to_view(item.rect.topLeft() + item.face.art_box.topLeft() + QPointF(8, 8)).toPoint()
    top = theme.magnitude_lut()[255]
    assert watched.grab().toImage().pixelColor(spot) == QColor(*top.tolist())
    watched.set_thumbnails({"conv1": maps(-1.0, signed=True)})
    assert watched.grab().toImage().pixelColor(spot) == QColor(*theme.signed_lut()[0].tolist())


def test_only_what_changed_is_painted_again(watched: Canvas) -> None:
    first = {"conv1": maps(0.5), "pool1": maps(0.2)}
    watched.set_thumbnails(first)
    settled(watched)
    while watched.picture.sheets._sheets.keys() < first.keys():
        settled(watched)
    kept = dict(watched.picture.sheets._sheets)
    watched.set_thumbnails({"conv1": maps(0.9), "pool1": maps(0.2)})
    settled(watched)
    now = watched.picture.sheets._sheets
    assert {i for i in now if now[i] is not kept.get(i)} == {"conv1"}


def settled(canvas: Canvas) -> QImage:
    """What is on screen once nothing waits: a frame paints what it has time for."""
    while (image := canvas.grab().toImage()) != canvas.grab().toImage() or canvas.picture.layer._dirty:
        pass
    return image


def test_panning_leaves_the_same_picture_as_painting_anew(watched: Canvas) -> None:
    watched.set_thumbnails({"conv1": maps(0.5), "image1": maps(0.3)})
    for scale in (1.0, 0.8, 0.45):
        watched.fit()
        watched.zoom(scale / watched.camera.scale)
        settled(watched)
        for step in ((37, 0), (0, -61), (-120, 45), (13, 13), (-2000, 5), (1990, -3)):
            watched.pan(*step)
            moved = settled(watched)
            watched.picture.layer.forget()
            assert moved == settled(watched)


def test_values_that_are_not_finite_are_painted(watched: Canvas) -> None:
    broken = maps(0.5)
    broken.values[0] = np.nan
    bars = Thumbnail("bars", np.array([np.nan, np.inf, -1.0], np.float32), -1, 1, 3, signed=True)
    chances = Thumbnail("chances", np.full(10, np.nan, np.float32), 0, 1, 10)
    grey = Thumbnail("maps", np.full((1, 28, 28), np.inf, np.float32), np.float32(-np.inf), np.float32(np.inf), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        watched.set_thumbnails({"conv1": broken, "fc3": bars, "output1": chances, "image1": grey})
        image = watched.grab().toImage()
    item = watched.scene.items["conv1"]
    spot = watched.camera.to_view(item.rect.topLeft() + item.face.art_box.topLeft() + QPointF(4, 4)).toPoint()
    assert image.pixelColor(spot).name() == theme.current().line, "a quiet place instead of a picture"
    assert shares(np.array([1.0, np.nan]), 0.0, 0.0).tolist() == [0.0, 0.0]


def test_fewer_maps_than_expected_fill_the_room(watched: Canvas) -> None:
    one = Thumbnail("maps", np.ones((1, 28, 28), np.float32), 0.0, 1.0, 1)
    watched.set_thumbnails({"conv1": one})
    item = watched.scene.items["conv1"]
    middle = watched.camera.to_view(item.rect.topLeft() + item.face.art_box.center()).toPoint()
    assert watched.grab().toImage().pixelColor(middle) == QColor(*theme.magnitude_lut()[255].tolist())


def test_the_true_class_is_marked_and_a_wrong_guess_is_red(watched: Canvas) -> None:
    chances = np.zeros(10, np.float32)
    chances[3] = 1.0
    watched.set_thumbnails({"output1": Thumbnail("chances", chances, 0, 1, 10, chosen=3)})
    item = watched.scene.items["output1"]
    row = item.face.art.box(3).center()
    spot = watched.camera.to_view(item.rect.topLeft() + item.face.art_box.topLeft() + row).toPoint()
    for truth, tone in ((3, "good"), (5, "bad"), (None, "good")):
        watched.set_outputs(truth)
        assert watched.grab().toImage().pixelColor(spot).name() == getattr(theme.current(), tone)


def test_health_in_words() -> None:
    assert health_line(Health(0, 1, dead=0.09)).text == "9 % dead units"
    assert health_line(Health(0, 1, dead=0.09)).tone == "warn"
    assert health_line(Health(0, 1, dead=0.0)).tone == "dim"
    assert health_line(Health(0, 1, gradient=0.0031)).text == "|∇| 3.1e-3"
    assert health_line(Health(0, 1, finite=False)).tone == "bad"
    assert [short(v) for v in (0, 0.214, 14.2, 12345.0, 0.0031)] == ["0", "0.21", "14", "1.2e4", "3.1e-3"]


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 224, 224), (512, 1, 1), (6, 4, 400), (6, 400, 4), (16, 5, 5)])
def test_mosaics_stay_in_bounds(shape: tuple[int, int, int]) -> None:
    art = mosaic(*shape)
    width, height = art.size
    assert art.count <= 16 and 8 <= width <= 232 and 8 <= height <= 160
    boxes = [art.box(i) for i in range(art.count)]
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(QRectF(0, 0, width + 0.01, height + 0.01).contains(box) for box in boxes)


def test_a_long_name_stays_on_its_card(make_canvas: MakeCanvas) -> None:
    name = "the convolution that looks for the upper left corner of every digit"
    canvas = make_canvas(Network.of([Node("a", "Conv2d", name), Node("b", "NoSuchKind", position=(300, 0))], []))
    assert canvas.scene.items["a"].rect.width() <= 240
    assert not canvas.scene.items["b"].face.known
    canvas.grab()


def test_bad_fields_are_shown_as_a_placeholder(make_canvas: MakeCanvas) -> None:
    canvas = make_canvas(Network.of([Node("a", "Conv2d", fields={"out_channels": -4})], []))
    assert not canvas.scene.items["a"].face.known and "Conv2d" in canvas.scene.items["a"].face.summary
    canvas.grab()


# Problems


def broken(canvas: Canvas) -> Problem:
    fix = Fix("Use 16 filters", SetFields("conv2", {"out_channels": 8}))
    problem = Problem("conv2", "error", "conv2: the picture is too small.", "at least 5×5", "3×3", (fix,))
    whole = Problem("", "warning", "There is no data.")
    canvas.set_analysis(Analysis(canvas.document.network, FACTS, (problem, whole)))  # type: ignore[arg-type]
    return problem


def test_a_badge_says_what_is_wrong_and_mends_it(canvas: Canvas, hand: Hand) -> None:
    problem = broken(canvas)
    canvas.grab()
    box = canvas.badges.box(canvas.camera, "conv2")
    assert box is not None and canvas.badges.at(canvas.camera, box.center()) == "conv2"
    text = canvas.badges.text("conv2")
    assert problem.message in text and "Expected at least 5×5" in text and "Received 3×3" in text
    hand.click(canvas.camera.to_scene(box.center()))
    menu = canvas.popup
    next(action for action in menu.actions() if action.text() == "Use 16 filters").trigger()
    menu.close()
    assert canvas.document.network.nodes["conv2"].fields["out_channels"] == 8
    canvas.undo()
    assert canvas.document.network == lenet()


def test_badges_are_painted_at_every_zoom(canvas: Canvas) -> None:
    broken(canvas)
    for scale in (1.0, 0.5, 0.1):
        canvas.fit()
        canvas.zoom(scale / canvas.camera.scale)
        box = canvas.badges.box(canvas.camera, "conv2")
        spot = (box.center() - QPointF(box.width() * 0.3, 0)).toPoint()
        assert canvas.grab().toImage().pixelColor(spot).name() == theme.current().bad


class Strict:
    """An inference that finds every wire wrong."""

    def try_wire(self, network: Network, analysis: Analysis, wire: object) -> Problem:
        fix = Fix("Mend it", SetFields("relu1", {}))
        return Problem("relu1", "error", "relu1: this does not fit.", "a", "b", (fix,))


def test_a_wire_that_does_not_fit_says_why_and_offers_fixes(make_canvas: MakeCanvas) -> None:
    canvas = make_canvas(Network.of([Node("image1", "ImageInput"), Node("relu1", "ReLU", position=(300, 0))], []))
    canvas.set_analysis(Analysis(canvas.document.network, FACTS))  # type: ignore[arg-type]
    canvas.set_inference(Strict())  # type: ignore[arg-type]
    hand = Hand(canvas)
    hand.drag(hand.port("image1", "out", True), hand.port("relu1", "in", False))
    texts = [action.text() for action in canvas.popup.actions()]
    assert "relu1: this does not fit." in texts and "Mend it" in texts
    assert not canvas.document.network.wires
    canvas.popup.actions()[-1].trigger()
    canvas.popup.close()
    assert canvas.document.network.wires == {End("relu1", "in"): wire("image1", "relu1")}


# Wires and files


def test_shapes_stand_on_wires_and_go_with_them(watched: Canvas) -> None:
    from widgets.editor.painting.wires import label_of

    assert label_of(watched.scene, End("pool1", "in")) == "6×28×28"
    assert label_of(watched.scene, End("pool2", "in")) == ""
    watched.set_analysis(None)
    assert label_of(watched.scene, End("pool1", "in")) == ""


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_pictures_are_written(watched: Canvas, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"network.{ending}"
    watched.set_thumbnails({"conv1": maps(0.5)})
    watched.render_picture(path)
    if ending == "png":
        image = QImage(str(path))
        assert image.width() > 2 * 1000
    elif ending == "svg":
        text = path.read_text(encoding="utf-8")
        assert "conv1" in text and ElementTree.fromstring(text).tag.endswith("svg")
    else:
        assert path.read_bytes().startswith(b"%PDF")


def test_pictures_that_cannot_be_written_are_one_error(watched: Canvas, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="png"):
        watched.render_picture(tmp_path / "network.bmp")
    for ending in ("png", "svg", "pdf"):
        with pytest.raises(OSError, match="written"):
            watched.render_picture(tmp_path / "nowhere" / f"network.{ending}")


def test_an_empty_canvas_teaches(make_canvas: MakeCanvas) -> None:
    canvas = make_canvas(Network())
    image = canvas.grab().toImage()
    middle = image.copy(QRectF(340, 250, 600, 300).toRect())
    assert len({middle.pixelColor(x, y).name() for x in range(0, 600, 2) for y in range(0, 300, 2)}) > 20
    canvas.fit()
    canvas.arrange()


def test_a_crowd_is_sharpened_in_time(make_canvas: MakeCanvas) -> None:
    nodes = [Node(f"n{i}", "ReLU", position=(i % 40 * 160.0, i // 40 * 100.0)) for i in range(800)]
    canvas = make_canvas(Network.of(nodes, []))
    canvas.zoom(0.5)
    image = QImage(QSize(1280, 800), QImage.Format.Format_RGB32)
    for _ in range(200):
        painter = QPainter(image)
        waiting = canvas.picture.paint(painter, QRectF(canvas.rect()))
        painter.end()
        if not waiting:
            break
    assert not waiting
    canvas.document.apply(Connect((wire("n0", "n1"),)))
    canvas.zoom(0.2)
    canvas.pan(30, 10)
    canvas.grab()


def test_faces_do_not_need_an_analysis(qapp: object) -> None:
    from graphs.layers.catalogue import standard

    for kind in standard().kinds:
        node = Node("x1", kind)
        made = face(node, Network.of([node], []), standard(), None)
        assert made.known and made.width % 8 == 0 and made.height % 16 == 0
