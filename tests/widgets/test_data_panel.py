"""The data panel before a table is used: its first rows, its size in words, its columns as a choice."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.data.spec import parse_spec
from studio.project import open_project
from widgets.panels.data_panel import DataPanel
from widgets.panels.table_head import ROWS, HeadView, head_of


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "grown.csv"
    rows = [f"{i},{i * 2},{i % 7},{'yes' if i % 2 else 'no'}" for i in range(40)]
    file.write_text("\n".join(["width,height,age,ripe", *rows]))
    return file


def test_the_first_rows_are_those_of_the_file(table: Path) -> None:
    head = head_of(parse_spec({"source": "csv", "path": str(table), "target": "age"}))
    assert head is not None
    assert head.names == ("width", "height", "age", "ripe") and head.target == 2
    assert head.rows[1] == ("1", "2", "1", "yes") and len(head.rows) == ROWS
    assert head_of(parse_spec({"source": "csv", "path": str(table) + "x"})) is None


def test_narrow_tables_keep_the_target(qtbot: QtBot, table: Path) -> None:
    view = HeadView()
    qtbot.addWidget(view)
    view.show_head(head_of(parse_spec({"source": "csv", "path": str(table)})))
    view.resize(1000, 200)
    assert view.columns() == [0, 1, 2, 3]
    view.resize(170, 200)
    assert view.columns() == [0, 3, None]
    view.grab()


def test_a_table_is_shown_before_it_is_used(qtbot: QtBot, table: Path) -> None:
    panel = DataPanel(open_project("lenet-digits"))
    qtbot.addWidget(panel)
    panel.show()
    panel.draft({"source": "csv", "path": str(table)})
    qtbot.waitUntil(lambda: panel.head.isVisible(), timeout=20_000)
    assert panel.summary.text() == "40 samples · 3 features · 2 classes"
    assert panel.form is not None and list(panel.form.rows)[:2] == ["path", "target"]
    target = panel.form.editor("target")
    assert target.suggested == ["width", "height", "age", "ripe"]
    target.completer().activated.emit("age")
    assert panel.form.value("target") == "age"
