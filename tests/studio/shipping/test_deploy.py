"""The deploy folder: predict.py runs with onnxruntime and numpy alone, and says what PyTorch says."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import api
from studio.data.prepare import prepare
from studio.shipping.cargo import Cargo, load
from studio.shipping.deploy import ship_deploy
from studio.shipping.model import ModelOptions
from studio.shipping.shipped import Cancelled, ShippingFault, quietly

from .conftest import LETTERS, computed, learnt, project_of

ALONE = """
import json, runpy, sys
sys.argv = ["predict.py", *sys.argv[1:]]
made = runpy.run_path("predict.py", run_name="__main__")
print(json.dumps([[out.tolist() for out in made["predict"](name)] for name in sys.argv[1:]]))
others = {name.split(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print(sorted(name for name in others if getattr(sys.modules.get(name), "__file__", None)))
"""
ITS_OWN = {"predict", "samples", "answers", "arrays"}
BROUGHT = {"numpy", "onnxruntime", "flatbuffers", "packaging", "google", "coloredlogs", "humanfriendly"}
"""numpy and onnxruntime, and what onnxruntime itself may bring."""


def predicted(folder: Path, *files: str) -> tuple[list[str], list[np.ndarray]]:
    """The lines that predict.py prints, and its outputs, in a process where nothing else may be imported."""
    command = [sys.executable, "-E", "-s", "-B", "-c", f"import sys; sys.path.insert(0, '.')\n{ALONE}", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    *lines, outputs, modules = done.stdout.splitlines()
    others = set(json.loads(modules.replace("'", '"'))) - ITS_OWN - BROUGHT
    assert not {name for name in others if not name.startswith("_")}, others
    return lines, [np.array(each[0], np.float32) for each in json.loads(outputs)]


@pytest.fixture(scope="module")
def digits_folder(digits: Cargo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "digits"
    made = ship_deploy(digits, folder, ModelOptions(), quietly)
    assert made.path == folder and made.facts["largest_difference"] <= 1e-5
    return folder


def test_a_folder_holds_what_it_says_and_predicts_its_example(digits_folder: Path, digits: Cargo) -> None:
    held = {entry.name for entry in digits_folder.iterdir()}
    assert held == {
        *("model.onnx", "preprocessing.json", "labels.txt", "README.md", "example.png"),
        *("predict.py", "answers.py", "arrays.py", "samples.py"),
    }
    assert (digits_folder / "labels.txt").read_text() == "".join(f"{n}\n" for n in range(10))
    code = [line for line in (digits_folder / "predict.py").read_text().splitlines() if line.strip()]
    assert len(code) <= 26
    lines, (outputs,) = predicted(digits_folder, "example.png")
    data = prepare(digits.project.data)
    raw = np.asarray(Image.open(digits_folder / "example.png"), np.float32)[None, None] / 255
    assert np.abs(raw - data.validation.inputs[:1].numpy()).max() <= 0.5 / 255 + 1e-6
    assert np.abs(outputs - computed(digits, raw)).max() <= 1e-5
    assert lines[0].startswith(f"example.png: {outputs.argmax()}  ")


def test_the_card_tells_data_figures_and_leaves_the_licence(digits_folder: Path) -> None:
    card = (digits_folder / "README.md").read_text(encoding="utf-8")
    for words in ("359 held-out samples", "1,438 samples to learn from", "| Right answers |", "python predict.py"):
        assert words in card
    assert "## Licence\n\n*To be written by" in card
    recognised = [line for line in card.splitlines() if line.startswith("| ") and " of " in line]
    assert len(recognised) == 10
    right = sum(int(line.split("|")[2].split(" of ")[0]) for line in recognised)
    assert f"| Right answers | {right / 359:.2%} |" in card


def test_pictures_of_a_folder_are_readied_as_in_training(tmp_path: Path) -> None:
    """Of other sizes, in colours, with transparency: the files themselves, not what was made of them."""
    generator = np.random.default_rng(3)
    for name in ("round", "square"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(12):
            size = generator.integers(10, 60, 2)
            depth = 4 if number % 4 == 3 else 3
            pixels = generator.integers(0, 256, (*size, depth), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{number}.png")
    layers = [api.ImageInput(channels=3, height=12, width=16), api.Flatten(), api.Linear(out_features=2)]
    data = {"source": "folder", "path": str(tmp_path / "pictures"), "height": 12, "width": 16, "normalise": "standard"}
    cargo = learnt(project_of(layers, data), tmp_path, 1)
    ship_deploy(cargo, tmp_path / "it", ModelOptions(), quietly)
    files = sorted((tmp_path / "pictures").glob("*/*.png"), key=lambda file: (file.parent.name, file.name))
    prepared = prepare(cargo.project.data)
    expected = computed(cargo, prepared.validation.inputs.numpy())
    named = [str(files[row]) for row in prepared.validation.rows.tolist()]
    _, outputs = predicted(tmp_path / "it", *named)
    assert np.abs(np.concatenate(outputs) - expected).max() <= 0.02  # a pixel may be off by one of 255 steps


@pytest.mark.parametrize("cut", [20, 40, 60])
def test_a_broken_picture_is_one_sentence(digits_folder: Path, tmp_path: Path, cut: int) -> None:
    example = next(digits_folder.glob("*.png"))
    broken = tmp_path / "broken.png"
    broken.write_bytes(example.read_bytes()[:cut])
    ended = subprocess.run([sys.executable, digits_folder / "predict.py", broken], capture_output=True, text=True)
    assert ended.returncode == 1 and "broken PNG" in ended.stderr and "Traceback" not in ended.stderr


def test_rows_of_a_table_are_found_by_the_names_of_their_columns(iris: Cargo, tmp_path: Path) -> None:
    ship_deploy(iris, tmp_path / "it", ModelOptions(numbers="float16"), quietly)
    assert (tmp_path / "it" / "example.csv").read_text().startswith("sepal length,sepal width,petal length,petal width")
    data = prepare(iris.project.data)
    fed = data.validation.inputs
    raw = data.normalisation.invert(fed).numpy()
    with (tmp_path / "it" / "other.csv").open("w", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["petal width", "note", "sepal length", "petal length", "sepal width"])
        for a, b, c, d in raw.tolist():
            writer.writerow([str(d).replace(".", ","), "x", a, c, b])
    np.save(tmp_path / "it" / "rows.npy", raw)
    lines, (table, rows) = predicted(tmp_path / "it", "other.csv", "rows.npy")
    assert np.abs(table - computed(iris, fed.numpy())).max() <= 0.02
    assert np.abs(rows - table).max() <= 1e-4
    guesses = [line.partition(": ")[2].split("  ")[0] for line in lines[: len(raw)]]
    assert guesses == [data.classes[k] for k in table.argmax(1)]


def test_texts_are_read_by_their_characters(texts: Cargo, tmp_path: Path) -> None:
    ship_deploy(texts, tmp_path / "it", ModelOptions(), quietly)
    data = prepare(texts.project.data)
    assert data.vocabulary == tuple(LETTERS)
    tokens = data.validation.inputs[3].numpy()
    text = "".join(LETTERS[token] for token in tokens)
    (tmp_path / "it" / "long.txt").write_text("abcabc" + text, encoding="utf-8")
    _, (example, long) = predicted(tmp_path / "it", "example.txt", "long.txt")
    assert np.abs(example - computed(texts, data.validation.inputs[:1].numpy())).max() <= 1e-5
    assert np.abs(long - computed(texts, tokens[None])).max() <= 1e-5
    for content, said in (("abc", "it holds 3 tokens, and the network takes 12"), ("q" * 12, "never saw “q”")):
        (tmp_path / "it" / "bad.txt").write_text(content, encoding="utf-8")
        command = [sys.executable, "-B", "predict.py", "bad.txt"]
        done = subprocess.run(command, cwd=tmp_path / "it", capture_output=True, text=True, check=False)
        assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr


def test_several_inputs_come_as_arrays(branches_project: object, tmp_path: Path) -> None:
    cargo = load(branches_project)  # type: ignore[arg-type]
    made = ship_deploy(cargo, tmp_path / "it", ModelOptions(), quietly)
    assert "example.npz" in made.facts["files"] and "labels.txt" not in made.facts["files"]
    assert "was not measured" in (tmp_path / "it" / "README.md").read_text()


def test_int8_in_a_folder_is_judged(digits: Cargo, tmp_path: Path) -> None:
    made = ship_deploy(digits, tmp_path / "it", ModelOptions(numbers="int8"), quietly)
    before, after = (made.facts["judged"][key]["accuracy"] for key in ("before", "after"))
    card = (tmp_path / "it" / "README.md").read_text()
    assert f"| Right answers | {after:.2%} |\n| Right answers of the float32 model | {before:.2%} |" in card


def test_what_a_person_keeps_is_never_replaced(digits: Cargo, tmp_path: Path) -> None:
    (tmp_path / "it").mkdir()
    (tmp_path / "it" / "notes.txt").write_text("mine")
    with pytest.raises(ShippingFault, match="holds files already; name a new folder"):
        ship_deploy(digits, tmp_path / "it", ModelOptions(), quietly)
    with pytest.raises(ShippingFault, match="is a file; name a new folder"):
        ship_deploy(digits, tmp_path / "it" / "notes.txt", ModelOptions(), quietly)
    assert [entry.name for entry in tmp_path.iterdir()] == ["it"]


def test_cancelled_or_failed_nothing_stays(digits: Cargo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancel(share: float, words: str) -> None:
        if words.startswith("Running predict.py"):
            raise Cancelled

    with pytest.raises(Cancelled):
        ship_deploy(digits, tmp_path / "it", ModelOptions(), cancel)
    monkeypatch.setattr("studio.shipping.deploy.ASK", "print('[[[0.5]]]')")
    with pytest.raises(ShippingFault, match=r"predict\.py differs from the model"):
        ship_deploy(digits, tmp_path / "it", ModelOptions(), quietly)
    assert not list(tmp_path.iterdir())
