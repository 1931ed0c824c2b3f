"""State dicts of other programs: read whatever wraps them, never executed, bounded; and put into a network of ours."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from graphs.files import states
from graphs.files.faults import FileFault
from graphs.files.landing import land
from graphs.files.states import read_state

STATE = {"fc.weight": torch.arange(6.0).reshape(2, 3), "fc.bias": torch.tensor([1.0, 2.0])}


class Harm:
    """What a hostile pickle does when it is opened without care."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"echo harm > {self.mark}",)


WRAPPED = {
    "bare": STATE,
    "ordered": OrderedDict(STATE),
    "state_dict": {"epoch": 3, "state_dict": STATE, "optimizer": {"state": {0: {"step": torch.ones(1)}}}},
    "model": {"args": {"lr": 0.1, "names": ["a"]}, "model": STATE},
    "deep": {"checkpoint": {"model_state_dict": STATE}},
    "parameters": {name: nn.Parameter(tensor) for name, tensor in STATE.items()},
    "halves": {name: tensor.half() for name, tensor in STATE.items()},
}


def same(found: dict[str, Tensor]) -> bool:
    return found.keys() == STATE.keys() and all(torch.equal(found[name].float(), STATE[name]) for name in STATE)


@pytest.mark.parametrize("how", WRAPPED)
@pytest.mark.parametrize("archive", [True, False])
def test_whatever_torch_saves_is_read(tmp_path: Path, how: str, archive: bool) -> None:
    path = tmp_path / "net.pth"
    torch.save(WRAPPED[how], path, _use_new_zipfile_serialization=archive)
    assert same(read_state(path))


def test_safetensors_are_read(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "net.safetensors")
    assert same(read_state(tmp_path / "net.safetensors"))


@pytest.mark.parametrize("archive", [True, False])
def test_a_program_in_a_file_never_runs(tmp_path: Path, archive: bool) -> None:
    path, mark = tmp_path / "evil.pth", tmp_path / "mark"
    torch.save({"state_dict": STATE, "extra": Harm(mark)}, path, _use_new_zipfile_serialization=archive)
    with pytest.raises(FileFault, match="what could be a program is not opened") as caught:
        read_state(path)
    assert not mark.exists() and "\n" not in str(caught.value)
    path.write_bytes(pickle.dumps(Harm(mark)))
    with pytest.raises(FileFault):
        read_state(path)
    assert not mark.exists()


def test_a_whole_module_is_refused_with_the_remedy(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "net.pth")
    with pytest.raises(FileFault, match=r"state_dict\(\) alone"):
        read_state(tmp_path / "net.pth")


def packed(path: Path) -> None:
    """The same file with its parts compressed, as an archive that grows does it."""
    torch.save({"a": torch.zeros(1_000_000)}, path)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))


def stretched(path: Path) -> None:
    torch.save({"a": torch.zeros(1).expand(2**20, 2**20)}, path)


def tangled(path: Path) -> None:
    """A few thousand names that lead to a billion ways."""
    inner: dict[str, Any] = {}
    for _ in range(4):
        inner = {f"a{i}": inner for i in range(1000)}
    torch.save(inner, path)


HOSTILE = {
    "tangled": tangled,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("no weights at all"),
    "half": lambda path: (torch.save(STATE, path), path.write_bytes(path.read_bytes()[:300])),
    "packed": packed,
    "stretched": stretched,
    "sparse": lambda path: torch.save({"a": torch.eye(3).to_sparse()}, path),
    "nothing": lambda path: torch.save({"epoch": 3, "loss": [1.0, 2.0]}, path),
    "list": lambda path: torch.save([torch.ones(2)], path),
    "folder": lambda path: path.mkdir(),
    "missing": lambda _path: None,
}


