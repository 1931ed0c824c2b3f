import os
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError

from graphs.files.faults import FileFault
from graphs.files.weights import check_fit, load_weights, save_weights


def state() -> dict[str, torch.Tensor]:
    return {"fc.weight": torch.randn(3, 2), "fc.bias": torch.randn(3).bfloat16(), "bn.count": torch.tensor(7)}


def test_round_trip_is_exact(tmp_path: Path) -> None:
    file, saved = tmp_path / "w.safetensors", state()
    save_weights(file, saved, {"step": "12"})
    loaded, metadata = load_weights(file, expected=saved)
    assert metadata == {"step": "12"}
    assert loaded.keys() == saved.keys()
    assert all(torch.equal(loaded[k], saved[k]) and loaded[k].dtype == saved[k].dtype for k in saved)


def test_shared_and_sliced_tensors_are_written(tmp_path: Path) -> None:
    base = torch.arange(6.0).reshape(2, 3)
    save_weights(tmp_path / "w", {"a": base, "b": base, "c": base.T, "d": base[1]})
    loaded, _ = load_weights(tmp_path / "w")
    assert torch.equal(loaded["c"], base.T)
    assert torch.equal(loaded["d"], base[1])


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 8, b"\xff" * 64, b"PK\x03\x04 pickle", b"\x08" + b"\0" * 7 + b"not json"]
)
def test_a_broken_file_gets_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(FileFault, match=r"^w\.safetensors: is broken or no safetensors file"):
        load_weights(tmp_path / "w.safetensors")


def test_a_truncated_file_and_no_file(tmp_path: Path) -> None:
    file = tmp_path / "w.safetensors"
    save_weights(file, state())
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(FileFault, match="broken"):
        load_weights(file)
    with pytest.raises(FileFault, match="could not be read"):
        load_weights(tmp_path / "nothing")
    with pytest.raises(FileFault, match="could not be written"):
        save_weights(tmp_path / "nowhere" / "w", state())


def test_weights_of_another_network_are_refused() -> None:
    wanted = state()
    with pytest.raises(FileFault, match=r"w, fc\.bias: is missing"):
        check_fit({k: v for k, v in wanted.items() if k != "fc.bias"}, wanted, "w")
    with pytest.raises(FileFault, match=r"fc\.weight: is 2×3 where the network has 3×2"):
        check_fit({**wanted, "fc.weight": torch.zeros(2, 3)}, wanted, "w")
    with pytest.raises(FileFault, match=r"“extra”.*no place"):
        check_fit({**wanted, "extra": torch.zeros(1)}, wanted, "w")


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "w.safetensors"
    save_weights(file, state())
    before = file.read_bytes()

    def refuse(tensors: object, path: Path, metadata: object) -> None:
        path.write_bytes(b"half")
        words = "Error while serializing: I/O error: No space left on device (os error 28)"
        raise SafetensorError(words)

    monkeypatch.setattr("safetensors.torch.save_file", refuse)
    with pytest.raises(FileFault, match=r"could not be written \(No space left on device\)"):
        save_weights(file, state())
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_equal_weights_give_equal_bytes(tmp_path: Path) -> None:
    saved, metadata = state(), {f"“{name}”\n": name for name in "qwertzuiop"}
    for name in "abc":
        save_weights(tmp_path / name, saved, metadata)
    assert len({(tmp_path / name).read_bytes() for name in "abc"}) == 1
    assert load_weights(tmp_path / "a")[1] == metadata


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_the_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    save_weights(tmp_path / "w", state())
    assert (tmp_path / "w").stat().st_mode == (tmp_path / "usual").stat().st_mode
