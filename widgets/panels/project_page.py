"""What the inspector shows while no layer is selected: the project's data, recipe and hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QTabWidget, QVBoxLayout, QWidget

from graphs.edits import EditError
from studio.project import Project, ProjectFault
from studio.recipe import Recipe
from studio.weights.brought import Brought
from studio.weights.starting import start_of
from widgets.forms.form import Form
from widgets.look.scrolling import Scrolled
from widgets.look.style import Panel, label
from widgets.panels.data_panel import DataPanel
from widgets.panels.hyperparameters import Hyperparameters
from widgets.parts import first_control

GROUPS = (
    ("Learning", ("loss", "epochs", "batch_size", "patience")),
    ("Optimiser", ("optimiser", "learning_rate", "momentum", "weight_decay", "l1", "clip")),
    ("Schedule", ("schedule", "schedule_epochs", "schedule_factor", "schedule_floor", "warm_up")),
    ("Machine", ("device", "precision", "seed")),
)
"""The recipe's fields in the order in which a person thinks of them."""
WHEN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "momentum": {"optimiser": ("momentum", "nesterov")},
    "schedule_epochs": {"schedule": ("step", "plateau")},
    "schedule_factor": {"schedule": ("step", "exponential", "plateau")},
    "schedule_floor": {"schedule": ("cosine", "linear", "plateau")},
}
"""Fields that mean something only beside certain others, as their descriptions say."""


class RecipePanel(QWidget):
    """How to train, as a form. `changed(recipe, merge)` once per accepted entry; each drag is a step of its own."""

    changed = Signal(object, str)
    weights = Signal()
    """A person wants to choose the weights that a run begins with."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self.form = Form(Recipe, groups=GROUPS, when=WHEN)
        self.fault = label(tone="bad", wrap=True)
        self.fault.hide()
        self.form.changed.connect(self._field_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(
            label("How the network is trained. A run keeps the recipe it began with.", tone="dim", wrap=True)
        )
        self.start = QPushButton()
        self.start.setProperty("link", True)
        self.start.clicked.connect(self.weights)
        column.addWidget(self.start, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.fault)
        column.addWidget(self.form)
        column.addStretch(1)
        self.show_project()

    def show_project(self) -> None:
        """Show the project's recipe."""
        self._show_start()
        try:
            self.form.set_values(self._project.recipe)
            self.fault.hide()
        except ProjectFault as fault:
            self.fault.setText(str(fault))
            self.fault.show()

    def _show_start(self) -> None:
        """With which weights a run begins."""
        try:
            start = start_of(self._project.network)
        except ValueError as fault:
            self.start.setToolTip(str(fault))
            start = None
        brought = self._project.learnt
        first = "the imported weights" if isinstance(brought, Brought) and brought.begins else "fresh weights"
        self.start.setText(f"Begins with {start.words if start is not None else first}…")

    def _field_changed(self, name: str, _value: Any) -> None:
        try:
            self.changed.emit(Recipe.model_validate(self.form.values()), f"{name} {self.form.gesture}")
        except ValidationError as error:  # fields that only fit together
            self.fault.setText(str(error.errors()[0]["msg"]).removeprefix("Value error, "))
            self.fault.show()


class ProjectPage(Panel):
    """Recipe, data and hyperparameters, each on its tab.

    `failed(sentence)`: a change was refused. `select(ids)`: a person wants to see these nodes."""

    failed = Signal(str)
    select = Signal(list)
    fix = Signal(object, object)
    """(problem, fix): the remedy of data that does not fit was chosen."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__("projectPage", parent=parent)
        self._project = project
        self.tabs = QTabWidget(self)
        self.tabs.setAccessibleName("Data, recipe and hyperparameters")
        self.recipe = RecipePanel(project)
        self._data: DataPanel | None = None
        self._misfit: tuple[Any, Any] = (None, None)
        self._data_box = Panel("dataBox", parent=self.tabs)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setExpanding(False)
        self.tabs.addTab(Scrolled(self.recipe), "Recipe")
        self.tabs.addTab(self._data_box, "Data")
        self.hyperparameters = Hyperparameters(project)
        self.hyperparameters.select.connect(self.select)
        self.hyperparameters.failed.connect(self.failed)
        self.tabs.addTab(Scrolled(self.hyperparameters), "Hyperparameters")
        self.tabs.currentChanged.connect(lambda _index: self.data)
        self.tabs.setContentsMargins(0, 0, 0, 0)
        self.box.setContentsMargins(0, 4, 0, 0)
        self.box.addWidget(self.tabs)
        self.recipe.changed.connect(
            lambda recipe, merge: self._try(lambda: project.set_recipe(recipe, merge=f"recipe {merge}"))
        )

    @property
    def data(self) -> DataPanel:
        """The data's panel, made when its tab is opened for the first time."""
        if self._data is None:
            self._data = DataPanel(self._project)
            self._data.used.connect(lambda spec: self._try(lambda: self._project.set_data(spec)))
            self._data.fix.connect(self.fix)
            self._data.show_misfit(*self._misfit)
            scrolled = Scrolled(self._data)
            self._data_box.box.addWidget(scrolled)
            scrolled.show()  # the keyboard may be for it
        return self._data

    def show_project(self) -> None:
        """The document has changed: show its data and recipe."""
        self.recipe.show_project()
        self.hyperparameters.show_project()
        if self._data is not None:
            self._data.show_project()

    def show_misfit(self, network: Any, misfit: Any) -> None:
        """That network and data do not fit each other, None where they do."""
        self._misfit = network, misfit
        if self._data is not None:
            self._data.show_misfit(network, misfit)

    def show_uses(self) -> None:
        """The network has changed: who uses a hyperparameter may be others."""
        if self.hyperparameters.isVisible():
            self.hyperparameters.show_project()

    def cancel(self) -> None:
        """Nobody waits for a preview any more."""
        if self._data is not None:
            self._data.job.cancel()

    def show_tab(self, name: str) -> None:
        """Bring "Data", "Recipe" or "Hyperparameters" to the front."""
        for index in range(self.tabs.count()):
            if self.tabs.tabText(index) == name:
                self.tabs.setCurrentIndex(index)

    def open_tab(self, name: str) -> None:
        """Bring a tab to the front and put the cursor into its first field."""
        self.show_tab(name)
        page = self.tabs.currentWidget()
        first = first_control(page) if page is not None else None
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _try(self, act: Any) -> None:
        try:
            act()
        except (EditError, ValueError) as error:
            self.failed.emit(str(error))
