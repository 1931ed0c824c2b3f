"""Weights in the window: chosen, loaded beside it, told, set as one step of undo; and with a new architecture."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from graphs.building.build import build
from graphs.document import Document
from studio import api
from studio.project import Project
from studio.weights.starting import SECTION, Start
from widgets.panels.architecture_dialog import ArchitectureDialog
from widgets.panels.project_page import RecipePanel
from widgets.panels.weights_dialog import WeightsDialog


@pytest.fixture
def project() -> Project:
    layers = api.ImageInput(channels=1, height=8, width=8), api.Flatten(), api.Linear(out_features=10)
    return Project(Document(api.sequential(*layers)))


@pytest.fixture
def mine(tmp_path: Path, project: Project) -> Path:
    state = build(project.network, project.catalogue, seed=9).module.state_dict()
    torch.save(dict(state), tmp_path / "mine.pth")
    return tmp_path / "mine.pth"


@pytest.fixture
def opened(qtbot: QtBot, project: Project) -> Callable[..., tuple[WeightsDialog, list[object]]]:
    """A dialog, and what it says that was chosen."""

    def make(start: Start | None = None) -> tuple[WeightsDialog, list[object]]:
        dialog = WeightsDialog(project, None, start)
        chosen: list[object] = []
        dialog.chosen.connect(chosen.append)
        dialog.show()
        return dialog, chosen

    return make


def settle(dialog: WeightsDialog) -> None:
    dialog.job.wait(60)
    QApplication.processEvents()


def test_a_file_that_fits_whole_is_used_at_once(opened: Callable[..., tuple[WeightsDialog, list]], mine: Path) -> None:
    dialog, chosen = opened()
    assert not dialog.published.isChecked() or dialog.network.count() == 55
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(mine))])
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0))
    dialog.dropEvent(drop)
    dialog.load.click()
    settle(dialog)
    start, landing = chosen[0]
    assert start == Start(file=str(mine)) and landing.whole


def test_what_does_not_land_is_told_before_it_is_used(
    opened: Callable[..., tuple[WeightsDialog, list]], mine: Path
) -> None:
    state = torch.load(mine)
    torch.save({**state, "fc1.weight": torch.ones(3, 64), "fc1.bias": torch.ones(3), "more": torch.ones(1)}, mine)
    dialog, chosen = opened(Start(file=str(mine)))
    dialog.load.click()
    settle(dialog)
    assert not chosen and dialog.headline.text().startswith("mine.pth: no tensor of it fits this network; choose")
    torch.save({"fc1.bias": state["fc1.bias"], "fc1.weight": torch.ones(3, 64), "more": torch.ones(1)}, mine)
    dialog.load.click()
    settle(dialog)
    assert not chosen and dialog.headline.text() == "mine.pth: 1 of 2 tensors landed, 10 of 650 numbers."
    assert dialog.load.text() == "Use what landed"
    dialog.load.click()
    assert len(chosen) == 1 and not dialog.isVisible()


def test_published_ones_say_what_they_are_and_what_is_missing(
    opened: Callable[..., tuple[WeightsDialog, list]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("graphs.architectures.weights.SITE", "http://127.0.0.1:9/")
    dialog, chosen = opened(Start(published="resnet50", weights="IMAGENET1K_V1"))
    assert dialog.network.currentText() == "ResNet-50" and dialog.weights.currentData() == "IMAGENET1K_V1"
    assert dialog.about.text() == "76.1 % of ImageNet pictures right, on 224×224 pixels. 97.8 MB, fetched once."
    dialog.begin()
    settle(dialog)
    assert (
        not chosen and "http://127.0.0.1:9/resnet50-0676ba61.pth" in dialog.headline.text() and dialog.load.isEnabled()
    )
    dialog.network.setCurrentIndex(dialog.network.findData("vit_b_16"))
    assert dialog.weights.count() == 3 and not dialog.headline.text()
    dialog.weights.setCurrentIndex(1)
    assert "licence of SWAG" in dialog.about.text()
    dialog.reject()


def test_closing_ends_the_loading(opened: Callable[..., tuple[WeightsDialog, list]], mine: Path) -> None:
    dialog, chosen = opened(Start(file=str(mine)))
    dialog.begin()
    dialog.reject()
    settle_job = dialog.job
    settle_job.wait(60)
    QApplication.processEvents()
    assert not chosen


def test_the_recipe_says_with_what_a_run_begins(qtbot: QtBot, project: Project, mine: Path) -> None:
    panel = RecipePanel(project)
    qtbot.addWidget(panel)
    assert panel.start.text() == "Begins with fresh weights…"
    from graphs.edits import SetSetting

    project.document.apply(SetSetting(SECTION, {"file": str(mine)}))
    panel.show_project()
    assert panel.start.text() == "Begins with mine.pth…"
    with qtbot.waitSignal(panel.weights):
        panel.start.click()


def test_an_architecture_is_opened_with_weights(qtbot: QtBot) -> None:
    dialog = ArchitectureDialog(None, "resnet50")
    dialog.page.job.wait(100)
    QApplication.processEvents()
    told: list[str] = []
    dialog.opened.connect(told.append)
    page = dialog.page
    assert [page.weights.itemData(row) for row in range(page.weights.count())] == ["", "IMAGENET1K_V2", "IMAGENET1K_V1"]
    assert dialog.add.isEnabled()
    page.weights.setCurrentIndex(1)
    assert not dialog.add.isEnabled() and dialog.open_.isEnabled()
    dialog.open_.click()
    assert json.loads(told[0]) == {"name": "resnet50", "fields": {}, "weights": "IMAGENET1K_V2"}


def test_what_nobody_publishes_offers_no_weights(qtbot: QtBot) -> None:
    dialog = ArchitectureDialog(None, "lenet5")
    dialog.page.job.wait(100)
    QApplication.processEvents()
    assert dialog.page.weights_row.isHidden() and dialog.page.first_weights() == ""
    dialog.reject()
