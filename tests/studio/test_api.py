"""Netloom from Python, and the example in the README."""

import re
from pathlib import Path

import numpy as np
import pytest

from graphs.building.builder import sequential
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import Catalogue, standard
from studio import api
from studio.api import LSTM, Add, Conv2d, Flatten, ImageInput, Linear, Output, ReLU, VectorInput, data, train
from studio.project import ProjectFault, open_project

ROOT = Path(__file__).parent.parent.parent


def readme_block() -> str:
    found = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert found, "README.md has no Python example."
    return found[1]


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


def test_predictions_take_whole_numbers_and_lists(iris):
    np.testing.assert_array_equal(iris.predict([[5, 3, 1, 0]]), iris.predict(np.array([[5.0, 3.0, 1.0, 0.0]])))
    for wrong in ([[1, 2, 3]], [1, 2, 3, 4], 5):
        with pytest.raises(ValueError, match="takes samples of 4, so inputs of N×4"):
            iris.predict(wrong)


def test_what_was_learnt_is_exported_and_saved(iris, tmp_path):
    report = iris.export(tmp_path / "iris.onnx")
    assert max(report.differences.values()) < 1e-5
    iris.save_weights(tmp_path / "w.safetensors")
    project = open_project(iris.save(tmp_path / "iris"))
    assert project.data == data("iris")
    assert project.recipe.epochs == 40


def test_what_was_learnt_is_proven_layer_by_layer(iris):
    found = iris.prove(opset=19)
    assert found.first is None and found.opset == 19
    assert set(found.verdicts) <= set(iris.network.nodes) and len(found.verdicts) >= 3


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


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Linear(out_features=-1), "cannot be -1"),
        (lambda: Linear(4), r"by name, such as Linear\(out_features=4\)"),
        (lambda: Linear(colour=4), "no field “colour”"),
        (lambda: sequential(VectorInput(features=4), "x"), "not of 'x'"),
        (lambda: train(sequential(VectorInput(features=4), Linear(out_features=3)), 3), "not from a int"),
    ],
)
def test_wrong_calls_are_one_sentence(call, words):
    with pytest.raises(ValueError, match=words) as told:
        call()
    assert "\n" not in str(told.value)
    assert "http" not in str(told.value)


def test_wrong_options_of_a_look_are_one_sentence(iris):
    with pytest.raises(ValueError, match=r"^The look 'saliency' has no option 'zork'\.$"):
        iris.look("saliency", zork=1)
    with pytest.raises(ValueError, match=r"^steps of the look 'saliency' cannot be 0: it should be"):
        iris.look("saliency", steps=0)


def test_a_source_may_be_given_by_its_name():
    network = sequential(VectorInput(features=4), Linear(out_features=3))
    assert train(network, "iris", epochs=2).run.project.data == data("iris")


def test_the_catalogue_of_a_project_is_kept():
    project = open_project("xor", Catalogue(kind for kind in standard().kinds.values() if kind.title != "Conv2d"))
    kinds = train(project, epochs=1).run.project.catalogue.kinds
    assert kinds == project.catalogue.kinds and "Conv2d" not in kinds and "Linear" in kinds
