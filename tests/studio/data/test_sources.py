"""Every source by itself: what it gives, and what it says where it cannot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from studio.data.base import DataFault, Raw, spread
from studio.data.bundled import Digits, resize
from studio.data.made import Circles, Moons, Spirals, Xor
from studio.data.spec import SOURCES, dump_spec, make, parse_spec, relative_to, resolved

MADE = ("xor", "and", "or", "moons", "spirals", "circles")


def _npz(folder):
    np.savez(folder / "mine.npz", x=np.eye(4, dtype=np.float32), y=np.array([0, 1, 0, 1]))
    return folder / "mine.npz"


def _csv(folder):
    (folder / "mine.csv").write_text("length,width,kind\n1,2,rose\n3,4,lily\n5,6,rose\n", encoding="utf-8")
    return folder / "mine.csv"


def _pictures(folder):
    from PIL import Image

    for kind in ("rose", "lily"):
        (folder / "pictures" / kind).mkdir(parents=True)
        Image.new("RGB", (9, 8)).save(folder / "pictures" / kind / "1.png")
    return folder / "pictures"


FILES = {"npz": _npz, "csv": _csv, "folder": _pictures}
"""What writes a small file for each source that reads one, and says where."""


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_source_gives_what_it_says(name, tmp_path):
    assert ("path" in SOURCES[name].model_fields) == (name in FILES)
    options = {"path": str(FILES[name](tmp_path))} if name in FILES else {}
    raw = make(name, **options).load()
    assert raw.inputs.dtype == np.float32
    assert raw.targets.dtype == np.int64
    assert len(raw.inputs) == len(raw.targets) > 0
    assert set(np.unique(raw.targets)) == set(range(len(raw.classes)))
    assert np.isfinite(raw.inputs).all()
    assert raw.bounds[0] <= raw.inputs.min()
    assert raw.inputs.max() <= raw.bounds[1]


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_source_declares_everything_a_form_needs(name):
    kind = SOURCES[name]
    assert kind.title
    assert kind.help.endswith(".")
    for field in kind.model_fields.values():
        assert field.title
        assert field.description


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_spec_survives_the_project_file(name):
    spec = make(name, validation=0.3, split_seed=4)
    assert parse_spec(dump_spec(spec)) == spec


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    images, targets = load_digits(return_X_y=True)
    raw = Digits().load()
    np.testing.assert_array_equal(raw.inputs.reshape(1797, 64), (images / 16).astype(np.float32))
    np.testing.assert_array_equal(raw.targets, targets)


@pytest.mark.parametrize("name", ["iris", "wine"])
def test_tables_are_those_of_scikit_learn(name):
    from sklearn import datasets

    inputs, targets = getattr(datasets, f"load_{name}")(return_X_y=True)
    raw = make(name).load()
    np.testing.assert_array_equal(raw.inputs, inputs.astype(np.float32))
    np.testing.assert_array_equal(raw.targets, targets)


@settings(deadline=None)  # the first example imports torch
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 40), st.integers(1, 40))
def test_resizing_is_the_bilinear_of_torch(height, width, new_height, new_width):
    from torch import from_numpy
    from torch.nn.functional import interpolate

    images = np.random.default_rng(height * 100 + width).random((2, height, width), np.float32)
    size = (new_height, new_width)
    wanted = interpolate(from_numpy(images)[:, None], size=size, mode="bilinear")[:, 0].numpy()
    np.testing.assert_allclose(resize(images, *size), wanted, atol=1e-5)


@pytest.mark.parametrize("name", MADE)
def test_a_seed_decides_the_points(name):
    def points(seed):
        return make(name, seed=seed, noise=0.1).load().inputs

    np.testing.assert_array_equal(points(3), points(3))
    assert (points(3) != points(4)).any()


def test_the_gates_are_true_where_they_should_be():
    for name, truth in {"xor": [0, 1, 1, 0], "and": [0, 0, 0, 1], "or": [0, 1, 1, 1]}.items():
        raw = make(name, copies=2).load()
        assert raw.targets.tolist() == truth * 2
    assert Xor().load().inputs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_the_curves_are_where_they_should_be():
    rings = Circles(points=50, noise=0, factor=0.25).load()
    np.testing.assert_allclose(np.linalg.norm(rings.inputs, axis=1), np.where(rings.targets, 0.25, 1), atol=1e-6)
    arms = Spirals(points=31, arms=3, noise=0).load()
    assert np.bincount(arms.targets).tolist() == [11, 10, 10]
    assert np.linalg.norm(arms.inputs, axis=1).max() == pytest.approx(1)
    moons = Moons(points=9, noise=0).load()
    assert (moons.inputs[moons.targets == 0][:, 1] >= 0).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"source": "digit"}, "did you mean “digits”?"),
        ({"source": "zzzz"}, "choose one of digits, iris"),
        ({"source": "digits", "size": 9}, "Size of Handwritten digits cannot be 9"),
        ({"source": "xor", "colour": 1}, "XOR has no option “colour”"),
        ({"source": "iris", "validation": 0.95}, "Validation share of Iris flowers"),
        ({"source": "moons", "noise": float("nan")}, "Noise of Moons"),
        ({"source": ["digits"]}, "There is no data source"),
        (["digits"], "no table of options"),
    ],
)
def test_bad_options_are_one_clear_sentence(values, message):
    with pytest.raises(DataFault) as caught:
        parse_spec(values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_specs_are_frozen():
    with pytest.raises(ValidationError):
        Digits().size = 28


def test_paths_inside_the_project_are_relative_in_the_file(tmp_path):
    inside = make("csv", path=str(tmp_path / "data" / "a.csv"))
    stored = relative_to(inside, tmp_path)
    assert stored.path == "data/a.csv"
    assert resolved(stored, tmp_path).path == inside.path
    outside = make("csv", path=str(tmp_path.parent / "b.csv"))
    assert relative_to(outside, tmp_path) is outside
    assert resolved(make("digits"), tmp_path) == make("digits")


def test_a_spread_shows_every_class():
    targets = np.repeat([0, 1, 2], [90, 5, 5])
    raw = Raw(np.zeros((100, 1), np.float32), targets, ("a", "b", "c"), (0, 1))
    assert np.bincount(targets[spread(raw, 6)]).tolist() == [2, 2, 2]
    assert np.bincount(targets[spread(raw, 30)]).tolist() == [20, 5, 5]
    numbers = Raw(raw.inputs, np.zeros((100, 1), np.float32), (), (0, 1))
    assert spread(numbers, 5).tolist() == [0, 24, 49, 74, 99]
