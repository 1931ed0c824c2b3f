"""Names in an ONNX file that say where a node stands: "/stage_1/0/conv1/Conv", a scope for each block around it.

Programs that draw ONNX files fold nodes by the slashes in their names; PyTorch's exporter numbers them instead.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

SCOPES = "pkg.torch.onnx.name_scopes"


def name_nodes(model: ModelProto) -> None:
    """Names every node after the layer that it belongs to, and keeps no other word of how it was traced.

    A node that belongs to no layer keeps its name. `pkg.torch.onnx.name_scopes` becomes the list of the paths of all
    modules around the node, from the outside in.
    """
    seen: Counter[str] = Counter()
    for node in model.graph.node:
        path = _path(node)
        if path:
            stem = "/" + "/".join([*path.split("."), node.op_type])
            node.name = f"{stem}_{seen[stem]}" if seen[stem] else stem
            seen[stem] += 1
        del node.metadata_props[:]
        if path:
            parts = path.split(".")
            scopes = ["", *(".".join(parts[: depth + 1]) for depth in range(len(parts)))]
            node.metadata_props.add(key=SCOPES, value=repr(scopes))


def name_axes(model: ModelProto, free: Mapping[int, Mapping[int, str]]) -> None:
    """Calls the batch axis "batch" throughout, and the axes in `free`, by number of the input, as they say there."""
    inputs = [value.type.tensor_type.shape.dim for value in model.graph.input]
    names = {inputs[index][axis].dim_param: name for index, axes in free.items() for axis, name in axes.items()}
    names[inputs[0][0].dim_param] = "batch"
    names.pop("", None)
    if not names:
        return
    pattern = re.compile("|".join(rf"\b{re.escape(symbol)}\b" for symbol in names))
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.dim_param = pattern.sub(lambda found: names[found.group()], dim.dim_param)


def _path(node: NodeProto) -> str:
    """The path of the layer's module, as in the state dict; empty where the exporter did not say."""
    text = next((entry.value for entry in node.metadata_props if entry.key == SCOPES), "")
    try:
        scopes = ast.literal_eval(text) if text else []
    except (SyntaxError, ValueError):
        return ""
    paths = [scope for scope in scopes[:-1] if isinstance(scope, str) and scope]
    return paths[-1] if paths else ""
