"""A module of PyTorch as a program: torch.export walks through it once, layers are not taken apart."""

from __future__ import annotations

import logging
import operator
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from graphs.exchange.torch_in.program import Call, Level, Program, Ref, Word
from graphs.files.faults import FileFault

if TYPE_CHECKING:
    from torch import Tensor, fx, nn
    from torch.export import ExportedProgram

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
            with quiet():
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


@contextmanager
def quiet() -> Iterator[None]:
    """torch.export tells at length what it does; nobody has asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


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
    calls, parts = list[Call](), _Parts(nodes)
    for node in nodes:
        if node.op == "call_function" and node.name not in parts.inner:
            calls.append(_call(node, parts.outputs.get(node.name)))
    inputs = tuple(name for name in signature.user_inputs if isinstance(name, str))
    values = {node.name: node.meta["val"] for node in nodes if node.name in inputs}
    examples = {name: (_sizes(value), str(value.dtype).removeprefix("torch.")) for name, value in values.items()}
    free = {(name, axis) for name, v in values.items() for axis, n in enumerate(v.shape) if not isinstance(n, int)}
    outputs = tuple(name for name in signature.user_outputs if isinstance(name, str))
    learnt = frozenset(signature.inputs_to_parameters.values())
    kept = {name: value.detach() for name, value in state.items()}
    return Program(tuple(calls), inputs, outputs, named, kept, learnt, examples, frozenset(free))


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
