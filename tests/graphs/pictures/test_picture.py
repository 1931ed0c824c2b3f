from dataclasses import replace
from xml.etree import ElementTree

import pytest

from graphs.inference.shapes import Inference
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import BLOCK, End, Frame, Network, Node, Note, Wire
from graphs.pictures.canvas import COLOURS, svg
from graphs.pictures.routes import Box, Point, route
from graphs.reuse.library import SHIPPED, load

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


def drawn_with_everything() -> tuple[Network, Catalogue]:
    """A block that repeats, a dot, a bypassed and a muted layer, a frame with a note."""
    entry = load(SHIPPED / "residual-block.netloom-block")
    nodes = [
        Node("image", "ImageInput", fields={"channels": 16, "height": 8, "width": 8}),
        Node("stage", f"{BLOCK}{entry.block}", fields={"repeat": 3}, position=(300, 0)),
        Node("dot", "Reroute", position=(600, 0)),
        Node("norm", "BatchNorm2d", mode="bypass", position=(700, 0)),
        Node("drop", "Dropout", mode="mute", position=(700, 200)),
        Node("out", "Output", position=(900, 0)),
    ]
    ends = ["image.out>stage.in1", "stage.out1>dot.in", "dot.out>norm.in", "dot.out>drop.in", "norm.out>out.in"]
    wires = [Wire(*(End(*end.split(".")) for end in text.split(">"))) for text in ends]
    marks = {
        "frame1": Frame("frame1", "Stages <1>", "convolution", ("image", "stage"), ("note1",)),
        "note1": Note("note1", "Weights of its own & each time", (0, -150)),
    }
    network = replace(Network.of(nodes, wires), blocks=entry.part.blocks, marks=marks)
    catalogue = Catalogue(standard().kinds.values())
    catalogue.know(network)
    return network, catalogue


def test_blocks_frames_notes_dots_and_modes_are_drawn() -> None:
    network, catalogue = drawn_with_everything()
    analysis = Inference(catalogue).analyse(network)
    root = ElementTree.fromstring(svg(network, analysis, "light", catalogue=catalogue))
    found = texts(root)
    assert {"Stages <1>", "stage", "Residual block channels 16 · ×3", "muted · Dropout 50%"} <= set(found)
    assert any(text.startswith("Weights of its own &") for text in found)
    assert "bypassed · BatchNorm2d" in found and "dot" not in found
    rects = [r for r in root.iter(f"{SVG}rect") if r.get("rx") == "2"]
    inner = network.blocks["residual"].network
    ports = [n for n in inner.nodes.values() if n.kind in ("BlockInput", "BlockOutput")]
    assert len(rects) == len(inner.nodes) - len(ports)  # what the block holds, as a small picture
    piled = [p for p in root.iter(f"{SVG}path") if (p.get("transform") or "").startswith("translate(")]
    assert len(piled) == 2


def test_a_part_without_a_ground() -> None:
    network, catalogue = drawn_with_everything()
    analysis = Inference(catalogue).analyse(network)
    part = svg(network, analysis, "light", catalogue=catalogue, only={"image", "stage"}, transparent=True)
    found = texts(ElementTree.fromstring(part))
    assert {"image", "stage", "Stages <1>"} <= set(found) and "out" not in found
    assert COLOURS["light"]["background"] not in part.split("<path")[0]
    other = texts(ElementTree.fromstring(svg(network, analysis, "light", catalogue=catalogue, only={"image"})))
    assert "Stages <1>" not in other
