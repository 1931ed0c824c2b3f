"""Canvases to try things on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from graphs.document import Document
from graphs.layers.catalogue import standard
from graphs.network import Network
from tests.widgets.editor.tools import Hand, lenet
from widgets.editor.canvas import Canvas


@pytest.fixture
def make_canvas(qtbot: QtBot) -> Callable[[Network], Canvas]:
    """Canvases that are closed after the test and do not ease."""

    def make(network: Network) -> Canvas:
        canvas = Canvas(Document(network), standard())
        qtbot.addWidget(canvas)
        canvas.ease.reduced = True
        canvas.resize(1280, 800)
        canvas.show()
        canvas.zoom_reset()
        return canvas

    return make


@pytest.fixture
def canvas(make_canvas: Callable[[Network], Canvas]) -> Canvas:
    """LeNet at 100 %."""
    return make_canvas(lenet())


@pytest.fixture
def hand(canvas: Canvas) -> Hand:
    return Hand(canvas)
