"""The bridge between a real session and real views, with a short real training."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from graphs.document import Document
from graphs.edits import Disconnect, Move, SetFields
from graphs.network import End, Network, Node, Wire
from studio.project import Project
from widgets.bridge import Bridge
from widgets.shapes import means_more_than_moving
from widgets.views.activations import Activations
from widgets.views.confusion import Confusion
from widgets.views.curves import Curves
from widgets.views.filters import Filters

KINDS = (
    Node("image", "ImageInput", "Image", {"channels": 1, "height": 8, "width": 8}),
    Node("conv1", "Conv2d", "", {"out_channels": 4, "kernel_size": [3, 3]}),
    Node("flatten", "Flatten"),
    Node("fc1", "Linear", "", {"out_features": 10}),
    Node("classes", "Output", "Classes"),
)


@pytest.fixture
def project(private_home: Any) -> Project:
    wires = [Wire(End(a.id, "out"), End(b.id, "in")) for a, b in pairwise(KINDS)]
    settings = {"data": {"source": "digits", "size": 8}, "recipe": {"epochs": 2, "batch_size": 64}}
    return Project(Document(Network.of(list(KINDS), wires, settings)), name="tiny")


@pytest.fixture
def bridge(project: Project, qtbot: Any) -> Iterator[Bridge]:
    made = Bridge(project)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def opened(bridge: Bridge, qtbot: Any) -> Any:
    """Opens a view the way the window does."""

    def open_view(cls: type[Any]) -> Any:
        view = cls()
        qtbot.addWidget(view)
        view.resize(500, 260)
        with qtbot.waitExposed(view):
            view.show()
        bridge.attach(view)
        return view

    return open_view


def until(qtbot: Any, condition: Any) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=60_000)


def test_from_nothing_to_a_trained_network_in_every_view(
    bridge: Bridge, opened: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []
    monkeypatch.setattr(bridge.session, "report_painting", told.append)
    curves, activations = opened(Curves), opened(Activations)
    heard: dict[str, list[Any]] = {"status": [], "history": [], "analysis": []}
    for name, values in heard.items():
        getattr(bridge, name).connect(values.append)
    assert bridge.inference is None and curves.state == "empty" and activations.state == "busy"
    with qtbot.waitSignal(bridge.ready, timeout=60_000):
        bridge.start()
    assert bridge.inference is not None
    until(qtbot, lambda: activations.state == "result" and heard["analysis"])  # two threads: either may be first
    assert activations.result.sample == 0 and heard["analysis"][-1].buildable
    bridge.set_node("conv1")
    until(qtbot, lambda: activations.state == "result" and activations.result.full is not None)
    curves.message.press()
    until(qtbot, lambda: heard["status"] and heard["status"][-1].state == "ended")
    until(qtbot, lambda: curves.state == "result" and len(curves.frame.epochs) == 2)
    last = bridge.session.history.steps[-1]
    until(qtbot, lambda: activations._step == last)
    assert heard["history"] and curves.frame.step[-1] == last
    assert told and all(seconds > 0 for seconds in told)

    first = bridge.session.recorder.steps()[0]
    bridge.at_step(first)
    assert activations.state == "stale" and curves.loss._marker == first
    until(qtbot, lambda: activations._step == first)
    bridge.at_step(None)
    until(qtbot, lambda: activations._step == last)


def test_a_hidden_view_costs_nothing(bridge: Bridge, opened: Any, qtbot: Any) -> None:
    view = opened(Activations)
    bridge.start()
    until(qtbot, lambda: view.state == "result")
    assert "activations" in bridge.session._watches._watches
    view.hide()
    assert "activations" not in bridge.session._watches._watches
    view.show()
    assert "activations" in bridge.session._watches._watches
    bridge.detach(view)
    assert "activations" not in bridge.session._watches._watches


def test_the_chosen_sample_and_layer_are_everywhere(bridge: Bridge, opened: Any, qtbot: Any) -> None:
    first, matrix, filters = opened(Activations), opened(Confusion), opened(Filters)
    bridge.start()
    until(qtbot, lambda: matrix.state == "result" and first.state == "result")
    with qtbot.waitSignal(bridge.sample_changed) as heard:
        matrix.sample_selected.emit(12)
    assert heard.args == [12] and first.options().sample == 12
    until(qtbot, lambda: first.state == "result" and first.result.sample == 12)
    with qtbot.waitSignal(bridge.sample_changed):
        first.bar.enter("sample", 3)
    assert bridge.sample == 3
    with qtbot.waitSignal(bridge.node_changed):
        bridge.set_node("flatten")
    assert first.options().node == "flatten" and filters.options().node is None
    bridge.set_node("fc1")
    assert filters.options().node == "fc1"


def test_every_change_of_meaning_is_analysed_and_the_latest_wins(bridge: Bridge, qtbot: Any) -> None:
    found: list[Any] = []
    bridge.analysis.connect(found.append)
    bridge.start()
    document = bridge.project.document
    for count in range(2, 9):
        document.apply(SetFields("conv1", {"out_channels": count}))
    until(qtbot, lambda: found and found[-1].network is document.network)
    assert str(found[-1].output_shape(End("conv1", "out"))) == "8×6×6"
    change = document.apply(Move({"conv1": (5.0, 5.0)}))
    assert not means_more_than_moving(change)


def test_problems_are_said_in_the_view_and_gone_when_solved(bridge: Bridge, opened: Any, qtbot: Any) -> None:
    view = opened(Activations)
    bridge.start()
    until(qtbot, lambda: view.state == "result")
    bridge.project.document.apply(Disconnect([End("fc1", "in")]))
    until(qtbot, lambda: view.state == "empty")
    with qtbot.waitSignal(bridge.wanted) as heard:
        view.message.press()
    assert heard.args == ["problems"]
    bridge.project.document.undo()
    until(qtbot, lambda: view.state == "result")


@pytest.mark.parametrize(
    "settings", [{"source": "crystal ball"}, {"source": "csv", "path": "nowhere.csv"}], ids=["unknown", "missing"]
)
def test_data_that_cannot_be_loaded_is_said(
    settings: dict[str, str], project: Project, qtbot: Any, opened: Any, bridge: Bridge
) -> None:
    from graphs.edits import SetSetting

    project.document.apply(SetSetting("data", settings))
    view = opened(Activations)
    bridge.start()
    until(qtbot, lambda: view.state == "error")
    assert settings.get("path", settings["source"]) in view.message.texts()[1]


def test_painting_is_reported(bridge: Bridge, opened: Any, qtbot: Any, monkeypatch: Any) -> None:
    reported: list[float] = []
    monkeypatch.setattr(bridge.session, "report_painting", reported.append)
    view = opened(Activations)
    bridge.start()
    until(qtbot, lambda: view.state == "result" and len(reported) > 2)
    assert sum(reported) > 0


def test_nothing_is_left_after_closing_early(project: Project, qtbot: Any) -> None:
    bridge = Bridge(project)
    bridge.start()
    bridge.close()
    bridge.close()
    bridge.start()
    assert not bridge._timer.isActive()
    bridge.deleteLater()


def test_curves_that_come_into_view_later_show_what_was_learnt(bridge: Bridge, opened: Any, qtbot: Any) -> None:
    opened(Activations)
    with qtbot.waitSignal(bridge.ready, timeout=60_000):
        bridge.start()
    bridge.session.play()
    until(qtbot, lambda: bridge.session.state == "ended")
    bridge.tick()
    curves = opened(Curves)
    assert curves.state == "result" and len(curves.result.epochs) == 2
