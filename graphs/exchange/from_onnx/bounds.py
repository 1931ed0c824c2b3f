"""What reading one file may cost. A few bytes can ask for any amount of memory and time, so what an operator takes is
found before it runs: on tensors that have a shape and no numbers, with everything that it makes on the way counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.model import Op, words

if TYPE_CHECKING:
    from torch import Tensor

WIDEST = 2**28
"""Numbers of one constant, which take no memory where they are the same number seen many times."""
FLOWING = 2**31
"""Numbers that flow between two operators for one sample, or for a few."""
MOST_BYTES = 2**29
"""Bytes that one operator makes of constants on its way, and that all computed constants hold."""
MOST_WORK = 2**31
"""Numbers that are computed of constants for one file, over all attempts at it; one operator may take an eighth."""
MOST_CALLS = 20_000
MOST_CALLS_IN_ALL = 2_000_000
"""Steps of torch that one operator may be made of, and all of them."""
PRODUCTS_AS_ONE = 16
"""Products of a matrix product that take about as long as one other number."""
DEEPEST = 16
"""Axes of a value."""

_STEADY = words(
    "Abs Neg Sqrt Reciprocal Exp Log Erf Ceil Floor Round Sign Not Identity Cast Relu Sigmoid Tanh Clip Add Sub Mul "
    "Div Mod Max Min Sum Mean Equal Greater Less GreaterOrEqual LessOrEqual And Or Xor Where Concat Gather Squeeze "
    "Unsqueeze Reshape Flatten Transpose Slice Split ReduceSum ReduceProd ReduceMax ReduceMin ReduceMean Constant "
    "Shape Size Pow"
)
"""Operators that give no more numbers than the sizes of their inputs multiplied."""
_LISTS = {"Compress": 65536, "Split": 1024, "Gather": 2**31}
"""How many numbers may decide about a shape where that is more than a few for each axis."""
_FOUND = {"NonZero": 8, "Unique": 4}
"""Operators that give as much as their numbers ask for: how many times as many numbers as they take, at most."""
_ALIKE = {"Identity", "Dropout"}
"""Operators that give what they take."""
SMALL = 4096


class TooMuch(Exception):
    """An operator would take more memory or time than reading a file may."""


class Budget:
    """What is left for one file. `begin` is called for each attempt at it, whose constants are then held no more."""

    def __init__(self) -> None:
        self.work, self.calls, self.bytes = MOST_WORK, MOST_CALLS_IN_ALL, MOST_BYTES

    def begin(self) -> None:
        """Nothing is held any more."""
        self.bytes = MOST_BYTES

    def foresee(self, op: Op, inputs: Sequence[Tensor | None], shaped: Callable[[], Sequence[Tensor]]) -> None:
        """Counts what a constant takes before it is computed; `shaped` gives its results without numbers.

        Raises TooMuch, and what torch says of inputs that do not suit.
        """
        plausible(op, inputs)
        given = [t for t in inputs if t is not None]
        most = math.prod(max(1, t.numel()) for t in given)
        if op.type in _STEADY and most <= SMALL:
            self._take(8 * most, most)
        elif op.type in _FOUND:
            size = _FOUND[op.type] * sum(t.numel() * max(1, t.ndim) for t in given)
            self._take(8 * size, size)
        else:
            weighing = _weighing()()
            with ExitStack() as stack:
                for mode in (*_on_meta(), weighing):
                    stack.enter_context(mode)
                made = shaped()
            if sum(t.numel() for t in made) > WIDEST:
                raise TooMuch
            held = weighing.bytes
            if not weighing.calls and op.type not in _ALIKE:  # its shape was told without any step of torch
                held = sum(t.numel() * t.element_size() for t in made)
            self._take(held, max(held // 4, weighing.work), weighing.calls)

    def shaped(self, run: Callable[[], Sequence[Tensor]], sourceless: bool) -> Sequence[Tensor]:
        """Results without numbers, of an operator that is no constant; the steps on the way are counted. One that takes
        no value at all is `sourceless`. Raises TooMuch."""
        weighing = _weighing()()
        with ExitStack() as stack:
            for mode in (*(_on_meta() if sourceless else ()), weighing):
                stack.enter_context(mode)
            made = run()
        self._take(0, 0, weighing.calls)
        return made

    def _take(self, bytes: int, work: int, calls: int = 0) -> None:
        if bytes > self.bytes or work > min(self.work, MOST_WORK // 8) or calls > self.calls:
            raise TooMuch
        self.bytes -= bytes
        self.work -= work
        self.calls -= calls


def _on_meta() -> tuple[Any, ...]:
    import torch

    return (torch.device("meta"),)


@cache
def _weighing() -> Callable[[], Any]:
    """What counts all that torch makes while it runs: bytes, products and steps. It raises TooMuch at one too many."""
    from torch import Tensor
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves
    from torch.utils.flop_counter import flop_registry

    class Weighing(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.bytes = self.work = self.calls = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            found = func(*args, **(kwargs or {}))
            self.calls += 1
            if self.calls > MOST_CALLS:
                raise TooMuch
            if not any(part.alias_info for part in func._schema.returns):
                made = [t for t in tree_leaves(found) if isinstance(t, Tensor)]
                self.bytes += sum(t.numel() * t.element_size() for t in made)
                self.work += sum(t.numel() for t in made)
            count = flop_registry.get(func._overloadpacket)
            if count is not None:
                self.work += int(count(*args, **(kwargs or {}), out_val=found)) // (2 * PRODUCTS_AS_ONE)
            return found

    return Weighing


def plausible(op: Op, inputs: Sequence[Tensor | None]) -> None:
    """Raises TooMuch for lists that are longer than any tensor has axes, and sizes that are gone through one by one."""
    from graphs.exchange.from_onnx.operators import parameters_of

    if op.type != "Constant" and any(isinstance(v, list) and len(v) > 64 for v in op.attributes.values()):
        raise TooMuch
    for place in parameters_of(op):
        known = inputs[place] if place < len(inputs) else None
        if known is not None and known.numel() > _LISTS.get(op.type, 64):
            raise TooMuch
    if op.type == "MelWeightMatrix" and any(t is not None and abs(float(t.max())) > 2**16 for t in inputs[:3]):
        raise TooMuch
    if op.type == "Slice" and inputs and inputs[0] is not None and max((0, *inputs[0].shape)) > 2**22:
        steps = inputs[4] if len(inputs) > 4 else None
        if steps is not None and bool((steps < 0).any()):
            raise TooMuch
    if op.type in ("Resize", "Upsample") and inputs and inputs[0] is not None:
        _resized(op, inputs[0], inputs[1:])


def _resized(op: Op, x: Tensor, said: Sequence[Tensor | None]) -> None:
    """Each place along an axis is reckoned from all places that were there."""
    own = max((0, *x.shape))
    factors = [float(n) for n in op.attributes.get("scales") or ()]
    factors += [float(v) for name, v in op.attributes.items() if name in ("width_scale", "height_scale")]
    wanted = [own * factor for factor in factors]
    for tensor in said:
        if tensor is not None and not tensor.is_meta and tensor.numel():
            largest = float(tensor.max())
            wanted.append(largest if not tensor.is_floating_point() else own * largest)
    if not all(own * size <= 2**25 for size in wanted):
        raise TooMuch
