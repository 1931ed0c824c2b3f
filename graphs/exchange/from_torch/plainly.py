"""A program without writing in place, without copies, and without what only watches over it.

x.relu_() gives a new value that everybody behind it takes; a write into a part of a tensor (x[:, 0] = y) becomes a new
whole tensor with that part in it.
"""

from __future__ import annotations

from typing import Any

from graphs.exchange.from_torch.program import Call, Program, Ref, renamed
from graphs.files.faults import FileFault

_SAME = """
    alias clone contiguous detach detach_ lift lift_fresh lift_fresh_copy detach_copy positive
"""
SAME = frozenset(_SAME.split())
"""Functions that give what they take."""
TYPED = frozenset(["to", "_to_copy", "type_as"])
"""Functions that give what they take where its type is wanted already."""
_SHAPED = """
    view reshape _unsafe_view flatten unflatten squeeze unsqueeze view_as reshape_as
"""
SHAPED = frozenset(_SHAPED.split())
"""Views that lay the same numbers out in other axes, in the same order."""
_VIEWS = """
    slice select narrow transpose permute t expand expand_as split chunk unbind split_with_sizes movedim diagonal unfold
    swapaxes swapdims broadcast_to
"""
VIEWS = SHAPED | frozenset(_VIEWS.split())


def plainly(program: Program, name: str) -> Program:
    """The same program with new values alone. Raises FileFault where a write cannot be undone."""
    return _Plain(name).run(program)


class _Plain:
    """What is known while a program is gone through."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.now: dict[str, str] = {}
        """What the value of a name is called by now."""
        self.made: dict[str, Call] = {}
        self.calls: list[Call] = []
        self.count = 0

    def run(self, program: Program) -> Program:
        """The whole program."""
        for call in program.calls:
            self._take(call)
        outputs = tuple(self._current(name) for name in program.outputs)
        return program.with_calls(self.calls, outputs)

    def _current(self, name: str) -> str:
        while name in self.now:
            name = self.now[name]
        return name

    def _take(self, call: Call) -> None:
        names = {name: self._current(name) for name in call.takes()}
        call = Call(call.target, renamed(call.given, names), call.outputs, call.levels)
        if call.target in ("aten.view.default", "aten._unsafe_view.default"):
            given = {"self": call.given["self"], "shape": call.given["size"]}
            call = Call("aten.reshape.default", given, call.outputs, call.levels)
        if not call.target.startswith("aten."):
            self._add(call)
        elif call.operation in SAME and isinstance(call.given.get("self"), Ref):
            self.now[call.outputs[0]] = call.given["self"].name
        elif call.operation.endswith("_") and not call.operation.startswith("__"):
            self._write(call)
        else:
            self._add(call)

    def _add(self, call: Call) -> None:
        self.calls.append(call)
        for name in call.outputs:
            self.made[name] = call

    def _write(self, call: Call) -> None:
        """A write into `self`: a new value, for it and for what it is a part of."""
        target, given = call.given["self"], dict(call.given)
        self.count += 1
        new = f"{call.outputs[0]}~{self.count}"
        _, operation, overload = call.target.split(".")
        if operation == "copy_":
            made = Call("aten.expand_as.default", {"self": given["src"], "other": target}, (new,), call.levels)
        elif operation in ("zero_", "fill_"):
            value = given.get("value", 0)
            filled = {"self": target, "fill_value": value} if not isinstance(value, Ref) else None
            if filled is None:
                made = Call("aten.expand_as.default", {"self": value, "other": target}, (new,), call.levels)
            else:
                made = Call("aten.full_like.default", filled, (new,), call.levels)
        else:
            made = Call(f"aten.{operation[:-1]}.{overload}", given, (new,), call.levels)
        self._add(made)
        for output in call.outputs:
            self.now[output] = new
        self._spread(target.name, new, call)

    def _spread(self, old: str, new: str, call: Call) -> None:
        """Says that `old` is `new` from here on, and what it is a part of has changed with it."""
        maker = self.made.get(old)
        self.now[old] = new
        if maker is None or maker.operation not in VIEWS or not isinstance(maker.given.get("self"), Ref):
            return
        base = maker.given["self"]
        given: dict[str, Any] = {"self": base, "src": Ref(new)}
        rest = {key: value for key, value in maker.given.items() if key != "self"}
        self.count += 1
        whole = f"{base.name}~{self.count}"
        if maker.operation == "slice":
            made = Call("aten.slice_scatter.default", {**given, **rest}, (whole,), call.levels)
        elif maker.operation == "select":
            made = Call("aten.select_scatter.default", {**given, **rest}, (whole,), call.levels)
        elif maker.operation in SHAPED:
            made = Call("aten.reshape_as.default", {"self": Ref(new), "other": base}, (whole,), call.levels)
        elif maker.operation in ("transpose", "swapaxes", "swapdims", "t"):
            made = Call(maker.target, {**rest, "self": Ref(new)}, (whole,), call.levels)
        else:
            self.now.pop(base.name, None)
            made = Call("aten.unread_write.default", {"self": base, "src": Ref(new)}, (whole,), call.levels)
        self._add(made)
        self._spread(base.name, whole, call)


def check_writes(program: Program, name: str) -> None:
    """Raises FileFault where a write is left that nothing here says."""
    for call in program.calls:
        if call.operation == "unread_write":
            raise FileFault(name, "", "writes into a part of a tensor that is needed as a whole", "do it without")
