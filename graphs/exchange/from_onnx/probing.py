"""Runs of operators on single numbers that are one activation, told by what they do and not by how they are written.

Exporters spell GELU, SiLU, Mish and the like out in many ways. A run that leads from one value to one value over
operators that work on each number alone is computed and compared with every activation (see `curves`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.constants import Folded
from graphs.exchange.from_onnx.curves import Curves, cut, decided, probes
from graphs.exchange.from_onnx.model import Op, words
from graphs.exchange.from_onnx.operators import computed

if TYPE_CHECKING:
    from torch import Tensor

_ALONE = words(
    "Add Sub Mul Div Pow Neg Abs Exp Log Sqrt Reciprocal Erf Tanh Sigmoid Relu Clip Softplus HardSigmoid Max Min Elu "
    "LeakyRelu Selu Where Greater Less Identity Celu ThresholdedRelu"
)
"""Operators that work on each number alone."""
_LAST = words("Mul Div Add Sub Clip Min Max Where Log")
"""With which of them such a run ends."""
LONGEST = 14
WIDEST = 1e6
"""Bounds that a layer has."""


def activations(folded: Folded) -> list[Op]:
    """The operators, with each such run as one operator of the activation."""
    import torch

    with torch.no_grad():
        return _Probing(folded).ops()


class _Probing:
    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        self.maker = {name: op for op in folded.ops for name in op.outputs if name}
        self.rank = {id(op): place for place, op in enumerate(folded.ops)}
        self.takers: dict[str, list[Op]] = {}
        for op in folded.ops:
            for name in dict.fromkeys(op.inputs):
                self.takers.setdefault(name, []).append(op)
        self.outputs = set(folded.model.outputs)
        self.known = Curves.of(probes(), lambda x: [curve for _, curve in _curves(x)])
        self.names = [name for name, _ in _curves(self.known.x[:1])]

    def ops(self) -> list[Op]:
        """The operators with the runs replaced."""
        gone: set[int] = set()
        new: dict[int, Op] = {}
        for op in reversed(self.folded.ops):
            if id(op) in gone or op.type not in _LAST:
                continue
            found = self._run(op)
            if found is not None:
                run, made = found
                gone |= {id(part) for part in run}
                new[id(op)] = made
        kept = (new.get(id(op)) or (None if id(op) in gone else op) for op in self.folded.ops)
        return [op for op in kept if op is not None]

    def _run(self, last: Op) -> tuple[list[Op], Op] | None:
        run = [last]
        while len(run) <= LONGEST:
            inputs = self._inputs(run)
            if inputs is None:
                return None
            if len(inputs) == 1 and len(run) > 1:
                (source,) = inputs
                made = self._match(run, source, last)
                if made is not None:
                    return run, made
            wider = self._wider(run, inputs)
            if wider is None:
                return None
            run.append(wider)
        return None

    def _inputs(self, run: list[Op]) -> set[str] | None:
        """The values that a run takes; None where it takes a constant of more than one number."""
        inside = {name for op in run for name in op.outputs}
        found = {name for op in run for name in op.inputs if name and name not in inside}
        constants = {name for name in found if self.folded.known[name].constant}
        if any(self.folded.known[name].one.numel() != 1 for name in constants):
            return None
        return found - constants

    def _wider(self, run: list[Op], inputs: set[str]) -> Op | None:
        """The operator in front that comes last, where nothing but the run takes what it gives."""
        makers = [self.maker[name] for name in inputs if name in self.maker]
        if len(inputs) > 3 or not makers:
            return None
        next_ = max(makers, key=lambda op: self.rank[id(op)])
        inside = {id(op) for op in run}
        takers = self.takers.get(next_.gives, [])
        if next_.type not in _ALONE or next_.gives in self.outputs or any(id(op) not in inside for op in takers):
            return None
        return next_

    def _match(self, run: list[Op], source: str, last: Op) -> Op | None:
        given = self.folded.known[source]
        if given.shape != self.folded.known[last.gives].shape or not given.dtype.is_floating_point:
            return None
        constants = self._constants(run)
        around = probes([0.0, *constants])
        split = len(self.known.x)
        result = self._computed(run, source, last, _joined(self.known.x, around))
        if result is None:
            return None
        for place, (kind, attributes) in enumerate(self.names):
            if self.known.same(place, result[:split]):
                close = Curves.of(around, lambda x, place=place: [_curves(x)[place][1]])  # type: ignore[misc]
                if close.same(0, result[split:]):
                    return last.take(type=kind, inputs=(source,), attributes=attributes)
        bounds = cut(_joined(self.known.x, around), result, constants)
        if bounds is None or max(map(abs, bounds)) > WIDEST:
            return None
        return last.take(type="Clip", inputs=(source,), attributes=dict(zip(("min", "max"), bounds, strict=True)))

    def _constants(self, run: list[Op]) -> list[float]:
        """The numbers that a run is made of."""
        found = [float(v) for op in run for v in op.attributes.values() if isinstance(v, int | float)]
        names = {name for op in run for name in op.inputs if name and name in self.folded.known}
        return found + [float(k.one.reshape(-1)[0]) for n in sorted(names) if (k := self.folded.known[n]).constant]

    def _computed(self, run: list[Op], source: str, last: Op, numbers: Tensor) -> Tensor | None:
        """What the run makes of numbers; None where it cannot take them, or where they do not show all that it does."""
        values: dict[str, Tensor] = {source: numbers}
        for op in sorted(run, key=lambda op: self.rank[id(op)]):
            inputs = [self._value(values, name) for name in op.inputs]
            try:
                if not decided(op, inputs, op.attributes):
                    return None
                values[op.gives] = computed(op, self.folded.model, inputs)[0]
            except (ValueError, RuntimeError):
                return None
        result = values[last.gives]
        return result if result.shape == numbers.shape and result.is_floating_point() else None

    def _value(self, values: Mapping[str, Tensor], name: str) -> Tensor | None:
        if not name:
            return None
        if name in values:
            return values[name]
        constant = self.folded.known[name].one.reshape(())
        return constant.double() if constant.is_floating_point() else constant


def _joined(*parts: Tensor) -> Tensor:
    """One after the other."""
    import torch

    return torch.cat(parts)


def _curves(x: Tensor) -> list[tuple[tuple[str, dict[str, Any]], Tensor]]:
    """What each activation does to these numbers, under the operator that says it."""
    from torch.nn import functional

    return [
        (("Gelu", {}), functional.gelu(x)),
        (("Gelu", {"approximate": "tanh"}), functional.gelu(x, approximate="tanh")),
        (("Swish", {}), functional.silu(x)),
        (("Swish", {"alpha": 1.702}), x * (1.702 * x).sigmoid()),
        (("Softsign", {}), functional.softsign(x)),
        (("LogSigmoid", {}), functional.logsigmoid(x)),
        (("Mish", {}), functional.mish(x)),
        (("HardSwish", {}), functional.hardswish(x)),
        (("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}), functional.hardsigmoid(x)),
        (("Clip", {"min": 0.0, "max": 6.0}), functional.relu6(x)),
        (("Softplus", {}), functional.softplus(x)),
        (("Tanh", {}), x.tanh()),
        (("Sigmoid", {}), x.sigmoid()),
        (("Selu", {}), functional.selu(x)),
        (("Elu", {}), functional.elu(x)),
        (("LeakyRelu", {"alpha": 0.01}), functional.leaky_relu(x)),
        (("Relu", {}), x.relu()),
    ]
