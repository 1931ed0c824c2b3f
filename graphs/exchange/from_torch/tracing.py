"""A module of PyTorch as a program: torch.export walks through it once, layers are not taken apart."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from contextlib import redirect_stderr
from io import StringIO
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_torch.program import Call, Level, Program, Ref, Word, renamed
from graphs.exchange.to_onnx.quiet import quiet
from graphs.files.faults import FileFault

if TYPE_CHECKING:
    from torch import Tensor, fx, nn
    from torch.export import ExportedProgram

WRAPPED = {"wrap_with_set_grad_enabled", "wrap_with_autocast"}
"""Calls of a graph within the graph."""
_DROPPED = {"device", "layout", "pin_memory"}


def trace(module: nn.Module, inputs: Sequence[Tensor], name: str) -> Program:
    """The program of a module for these inputs, which have the batch in front. Raises FileFault."""
    import torch

    doubled = tuple(torch.cat((value, value)) if value.shape[:1] == (1,) else value for value in inputs)
    if any(value.ndim == 0 for value in doubled):
        raise FileFault(name, "", "takes an input without a batch", "give inputs with the batch in front")
    return from_export(_exported(module, doubled, name))


def _exported(module: nn.Module, inputs: tuple[Tensor, ...], name: str) -> ExportedProgram:
    """What torch.export makes of it; in other ways where the first fails, and of what torch.fx sees of it at last."""
    import torch

    each = tuple({0: torch.export.Dim.DYNAMIC} for _ in inputs)
    dynamic: Any = (each,) if _takes_any(module) else each
    ways: list[dict[str, Any]] = [{"dynamic_shapes": dynamic}, {"dynamic_shapes": dynamic, "strict": True}, {}]
    first = ""
    for way in [*ways, None]:
        try:
            with quiet(), redirect_stderr(StringIO()):  # it prints whole graphs
                followed = module if way is not None else torch.fx.symbolic_trace(module)
                return torch.export.export(followed, inputs, **(way or {}))
        except Exception as error:  # torch.export fails in a dozen ways, a module's own code in any other
            first = first or _line(error)
            if way is None:
                problem = f"cannot be followed by torch.export ({first})"
                raise FileFault(name, "", problem, "change its forward") from error
    raise AssertionError


def _takes_any(module: nn.Module) -> bool:
    import inspect

    kinds = [parameter.kind for parameter in inspect.signature(module.forward).parameters.values()]
    return inspect.Parameter.VAR_POSITIONAL in kinds


def _line(error: Exception) -> str:
    words = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return (words if len(words) <= 160 else words[:159] + "…").rstrip(".")


def from_export(exported: ExportedProgram) -> Program:
    """The same program as plain values."""
    signature = exported.graph_signature
    named = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    named |= dict(signature.inputs_to_lifted_tensor_constants)
    state = {**exported.state_dict, **{k: v for k, v in exported.constants.items() if hasattr(v, "ndim")}}
    nodes = list(exported.graph.nodes)
    still = set[str]()
    calls = _calls(nodes, exported.graph_module, still)
    inputs = tuple(name for name in signature.user_inputs if isinstance(name, str))
    values = {node.name: node.meta["val"] for node in nodes if node.name in inputs}
    examples = {name: (_sizes(value), str(value.dtype).removeprefix("torch.")) for name, value in values.items()}
    free = {(name, axis) for name, v in values.items() for axis, n in enumerate(v.shape) if not isinstance(n, int)}
    outputs = tuple(name for name in signature.user_outputs if isinstance(name, str))
    learnt = frozenset(signature.inputs_to_parameters.values())
    kept = {name: value.detach() for name, value in state.items()}
    unlearnt = any(named.get(name) in learnt for name in still)
    return Program(tuple(calls), inputs, outputs, named, kept, learnt, examples, frozenset(free), unlearnt=unlearnt)


def _calls(nodes: list[fx.Node], around: fx.GraphModule, still: set[str]) -> list[Call]:
    """The calls of a graph, those of graphs in it included; `still` gets what is taken without gradients."""
    calls, parts = list[Call](), _Parts(nodes)
    for node in nodes:
        if node.op != "call_function" or node.name in parts.inner:
            continue
        if getattr(node.target, "__name__", "") in WRAPPED:
            calls += _wrapped(node, parts.outputs.get(node.name, (node.name,)), around, still)
        else:
            calls.append(_call(node, parts.outputs.get(node.name)))
    return calls


def _wrapped(node: fx.Node, outputs: tuple[str, ...], around: fx.GraphModule, still: set[str]) -> list[Call]:
    """What is called without gradients or in another precision: the same calls, where they stand."""
    place = next(i for i, a in enumerate(node.args) if getattr(a, "op", "") == "get_attr")
    inner: Any = getattr(around, str(node.args[place].target))  # type: ignore[union-attr]
    given = [str(getattr(argument, "name", "")) for argument in node.args[place + 1 :]]
    without = "grad" in getattr(node.target, "__name__", "") and node.args[0] is False
    deeper = set[str]()
    calls = _calls(list(inner.graph.nodes), inner, deeper)
    taken, results = _ends(inner)
    still.update(outer for own, outer in zip(taken, given, strict=False) if without or own in deeper)
    return inlined(calls, taken, results, given, outputs, node.name)


def _ends(inner: fx.GraphModule) -> tuple[list[str], list[str]]:
    """The names of what a graph takes and of what it gives."""
    taken = [node.name for node in inner.graph.nodes if node.op == "placeholder"]
    result = next(node.args[0] for node in inner.graph.nodes if node.op == "output")
    return taken, [value.name for value in (result if isinstance(result, list | tuple) else [result])]


def inlined(
    calls: list[Call], taken: list[str], results: list[str], given: list[str], outputs: tuple[str, ...], name: str
) -> list[Call]:
    """The calls of a graph within a graph, in terms of the outer one."""
    names = dict(zip(taken, given, strict=True))
    own = {value: f"{name}.{value}" for call in calls for value in call.outputs if value}
    own |= {inner: outer for inner, outer in zip(results, outputs, strict=False) if inner in own and outer}
    made = [
        Call(c.target, renamed(c.given, {**own, **names}), tuple(own.get(v, "") for v in c.outputs), c.levels)
        for c in calls
    ]
    same = [(i, o) for i, o in zip(results, outputs, strict=False) if o and own.get(i) != o]
    return [*made, *(Call("aten.alias.default", {"self": Ref({**own, **names}[i])}, (o,)) for i, o in same)]


def _sizes(value: Any) -> tuple[int, ...]:
    return tuple(n if isinstance(n, int) else n.node.hint or 2 for n in value.shape)


class _Parts:
    """Which nodes only take one result of several, and what the results of each call are called."""

    def __init__(self, nodes: list[fx.Node]) -> None:
        self.inner: set[str] = set()
        self.outputs: dict[str, tuple[str, ...]] = {}
        for node in nodes:
            value = node.meta.get("val")
            if node.op != "call_function" or not isinstance(value, list | tuple):
                continue
            takers = {u.args[1]: u.name for u in node.users if u.target is operator.getitem}
            self.inner |= set(takers.values())
            self.outputs[node.name] = tuple(takers.get(i, "") for i in range(len(value)))


def _call(node: fx.Node, outputs: tuple[str, ...] | None) -> Call:
    target, names = _target(node.target)
    given: dict[str, Any] = {name: _value(value) for name, value in zip(names, node.args, strict=False)}
    given |= {name: _value(value) for name, value in node.kwargs.items() if name not in _DROPPED}
    given = {name: value for name, value in given.items() if name not in _DROPPED}
    return Call(target, given, outputs or (node.name,), _levels(node.meta.get("nn_module_stack") or {}))


def _target(target: Any) -> tuple[str, list[str]]:
    schema = getattr(target, "_schema", None)
    if schema is not None:
        return str(target), [argument.name for argument in schema.arguments]
    return f"operator.{getattr(target, '__name__', str(target))}", ["a", "b", "c", "d"]


def _value(value: Any) -> Any:
    import torch
    from torch import fx

    if isinstance(value, fx.Node):
        return Ref(value.name)
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    if isinstance(value, torch.dtype | torch.memory_format):
        about = "dtype" if isinstance(value, torch.dtype) else "memory_format"
        return Word(about, str(value).removeprefix("torch."))
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def _levels(stack: dict[str, Any]) -> tuple[Level, ...]:
    return tuple(level(key, path, kind) for key, (path, kind) in stack.items() if not key.startswith("_empty"))


def level(key: str, path: str, kind: Any) -> Level:
    """A module on the way to a call; "@1" behind its key says that it is called the second time."""
    _, _, turn = key.rpartition("@")
    name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
    return Level(path.split("@")[0], name, int(turn) if turn.isdigit() and "@" in key else 0)
