"""Every gesture once, then hundreds without sense: nothing is raised, and the document can be read and undone.

`make wild` does ten thousand of them from another seed: WILD=10000 WILD_SEED=7."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.project import Project
from tests.widgets.editor.wild import Child, analyse, drawn, kinds_of_gesture, let_go, there_and_back, valid
from widgets.editor.canvas import Canvas
from widgets.editor.gestures.shake import Shake
from widgets.editor.verbs.shelf import Shelf

COUNT = int(os.environ.get("WILD", "500"))
SEED = int(os.environ.get("WILD_SEED", "1"))


def shown(qtbot: QtBot, project: Project, blocks: Path) -> Canvas:
    """A canvas as a desk has it: blocks are known, and one's own are kept."""
    canvas = Canvas(project.document, project.catalogue)
    qtbot.addWidget(canvas)
    canvas.ease.reduced = True
    canvas.shelf = Shelf(blocks, canvas)
    canvas.shelf.renew()
    canvas.resize(1280, 800)
    canvas.show()
    canvas.setFocus()
    analyse(canvas)
    return canvas


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.qt_log_level_fail("WARNING")
@pytest.mark.parametrize("indoors", [False, True], ids=["outside", "inside a block"])
def test_gestures_without_sense(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, indoors: bool) -> None:
    ticks = itertools.count(step=0.1)
    monkeypatch.setattr(
        Shake, "clock", staticmethod(lambda: next(ticks))
    )  # no busy machine makes a shake of it, or none
    project = drawn()
    start = project.network
    canvas = shown(qtbot, project, tmp_path / "blocks")
    if indoors:
        canvas.enter("stage1")
    child = Child(canvas, SEED + indoors)
    with qtbot.captureExceptions() as raised:
        child.every_gesture()
        assert not raised, f"every gesture: {raised[0]}"
        valid(canvas)
        if not indoors:  # a block has no note
            assert {kind.__name__ for kind in kinds_of_gesture()} <= set(child.seen)
        for number in range(COUNT):
            child.act()
            where = f"seed {SEED + indoors}, gesture {number}: {' · '.join(child.trail)}"
            assert not raised, f"{where}: {raised[0]}"
            if number % 25 == 24:
                canvas.grab()
                valid(canvas)
            if number % 50 == 49:
                analyse(canvas)
            if indoors and not canvas.path and number % 40 == 39 and canvas.root.network.blocks:
                canvas.enter(child.random.choice([i for i in canvas.scene.items if canvas.is_use(i)] or ["stage1"]))
    let_go(canvas)
    valid(canvas)
    there_and_back(canvas.root, start)
