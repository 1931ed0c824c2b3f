"""Picture folders: classes, decoding, and files that are no pictures."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from studio.data.base import DataFault
from studio.data.preview import preview
from studio.data.spec import make


@pytest.fixture
def place(tmp_path):
    for kind, colour in {"cats": (255, 0, 0), "dogs": (0, 0, 255)}.items():
        (tmp_path / kind).mkdir()
        for index in range(3):
            Image.new("RGB", (10 + index, 8), colour).save(tmp_path / kind / f"{index}.png")
    return tmp_path


def folder(place, **options):
    return make("folder", path=str(place), **{"height": 4, "width": 6, **options})


def fault_of(spec):
    with pytest.raises(DataFault) as caught:
        spec.load()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_folders_are_classes(place):
    raw = folder(place).load()
    assert raw.inputs.shape == (6, 3, 4, 6)
    assert raw.classes == ("cats", "dogs")
    assert raw.targets.tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_array_equal(raw.inputs[0, :, 0, 0], [1, 0, 0])
    np.testing.assert_array_equal(raw.inputs[3, :, 0, 0], [0, 0, 1])


def test_grey_and_both_fits(place):
    for fit in ("stretch", "crop"):
        raw = folder(place, colour="grey", fit=fit).load()
        assert raw.inputs.shape == (6, 1, 4, 6)
        assert raw.inputs[0, 0, 0, 0] == pytest.approx(76 / 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_of_picture(tmp_path, mode):
    (tmp_path / "only").mkdir()
    name = "x.tif" if mode == "CMYK" else "x.png"
    Image.new(mode, (5, 5)).save(tmp_path / "only" / name)
    for colour, channels in {"rgb": 3, "grey": 1}.items():
        assert folder(tmp_path, colour=colour).load().inputs.shape == (1, channels, 4, 6)


def test_what_is_transparent_is_white(tmp_path):
    (tmp_path / "only").mkdir()
    Image.new("RGBA", (5, 5), (0, 0, 0, 0)).save(tmp_path / "only" / "x.png")
    assert folder(tmp_path).load().inputs.min() == 1


def test_sixteen_bits_keep_their_brightness(tmp_path):
    (tmp_path / "only").mkdir()
    Image.fromarray(np.full((5, 5), 32768, np.uint16)).save(tmp_path / "only" / "x.png")
    assert folder(tmp_path, colour="grey").load().inputs.mean() == pytest.approx(128 / 255)


def test_files_that_are_no_pictures_are_passed_over(place):
    (place / "cats" / "notes.txt").write_text("hello")
    (place / "cats" / ".hidden.png").write_text("hello")
    (place / "empty").mkdir()
    (place / "cats" / "more").mkdir()
    Image.new("L", (3, 3)).save(place / "cats" / "more" / "deep.jpg")
    raw = folder(place).load()
    assert raw.classes == ("cats", "dogs")
    assert len(raw.targets) == 7


def test_a_preview_counts_all_and_decodes_a_few(place):
    (place / "dogs" / "2.png").write_bytes(b"broken, and not looked at")
    shown = preview(folder(place), samples=4)
    assert shown.counts == {"cats": 3, "dogs": 3}
    assert shown.total == 6
    assert shown.inputs.shape == (4, 3, 4, 6)
    assert shown.labels == ("cats", "dogs", "cats", "dogs")
    assert shown.is_pictures
    assert shown.summary() == "6 samples · 3×4×6 · 2 classes"


def bomb(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "is no picture that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "is no picture that can be read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "bad.png"),
        (bomb(9_000, 9_000), "too many to decode safely"),
        (bomb(60_000, 60_000), "to decode safely"),
        (bomb(100, 100), "damaged"),
    ],
)
def test_hostile_pictures(place, content, part):
    (place / "cats" / "bad.png").write_bytes(content)
    message = fault_of(folder(place))
    assert part in message
    assert "cats/bad.png" in message


def test_folders_that_do_not_fit(tmp_path, place):
    (tmp_path / "bare").mkdir()
    assert "no subfolder with pictures" in fault_of(folder(tmp_path / "bare"))
    assert "does not exist" in fault_of(folder(tmp_path / "nowhere"))
    assert "is a file" in fault_of(folder(place / "cats" / "0.png"))
    assert "No folder is chosen" in fault_of(make("folder"))


def test_too_much_for_memory_is_said_before_it_is_taken(place, monkeypatch):
    monkeypatch.setattr("studio.data.pictures.MOST_BYTES", 100)
    assert "choose a smaller one" in fault_of(folder(place))


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need rights on Windows")
def test_links_to_folders_do_not_lead_in_circles(place):
    (place / "cats" / "again").symlink_to(place)
    assert len(folder(place).load().targets) == 6
