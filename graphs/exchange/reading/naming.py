"""What the layers of a model are called, and where in a program they stood: by their weights, else by their scopes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphs.exchange.reading.sketch import Made, Sketch

Path = tuple[str, ...]

_PARTS = re.compile(
    r"([./](weight|bias|kernel|gamma|beta|scale|shift|w|b|running_mean|running_var|moving_mean|moving_variance|"
    r"(weight|bias)_(ih|hh)_l\d+(_reverse)?|in_proj_weight|in_proj_bias)|_(w|b|s|rm|riv|scale|bias|mean|var)_0|"
    r"[._]?(weight|bias|kernel)|_[WBR]|\.[wb])(:\d+)?$",
    re.IGNORECASE,
)
"""How the name of a weight ends behind the name of its layer."""
_NOTHING = re.compile(
    r"^(onnx::.*|val_?\d*|node_.*|const.*|_?\d+|fold_.*|arg\d.*|input.?\d*|param(eter)?.?\d*|[a-z]|tensor.?\d*|"
    r"_?v_?\d+|r\d+|n\d+|initializer.*|w\d+|p_.*|b_.*|c_.*)$",
    re.IGNORECASE,
)
"""Names that programs make up."""
_DEVICE = re.compile(r"^(gpu|cpu)_\d+$")
_FOLLOWING = {
    *("ReLU", "LeakyReLU", "PReLU", "ELU", "SELU", "GELU", "ReLU6", "Sigmoid", "Tanh", "Hardswish", "Hardsigmoid"),
    *("SiLU", "Mish", "Softplus", "Add", "Multiply", "Concat", "Scale", "LayerScale", "ChannelShuffle", "Reshape"),
    *("Permute", "BatchNorm1d", "BatchNorm2d", "OnnxOp", "Slice", "Split"),
}
"""Kinds that belong to what feeds them, where they have no place of their own."""
DEEPEST = 6


def paths(sketch: Sketch) -> dict[str, Path]:
    """Where each node stands, its own name last; nodes without a place are left out."""
    weighted = {id: path for id, made in sketch.nodes.items() if (path := _by_weights(sketch, made))}
    inner = {path[:depth] for path in weighted.values() for depth in range(1, len(path))}
    scopes = {made.op.scope for made in sketch.nodes.values() if made.op.scope}
    inner |= {scope[:depth] for scope in scopes for depth in range(1, len(scope))}
    mixed = _mixed(sketch)
    found: dict[str, Path] = {}
    for id, made in sketch.nodes.items():
        scope = made.op.scope
        stem = re.sub(r"\d+$", "", id)
        if id in weighted:
            found[id] = (*weighted[id], stem) if weighted[id] in inner else weighted[id]
        elif scope:
            found[id] = (*scope, stem) if scope in inner or scope in mixed else scope
    return _following(sketch, found)


def _by_weights(sketch: Sketch, made: Made) -> Path:
    name = sketch.origins.get(made.named, made.named) if made.named else ""
    stem = _PARTS.sub("", name) if name else ""
    if stem == name or not stem or _NOTHING.match(stem):
        return ()
    parts = [part for part in re.split(r"[./]", stem) if part]
    while len(parts) > 1 and _DEVICE.match(parts[0]):
        parts = parts[1:]
    return tuple(parts[:32])


def _mixed(sketch: Sketch) -> set[Path]:
    """Scopes of which the operators became layers of several kinds: they are no one layer."""
    kinds: dict[Path, set[str]] = {}
    for made in sketch.nodes.values():
        if made.op.scope:
            kinds.setdefault(made.op.scope, set()).add(made.kind)
    return {scope for scope, found in kinds.items() if len(found) > 1}


def _following(sketch: Sketch, found: dict[str, Path]) -> dict[str, Path]:
    """Activations and joins without a place stand where all that feeds them does."""
    if any(made.op.scope for made in sketch.nodes.values()):
        return found
    sources: dict[str, list[str]] = {}
    for wire in sketch.wires.values():
        sources.setdefault(wire.target.node, []).append(wire.source.node)
    for id, made in sketch.nodes.items():
        if id in found or made.kind not in _FOLLOWING or not sources.get(id):
            continue
        around = {found[source][:-1] if source in found else () for source in sources[id]}
        shared = around.pop() if len(around) == 1 else ()
        if shared:
            found[id] = (*shared, re.sub(r"\d+$", "", id))
    return found


def titled(text: str, usual: str) -> str:
    """A name out of a file as a person reads it; `usual` where it says nothing."""
    last = re.split(r"[/]", text)[-1][:80]
    clean = "".join(c for c in last if c.isprintable()).strip()
    return usual if not clean or re.fullmatch(r"\d+|r\d+|val_?\d+", clean) else clean


def ids(sketch: Sketch, found: Mapping[str, Path]) -> dict[str, str]:
    """A fresh id for each node: its name where it stands in no block, inputs and outputs in their order."""
    taken: set[str] = set()
    made: dict[str, str] = {}
    for stem, members in (("input", _of(sketch, "Input")), ("output", _of(sketch, "Output"))):
        for place, id in enumerate(members, 1):
            usual = re.sub(r"\d+$", "", id) if stem == "input" else stem
            made[id] = usual if len(members) == 1 else f"{stem}{place}"
            taken.add(made[id])
    for id in sketch.nodes:
        if id not in made:
            path = found.get(id, ())
            wanted = re.sub(r"[^\w-]", "_", path[0])[:60] if len(path) == 1 else id
            name, number = wanted, 2
            while name in taken:
                name, number = f"{wanted}_{number}", number + 1
            made[id] = name
            taken.add(name)
    return made


def _of(sketch: Sketch, type: str) -> list[str]:
    return [id for id, made in sketch.nodes.items() if made.op.type == type]
