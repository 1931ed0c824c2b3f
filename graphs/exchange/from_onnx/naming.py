"""What the layers of a model are called, and where in a program they stood: by their weights, else by their scopes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from graphs.exchange.from_onnx.sketch import Made, Sketch

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
_JOINS = ("Add", "Concat", "Multiply")
"""Kinds that belong to the last of what feeds them."""
_POOLS = ("MaxPool2d", "AvgPool2d")
"""Kinds that belong to what they feed, where that is fed by the same."""
SEVERAL = 3
"""So many layers of one name with a number are one block."""
DEEPEST = 6


def paths(sketch: Sketch) -> dict[str, Path]:
    """Where each node stands, its own name last; nodes without a place are left out."""
    known = _parted({id: path for id, made in sketch.nodes.items() if (path := _by_weights(sketch, made))})
    inner = {path[:depth] for path in known.values() for depth in range(1, len(path))}
    scopes = {made.op.scope for made in sketch.nodes.values() if made.op.scope}
    inner |= {scope[:depth] for scope in scopes for depth in range(1, len(scope))}
    mixed = _mixed(sketch)
    found: dict[str, Path] = {}
    taken: set[Path] = set()
    for id, made in sketch.nodes.items():
        scope = made.op.scope
        stem = re.sub(r"\d+$", "", id)
        alone = bool(scope) and scope not in inner and scope not in mixed
        if id in known and not (alone and known[id] in taken):  # equal weights may be kept once for two layers
            found[id] = (*known[id], stem) if known[id] in inner else known[id]
            taken.add(known[id])
        elif alone:
            found[id] = scope
        elif scope:
            found[id] = (*scope, stem)
    return _following(sketch, found)


def weighted(sketch: Sketch) -> set[str]:
    """The nodes whose place is the name of their weights."""
    return {id for id, made in sketch.nodes.items() if _by_weights(sketch, made)}


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


def _parted(weighted: Mapping[str, Path]) -> dict[str, Path]:
    """Names without steps parted behind a number that several have: res2_0_branch2a is branch2a of res2_0."""
    if any(len(path) > 1 for path in weighted.values()):
        return dict(weighted)
    found = {
        id: match for id, path in weighted.items() if (match := re.fullmatch(r"(.+?_\d+)_(\w*[A-Za-z]\w*)", path[0]))
    }
    counts = Counter(match[1] for match in found.values())
    names = {path[0] for path in weighted.values()}
    parted = {id: (m[1], m[2]) for id, m in found.items() if counts[m[1]] >= SEVERAL and m[1] not in names}
    return {**weighted, **parted}


def _following(sketch: Sketch, found: dict[str, Path]) -> dict[str, Path]:
    """Activations, joins and pools without a place stand where what feeds them does, or what they feed."""
    if any(made.op.scope for made in sketch.nodes.values()):
        return found
    sources, targets = dict[str, list[str]](), dict[str, list[str]]()
    for wire in sketch.wires.values():
        sources.setdefault(wire.target.node, []).append(wire.source.node)
        targets.setdefault(wire.source.node, []).append(wire.target.node)
    rank = {id: place for place, id in enumerate(sketch.nodes)}
    for id, made in sketch.nodes.items():
        if id in found or made.kind not in _FOLLOWING or not sources.get(id):
            continue
        around = [found[source][:-1] if source in found else () for source in sorted(sources[id], key=rank.__getitem__)]
        shared = _shared(around) or (around[-1][:1] if made.kind in _JOINS else ())
        if shared:
            found[id] = (*shared, re.sub(r"\d+$", "", id))
    for id, made in sketch.nodes.items():
        if id in found or made.kind not in _POOLS or not (fed := targets.get(id)):
            continue
        shared = _shared([found[target][:-1] if target in found else () for target in fed])[:1]
        beside = [other for source in sources.get(id, ()) for other in targets[source] if other != id]
        if shared and any(found.get(other, ())[:1] == shared for other in beside):
            found[id] = (*shared, re.sub(r"\d+$", "", id))
    return found


def _shared(paths: list[Path]) -> Path:
    """The steps that all of these begin with."""
    first, last = min(paths), max(paths)
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:length]


_PLAIN = re.compile(
    r"(\d+|[a-z]|[a-z]?\d+|val|input|output|data|tensor|linear|view|add(mm)?|mul|relu|softmax|log_softmax|sigmoid|tanh|"
    r"conv\dd|convolution|squeeze|unsqueeze|permute|transpose|reshape|flatten|mean|cat|select|slice|getitem|div|sub|gelu|"
    r"batch_norm|layer_norm|matmul|max_pool\dd|avg_pool\dd|upsample\w*|clone|expand|arg|x|y|out)[_.]?\d*",
    re.IGNORECASE,
)
"""Names of results that programs make up."""


def titled(text: str) -> str:
    """A name of an input or output as a person reads it; empty where it says nothing."""
    last = re.split(r"[/:]", text)[-1][:80]
    clean = "".join(c for c in last if c.isprintable()).strip()
    return "" if _PLAIN.fullmatch(clean) else clean


def ids(sketch: Sketch, found: Mapping[str, Path]) -> dict[str, str]:
    """A fresh id for each node: its name where it stands in no block, inputs and outputs in their order."""
    taken: set[str] = set()
    made: dict[str, str] = {}
    for stem, members in (("input", _of(sketch, "Input")), ("output", _of(sketch, "Output"))):
        for place, id in enumerate(members, 1):
            usual = re.sub(r"\d+$", "", id) if stem == "input" else stem
            made[id] = usual if len(members) == 1 else f"{stem}{place}"
            taken.add(made[id])
    free = _Free(taken)
    for id, path in found.items():
        if len(path) == 1 and id not in made:
            made[id] = free.name(re.sub(r"[^\w-]", "_", path[0])[:60])
    for id in sorted(sketch.nodes, key=lambda id: bool(found.get(id))):
        if id not in made:
            made[id] = free.numbered(re.sub(r"\d+$", "", id))
    return made


class _Free:
    """Gives out ids, each once."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.numbers: Counter[str] = Counter()

    def name(self, wanted: str) -> str:
        """The id itself, or with a number behind it."""
        if wanted in self.taken:
            return self.numbered(f"{wanted}_")
        self.taken.add(wanted)
        return wanted

    def numbered(self, stem: str) -> str:
        """The stem with the next number."""
        while True:
            self.numbers[stem] += 1
            name = f"{stem}{self.numbers[stem]}"
            if name not in self.taken:
                self.taken.add(name)
                return name


def titles(sketch: Sketch) -> dict[Path, str]:
    """What the blocks are called, by their paths: as their classes, spelled as words."""
    found: dict[Path, str] = {}
    for made in sketch.nodes.values():
        found |= made.op.classes
    return {path: _spaced(kind) for path, kind in found.items()}


def _spaced(kind: str) -> str:
    """ "BasicBlock" → "Basic block"."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+", kind.strip("_")) or [kind]
    return " ".join([parts[0], *(part if part.isupper() and len(part) > 1 else part.lower() for part in parts[1:])])


def _of(sketch: Sketch, type: str) -> list[str]:
    return [id for id, made in sketch.nodes.items() if made.op.type == type]
