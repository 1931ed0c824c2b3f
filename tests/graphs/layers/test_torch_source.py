"""Operations of PyTorch in source: plain calls that give what the operation gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from graphs.building.modules import TorchOp as Module
from graphs.layers.catalogue import standard
from graphs.layers.torch_allowed import OVERLOADS

TRIES: dict[str, tuple[Any, ...]] = {
    "Tensor": ({"wire": 0},),
    "int": (1, 2),
    "float": (0.5,),
    "number": (2,),
    "bool": (True, False),
    "List[int]": ([1], [1, 2], [1, 1, 2, 2]),
    "List[Tensor]": ([{"wire": 0}, {"wire": 0}],),
}
"""Values that are tried for an argument without a default, by its type."""
X = torch.rand(2, 4, 4, 4, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.25
RANDOM = ("rand", "dropout", "bernoulli", "rrelu")


def calls() -> Iterator[tuple[str, list[Any]]]:
    """A call of every overload that may run and takes values which are easily made up."""
    for name, overloads in OVERLOADS.items():
        for overload in sorted(overloads):
            schema = getattr(getattr(torch.ops.aten, name), overload)._schema
            kinds = [str(a.type) for a in schema.arguments if not a.has_default_value() and not a.kwarg_only]
            plain = kinds and all(kind in TRIES for kind in kinds) and any("Tensor" in kind for kind in kinds)
            if plain and not any(word in name for word in RANDOM):
                for choice in range(4):
                    yield f"aten.{name}.{overload}", [TRIES[k][min(choice, len(TRIES[k]) - 1)] for k in kinds]


def outcome(made: Any) -> list[torch.Tensor]:
    return list(made) if isinstance(made, tuple | list) else [made]


def written(source: str, module: Any = None) -> Any:
    """What an expression of source gives for `x`."""
    space: dict[str, Any] = {"torch": torch}
    exec(f"def f(self, x):\n    return {source}", space)
    return space["f"](module, X)


def test_every_function_gives_the_same_as_it_is_written() -> None:
    tried, last = set(), []
    for target, args in calls():
        try:
            wanted = Module(target, args)(X)
        except (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError):
            continue
        source = standard().parse("TorchOp", {"target": target, "args": args}).call("op1", ["x"])
        found = outcome(written(source))[0]
        assert found.dtype == wanted.dtype and torch.equal(found.nan_to_num(), wanted.nan_to_num()), source
        tried.add(target)
        last += [target] if "torch.ops" in source else []
    assert len(tried) > 250
    assert len(set(last)) < len(tried) / 6


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        ({}, "torch.roll(x, 1, -1)"),
        ({"target": "aten.slice.Tensor", "args": [{"wire": 0}, 1, 0, 3]}, "x[:, 0:3]"),
        ({"target": "aten.slice.Tensor", "args": [{"wire": 0}, 2, -2, 2**63 - 1, 2]}, "x[:, :, -2::2]"),
        ({"target": "aten.repeat.default", "args": [{"wire": 0}, [1, 2, 1, 1]]}, "x.repeat([1, 2, 1, 1])"),
        ({"target": "aten.to.dtype", "args": [{"wire": 0}, {"dtype": "float64"}]}, "x.to(torch.float64)"),
        (
            {"target": "aten.dropout.default", "args": [{"wire": 0}, 0.5, {"training": True}]},
            "torch.dropout(x, 0.5, self.training)",
        ),
        ({"target": "aten.clamp.default", "args": [{"wire": 0}, {"float": "-inf"}]}, 'torch.clamp(x, float("-inf"))'),
        (
            {
                "target": "aten.add.Tensor",
                "args": [{"step": 0}, {"step": 1, "part": 1}],
                "before": [
                    {"target": "aten.full.default", "args": [[{"batch": 1}, 4, 4, 1], 2.0], "kwargs": {"layout": None}},
                    {"target": "aten.max.dim", "args": [{"wire": 0}, 3, True]},
                ],
            },
            "torch.add(torch.full([x.shape[0], 4, 4, 1], 2.0, device=x.device), torch.max(x, 3, True)[1])",
        ),
    ],
)
def test_it_is_written_as_a_person_would(fields: dict[str, Any], source: str) -> None:
    layer = standard().parse("TorchOp", fields)
    module = Module(**layer.arguments(())).eval()
    assert layer.call("op1", ["x"]) == source and layer.constructs() == ""
    assert torch.equal(written(source, module), module(X))


def test_what_is_taken_twice_stays_a_module() -> None:
    before = [{"target": "aten.erf.default", "args": [{"wire": 0}]}]
    fields = {"target": "aten.mul.Tensor", "args": [{"step": 0}, {"step": 0}], "before": before}
    layer = standard().parse("TorchOp", fields)
    assert layer.constructs() == "modules.TorchOp" and layer.call("op1", ["x"]) == "self.op1(x)"
