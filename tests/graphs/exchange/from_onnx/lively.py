"""Models of the onnx package with random weights in place of their constants, and networks beside onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import ModelProto, TensorProto, numpy_helper

from graphs.building.build import Built, build
from graphs.exchange.imported import Imported
from graphs.layers.catalogue import standard

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"
Array = np.ndarray[Any, Any]


def write_light(name: str, folder: Path) -> Path:
    """A model of light/ with random weights; what the last Softmax takes is a result as well, since a Softmax hides
    most of an error."""
    model = onnx.load(DATA / "light" / f"{name}.onnx")
    graph, rng = model.graph, np.random.default_rng(0)
    shapes = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    filled = [node for node in graph.node if node.op_type == "ConstantOfShape"]
    kept = [node for node in graph.node if node.op_type != "ConstantOfShape"]
    drawn = [
        numpy_helper.from_array(_drawn(n.output[0], shapes[n.input[0]].tolist(), rng), n.output[0]) for n in filled
    ]
    used = {name for node in kept for name in node.input}
    constants = [t for t in graph.initializer if t.name in used] + drawn
    given = [info for info in graph.input if info.name in used]
    for field, values in ((graph.node, kept), (graph.initializer, constants), (graph.input, given)):
        del field[:]  # type: ignore[attr-defined]
        field.extend(values)  # type: ignore[arg-type]
    if graph.node[-1].op_type == "Softmax":
        graph.output.append(onnx.helper.make_tensor_value_info(graph.node[-1].input[0], TensorProto.FLOAT, [1, 1000]))
    path = folder / f"{name}.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def _drawn(name: str, shape: list[int], rng: np.random.Generator) -> Array:
    """Numbers that keep what flows through about as large as it was."""
    if len(shape) > 1:
        drawn = rng.standard_normal(shape, np.float32) * np.sqrt(2 / np.prod(shape[1:]))
    elif any(part in name for part in ("var", "riv", "scale", "bn_w", "sc_w", "bn_s")):
        drawn = rng.uniform(0.6, 1.2, shape)
    else:
        drawn = 0.1 * rng.standard_normal(shape)
    return np.asarray(drawn, np.float32)


def computed(imported: Imported) -> Built:
    """The network built, with the weights that came with it, all of which must fit."""
    catalogue = standard().copy()
    catalogue.know(imported.network)
    built = build(imported.network, catalogue)
    built.module.load_state_dict(dict(imported.weights), strict=True)
    built.module.eval()
    return built


def results(built: Built, inputs: Sequence[torch.Tensor]) -> list[Array]:
    """What the network gives."""
    with torch.no_grad():
        given = built.module(*inputs)
    return [value.numpy() for value in (given if isinstance(given, tuple) else (given,))]


def samples(built: Built, batch: int, seed: int = 0) -> list[torch.Tensor]:
    """Random inputs: normally distributed numbers, tokens below what the text knows, a few whole numbers."""
    draw = torch.Generator().manual_seed(seed)
    return [
        torch.randn(batch, *s.dims, generator=draw)
        if s.dtype == "float32"
        else torch.randint(max(2, s.values), (batch, *s.dims), generator=draw).to(getattr(torch, s.dtype))
        for s in built.shapes
    ]


def by_onnxruntime(path: Path | str, inputs: Sequence[torch.Tensor]) -> list[Array]:
    """What onnxruntime gives for the same inputs, in the order of the file."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [info.name for info in session.get_inputs()]
    return list(session.run(None, {n: x.numpy() for n, x in zip(names, inputs, strict=True)}))


def worst(ours: Sequence[Array], theirs: Sequence[Array]) -> float:
    """The largest difference, relative to the largest number of each result. The shapes must be equal."""
    assert [a.shape for a in ours] == [b.shape for b in theirs]
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(ours, theirs, strict=True))


def model(
    nodes: Sequence[Any], inputs: dict[str, Sequence[Any]], outputs: Sequence[str], opset: int = 17, **more: Any
) -> ModelProto:
    """A small model of float32 inputs; `more` are constants by name."""
    given = [onnx.helper.make_tensor_value_info(n, TensorProto.FLOAT, list(axes)) for n, axes in inputs.items()]
    wanted = [onnx.helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs]
    constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in more.items()]
    graph = onnx.helper.make_graph(list(nodes), "net", given, wanted, constants)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=8)
