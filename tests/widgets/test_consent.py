"""Code of a custom layer runs by a person's click alone: no file, clipboard, undo, recovery or block brings it about.

The code makes a file when it runs: whatever is done here, that file is not there before the click.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

import main as door
from graphs.document import Document
from graphs.edits import AddNodes, RemoveNodes, SetFields
from graphs.files.python_files import read_source
from graphs.files.storage import fragment_dumps
from graphs.inference.mends import Attend
from graphs.layers.custom import chosen
from graphs.network import Block, End, Network, Node, Wire
from graphs.pictures.canvas import svg
from graphs.reuse.library import Library
from studio import api
from studio.checking import check
from studio.data.spec import parse_spec
from studio.owncode import trust
from studio.project import Project, open_project
from widgets.panels.code_dialog import CodeDialog
from widgets.preferences import Preferences
from widgets.recovery import Autosave, recoverable
from widgets.window import Window

LONG = 60_000
CODE = """from pathlib import Path
import torch
from torch import nn

Path(__file__).with_name("ran").touch()


class Scaled(nn.Module):
    def __init__(self, factor: float = 2.0):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))

    def forward(self, x):
        return x * self.factor
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scaled.py").write_text(CODE, encoding="utf-8")
    return tmp_path


def network(folder: Path, file: str = "scaled.py") -> Network:
    fields = chosen(read_source(folder / "scaled.py"), file, "Scaled")
    nodes = [
        Node("x", "VectorInput", fields={"features": 4}),
        Node("own", "CustomLayer", fields=fields, position=(200.0, 0.0)),
        Node("fc", "Linear", fields={"out_features": 3}, position=(400.0, 0.0)),
        Node("out", "Output", position=(600.0, 0.0)),
    ]
    wires = [Wire(End("x", "out"), End("own", "x")), Wire(End("own", "out"), End("fc", "in")),
             Wire(End("fc", "out"), End("out", "in"))]  # fmt: skip
    settings = {"data": {"source": "iris"}, "recipe": {"epochs": 1}}
    return Network.of(nodes, wires, settings)


@pytest.fixture
def file(folder: Path) -> Path:
    return Project(Document(network(folder)), name="own").save(folder / "own.netloom")


def ran(folder: Path) -> bool:
    return (folder / "ran").exists()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(None, Preferences())
    made.resize(1280, 800)
    made.show()
    made.begin()

    def let_go(window: Window) -> None:
        window.commit()
        if window.document is not None:
            window.document.mark_saved()

    qtbot.addWidget(made, before_close_func=let_go)
    yield made


def judged(window: Window, qtbot: QtBot, network: Network | None = None) -> Any:
    """The analysis of the design as it stands, once it is there."""
    wanted = network or window.project.network  # type: ignore[union-attr]

    def there() -> bool:
        found = window.desk.analysis if window.desk is not None else None
        return found is not None and found.network is wanted

    qtbot.waitUntil(there, timeout=LONG)
    assert window.desk is not None
    return window.desk.analysis


def asked() -> CodeDialog:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, CodeDialog) and w.isVisible())


def test_opening_drawing_listing_and_checking_run_nothing(window: Window, qtbot: QtBot, file: Path) -> None:
    assert window.open(file)
    analysis = judged(window, qtbot)
    assert not analysis.buildable
    assert window.desk is not None
    assert window.project is not None
    window.desk.canvas.select(["own"])
    for workspace in ("Design", "Train", "Inspect", "Export"):
        window.show_workspace(workspace)
        qtbot.wait(50)
    window.desk.canvas.grab()
    window.desk.play()
    qtbot.wait(200)
    svg(window.project.network, analysis, catalogue=window.project.catalogue)
    assert not check(open_project(file)).buildable
    assert not ran(file.parent)


