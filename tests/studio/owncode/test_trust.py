"""Agreement to code: for one path and one content, kept with the user, and nothing runs without it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from graphs.building import own
from graphs.files.faults import FileFault
from graphs.files.python_files import laid_open, read_source
from graphs.files.python_imports import installed, together
from graphs.network import Network, Node
from studio.owncode import codes, trust

CODE = "VALUE = 1\n"


def written(path: Path, text: str = CODE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def test_agreement_is_for_one_path_and_one_content(tmp_path: Path) -> None:
    file = read_source(written(tmp_path / "a.py"))
    assert not trust.allowed(file)
    trust.allow([file])
    assert trust.allowed(read_source(tmp_path / "a.py"))
    assert not trust.allowed(read_source(written(tmp_path / "b.py")))
    assert not trust.allowed(read_source(written(tmp_path / "a.py", CODE + "#")))
    assert trust.allowed(read_source(written(tmp_path / "a.py")))
    trust.forget(tmp_path / "a.py")
    assert not trust.allowed(file)


def test_a_link_is_the_file_it_leads_to(tmp_path: Path) -> None:
    file = read_source(written(tmp_path / "a.py"))
    (tmp_path / "link.py").symlink_to(tmp_path / "a.py")
    assert read_source(tmp_path / "link.py").path == file.path


@pytest.mark.parametrize("text", ["", "[]", "{", '{"files": []}', '{"files": {"x": []}}', "[" * 100_000, "\x00"])
def test_settings_that_make_no_sense_allow_nothing(tmp_path: Path, text: str) -> None:
    file = read_source(written(tmp_path / "a.py"))
    written(trust.place(), text)
    assert not trust.allowed(file)
    trust.allow([file])
    assert trust.allowed(file)


def test_only_so_much_is_remembered(tmp_path: Path) -> None:
    files = [read_source(written(tmp_path / "a.py", f"A = {n}\n")) for n in range(trust.MOST_VERSIONS + 3)]
    for file in files:
        trust.allow([file])
    assert [trust.allowed(file) for file in files].count(True) == trust.MOST_VERSIONS
    assert trust.allowed(files[-1])
    assert json.loads(trust.place().read_text(encoding="utf-8"))["version"] == 1


def test_who_is_not_there_is_not_asked(tmp_path: Path) -> None:
    file = read_source(written(tmp_path / "a.py"))
    with pytest.raises(trust.NotAgreed, match="is code that runs"):
        trust.agreed([file], None)
    with pytest.raises(trust.NotAgreed):
        trust.agreed([file], lambda files: False)
    assert not trust.allowed(file)
    trust.agreed([file], lambda files: list(files) == [file])
    trust.agreed([file], None)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"\xff", "UTF-8"), (b"a\0b", "no text"), (b"x" * (2**18 + 1), "larger")],
)
def test_what_is_no_source_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.py").write_bytes(data)
    with pytest.raises(FileFault, match=said):
        read_source(tmp_path / "a.py")


@pytest.mark.parametrize("name", ["//server/share/a.py", "\\\\server\\a.py", "nowhere.py", "a.txt", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").touch()
    with pytest.raises(FileFault):
        read_source(name)


def test_hidden_signs_are_laid_open() -> None:
    shown = laid_open("a = 1\r\n#\u202e evil \u200b\x0c\x1b[2K\u2028x\tä 漢\n")
    assert shown.startswith("a = 1\n#⟨U+202E right-to-left override⟩ evil ⟨U+200B")
    assert not {"\u202e", "\u200b", "\x0c", "\x1b", "\r", "\u2028"} & set(shown)
    assert shown.endswith("x\tä 漢\n")


def test_the_text_that_was_read_runs_whatever_lies_there_later(tmp_path: Path) -> None:
    file = read_source(written(tmp_path / "a.py"))
    written(tmp_path / "a.py", "VALUE = 2\n")
    assert own.run(file).VALUE == 1
    assert own.run(read_source(tmp_path / "a.py")).VALUE == 2
    assert own.run(file) is own.run(file)


def test_a_coding_line_changes_nothing(tmp_path: Path) -> None:
    """What is shown is what runs: “+AGEAYgBj-” would be “abc” in UTF-7."""
    file = read_source(written(tmp_path / "a.py", "# coding: utf-7\nVALUE = '+AGEAYgBj-'\n"))
    assert own.run(file).VALUE == "+AGEAYgBj-"


def test_files_brought_in_are_those_that_were_read_and_no_compiled_copies(tmp_path: Path) -> None:
    import py_compile
    import sys

    written(tmp_path / "beside.py", "VALUE = 3\n")
    written(tmp_path / "pack" / "__init__.py", "")
    written(tmp_path / "pack" / "inner.py", "from .other import DEEP\n")
    written(tmp_path / "pack" / "other.py", "DEEP = 4\n")
    main = written(tmp_path / "a.py", "import beside\nfrom pack import inner\nVALUE, DEEP = beside.VALUE, inner.DEEP\n")
    files = together(read_source(main), tmp_path, "a")
    assert set(files) == {"a", "beside", "pack", "pack.inner", "pack.other"}
    written(tmp_path / "beside.py", "VALUE = 9\n")
    py_compile.compile(str(tmp_path / "beside.py"))
    module = own.run(files["a"], files, "a")
    assert (module.VALUE, module.DEEP) == (3, 4)
    assert not {"beside", "pack", "pack.inner", "a"} & set(sys.modules)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ValueError('no')", "a.py, line 1: it cannot be run: ValueError, no."),
        ("x = 1\nimport nothing_like_that", "line 2"),
        ("import sys\nsys.exit(3)", "SystemExit"),
        ("def f(): f()\nf()", "RecursionError"),
        ("def", "SyntaxError"),
    ],
)
def test_whatever_code_raises_is_one_sentence(tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(own.OwnFault) as fault:
        own.run(read_source(written(tmp_path / "a.py", code)))
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_layer_stands_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("raise SystemExit\n")
    (tmp_path / "layer.py").write_text("from helper import x\nimport torch\n")
    network = Network.of([Node("own", "CustomLayer", fields={"file": "layer.py"})], [])
    code = codes.codes(network, tmp_path)["layer.py"]
    assert code.source is None and "brings in helper.py" in code.fault
    (tmp_path / "helper.py").unlink()
    assert codes.codes(network, tmp_path)["layer.py"].source is not None


def test_a_folder_is_no_installed_package_for_its_name() -> None:
    assert installed(Path(pytest.__file__).parent.parent)
    assert not installed(Path("/tmp/site-packages/mine")) and not installed(Path(sys.base_prefix))
