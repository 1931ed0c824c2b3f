"""A program without writing in place, without copies, and without what only watches over it.

x.relu_() gives a new value that everybody behind it takes; a write into a part of a tensor (x[:, 0] = y) becomes a new
whole tensor with that part in it, and what else is a view of the same memory is taken anew from it when it is next
needed. What shares memory with what is seen by running the program on the meta device as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch import rawly, writing
from graphs.exchange.from_torch.program import MOST_CALLS, Call, Program, Ref, Word, refs, renamed
from graphs.exchange.from_torch.running import run_call
from graphs.files.faults import FileFault

if TYPE_CHECKING:
    from torch import Tensor

_SAME = """
    alias clone contiguous detach lift lift_fresh lift_fresh_copy detach_copy positive
"""
SAME = frozenset(_SAME.split())
"""Functions that give the numbers that they take."""
_TURNED = frozenset(["unsqueeze_", "squeeze_", "transpose_", "t_", "swapaxes_", "swapdims_"])
"""Functions that give another view of the memory to the tensor itself, and write nothing."""
PRIME = 1009
"""A batch that no other size is likely to be a multiple of."""


def plainly(program: Program, name: str) -> Program:
    """The same program with new values alone. Raises FileFault where a write cannot be said in this way."""
    import torch

    with torch.device("meta"), torch.no_grad():
        return _Plain(program, name).run()


@dataclass(frozen=True)
class _View:
    """How one tensor lies in the memory of another: the call that gives it, what it takes by their places."""

    base: str
    call: Call
    part: int


class _Plain:
    """What is known while a program is gone through.

    A tensor has a place, which it shares with all names that are the very same tensor. `now` says which value lies at a
    place, `seen` at which write into the memory below it was looked at; `views` how places lie in others.
    """

    def __init__(self, program: Program, name: str) -> None:
        self.program, self.name = program, name
        self.objects: dict[str, str] = {}
        self.places: dict[str, str] = {}
        self.now: dict[str, str] = {}
        self.views: dict[str, _View] = {}
        self.roots: dict[str, str] = {}
        self.writes: dict[str, int] = {}
        self.seen: dict[str, int] = {}
        self.sizes: dict[str, tuple[int, ...]] = {}
        self.calls: list[Call] = []
        self.levels: tuple[Any, ...] = ()
        self.count = 0
        self.batch = PRIME if any(axis == 0 for _, axis in program.free) else 0
        self.values: dict[str, Any] | None = None

    def run(self) -> Program:
        """The whole program."""
        if any(rawly.writes(call) for call in self.program.calls):
            self.values = self._begun()
        for name in (*self.program.inputs, *self.program.tensors):
            self._place(name, name)
        for call in self.program.calls:
            self.levels = call.levels
            self._take(call)
        outputs = tuple(self._current(name) for name in self.program.outputs)
        written = frozenset(name for name in self.program.tensors if self.writes.get(name))
        return replace(self.program.with_calls(self.calls, outputs), written=written)

    def _begun(self) -> dict[str, Any]:
        """What goes in, without numbers; several names of one weight are the same tensor."""
        import torch

        program, found = self.program, dict[str, Any]()
        for key, (sizes, dtype) in program.examples.items():
            found[key] = torch.empty(self._sized(sizes), dtype=getattr(torch, dtype))
        state = {fqn: program.state[fqn].to("meta") for fqn in set(program.tensors.values())}
        return found | {key: state[fqn] for key, fqn in program.tensors.items()}

    def _sized(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (self.batch, *sizes[1:]) if self.batch else sizes

    # Names and places

    def _place(self, name: str, value: str) -> None:
        """A tensor with memory of its own, in which this value lies."""
        self.objects[name] = self.places[name] = self.roots[name] = name
        self.now[name], self.writes[name], self.seen[name] = value, 0, 0
        if self.values is not None and hasattr(self.values.get(name), "shape"):
            self.sizes[name] = tuple(self.values[name].shape)

    def _at(self, name: str) -> str:
        """The place of a tensor; the name itself for a number."""
        return self.places[self.objects[name]] if name in self.objects else name

    def _current(self, name: str) -> str:
        """The value of a tensor by now."""
        place = self._at(name)
        return self._looked(place) if place in self.now else name

    def _looked(self, place: str) -> str:
        """The value at a place, taken anew where something was written into its memory."""
        stale, latest = list[str](), self.writes[self.roots[place]]
        while self.seen[place] != latest:
            stale.append(place)
            place = self.views[place].base
        for one in reversed(stale):
            self.now[one], self.seen[one] = self._again(self.views[one]), latest
        return self.now[stale[0] if stale else place]

    def _again(self, view: _View) -> str:
        if view.call.operation in SAME:
            return self.now[view.base]
        values = {place: self.now[place] for place in refs(view.call.given) if place in self.now}
        outputs = tuple(self._fresh(name) for name in view.call.outputs)
        self._add(Call(view.call.target, renamed(view.call.given, values), outputs, self.levels))
        return outputs[view.part]

    def _fresh(self, stem: str) -> str:
        self.count += 1
        if self.count > 8 * MOST_CALLS:
            raise FileFault(self.name, "", "writes in place too often", "take a part of the network")
        return f"{stem.partition('~')[0]}~{self.count}"

    # Calls

    def _take(self, call: Call) -> None:
        if rawly.writes(call) and self.values is not None:
            self._written(call)
            return
        names = {name: self._current(name) for name in call.takes()}
        made = Call(call.target, renamed(call.given, names), call.outputs, call.levels)
        if call.target in ("aten.view.default", "aten._unsafe_view.default"):
            given = {"self": made.given["self"], "shape": made.given["size"]}
            made = Call("aten.reshape.default", given, call.outputs, call.levels)
        source = call.given.get("self")
        if call.target.startswith("aten.") and call.operation in SAME and isinstance(source, Ref):
            self._place(call.outputs[0], names[source.name])
        else:
            self._add(made)
            for name in call.outputs:
                self._place(name, name)
        if self.values is not None:
            self._watch(call, replace(made, given=self._by_place(call)))

    def _by_place(self, call: Call) -> Any:
        given = dict(call.given)
        if call.target in ("aten.view.default", "aten._unsafe_view.default"):
            given = {"self": given["self"], "shape": given["size"]}
        return renamed(given, {name: self._at(name) for name in call.takes()})

    def _add(self, call: Call) -> None:
        self.calls.append(call)

    def _watch(self, call: Call, again: Call) -> None:
        """Runs a call without numbers, and sees which of its results lie in the memory of what it took."""
        assert self.values is not None
        results = self._tried(call)
        taken = [name for name in call.takes() if hasattr(self.values.get(name), "untyped_storage")]
        for part, (name, value) in enumerate(zip(call.outputs, results, strict=False)):
            self.values[name] = value
            if not hasattr(value, "untyped_storage"):
                continue
            self.sizes[name] = tuple(value.shape)
            base = next((other for other in taken if _shares(self.values[other], value)), "")
            if base and self.values[base] is value and call.operation not in writing.MODES:
                self.objects[name] = self.objects[base]
            elif base:
                self._view(name, _View(self._at(base), again, part))

    def _tried(self, call: Call) -> tuple[Any, ...]:
        """What a call gives, without numbers; nothing where it cannot run, which is told of where it is needed."""
        assert self.values is not None
        try:
            return run_call(call, self.values, "meta", rawly.raw_function)
        except (RuntimeError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError):
            return ()

    def _view(self, place: str, view: _View) -> None:
        root = self.roots[view.base]
        self.views[place], self.roots[place], self.seen[place] = view, root, self.writes[root]

    # Writes

    def _written(self, call: Call) -> None:
        values = self.values
        assert values is not None
        try:
            function = rawly.raw_function(call.target)
            target = call.given[function._schema.arguments[0].name].name
            before = values[target]
        except (ValueError, AttributeError, KeyError) as error:
            problem = f"writes in place with {call.operation}, which is not read"
            raise FileFault(self.name, "", problem, "do without it") from error
        new = writing.new(call.target, function)
        if call.operation in _TURNED and new:
            self._turn(call, new, target)
        elif call.operation != "detach_":
            self._write(call, function, target, before)
        for name in call.outputs:
            values[name], self.objects[name] = before, self.objects[target]

    def _turn(self, call: Call, function: str, target: str) -> None:
        """Gives another view of its memory to a tensor."""
        new = self._fresh(target)
        self._current(target)
        base = self._at(target)
        again = Call(function, {**call.given, "self": Ref(base)}, (new,), call.levels)
        self.now[new] = self._again(_View(base, again, 0))
        self._view(new, _View(base, again, 0))
        assert self.values is not None
        self._tried(call)
        self.sizes[new] = tuple(self.values[target].shape)
        self.places[self.objects[target]] = new

    def _write(self, call: Call, function: Any, target: str, before: Tensor) -> None:
        """A write: a new value for the tensor, and for what it lies in."""
        assert self.values is not None
        names = {name: self._current(name) for name in call.takes()}
        plain = writing.functional(call, function, target, self.values)
        new = self._fresh(target)
        self._add(Call(plain.target, renamed(plain.given, names), (new,), call.levels))
        made = self._tried(plain)
        if made and made[0].dtype != before.dtype:
            word, value = Word("dtype", str(before.dtype).removeprefix("torch.")), new
            new = self._fresh(new)
            self._add(Call("aten.to.dtype", {"self": Ref(value), "dtype": word}, (new,), call.levels))
        self._spread(self._at(target), new)

    def _spread(self, place: str, new: str) -> None:
        """Says that a place holds `new` from here on, and what it lies in has changed with it."""
        root = self.roots[place]
        self.writes[root] += 1
        self.now[place], self.seen[place] = new, self.writes[root]
        while place in self.views:
            view = self.views[place]
            old, new = self.now[view.base], self.now[place]
            made = self._whole(view, place, old, new)
            if made is None:
                whole = new
            else:
                whole = self._fresh(view.base)
                self._add(Call(made.target, made.given, (whole,), self.levels))
            self.now[view.base], self.seen[view.base] = whole, self.writes[root]
            place = view.base

    def _whole(self, view: _View, place: str, old: str, new: str) -> Call | None:
        sizes = self.sizes.get(view.base), self.sizes.get(place)
        if sizes[0] is None or sizes[1] is None:
            return writing.unread(old, new)
        if view.call.operation in SAME:
            return None
        try:
            return writing.whole(view.call, view.part, old, new, (sizes[0], sizes[1]), self.batch)
        except (TypeError, ValueError, LookupError, ArithmeticError):  # arguments that follow from others
            return writing.unread(old, new)


def _shares(one: Tensor, other: Tensor) -> bool:
    return bool(one.untyped_storage()._cdata == other.untyped_storage()._cdata)


def check_writes(program: Program, name: str) -> None:
    """Raises FileFault where a write is left that nothing here says."""
    for call in program.calls:
        if call.operation == writing.UNREAD:
            raise FileFault(name, "", "writes into a part of a tensor that is needed as a whole", "do it without")
