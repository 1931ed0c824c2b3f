"""A folder that runs anywhere: the model, how to ready data for it, its labels, a short `predict.py`, and a card.

Before it is put in its place, `predict.py` runs there in a process of its own on a real sample, and what it says is
compared with what the model and PyTorch give for that sample here.
"""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from graphs.files.faults import unwritable
from studio.shipping.card import card
from studio.shipping.cargo import Cargo
from studio.shipping.half import half_model
from studio.shipping.int8 import int8_model
from studio.shipping.judging import run
from studio.shipping.model import ModelOptions, float_model
from studio.shipping.readying import classes_of, preprocessing
from studio.shipping.sample import Sample, sample
from studio.shipping.shipped import Report, Shipped, ShippingFault, part, quietly, size_of
from studio.shipping.smaller import Compared, alone

KIT = Path(__file__).resolve().parent.parent.parent / "resources" / "deploy"
MODEL, READYING, LABELS, CARD = "model.onnx", "preprocessing.json", "labels.txt", "README.md"
ALWAYS = ("predict.py", "answers.py", "arrays.py")
PATIENCE = 120
"""Seconds that predict.py may take for one sample."""
TOLERANCE = 1e-5
"""How far predict.py may be from what the same model gives for that sample here, as a share of the largest value."""
JUDGED = ("Accuracy", "Loss", "Judged on")
ASK = "import json, sys, predict; print(json.dumps([x.tolist() for x in predict.predict(sys.argv[1])]))"


def ship_deploy(cargo: Cargo, path: Path, options: ModelOptions, report: Report) -> Shipped:
    """Writes the folder, which must not hold anything yet. Raises ExportError, ShippingFault, FileFault."""
    free_place(path)
    model, judged, warning = _model(cargo, options, part(report, 0.0, 0.75))
    told, example = preprocessing(cargo), sample(cargo)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Path(mkdtemp(prefix=f".{path.name[:40]}.", dir=path.parent))
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        _fill(made, model, told, cargo, example)
        report(0.8, "Running predict.py on a sample")
        said, apart = verify(made, model, example, cargo)
        (made / CARD).write_text(card(cargo, told, judged, options, said, example.name), encoding="utf-8")
        report(0.97, "Putting it in its place")
        _place(made, path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    report(1.0, "Written")
    return _shipped(cargo, path, judged, options, said, apart, warning)


def free_place(path: Path) -> None:
    """Raises ShippingFault where something is in the way: what a person keeps there is never replaced."""
    try:
        taken = path.is_file() or (path.is_dir() and any(path.iterdir()))
    except OSError as error:
        raise unwritable(path, error) from error
    if taken:
        what = "is a file" if path.is_file() else "holds files already"
        raise ShippingFault(f"{path} {what}; name a new folder.")


def _model(cargo: Cargo, options: ModelOptions, report: Report) -> tuple[bytes, Compared, str]:
    """The model of the wanted numbers, how it does beside the float32 one, and what to know of it."""
    if options.numbers == "int8":
        found, _ = int8_model(cargo, options, report)
        return found.model, found, found.warning
    if options.numbers == "float16":
        found, words = half_model(cargo, options, report)
        return found.model, found, words
    data, _ = float_model(cargo, options, part(report, 0.0, 0.7))
    return data, alone(cargo, data, part(report, 0.7, 1.0)), ""


def _fill(folder: Path, model: bytes, told: dict[str, Any], cargo: Cargo, example: Sample) -> None:
    folder.chmod(0o755)
    (folder / MODEL).write_bytes(model)
    (folder / READYING).write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if classes := classes_of(cargo):
        lines = (" ".join(name.split()) or str(number) for number, name in enumerate(classes))
        (folder / LABELS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for name in ALWAYS:
        shutil.copyfile(KIT / name, folder / name)
    shutil.copyfile(KIT / f"{told['kind']}.py", folder / "samples.py")
    (folder / example.name).write_bytes(example.data)


def verify(folder: Path, model: bytes, example: Sample, cargo: Cargo) -> tuple[str, float]:
    """Runs predict.py on the example in a process of its own: what it says, and how far its outputs are from PyTorch's.

    Raises ShippingFault where it fails, or gives something else than the same model gives here.
    """
    from graphs.exchange.to_onnx.agreement import difference, largest, results

    said = _run(folder, ["predict.py", example.name]).strip()
    here, _ = run(model, example.fed, quietly, "")
    told = json.loads(_run(folder, ["-c", ASK, example.name]))
    given = [np.asarray(out, array.dtype) for out, array in zip(told, here, strict=True)]
    found = max(difference(out, array) for out, array in zip(given, here, strict=True))
    if not found <= TOLERANCE * max(1.0, *(largest(array) for array in here)):
        raise ShippingFault(f"predict.py differs from the model by {found:.2g}, so nothing was written.")
    expected = results(copy.deepcopy(cargo.built.module).cpu().eval(), example.fed)
    return said, max(difference(out, array) for out, array in zip(given, expected, strict=True))


def _run(folder: Path, arguments: Sequence[str]) -> str:
    """What Python prints for these arguments, in the folder, with nothing of ours within its reach."""
    command = [sys.executable, "-E", "-s", "-B", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ShippingFault(f"predict.py could not be run to verify it: {error}.") from error
    if done.returncode:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
        raise ShippingFault(f"predict.py fails on a sample, so nothing was written: {last[:300]}")
    return done.stdout.decode("utf-8")


def _place(made: Path, path: Path) -> None:
    """Puts the finished folder where it is wanted."""
    if path.is_dir():
        path.rmdir()  # it is empty
    made.replace(path)


def _shipped(
    cargo: Cargo, path: Path, judged: Compared, options: ModelOptions, said: str, apart: float, warning: str
) -> Shipped:
    files = sorted(entry.name for entry in path.iterdir())
    answer = said.splitlines()[0].partition(": ")[2] if said else ""
    details = [("Numbers", options.numbers), ("Size of the model", size_of(judged.sizes[1]))]
    details += [(name, value) for name, value in judged.details() if name.startswith(JUDGED)]
    details += [("predict.py says", answer), ("Apart from PyTorch", f"{apart:.1e}")]
    facts = {"format": "deploy", "weights": cargo.weights, "numbers": options.numbers, "opset": options.opset}
    facts |= {"files": files, "answer": answer, "largest_difference": apart, "judged": judged.facts()}
    headline = f"Written, and predict.py run on a sample: {path.name}"
    summary = f"predict.py says {answer}"
    return Shipped(path, headline, tuple(details), cargo.trained, facts, warning, summary)
