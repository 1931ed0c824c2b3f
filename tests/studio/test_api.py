"""Netloom from Python, and the example in the README."""

import re
from pathlib import Path

import numpy as np
import pytest

from graphs.builder import sequential
from graphs.layers.catalogue import standard
from graphs.shapes import Inference
from studio import api
from studio.api import LSTM, Add, Conv2d, Flatten, ImageInput, Linear, Output, ReLU, VectorInput, data, train
from studio.project import ProjectFault, open_project

ROOT = Path(__file__).parent.parent.parent
PLACES = (ROOT / "README.md", ROOT / "docs-readme-python.md")


def readme_block() -> str:
    for place in PLACES:
        found = re.search(r"```python\n(.*?)```", place.read_text(encoding="utf-8"), re.S) if place.exists() else None
        if found:
            return found[1]
    pytest.fail("README.md has no Python example.")


def test_the_example_in_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(readme_block(), "README.md", "exec"), {"__name__": "readme"})
    assert re.search(r"9\d\.\d%", capsys.readouterr().out)
    assert (tmp_path / "digits.onnx").stat().st_size > 1000
    assert open_project(tmp_path / "digits.netloom").network.nodes["conv1"].kind == "Conv2d"


@pytest.fixture(scope="module")
def iris():
    network = sequential(VectorInput(features=4), Linear(out_features=16), ReLU(), Linear(out_features=3))
    return train(network, data("iris"), epochs=40, learning_rate=0.02, batch_size=16)


def test_a_sequence_is_wired_named_and_laid_out():
    network = sequential(ImageInput(channels=1), Conv2d(out_channels=2), ReLU(), Flatten(), Linear(out_features=3))
    assert list(network.order) == ["image1", "conv1", "relu1", "flatten1", "fc1", "output1"]
    assert network.nodes["conv1"].fields == {"out_channels": 2}
    assert len({node.position for node in network.nodes.values()}) == 6
    assert Inference(standard()).analyse(network).buildable


def test_layers_with_several_outputs_give_their_first_on():
    network = sequential(api.SequenceInput(length=5, features=2), LSTM(), Flatten(), Linear(out_features=2), Output())
    assert Inference(standard()).analyse(network).buildable


@pytest.mark.parametrize(
    "layers",
    [(), (Linear(),), (VectorInput(), VectorInput()), (VectorInput(), Add()), (VectorInput(), Output(), Linear())],
)
def test_a_sequence_that_cannot_be_is_refused(layers):
    with pytest.raises(ValueError, match="sequence"):
        sequential(*layers)


def test_training_gives_accuracy_history_and_a_look_inside(iris):
    assert iris.accuracy >= 0.9
    assert iris.loss < 0.5
    assert len(iris.history.epochs) == 40
    assert iris.network.settings["recipe"]["learning_rate"] == 0.02
    matrix = iris.look("confusion").matrix
    assert matrix.sum() == 30
    with pytest.raises(ValueError, match="confusion"):
        iris.look("nothing")


def test_predictions_take_raw_inputs(iris):
    raw = data("iris").load()
    scores = iris.predict(raw.inputs)
    assert scores.shape == (150, 3)
    assert np.mean(scores.argmax(1) == raw.targets) >= 0.9


def test_what_was_learnt_is_exported_and_saved(iris, tmp_path):
    report = iris.export(tmp_path / "iris.onnx")
    assert max(report.differences.values()) < 1e-5
    iris.save_weights(tmp_path / "w.safetensors")
    project = open_project(iris.save(tmp_path / "iris"))
    assert project.data == data("iris")
    assert project.recipe.epochs == 40


def test_a_project_is_trained_without_being_changed():
    project = open_project("xor")
    trained = train(project, epochs=3)
    assert len(trained.history.epochs) == 3
    assert not project.modified


def test_wrong_options_are_one_sentence():
    with pytest.raises(ProjectFault, match="no option “colour”"):
        train(open_project("xor"), colour=3)
    with pytest.raises(AttributeError, match="Conv9d"):
        _ = api.Conv9d
