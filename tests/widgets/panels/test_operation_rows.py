"""Operations in the inspector: rows that are read and edited, the text behind a button."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from graphs.building.modules import onnx
from graphs.edits import SetFields
from graphs.layers.catalogue import standard
from graphs.network import Node
from widgets.panels.inspector_node import NodePage


def test_values_of_an_operation_are_edited_in_rows(qtbot: QtBot) -> None:
    assert onnx  # names what is given
    page = NodePage(standard())
    qtbot.addWidget(page)
    edits: list[object] = []
    page.edited.connect(lambda edit, _key: edits.append(edit))
    slots = [{"wire": 0}, {"value": 1, "dtype": "int64"}]
    page.show_node(Node("op1", "OnnxOp", fields={"op": "CumSum", "slots": slots}), {})
    assert page.name.text() == "CumSum" and page.given is not None and page.form is not None
    assert "slots" not in page.form.rows and page.given.form.isHidden()
    (editor,) = page.given.editors.values()
    editor.setText("nothing")
    editor.editingFinished.emit()
    assert page.given.fault.text() == "“axis” takes one number." and not edits
    editor.setText("2")
    editor.editingFinished.emit()
    assert edits == [SetFields("op1", {"slots": [{"wire": 0}, {"value": 2, "dtype": "int64"}]})]
    page.given.more.setChecked(True)
    assert not page.given.form.isHidden()
    page.show_node(Node("fc1", "Linear"), {})
    assert page.given is None
