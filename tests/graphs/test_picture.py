from xml.etree import ElementTree

import pytest

from graphs.exchange.picture import COLOURS, svg
from graphs.exchange.routes import Box, Point, route
from graphs.layers.catalogue import standard
from graphs.network import Network, Node
from graphs.shapes import Inference

SVG = "{http://www.w3.org/2000/svg}"


def picture(network: Network, **options: object) -> ElementTree.Element:
    return ElementTree.fromstring(svg(network, Inference(standard()).analyse(network), **options))  # type: ignore[arg-type]


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_lenet_shows_names_parameters_and_shapes(lenet: Network, theme: str) -> None:
    root = picture(lenet, theme=theme, title="LeNet")
    found = texts(root)
    assert set(lenet.nodes) <= set(found)
    assert {"48,120", "156", "Conv2d 6 · 5×5 · pad 2", "14 nodes · 61,706 parameters"} <= set(found)
    shapes = ["1×28×28", "6×28×28", "6×28×28", "6×14×14", "16×10×10", "16×10×10", "16×5×5"]
    assert [t for t in found if "×" in t and " " not in t] == shapes
    fills = {element.get("fill") for element in root.iter()}
    assert {COLOURS[theme][name] for name in ("background", "card", "convolution", "pooling")} <= fills
    assert root.findtext(f"{SVG}title") == "LeNet"


def test_everything_lies_inside(lenet: Network, branches: Network) -> None:
    for network in (lenet, branches):
        root = picture(network)
        left, top, width, height = (float(v) for v in root.get("viewBox", "").split())
        for circle in root.iter(f"{SVG}circle"):
            assert left < float(circle.get("cx", "nan")) < left + width
            assert top < float(circle.get("cy", "nan")) < top + height


def test_text_is_escaped() -> None:
    title = '</text><script>alert("1")</script>&\x00\ud800'
    network = Network.of([Node("a", "ReLU", title), Node("b", "<Odd>&", "b")], [])
    root = picture(network, title=title)
    assert not list(root.iter(f"{SVG}script"))
    assert any(text.startswith("</text><script>") for text in texts(root))


def test_an_empty_network_is_an_empty_picture() -> None:
    assert texts(picture(Network())) == ["0 nodes · 0 parameters"]


def test_sizes_keep_the_places_on_the_canvas() -> None:
    network = Network.of([Node("a", "ReLU", position=(100, 50)), Node("b", "ReLU", position=(-40, 500))], [])
    root = picture(network, sizes={"a": (150.0, 90.0)})
    places = {group.get("transform") for group in root.iter(f"{SVG}g")}
    assert {"translate(100 50)", "translate(-40 500)"} <= places


def test_problems_and_unknown_kinds_show() -> None:
    root = picture(Network.of([Node("fc1", "Linear"), Node("new1", "FromTheFuture")], []))
    edges = [path for path in root.iter(f"{SVG}path") if path.get("fill") == "none"]
    assert {edge.get("stroke") for edge in edges} <= {COLOURS["dark"]["bad"], COLOURS["dark"]["warn"]}
    assert [bool(edge.get("stroke-dasharray")) for edge in edges] == [False, True]
    assert "FromTheFuture, not known" in texts(root)


def test_a_wire_back_runs_between_the_rows() -> None:
    source, target = Box(500, 0, 100, 60), Box(0, 200, 100, 60)
    tall = Box(250, 0, 100, 110)
    way = route(Point(600, 30), Point(0, 230), source, target, [source, target, tall])
    assert way.label.y == (110 + 200) / 2
    assert way.extent.left < 0
    assert way.extent.right > 600
    blocked = Box(200, 40, 100, 190)
    assert route(Point(600, 30), Point(0, 230), source, target, [source, target, blocked]).label.y > 230


def test_colours_are_those_of_the_window() -> None:
    theme = pytest.importorskip("widgets.theme")
    for name, look in theme.THEMES.items():
        ours = COLOURS[name]
        assert {family: ours[family] for family in look.families} == dict(look.families)
        for token in ("background", "line", "text", "dim", "faint", "warn", "bad"):
            assert ours[token] == getattr(look, token)
