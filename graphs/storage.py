"""The project's file: readable JSON, a node a line and a wire a line, so that two versions compare well.

    {
      "format": "netloom",
      "version": 1,
      "nodes": {
        "conv1": {"kind": "Conv2d", "at": [160, 40], "fields": {"kernel_size": [5, 5], "out_channels": 6}}
      },
      "wires": [
        "image1.out -> conv1.in"
      ],
      "settings": {}
    }

Nodes and wires are sorted, ids in natural order: nothing depends on the order they were added in. Kinds are not
looked up here: a kind this program does not know keeps its place and its data. The weights stand in a
safetensors file beside it (`graphs.weights`). Positions are pixels at 100 % zoom.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graphs import atomic, plainjson
from graphs.faults import FileFault, read_bounded, shown, unwritable
from graphs.network import End, Network, Node, Wire, natural
from graphs.weights import load_weights, save_weights

__all__ = [
    "FORMAT_VERSION",
    "FileFault",
    "digest",
    "dumps",
    "fragment_dumps",
    "fragment_loads",
    "load",
    "load_weights",
    "loads",
    "natural",
    "save",
    "save_weights",
]

FORMAT_VERSION = 1
MAX_BYTES = 32 * 2**20
MAX_NODES = 100_000
FORMAT, FRAGMENT = "netloom", "netloom-fragment"
ID = r"^\w[\w\-]{0,99}\Z"
WIRE = re.compile(r"(\w[\w\-]{0,99})\.(\w{1,100}) -> (\w[\w\-]{0,99})\.(\w{1,100})")
MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is not a part of this format",
    "string_pattern_mismatch": "may hold letters, digits, “_” and “-” only, 100 at most",
    "too_long": "holds too many items",
    "string_too_long": "is longer than 200 characters",
    "string_type": "is no text",
    "dict_type": "is no object of names and values",
    "list_type": "is no list",
    "tuple_type": "is no pair of numbers",
    "float_type": "is no number",
}

Pixels = Annotated[float, Field(strict=True, ge=-1e9, le=1e9, allow_inf_nan=False)]
Id = Annotated[str, Field(pattern=ID)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, regex_engine="python-re")


class _Node(_Record):
    kind: Annotated[str, Field(pattern=ID)]
    name: Annotated[str, Field(max_length=200)] = ""
    at: tuple[Pixels, Pixels] = (0.0, 0.0)
    fields: dict[str, Any] = {}


class _Design(_Record):
    format: str
    version: int
    nodes: Annotated[dict[Id, _Node], Field(max_length=MAX_NODES)]
    wires: Annotated[list[str], Field(max_length=8 * MAX_NODES)] = []
    settings: dict[str, Any] = {}


def load(path: str | os.PathLike[str]) -> Network:
    """The network in the file `path`. Raises FileFault."""
    data = read_bounded(Path(path), MAX_BYTES)
    name = Path(path).name
    try:
        return loads(data.decode("utf-8-sig"), name=name)
    except UnicodeDecodeError as error:
        problem = "is no text in UTF-8, so it is no Netloom project"
        raise FileFault(name, f"byte {error.start:,}", problem, "check that it is the right file") from error


def save(path: str | os.PathLike[str], network: Network) -> None:
    """Writes `network` to `path` in one step: the old file stays whole whatever happens. Raises FileFault."""
    text = dumps(network, name=Path(path).name)
    try:
        atomic.write_text(path, text)
    except OSError as error:
        raise unwritable(Path(path), error) from error


def loads(text: str, name: str = "the text") -> Network:
    """The network that `text` holds; `name` is what a FileFault calls it. Raises FileFault."""
    nodes, wires, settings = _read(text, FORMAT, name)
    return Network.of(nodes, wires, settings)


def dumps(network: Network, name: str = "the project") -> str:
    """`network` as text that `loads` reads back. Raises FileFault where it holds what no file can hold."""
    return _write(FORMAT, network.nodes.values(), network.wires.values(), dict(network.settings), name)


def fragment_dumps(network: Network, ids: Iterable[str]) -> str:
    """The nodes `ids` and the wires between them as text for the clipboard. Unknown ids are left out."""
    chosen = {i: network.nodes[i] for i in ids if i in network.nodes}
    inner = [w for w in network.wires.values() if w.source.node in chosen and w.target.node in chosen]
    return _write(FRAGMENT, chosen.values(), inner, {}, "the selection")


def fragment_loads(text: str) -> tuple[tuple[Node, ...], tuple[Wire, ...]]:
    """The nodes and wires that `fragment_dumps` wrote, under the ids they had. Raises FileFault."""
    nodes, wires, _ = _read(text, FRAGMENT, "the clipboard")
    return tuple(nodes), tuple(wires)


def digest(network: Network) -> str:
    """SHA-256 of what makes the network compute what it computes: kinds, fields, names and wires.

    Positions and settings do not count; names do, since the weights are stored under them.
    """
    ordered = sorted(network.nodes.values(), key=_by_id)
    nodes = {n.id: [n.kind, n.title, _canonical(n.fields)] for n in ordered}
    wires = sorted(str(w) for w in network.wires.values())
    return hashlib.sha256(plainjson.compact([nodes, wires]).encode("utf-8", "surrogatepass")).hexdigest()


def _by_id(node: Node) -> tuple[Any, ...]:
    return natural(node.id)


def _canonical(value: Any) -> Any:
    """`value` with sorted keys, lists for tuples and whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | tuple):
        return [_canonical(v) for v in value]
    return {k: _canonical(value[k]) for k in sorted(value)} if hasattr(value, "keys") else value


# Writing


def _write(form: str, nodes: Iterable[Node], wires: Iterable[Wire], settings: dict[str, Any], name: str) -> str:
    design = {
        "format": form,
        "version": FORMAT_VERSION,
        "nodes": {n.id: _record(n) for n in sorted(nodes, key=_by_id)},
        "wires": [str(w) for w in sorted(wires, key=_by_ends)],
        "settings": settings,
    }
    plainjson.check(design, name)
    _parsed_wires(_validated(design, name), name)
    return _text(design)


def _record(node: Node) -> dict[str, Any]:
    record: dict[str, Any] = {"kind": node.kind}
    if node.name:
        record["name"] = node.name
    record["at"] = [int(v) if float(v).is_integer() else v for v in node.position]
    if node.fields:
        record["fields"] = {key: node.fields[key] for key in sorted(node.fields)}
    return record


def _by_ends(wire: Wire) -> tuple[Any, ...]:
    return natural(wire.source.node), wire.source.port, natural(wire.target.node), wire.target.port


def _text(design: dict[str, Any]) -> str:
    nodes = [f"    {plainjson.compact(i)}: {plainjson.compact(r)}" for i, r in design["nodes"].items()]
    wires = [f"    {plainjson.compact(w)}" for w in design["wires"]]
    sections = [
        f'"format": {plainjson.compact(design["format"])}',
        f'"version": {design["version"]}',
        f'"nodes": {_block("{", nodes, "}")}',
        f'"wires": {_block("[", wires, "]")}',
    ]
    if design["settings"]:
        sections.append(f'"settings": {plainjson.pretty(design["settings"], "  ")}')
    return "{\n  " + ",\n  ".join(sections) + "\n}\n"


def _block(start: str, lines: list[str], end: str) -> str:
    return f"{start}\n" + ",\n".join(lines) + f"\n  {end}" if lines else start + end


# Reading


def _read(text: str, form: str, name: str) -> tuple[list[Node], list[Wire], dict[str, Any]]:
    if len(text) > MAX_BYTES:
        problem = f"is larger than {MAX_BYTES // 2**20} MiB, the most that is read"
        raise FileFault(name, "", problem, "check that it is the right one")
    raw = plainjson.parse(text, name)
    _check_header(raw, form, name)
    design = _validated(raw, name)
    nodes = [Node(i, r.kind, r.name, r.fields, r.at) for i, r in design.nodes.items()]
    return nodes, _parsed_wires(design, name), design.settings


def _check_header(raw: Any, form: str, name: str) -> None:
    found = raw.get("format") if isinstance(raw, dict) else None
    if found != form:
        wanted = "holds no copied Netloom nodes" if form == FRAGMENT else "is no Netloom project"
        remedy = "copy nodes on the canvas first" if form == FRAGMENT else "choose a file that Netloom saved"
        raise FileFault(name, "", wanted, remedy)
    version = raw.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise FileFault(name, "version", f"is {shown(version)}, which is no version of the format")
    if version > FORMAT_VERSION:
        problem = f"was written by a newer Netloom (format {version}, this one reads up to {FORMAT_VERSION})"
        raise FileFault(name, "", problem, "update Netloom to open it")


def _validated(raw: dict[str, Any], name: str) -> _Design:
    try:
        return _Design.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = tuple(p + 1 if isinstance(p, int) else p for p in first["loc"] if p != "[key]")
        message = MESSAGES.get(first["type"]) or first["msg"][:1].lower() + first["msg"][1:]
        raise FileFault(name, plainjson.place(where), message) from error


def _parsed_wires(design: _Design, name: str) -> list[Wire]:
    wires: dict[End, Wire] = {}
    for number, text in enumerate(design.wires, 1):
        wire = _wire(text)
        problem = _wire_problem(wire, design, wires)
        if wire is None or problem:
            raise FileFault(name, f"wire {number} ({shown(text, 80)})", problem)
        wires[wire.target] = wire
    return list(wires.values())


def _wire(text: str) -> Wire | None:
    match = WIRE.fullmatch(text)
    return Wire(End(match[1], match[2]), End(match[3], match[4])) if match else None


def _wire_problem(wire: Wire | None, design: _Design, wires: dict[End, Wire]) -> str:
    if wire is None:
        return "does not read “node.port -> node.port”"
    for end in (wire.source, wire.target):
        if end.node not in design.nodes:
            return f"ends at the node {shown(end.node)}, which the file does not hold"
    return f"ends in the port {shown(wire.target)}, which has a wire already" if wire.target in wires else ""
