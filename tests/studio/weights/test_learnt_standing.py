"""How weights in a file stand to what has been learnt since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from studio.weights.learnt import Learnt, standing, write


def test_only_a_run_that_has_gone_on_stands_before_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    now = Learnt("design", {"w": torch.ones(2)}, 10, run=tmp_path / "run1")
    assert standing(path, now) == "behind", "there is nothing to lose"
    write(path, now)
    assert standing(path, now) == "kept"
    assert standing(path, replace(now, step=11)) == "behind"
    assert standing(path, replace(now, step=9)) == "kept"
    assert standing(path, replace(now, step=11, run=tmp_path / "run2")) == "other"
    assert standing(path, replace(now, step=11, digest="another")) == "other"
    assert standing(path, replace(now, step=11, run=tmp_path / "elsewhere" / "run1")) == "behind", "runs are moved"


def test_a_file_that_names_no_run_is_never_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    now = Learnt("design", {"w": torch.ones(2)}, 10, run=tmp_path / "run1")
    write(path, replace(now, run=None))
    assert standing(path, now) == "kept"
    assert standing(path, replace(now, step=11)) == "other"
    path.write_bytes(b"nothing")
    assert standing(path, now) == "other"
