"""Reads the bytes of an ONNX file: bounded, and refused with one sentence where something cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphs.exchange.from_onnx.model import MOST_AXES, MOST_OPERATORS, NEWEST, OLDEST, Given, Model, Op
from graphs.exchange.from_onnx.scopes import classes_of, scope_of
from graphs.exchange.from_onnx.tensors import Store, is_double, type_name
from graphs.files.faults import FileFault, read_bounded, shown

if TYPE_CHECKING:
    from onnx import AttributeProto, ModelProto, NodeProto, ValueInfoProto

MAX_BYTES = 2**31 - 1
AGAIN = "export the model again"
OTHER = "choose another file"
LONGEST = 4096
"""Numbers of one attribute that are kept."""


def parsed(path: Path) -> Model:
    """What the file says. Raises FileFault."""
    proto = _proto(read_bounded(path, MAX_BYTES), path.name)
    version = _opset(proto, path.name)
    proto = _inlined(proto, path.name)
    graph = proto.graph
    if len(graph.node) > MOST_OPERATORS:
        problem = f"has {len(graph.node):,} operators, more than the {MOST_OPERATORS:,} that are read"
        raise FileFault(path.name, "", problem, OTHER)
    if not graph.output:
        raise FileFault(path.name, "", "is a model without an output", AGAIN)
    store = Store(path, is_double(graph))
    tensors = store.initialisers(graph)
    inputs = tuple(_given(info, store) for info in graph.input if info.name not in tensors)
    if not inputs:
        raise FileFault(path.name, "", "is a model without an input", "export one that takes data")
    ops = [_op(node, store) for node in graph.node]
    outputs = tuple(dict.fromkeys(info.name for info in graph.output))
    model = Model(path.name, version, ops, inputs, outputs, tensors, _origin(proto, version), list(store.notes))
    _once_each(model)
    return model


def _proto(data: bytes, name: str) -> ModelProto:
    import onnx

    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:
        raise FileFault(name, "", "is broken or no ONNX file", OTHER) from error
    if not model.graph.node or not model.opset_import:
        raise FileFault(name, "", "is broken or no ONNX model", OTHER)
    return model


def _opset(proto: ModelProto, name: str) -> int:
    versions = [entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx")]
    version = int(max(versions, default=0))
    if not OLDEST <= version <= NEWEST:
        problem = f"was written for opset {version}, and opsets {OLDEST} to {NEWEST} are read"
        raise FileFault(name, "", problem, "export it for a common opset, such as 18")
    return version


def _inlined(proto: ModelProto, name: str) -> ModelProto:
    """The model with its own functions written out."""
    if not proto.functions:
        return proto
    sizes: dict[tuple[str, str], int] = {}
    functions = {(f.domain, f.name): f for f in proto.functions}
    for _ in range(len(functions) + 1):  # one round more than the longest chain of calls
        before = dict(sizes)
        for key, function in functions.items():
            sizes[key] = sum(before.get((node.domain, node.op_type), 1) for node in function.node)
            if sizes[key] > MOST_OPERATORS:
                problem = "holds functions that write out to more operators than are read, or call themselves"
                raise FileFault(name, shown(function.name), problem, OTHER)
        if sizes == before:
            break
    else:
        raise FileFault(name, "functions", "call themselves", OTHER)
    if sum(sizes.get((node.domain, node.op_type), 1) for node in proto.graph.node) > MOST_OPERATORS:
        raise FileFault(name, "functions", "write out to more operators than are read", OTHER)
    import onnx.inliner

    try:
        return onnx.inliner.inline_local_functions(proto)
    except Exception as error:
        raise FileFault(name, "functions", "cannot be written out", AGAIN) from error


def _given(info: ValueInfoProto, store: Store) -> Given:
    file, kind = store.file, info.type.tensor_type
    where = f"input {shown(info.name)}"
    if not info.type.HasField("tensor_type"):
        raise FileFault(file, where, "is no tensor", "export a model that takes tensors")
    if len(kind.shape.dim) > MOST_AXES:
        raise FileFault(file, where, f"has more than {MOST_AXES} axes", OTHER)
    axes: list[int | str | None] = []
    for dim in kind.shape.dim:
        axes.append(int(dim.dim_value) if dim.HasField("dim_value") else dim.dim_param or None)
        if isinstance(axes[-1], int) and not 0 <= axes[-1] <= 2**24:
            raise FileFault(file, where, f"has an axis of {axes[-1]}", AGAIN)
    dtype = type_name(kind.elem_type, store.double)
    if dtype is None:
        raise FileFault(file, where, "holds values of a type that is not read", "export a model that takes numbers")
    return Given(info.name, tuple(None if axis == 0 else axis for axis in axes), dtype)


def _op(node: NodeProto, store: Store) -> Op:
    name = node.name or next(iter(node.output), "")
    if node.domain not in ("", "ai.onnx"):
        problem = f"is an operator of {shown(node.domain)}, which ONNX itself does not have"
        raise FileFault(store.file, f"operator {shown(name)} ({node.op_type})", problem, "export with plain operators")
    attributes = {}
    for attribute in node.attribute:
        value = _attribute(attribute, node, store)
        if value is not None:
            attributes[attribute.name] = value
    if not node.output:
        raise FileFault(store.file, f"operator {shown(name)} ({node.op_type})", "gives nothing", AGAIN)
    return Op(name, node.op_type, tuple(node.input), tuple(node.output), attributes, scope_of(node), classes_of(node))


def _attribute(attribute: AttributeProto, node: NodeProto, store: Store) -> Any:
    kinds = attribute.AttributeType
    where = f"operator {shown(node.name or node.output[0] if node.output else node.name)} ({node.op_type})"
    if attribute.type in (kinds.GRAPH, kinds.GRAPHS):
        problem = "decides while it runs which operators run, and a network on the canvas has one way only"
        raise FileFault(store.file, where, problem, "export the model without loops and branches")
    if attribute.ref_attr_name:
        raise FileFault(store.file, where, "refers to an attribute that nothing gives", AGAIN)
    if attribute.type == kinds.TENSOR:
        return store.tensor(attribute.t)
    if attribute.type == kinds.STRING:
        return attribute.s.decode("utf-8", "replace")[:LONGEST]
    if attribute.type in (kinds.INT, kinds.FLOAT):
        return int(attribute.i) if attribute.type == kinds.INT else float(attribute.f)
    many: Iterable[Any] = {kinds.INTS: attribute.ints, kinds.FLOATS: attribute.floats}.get(attribute.type, ())
    if attribute.type == kinds.STRINGS:
        return [text.decode("utf-8", "replace")[:LONGEST] for text in attribute.strings[:LONGEST]]
    if attribute.type in (kinds.INTS, kinds.FLOATS):
        values = list(many)
        if len(values) > 2**20:
            raise FileFault(store.file, where, "has an attribute of more than a million numbers", OTHER)
        return values
    return None


def _origin(proto: ModelProto, version: int) -> str:
    """ "ONNX, opset 17, written by pytorch 2.1"."""
    program = f"{proto.producer_name} {proto.producer_version}".strip()
    clean = "".join(c for c in program[:80] if c.isprintable())
    return f"ONNX, opset {version}" + (f", written by {clean}" if clean else "")


def _once_each(model: Model) -> None:
    names = {given.name for given in model.inputs} | set(model.tensors)
    for op in model.ops:
        for name in op.outputs:
            if name and name in names:
                raise model.fault(op, f"gives {shown(name)}, which is there already", AGAIN)
            names.add(name)
