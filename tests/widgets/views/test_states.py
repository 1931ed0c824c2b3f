"""The page of an empty view: nothing on it lies on anything else, however low it is or large the letters."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from widgets.views.states import Message, Need


@pytest.mark.parametrize("size", [(240, 60), (240, 110), (300, 150), (500, 220), (700, 500)])
@pytest.mark.parametrize("letters", [10, 22])
def test_nothing_is_overprinted(qtbot: Any, size: tuple[int, int], letters: int) -> None:
    page = Message()
    qtbot.addWidget(page)
    page.say("warning", "How loss and accuracy change while the network learns.", Need("Nothing yet.", "Train", "play"))
    page.setStyleSheet(f"QLabel {{ font-size: {letters}px }}")
    page.resize(*size)
    with qtbot.waitExposed(page):
        page.show()
    qtbot.wait(30)
    shown = [part for kind in (QLabel, QPushButton) for part in page.findChildren(kind) if part.isVisible()]
    boxes = sorted((part.geometry() for part in shown), key=lambda box: box.top())
    assert boxes and all(upper.bottom() < lower.top() for upper, lower in pairwise(boxes))
    for part in page.findChildren(QLabel):
        if part.isVisible() and part.text() and len(boxes) > 1:
            assert part.height() >= part.heightForWidth(part.width()), part.text()


def test_a_high_page_says_everything(qtbot: Any) -> None:
    page = Message()
    qtbot.addWidget(page)
    page.say("warning", "Headline", Need("Sentence.", "Train", "play"))
    page.resize(500, 400)
    page.show()
    assert all(part.isVisible() for part in [*page.findChildren(QLabel), *page.findChildren(QPushButton)])
    page.resize(500, 60)
    assert page.toolTip() == "Headline"
