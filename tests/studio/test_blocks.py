"""A project with a repeated block, a bypassed node, a muted branch and a hyperparameter, from design to reopening."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from graphs.building.build import build
from graphs.document import Document
from graphs.edits import InBlock, Move, SetFields, SetMarks, SetMode, SetSetting
from graphs.meaning.flat import flatten
from graphs.network import Block, Network, Note
from studio import api, headless
from studio.checking import check
from studio.design import design_of, only_moved
from studio.exporting import onnx
from studio.inspection.activations import ActivationsOptions
from studio.inspection.activations import analyse as activations
from studio.inspection.filters import FiltersOptions
from studio.inspection.filters import analyse as filters
from studio.inspection.probe import Probe
from studio.inspection.saliency import SaliencyOptions
from studio.inspection.saliency import analyse as saliency
from studio.inspection.statistics import StatisticsOptions
from studio.inspection.statistics import analyse as statistics
from studio.project import Project, open_project
from studio.session import Session
from studio.terminal.commands import app
from studio.terminal.speech import guarded
from studio.training.faults import layers
from studio.training.launch import launch
from studio.training.runs import RunFolder
from studio.weights import learnt
from tests.graphs.conftest import net

RESIDUAL = Block(
    "res",
    "Residual",
    net(
        {
            "in1": ("BlockInput", {}),
            "conv1": ("Conv2d", {"out_channels": "=width", "padding": "same"}),
            "relu1": ("ReLU", {}),
            "add1": ("Add", {}),
            "out1": ("BlockOutput", {}),
        },
        "in1>conv1 conv1>relu1 relu1>add1.a in1>add1.b add1>out1",
    ),
    {"width": "=wide"},
)


def design() -> Network:
    """Digits, 8×8: a convolution, two residual blocks in a row, a muted branch, a bypassed layer, a dot."""
    made = net(
        {
            "image": ("ImageInput", {"height": 8, "width": 8}),
            "conv": ("Conv2d", {"out_channels": "=wide", "padding": "same"}),
            "res1": ("block-res", {"repeat": 2}),
            "gate": ("Sigmoid", {}),
            "both": ("Add", {}),
            "drop": ("Dropout", {}),
            "dot1": ("Reroute", {}),
            "flat": ("Flatten", {}),
            "fc": ("Linear", {"out_features": 10}),
            "output": ("Output", {}),
        },
        "image>conv conv>res1.in1 res1.out1>both.a conv>gate gate>both.b both>drop drop>dot1 dot1>flat flat>fc "
        "fc>output",
        hyperparameters={"wide": 3},
        data={"source": "digits", "size": 8},
        recipe={"epochs": 1, "batch_size": 64, "device": "cpu"},
    )
    modes = {"gate": "mute", "drop": "bypass"}
    nodes = {id: replace(node, mode=modes.get(id, "")) for id, node in made.nodes.items()}
    return replace(made, nodes=nodes, blocks={"res": RESIDUAL})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("blocks")


@pytest.fixture(scope="module")
def trained(folder: Path) -> api.Trained:
    """One epoch, kept in a folder, and one more after it."""
    project = Project(Document(design()), name="blocks")
    api.train(project, folder=folder / "run")
    return api.Trained(headless.train(project, folder / "run", resume=True, changes={"epochs": 2}))


def test_it_trains_and_goes_on_as_if_never_stopped(trained: api.Trained) -> None:
    straight = api.train(Project(Document(design())), epochs=2)
    assert len(trained.history.epochs) == 2 and trained.run.resumed
    assert "res1.1.conv1.weight" in trained.run.final.weights
    for name, weight in straight.run.final.weights.items():
        assert torch.equal(weight, trained.run.final.weights[name])
    assert trained.predict(torch.zeros(2, 1, 8, 8)).shape == (2, 10)


def test_every_layer_inside_a_block_can_be_looked_at(trained: api.Trained) -> None:
    probe = trained.probe
    look = activations(probe, ActivationsOptions(node="res1/0/conv1", health_samples=16), lambda share: None)
    assert look.full is not None and look.full.shape == (3, 8, 8)
    wanted = {"image", "conv", "flat", "fc", "output"} | {
        f"res1/{i}/{n}" for i in (0, 1) for n in ("conv1", "relu1", "add1")
    }
    assert set(look.thumbnails) == wanted and set(look.health) == wanted
    values = probe.activations(probe.inputs("validation")[:4])
    assert torch.equal(values["res1/1/add1"], values["res1/1/relu1"] + values["res1/0/add1"])
    part = probe.up_to("res1/1/conv1")(probe.inputs("validation")[:4])
    assert torch.allclose(part, values["res1/1/conv1"], atol=1e-6)
    assert filters(probe, FiltersOptions(node="res1/1/conv1"), lambda share: None) is not None
    found = {layer.node for layer in statistics(probe, StatisticsOptions(), lambda share: None).layers}
    assert {"conv", "res1/0/conv1", "res1/1/conv1", "fc"} == found
    assert saliency(probe, SaliencyOptions(), lambda share: None) is not None


def test_it_is_saved_and_opened_with_what_it_learnt(trained: api.Trained, folder: Path) -> None:
    path = trained.save(folder / "kept")
    again = open_project(path)
    assert again.network == trained.network and "block-res" in again.catalogue.kinds
    built = build(again.network, again.catalogue, seed=0)
    found = learnt.fitting(again.learnt, again.network, again.catalogue, built.module.state_dict())
    assert found is not None and torch.equal(
        found.weights["res1.0.conv1.bias"], trained.run.final.weights["res1.0.conv1.bias"]
    )
    probe = Probe(again.network, again.catalogue, trained.run.data)
    probe.load(trained.run.final)


def test_a_model_of_it_is_exported_and_compared(trained: api.Trained, folder: Path) -> None:
    report, which = onnx(open_project(trained.save(folder / "given")), folder / "given.onnx")
    assert report.checked and max(report.differences.values()) < 1e-4 and "step" in which


def test_the_design_is_what_is_computed() -> None:
    network, catalogue = design(), Project(Document(design())).catalogue
    first = design_of(network, catalogue)
    same = [
        Move({"fc": (9.0, 9.0)}),
        SetMarks({"n": Note("n", "words")}),
        InBlock("res", Move({"conv1": (5.0, 5.0)})),
        SetFields("drop", {"p": 0.1}),
        SetFields("res1", {"width": 3}),
    ]
    other = [
        SetMode(("gate",), ""),
        SetFields("res1", {"repeat": 3}),
        SetSetting("hyperparameters", {"wide": 4}),
        InBlock("res", SetFields("conv1", {"bias": False})),
    ]
    assert {design_of(edit.apply(network)[0], catalogue) for edit in same} == {first}
    assert first not in {design_of(edit.apply(network)[0], catalogue) for edit in other}
    assert design_of(network, catalogue) == design_of(flatten(network, catalogue).network, catalogue)


def test_a_run_of_another_width_is_not_gone_on_with(trained: api.Trained, folder: Path) -> None:
    wider = SetSetting("hyperparameters", {"wide": 4}).apply(trained.network)[0]
    with pytest.raises(Exception, match="another network"):
        headless.train(Project(Document(wider)), folder / "run", resume=True, changes={"epochs": 3})


def test_moving_and_marks_are_no_reason_to_begin_anew() -> None:
    project = Project(Document(design()))
    marked = project.document.apply(SetMarks({"n": Note("n", "words")}))
    assert only_moved(marked) and only_moved(project.document.apply(SetSetting("canvas", {"bookmarks": {}})))
    assert not only_moved(project.document.apply(SetMode(("drop",), "")))
    assert not only_moved(project.document.apply(InBlock("res", SetFields("conv1", {"bias": False}))))


def test_a_project_knows_its_blocks_before_anybody_else_hears_of_them() -> None:
    project = Project(Document(design()))
    heard: list[Any] = []
    stop = project.document.subscribe(lambda change: heard.append(project.catalogue.layer(change.after.nodes["conv"])))
    project.document.apply(SetSetting("hyperparameters", {"wide": 7}))
    assert heard[0].out_channels == 7
    project.document.undo()
    assert heard[1].out_channels == 3
    stop()
    project.document.replace(Network())
    assert "block-res" not in project.catalogue.kinds


class Breaks(nn.Module):
    """Gives what is no number once its weight has moved."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        return (x + self.moved) / (self.moved.detach().abs() < 1e-3).float()


