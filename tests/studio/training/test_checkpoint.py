from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from resumed_run import prepared
from safetensors import SafetensorError
from tests_training import DROPOUT, MLP, Runs, chain, made_data

from graphs.files.faults import FileFault
from graphs.layers.catalogue import standard
from studio.recipe import Recipe
from studio.training.checkpoint import Checkpoint
from studio.training.events import Notice
from studio.training.launch import launch
from studio.training.runs import HEADER, RunFolder, claim, fresh_id, run_ids

PROCESS = Path(__file__).with_name("resumed_run.py")


def start(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(PROCESS), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)


def lines(folder: Path) -> list[list[str]]:
    """metrics.csv without the seconds, which no two runs share."""
    return [line.split(",")[:-1] for line in (folder / "metrics.csv").read_text().splitlines()]


def test_a_killed_run_goes_on_bit_by_bit(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    process = start(broken)
    until = time.monotonic() + 60
    while not (broken / "checkpoint.safetensors").exists() or len(lines(broken)) < 9:
        assert time.monotonic() < until, process.communicate()[0]
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.005)
    process.kill()
    process.communicate()
    saved = Checkpoint(broken / "checkpoint.safetensors").load()
    assert saved is not None
    assert 0 < saved.state.step < 240
    for folder in (whole, broken):
        trainer = prepared(folder)
        trainer.start()
        trainer.play()
        assert trainer.join(60)
        assert trainer.ended.reason == "done"

    first, second = (Checkpoint(folder / "checkpoint.safetensors").load() for folder in (whole, broken))
    assert first is not None
    assert second is not None
    assert len(first.history) == 240
    for name, column in first.history.arrays().items():
        if name != "epochs.seconds":
            np.testing.assert_array_equal(second.history.arrays()[name], column, err_msg=name)
    assert all(torch.equal(second.state.weights[name], t) for name, t in first.state.weights.items())
    assert lines(whole) == lines(broken)
    assert len(lines(whole)) == 41


def folder_with(runs: Runs, path: Path, **options: Any) -> RunFolder:
    recipe = Recipe(batch_size=16, epochs=2)
    trainer = launch(chain(MLP), standard(), made_data(), recipe, folder=path, threads=1, **options)
    trainer.start()
    trainer.play()
    assert trainer.join(30)
    return RunFolder(path)


def test_a_folder_says_what_decided_the_run(runs: Runs, tmp_path: Path) -> None:
    folder = folder_with(runs, tmp_path / "run", spec={"source": "made"})
    file = folder.read()
    assert (file.run, file.device, file.threads) == ("run", "cpu", 1)
    assert Recipe.model_validate(file.recipe) == Recipe(batch_size=16, epochs=2)
    assert file.data == {"source": "made"}
    assert json.loads(file.network)["nodes"].keys() == chain(MLP).nodes.keys()
    assert (tmp_path / "run" / "metrics.csv").read_text().splitlines()[0] == HEADER
    assert len(lines(folder.path)) == 3


def resumed(path: Path, recipe: Recipe, layers: Any = MLP, **options: Any) -> Any:
    return launch(chain(layers), standard(), made_data(), recipe, folder=path, resume=True, **options)


def test_more_epochs_go_on_and_other_runs_are_refused(runs: Runs, tmp_path: Path) -> None:
    path = tmp_path / "run"
    folder_with(runs, path)
    trainer = resumed(path, Recipe(batch_size=16, epochs=4))
    trainer.start()
    trainer.play()
    assert trainer.join(30)
    assert len(trainer.history) == 24
    assert [line[0] for line in lines(path)] == ["epoch", "1", "2", "3", "4"]
    for layers, recipe, spec, words in [
        (DROPOUT, Recipe(batch_size=16), {}, "another network"),
        (MLP, Recipe(batch_size=16), {"source": "iris"}, "other data"),
        (MLP, Recipe(batch_size=32), {}, "batch size 16, not 32"),
    ]:
        with pytest.raises(FileFault, match=words):
            resumed(path, recipe, layers, spec=spec)


def test_a_new_run_in_an_old_folder_starts_anew(runs: Runs, tmp_path: Path) -> None:
    folder_with(runs, tmp_path / "run")
    folder = folder_with(runs, tmp_path / "run")
    assert len(lines(folder.path)) == 3


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "foreign", "lacking"])
def test_a_damaged_checkpoint_is_told(runs: Runs, tmp_path: Path, damage: str) -> None:
    from graphs.files.weights import save_weights

    folder = folder_with(runs, tmp_path / "run")
    path = folder.checkpoint.path
    data = path.read_bytes()
    if damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage in ("garbage", "empty"):
        path.write_bytes(b"\xff" * 999 if damage == "garbage" else b"")
    else:
        version = "1" if damage == "lacking" else "99"
        save_weights(path, {"x": torch.zeros(1)}, {"netloom.checkpoint": version, "run": "{}"})
    with pytest.raises(FileFault) as fault:
        folder.load()
    assert "\n" not in str(fault.value)


