"""What there is to say about a project before it is trained: shapes, costs, problems, and whether the data fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphs.layers.catalogue import BadFields
from graphs.meaning.scopes import design_names
from graphs.network import Node
from studio.project import Project

if TYPE_CHECKING:
    from graphs.inference.problems import Problem
    from graphs.inference.shapes import Analysis, Facts


MODES: Mapping[str, str] = {"bypass": "bypassed", "mute": "muted"}


@dataclass(frozen=True)
class Row:
    """One node: title, kind, the fields that matter, shape of its result, and costs for one sample."""

    id: str
    title: str
    kind: str
    summary: str
    shape: str
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Checked:
    """A whole project. `training` holds what stands against training it with its own data and recipe."""

    name: str
    rows: tuple[Row, ...]
    parameters: int
    multiply_adds: int
    problems: tuple[Problem, ...]
    buildable: bool
    training: tuple[str, ...] = ()
    hyperparameters: Mapping[str, float | None] = field(default_factory=dict)
    """What the names stand for that expressions use; None for one without a value."""

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return {
            "name": self.name,
            "buildable": self.buildable,
            "parameters": self.parameters,
            "multiply_adds": self.multiply_adds,
            "hyperparameters": dict(self.hyperparameters),
            "nodes": [vars(row) for row in self.rows],
            "problems": [_problem(problem) for problem in self.problems],
            "training": list(self.training),
        }


def check(project: Project) -> Checked:
    """Looks at the project without training it; the data is loaded to see whether it fits."""
    from graphs.inference.shapes import Inference

    analysis = Inference(project.catalogue).analyse(project.network)
    nodes = project.network.nodes
    order = [*analysis.order, *(node for node in nodes if node not in analysis.order)]
    return Checked(
        project.name,
        tuple(_row(project, nodes[node], analysis.facts[node]) for node in order),
        analysis.parameters,
        analysis.multiply_adds,
        analysis.listed,
        analysis.buildable,
        against_training(project, analysis) if analysis.buildable else (),
        design_names(project.network),
    )


def against_training(project: Project, analysis: Analysis) -> tuple[str, ...]:
    """What stands against training a network that can be built, a sentence each."""
    from studio.data.prepare import DataFault, prepare
    from studio.recipe import problems

    try:
        data = prepare(project.data)
    except DataFault as fault:
        return (str(fault),)
    analysis = analysis.core
    layers = {node: project.catalogue.layer(analysis.network.nodes[node]) for node in analysis.order}
    inputs = [analysis.facts[node].outputs[0].dims for node, layer in layers.items() if layer.source_only]
    outputs = [analysis.facts[node].inputs[0] for node, layer in layers.items() if layer.is_output]
    if len(inputs) != 1:
        return (f"Training needs exactly one input, and this network has {len(inputs)}.",)
    misfit = misfit_of(data.shape, inputs[0])
    if misfit:
        return (misfit,)
    return problems(project.recipe, [shape.dims for shape in outputs if shape], data)


def misfit_of(samples: tuple[int, ...], taken: tuple[int, ...]) -> str:
    """Why samples of one shape cannot be fed to a network that takes another; empty where they are equal."""
    if tuple(samples) == tuple(taken):
        return ""
    has, takes = ("×".join(map(str, size)) or "1" for size in (samples, taken))
    return f"The samples are {has}, but the network takes {takes}: change the data or the input."


def _row(project: Project, node: Node, facts: Facts) -> Row:
    try:
        summary = project.catalogue.layer(node).summary()
    except BadFields:
        summary = ""
    kind, block = node.kind, project.network.blocks.get(node.block) if node.block else None
    if block is not None:
        kind = block.title or block.id
    if node.mode:
        summary = f"{summary} · {MODES[node.mode]}" if summary else MODES[node.mode]
    shapes = facts.outputs or tuple(shape for shape in facts.inputs if shape)
    shape = str(shapes[0]) if shapes else ""
    return Row(node.id, node.title, kind, summary, shape, facts.parameters, facts.multiply_adds)


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "node": problem.node,
        "severity": problem.severity,
        "message": problem.message,
        "expected": problem.expected,
        "received": problem.received,
        "fixes": [fix.label for fix in problem.fixes],
    }
