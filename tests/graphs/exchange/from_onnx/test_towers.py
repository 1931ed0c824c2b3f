"""Blocks of imported models: none around a single node or block, and called by what they hold."""

from __future__ import annotations

from graphs.exchange.from_onnx.towers import Drawn, flattened, named

PATHS = {
    "conv1": ("model", "backbone", "stem", "conv"),
    "relu1": ("model", "backbone", "stem", "act"),
    "conv2": ("model", "backbone", "body", "proj"),
    "relu2": ("model", "head", "act"),
    "fc1": ("model", "last", "fc"),
}


def test_towers_of_single_blocks_and_nodes_fall() -> None:
    drawn = flattened(PATHS, {("model", "backbone", "body"): "Body", ("model", "backbone", "stem"): "Stem"}, {"fc1"})
    assert drawn.paths["conv2"] == ("model", "backbone", "body")
    assert drawn.paths["relu2"] == ("model", "head")
    assert drawn.paths["conv1"] == PATHS["conv1"] and drawn.paths["fc1"] == PATHS["fc1"], "its weights go by its place"
    assert drawn.titles == {("model", "backbone", "stem"): "Stem"}
    deep = {"a": ("one", "two", "three", "a"), "b": ("one", "two", "three", "b"), "c": ("c", "only", "x")}
    assert flattened(deep, {("one", "two", "three"): "Stem"}) == Drawn(
        {"a": ("one", "a"), "b": ("one", "b"), "c": ("c",)}, {("one",): "Stem"}
    )


def test_a_block_that_is_called_after_an_operator_says_what_it_holds() -> None:
    kinds = {"n": "BatchNorm2d", "r": "ReLU", "c": "Conv2d", "f": "Linear", **{f"m{i}": "ReLU" for i in range(5)}}
    paths = {"n": ("Conv_3", "n"), "r": ("Conv_3", "r"), "c": ("Conv_3", "c"), "f": ("head", "f")}
    paths |= {f"m{i}": ("X", f"m{i}") for i in range(5)}
    assert named(Drawn(paths, {}), kinds) == {("Conv_3",): "BN, ReLU, conv", ("X",): "Block"}
    assert named(Drawn(paths, {("X",): "Mixer"}), kinds)[("X",)] == "Mixer"