def test_the_layer_inside_a_block_that_breaks_is_named(trained: api.Trained) -> None:
    project = Project(Document(design()))
    trainer = launch(project.network, project.catalogue, trained.run.data, project.recipe)
    inner: Any = trainer.built.module.get_submodule("res1.1")
    inner.relu1 = Breaks()
    trainer.start()
    trainer.play()
    assert trainer.join(60)
    assert trainer.ended is not None and trainer.ended.reason == "failed"
    assert trainer.ended.node == "res1/1/relu1"


def test_layers_of_a_module_are_those_that_nodes_own() -> None:
    project = Project(Document(design()))
    built = build(project.network, project.catalogue)
    assert {path for path, _ in layers(built.module)} == {n for i, n in built.names.items() if i not in built.inputs}


def test_the_terminal_says_blocks_and_hyperparameters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Project(Document(design())).save(tmp_path / "p")
    assert guarded(lambda: app(["check", str(path)], standalone_mode=False)) == 0
    told = capsys.readouterr().out
    assert "Residual" in told and "×2" in told and "wide = 3" in told and "muted" in told and "bypassed" in told
    assert guarded(lambda: app(["check", str(path), "--json"], standalone_mode=False)) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["hyperparameters"] == {"wide": 3} and values["parameters"] == check(open_project(path)).parameters
    broken = SetFields("res1", {"width": "=gone"}).apply(design())[0]
    path = Project(Document(broken)).save(tmp_path / "q")
    assert guarded(lambda: app(["check", str(path)], standalone_mode=False)) == 1
    assert "gone" in capsys.readouterr().err


def test_the_window_reopens_it_where_it_stood(tmp_path: Path) -> None:
    path = Project(Document(design())).save(tmp_path / "w")
    run = open_project(path).runs / "run-1"
    api.train(open_project(path), folder=run)
    assert RunFolder(run).read().design == design_of(design(), open_project(path).catalogue)
    session = Session(open_project(path))
    end = time.monotonic() + 60
    while session.poll().status.step != 23 and time.monotonic() < end:
        time.sleep(0.01)
    step = session.poll().status.step
    assert session.close() and step == 23


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 4), st.integers(1, 6))
def test_costs_follow_repeats_and_width(repeat: int, wide: int) -> None:
    network = SetFields("res1", {"repeat": repeat}).apply(design())[0]
    network = SetSetting("hyperparameters", {"wide": wide}).apply(network)[0]
    found = check(Project(Document(network)))
    inner = repeat * (wide * wide * 9 + wide)
    assert found.buildable and found.parameters == (9 * wide + wide) + inner + (64 * wide * 10 + 10)
    assert math.isclose(next(row for row in found.rows if row.id == "res1").parameters, inner)
