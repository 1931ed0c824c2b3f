"""How a program readies a file for the network as the training data was, and what the network's numbers mean."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studio.data.normalise import Normalisation
from studio.shipping.cargo import Cargo
from studio.shipping.judging import output_shapes

if TYPE_CHECKING:
    from graphs.layers.base import Shape
    from graphs.network import Node

PICTURES, TABLE, TOKENS, PLAIN = "pictures", "table", "tokens", "plain"
"""Kinds of data; each is a file of resources/deploy."""
FORMAT = 1
LOSSES = {"cross-entropy": "softmax", "nll": "log shares", "binary cross-entropy": "sigmoids"}
HOLDS = {"probabilities": "shares", "log probabilities": "log shares"}


def preprocessing(cargo: Cargo) -> dict[str, Any]:
    """All that `predict.py` must know, as plain JSON values: what preprocessing.json holds."""
    normalisation = normalisation_of(cargo)
    told = {
        "format": FORMAT,
        "kind": kind_of(cargo),
        "inputs": inputs_of(cargo),
        "mean": list(normalisation.mean),
        "std": list(normalisation.std),
        "axis": normalisation.axis,
        "answer": answer_of(cargo),
    }
    return {**told, **_more(cargo, str(told["kind"]))}


def inputs_of(cargo: Cargo) -> list[dict[str, Any]]:
    """The name, the shape without the batch axis, and the type of each input of the model."""
    from graphs.names import module_names

    built, names = cargo.built, module_names(cargo.built.network)
    return [
        {"name": names[node], "shape": list(shape.dims), "dtype": shape.dtype}
        for node, shape in zip(built.inputs, built.shapes, strict=True)
    ]


def classes_of(cargo: Cargo) -> tuple[str, ...]:
    """The names of the classes that the weights were learnt on, none for numbers."""
    from studio.weights.learnt import CLASSES

    try:
        found = json.loads(cargo.told.get(CLASSES, "[]"))
    except (ValueError, RecursionError):
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()


def kind_of(cargo: Cargo) -> str:
    """Which kind of file the network's samples come from."""
    shapes = cargo.built.shapes
    if len(shapes) != 1:
        return PLAIN
    shape, data = shapes[0], cargo.data
    if shape.dtype.startswith("int"):
        return TOKENS if len(shape.dims) == 1 else PLAIN
    if _is_picture(shape) and (_published(cargo) or (data is not None and data.bounds == (0.0, 1.0))):
        return PICTURES
    return TABLE if len(shape.dims) == 1 and data is not None else PLAIN


def answer_of(cargo: Cargo) -> str:
    """How the first output is read: as `answers.py` calls it."""
    shapes, classes = output_shapes(cargo), classes_of(cargo)
    if len(shapes) != 1 or len(shapes[0]) != 1 or not classes:
        return "numbers"
    loss, holds = cargo.project.recipe.loss, _held(cargo)
    if shapes[0][0] == 1 and len(classes) == 2:
        logit = loss == "binary cross-entropy" and _last(cargo).kind != "Sigmoid"
        return "one sigmoid" if logit else "one share"
    if shapes[0][0] != len(classes):
        return "numbers"
    return HOLDS.get(holds) or LOSSES.get(loss, "scores")


def _held(cargo: Cargo) -> str:
    """What the last layer says its numbers are."""
    return cargo.project.catalogue.layer(_last(cargo)).holds


def _last(cargo: Cargo) -> Node:
    """The layer before the first output."""
    network = cargo.built.network
    return network.nodes[network.incoming(cargo.built.outputs[0])[0].source.node]


def normalisation_of(cargo: Cargo) -> Normalisation:
    """The shift and scale that the weights were learnt with. Raises DataFault where it is damaged."""
    from studio.weights.learnt import NORMALISATION

    text = cargo.told.get(NORMALISATION, "")
    if text:
        return Normalisation.from_json(text)
    return cargo.data.normalisation if cargo.data is not None else Normalisation()


def _is_picture(shape: Shape) -> bool:
    return len(shape.dims) == 3 and shape.dims[0] in (1, 3) and math.prod(shape.dims) > 0


def _published(cargo: Cargo) -> Mapping[str, Any]:
    """How pictures are readied for published weights, as their project says; nothing for others."""
    from studio.weights.learnt import PREPROCESSING

    try:
        found = json.loads(cargo.told.get(PREPROCESSING, "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("resize"), int) else {}


def _more(cargo: Cargo, kind: str) -> dict[str, Any]:
    """What belongs to one kind of data alone."""
    shape, data = cargo.built.shapes[0], cargo.data
    if kind == PICTURES:
        return _pictures(cargo, shape)
    if kind == TABLE:
        return {"columns": columns_of(cargo)}
    if kind == TOKENS:
        vocabulary = list(data.vocabulary) if data is not None else []
        return {"vocabulary": vocabulary, "tokens": shape.values or len(vocabulary) or 2**31}
    return {}


def columns_of(cargo: Cargo) -> list[str]:
    """The names of the columns of a table, x1, x2, … where the data has none."""
    named = cargo.data.features if cargo.data is not None else ()
    return list(named or (f"x{place}" for place in range(1, cargo.built.shapes[0].dims[0] + 1)))


def _pictures(cargo: Cargo, shape: Shape) -> dict[str, Any]:
    channels, height, width = shape.dims
    spec, published = cargo.project.data if cargo.data is not None else None, _published(cargo)
    told = {"colour": "grey" if channels == 1 else "rgb", "height": height, "width": width, "fit": "exact"}
    if published:
        crop = published.get("crop")
        resize = round(published["resize"] * min(height, width) / crop) if isinstance(crop, int) else min(height, width)
        kernel = "bicubic" if published.get("interpolation") == "bicubic" else "bilinear"
        return {**told, "fit": "shorter", "resize": resize, "interpolation": kernel}
    if spec is not None and spec.source == "digits":
        return {**told, "fit": "stretch"}
    return {**told, "fit": getattr(spec, "fit", "exact")}
