"""The picture of the curves."""

import math
import xml.etree.ElementTree as ET

import pytest

from studio.curves import MOST_POINTS, svg
from studio.training.history import EpochRow, History


def history(count, loss=lambda e: 1 / e, accuracy=lambda e: 1 - 0.5 / e):
    made = History()
    for e in range(1, count + 1):
        made.append_epoch(EpochRow(e, e * 10, loss(e), accuracy(e), loss(e) * 1.1, accuracy(e), 0.01, 1.0))
    return made


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_it_is_sound_svg(count):
    picture = ET.fromstring(svg(history(count), "a <b> & “c”"))
    lines = [e for e in picture.iter() if e.tag.endswith("polyline")]
    assert len(lines) == (4 if count else 0)


def test_regression_has_no_accuracy():
    picture = svg(history(5, accuracy=lambda e: math.nan), "line")
    assert "accuracy" not in picture
    assert "nan" not in picture


@pytest.mark.parametrize("value", [0.0, 1e-12, 3e7, math.inf, math.nan])
def test_odd_losses_are_drawn_or_left_out(value):
    picture = svg(history(4, loss=lambda e: value), "odd")
    ET.fromstring(picture)
    assert "inf" not in picture.replace("nginf", "")


def test_long_runs_are_thinned():
    picture = svg(history(20_000), "long")
    assert len(picture) < 100_000
    longest = max(len(e.get("points").split()) for e in ET.fromstring(picture).iter() if e.tag.endswith("polyline"))
    assert longest <= MOST_POINTS * 2
