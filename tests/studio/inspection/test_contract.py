"""What holds for every analysis: pure, cancellable, quiet, and its results can be written down."""

from __future__ import annotations

import csv
import importlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
import torch

from studio.inspection.base import Cancelled, InspectionFault, Options, Result, quiet
from studio.inspection.probe import Probe

SMALL: dict[str, dict[str, Any]] = {
    "activations": {"node": "conv1"},
    "filters": {},
    "statistics": {},
    "saliency": {"method": "guided"},
    "adversarial": {"method": "pgd", "steps": 3},
    "projection": {"samples": 60, "iterations": 30},
    "confusion": {"samples": 100},
    "boundary": {"resolution": 10},
}
OTHERS = [("saliency", {"method": "integrated", "steps": 4}), ("projection", {"method": "pca", "samples": 60})]
CASES = [*SMALL.items(), *OTHERS]


@pytest.fixture
def look(probe: Probe, probe_of: Callable[..., Probe], plane: Any) -> Callable[[str], Probe]:
    """The probe that suits an analysis."""
    return lambda name: probe_of(plane, "moons", steps=5) if name == "boundary" else probe


def module(name: str) -> Any:
    return importlib.import_module(f"studio.inspection.{name}")


def options(name: str, values: dict[str, Any]) -> Options:
    made = getattr(module(name), f"{name.capitalize()}Options")(**values)
    assert isinstance(made, Options)
    return made


