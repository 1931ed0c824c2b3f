from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from studio.inspection import confusion
from studio.inspection.base import InspectionFault, quiet
from studio.inspection.confusion import ConfusionOptions
from studio.inspection.probe import Probe


def test_figures_agree_with_scikit_learn(probe: Probe) -> None:
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

    result = confusion.analyse(probe, ConfusionOptions(), quiet)
    with torch.no_grad():
        scores = probe.module(probe.data.validation.inputs)
    true, predicted = probe.data.validation.targets.numpy(), scores.argmax(1).numpy()
    np.testing.assert_array_equal(result.predictions, predicted)
    np.testing.assert_array_equal(result.matrix, confusion_matrix(true, predicted, labels=range(10)))
    precision, recall, f1, _ = precision_recall_fscore_support(true, predicted, zero_division=0)
    np.testing.assert_allclose(result.precision, precision, rtol=1e-6)
    np.testing.assert_allclose(result.recall, recall, rtol=1e-6)
    np.testing.assert_allclose(result.f1, f1, rtol=1e-6)
    assert result.accuracy == pytest.approx(accuracy_score(true, predicted))
    np.testing.assert_allclose(result.confidence, scores.softmax(1).amax(1), rtol=1e-4)


def test_a_cell_gives_its_samples_the_surest_first(probe: Probe) -> None:
    result = confusion.analyse(probe, ConfusionOptions(), quiet)
    for label, predicted in ((0, 0), (8, 1), (9, 3)):
        samples = result.cell(label, predicted)
        assert len(samples) == result.matrix[label, predicted]
        assert np.all(probe.data.validation.targets[samples].numpy() == label)
        assert np.all(np.diff(result.confidence[samples]) <= 0)


def test_classes_that_do_not_occur_count_as_zero() -> None:
    matrix = confusion.count(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    precision, recall, f1 = confusion.scores_of(matrix)
    assert precision.tolist() == [1.0, 0.5, 0.0] and recall.tolist() == [0.5, 1.0, 0.0]
    assert f1.tolist() == pytest.approx([2 / 3, 2 / 3, 0])


def test_fewer_samples_are_spread_over_the_set(probe: Probe) -> None:
    result = confusion.analyse(probe, ConfusionOptions(split="train", samples=100), quiet)
    assert len(result.indices) == result.matrix.sum() == 100
    assert result.indices[0] == 0 and result.indices[-1] == len(probe.data.train) - 1


def test_a_regression_has_no_classes(probe_of: Callable[..., Probe], plane: object, tmp_path: object) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    path = tmp_path / "line.npz"
    numbers = np.linspace(-1, 1, 40, dtype=np.float32)
    np.savez(path, x=np.stack([numbers, numbers**2], 1), y=numbers[:, None] * np.array([2.0, -1.0], np.float32))
    probe = probe_of(plane, "npz", path=str(path))
    with pytest.raises(InspectionFault, match="needs classes"):
        confusion.analyse(probe, ConfusionOptions(), quiet)
