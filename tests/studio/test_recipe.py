from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from studio.recipe import Recipe, problems


def samples(classes: int = 10, count: int = 100, validation: int = 20, targets: tuple[int, ...] = ()) -> Any:
    def part(n: int) -> Any:
        return SimpleNamespace(targets=np.zeros((n, *targets)))

    names = tuple(map(str, range(classes)))
    task = "classification" if classes else "regression"
    return SimpleNamespace(task=task, classes=names, train=part(count), validation=part(validation))


GOOD: list[tuple[dict[str, Any], tuple[int, ...], Any]] = [
    ({}, (10,), samples()),
    ({"loss": "nll"}, (10,), samples()),
    ({"loss": "mse"}, (10,), samples()),
    ({"loss": "mse"}, (1,), samples(2)),
    ({"loss": "binary cross-entropy"}, (1,), samples(2)),
    ({"loss": "binary cross-entropy"}, (2,), samples(2)),
    ({"loss": "huber"}, (3,), samples(0, targets=(3,))),
    ({"loss": "binary cross-entropy"}, (3,), samples(0, targets=(3,))),
    ({"device": "auto"}, (10,), samples()),
    ({"precision": "bfloat16", "device": "cpu"}, (10,), samples()),
    ({"patience": 3}, (10,), samples()),
    ({"batch_size": 101}, (10,), samples()),
]

BAD: list[tuple[dict[str, Any], tuple[int, ...], Any, str]] = [
    ({}, (9,), samples(), "9 outputs for 10 classes"),
    ({}, (1,), samples(2), "1 outputs for 2 classes"),
    ({}, (16, 5, 5), samples(), "16×5×5, but classes need a vector"),
    ({}, (), samples(), "a single number"),
    ({}, (3,), samples(0, targets=(3,)), "choose mse, l1 or huber"),
    ({"loss": "mse"}, (2,), samples(0, targets=(3,)), "3 numbers to predict for each sample, but the network gives 2"),
    ({}, (10,), samples(count=0), "no samples"),
    ({"patience": 3}, (10,), samples(validation=0), "Early stopping"),
    ({"device": "cuda"}, (10,), samples(), "no CUDA device"),
    ({"precision": "float16"}, (10,), samples(), "float16"),
]


@pytest.mark.parametrize(("options", "output", "data"), GOOD)
def test_what_fits_has_no_problem(options: dict[str, Any], output: tuple[int, ...], data: Any) -> None:
    assert problems(Recipe(**options), [output], data, cuda=False) == ()


@pytest.mark.parametrize(("options", "output", "data", "words"), BAD)
def test_a_misfit_is_one_sentence(options: dict[str, Any], output: tuple[int, ...], data: Any, words: str) -> None:
    found = problems(Recipe(**options), [output], data, cuda=False)
    assert len(found) == 1
    assert words in found[0]
    assert found[0].endswith(".")


def test_two_outputs_cannot_be_trained() -> None:
    assert "has 2" in problems(Recipe(), [(10,), (10,)], samples())[0]


def test_every_field_is_made_for_a_form() -> None:
    for name, field in Recipe.model_fields.items():
        assert field.title, name
        assert field.description, name
        assert field.description.endswith("."), name
        assert isinstance(field.json_schema_extra, dict), name
        assert "unit" in field.json_schema_extra, name


@pytest.mark.parametrize(
    "values",
    [
        {"learning_rate": 0},
        {"learning_rate": float("nan")},
        {"momentum": 1},
        {"loss": "guess"},
        {"batch_size": 0},
        {"x": 1},
    ],
)
def test_bounds_are_kept(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Recipe(**values)


def test_json_brings_it_back() -> None:
    recipe = Recipe(optimiser="nesterov", schedule="one-cycle", seed=7)
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe
