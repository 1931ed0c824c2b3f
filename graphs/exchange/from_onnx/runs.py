"""Runs of operators that are one layer: normalisations that exporters spell out, groups, shuffled channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from graphs.exchange.from_onnx.constants import Folded
from graphs.exchange.from_onnx.model import Op, words
from graphs.exchange.from_onnx.probing import activations


def joined_up(folded: Folded) -> Folded:
    """The model with such runs as one operator each, under ONNX's name of it or, where it has none, ours."""
    ops = activations(folded)
    for match in (_layer_norm, _rms_norm, _group_norm, _shuffle, _gate):
        ops = _each(_Chains(replace(folded, ops=ops)), match)
    return replace(folded, ops=_unspread(_Chains(replace(folded, ops=ops))))


_PAIRS = words("Add Sub Mul Div Pow Max Min Where Greater Less")


def _unspread(chains: _Chains) -> list[Op]:
    """The operators without an Expand in front of what repeats its operands by itself."""
    spread = [op for op in chains.ops if op.type == "Expand" and op.gives not in chains.outputs]
    short = {
        op.gives: op.inputs[0]
        for op in spread
        if not chains.constant(op.inputs[0])
        and all(_repeats(chains, taker, op) for taker in chains.takers.get(op.gives, []))
    }
    if not short:
        return list(chains.ops)
    return _needed(chains, [op.take(inputs=tuple(short.get(n, n) for n in op.inputs)) for op in chains.ops])


def _repeats(chains: _Chains, taker: Op, expand: Op) -> bool:
    """Whether an operator gives the same without the Expand in front of it, for every batch that is looked at."""
    names = [expand.inputs[0] if name == expand.gives else name for name in taker.inputs if name]
    if taker.type not in _PAIRS or len(chains.known[expand.inputs[0]].shape) != len(chains.known[expand.gives].shape):
        return False
    for place, whole in enumerate(chains.known[taker.gives].worlds):
        shapes = [chains.known[name].worlds[place] for name in names]
        if whole is None or any(shape is None for shape in shapes):
            return False
        sizes = [(*(1,) * (whole.ndim - t.ndim), *t.shape) for t in shapes if t is not None]
        if any(max(found) != size for found, size in zip(zip(*sizes, strict=True), whole.shape, strict=True)):
            return False
    return True


class _Chains:
    """The operators and who takes what of whom."""

    def __init__(self, folded: Folded) -> None:
        self.ops, self.known, self.model = folded.ops, folded.known, folded.model
        self.maker = {name: op for op in self.ops for name in op.outputs if name}
        self.takers: dict[str, list[Op]] = {}
        for op in self.ops:
            for name in op.inputs:
                self.takers.setdefault(name, []).append(op)
        self.outputs = set(self.model.outputs)

    def made(self, name: str, *types: str) -> Op | None:
        """The operator that gives a value, where it is one of these."""
        op = self.maker.get(name)
        return op if op is not None and op.type in types else None

    def only(self, op: Op) -> Op | None:
        """The one operator that takes the result, None where there are several or the network gives it."""
        takers = self.takers.get(op.gives, [])
        return takers[0] if len(takers) == 1 and op.gives not in self.outputs else None

    def constant(self, name: str) -> bool:
        """Whether a value is a constant."""
        return bool(name) and self.known[name].constant

    def number(self, name: str) -> float | None:
        """The one number of a constant."""
        if not self.constant(name) or self.known[name].one.numel() != 1:
            return None
        return float(self.known[name].one.reshape(-1)[0])

    def axes(self, op: Op) -> list[int]:
        """The axes that an operator reduces."""
        said = op.input(1)
        found = self.known[said].one.flatten().tolist() if said else op.attributes.get("axes") or []
        rank = len(self.known[op.inputs[0]].shape)
        return sorted(int(axis) % rank for axis in found)

    def split(self, op: Op) -> tuple[str, str] | None:
        """Of two inputs the constant, then the other."""
        if len(op.inputs) != 2:
            return None
        a, b = op.inputs
        return (a, b) if self.constant(a) and not self.constant(b) else (b, a) if self.constant(b) else None

    def scaled(self, op: Op, size: Sequence[int]) -> tuple[Op, list[str]]:
        """The last operator of a factor and an offset of shape `size` behind `op`, and their names."""
        names: list[str] = []
        for type in ("Mul", "Add"):
            after = self.only(op)
            parts = self.split(after) if after is not None and after.type == type else None
            if after is None or parts is None or not _fits(self.known[parts[0]].shape, size):
                break
            op, names = after, [*names, parts[0]]
        return op, names