@pytest.mark.parametrize("how", HOSTILE)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, how: str) -> None:
    path = tmp_path / "bad.pth"
    HOSTILE[how](path)
    with pytest.raises(FileFault) as caught:
        read_state(path)
    assert str(caught.value).startswith("bad.pth") and str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_a_large_list_of_names_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({f"a{i}": torch.zeros(1) for i in range(20)}, tmp_path / "many.pth")
    monkeypatch.setattr(states, "MAX_TENSORS", 10)
    with pytest.raises(FileFault, match=r"holds more than 10 tensors|archive that torch"):
        read_state(tmp_path / "many.pth")
    monkeypatch.setattr(states, "MAX_BYTES", 10)
    with pytest.raises(FileFault, match="the most that is read"):
        read_state(tmp_path / "many.pth")


def test_wrappers_before_all_names_are_taken_off() -> None:
    for before in ("module.", "model.", "module.model.", "_orig_mod.module.", "myown."):
        landing = land({before + name: tensor for name, tensor in STATE.items()}, STATE)
        assert landing.whole and not landing.unexpected, before


def test_what_finds_no_place_is_told_and_the_rest_is_left() -> None:
    zeros, ones = torch.zeros, torch.ones
    fresh = {"conv.weight": zeros(4, 1, 3, 3), "bn.weight": zeros(4), "bn.num_batches_tracked": torch.tensor(0)}
    fresh |= {"fc.weight": zeros(10, 8), "fc.bias": zeros(10), "own": zeros(1)}
    found = {"conv.weight": ones(4, 3, 3, 3), "bn.weight": ones(4).double(), "fc.weight": ones(1000, 8)}
    found |= {"fc.bias": ones(1000), "other": ones(2), "aux.weight": ones(2)}
    landing = land(found, fresh, spare=("aux.",))
    assert landing.placed == ("bn.weight", "bn.num_batches_tracked") and landing.missing == ("own",)
    assert landing.unexpected == ("other",) and landing.spare == ("aux.weight",) and not landing.whole
    assert [each.name for each in landing.heads] == ["fc.weight"] and landing.numbers == (5, 132)
    assert landing.state["bn.weight"].dtype == torch.float32 and bool(landing.state["bn.weight"].all())
    assert not landing.state["fc.weight"].any() and landing.headline == "2 of 6 tensors landed, 5 of 132 numbers."
    assert landing.sentences() == [
        "fc stays fresh: it gives 10 results, that of the file 1,000.",
        "Of another shape, and left fresh: conv.weight is 4×3×3×3 in the file, 4×1×3×3 here.",
        "Not in the file, and left fresh: own.",
        "In the file, without a place here: other.",
        "The file also holds what this network leaves out: aux.",
    ]


def test_rules_and_new_names_lead_to_the_layer() -> None:
    found = {"Conv2d_1.norm.1.weight": torch.ones(4)}
    landing = land(
        found,
        {"stem.norm1.weight": torch.zeros(4)},
        [("^Conv", "conv"), (r"norm\.1", "norm1")],
        (),
        {"conv2d_1": "stem"},
    )
    assert landing.whole


def test_nothing_that_fits_is_nothing_placed() -> None:
    landing = land({"x": torch.ones(2)}, {"bn.num_batches_tracked": torch.tensor(0), "y": torch.zeros(2)})
    assert not landing.placed and landing.headline == "No tensor of the file fits this network."


def test_a_layer_of_which_a_part_landed_is_not_called_fresh() -> None:
    from graphs.files.landing import land

    wanted = {"fc.weight": torch.zeros(3, 4), "fc.bias": torch.zeros(3), "odd.weight": torch.zeros(2)}
    found = {"fc.weight": torch.ones(5, 4), "fc.bias": torch.ones(3), **{f"more.{i}": torch.ones(1) for i in range(9)}}
    landing = land(found, wanted)
    said = landing.sentences()
    assert said[0].startswith("fc.weight stays fresh: ") and "Only in part from the file: fc (bias)." in said
    assert any(sentence.endswith("and 5 more.") for sentence in said)
    assert any("more.8" in sentence for sentence in landing.sentences(100))
