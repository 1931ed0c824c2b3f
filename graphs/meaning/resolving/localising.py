"""Problems of the plain network told of the nodes that a person drew, with fixes that fit what is drawn."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphs.edits import Batch, Edit, InBlock
from graphs.inference.problems import Fix, Problem
from graphs.network import End, Wire

if TYPE_CHECKING:
    from graphs.meaning.flat import Flat


class _Elsewhere(Exception):
    """An edit that speaks of what is not drawn in this place."""


def localised(flat: Flat, problem: Problem, prefix: str, drawn: bool = False) -> Problem | None:
    """A problem as one of the place whose ids begin with `prefix`; None where it stands elsewhere.

    With `drawn` its fixes already speak of ids as they are drawn around its node, otherwise of those of the plain
    network. What stands further inside stands on the use that holds it, and its message names the way.
    """
    if not problem.node:
        return None if prefix else problem
    if not problem.node.startswith(prefix):
        return None
    own, _, rest = problem.node[len(prefix) :].partition("/")
    message = _said(flat, problem, prefix, drawn)
    fixes = tuple(fix for old in problem.fixes if (fix := _fix(flat, old, problem.node, prefix, drawn)))
    return replace(problem, node=own, message=message, fixes=fixes, port="" if rest else problem.port)


def _said(flat: Flat, problem: Problem, prefix: str, drawn: bool) -> str:
    """The message with the names of nodes as they are seen from a place, and one for all repeats."""
    message, around = problem.message, problem.node.rpartition("/")[0] + "/"
    if drawn and around != "/":
        message = _title(flat, around) + message
    if prefix and (title := _title(flat, prefix)):
        message = message.replace(title, "")
    return re.sub(r"/\d+(?=/)", "", message) if "/" in problem.node[len(prefix) :] else message


def _title(flat: Flat, prefix: str) -> str:
    use = flat.scopes.get(prefix)
    return use.titles[use.prefixes.index(prefix)] if use else ""


def _fix(flat: Flat, fix: Fix, node: str, prefix: str, drawn: bool) -> Fix | None:
    around = f"{node.rpartition('/')[0]}/" if "/" in node else ""
    label = fix.label.replace(_title(flat, around), "") if around else fix.label
    if drawn:
        return Fix(label, fix.edit if around == prefix else InBlock(flat.scopes[around].block, fix.edit))
    for place in (prefix, around):
        try:
            edit = _moved(flat, fix.edit, place)
        except _Elsewhere:
            continue
        return Fix(label, edit if place == prefix else InBlock(flat.scopes[place].block, edit))
    return None


def _moved(flat: Flat, edit: Any, prefix: str) -> Edit:
    """The edit with ids as they are drawn in a place. Raises _Elsewhere."""
    if isinstance(edit, Batch):
        return Batch(tuple(_moved(flat, part, prefix) for part in edit.edits), edit.label)
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(edit):
        value = getattr(edit, field.name)
        if field.name == "id":
            changes["id"] = _id(flat, value, prefix)
        elif field.name == "ids":
            changes["ids"] = tuple(_id(flat, id, prefix) for id in value)
        elif field.name == "before" and value is not None:
            changes["before"] = _input(flat, value, prefix)
        elif field.name == "after" and value is not None:
            changes["after"] = _output(flat, value, prefix)
        elif field.name == "targets":
            changes["targets"] = tuple(_input(flat, end, prefix) for end in value)
        elif field.name == "wires":
            pairs = ((_output(flat, w.source, prefix), _input(flat, w.target, prefix)) for w in value)
            changes["wires"] = tuple(Wire(*pair) for pair in pairs)
    label = {"label": edit.label.replace(_title(flat, prefix), "")} if prefix and _has(edit, "label") else {}
    moved: Edit = replace(edit, **changes, **label)
    return moved


def _has(edit: Any, name: str) -> bool:
    return any(field.name == name for field in dataclasses.fields(edit))


def _id(flat: Flat, id: str, prefix: str) -> str:
    inner = id[len(prefix) :]
    if not id.startswith(prefix) or "/" in inner:
        raise _Elsewhere
    return inner


def _input(flat: Flat, end: End, prefix: str) -> End:
    end = flat.drawn_input(end)
    return End(_id(flat, end.node, prefix), end.port)


def _output(flat: Flat, end: End, prefix: str) -> End:
    """The output port drawn in a place that stands for one of a layer."""
    if end.node.startswith(prefix) and "/" not in end.node[len(prefix) :]:
        return End(end.node[len(prefix) :], end.port)
    shown = outputs_of(flat, prefix).get(end)
    if shown is None:
        raise _Elsewhere
    return shown


def outputs_of(flat: Flat, prefix: str) -> Mapping[End, End]:
    """The first output port drawn in a place that stands for each output port of a layer."""
    found: dict[End, End] = {}
    for drawn, result in flat.results.items():
        inner = drawn.node[len(prefix) :]
        if drawn.node.startswith(prefix) and "/" not in inner:
            found.setdefault(result, End(inner, drawn.port))
    return found
