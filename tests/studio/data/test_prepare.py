"""Splits, normalisation, and what training is given."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.data.base import DataFault
from studio.data.normalise import Normalisation, measure
from studio.data.prepare import prepare
from studio.data.preview import preview
from studio.data.spec import make
from studio.data.splits import FEWEST, split


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), st.floats(0, 0.9), st.integers(0, 9))
def test_a_split_is_fair_and_complete(labels, share, seed):
    targets = np.array(labels)
    train, validation = split(targets, 5, share, seed)
    if len(labels) < FEWEST or not round(len(labels) * share):
        assert len(train) == len(validation) == len(labels)
        return
    again = split(targets, 5, share, seed)
    np.testing.assert_array_equal(validation, again[1])
    if len(train) < len(labels):
        np.testing.assert_array_equal(np.sort(np.concatenate([train, validation])), np.arange(len(labels)))
        assert set(targets[train]) == set(labels)
        assert len(validation) <= round(len(labels) * share)


def test_a_split_keeps_the_proportions():
    targets = np.repeat([0, 1, 2], [600, 300, 100])
    _, validation = split(targets, 3, 0.2, 0)
    assert np.bincount(targets[validation]).tolist() == [120, 60, 20]
    _, other = split(targets, 3, 0.2, 1)
    assert (validation != other).any()


def test_numbers_are_split_as_one():
    train, validation = split(np.zeros((10, 1), np.float32), 0, 0.3, 0)
    assert (len(train), len(validation)) == (7, 3)


def test_the_same_spec_gives_the_same_tensors():
    first, second = prepare(make("digits", size=28)), prepare(make("digits", size=28))
    assert torch.equal(first.train.inputs, second.train.inputs)
    assert first.train.inputs.shape == (1438, 1, 28, 28)
    assert first.validation.inputs.shape == (359, 1, 28, 28)
    assert first.shape == (1, 28, 28)
    assert first.task == "classification"


def test_parts_stand_where_they_did_in_the_source():
    spec = make("iris", normalise="none")
    data, raw = prepare(spec), spec.load()
    for part in (data.train, data.validation):
        np.testing.assert_array_equal(part.inputs.numpy(), raw.inputs[part.rows.numpy()])
        np.testing.assert_array_equal(part.targets.numpy(), raw.targets[part.rows.numpy()])
    assert not set(data.train.rows.tolist()) & set(data.validation.rows.tolist())


def test_four_points_are_not_split():
    data = prepare(make("xor"))
    assert data.validation is data.train
    assert data.notes == ("With only 4 samples none is kept apart: validation is measured on the training samples.",)


def test_standard_is_measured_on_training_samples():
    data = prepare(make("wine"))
    inputs = data.train.inputs
    torch.testing.assert_close(inputs.mean(0), torch.zeros(13), atol=1e-5, rtol=0)
    torch.testing.assert_close(inputs.std(0, correction=0), torch.ones(13), atol=1e-4, rtol=0)
    assert len(data.normalisation.mean) == 13


def test_unit_fills_0_to_1():
    inputs = prepare(make("wine", normalise="unit")).train.inputs
    assert inputs.min() == 0
    assert inputs.max() == pytest.approx(1)


@pytest.mark.parametrize("shape", [(20, 3), (20, 5, 3), (20, 3, 4, 6), (20, 2, 3, 4, 5)])
@pytest.mark.parametrize("how", ["none", "standard", "unit"])
def test_a_normalisation_can_be_taken_back_and_stored(shape, how):
    raw = (np.random.default_rng(0).random(shape) * 50 - 9).astype(np.float32)
    normalisation = measure(raw, how)
    assert Normalisation.from_json(normalisation.to_json()) == normalisation
    inputs = torch.from_numpy(raw)
    torch.testing.assert_close(normalisation.invert(normalisation.apply(inputs)), inputs, atol=1e-4, rtol=1e-5)
    assert len(normalisation.mean) == (1 if how == "none" or len(shape) == 5 else 3)
    torch.testing.assert_close(normalisation.apply(inputs[0]), normalisation.apply(inputs)[0])


def test_what_never_changes_is_left_alone():
    normalisation = measure(np.full((5, 2), 7, np.float32), "standard")
    assert normalisation.std == (1.0, 1.0)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"mean": [0], "std": [0], "axis": -1}',
     '{"mean": [0], "std": [1, 1], "axis": -1}',
     '{"mean": [NaN], "std": [1], "axis": -1}', '{"mean": [0], "std": [1], "axis": 7}', "[" * 5000],
)  # fmt: skip
def test_a_damaged_normalisation_is_a_fault(text):
    with pytest.raises(DataFault, match="damaged"):
        Normalisation.from_json(text)


def test_regression_from_a_table(tmp_path):
    rows = "".join(f"{i},{i * 0.37}\n" for i in range(40))
    (tmp_path / "line.csv").write_text("x,y\n" + rows)
    data = prepare(make("csv", path=str(tmp_path / "line.csv")))
    assert data.task == "regression"
    assert data.train.targets.dtype == torch.float32
    assert data.train.targets.shape == (32, 1)
    assert data.features == ("x",)


def test_tokens_are_not_normalised(tmp_path):
    np.savez(tmp_path / "t.npz", x=np.arange(40).reshape(20, 2), y=[0, 1] * 10)
    data = prepare(make("npz", path=str(tmp_path / "t.npz"), values="tokens", normalise="standard"))
    assert data.train.inputs.dtype == torch.int64


def test_notes_warn_of_uneven_and_single_classes(tmp_path):
    (tmp_path / "uneven.csv").write_text("x,y\n" + "1,a\n" * 30 + "2,b\n" * 3)
    notes = prepare(make("csv", path=str(tmp_path / "uneven.csv"))).notes
    assert any("“a” has 30 samples, “b” 3" in note for note in notes)
    (tmp_path / "one.csv").write_text("x,y\n" + "1,a\n" * 30)
    assert any("only one class" in note for note in prepare(make("csv", path=str(tmp_path / "one.csv"))).notes)
    assert "No samples are kept apart" in prepare(make("iris", validation=0)).notes[0]


def test_previews_show_numbers_too(tmp_path):
    (tmp_path / "line.csv").write_text("x,y\n" + "".join(f"{i},{i / 4}\n" for i in range(50)))
    shown = preview(make("csv", path=str(tmp_path / "line.csv")), samples=3)
    assert shown.labels == ("0", "6", "12.25")
    assert shown.counts == {}
    assert shown.summary() == "50 samples · 1 · numbers to predict"
    assert preview(make("digits")).labels == tuple("012345678901")
