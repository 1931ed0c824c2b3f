"""Runs of operators become layers, and these give what onnxruntime gives, at batches of 1, 2 and 5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto
from onnx.helper import make_node as op

from graphs.exchange.from_onnx import read_onnx
from graphs.layers.catalogue import standard
from tests.graphs.exchange.from_onnx.lively import by_onnxruntime, computed, results, samples, worst
from tests.graphs.exchange.from_onnx.small import ROW, SERIES, kinds, model, numbers, read, single, whole

ONE: dict[str, tuple[ModelProto, dict[str, int]]] = {
    "margins that differ": (
        single(op("Conv", ["x", "w"], ["y"], pads=[0, 1, 2, 0], strides=[2, 1]), w=numbers(5, 4, 3, 3)),
        {"Pad": 1, "Conv2d": 1},
    ),
    "margins as wide as needed": (
        single(
            op("Conv", ["x", "w", "b"], ["y"], auto_pad="SAME_LOWER", strides=[2, 2]),
            w=numbers(5, 4, 3, 2),
            b=numbers(5),
        ),
        {"Pad": 1, "Conv2d": 1},
    ),
    "filters of their own for each channel": (
        single(op("Conv", ["x", "w"], ["y"], group=4, dilations=[2, 2], pads=[2, 2, 2, 2]), w=numbers(8, 1, 3, 3)),
        {"Conv2d": 1},
    ),
    "the reverse of a convolution": (
        single(
            op("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]),
            w=numbers(4, 3, 3, 3),
        ),
        {"ConvTranspose2d": 1},
    ),
    "a pool that rounds up": (
        single(op("MaxPool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])),
        {"MaxPool2d": 1},
    ),
    "means without the margin": (
        single(op("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])),
        {"AvgPool2d": 1},
    ),
    "means with a margin at one side": (
        single(op("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], pads=[0, 0, 1, 1], count_include_pad=1)),
        {"Pad": 1, "AvgPool2d": 1},
    ),
    "a mean of all places": (
        single(op("GlobalAveragePool", ["x"], ["g"]), op("Flatten", ["g"], ["y"])),
        {"GlobalAvgPool": 1},
    ),
    "normalised and scaled again": (
        single(
            op("BatchNormalization", ["x", "s", "b", "m", "v"], ["n"], epsilon=1e-3),
            op("Mul", ["n", "f"], ["p"]),
            op("Add", ["p", "o"], ["y"]),
            s=numbers(4),
            b=numbers(4),
            m=numbers(4),
            v=numbers(4) ** 2 + 0.5,
            f=numbers(4, 1, 1),
            o=numbers(4, 1, 1),
        ),
        {"BatchNorm2d": 1},
    ),
    "groups spelt out": (
        single(
            op("Reshape", ["x", "to"], ["r"]),
            op("InstanceNormalization", ["r", "one", "none"], ["n"], epsilon=1e-4),
            op("Shape", ["x"], ["size"]),
            op("Reshape", ["n", "size"], ["back"]),
            op("Mul", ["back", "f"], ["p"]),
            op("Add", ["p", "o"], ["y"]),
            to=whole(0, 2, -1),
            one=np.ones(2, np.float32),
            none=np.zeros(2, np.float32),
            f=numbers(4, 1, 1),
            o=numbers(4, 1, 1),
        ),
        {"GroupNorm": 1},
    ),
    "shuffled channels": (
        single(
            op("Reshape", ["x", "parts"], ["r"]),
            op("Transpose", ["r"], ["t"], perm=[0, 2, 1, 3, 4]),
            op("Reshape", ["t", "back"], ["y"]),
            parts=whole(-1, 2, 2, 9, 11),
            back=whole(-1, 4, 9, 11),
        ),
        {"ChannelShuffle": 1},
    ),
    "twice as large": (
        single(
            op("Resize", ["x", "", "by"], ["y"], mode="linear", coordinate_transformation_mode="half_pixel"),
            by=np.array([1, 1, 2, 2], np.float32),
        ),
        {"Upsample": 1},
    ),
    "a series twice as long": (
        single(
            op("Resize", ["x", "", "by"], ["y"], mode="linear", coordinate_transformation_mode="half_pixel"),
            inputs={"x": ("N", 3, 8)},
            by=np.array([1, 1, 2], np.float32),
        ),
        {"Upsample1d": 1},
    ),
    "larger with the corners where they were": (
        single(
            op("Resize", ["x", "", "by"], ["y"], mode="linear", coordinate_transformation_mode="align_corners"),
            inputs={"x": ("N", 3, 4, 5)},
            by=np.array([1, 1, 2, 2], np.float32),
        ),
        {"Upsample": 1},
    ),
    "steps put back where a pool found them": (
        single(
            op("MaxPool", ["x"], ["p", "i"], kernel_shape=[2], strides=[2]),
            op("MaxUnpool", ["p", "i"], ["y"], kernel_shape=[2], strides=[2]),
            inputs={"x": ("N", 3, 8)},
        ),
        {"MaxPool1d": 1, "MaxUnpool1d": 1},
    ),
    "a quotient and a difference": (
        single(op("Sigmoid", ["x"], ["s"]), op("Div", ["x", "s"], ["d"]), op("Sub", ["d", "s"], ["y"]), inputs=SERIES),
        {"Sigmoid": 1, "Divide": 1, "Subtract": 1},
    ),
    "put back where a pool found them": (
        single(
            op("MaxPool", ["x"], ["p", "i"], kernel_shape=[2, 2], strides=[2, 2]),
            op("Relu", ["p"], ["r"]),
            op("MaxUnpool", ["r", "i"], ["y"], kernel_shape=[2, 2], strides=[2, 2]),
            inputs={"x": ("N", 3, 8, 8)},
        ),
        {"MaxPool2d": 1, "ReLU": 1, "MaxUnpool2d": 1},
    ),
    "neighbours": (single(op("LRN", ["x"], ["y"], size=3, alpha=0.5, beta=0.6, bias=2.0)), {"LocalResponseNorm": 1}),
    "a product and an offset": (
        single(
            op("MatMul", ["x", "w"], ["p"]), op("Add", ["b", "p"], ["y"]), inputs=SERIES, w=numbers(6, 3), b=numbers(3)
        ),
        {"Linear": 1},
    ),
    "a matrix on its side": (
        single(
            op("Gemm", ["x", "w", "b"], ["y"], alpha=0.5, beta=2.0, transB=1),
            inputs=ROW,
            w=numbers(3, 6),
            b=numbers(1, 3),
        ),
        {"Linear": 1},
    ),
    "a convolution and an offset": (
        single(
            op("Conv", ["x", "w"], ["c"]), op("Add", ["c", "b"], ["y"]), w=numbers(5, 4, 3, 3), b=numbers(1, 5, 1, 1)
        ),
        {"Conv2d": 1},
    ),
    "scores of all axes from one on": (
        single(op("Softmax", ["x"], ["y"], axis=1), inputs={"x": ("N", 5, 1, 1)}, opset=9),
        {"Softmax": 1},
    ),
    "shapes reckoned on the way": (
        single(
            op("Shape", ["x"], ["s"]),
            op("Gather", ["s", "zero"], ["n"]),
            op("Unsqueeze", ["n", "front"], ["n1"]),
            op("Concat", ["n1", "rest"], ["to"], axis=0),
            op("Reshape", ["x", "to"], ["r"]),
            op("Gemm", ["r", "w"], ["y"]),
            zero=np.array(0, np.int64),
            front=whole(0),
            rest=whole(-1),
            w=numbers(4 * 9 * 11, 3),
        ),
        {"Flatten": 1, "Linear": 1},
    ),
    "a part, the last step and a turn": (
        single(
            op("Slice", ["x", "from", "to", "axes", "by"], ["a"]),
            op("Transpose", ["a"], ["t"], perm=[0, 2, 1]),
            op("Gather", ["t", "last"], ["y"], axis=2),
            inputs=SERIES,
            **{"from": whole(1), "to": whole(-1), "axes": whole(1), "by": whole(2), "last": np.array(-1, np.int64)},
        ),
        {"Slice": 2, "Permute": 1},
    ),
    "samples in the middle": (
        single(
            op("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
            op("MatMul", ["t", "w"], ["p"]),
            op("Softmax", ["p"], ["s"], axis=0),
            op("Transpose", ["s"], ["y"], perm=[1, 0, 2]),
            inputs=SERIES,
            w=numbers(6, 3),
        ),
        {"Linear": 1, "Softmax": 1},
    ),
    "samples and heads as one axis": (
        single(
            op("Reshape", ["x", "parts"], ["r"]),
            op("Softmax", ["r"], ["s"], axis=-1),
            op("Reshape", ["s", "back"], ["y"]),
            inputs=SERIES,
            parts=whole(-1, 2, 3),
            back=whole(-1, 7, 6),
        ),
        {"Reshape": 2, "Softmax": 1},
    ),
    "no layer says it": (
        single(op("Erf", ["x"], ["e"]), op("ReduceMax", ["e"], ["y"], axes=[2, 3], keepdims=0)),
        {"Erf": 1, "ReduceMax": 1},
    ),
}


@pytest.mark.parametrize("name", ONE)
def test_becomes_these_layers(name: str, tmp_path: Path) -> None:
    made, wanted = ONE[name]
    imported = read(made, tmp_path)
    assert kinds(imported) == wanted


HALF, ONE_, TWO, SIX = (np.array(n, np.float32) for n in (0.5, 1, 2, 6))
SPELT: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "GELU": (
        [
            op("Div", ["x", "root"], ["d"]),
            op("Erf", ["d"], ["e"]),
            op("Add", ["e", "one"], ["a"]),
            op("Mul", ["x", "a"], ["m"]),
            op("Mul", ["m", "half"], ["y"]),
        ],
        {"root": np.array(2**0.5, np.float32), "one": ONE_, "half": HALF},
    ),
    "SiLU": ([op("Sigmoid", ["x"], ["s"]), op("Mul", ["x", "s"], ["y"])], {}),
    "Mish": ([op("Softplus", ["x"], ["s"]), op("Tanh", ["s"], ["t"]), op("Mul", ["t", "x"], ["y"])], {}),
    "Hardswish": (
        [
            op("Add", ["x", "three"], ["a"]),
            op("Clip", ["a", "none", "six"], ["c"]),
            op("Mul", ["x", "c"], ["m"]),
            op("Div", ["m", "six"], ["y"]),
        ],
        {"three": np.array(3, np.float32), "none": np.array(0, np.float32), "six": SIX},
    ),
    "ReLU6": ([op("Relu", ["x"], ["r"]), op("Min", ["r", "six"], ["y"])], {"six": SIX}),
    "LayerNorm": (
        [
            op("ReduceMean", ["x"], ["m"], axes=[-1]),
            op("Sub", ["x", "m"], ["d"]),
            op("Pow", ["d", "two"], ["q"]),
            op("ReduceMean", ["q"], ["v"], axes=[-1]),
            op("Add", ["v", "eps"], ["e"]),
            op("Sqrt", ["e"], ["r"]),
            op("Div", ["d", "r"], ["n"]),
            op("Mul", ["n", "w"], ["p"]),
            op("Add", ["p", "b"], ["y"]),
        ],
        {"two": TWO, "eps": np.array(1e-5, np.float32), "w": numbers(6), "b": numbers(6)},
    ),
    "RMSNorm": (
        [
            op("Mul", ["x", "x"], ["q"]),
            op("ReduceMean", ["q"], ["v"], axes=[-1]),
            op("Add", ["v", "eps"], ["e"]),
            op("Sqrt", ["e"], ["r"]),
            op("Div", ["x", "r"], ["n"]),
            op("Mul", ["n", "w"], ["y"]),
        ],
        {"eps": np.array(1e-5, np.float32), "w": numbers(6)},
    ),
}


@pytest.mark.parametrize("kind", SPELT)
def test_what_is_spelt_out_is_one_layer(kind: str, tmp_path: Path) -> None:
    nodes, more = SPELT[kind]
    assert kinds(read(single(*nodes, inputs=SERIES, **more), tmp_path)) == {kind: 1}


def test_a_run_that_others_look_into_stays(tmp_path: Path) -> None:
    nodes = [op("Sigmoid", ["x"], ["s"]), op("Mul", ["x", "s"], ["m"]), op("Add", ["m", "s"], ["y"])]
    assert kinds(read(single(*nodes, inputs=ROW), tmp_path)) == {"Sigmoid": 1, "Multiply": 1, "Add": 1}


GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("kind", GATES)
def test_gates_stand_where_torch_has_them(kind: str, ways: int, tmp_path: Path) -> None:
    hidden, rows = 3, GATES[kind] * 3
    said: dict[str, Any] = {"hidden_size": hidden, "direction": "forward" if ways == 1 else "bidirectional"}
    if kind == "GRU":
        said["linear_before_reset"] = 1
    nodes = [
        op("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
        op(kind, ["t", "w", "r", "b"], ["steps", "last"], **said),
        op("Transpose", ["steps"], ["turned"], perm=[2, 0, 1, 3]),
        op("Reshape", ["turned", "flat"], ["y"]),
    ]
    weights = {"w": numbers(ways, rows, 6), "r": numbers(ways, rows, hidden), "b": numbers(ways, 2 * rows)}
    imported = read(single(*nodes, inputs=SERIES, flat=whole(0, 0, -1), **weights), tmp_path)
    assert kinds(imported) == {kind: 1}


def test_one_that_begins_with_a_memory_stays_an_operator(tmp_path: Path) -> None:
    nodes = [
        op("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
        op("GRU", ["t", "w", "r", "", "", "h"], ["", "last"], hidden_size=3),
        op("Squeeze", ["last", "front"], ["y"]),
    ]
    weights = {"w": numbers(1, 9, 6), "r": numbers(1, 9, 3), "h": numbers(1, 1, 3), "front": whole(0)}
    path = tmp_path / "net.onnx"
    onnx.save(single(*nodes, inputs=SERIES, **weights), path)
    imported = read_onnx(path, standard())
    assert imported.operations == {"GRU": 1}
    built = computed(imported)
    given = samples(built, 4)
    each = [by_onnxruntime(path, [given[0][place : place + 1]])[0] for place in range(4)]
    assert worst(results(built, given), [np.concatenate(each)]) < 2e-5


def test_a_file_for_one_batch_takes_any(tmp_path: Path) -> None:
    nodes = [op("Conv", ["x", "w"], ["c"]), op("Reshape", ["c", "to"], ["r"]), op("Gemm", ["r", "v"], ["y"])]
    made = model(nodes, {"x": (2, 3, 5, 5)}, ["y"], w=numbers(4, 3, 5, 5), to=whole(2, 4), v=numbers(4, 2))
    path = tmp_path / "two.onnx"
    onnx.save(made, path)
    built = computed(read_onnx(path, standard()))
    given = samples(built, 2)
    assert worst(results(built, given), by_onnxruntime(path, given)) < 1e-5
    assert results(built, samples(built, 7))[0].shape == (7, 2)


def test_open_sizes_are_found_or_given(tmp_path: Path) -> None:
    made = model(
        [op("Flatten", ["x"], ["f"]), op("Gemm", ["f", "w"], ["y"])],
        {"x": ("N", "channels", "height", "width")},
        ["y"],
        w=numbers(3 * 32 * 32, 2),
    )
    path = tmp_path / "open.onnx"
    onnx.save(made, path)
    fields = read_onnx(path, standard()).network.nodes["image"].fields
    assert fields == {"channels": 3, "height": 32, "width": 32}
    free = single(op("Relu", ["x"], ["y"]), inputs={"x": ("N", 3, "height", "width")})
    onnx.save(free, path)
    fields = read_onnx(path, standard(), sizes={"": (3, 48, 64)}).network.nodes["image"].fields
    assert fields == {"channels": 3, "height": 48, "width": 64}


def test_old_pairs_along_an_axis(tmp_path: Path) -> None:
    made = single(op("Mul", ["x", "f"], ["y"], axis=1, broadcast=1), opset=6, f=numbers(4))
    path = tmp_path / "old.onnx"
    onnx.save(made, path)
    imported = read_onnx(path, standard())
    assert kinds(imported) == {"LayerScale": 1}
    built = computed(imported)
    (x,) = samples(built, 3)
    factor = onnx.numpy_helper.to_array(made.graph.initializer[0]).reshape(4, 1, 1)
    np.testing.assert_allclose(results(built, [x])[0], x.numpy() * factor, rtol=1e-6)


def test_weights_keep_their_names(tmp_path: Path) -> None:
    names = ["layer1.0.conv1", "layer1.0.conv2", "layer1.1.conv1", "layer1.1.conv2"]
    nodes: list[Any] = []
    x = "x"
    for name in names:
        nodes += [op("Conv", [x, f"{name}.weight"], [f"{name}.out"], name=f"/{name}/Conv")]
        nodes += [op("Relu", [f"{name}.out"], [f"{name}.relu"], name=f"/{name.rpartition('.')[0]}/Relu_{len(nodes)}")]
        x = f"{name}.relu"
    nodes.append(op("Identity", [x], ["y"]))
    imported = read(single(*nodes, **{f"{n}.weight": numbers(4, 4, 1, 1) for n in names}), tmp_path)
    assert set(imported.weights) == {f"{name}.weight" for name in names}
    assert imported.network.nodes["layer1"].fields == {"repeat": 2}


def test_progress_cancels(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def stop(share: float, words: str) -> None:
        if share >= 0.5:
            raise Enough

    path = tmp_path / "net.onnx"
    onnx.save(single(op("Relu", ["x"], ["y"])), path)
    with pytest.raises(Enough):
        read_onnx(path, standard(), progress=stop)


def test_a_margin_that_is_reckoned_is_no_margin_of_zeros(tmp_path: Path) -> None:
    nodes = [
        op("ReduceMax", ["x"], ["top"], keepdims=0),
        op("Pad", ["x", "pads", "top"], ["y"]),
    ]
    path = tmp_path / "net.onnx"
    onnx.save(single(*nodes, inputs={"x": (1, 4)}, pads=whole(0, 1, 0, 1)), path)
    built = computed(read_onnx(path, standard()))
    (x,) = samples(built, 1)
    np.testing.assert_allclose(results(built, [x])[0], by_onnxruntime(path, [x])[0])


def test_a_dropout_that_never_rests_stays_an_operator(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    made = single(op("Dropout", ["x", "half", "always"], ["y"]), inputs=ROW, half=HALF, always=np.array(True))
    onnx.save(made, path)
    imported = read_onnx(path, standard())
    assert imported.operations == {"Dropout": 1} and "Dropout" in " ".join(imported.notes)
    made = single(op("Dropout", ["x", "half", "always"], ["y"]), inputs=ROW, half=HALF, always=np.array(False))
    assert kinds(read(made, tmp_path)) == {"Dropout": 1}


@pytest.mark.parametrize("rounding", ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"])
@pytest.mark.parametrize("where", ["half_pixel", "asymmetric", "pytorch_half_pixel", "align_corners"])
@pytest.mark.parametrize("sizes", [(18, 22), (27, 33), (13, 20), (5, 7)])
def test_the_nearest_is_the_one_that_is_meant(
    sizes: tuple[int, int], where: str, rounding: str, tmp_path: Path
) -> None:
    said = {"coordinate_transformation_mode": where, "nearest_mode": rounding}
    made = single(op("Resize", ["x", "", "", "to"], ["y"], mode="nearest", **said), to=whole(1, 4, *sizes))
    made.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    path = tmp_path / "net.onnx"
    onnx.save(made, path)
    imported = read_onnx(path, standard())
    built = computed(imported)
    (x,) = samples(built, 1)
    np.testing.assert_array_equal(results(built, [x])[0], by_onnxruntime(path, [x])[0], str(kinds(imported)))
    if (where, rounding) in (("asymmetric", "floor"), ("half_pixel", "round_prefer_floor")) and sizes[0] % 9 == 0:
        assert kinds(imported) == {"Upsample": 1}
