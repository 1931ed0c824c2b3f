"""What stands in Netloom's files: records that are checked, and their text, a node a line and a wire a line.

Projects (`graphs.files.storage`), what the clipboard holds and the files of one's own blocks
(`graphs.reuse.library`) share it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graphs.files import plainjson
from graphs.files.faults import FileFault, shown
from graphs.limits import MOST_ALTOGETHER, MOST_BLOCKS, MOST_DEPTH, MOST_PARAMETERS, depth
from graphs.network import Block, End, Frame, Mark, Mode, Network, Node, Note, Wire, natural

FORMAT_VERSION = 2
MAX_BYTES = 32 * 2**20
MAX_NODES = 100_000
ID = r"^\w[\w\-]{0,99}\Z"
WIRE = re.compile(r"(\w[\w\-]{0,99})\.(\w[\w\-]{0,99}) -> (\w[\w\-]{0,99})\.(\w[\w\-]{0,99})")
MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is not a part of this format",
    "string_pattern_mismatch": "may hold letters, digits, “_” and “-” only, 100 at most",
    "string_type": "is no text",
    "dict_type": "is no object of names and values",
    "list_type": "is no list",
    "tuple_type": "is no pair of numbers",
    "float_type": "is no number",
    "literal_error": "is neither “bypass” nor “mute”",
}

Pixels = Annotated[float, Field(strict=True, ge=-1e9, le=1e9, allow_inf_nan=False)]
Extent = Annotated[float, Field(strict=True, ge=0, le=1e6, allow_inf_nan=False)]
Id = Annotated[str, Field(pattern=ID)]
BlockId = Annotated[str, Field(pattern=r"^\w[\w\-]{0,93}\Z")]
"""The kind of its uses, “block-” and this, is an id as well."""
Parameter = Annotated[str, Field(pattern=r"^[A-Za-z_]\w{0,99}\Z")]
Title = Annotated[str, Field(max_length=200)]
Colour = Annotated[str, Field(pattern=r"^[\w\-]{0,100}\Z")]
Held = Annotated[list[Id], Field(max_length=MAX_NODES)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, regex_engine="python-re")


class _Node(_Record):
    kind: Id
    name: Title = ""
    at: tuple[Pixels, Pixels] = (0.0, 0.0)
    mode: Mode = ""
    fields: dict[str, Any] = {}


class _Frame(_Record):
    title: Title = ""
    colour: Colour = ""
    members: Held = []
    notes: Held = []


class _Note(_Record):
    text: Annotated[str, Field(max_length=20_000)] = ""
    at: tuple[Pixels, Pixels] = (0.0, 0.0)
    size: tuple[Extent, Extent] = (200.0, 96.0)
    colour: Colour = ""


class _Inside(_Record):
    nodes: Annotated[dict[Id, _Node], Field(max_length=MAX_NODES)]
    wires: Annotated[list[str], Field(max_length=8 * MAX_NODES)] = []
    frames: Annotated[dict[Id, _Frame], Field(max_length=MAX_NODES)] = {}
    notes: Annotated[dict[Id, _Note], Field(max_length=MAX_NODES)] = {}


class _Block(_Inside):
    title: Title = ""
    help: Annotated[str, Field(max_length=2_000)] = ""
    parameters: Annotated[dict[Parameter, Any], Field(max_length=MOST_PARAMETERS)] = {}


class _Design(_Inside):
    format: str
    version: int
    block: BlockId = ""
    blocks: Annotated[dict[BlockId, _Block], Field(max_length=MOST_BLOCKS)] = {}
    settings: dict[str, Any] = {}


def read(text: str, form: str, name: str, refusal: tuple[str, str]) -> tuple[Network, str]:
    """The network that a text of this form holds, and the block it is about, if any.

    `refusal` is the problem and the remedy where it is of another form. Raises FileFault.
    """
    if len(text) > MAX_BYTES:
        problem = f"is larger than {MAX_BYTES // 2**20} MiB, the most that is read"
        raise FileFault(name, "", problem, "check that it is the right one")
    raw = plainjson.parse(text, name)
    if not isinstance(raw, dict) or raw.get("format") != form:
        raise FileFault(name, "", *refusal)
    _check_version(raw.get("version"), name)
    design = _checked(raw, name)
    blocks = {key: _block(key, block, name) for key, block in design.blocks.items()}
    settings = {key: value for key, value in design.settings.items() if value is not None}
    inside = _network(design, name, ())
    return Network(inside.nodes, inside.wires, settings, blocks, inside.marks), design.block


def write(form: str, network: Network, name: str, block: str = "") -> str:
    """The text of a network. Raises FileFault where it holds what no file can hold, under the name of the file."""
    design = {"format": form, "version": FORMAT_VERSION if _is_new(network) or block else 1}
    design |= {"block": block} if block else {}
    design |= _records(network)
    if network.blocks:
        ordered = sorted(network.blocks.values(), key=_by_id)
        design["blocks"] = {known.id: _block_record(known, name) for known in ordered}
    design["settings"] = {key: value for key, value in network.settings.items() if value is not None}
    plainjson.check(design, name)
    checked = _checked(design, name)
    _check_inside(checked, name, ())
    for key, inner in checked.blocks.items():
        _check_inside(inner, name, ("blocks", key))
    return "{\n" + ",\n".join(_sections(design, "  ")) + "\n}\n"


def _is_new(network: Network) -> bool:
    """Whether it holds what the first version of the format could not."""
    used = (node.mode or node.block for node in network.nodes.values())
    return bool(network.blocks or network.marks) or any(used)


# Writing


def _records(network: Network) -> dict[str, Any]:
    """Nodes, wires and marks in natural order: nothing depends on the order they were added in."""
    marks = sorted(network.marks.values(), key=_by_id)
    records: dict[str, Any] = {
        "nodes": {n.id: _node_record(n) for n in sorted(network.nodes.values(), key=_by_id)},
        "wires": [str(w) for w in sorted(network.wires.values(), key=_by_ends)],
        "frames": {mark.id: _frame_record(mark) for mark in marks if isinstance(mark, Frame)},
        "notes": {mark.id: _note_record(mark) for mark in marks if isinstance(mark, Note)},
    }
    return {key: value for key, value in records.items() if value or key in ("nodes", "wires")}


def _node_record(node: Node) -> dict[str, Any]:
    record: dict[str, Any] = {"kind": node.kind}
    record |= {"name": node.name} if node.name else {}
    record["at"] = _pair(node.position)
    record |= {"mode": node.mode} if node.mode else {}
    return record | ({"fields": {key: node.fields[key] for key in sorted(node.fields)}} if node.fields else {})


def _frame_record(frame: Frame) -> dict[str, Any]:
    record = {"title": frame.title, "colour": frame.colour, "members": frame.members, "notes": frame.notes}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in record.items() if value}


def _note_record(note: Note) -> dict[str, Any]:
    record: dict[str, Any] = {"text": note.text, "at": _pair(note.position), "size": _pair(note.size)}
    return record | ({"colour": note.colour} if note.colour else {})


def _block_record(block: Block, name: str) -> dict[str, Any]:
    if block.network.blocks or block.network.settings:
        raise FileFault(name, f"blocks › {block.id}", "holds blocks or settings of its own, which no file can hold")
    about = {"title": block.title, "help": block.help, "parameters": dict(block.parameters)}
    return {key: value for key, value in about.items() if value} | _records(block.network)


def _pair(values: Iterable[float]) -> list[float]:
    return [int(v) if float(v).is_integer() else v for v in values]


def _by_id(item: Node | Block | Mark) -> tuple[Any, ...]:
    return natural(item.id)


def _by_ends(wire: Wire) -> tuple[Any, ...]:
    return natural(wire.source.node), wire.source.port, natural(wire.target.node), wire.target.port


def _sections(design: Mapping[str, Any], indent: str) -> Iterator[str]:
    """The parts of a design or block as text: a node, a wire, a frame, a note a line."""
    for key, value in design.items():
        if key in ("nodes", "frames", "notes"):
            lines = [f"{plainjson.compact(id)}: {plainjson.compact(record)}" for id, record in value.items()]
            text = _lines("{", lines, "}", indent)
        elif key == "wires":
            text = _lines("[", [plainjson.compact(wire) for wire in value], "]", indent)
        elif key == "blocks":
            blocks = [f"{plainjson.compact(id)}: {_object(block, indent + '  ')}" for id, block in value.items()]
            text = _lines("{", blocks, "}", indent)
        elif key == "settings":
            text = plainjson.pretty(value, indent)
        else:
            text = plainjson.compact(value)
        if value or key != "settings":
            yield f'{indent}"{key}": {text}'


def _object(block: Mapping[str, Any], indent: str) -> str:
    return "{\n" + ",\n".join(_sections(block, indent + "  ")) + f"\n{indent}}}"


def _lines(start: str, lines: list[str], end: str, indent: str) -> str:
    inner = ",\n".join(f"{indent}  {line}" for line in lines)
    return f"{start}\n{inner}\n{indent}{end}" if lines else start + end


# Reading


def _check_version(version: Any, name: str) -> None:
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise FileFault(name, "version", f"is {shown(version)}, which is no version of the format")
    if version > FORMAT_VERSION:
        problem = f"was written by a newer Netloom (format {version}, this one reads up to {FORMAT_VERSION})"
        raise FileFault(name, "", problem, "update Netloom to open it")


def _checked(raw: dict[str, Any], name: str) -> _Design:
    try:
        design = _Design.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = tuple(p + 1 if isinstance(p, int) else p for p in first["loc"] if p != "[key]")
        raise FileFault(name, plainjson.place(where), _sentence(first)) from error
    if depth({key: _shell(key, block) for key, block in design.blocks.items()}) > MOST_DEPTH:
        raise FileFault(name, "blocks", f"stand in each other more than the {MOST_DEPTH} deep that are read")
    if sum(len(block.parameters) for block in design.blocks.values()) > MOST_ALTOGETHER:
        raise FileFault(name, "blocks", f"have more than the {MOST_ALTOGETHER:,} parameters that are read")
    if len(design.nodes) + sum(len(block.nodes) for block in design.blocks.values()) > MAX_NODES:
        raise FileFault(name, "", f"holds more than the {MAX_NODES:,} nodes that are read")
    return design


def _shell(key: str, record: _Block) -> Block:
    """A block of which no more is known than which blocks it holds."""
    return Block(key, network=Network({i: Node(i, node.kind) for i, node in record.nodes.items()}))


def _sentence(error: Any) -> str:
    if error["type"] == "string_too_long":
        return f"is longer than {error['ctx']['max_length']:,} characters"
    if error["type"] == "too_long":
        return f"holds more than the {error['ctx']['max_length']:,} that are read"
    if error["type"] == "string_pattern_mismatch" and error.get("input") != unicodedata.normalize(
        "NFC", error["input"]
    ):
        return "holds a letter whose accent is a sign of its own; write it as one letter (Unicode NFC)"
    return MESSAGES.get(error["type"]) or error["msg"][:1].lower() + error["msg"][1:]


def _block(key: str, record: _Block, name: str) -> Block:
    return Block(key, record.title, _network(record, name, ("blocks", key)), record.parameters, record.help)


def _network(record: _Inside, name: str, place: tuple[str, ...]) -> Network:
    wires = _check_inside(record, name, place)
    nodes = {i: Node(i, r.kind, r.name, r.fields, r.at, r.mode) for i, r in record.nodes.items()}
    marks: dict[str, Mark] = {
        i: Frame(i, r.title, r.colour, tuple(r.members), tuple(r.notes)) for i, r in record.frames.items()
    }
    marks |= {i: Note(i, r.text, r.at, r.size, r.colour) for i, r in record.notes.items()}
    return Network(nodes, wires, marks=marks)


def _check_inside(record: _Inside, name: str, place: tuple[str, ...]) -> dict[End, Wire]:
    """The wires, after a look at everything that refers to something else. Raises FileFault."""
    _check_frames(record, name, place)
    wires: dict[End, Wire] = {}
    for number, text in enumerate(record.wires, 1):
        wire = _wire(text)
        problem = _wire_problem(wire, record, wires)
        if wire is None or problem:
            raise FileFault(name, plainjson.place((*place, f"wire {number} ({shown(text, 80)})")), problem)
        wires[wire.target] = wire
    return wires


def _check_frames(record: _Inside, name: str, place: tuple[str, ...]) -> None:
    for part, others in (("frames", (record.nodes, record.notes)), ("notes", (record.nodes,))):
        for key in getattr(record, part):
            if any(key in other for other in others):
                raise FileFault(name, plainjson.place((*place, part, key)), "is an id that something else has too")
    seen: set[str] = set()
    for key, frame in record.frames.items():
        problem = "" if frame.members or frame.notes else "holds nothing"
        missing = {i for i in frame.members if i not in record.nodes} | {
            i for i in frame.notes if i not in record.notes
        }
        for held in (*frame.members, *frame.notes):
            if held in missing:
                problem = problem or f"holds {shown(held)}, which is not there"
            if held in seen:
                problem = problem or f"holds {shown(held)}, which is in a frame already"
            seen.add(held)
        if problem:
            raise FileFault(name, plainjson.place((*place, "frames", key)), problem)


def _wire(text: str) -> Wire | None:
    match = WIRE.fullmatch(text)
    return Wire(End(match[1], match[2]), End(match[3], match[4])) if match else None


def _wire_problem(wire: Wire | None, record: _Inside, wires: dict[End, Wire]) -> str:
    if wire is None:
        return "does not read “node.port -> node.port”"
    for end in (wire.source, wire.target):
        if end.node not in record.nodes:
            return f"ends at the node {shown(end.node)}, which is not there"
    return f"ends in the port {shown(wire.target)}, which has a wire already" if wire.target in wires else ""
