"""A network that compiles and cannot learn its data: one problem where it is, and edits that mend it."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from studio.data.prepare import prepare
from studio.data.spec import parse_spec
from studio.recipe import Recipe
from studio.weights.misfit import answers_of, unable
from tests.graphs.conftest import net

DIGITS, IRIS = {"source": "digits", "size": 8}, {"source": "iris"}
IMAGE, END = ("ImageInput", {"height": 8, "width": 8}), ("Output", {})


@pytest.fixture(scope="module")
def digits() -> Any:
    return prepare(parse_spec(DIGITS))


def found(network: Any, data: Any, **recipe: Any) -> Any:
    analysis = Inference(standard()).analyse(network)
    return unable(analysis, standard(), data, Recipe(**recipe))


CASES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "too many units": (
        {"image": IMAGE, "flat": ("Flatten", {}), "fc": ("Linear", {"out_features": 64}), "end": END},
        "image>flat flat>fc fc>end", "fc", "Give fc 10 units",
    ),
    "behind layers that keep their number": (
        {"image": IMAGE, "flat": ("Flatten", {}), "fc": ("Linear", {"out_features": 64}), "relu": ("ReLU", {}),
         "drop": ("Dropout", {}), "end": END},
        "image>flat flat>fc fc>relu relu>drop drop>end", "fc", "Give fc 10 units",
    ),
    "an image straight to the output": (
        {"image": IMAGE, "end": END}, "image>end", "end", "Insert Flatten and Linear with 10 units",
    ),
    "maps of features": (
        {"image": IMAGE, "conv": ("Conv2d", {"out_channels": 10}), "end": END},
        "image>conv conv>end", "end", "Insert Flatten and Linear with 10 units",
    ),
    "no layer that says a number": (
        {"image": IMAGE, "flat": ("Flatten", {}), "end": END},
        "image>flat flat>end", "end", "Insert Linear with 10 units",
    ),
    "channels that are pooled": (
        {"image": IMAGE, "conv": ("Conv2d", {"out_channels": 64}), "pool": ("GlobalAvgPool", {}), "end": END},
        "image>conv conv>pool pool>end", "conv", "Give conv 10 channels",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_click_makes_it_learnable(name: str, digits: Any) -> None:
    nodes, wires, place, label = CASES[name]
    network = net(nodes, wires)
    assert Inference(standard()).analyse(network).buildable, "it compiles"
    problem = found(network, digits)
    assert (problem.node, problem.severity) == (place, "warning")
    (fix,) = problem.fixes
    assert fix.label == label
    mended, _ = fix.edit.apply(network)
    assert found(mended, digits) is None


def test_what_fits_is_no_problem(digits: Any) -> None:
    nodes = {"image": IMAGE, "flat": ("Flatten", {}), "fc": ("Linear", {"out_features": 10}), "end": END}
    assert found(net(nodes, "image>flat flat>fc fc>end"), digits) is None
    assert answers_of(digits) == 10


def test_nothing_to_learn_is_said() -> None:
    data = prepare(parse_spec(IRIS))
    problem = found(net({"x": ("VectorInput", {"features": 3}), "end": END}, "x>end"), data)
    assert problem.node == "end" and "no weights" in problem.message
    assert [fix.label for fix in problem.fixes] == ["Insert Linear with 3 units"]


def test_the_layer_inside_a_block_is_named_by_its_use(digits: Any) -> None:
    from dataclasses import replace

    from graphs.network import Block

    inner = net({"i": ("BlockInput", {}), "fc": ("Linear", {"out_features": 7}), "o": ("BlockOutput", {})}, "i>fc fc>o")
    nodes = {"image": IMAGE, "flat": ("Flatten", {}), "use": ("block-b", {}), "end": END}
    network = replace(net(nodes, "image>flat flat>use.i use.o>end"), blocks={"b": Block("b", "Box", inner)})
    known = standard().copy()
    known.know(network)
    problem = unable(Inference(known).analyse(network), known, digits, Recipe())
    assert problem is not None and problem.node == "use"
    mended, _ = problem.fixes[0].edit.apply(network)
    assert unable(Inference(known).analyse(mended), known, digits, Recipe()) is None


def test_a_loss_for_classes_on_numbers_is_mended_in_the_recipe() -> None:
    data = prepare(parse_spec({"source": "iris"}))
    network = net({"x": ("VectorInput", {"features": 4}), "fc": ("Linear", {"out_features": 1}), "end": END},
                  "x>fc fc>end")  # fmt: skip
    numbers = type("Numbers", (), {"task": "regression", "train": _Part(), "classes": ()})()
    problem = found(network, numbers, loss="cross-entropy")
    assert problem.node == "" and [fix.label for fix in problem.fixes] == ["Choose mse as the loss"]
    mended, _ = problem.fixes[0].edit.apply(network)
    assert mended.settings["recipe"] == {"loss": "mse"}
    assert found(network, numbers, loss="mse") is None
    assert answers_of(data) == 3


class _Part:
    """Targets of one number each."""

    def __init__(self) -> None:
        import torch

        self.targets = torch.zeros(5, 1)


FITS = ({"image": IMAGE, "flat": ("Flatten", {}), "fc": ("Linear", {"out_features": 10}), "end": END},
        "image>flat flat>fc fc>end")  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "wires", "settings", "offered"),
    [
        (FITS[0], FITS[1], {}, "Make the input 4"),
        (  # nothing is left of an image this small
            {"image": IMAGE, "conv": ("Conv2d", {"out_channels": 2}), "flat": ("Flatten", {}), "end": END},
            "image>conv conv>flat flat>end", {}, "",
        ),
        (FITS[0], FITS[1], {"start": {"file": "weights.pth"}}, ""),
    ],
    ids=["fits then", "breaks then", "loses its weights"],
)  # fmt: skip
def test_the_input_is_only_changed_where_the_network_goes_on(
    nodes: Any, wires: str, settings: Any, offered: str
) -> None:
    from dataclasses import replace

    from graphs.building.build import build
    from studio.weights.misfit import misfit

    network = replace(net(nodes, wires), settings=settings)
    problem = misfit(build(network, standard()), standard(), prepare(parse_spec(IRIS)), network)
    assert problem is not None
    labels = [fix.label for fix in problem.fixes]
    assert labels == [label for label in (offered, "Choose other data…") if label]


def test_what_text_a_network_wants_is_said(digits: Any) -> None:
    from graphs.building.build import build
    from studio.weights.misfit import misfit

    nodes = {"text": ("TokensInput", {"length": 12}), "emb": ("Embedding", {}), "end": END}
    problem = misfit(build(net(nodes, "text>emb emb>end"), standard()), standard(), digits)
    assert problem is not None and "text of 12 tokens" in problem.message
    assert [fix.label for fix in problem.fixes] == ["Choose other data…"]
