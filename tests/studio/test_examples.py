"""The projects that ship: sound, drawn neatly, and able to learn what they promise."""

from itertools import pairwise

import pytest

from graphs.files.storage import dumps, load
from graphs.inference.shapes import Inference
from graphs.layers.catalogue import standard
from studio import examples
from studio.headless import train
from studio.project import open_project


def test_every_example_file_is_listed_and_described():
    files = {path.stem for path in examples.FOLDER.glob("*.netloom")}
    assert set(examples.names()) == files
    for example in examples.gallery():
        assert example.title != example.name
        assert example.text.endswith(".")
    with pytest.raises(KeyError):
        examples.path("lenet")


@pytest.mark.parametrize("name", examples.names())
def test_an_example_is_sound_and_in_the_form_it_is_saved_in(name):
    path = examples.path(name)
    assert dumps(load(path)) == path.read_text(encoding="utf-8")
    project = open_project(name)
    analysis = Inference(project.catalogue).analyse(project.network)
    assert analysis.buildable
    assert not analysis.problems
    places = [node.position for node in project.network.nodes.values()]
    assert len(set(places)) == len(places)


def test_lenet_is_the_lenet_of_the_books():
    project = open_project("lenet-digits")
    analysis = Inference(standard()).analyse(project.network)
    assert analysis.parameters == 61_706
    assert analysis.multiply_adds == 416_520
    costs = {i: facts.parameters for i, facts in analysis.facts.items() if facts.parameters}
    assert costs == {"conv1": 156, "conv2": 2_416, "fc1": 48_120, "fc2": 10_164, "fc3": 850}
    kinds = [project.network.nodes[i].kind for i in analysis.order]
    assert kinds == [
        *("ImageInput", "Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU", "MaxPool2d", "Flatten"),
        *("Linear", "ReLU", "Linear", "ReLU", "Linear", "Output"),
    ]
    assert project.network.nodes["classes"].title == "Classes"


def test_lenet_stands_in_rows_as_it_flows():
    project = open_project("lenet-digits")
    analysis = Inference(standard()).analyse(project.network)
    places = [project.network.nodes[i].position for i in analysis.order]
    rows = places[:4], places[4:8], places[8:]
    for row in rows:
        assert [x for x, _ in row] == sorted(x for x, _ in row)
    for above, below in pairwise(rows):
        assert max(y for _, y in above) < min(y for _, y in below)


LEARN = [
    ("resnet-digits", {"epochs": 4}, 0.97, 1.0),
    ("mlp-digits", {"epochs": 15}, 0.95, 1.0),
    ("xor", {"epochs": 500}, 1.0, 1.0),
    ("perceptron-xor", {"epochs": 300}, 0.0, 0.75),
    ("perceptron-and", {"epochs": 500}, 1.0, 1.0),
    ("spiral", {}, 0.97, 1.0),
    ("iris", {"epochs": 60}, 0.93, 1.0),
]


@pytest.mark.parametrize(("name", "changes", "least", "most"), LEARN)
def test_an_example_learns_what_it_promises(name, changes, least, most):
    run = train(open_project(name), changes={**changes, "device": "cpu"})
    best = max(row.val_accuracy for row in run.history.epochs)
    assert least <= run.score <= best <= most


def test_lenet_is_on_its_way_after_two_epochs():
    run = train(open_project("lenet-digits"), changes={"epochs": 2, "device": "cpu"})
    assert run.score >= 0.85
    assert run.history.epochs[1].train_loss < run.history.epochs[0].train_loss


@pytest.mark.parametrize("seed", [1, 2, 6])
def test_xor_is_learnt_from_other_seeds_too(seed):
    assert train(open_project("xor"), changes={"seed": seed, "epochs": 500}).score == 1.0
