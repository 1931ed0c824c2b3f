"""Runs of operators on single numbers that are one activation, told by what they do and not by how they are written.

Exporters spell GELU, SiLU, Mish and the like out in many ways. A run that leads from one value to one value over
operators that work on each number alone is computed for numbers from −8 to 8, and compared with every activation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.constants import Folded
from graphs.exchange.from_onnx.model import Op, words
from graphs.exchange.from_onnx.operators import computed

if TYPE_CHECKING:
    from torch import Tensor

_ALONE = words(
    "Add Sub Mul Div Pow Neg Abs Exp Log Sqrt Reciprocal Erf Tanh Sigmoid Relu Clip Softplus HardSigmoid Max Min Elu "
    "LeakyRelu Selu Where Greater Less Identity Celu ThresholdedRelu"
)
"""Operators that work on each number alone."""
_LAST = words("Mul Div Add Sub Clip Min Max Where")
"""With which of them such a run ends."""
LONGEST = 14
NEAR = 2e-5


def activations(folded: Folded) -> list[Op]:
    """The operators, with each such run as one operator of the activation."""
    import torch

    with torch.no_grad():
        return _Probing(folded).ops()


class _Probing:
    def __init__(self, folded: Folded) -> None:
        import torch

        self.folded = folded
        self.maker = {name: op for op in folded.ops for name in op.outputs if name}
        self.rank = {id(op): place for place, op in enumerate(folded.ops)}
        self.takers: dict[str, list[Op]] = {}
        for op in folded.ops:
            for name in dict.fromkeys(op.inputs):
                self.takers.setdefault(name, []).append(op)
        self.outputs = set(folded.model.outputs)
        self.numbers = torch.linspace(-8, 8, 331)
        self.known = _curves(self.numbers)

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
        if self.folded.known[source].shape != self.folded.known[last.gives].shape:
            return None
        values: dict[str, Tensor] = {source: self.numbers}
        for op in sorted(run, key=lambda op: self.rank[id(op)]):
            inputs = [self._value(values, name) for name in op.inputs]
            try:
                values[op.gives] = computed(op, self.folded.model, inputs)[0]
            except (ValueError, RuntimeError):
                return None
        result = values[last.gives]
        if result.shape != self.numbers.shape or not result.is_floating_point():
            return None
        for (kind, attributes), curve in self.known:
            if float((result - curve).abs().max()) <= NEAR:
                return last.take(type=kind, inputs=(source,), attributes=attributes)
        return None

    def _value(self, values: Mapping[str, Tensor], name: str) -> Tensor | None:
        if not name:
            return None
        return values[name] if name in values else self.folded.known[name].one.reshape(())


def _curves(x: Tensor) -> list[tuple[tuple[str, dict[str, Any]], Tensor]]:
    """What each activation does to these numbers, under the operator that says it."""
    from torch.nn import functional

    return [
        (("Gelu", {}), functional.gelu(x)),
        (("Gelu", {"approximate": "tanh"}), functional.gelu(x, approximate="tanh")),
        (("Swish", {}), functional.silu(x)),
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
