"""The verbs of the terminal: what they write, what they say, and their exit codes."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import main as door
from graphs.edits import RemoveNodes, SetNodes
from graphs.files.storage import load_weights
from studio.project import open_project
from studio.terminal import commands
from studio.terminal import speech as terminal

ROOT = Path(__file__).parents[3]
COLUMNS = ["epoch", "step", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"]


@pytest.fixture
def call(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments):
        code = door.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return call


@pytest.fixture
def no_onnx(monkeypatch):
    """Leaves the ONNX file out, which takes a second, where a test is about something else."""

    def leave_out(built, path, data, report=None, *, step=None):
        return SimpleNamespace(path=path, differences={1: 0.0})

    monkeypatch.setattr("studio.outputs.write_onnx", leave_out)


def refused(call, *arguments):
    """The one sentence that a fault is."""
    code, _, err = call(*arguments)
    assert code == 1
    assert err.count("\n") == 1
    return err


def test_help_names_every_verb(call):
    code, out, _ = call("--help")
    assert code == 0
    for verb in door.VERBS:
        assert verb in out
        assert call(verb, "--help")[0] == 0
    assert commands.VERBS == door.VERBS


def test_help_reads_well(call):
    texts = [call(*verb, "--help")[1] for verb in (["train"], ["screenshot"], ["check"])]
    assert all("{" not in text and "<bool>" not in text and "...]" not in text for text in texts)
    assert "view-confusion" in texts[1]
    assert re.fullmatch(r"Netloom \d+\.\d+\.\d+\n", call("--version")[1])


def test_help_names_the_pictures_that_there_are():
    script = "from widgets import screenshot; from studio.terminal.commands import PICTURES as told\n"
    script += "assert told == ', '.join(screenshot.names()), told"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)


def test_a_terminal_without_our_letters_is_spoken_to():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for verb, code in ((["examples"], 0), (["check", "lenet-digits"], 0), (["xor", "extra"], 2), (["check", "no"], 1)):
        command = [sys.executable, str(ROOT / "main.py"), *verb]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="ascii")
        assert done.returncode == code
        assert "codec" not in done.stderr


def test_a_second_argument_is_unexpected(call):
    code, _, err = call("xor", "extra")
    assert code == 2
    assert "“extra” is an unexpected argument" in err


def test_a_figure_is_written(call, tmp_path):
    path = tmp_path / "xor.svg"
    code, out, _ = call("export", "xor", "--picture", path, "--style", "figure", "--form", "boxes", "--greyscale")
    assert code == 0 and str(path) in out
    assert "dense" in path.read_text(encoding="utf-8")
    code, _, err = call("export", "xor", "--picture", path, "--greyscale")
    assert code == 2 and "--style figure" in err


def test_a_picture_of_another_kind_is_refused_before_anything_is_written(call, tmp_path):
    source, picture = tmp_path / "x.py", tmp_path / "x.png"
    assert "ends in .svg" in refused(call, "export", "xor", "--picture", picture, "--source", source)
    assert list(tmp_path.iterdir()) == []


def test_examples(call):
    assert "LeNet-5" in call("examples")[1]
    listed = json.loads(call("examples", "--json")[1])
    assert listed[0]["name"] == "lenet-digits"
    assert all(Path(entry["path"]).is_file() for entry in listed)


def test_check_says_shapes_and_costs(call):
    code, out, _ = call("check", "lenet-digits")
    assert code == 0
    for part in ("61,706 parameters", "416,520 multiply-adds", "16×5×5", "It can be built and trained."):
        assert part in out
    found = json.loads(call("check", "xor", "--json")[1])
    assert found["buildable"]
    assert found["parameters"] == 17
    assert found["nodes"][1]["shape"] == "4"


def test_check_exits_with_1_for_what_cannot_be_built(call, tmp_path):
    project = open_project("lenet-digits")
    project.document.apply(RemoveNodes(("flatten",)))
    path = project.save(tmp_path / "broken")
    code, out, err = call("check", path)
    assert code == 1
    assert "error:" in out
    assert "broken cannot be built" in err
    code, out, _ = call("check", path, "--json")
    assert code == 1
    assert not json.loads(out)["buildable"]


def test_check_says_where_the_data_does_not_fit(call, tmp_path):
    project = open_project("lenet-digits")
    project.set_data(project.data.model_copy(update={"size": 8}))
    path = project.save(tmp_path / "small")
    code, out, _ = call("check", path)
    assert code == 0
    assert "The samples are 1×8×8, but the network takes 1×28×28" in out
    assert "The samples are 1×8×8" in refused(call, "train", path)
    assert not (tmp_path / "small.runs").exists()


def rows_of(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_train_writes_metrics_model_weights_and_curves(call, tmp_path):
    code, out, err = call("train", "xor", "--epochs", 40, "--seed", 3, "--device", "cpu", "--out", tmp_path)
    assert code == 0
    assert "40 epochs, 40 steps" in out
    assert "epoch 40 of 40" in err
    rows = rows_of(tmp_path)
    assert list(rows[0]) == COLUMNS
    assert len(rows) == 40
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    for name in ("model.onnx", "weights.safetensors", "curves.svg"):
        assert (tmp_path / name).stat().st_size > 100


def test_a_resumed_run_is_the_uninterrupted_one(call, no_onnx, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert call("train", "xor", "--epochs", 30, "--out", whole)[0] == 0
    assert call("train", "xor", "--epochs", 12, "--out", parts)[0] == 0
    code, out, _ = call("train", "xor", "--epochs", 30, "--out", parts, "--resume")
    assert code == 0
    assert "30 epochs, 18 steps" in out
    same = COLUMNS[:-1]
    assert [[row[c] for c in same] for row in rows_of(parts)] == [[row[c] for c in same] for row in rows_of(whole)]
    first, second = (load_weights(folder / "weights.safetensors")[0] for folder in (whole, parts))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_resuming_keeps_the_seed_and_recipe_of_the_run(call, no_onnx, tmp_path):
    assert call("train", "xor", "--epochs", 5, "--seed", 9, "--out", tmp_path)[0] == 0
    assert call("train", "xor", "--epochs", 8, "--out", tmp_path, "--resume")[0] == 0
    assert json.loads((tmp_path / "run.json").read_text())["recipe"]["seed"] == 9
    assert len(rows_of(tmp_path)) == 8


def test_resuming_without_out_takes_the_last_run(call, no_onnx, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "no run to resume" in refused(call, "train", "xor", "--resume")
    assert call("train", "xor", "--epochs", 5)[0] == 0
    assert call("train", "xor", "--epochs", 9, "--resume")[0] == 0
    folders = list((tmp_path / "xor.runs").iterdir())
    assert len(folders) == 1
    assert len(rows_of(folders[0])) == 9


def test_what_cannot_be_resumed_is_said(call, no_onnx, tmp_path):
    assert call("train", "xor", "--epochs", 5, "--out", tmp_path)[0] == 0
    assert "another network" in refused(call, "train", "spiral", "--out", tmp_path, "--resume")
    (tmp_path / "checkpoint.safetensors").write_bytes(b"not a checkpoint")
    assert "checkpoint.safetensors" in refused(call, "train", "xor", "--out", tmp_path, "--resume")
    (tmp_path / "run.json").write_bytes(b"{}")
    assert "run.json" in refused(call, "train", "xor", "--out", tmp_path, "--resume")


def test_a_new_run_in_an_old_folder_starts_anew_and_keeps_the_old_one(call, no_onnx, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for epochs in (6, 4, 3):
        code, _, err = call("train", "xor", "--epochs", epochs, "--out", tmp_path)
        assert code == 0
        assert ("is kept in" in err) == (epochs != 6)
    assert len(rows_of(tmp_path)) == 3
    previous = tmp_path / "previous"
    assert len(rows_of(previous)) == 4
    assert (previous / "weights.safetensors").exists()
    assert (tmp_path / "notes.txt").exists()
    assert call("train", "xor", "--epochs", 7, "--out", previous, "--resume")[0] == 0


def test_a_start_that_fails_leaves_nothing_and_destroys_nothing(call, no_onnx, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = open_project("lenet-digits")
    project.set_data(project.data.model_copy(update={"size": 8}))
    path = project.save(tmp_path / "small")
    refused(call, "train", path)
    refused(call, "train", path, "--out", tmp_path / "deep" / "out")
    refused(call, "screenshot", "bogus", "--out", tmp_path / "shots")
    assert list(tmp_path.iterdir()) == [path]
    assert call("train", "xor", "--epochs", 3, "--out", tmp_path / "run")[0] == 0
    refused(call, "train", path, "--out", tmp_path / "run")
    assert len(rows_of(tmp_path / "run")) == 3


def test_a_folder_for_runs_that_cannot_be_written_is_said_first(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "xor.runs").write_text("a file")
    assert "xor.runs is a file" in refused(call, "train", "xor")


def test_a_run_that_is_done_says_so(call, no_onnx, tmp_path):
    assert "holds no run to resume" in refused(call, "train", "xor", "--out", tmp_path / "new", "--resume")
    assert not (tmp_path / "new").exists()
    assert call("train", "xor", "--epochs", 5, "--out", tmp_path)[0] == 0
    code, out, _ = call("train", "xor", "--epochs", 3, "--out", tmp_path, "--resume")
    assert code == 0
    assert "done already: it has made 5 epochs" in out


def test_a_run_that_fails_keeps_its_last_sound_weights(call, tmp_path):
    project = open_project("spiral")
    recipe = {"optimiser": "sgd", "learning_rate": 10.0, "loss": "mse", "epochs": 50}
    project.set_recipe(project.recipe.model_copy(update=recipe))
    path = project.save(tmp_path / "wild")
    assert "finite" in call("train", path, "--out", tmp_path / "run")[2]
    assert not (tmp_path / "run" / "model.onnx").exists()
    assert "<svg" in (tmp_path / "run" / "curves.svg").read_text()
    state, _ = load_weights(tmp_path / "run" / "weights.safetensors")
    assert all(torch.isfinite(tensor).all() for tensor in state.values())


def test_export_every_kind_of_file(call, tmp_path):
    assert call("train", "xor", "--epochs", 5, "--out", tmp_path)[0] == 0
    model, source, picture = tmp_path / "m.onnx", tmp_path / "m.py", tmp_path / "m.svg"
    weights = tmp_path / "weights.safetensors"
    code, out, _ = call(
        "export", "xor", "--onnx", model, "--source", source, "--picture", picture, "--weights", weights
    )
    assert code == 0
    assert "checked" in out
    assert "untrained" not in out
    assert "class Xor(nn.Module)" in source.read_text(encoding="utf-8")
    assert picture.read_text(encoding="utf-8").startswith("<svg")

    from graphs.exchange.from_onnx.ours import open_onnx

    network, state = open_onnx(model)
    assert network.nodes.keys() == open_project("xor").network.nodes.keys()
    trained, _ = load_weights(weights)
    assert all((state[name] == trained[name]).all() for name in trained)
    assert "untrained weights, seed 0" in call("export", "xor", "--onnx", tmp_path / "fresh.onnx")[1]


def test_our_own_onnx_files_are_projects(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("train", "xor", "--epochs", 5, "--out", tmp_path / "run")[0] == 0
    model, again = tmp_path / "run" / "model.onnx", tmp_path / "again.onnx"
    assert "17 parameters" in call("check", model)[1]
    assert "weights of step 5" in call("export", model, "--onnx", again)[1]

    from graphs.exchange.from_onnx.ours import open_onnx

    first, second = open_onnx(model)[1], open_onnx(again)[1]
    assert all((first[name] == second[name]).all() for name in first)
    assert call("train", model, "--epochs", 2, "--out", tmp_path / "more")[0] == 0
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    assert "bad.onnx" in refused(call, "check", tmp_path / "bad.onnx")


def test_faults_are_one_sentence_and_exit_code_1(call, tmp_path):
    (tmp_path / "bad.netloom").write_bytes(b"\xff\xfe")
    (tmp_path / "taken").write_text("a file")
    bad, taken = tmp_path / "bad.netloom", tmp_path / "taken"
    weights = tmp_path / "w.safetensors"
    weights.write_bytes(b"hello")
    assert "bad.netloom" in refused(call, "check", bad)
    assert "did you mean “xor”?" in refused(call, "train", "xorr")
    assert "is a folder" in refused(call, "check", tmp_path)
    assert "is a file; name a folder" in refused(call, "train", "xor", "--out", taken)
    assert "taken" in refused(call, "train", "xor", "--out", taken / "deeper")
    assert "w.safetensors" in refused(call, "export", "xor", "--onnx", tmp_path / "m.onnx", "--weights", weights)
    assert "no" in refused(call, "export", "xor", "--onnx", tmp_path / "m.onnx", "--weights", tmp_path / "no.st")
    assert "could not be written" in refused(call, "export", "xor", "--source", tmp_path / "no" / "m.py")
    assert "could not be written" in refused(call, "export", "xor", "--picture", tmp_path)
    assert not (tmp_path / "m.onnx").exists()
    for option, name in (("--source", "m.py"), ("--onnx", "m.onnx"), ("--picture", "m.svg")):
        told = refused(call, "export", "xor", option, tmp_path / "nope" / name)
        assert name in told and f"there is no folder “{tmp_path / 'nope'}”" in told


def test_a_name_that_is_not_there_is_told_with_file_node_field_and_remedy(call, tmp_path):
    project = open_project("lenet-digits")
    conv = project.network.nodes["conv1"]
    named = SetNodes((replace(conv, name="First Edges", fields={**conv.fields, "out_channels": "=widht*2"}),), "name")
    project.document.apply(named)
    bad = project.save(tmp_path / "bad")
    for words in (["train", bad, "--out", tmp_path / "run"], ["export", bad, "--onnx", tmp_path / "m.onnx"]):
        told = refused(call, *words)
        assert "bad.netloom: First Edges: Filters has no value. There is no “widht”" in told
        assert "To mend it: use the default of Filters." in told
    assert "out_channels" not in call("check", bad)[1]


def test_a_batch_larger_than_the_set_is_the_whole_set(call, no_onnx, tmp_path):
    project = open_project("xor")
    project.set_recipe(project.recipe.model_copy(update={"batch_size": 64}))
    path = project.save(tmp_path / "large")
    assert "It can be built and trained" in call("check", path)[1]
    code, out, err = call("train", path, "--epochs", 3, "--out", tmp_path / "run")
    assert code == 0
    assert "3 epochs, 3 steps" in out
    assert "larger than the 4 training samples: every step takes them all" in err


def test_weights_of_another_network_are_refused(call, no_onnx, tmp_path):
    assert call("train", "xor", "--epochs", 2, "--out", tmp_path)[0] == 0
    message = refused(
        call, "export", "spiral", "--onnx", tmp_path / "m.onnx", "--weights", tmp_path / "weights.safetensors"
    )
    assert "weights.safetensors" in message


@pytest.mark.parametrize(
    "arguments",
    [
        ["train"],
        ["train", "xor", "--epochs", "0"],
        ["train", "xor", "--device", "abacus"],
        ["train", "xor", "--out", ""],
        ["export", "xor", "--onnx", ""],
        ["export", "xor"],
        ["export", "xor", "--source", "m.py", "--weights", "w"],
        ["check", "xor", "--nonsense"],
        ["screenshot"],
        ["screenshot", "--all", "window"],
        ["screenshot", "--all", "--size", "small"],
        ["trian", "xor"],
        ["--nonsense"],
    ],
)
def test_wrong_usage_is_exit_code_2(call, arguments):
    assert call(*arguments)[0] == 2


def test_a_wrong_verb_gets_a_hint(call):
    assert "did you mean “train”?" in call("trian", "xor")[2]


def test_screenshots_are_taken_by_what_main_gives(tmp_path, capsys):
    asked = []

    def take(names, theme, size, out):
        asked.append((names, theme, size, out))
        return [out / "window-light.png"]

    arguments = ["screenshot", "window", "--theme", "light", "--size", "800×600", "--out", str(tmp_path / "new")]
    assert commands.run(arguments, take) == 0
    assert asked == [(["window"], "light", (800, 600), tmp_path / "new")]
    assert "window-light.png" in capsys.readouterr().out


def test_the_main_job_without_a_display(call, no_onnx, tmp_path, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(door, "FIRST", "xor")
    monkeypatch.setattr(door, "screenshots", lambda names, theme, size, out: [out / "window-dark.png"])
    monkeypatch.chdir(tmp_path)
    assert door.no_display()
    code, out, _ = call()
    assert code == 0
    for part in ("model.onnx", "curves.svg", "window-dark.png"):
        assert part in out


def test_a_display_is_looked_for(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    assert not door.no_display()
    monkeypatch.delenv("DISPLAY")
    assert door.no_display()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not door.no_display()


def test_ctrl_c_anywhere_is_one_word(capsys):
    def interrupted():
        raise KeyboardInterrupt

    assert terminal.guarded(interrupted) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_qt_that_cannot_be_loaded_is_one_sentence(call, tmp_path, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setitem(sys.modules, "widgets.app", None)
    monkeypatch.setitem(sys.modules, "widgets.screenshot", None)
    assert "needs Qt" in refused(call, "xor")
    assert "cannot be loaded" in refused(call, "screenshot", "--all", "--out", tmp_path)


def started(*arguments, **options):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, str(ROOT / "main.py"), *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", **options
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows delivers Ctrl+C to a whole console")
@pytest.mark.skipif(signal.getsignal(signal.SIGINT) == signal.SIG_IGN, reason="a job in the background hears no Ctrl+C")
def test_ctrl_c_in_training_keeps_the_run(tmp_path):
    process = started("train", "mlp-digits", "--epochs", 100_000, "--out", tmp_path)
    limit = time.monotonic() + 60
    while not rows_written(tmp_path) and time.monotonic() < limit:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "--resume" in err.splitlines()[-1]
    assert (tmp_path / "checkpoint.safetensors").exists()


def rows_written(folder):
    path = folder / "metrics.csv"
    return path.exists() and path.read_text().count("\n") > 2


def test_the_verbs_import_neither_qt_nor_for_help_torch():
    script = (
        "import sys, main\n"
        "assert main.main(['examples']) == 0 and main.main(['train', '--help']) == 0\n"
        "print(sorted(m for m in ('torch', 'PySide6', 'sklearn', 'onnx') if m in sys.modules))\n"
        "assert main.main(['check', 'xor']) == 0\n"
        "print([m for m in sys.modules if m.startswith(('PySide6', 'pyqtgraph', 'widgets'))])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("[]\n") == 2


def test_a_reader_that_goes_away_is_no_traceback():
    process = started("examples", "--json")
    process.stdout.close()
    err = process.stderr.read()
    process.wait(60)
    process.stderr.close()
    assert "Traceback" not in err
