"""Whether a layer in place of many calls computes what they do: both run on made-up numbers and weights.

A module's class says what it is meant to be, not what it was given (an activation of its own, a hook, another option);
the calls do. Layers of the same build are compared once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch.matching import Match
from graphs.exchange.from_torch.program import Call, needed, renamed
from graphs.exchange.from_torch.rawly import at_rest
from graphs.exchange.from_torch.running import Known, run_call
from graphs.layers.base import Shape
from graphs.layers.catalogue import BadFields, Catalogue

if TYPE_CHECKING:
    from torch import Generator, Tensor

MOST_NUMBERS = 2**27
"""Numbers of all values of a layer that is compared."""
NEAR = 1e-4
"""How far apart the results may be, as a share of the largest number, or of 1."""


class Verifier:
    """Compares layers with calls."""

    def __init__(self, known: Known, catalogue: Catalogue) -> None:
        self.known, self.catalogue = known, catalogue
        self._said: dict[str, bool] = {}

    def agrees(self, match: Match, calls: tuple[Call, ...]) -> bool:
        """Whether the layer gives what these calls give."""
        key = self._build(match, calls)
        if key not in self._said:
            try:
                self._said[key] = self._compare(match, calls)
            except (
                RuntimeError,
                ValueError,
                TypeError,
                LookupError,
                AttributeError,
                ArithmeticError,
                AssertionError,
                BadFields,
            ):
                self._said[key] = False
        return self._said[key]

    def _build(self, match: Match, calls: tuple[Call, ...]) -> str:
        """The same text for layers that differ in the numbers of their weights alone."""
        program, names = self.known.program, dict[str, str]()
        for call in calls:
            for name in (*call.takes(), *call.outputs):
                inside = name in match.inputs or name in match.covers or program.tensors.get(name) in program.learnt
                names.setdefault(name, f"{len(names)}~" if inside else name)
        sizes = [self.known.values[n].sizes[0] for n in names if n in self.known.values]
        made = [(call.target, renamed(call.given, names), [names[n] for n in call.outputs]) for call in calls]
        ports = [names[n] for n in (*match.inputs, *match.outputs)]
        weights = sorted((own, names.get(name, name)) for own, name in match.tensors.items())
        return repr((match.kind, sorted(match.fields.items()), ports, weights, sizes, made))

    def _compare(self, match: Match, calls: tuple[Call, ...]) -> bool:
        import torch

        seen = self.known.values
        if sum(math.prod(seen[n].sizes[0]) for call in calls for n in call.outputs if n in seen) > MOST_NUMBERS:
            return False
        if not all(seen[name].dtype.startswith("float") for name in match.inputs):
            return True  # places to write to: no numbers can be made up for them
        values = self._values(match, calls, torch.Generator().manual_seed(0))
        with torch.no_grad():
            found = self._layer(match, values)
            for call in calls:
                values |= dict(zip(call.outputs, run_call(at_rest(call), values, "cpu"), strict=False))
        wanted = [values[name].movedim(seen[name].axis or 0, 0) for name in match.outputs]
        return all(_near(one, other) for one, other in zip(found, wanted, strict=False))

    def _layer(self, match: Match, values: Mapping[str, Any]) -> tuple[Tensor, ...]:
        """What the layer gives of these values, the batch in front."""
        from graphs.inference.measure import make

        fields = {name: list(value) if isinstance(value, tuple) else value for name, value in match.fields.items()}
        layer = self.catalogue.parse(match.kind, fields)
        seen = [self.known.values[name] for name in match.inputs]
        module = make(layer, tuple(Shape(one.dims, one.dtype) for one in seen)).eval()
        module.load_state_dict({own: values[name] for own, name in match.tensors.items()})
        given = [values[n].movedim(one.axis or 0, 0) for n, one in zip(match.inputs, seen, strict=True)]
        found = module(*given)
        return tuple(found) if isinstance(found, tuple | list) else (found,)

    def _values(self, match: Match, calls: tuple[Call, ...], generator: Generator) -> dict[str, Any]:
        """All that the calls take from outside: made-up inputs and weights, the rest as it is."""
        program = self.known.program
        values: dict[str, Any] = {name: first for name, (first, _) in self.known.numbers.items()}
        taken = {name for call in calls for name in call.takes()}
        for name, fqn in program.tensors.items():
            tensor = program.state[fqn]
            made_up = name in taken and fqn in program.learnt and tensor.is_floating_point()
            values[name] = _drawn(tuple(tensor.shape), tensor.dtype, generator) if made_up else tensor
        inside = {id(call) for call in calls}
        for call in needed([call for call in program.calls if id(call) not in inside], tuple(taken - {*match.inputs})):
            follows = any(self.known.values[n].follows for n in call.outputs if n in self.known.values)
            if not follows and not set(call.outputs) <= values.keys():
                values |= dict(zip(call.outputs, run_call(call, values, "cpu"), strict=False))
        for name in match.inputs:
            seen = self.known.values[name]
            values[name] = _drawn(seen.sizes[0], _dtype(seen.dtype), generator, plain=True)
        return values


def _dtype(name: str) -> Any:
    import torch

    return getattr(torch, name)


def _drawn(sizes: tuple[int, ...], dtype: Any, generator: Generator, *, plain: bool = False) -> Tensor:
    """Made-up numbers; products with weights stay of the size of what goes in."""
    import torch

    scale = 1.0 if plain or len(sizes) < 2 else sizes[-1] ** -0.5
    return (torch.randn(sizes, generator=generator) * scale).to(dtype)


def _near(found: Tensor, wanted: Tensor) -> bool:
    if found.shape != wanted.shape:
        return False
    scale = max(1.0, float(wanted.abs().max())) if wanted.numel() else 1.0
    return not wanted.numel() or float((found - wanted).abs().max()) <= NEAR * scale