def _fits(shape: Sequence[int], size: Sequence[int]) -> bool:
    plain = list(shape)
    while len(plain) > len(size) and plain[0] == 1:
        plain.pop(0)
    return plain == list(size)


Matcher = Callable[[_Chains, Op], "tuple[Op, Op] | None"]


def _each(chains: _Chains, match: Matcher) -> list[Op]:
    """Puts what `match` makes of an operator in the place of the last operator of its run."""
    new: dict[int, Op] = {}
    for op in chains.ops:
        found = match(chains, op)
        if found is not None:
            last, made = found
            new[id(last)] = made
    if not new:
        return list(chains.ops)
    return _needed(chains, [new.get(id(op), op) for op in chains.ops])


def _needed(chains: _Chains, ops: Sequence[Op]) -> list[Op]:
    wanted, kept = set(chains.outputs), []
    for op in reversed(ops):
        if wanted.intersection(op.outputs):
            wanted.update(op.inputs)
            kept.append(op)
    return kept[::-1]


def _layer_norm(chains: _Chains, div: Op) -> tuple[Op, Op] | None:
    """(x − mean) / √(mean of squares + ε), and factor and offset behind it."""
    if div.type != "Div" or (root := chains.made(div.inputs[1], "Sqrt")) is None:
        return None
    found = _spread(chains, root)
    less = chains.made(div.inputs[0], "Sub")
    if found is None or less is None:
        return None
    squared, eps, axes = found
    mean = chains.made(less.inputs[1], "ReduceMean")
    if mean is None or mean.inputs[0] != less.inputs[0] or chains.axes(mean) != axes:
        return None
    again = chains.made(squared, "Sub")  # some exporters write the difference twice
    if squared != less.gives and (again is None or again.inputs != less.inputs):
        return None
    return _normal(chains, div, less.inputs[0], axes, eps, "LayerNormalization")


def _spread(chains: _Chains, root: Op) -> tuple[str, float, list[int]] | None:
    """Of √(mean of v² + ε) the value v, ε and the axes."""
    add = chains.made(root.inputs[0], "Add")
    parts = chains.split(add) if add is not None else None
    eps = chains.number(parts[0]) if parts else None
    mean = chains.made(parts[1], "ReduceMean") if parts else None
    square = chains.made(mean.inputs[0], "Pow", "Mul") if mean is not None else None
    if eps is None or mean is None or square is None or not mean.attributes.get("keepdims", 1):
        return None
    twice = square.inputs[0] == square.inputs[1] if square.type == "Mul" else chains.number(square.inputs[1]) == 2.0
    return (square.inputs[0], eps, chains.axes(mean)) if twice else None


def _normal(chains: _Chains, last: Op, x: str, axes: list[int], eps: float, type: str) -> tuple[Op, Op] | None:
    shape = chains.known[x].shape
    rank = len(shape)
    if not axes or axes != list(range(axes[0], rank)):
        return None
    end, names = chains.scaled(last, shape[axes[0] :])
    if type == "RMSNormalization" and len(names) > 1:
        end, names = chains.maker[next(n for n in end.inputs if not chains.constant(n))], names[:1]
    if not names:
        end = last
    attributes = {"axis": axes[0], "epsilon": eps}
    return end, end.take(type=type, inputs=(x, *names), attributes=attributes)


