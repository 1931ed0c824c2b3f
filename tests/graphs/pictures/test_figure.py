"""Figures for papers: what they show, that texts keep apart, and that sizes follow what they stand for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphs.inference.shapes import Inference
from graphs.layers.catalogue import Catalogue, standard
from graphs.network import BLOCK, End, Network, Node, Wire
from graphs.pictures import solids
from graphs.pictures.drawing import Drawing, overlaps
from graphs.pictures.figure import Form, Look, figure, figure_drawing
from graphs.pictures.inks import ink
from graphs.pictures.stages import line_of, stages_of
from graphs.pictures.steps import graph_of
from graphs.reuse.library import SHIPPED, load
from studio.examples import gallery
from studio.project import open_project

SVG = "{http://www.w3.org/2000/svg}"
CONV = {"out_channels": 8, "kernel_size": [3, 3], "padding": [1, 1]}


def drawn(network: Network, look: Look | None = None, catalogue: Catalogue | None = None) -> Drawing:
    catalogue = catalogue or standard()
    return figure_drawing(network, Inference(catalogue).analyse(network), look or Look(), catalogue=catalogue)


def said(drawing: Drawing) -> str:
    return "\n".join(words.text for words in drawing.words)


def chain(*layers: tuple[str, str, dict[str, object]], also: str = "") -> Network:
    nodes = [Node(id, kind, fields=fields) for id, kind, fields in layers]
    wires = [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(nodes)]
    for text in also.split():
        source, target = text.split(">")
        wires.append(Wire(End(source, "out"), End(*target.split("."))))
    return Network.of(nodes, wires)


def mlp(*widths: int) -> Network:
    layers = [(f"fc{i}", "Linear", {"out_features": n}) for i, n in enumerate(widths, 1)]
    return chain(("x", "VectorInput", {"features": 4}), *layers, ("classes", "Output", {}))


def residual() -> Network:
    """Two convolutions with a way past them."""
    made = chain(
        ("image", "ImageInput", {"channels": 8, "height": 16, "width": 16}),
        ("conv1", "Conv2d", CONV), ("conv2", "Conv2d", CONV),
    )  # fmt: skip
    more = [Node("add", "Add"), Node("relu", "ReLU"), Node("out", "Output")]
    ends = (("conv2.out", "add.a"), ("image.out", "add.b"), ("add.out", "relu.in"), ("relu.out", "out.in"))
    wires = [Wire(End(*a.split(".")), End(*b.split("."))) for a, b in ends]
    return Network.of([*made.nodes.values(), *more], [*made.wires.values(), *wires])


def with_blocks() -> tuple[Network, Catalogue]:
    entry = load(SHIPPED / "residual-block.netloom-block")
    kind = BLOCK + entry.block
    nodes = [
        Node("image", "ImageInput", fields={"channels": 16, "height": 8, "width": 8}),
        Node("stage", kind, fields={"repeat": 3}),
        Node("out", "Output"),
    ]
    wires = [Wire(End("image", "out"), End("stage", "in1")), Wire(End("stage", "out1"), End("out", "in"))]
    network = replace(Network.of(nodes, wires), blocks=entry.part.blocks)
    catalogue = Catalogue(standard().kinds.values())
    catalogue.know(network)
    return network, catalogue


@pytest.mark.parametrize("name", [example.path.stem for example in gallery()])
@pytest.mark.parametrize("form", ["auto", "boxes"])
def test_every_example_is_a_figure(name: str, form: Form) -> None:
    project = open_project(name)
    for look in (Look(form=form), Look("dark", form, grey=True, transparent=True, details=False)):
        drawing = drawn(project.network, look, project.catalogue)
        assert overlaps(drawing.words) == []
        text = said(drawing)
        weighed = (node for node in project.network.nodes.values() if node.kind in ("Conv2d", "Linear"))
        assert all(node.title in text for node in weighed)
        assert ElementTree.fromstring(drawing.svg(name)).tag == f"{SVG}svg"


def test_lenet_is_the_figure_of_its_paper(lenet: Network) -> None:
    drawing = drawn(lenet)
    lines = [words.text for words in drawing.words]
    for size in ("1@28×28", "6@28×28", "6@14×14", "16@10×10", "16@5×5", "120", "84", "10"):
        assert size in lines
    assert lines.count("5×5 conv") == 2 and lines.count("2×2 max pool") == 2
    assert lines.count("dense") == 3 and lines.count("ReLU") == 4
    left = {words.text: words.left for words in drawing.words}
    order = ["image", "conv1", "pool1", "conv2", "pool2", "fc1", "fc2", "fc3"]
    assert [left[name] for name in order] == sorted(left[name] for name in order)
    assert "ReLU" not in said(drawn(lenet, Look(details=False)))


@pytest.mark.parametrize("scale", [1, 8])
def test_bodies_grow_with_what_they_stand_for(scale: int) -> None:
    sizes = [1, 2, 5, 7, 14, 28, 56, 112, 224]
    for make in (solids.planes, solids.slab):
        bodies = [make(scale, size, size, 224) for size in sizes]
        assert [b.tall for b in bodies] == sorted(b.tall for b in bodies)
        deep = [make(channels, 7, 7, 28) for channels in (1, 3, 8, 64, 512, 2048)]
        assert all(a.wide < b.wide for a, b in pairwise(deep))
        assert deep[-1].wide < 240
    bars = [solids.bar(n).tall for n in (1, 10, 84, 120, 4096)]
    assert all(a < b for a, b in pairwise(bars)) and bars[-1] < 200


def test_dense_layers_are_columns_of_circles() -> None:
    root = ElementTree.fromstring(drawn(mlp(6, 64, 3)).svg("mlp"))
    radii = [circle.get("r") for circle in root.iter(f"{SVG}circle")]
    assert radii.count("9") == 4 + 6 + 8 + 3  # the 64 as four, three dots, four
    assert len(radii) - radii.count("9") == 3
    lines = list(root.iter(f"{SVG}line"))
    assert len(lines) == 4 * 6 + 6 * 8 + 8 * 3


def test_ways_past_layers_are_arcs_with_their_sign() -> None:
    network = residual()
    analysis = Inference(standard()).analyse(network)
    line = line_of(stages_of(graph_of(network, analysis, standard()), joins=True))
    assert line is not None
    assert [stage.head.id for stage in line.stages] == ["image", "conv1", "conv2"]
    assert [(skip.start, skip.end, skip.sign) for skip in line.skips] == [(0, 2, "+")]
    assert line.stages[2].folded == ["add", "ReLU"]
    boxes = said(drawn(network, Look(form="boxes")))
    assert "ReLU" in boxes  # after the sum, where it is


def test_branches_become_boxes(branches: Network) -> None:
    drawing = drawn(branches)
    assert overlaps(drawing.words) == []
    text = said(drawing)
    for words in ("embedding", "GRU", "concat", "3×5 conv, 4", "global avg pool", "dense, 4", "output1", "unused1"):
        assert words in text


def test_blocks_are_one_box_or_opened_with_a_bracket() -> None:
    network, catalogue = with_blocks()
    closed = said(drawn(network, Look(form="boxes"), catalogue))
    assert "×3" in closed and "conv" not in closed
    opened = drawn(network, Look(opened=True), catalogue)
    assert overlaps(opened.words) == []
    assert {"×3", "stage: Residual block", "3×3 conv, 16"} <= {words.text for words in opened.words}


def test_what_is_off_is_not_in_it_and_dots_lead_on() -> None:
    network = chain(
        ("x", "VectorInput", {"features": 4}), ("fc1", "Linear", {"out_features": 8}), ("dot", "Reroute", {}),
        ("drop", "Dropout", {}), ("fc2", "Linear", {"out_features": 3}), ("classes", "Output", {}),
    )  # fmt: skip
    bypassed = replace(network, nodes={**network.nodes, "drop": replace(network.nodes["drop"], mode="bypass")})
    text = said(drawn(bypassed))
    assert "dropout" not in text and "dot" not in text
    assert {"fc1", "fc2"} <= set(text.splitlines())
    assert "dropout" in said(drawn(network))


def test_names_cannot_break_out() -> None:
    evil = '</text><script>alert("1")</script>&\x00\ud800'
    network = mlp(3)
    nodes = {id: replace(node, name=evil + id) for id, node in network.nodes.items()}
    for form in ("auto", "boxes", "volumes"):
        text = figure(
            replace(network, nodes=nodes), Inference(standard()).analyse(network), Look(form=form), title=evil
        )
        root = ElementTree.fromstring(text)
        assert not list(root.iter(f"{SVG}script"))
        assert "</text><script" in "".join(root.itertext())


def test_broken_and_empty_networks_have_figures_too() -> None:
    odd = Network.of([Node("new1", "FromTheFuture"), Node("fc1", "Linear", fields={"out_features": "many"})], [])
    assert "FromTheFuture, not known" in said(drawn(odd))
    assert said(drawn(Network())) == "Nothing to draw yet"
    loop = Network.of([Node("a", "ReLU"), Node("b", "ReLU")], [
        Wire(End("a", "out"), End("b", "in")), Wire(End("b", "out"), End("a", "in")),
    ])  # fmt: skip
    assert said(drawn(loop)) == "Nothing to draw yet"


def test_greys_differ_and_a_clear_ground_stays_clear() -> None:
    greys = {family: ink("light", True).fill(family) for family in ("convolution", "pooling", "linear", "recurrent")}
    assert len(set(greys.values())) == 4
    network = mlp(3)
    analysis = Inference(standard()).analyse(network)
    grounds = [
        list(ElementTree.fromstring(figure(network, analysis, look)).iter(f"{SVG}rect"))
        for look in (Look(), Look(transparent=True))
    ]
    assert [len(found) for found in grounds] == [1, 0]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_networks_are_truthful_figures(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 14))
    nodes, wires = [Node("n0", "ImageInput", fields={"channels": 8, "height": 8, "width": 8})], []
    for index in range(1, count):
        kind = data.draw(st.sampled_from(["Conv2d", "ReLU", "BatchNorm2d", "Add", "Concat", "Upsample"]))
        fields = CONV if kind == "Conv2d" else {}
        nodes.append(Node(f"n{index}", kind, fields=fields))
        for port in ("a", "b") if kind in ("Add", "Concat") else ("in",):
            wires.append(Wire(End(f"n{data.draw(st.integers(0, index - 1))}", "out"), End(f"n{index}", port)))
    network = Network.of(nodes, wires)
    for form in ("auto", "boxes"):
        drawing = drawn(network, Look(form=form))
        ElementTree.fromstring(drawing.svg("random"))
        assert overlaps(drawing.words, 2.0) == []
        names = said(drawing)
        for node in nodes:
            assert node.kind not in ("Conv2d", "ImageInput", "Upsample") or node.id in names
