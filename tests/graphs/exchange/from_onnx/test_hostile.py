"""Broken, huge and hostile files: one sentence that names the file, in little time and memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, numpy_helper
from onnx.helper import make_function, make_graph, make_opsetid, make_tensor, make_tensor_value_info
from onnx.helper import make_node as op

from graphs.exchange.from_onnx import read_onnx
from graphs.files.faults import FileFault
from graphs.layers.catalogue import standard
from tests.graphs.exchange.from_onnx import peaks
from tests.graphs.exchange.from_onnx.lively import model

ROW = {"x": ("N", 4)}
SOON = 20.0
MIB = 700


def ints(*values: int) -> Any:
    """Whole numbers."""
    return np.array(values, np.int64)


def net(*nodes: Any, opset: int = 17, **more: Any) -> ModelProto:
    """A model of a row."""
    return model(nodes, ROW, ["y"], opset, **more)


def picture(*nodes: Any, **more: Any) -> ModelProto:
    """A model of a picture."""
    return model(nodes, {"x": ("N", 1, 8, 8)}, ["y"], **more)


def summed(*nodes: Any, **more: Any) -> ModelProto:
    """A model that adds the sum of the constant o."""
    return net(*nodes, op("ReduceSum", ["o"], ["sum"], keepdims=0), op("Add", ["x", "sum"], ["y"]), opset=18, **more)


def ones(*shape: int) -> Any:
    """Numbers that are all 1."""
    return np.ones(shape, np.float32)


def claims(dims: list[int], **more: Any) -> ModelProto:
    """A constant that says it is larger than what it holds."""
    made = net(op("Add", ["x", "w"], ["y"]))
    made.graph.initializer.append(TensorProto(name="w", data_type=1, dims=dims, **more))
    return made


def outside(location: str) -> ModelProto:
    """A constant in another file."""
    made = claims([4], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("length", "16")):
        entry = made.graph.initializer[0].external_data.add()
        entry.key, entry.value = key, value
    return made


def doubled(rounds: int) -> ModelProto:
    """A constant that is joined to itself again and again."""
    nodes = [op("Concat", [f"c{i}", f"c{i}"], [f"c{i + 1}"], axis=0) for i in range(rounds)]
    return net(
        *nodes,
        op("ReduceSum", [f"c{rounds}"], ["s"], keepdims=0),
        op("Add", ["x", "s"], ["y"]),
        c0=np.ones(64, np.float32),
    )


def calling(depth: int, itself: bool = False) -> ModelProto:
    """Functions that call the next one twice."""
    domain, opsets = "own", [make_opsetid("", 17), make_opsetid("own", 1)]
    functions = []
    for i in range(depth):
        next_ = f"f{0 if itself else i + 1}" if itself or i + 1 < depth else "Relu"
        where = {"domain": domain} if next_ != "Relu" else {}
        body = [op(next_, ["a"], ["b"], **where), op(next_, ["b"], ["c"], **where)]
        functions.append(make_function(domain, f"f{i}", ["a"], ["c"], body, opsets))
    made = net(op("f0", ["x"], ["y"], domain=domain))
    del made.opset_import[:]
    made.opset_import.extend(opsets)
    made.functions.extend(functions)
    return made


def branching() -> ModelProto:
    """A branch that depends on the data."""
    out = make_tensor_value_info("b", TensorProto.FLOAT, None)
    branch = make_graph([op("Identity", ["x"], ["b"])], "branch", [], [out])
    return net(
        op("ReduceSum", ["x"], ["s"], keepdims=0),
        op("Cast", ["s"], ["t"], to=9),
        op("If", ["t"], ["y"], then_branch=branch, else_branch=branch),
    )


def texts() -> ModelProto:
    """A constant of texts."""
    made = net(op("Add", ["x", "w"], ["y"]))
    made.graph.initializer.append(make_tensor("w", TensorProto.STRING, [1], [b"text"]))
    return made


LARGE, MISFIT = "too large, or takes too long", "does not take what arrives at it"
MODELS: dict[str, tuple[Callable[[], ModelProto], str]] = {
    "a circle": (
        lambda: net(op("Add", ["x", "b"], ["a"]), op("Relu", ["a"], ["b"]), op("Relu", ["b"], ["y"])),
        "circle",
    ),
    "from nowhere": (lambda: net(op("Add", ["x", "nothing"], ["y"])), "nothing"),
    "no such output": (lambda: net(op("Relu", ["x"], ["z"])), "nowhere"),
    "given twice": (lambda: net(op("Relu", ["x"], ["y"]), op("Abs", ["x"], ["y"])), "there already"),
    "an operator of nobody": (lambda: net(op("Wonder", ["x"], ["y"])), "Wonder"),
    "another domain": (lambda: net(op("Attention", ["x"], ["y"], domain="com.microsoft")), "com.microsoft"),
    "branches": (branching, "branches"),
    "too old": (lambda: net(op("Relu", ["x"], ["y"]), opset=5), "opset"),
    "too new": (lambda: net(op("Relu", ["x"], ["y"]), opset=99), "opset"),
    "larger than it is": (lambda: claims([2**20, 2**9]), "2 GiB"),
    "far larger": (lambda: claims([2**40, 2**40]), "2 GiB"),
    "cut off": (lambda: claims([64], raw_data=b"\0" * 10), "cut off"),
    "less than none": (lambda: claims([-4], raw_data=b""), "shape"),
    "texts": (texts, "type"),
    "outside the folder": (lambda: outside("../secret"), "outside"),
    "anywhere": (lambda: outside("/etc/hostname"), "outside"),
    "not beside it": (lambda: outside("weights.bin"), "no such file"),
    "a constant without end": (
        lambda: summed(op("ConstantOfShape", ["s"], ["o"]), s=ints(10**6, 10**6)),
        "none that a constant can have",
    ),
    "repeated without end": (lambda: summed(op("Tile", ["c", "n"], ["o"]), c=ones(4), n=ints(10**12)), LARGE),
    "counted without end": (
        lambda: summed(
            op("Range", ["a", "b", "c"], ["r"]),
            op("Cast", ["r"], ["o"], to=1),
            a=np.array(0),
            b=np.array(10**13),
            c=np.array(1),
        ),
        LARGE,
    ),
    "spread and added": (
        lambda: summed(op("Expand", ["c", "n"], ["e"]), op("Neg", ["e"], ["o"]), c=ones(1), n=ints(10**9, 4)),
        LARGE,
    ),
    "doubled": (lambda: doubled(40), LARGE),
    "a product that takes a day": (
        lambda: summed(
            op("Expand", ["c", "n"], ["e"]), op("MatMul", ["e", "e"], ["o"]), c=ones(1, 1), n=ints(16000, 16000)
        ),
        LARGE,
    ),
    "one of very many": (
        lambda: summed(
            op("OneHot", ["i", "d", "v"], ["o"]), i=ints(1), d=ints(4 * 10**8), v=np.array([0, 1], np.float32)
        ),
        LARGE,
    ),
    "a wide margin": (lambda: summed(op("Pad", ["c", "p"], ["o"]), c=ones(4), p=ints(0, 4 * 10**8)), LARGE),
    "filled on both sides": (
        lambda: summed(op("CenterCropPad", ["c", "p"], ["o"]), c=ones(4), p=ints(4 * 10**8)),
        LARGE,
    ),
    "filled and cut to nothing": (
        lambda: summed(op("CenterCropPad", ["c", "p"], ["o"]), c=ones(4, 4), p=ints(4 * 10**8, 0)),
        LARGE,
    ),
    "windows laid back": (
        lambda: summed(
            op("Col2Im", ["c", "a", "b"], ["o"], strides=[20000, 20000]),
            c=ones(1, 1, 4),
            a=ints(20001, 20001),
            b=ints(1, 1),
        ),
        LARGE,
    ),
    "windows without end": (
        lambda: model(
            [op("Expand", ["x", "n"], ["e"]), op("Col2Im", ["e", "a", "b"], ["y"])],
            {"x": ("N", 1, 1)},
            ["y"],
            opset=18,
            n=ints(1, 10**6, 1),
            a=ints(1000, 1000),
            b=ints(1000, 1000),
        ),
        LARGE,
    ),
    "put back on a wide map": (
        lambda: summed(
            op("MaxUnpool", ["c", "i"], ["o"], kernel_shape=[20000, 20000], strides=[20000, 20000]),
            c=ones(1, 1, 1, 1),
            i=np.zeros((1, 1, 1, 1), np.int64),
        ),
        LARGE,
    ),
    "a wide grid": (
        lambda: net(
            op("AffineGrid", ["c", "i"], ["o"]),
            op("ReduceSum", ["o"], ["sum"], keepdims=0),
            op("Add", ["x", "sum"], ["y"]),
            opset=20,
            c=ones(1, 2, 3),
            i=ints(1, 1, 20000, 20000),
        ),
        LARGE,
    ),
    "wide margins, few windows": (
        lambda: summed(
            op("Conv", ["c", "w"], ["o"], pads=[20000] * 4, strides=[40000, 40000]),
            c=ones(1, 1, 1, 1),
            w=ones(1, 1, 1, 1),
        ),
        LARGE,
    ),
    "many that are each not too large": (
        lambda: summed(
            *(op("Expand", ["c", "n"], [f"e{i}"]) for i in range(40)),
            *(op("Neg", [f"e{i}"], [f"m{i}"]) for i in range(40)),
            op("Sum", [f"m{i}" for i in range(40)], ["o"]),
            c=ones(1),
            n=ints(2**24),
        ),
        LARGE,
    ),
    "drawn by chance without end": (lambda: summed(op("RandomNormal", [], ["o"], shape=[10**10])), LARGE),
    "a window of a sound without end": (lambda: summed(op("HannWindow", ["n"], ["o"]), n=ints(10**9)), LARGE),
    "tones without end": (
        lambda: summed(
            op("MelWeightMatrix", ["n", "n", "n", "a", "b"], ["o"]),
            n=ints(10**12),
            a=np.array(0, np.float32),
            b=np.array(4000, np.float32),
        ),
        LARGE,
    ),
    "a picture without end": (
        lambda: picture(op("Resize", ["x", "", "", "n"], ["y"]), n=ints(1, 1, 10**9, 8)),
        LARGE,
    ),
    "backwards without end": (
        lambda: summed(
            op("Expand", ["c", "n"], ["e"]),
            op("Slice", ["e", "from", "to", "axes", "by"], ["o"]),
            **{"c": ones(1), "n": ints(2**28), "from": ints(-1), "to": ints(-(2**40)), "axes": ints(0), "by": ints(-1)},
        ),
        LARGE,
    ),
    "axes without end": (lambda: summed(op("Unsqueeze", ["c", "a"], ["o"]), c=ones(1), a=np.arange(10**5)), LARGE),
    "a norm of very many": (
        lambda: model(
            [op("Expand", ["x", "n"], ["e"]), op("LayerNormalization", ["e", "c"], ["y"], axis=1)],
            {"x": ("N", 1)},
            ["y"],
            n=ints(1, 2**30),
            c=ones(1),
        ),
        "far larger than the file",
    ),
    "functions in functions": (lambda: calling(40), "functions"),
    "functions that call themselves": (lambda: calling(2, itself=True), "functions"),
    "steps of nothing": (lambda: picture(op("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[0, 0])), MISFIT),
    "a window of nothing": (lambda: picture(op("AveragePool", ["x"], ["y"], kernel_shape=[99, 99])), MISFIT),
    "margins without end": (
        lambda: picture(op("Conv", ["x", "w"], ["y"], pads=[2**40] * 4), w=ones(1, 1, 3, 3)),
        MISFIT,
    ),
    "margins wider than any memory": (
        lambda: picture(op("Conv", ["x", "w"], ["y"], pads=[60000] * 4), w=ones(1, 1, 3, 3)),
        LARGE,
    ),
    "no such axis": (
        lambda: net(op("Softmax", ["x"], ["s"], axis=9), op("Transpose", ["s"], ["y"], perm=[5, 6])),
        MISFIT,
    ),
    "weights that do not suit": (lambda: net(op("Gemm", ["x", "w"], ["y"], transB=1), w=ones(3, 5)), MISFIT),
    "an input without end": (lambda: model([op("Relu", ["x"], ["y"])], {"x": (2**30, 2**40)}, ["y"]), "has an axis of"),
    "an input of all sizes": (
        lambda: model([op("Relu", ["x"], ["y"])], {"x": ("N", *(2**24,) * 7)}, ["y"]),
        "larger than any data",
    ),
    "lost axes": (lambda: model([op("Relu", ["x"], ["y"])], {"x": ("N",) * 12}, ["y"]), "axes"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, peaks.Told]:
    """What reading each of the models led to, in a process of its own, so that a peak of memory is theirs."""
    folder = tmp_path_factory.mktemp("hostile")
    files = {name: folder / f"hostile{place}.onnx" for place, name in enumerate(MODELS)}
    for name, file in files.items():
        file.write_bytes(MODELS[name][0]().SerializeToString())
    good = folder / "good.onnx"
    good.write_bytes(picture(op("Conv", ["x", "w"], ["y"]), w=ones(2, 1, 3, 3)).SerializeToString())
    return peaks.told(good, files)


@pytest.mark.parametrize("name", MODELS)
def test_hostile_models_are_told_in_a_sentence(name: str, answers: Mapping[str, peaks.Told]) -> None:
    assert name in answers, "the process that read it came to its end"
    answer = answers[name]
    assert MODELS[name][1] in answer.sentence
    _one_sentence(answer.sentence)
    assert answer.seconds < SOON
    assert answer.grown is None or answer.grown < MIB


FILES: dict[str, bytes] = {
    "nothing": b"",
    "noise": np.random.default_rng(0).bytes(5000),
    "a text": b"layers: 3\n" * 100,
    "zeros": b"\0" * 4096,
    "a project": b'{"format": "netloom"}',
    "half": net(op("Relu", ["x"], ["y"]), w=np.ones((40, 40), np.float32)).SerializeToString()[:-2000],
}


@pytest.mark.parametrize("name", FILES)
def test_broken_files_are_told_in_a_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(FILES[name])
    told(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.onnx"):
        with pytest.raises(FileFault):
            read_onnx(path, standard())


def told(path: Path) -> str:
    """The one sentence."""
    with pytest.raises(FileFault) as fault:
        read_onnx(path, standard())
    _one_sentence(str(fault.value))
    return str(fault.value)


def _one_sentence(text: str) -> None:
    assert ".onnx" in text and text.endswith(".") and "\n" not in text and len(text) < 500


def test_bytes_that_flip_never_do_more_than_that(tmp_path: Path) -> None:
    made = net(op("Gemm", ["x", "w"], ["g"]), op("Relu", ["g"], ["y"]), w=np.ones((4, 3), np.float32))
    data, rng = made.SerializeToString(), np.random.default_rng(1)
    path = tmp_path / "flipped.onnx"
    for _ in range(150):
        changed = bytearray(data)
        for place in rng.integers(len(data), size=3):
            changed[place] = int(rng.integers(256))
        path.write_bytes(bytes(changed))
        try:
            read_onnx(path, standard())
        except FileFault as fault:
            assert "\n" not in str(fault)


def test_weights_beside_the_file(tmp_path: Path) -> None:
    made = net(op("Gemm", ["x", "w"], ["y"]), w=np.arange(12, dtype=np.float32).reshape(4, 3))
    path = tmp_path / "net.onnx"
    onnx.save(made, path, save_as_external_data=True, location="net.data", size_threshold=0)
    (weight,) = (t for name, t in read_onnx(path, standard()).weights.items() if name.endswith("weight"))
    np.testing.assert_array_equal(weight.numpy(), np.arange(12).reshape(4, 3).T)
    (tmp_path / "net.data").write_bytes(b"short")
    with pytest.raises(FileFault, match="not whole"):
        read_onnx(path, standard())


def test_half_precision_is_told(tmp_path: Path) -> None:
    made = net(op("MatMul", ["x", "w"], ["y"]))
    made.graph.initializer.append(numpy_helper.from_array(np.ones((4, 2), np.float16), "w"))
    made.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    path = tmp_path / "half.onnx"
    onnx.save(made, path)
    imported = read_onnx(path, standard())
    assert imported.notes == ("Numbers of half precision became single precision.",)
    assert all(str(weight.dtype) == "torch.float32" for weight in imported.weights.values())