@pytest.mark.parametrize("verb", ["check", "train", "export"])
def test_the_terminal_runs_nothing_unasked(verb: str, file: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(file.parent)
    more = ["--onnx", str(file.parent / "x.onnx")] if verb == "export" else []
    assert door.main([verb, str(file), *more]) == 1
    said = capsys.readouterr().err
    assert "nobody has agreed" in said
    assert "--trust" in said
    assert not ran(file.parent)


def test_the_terminal_is_told_to_trust(file: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(file.parent)
    assert door.main(["check", str(file), "--trust"]) == 0
    assert "Agreed: " in capsys.readouterr().err
    assert ran(file.parent)
    written = file.parent / "written.py"
    assert door.main(["export", str(file), "--source", str(written)]) == 0
    assert "class Scaled(nn.Module)" in written.read_text(encoding="utf-8")


def test_python_runs_nothing_unasked(file: Path) -> None:
    with pytest.raises(ValueError, match="own: "):
        api.train(open_project(file).network, parse_spec({"source": "iris"}), epochs=1)
    assert not ran(file.parent)


def pasted(window: Window, folder: Path, tmp: Path) -> None:
    project = Project(Document(Network()), name="other")
    project.save(tmp / "other.netloom")
    window.show_project(project)
    assert window.desk is not None
    whole = network(folder, str(folder / "scaled.py"))
    QGuiApplication.clipboard().setText(fragment_dumps(whole, list(whole.nodes)))
    window.desk.canvas.paste()


def undone(window: Window, folder: Path, tmp: Path) -> None:
    project = Project(Document(network(folder)), folder / "undone.netloom")
    window.show_project(project)
    project.document.apply(RemoveNodes(("own",)))
    project.document.undo()
    project.document.redo()
    project.document.undo()


def recovered(window: Window, folder: Path, tmp: Path) -> None:
    project = open_project(Project(Document(network(folder)), name="own").save(folder / "own.netloom"))
    autosave = Autosave(project)
    project.document.apply(SetFields("own", {"factor": 3.0}))
    autosave.write()
    autosave._end()
    assert autosave._held is not None
    autosave._held.unlock()
    window.recover(recoverable()[0])


def from_library(window: Window, folder: Path, tmp: Path) -> None:
    whole = network(folder, str(folder / "scaled.py"))
    inner = Network.of(
        [Node("in", "BlockInput"), replace(whole.nodes["own"], position=(0.0, 0.0)), Node("out", "BlockOutput")],
        [Wire(End("in", "out"), End("own", "x")), Wire(End("own", "out"), End("out", "in"))],
    )
    library = Library(tmp / "blocks")
    entry = library.save(Network(blocks={"mine": Block("mine", "Mine", inner)}), "mine")
    part = entry.use()
    around = replace(whole, blocks=part.blocks, nodes={**whole.nodes, "own": replace(
        next(iter(part.nodes.values())), id="own")}, wires={
        w.target: w for w in (Wire(End("x", "out"), End("own", "in")), Wire(End("own", "out"), End("fc", "in")),
                              Wire(End("fc", "out"), End("out", "in")))})  # fmt: skip
    window.show_project(Project(Document(around), name="mine"))


def retyped(window: Window, folder: Path, tmp: Path) -> None:
    """A node that is given the file by an edit, as a project's history or another program could."""
    plain = network(folder)
    fields = plain.nodes["own"].fields
    project = Project(Document(replace(plain, nodes={**plain.nodes, "own": Node("own", "CustomLayer")})))
    project.path = folder / "typed.netloom"
    window.show_project(project)
    project.document.apply(SetFields("own", fields))
    project.document.apply(AddNodes((Node("more", "CustomLayer", fields=fields),)))


@pytest.mark.parametrize("way", [pasted, undone, recovered, from_library, retyped])
def test_no_way_into_a_project_brings_agreement_along(
    way: Callable[[Window, Path, Path], None], window: Window, qtbot: QtBot, folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    way(window, folder, tmp_path_factory.mktemp("other"))
    analysis = judged(window, qtbot)
    assert any("nobody has agreed" in str(problem) for problem in analysis.problems)
    assert not analysis.buildable
    assert window.desk is not None
    window.desk.play()
    qtbot.wait(100)
    assert not ran(folder)


def test_agreement_for_one_path_is_none_for_a_copy_of_the_file(window: Window, qtbot: QtBot, folder: Path) -> None:
    trust.allow([read_source(folder / "scaled.py")])
    other = folder / "copy"
    other.mkdir()
    (other / "scaled.py").write_text(CODE, encoding="utf-8")
    window.show_project(Project(Document(network(folder)), other / "x.netloom"))
    assert not judged(window, qtbot).buildable
    assert not ran(folder)
    assert not ran(other)


def test_a_click_allows_it_and_a_change_asks_again(window: Window, qtbot: QtBot, file: Path) -> None:
    folder = file.parent
    window.open(file)
    analysis = judged(window, qtbot)
    assert window.desk is not None
    problem = next(p for p in analysis.problems if p.node == "own")
    window.desk.fix(problem, problem.fixes[0])
    question = asked()
    assert question.code.toPlainText() == CODE
    qtbot.keyClick(question, Qt.Key.Key_Return)
    assert not trust.allowed(read_source(folder / "scaled.py"))
    assert not ran(folder)

    window.desk.canvas.apply(Attend("own", "allow", ""))
    qtbot.mouseClick(asked().allow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.desk is not None and window.desk.ready, timeout=LONG)
    assert ran(folder)
    assert window.project is not None
    assert not window.project.modified
    assert "scaled" not in file.read_text(encoding="utf-8").replace("scaled.py", "").lower().replace('"scaled"', "")

    (folder / "ran").unlink()
    (folder / "scaled.py").write_text(CODE.replace("x * self", "self"), encoding="utf-8")
    window.desk.read_code()
    assert "has changed" in window.notice.text()
    qtbot.waitUntil(lambda: window.desk is not None and not window.desk.ready, timeout=LONG)
    assert not ran(folder)

    (folder / "scaled.py").write_text(CODE, encoding="utf-8")
    window.desk.read_code()
    qtbot.waitUntil(lambda: window.desk is not None and window.desk.ready, timeout=LONG)
    window.desk.show_code("scaled.py")
    assert asked().known
    qtbot.mouseClick(asked().allow, Qt.MouseButton.LeftButton)
    assert not trust.allowed(read_source(folder / "scaled.py"))
    qtbot.waitUntil(lambda: window.desk is not None and not window.desk.ready, timeout=LONG)


def test_a_file_is_chosen_and_a_first_one_written(
    window: Window, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.show_project(Project(Document(Network.of([Node("own", "CustomLayer")], [])), folder / "a.netloom"))
    assert window.desk is not None
    assert window.project is not None
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(folder / "scaled.py"), ""))
    window.desk.canvas.apply(Attend("own", "choose", ""))
    assert window.project.network.nodes["own"].fields["file"] == "scaled.py"
    asked().reject()
    qtbot.waitUntil(lambda: not any(isinstance(w, CodeDialog) for w in QApplication.topLevelWidgets()))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(folder / "swish"), ""))
    window.desk.canvas.apply(Attend("own", "write", ""))
    assert (folder / "swish.py").is_file()
    fields = window.project.network.nodes["own"].fields
    assert (fields["file"], fields["name"]) == ("swish.py", "Swish")
    asked().reject()
    assert not trust.allowed(read_source(folder / "swish.py"))
    window.desk.canvas.select(["own"])
    form = window.desk.inspector.node_page.form
    assert form is not None
    assert {"beta", "learn"} <= set(form.rows)
    assert not ran(folder)


def test_saving_elsewhere_names_the_same_file(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    project = open_project(Project(Document(network(folder)), name="own").save(folder / "own.netloom"))
    other = tmp_path_factory.mktemp("elsewhere")
    project.save(other / "own.netloom")
    again = open_project(other / "own.netloom")
    assert again.network.nodes["own"].fields["file"] == str(folder / "scaled.py")
    assert not project.modified
    project.save(folder / "back.netloom")
    assert open_project(folder / "back.netloom").network.nodes["own"].fields["file"] == "scaled.py"
    assert not ran(folder)
