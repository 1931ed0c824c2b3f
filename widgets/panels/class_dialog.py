"""Importing a class of somebody's own code: the code, which class, what it takes. It runs when that is agreed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QPushButton, QWidget

from graphs.files.python_files import SourceFile
from studio.owncode.classes import arguments_of, examples_of
from studio.project import ProjectFault
from widgets.forms.fields import Combo
from widgets.look.style import label
from widgets.panels.consent import ConsentDialog

SEPARATOR = ";"


class ClassDialog(ConsentDialog):
    """`wanted(name, inputs, arguments)`: import this class; it has been agreed that its files run."""

    wanted = Signal(str, object, object)

    def __init__(
        self, files: Sequence[SourceFile], classes: Sequence[str], parent: QWidget | None = None, *, known: bool = False
    ) -> None:
        self._classes = tuple(classes)
        self.choice, self.inputs, self.arguments = Combo(), QLineEdit(), QLineEdit()
        self.fault = label(tone="bad", wrap=True)
        super().__init__(files, parent, known=known)
        self.setWindowTitle("Import a class")
        self.allow.setText("Import" if known else "Allow and import")
        self.inputs.setFocus()

    def usual(self) -> QPushButton | None:
        """None before somebody has agreed: Return in a field must neither allow anything nor throw away what was
        typed."""
        return self.allow if self.known else None

    def extra(self) -> QWidget:
        made = QWidget()
        form = QFormLayout(made)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.choice.addItems(list(self._classes))
        self.inputs.setPlaceholderText("3x224x224, without the batch; 128:int64 for tokens; several with a ;")
        self.arguments.setPlaceholderText("width=8; layers=[2, 2]")
        for words, field in (("Class", self.choice), ("Inputs", self.inputs), ("Arguments", self.arguments)):
            field.setAccessibleName(words)
            form.addRow(words, field)
        form.addRow(self.fault)
        policy = self.fault.sizePolicy()  # its two lines are kept free, so that no field moves when something is wrong
        policy.setRetainSizeWhenHidden(True)
        self.fault.setSizePolicy(policy)
        self.fault.setMinimumHeight(2 * self.fault.fontMetrics().lineSpacing())
        self.fault.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.fault.hide()
        for line in (self.inputs, self.arguments):
            line.textChanged.connect(self.fault.hide)
            line.returnPressed.connect(self.allow.setFocus)
        return made

    def _say_yes(self) -> None:
        try:
            inputs, arguments = self.given()
        except ProjectFault as fault:
            self.fault.setText(str(fault).replace(": --input 3x224x224, or --input 128:int64", ""))
            self.fault.show()
            self.inputs.setFocus()
            return
        super()._say_yes()
        self.wanted.emit(self.choice.currentText(), inputs, arguments)

    def typed(self) -> tuple[str, str, str]:
        """What stands in the fields: class, inputs, arguments."""
        return self.choice.currentText(), self.inputs.text(), self.arguments.text()

    def show_again(self, typed: tuple[str, str, str], fault: str) -> None:
        """Fill the fields as they were when they led to this fault, and say it."""
        chosen, inputs, arguments = typed
        self.choice.setCurrentText(chosen)
        self.inputs.setText(inputs)
        self.arguments.setText(arguments)
        self.fault.setText(fault)
        self.fault.show()
        self.inputs.setFocus()
        self.inputs.selectAll()

    def given(self) -> tuple[list[str], Mapping[str, Any]]:
        """What was typed. Raises ProjectFault."""
        inputs = [part for part in self.inputs.text().split(SEPARATOR) if part.strip()]
        examples_of(inputs, self.choice.currentText())
        texts = [part for part in self.arguments.text().split(SEPARATOR) if part.strip()]
        return inputs, arguments_of(texts)