def same(one: Any, other: Any) -> bool:
    """Whether two results hold the same numbers."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, field), getattr(other, field)) for field in one.__dataclass_fields__)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other or (one != one and other != other))


@pytest.mark.parametrize(("name", "values"), CASES)
def test_the_same_input_gives_the_same_result(name: str, values: dict[str, Any], look: Any) -> None:
    probe, chosen = look(name), options(name, values)
    assert same(module(name).analyse(probe, chosen, quiet), module(name).analyse(probe, chosen, quiet))


@pytest.mark.parametrize(("name", "values"), CASES)
def test_it_leaves_weights_data_and_global_generators_alone(name: str, values: dict[str, Any], look: Any) -> None:
    probe = look(name)
    weights = {key: value.clone() for key, value in probe.module.state_dict().items()}
    inputs, given = probe.data.validation.inputs.clone(), {k: v.clone() for k, v in probe.snapshot.weights.items()}
    torch_state, numpy_state = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    module(name).analyse(probe, options(name, values), quiet)
    assert torch.equal(torch.random.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)
    assert all(torch.equal(value, weights[key]) for key, value in probe.module.state_dict().items())
    assert all(torch.equal(value, given[key]) for key, value in probe.snapshot.weights.items())
    assert torch.equal(probe.data.validation.inputs, inputs)
    assert not any(m._forward_hooks or m._backward_hooks or m._forward_pre_hooks for m in probe.module.modules())
    assert all(parameter.grad is None for parameter in probe.module.parameters())
    assert not probe.module.training and torch.is_grad_enabled()


@pytest.mark.parametrize(("name", "values"), CASES)
def test_it_can_be_cancelled_at_every_report(name: str, values: dict[str, Any], look: Any) -> None:
    probe, fractions = look(name), list[float]()

    def note(fraction: float, partial: Result | None = None) -> None:
        fractions.append(fraction)

    module(name).analyse(probe, options(name, values), note)
    assert fractions and fractions == sorted(fractions) and fractions[0] >= 0 and fractions[-1] <= 1
    for last in {0, len(fractions) // 2, len(fractions) - 1}:
        seen = 0

        def stop(fraction: float, partial: Result | None = None, last: int = last) -> None:
            nonlocal seen
            seen += 1
            if seen > last:
                raise Cancelled

        with pytest.raises(Cancelled):
            module(name).analyse(probe, options(name, values), stop)
    assert not any(m._forward_hooks or m._backward_hooks for m in probe.module.modules())


@pytest.mark.parametrize(("name", "values"), CASES)
def test_its_table_has_a_header_and_can_be_written(name: str, values: dict[str, Any], look: Any) -> None:
    table = module(name).analyse(look(name), options(name, values), quiet).table()
    assert table.header and table.rows
    assert all(len(row) == len(table.header) for row in table.rows)
    assert all(isinstance(value, (int, float, str, type(None))) for row in table.rows[:50] for value in row)
    csv.writer(io.StringIO()).writerows([table.header, *table.rows[:50]])


@pytest.mark.parametrize("name", SMALL)
def test_its_options_are_declared_completely(name: str) -> None:
    made = options(name, SMALL[name])
    again = type(made).model_validate_json(json.dumps(made.model_dump(mode="json")))
    assert again == made and hash(made) == hash(again)
    assert type(made).help.endswith(".")
    for field in type(made).model_fields.values():
        assert field.title and field.description
        if {int, float} & {field.annotation, *get_args(field.annotation)}:
            bounds = {type(item).__name__ for item in field.metadata}
            assert bounds & {"Ge", "Gt"} and bounds & {"Le", "Lt"}


def test_the_modules_load_without_torch() -> None:
    import subprocess
    import sys

    names = ", ".join(f"studio.inspection.{name}" for name in (*SMALL, "worker", "probe"))
    code = f"import sys, {names}; sys.exit('torch' in sys.modules or 'captum' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_probe_without_a_snapshot_shows_the_weights_before_training(probe: Probe) -> None:
    snapshot = probe.snapshot
    assert snapshot is not None
    probe.load(None)
    before = {name: value.clone() for name, value in probe.module.state_dict().items()}
    fresh = Probe(probe.network, catalogue(), probe.data)
    assert all(torch.equal(value, before[name]) for name, value in fresh.module.state_dict().items())
    probe.load(snapshot)
    assert not torch.equal(probe.module.state_dict()["fc3.weight"], before["fc3.weight"])
    assert probe.gradients


def catalogue() -> Any:
    from graphs.layers.catalogue import standard

    return standard()


def test_weights_of_another_network_are_refused(probe: Probe) -> None:
    snapshot = probe.snapshot
    assert snapshot is not None
    for weights in ({}, {**snapshot.weights, "fc3.bias": torch.zeros(3)}):
        with pytest.raises(InspectionFault, match="another network"):
            probe.load(replace(snapshot, weights=weights))
    assert probe.snapshot is snapshot


def test_a_network_without_layers_shows_its_input(probe_of: Callable[..., Probe]) -> None:
    probe = probe_of([("point", "VectorInput", {"features": 2}), ("output", "Output", {})], "moons")
    result = module("activations").analyse(probe, options("activations", {}), quiet)
    assert result.output.tolist() == probe.data.validation.inputs[0].tolist()
    assert set(result.thumbnails) == {"point", "output"}


def test_branches_and_nodes_that_lead_nowhere(digits: Any) -> None:
    from graphs.network import End, Network, Node, Wire

    kinds = {"image": "ImageInput", "a": "Conv2d", "b": "Conv2d", "add": "Add", "flat": "Flatten", "fc": "Linear"}
    nodes = [Node(name, kind, fields={"out_features": 10} if name == "fc" else {}) for name, kind in kinds.items()]
    nodes += [Node("output", "Output"), Node("lost", "ReLU")]
    ends = [("image", "a.in"), ("image", "b.in"), ("a", "add.a"), ("b", "add.b"), ("add", "flat.in"), ("flat", "fc.in")]
    ends += [("fc", "output.in"), ("a", "lost.in")]
    wires = [Wire(End(source, "out"), End(*target.split("."))) for source, target in ends]
    probe = Probe(Network.of(nodes, wires), catalogue(), digits)
    found = probe.activations(digits.validation.inputs[:3])
    assert set(found) == {"image", "a", "b", "add", "flat", "fc", "output"}
    assert torch.equal(found["add"], found["a"] + found["b"])
    assert torch.equal(found["output"], found["fc"])
    torch.testing.assert_close(probe.up_to("add")(digits.validation.inputs[:3]), found["add"])
