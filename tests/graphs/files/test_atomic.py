import os
from pathlib import Path

import pytest

from graphs.files import atomic


def test_write_creates_and_replaces(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    atomic.write_text(file, "one\n")
    atomic.write_bytes(file, "zwei – €\n".encode())
    assert file.read_bytes() == "zwei – €\n".encode()
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]


@pytest.mark.parametrize("stage", ["write", "fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if stage != "write":
        monkeypatch.setattr(atomic.os, stage, fail)

    def half(part: Path) -> None:
        part.write_text("ne")
        if stage == "write":
            fail()

    with pytest.raises(OSError, match="No space"):
        atomic.write_with(file, half)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]


def test_missing_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic.write_text(tmp_path / "nowhere" / "a.txt", "x")


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
def test_mode_and_link_survive(tmp_path: Path) -> None:
    file, link = tmp_path / "a.txt", tmp_path / "link.txt"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    atomic.write_text(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o640
