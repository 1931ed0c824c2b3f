"""The program takes its own pictures, each of what its name says."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from widgets import screenshot, theme
from widgets.views import VIEWS


def test_there_is_a_picture_of_every_view_and_workspace() -> None:
    names = screenshot.names()
    assert len(names) == len(set(names))
    assert {f"view-{view.name}" for view in VIEWS} <= set(names)
    assert {"start", "design", "train", "inspect", "export", "problems", "untrained", "new"} <= set(names)


def test_a_picture_has_the_size_and_theme_that_were_asked_for(qapp: QApplication, tmp_path: Path) -> None:
    before, font = theme.wanted(), qapp.font()
    (path,) = screenshot.run(["start"], "light", (1000, 640), tmp_path)
    image = QImage(str(path))
    assert (image.width(), image.height()) == (1000, 640)
    assert image.pixelColor(500, 620).lightness() > 200
    assert (theme.wanted(), qapp.font()) == (before, font)


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        screenshot.run(["nothing"], "dark", (1000, 640), tmp_path)