def _rms_norm(chains: _Chains, op: Op) -> tuple[Op, Op] | None:
    """x / √(mean of squares + ε), as a quotient or as a product with the reciprocal."""
    if op.type == "Div":
        x, root = op.inputs[0], chains.made(op.inputs[1], "Sqrt")
    elif op.type == "Mul" and len(op.inputs) == 2:
        over = next((o for n in op.inputs if (o := chains.made(n, "Reciprocal", "Div"))), None)
        if over is None or (over.type == "Div" and chains.number(over.inputs[0]) != 1.0):
            return None
        x = next((n for n in op.inputs if n != over.gives), "")
        root = chains.made(over.inputs[-1], "Sqrt")
    else:
        return None
    found = _spread(chains, root) if root is not None else None
    if found is None or found[0] != x:
        return None
    return _normal(chains, op, x, found[2], found[1], "RMSNormalization")


def _group_norm(chains: _Chains, norm: Op) -> tuple[Op, Op] | None:
    """[N, C, …] as [N, groups, −1], each group made normal, back, and factor and offset for each channel."""
    if norm.type != "InstanceNormalization" or (before := chains.made(norm.inputs[0], "Reshape")) is None:
        return None
    after, x = chains.only(norm), before.inputs[0]
    full = chains.known[x].shape
    if after is None or after.type != "Reshape" or chains.known[after.gives].shape != full or len(full) < 3:
        return None
    scale, bias = (chains.known[name].one for name in norm.inputs[1:3])
    groups = scale.numel()
    flat = bool((scale == 1).all()) and not bool(bias.any())
    if not flat or full[1] % groups or len(chains.known[norm.inputs[0]].shape) != 3:
        return None
    end, names = chains.scaled(after, (full[1], *(1,) * (len(full) - 2)))
    if len(names) != 2:
        return None
    attributes = {"num_groups": groups, "epsilon": norm.attributes.get("epsilon", 1e-5)}
    return end, end.take(type="GroupNormalization", inputs=(x, *names), attributes=attributes)


def _shuffle(chains: _Chains, turn: Op) -> tuple[Op, Op] | None:
    """A Transpose between two Reshapes: channels of groups in turn, or channels laid side by side."""
    before = chains.made(turn.inputs[0], "Reshape") if turn.type == "Transpose" else None
    after = chains.only(turn) if before is not None else None
    if before is None or after is None or after.type != "Reshape":
        return None
    x, order = before.inputs[0], list(turn.attributes.get("perm") or ())
    full, parts, goal = (chains.known[name].shape for name in (x, before.gives, after.gives))
    if len(full) == 4 and order == [0, 2, 1, 3, 4] and goal == full and parts[3:] == full[2:] and parts[0] == full[0]:
        return after, after.take(type="ChannelShuffle", inputs=(x,), attributes={"groups": parts[1]})
    sides = len(parts) == 6 and parts[2] == parts[3] and parts[4:] == full[2:] and parts[0] == full[0]
    if len(full) == 4 and order == [0, 1, 4, 2, 5, 3] and sides:
        size = parts[2]
        if goal == (full[0], parts[1], full[2] * size, full[3] * size):
            return after, after.take(type="DepthToSpace", inputs=(x,), attributes={"blocksize": size, "mode": "CRD"})
    sides = len(parts) == 6 and parts[3] == parts[5] and parts[0] == full[0] and parts[1] == full[1]
    if len(full) == 4 and order == [0, 1, 3, 5, 2, 4] and sides:
        size = parts[3]
        if goal == (full[0], full[1] * size**2, full[2] // size, full[3] // size):
            return after, after.take(type="PixelUnshuffle", inputs=(x,), attributes={"blocksize": size})
    return None


def _gate(chains: _Chains, mul: Op) -> tuple[Op, Op] | None:
    """A split into two halves, of which the sigmoid of the second is a factor of the first."""
    if mul.type != "Mul" or len(mul.inputs) != 2:
        return None
    for first, second in (mul.inputs, mul.inputs[::-1]):
        gate, split = chains.made(second, "Sigmoid"), chains.made(first, "Split")
        if gate is None or split is None or list(split.outputs) != [first, gate.inputs[0]]:
            continue
        shape = chains.known[first].shape
        axis = split.attributes.get("axis", 0) % len(shape)
        if axis and shape == chains.known[gate.inputs[0]].shape:
            return mul, mul.take(type="GLU", inputs=split.inputs[:1], attributes={"axis": axis})
    return None
