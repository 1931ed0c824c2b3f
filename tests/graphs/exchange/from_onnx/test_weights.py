"""Constants that two layers take are one weight, and what is no weight by its role stands still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from onnx import ModelProto, TensorProto, helper
from onnx.helper import make_node as op

from graphs.building.build import Built
from graphs.exchange.from_onnx import read_onnx
from graphs.exchange.imported import Imported
from graphs.layers.catalogue import standard
from tests.graphs.exchange.from_onnx.lively import computed, results, samples
from tests.graphs.exchange.from_onnx.small import PICTURE, ROW, SERIES, numbers, read, single, whole


def _step(built: Built) -> None:
    """One step of learning."""
    module = built.module.train()
    found = module(*samples(built, 3))
    found.square().mean().backward()
    torch.optim.SGD(module.parameters(), 0.1).step()


def _count(built: Built) -> int:
    return sum(weight.numel() for weight in built.module.parameters())


def _ties(imported: Imported) -> Any:
    return imported.network.settings.get("ties", {})


def _moved(imported: Imported) -> set[tuple[int, ...]]:
    """The shapes of what a step changes."""
    built = computed(imported)
    before = {name: tensor.clone() for name, tensor in built.module.state_dict().items()}
    _step(built)
    after = built.module.state_dict()
    return {tuple(tensor.shape) for name, tensor in before.items() if not torch.equal(tensor, after[name])}


def test_a_weight_of_two_products_stays_one(tmp_path: Path) -> None:
    made = single(
        op("Gemm", ["x", "w", "b"], ["h"], transB=1),
        op("Relu", ["h"], ["r"]),
        op("Gemm", ["r", "w", "b"], ["y"], transB=1),
        inputs=ROW,
        w=numbers(6, 6),
        b=numbers(6),
    )
    imported = read(made, tmp_path)
    assert len(_ties(imported)) == 1 and any("share their weights" in note for note in imported.notes)
    built = computed(imported)
    assert _count(built) == 42
    _step(built)
    state = built.module.state_dict()
    copies = [tensor for tensor in state.values() if tensor.shape == (6, 6)]
    first = next(tensor for tensor in imported.weights.values() if tensor.shape == (6, 6))
    assert len(copies) == 2 and torch.equal(*copies) and not torch.equal(copies[0], first)


def test_offsets_of_their_own_beside_one_weight_are_told(tmp_path: Path) -> None:
    made = single(
        op("Gemm", ["x", "w", "a"], ["h"], transB=1),
        op("Gemm", ["h", "w", "b"], ["y"], transB=1),
        inputs=ROW,
        w=numbers(6, 6),
        a=numbers(6),
        b=numbers(6),
    )
    imported = read(made, tmp_path)
    assert not _ties(imported) and any("has its own" in note for note in imported.notes)
    assert _count(computed(imported)) == 84


def _text(head: str) -> ModelProto:
    """Tokens looked up in a table, and the same table as the head: turned in the file or by an operator, or written
    a second time."""
    table = numbers(11, 5)
    turn = [op("Transpose", ["table"], ["turned"], perm=[1, 0])] if head == "an operator" else []
    constants = {"table": table} | ({"turned": np.ascontiguousarray(table.T)} if head == "a second time" else {})
    made = single(
        *turn,
        op("Gather", ["table", "x"], ["e"]),
        op("Tanh", ["e"], ["t"]),
        op("MatMul", ["t", "turned"], ["y"]),
        inputs={"x": ("N", 7)},
        **constants,
    )
    made.graph.input[0].CopyFrom(helper.make_tensor_value_info("x", TensorProto.INT64, ["N", 7]))
    return made


@pytest.mark.parametrize("head", ["an operator", "a second time"])
def test_a_table_of_tokens_is_the_head_too(head: str, tmp_path: Path) -> None:
    imported = read(_text(head), tmp_path)
    kinds = {id: node.kind for id, node in imported.network.nodes.items()}
    assert [(kinds[a], kinds[b]) for a, b in _ties(imported).items()] == [("Linear", "Embedding")]
    built = computed(imported)
    assert _count(built) == 55
    _step(built)
    assert torch.equal(*(tensor for tensor in built.module.state_dict().values() if tensor.shape == (11, 5)))


def test_one_series_reader_twice(tmp_path: Path) -> None:
    turn = {"perm": [1, 0, 2]}
    nodes = [op("Transpose", ["x"], ["s"], **turn)]
    for place, (before, after) in enumerate((("s", "u"), ("u", "v"))):
        nodes += [
            op("GRU", [before, "w", "r", "b"], [f"g{place}"], hidden_size=6, linear_before_reset=1),
            op("Squeeze", [f"g{place}", "one"], [after]),
        ]
    made = single(
        *nodes,
        op("Transpose", ["v"], ["y"], **turn),
        inputs=SERIES,
        w=numbers(1, 18, 6),
        r=numbers(1, 18, 6),
        b=numbers(1, 36),
        one=whole(1),
    )
    imported = read(made, tmp_path)
    assert len(_ties(imported)) == 1 and _count(computed(imported)) == 2 * 108 + 36


def test_what_is_alike_by_chance_is_not_shared(tmp_path: Path) -> None:
    scale = {"s": np.ones(4, np.float32), "z": np.zeros(4, np.float32), "v": np.ones(4, np.float32)}
    made = single(
        op("BatchNormalization", ["x", "s", "z", "z", "v"], ["h"]),
        op("Relu", ["h"], ["r"]),
        op("BatchNormalization", ["r", "s", "z", "z", "v"], ["y"]),
        **scale,
    )
    imported = read(made, tmp_path)
    assert not _ties(imported) and not imported.notes


def test_means_and_first_states_stand_still(tmp_path: Path) -> None:
    made = single(
        op("Sub", ["x", "mean"], ["d"]),
        op("Div", ["d", "deviation"], ["n"]),
        op("Conv", ["n", "w"], ["y"]),
        inputs=PICTURE,
        mean=numbers(1, 4, 1, 1),
        deviation=numbers(4, 1, 1) ** 2 + 0.5,
        w=numbers(5, 4, 3, 3),
    )
    imported = read(made, tmp_path)
    assert _moved(imported) == {(5, 4, 3, 3)}
    assert any(note.startswith("2 constants of operators are no weights") for note in imported.notes)


def test_the_weights_of_a_series_reader_learn_and_its_first_states_do_not(tmp_path: Path) -> None:
    made = single(
        op("Transpose", ["x"], ["s"], perm=[1, 0, 2]),
        op("LSTM", ["s", "w", "r", "b", "", "h", "c"], ["", "", "last"], hidden_size=5),
        op("Squeeze", ["last", "front"], ["y"]),
        inputs={"x": (1, 7, 6)},
        w=numbers(1, 20, 6),
        r=numbers(1, 20, 5),
        b=numbers(1, 40),
        h=np.zeros((1, 1, 5), np.float32),
        c=np.zeros((1, 1, 5), np.float32),
        front=whole(0),
    )
    path = tmp_path / "net.onnx"
    path.write_bytes(made.SerializeToString())
    imported = read_onnx(path, standard())
    assert _moved(imported) == {(1, 20, 6), (1, 20, 5), (1, 40)}
    assert np.isfinite(results(computed(imported), samples(computed(imported), 1))[0]).all()


def test_a_row_behind_a_product_learns_and_spelt_out_numbers_do_not(tmp_path: Path) -> None:
    spelt = helper.make_tensor("v", TensorProto.FLOAT, [3, 1, 1], [1.0, 2.0, 3.0])
    made = single(
        op("Constant", [], ["mask"], value=spelt),
        op("Conv", ["x", "w"], ["c"]),
        op("Add", ["c", "columns"], ["o"]),
        op("Mul", ["o", "mask"], ["y"]),
        w=numbers(3, 4, 2, 2),
        columns=numbers(1, 1, 1, 10),
    )
    imported = read(made, tmp_path)
    assert _moved(imported) == {(3, 4, 2, 2), (1, 1, 1, 10)}
