"""Arrays: names, layouts, and files that mean harm."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.data.base import DataFault
from studio.data.spec import make


@pytest.fixture
def load(tmp_path):
    def load(options=None, **arrays):
        np.savez(tmp_path / "mine.npz", **arrays)
        return make("npz", path=str(tmp_path / "mine.npz"), **(options or {})).load()

    return load


def fault_of(call, *args, **kwargs):
    with pytest.raises(DataFault) as caught:
        call(*args, **kwargs)
    assert "\n" not in str(caught.value)
    return str(caught.value)


X, Y = np.arange(12, dtype=np.float32).reshape(4, 3), np.array([3, 5, 3, 5])


def test_numbers_and_whole_classes(load):
    raw = load(x=X, y=Y)
    np.testing.assert_array_equal(raw.inputs, X)
    assert raw.classes == ("3", "5")
    assert raw.targets.tolist() == [0, 1, 0, 1]
    assert raw.bounds == (0, 11)


def test_names_are_found_or_given(load):
    assert len(load(images=X, labels=Y).targets) == 4
    assert load({"inputs": "a", "targets": "b"}, a=X, b=Y).classes == ("3", "5")
    assert "no array “c”; it holds “a”, “b”" in fault_of(load, {"inputs": "c"}, a=X, b=Y)
    assert "name the one to use under Targets" in fault_of(load, x=X, foo=Y)


def test_bytes_are_pictures_from_0_to_1(load):
    pictures = np.array([[[0, 255], [51, 102]]] * 4, np.uint8)
    raw = load(x=pictures, y=Y)
    assert raw.inputs.shape == (4, 1, 2, 2)
    np.testing.assert_allclose(raw.inputs[0, 0], [[0, 1], [0.2, 0.4]], rtol=1e-6)
    assert raw.bounds == (0, 1)


def test_layouts_of_pictures(load):
    last = np.zeros((4, 8, 6, 3), np.float32)
    assert load(x=last, y=Y).inputs.shape == (4, 3, 8, 6)
    assert load({"layout": "as is"}, x=last, y=Y).inputs.shape == (4, 8, 6, 3)
    assert load({"layout": "channels last"}, x=np.zeros((4, 3, 8, 3)), y=Y).inputs.shape == (4, 3, 3, 8)
    assert load(x=np.zeros((4, 3, 8, 6)), y=Y).inputs.shape == (4, 3, 8, 6)
    assert "no N×H×W×C" in fault_of(load, {"layout": "channels last"}, x=X, y=Y)


def test_targets_of_every_kind(load):
    assert load(x=X, y=np.array(["b", "a", "b", "c"])).classes == ("a", "b", "c")
    assert load(x=X, y=np.eye(4)).classes == ("0", "1", "2", "3")
    assert load({"task": "regression"}, x=X, y=np.eye(4)).targets.shape == (4, 4)
    assert load(x=X, y=np.linspace(0, 1, 4)).targets.shape == (4, 1)
    assert load(x=X, y=np.array([True, False] * 2)).classes == ("0", "1")


def test_tokens_stay_whole(load):
    raw = load({"values": "tokens"}, x=np.array([[1, 2], [3, 4]]), y=[0, 1])
    assert raw.inputs.dtype == np.int64
    assert "no tokens" in fault_of(load, {"values": "tokens"}, x=X, y=Y)


def test_faults_of_shape_and_value(load):
    assert "4 inputs and 3 targets" in fault_of(load, x=X, y=Y[:3])
    assert "0 inputs" in fault_of(load, x=X[:0], y=Y[:0])
    assert "input 2 holds a value that is not finite" in fault_of(load, x=np.array([[0], [np.nan]]), y=[0, 1])
    assert "not finite at sample 2" in fault_of(load, x=X[:2], y=[0.5, np.inf])
    assert "single value" in fault_of(load, x=np.float32(1), y=Y)
    assert "complex" in fault_of(load, x=X.astype(complex), y=Y)
    assert "without a single value" in fault_of(load, x=np.zeros((4, 0)), y=Y)


class Trap:
    """Would write a file if anybody unpickled it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_pickles_are_never_opened(load, tmp_path):
    bait = str(tmp_path / "sprung")
    objects = np.empty(4, object)
    objects[:] = [Trap(bait)] * 4
    assert "holds object" in fault_of(load, x=objects, y=Y)
    (tmp_path / "mine.npz").write_bytes(pickle.dumps(Trap(bait)))
    assert "no sound NPZ file" in fault_of(make("npz", path=str(tmp_path / "mine.npz")).load)
    assert not (tmp_path / "sprung").exists()


def header(shape, descr="<f4"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": descr, "fortran_order": False, "shape": shape})
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (header((10**9, 10**9)), "more than 2 GiB"),
        (header((2**62, 2**62, 2**62)), "more than 2 GiB"),
        (header((-4, 3)), "damaged"),
        (header((4, 3)), "damaged"),
        (header((4, 3), "|O"), "holds object"),
        (header((4, 3), "|V8"), "where numbers are expected"),
        (b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 60_000, "damaged"),
        (b"\x93NUMPY\x09\x00", "damaged"),
        (b"", "damaged"),
        (b"hello", "damaged"),
    ],
)
def test_hostile_arrays(tmp_path, content, part):
    good = io.BytesIO()
    np.save(good, Y)
    with zipfile.ZipFile(tmp_path / "bad.npz", "w") as archive:
        archive.writestr("x.npy", content)
        archive.writestr("y.npy", good.getvalue())
    message = fault_of(make("npz", path=str(tmp_path / "bad.npz")).load)
    assert part in message
    assert "bad.npz" in message


@settings(max_examples=80)
@given(st.data())
def test_damaged_files_are_faults_or_numbers(tmp_path, data):
    whole = io.BytesIO()
    np.savez_compressed(whole, x=X, y=Y)
    content = bytearray(whole.getvalue())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[at] = data.draw(st.integers(0, 255))
    (tmp_path / "hurt.npz").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        raw = make("npz", path=str(tmp_path / "hurt.npz")).load()
    except DataFault as fault:
        assert "\n" not in str(fault)
    else:
        assert np.isfinite(raw.inputs).all()