def tampered(path: Path, **changes: Any) -> None:
    """Writes the checkpoint anew with other values in its header, or other tensors."""
    from graphs.files.weights import load_weights, save_weights

    tensors, told = load_weights(path)
    run = json.loads(told["run"])
    for name, value in changes.items():
        if name == "tensors":
            tensors = {key: value.get(key.split(".")[0], lambda t: t)(tensor) for key, tensor in tensors.items()}
        else:
            run[name] = value
    save_weights(path, tensors, {**told, "run": json.dumps(run)})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": -5}, "step -5"),
        ({"step": 10**9}, "step 1000000000"),
        ({"updates": -1}, "does not fit its rows"),
        ({"notes": {}}, "the learning rate"),
        ({"notes": {"rates": {"base": "x", "fall": 1, "best": None, "waited": 0}}}, "the learning rate"),
        ({"notes": 3}, "the learning rate"),
        ({"slots": {}}, "the optimiser's memory"),
        ({"slots": 3}, "no complete checkpoint"),
        ({"tensors": {"weights": lambda t: t[:1].clone()}}, "where the network has"),
        ({"tensors": {"memory": lambda t: t[:1].clone()}}, "where the network has"),
        ({"tensors": {"gradients": lambda t: t[:1].clone()}}, "where the network has"),
    ],
)
def test_a_checkpoint_of_another_shape_is_one_sentence(
    runs: Runs, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    folder_with(runs, tmp_path / "run")
    tampered(tmp_path / "run" / "checkpoint.safetensors", **changes)
    try:
        trainer = resumed(tmp_path / "run", Recipe(batch_size=16, epochs=4))
        trainer.start()
        trainer.play()
        assert trainer.join(30)
        message = trainer.ended.message
    except FileFault as fault:
        message = str(fault)
    assert message.startswith("checkpoint.safetensors")
    assert words in message
    assert message.endswith("start the run anew.")


def test_a_disk_that_refuses_is_told_once_and_the_run_goes_on(runs: Runs, tmp_path: Path) -> None:
    blocked = tmp_path / "run"
    blocked.write_text("a file where the folder should be")
    trainer = launch(chain(MLP), standard(), made_data(), Recipe(batch_size=16, epochs=2), folder=blocked)
    trainer.start()
    trainer.play()
    assert trainer.join(30)
    notices = [event for event in trainer.stream.drain().events if isinstance(event, Notice)]
    assert trainer.ended.reason == "done"
    assert len(notices) == 1
    assert "no longer saved" in notices[0].message


def test_a_disk_that_is_full_is_told_and_the_run_goes_on(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("safetensors.torch.save_file", refuse)
    trainer = launch(chain(MLP), standard(), made_data(), Recipe(batch_size=16, epochs=2), folder=tmp_path / "run")
    trainer.start()
    trainer.play()
    assert trainer.join(30)
    notices = [event.message for event in trainer.stream.drain().events if isinstance(event, Notice)]
    assert trainer.ended.reason == "done"
    assert trainer.final is not None
    assert len(notices) == 1
    assert "No space left on device" in notices[0]


def test_runs_that_start_together_claim_different_folders(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: claim(tmp_path / "runs"), range(24)))
    assert len(set(claimed)) == 24
    assert all(path.is_dir() for path in claimed)


def test_names_of_runs_are_fresh(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        names.append(fresh_id(tmp_path))
        (tmp_path / names[-1]).mkdir()
        (tmp_path / names[-1] / "run.json").write_text("{}")
    assert len(set(names)) == 3
    assert run_ids(tmp_path) == sorted(names)
    assert run_ids(tmp_path / "nowhere") == []


def test_checkpoints_are_spaced_by_what_they_cost(tmp_path: Path, runs: Runs) -> None:
    checkpoint = Checkpoint(tmp_path / "c.safetensors", least_seconds=0.0)
    assert checkpoint.due()
    trainer = runs.finished()
    checkpoint.save(trainer.final_state, trainer.history)
    assert not checkpoint.due()
    saved = checkpoint.load()
    assert saved.state.step == trainer.final_state.step
    assert replace(saved.state, weights={}, memory={}, gradients={}).notes == trainer.final_state.notes
