"""Steps of the history as a person would tell them: names instead of ids, titles of fields, what a value became."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphs.comparing.compare import Both
from graphs.comparing.compare_words import setting_words, value_words
from graphs.document import Step
from graphs.layers.catalogue import Catalogue
from graphs.network import Block, End, Network, Node, Wire

MOST = 2
"""More things than this are counted instead of named."""
FIELDS, RENAME = re.compile(r"Change (.+) of (\S+)"), re.compile(r"Rename (\S+)")
SEVERAL = re.compile(r"(Delete|Take out|Move|Bypass|Mute) (.+)|Let (.+) compute")
MADE = re.compile(r"Make the block (.+)")
PORT = re.compile(r"Move the wires of (.+)\.[^.]+")
WIRES, SETTING = re.compile(r"(Connect|Disconnect) .+"), re.compile(r"Change the (\S+)")
SHARE, OWN = re.compile(r"Share the weights of (\S+) with (\S+)"), re.compile(r"Give (\S+) weights of its own")
LONGEST = 90


class Telling:
    """What one step touched, at the level it happened on: the network, or the inside of one block."""

    def __init__(self, step: Step, network: Network, catalogue: Catalogue) -> None:
        self.step, self.catalogue, self.network = step, catalogue, network
        self.before: Mapping[str, Node | None] = step.backward.nodes
        self.after: Mapping[str, Node | None] = step.forward.nodes
        self.wires_before: Mapping[End, Wire | None] = step.backward.wires
        self.wires_after: Mapping[End, Wire | None] = step.forward.wires
        self.block = "" if step.forward.nodes or step.forward.wires else self._enter()

    def _enter(self) -> str:
        """The title of the one block inside which something changed; empty where there is none."""
        old = [block for block in self.step.backward.blocks.values() if block is not None]
        new = [block for block in self.step.forward.blocks.values() if block is not None]
        if len(old) != 1 or len(new) != 1 or old[0].id != new[0].id or old[0].network == new[0].network:
            return ""
        self._look_inside(old[0], new[0])
        return new[0].title or new[0].id

    def _look_inside(self, old: Block, new: Block) -> None:
        self.network = new.network
        first, second = old.network, new.network
        nodes = [i for i in {**first.nodes, **second.nodes} if first.nodes.get(i) != second.nodes.get(i)]
        ends = [e for e in {**first.wires, **second.wires} if first.wires.get(e) != second.wires.get(e)]
        self.before, self.after = ({i: n.nodes.get(i) for i in nodes} for n in (first, second))
        self.wires_before, self.wires_after = ({e: n.wires.get(e) for e in ends} for n in (first, second))

    def title(self, id: str, *, old: bool = False) -> str:
        """What a person calls this node: before the step where `old`, else after it."""
        order = (self.before, self.after) if old else (self.after, self.before)
        node = next((n for n in (order[0].get(id), order[1].get(id), self.network.nodes.get(id)) if n), None)
        return node.title if node is not None else id

    def words(self) -> str:
        """The step in one line."""
        label = self.step.label
        for pattern, tell in _TELLERS:
            if (found := pattern.fullmatch(label)) is not None and (words := tell(self, found)):
                return f"{words} in {self.block}" if self.block else words
        return label


def told(step: Step, network: Network, catalogue: Catalogue) -> str:
    """A step in one line: "Change filters of First to 8". `network` is any the document had; it names what is near."""
    words = Telling(step, network, catalogue).words()
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def listed(names: Iterable[str], noun: str = "layer") -> str:
    """Some names: "First and Second", or "3 layers"."""
    found = list(names)
    return " and ".join(found) if len(found) <= MOST else f"{len(found)} {noun}s"


def _fields(telling: Telling, found: re.Match[str]) -> str:
    node = telling.after.get(found[2])
    kind = telling.catalogue.kinds.get(node.kind) if node is not None else None
    if node is None:
        return ""
    old = telling.before.get(found[2])
    fields: Mapping[str, Any] = kind.model_fields if kind is not None else {}
    changed = [k for k in {**(old.fields if old else {}), **node.fields} if not old or _differs(old, node, k)]
    names = changed or found[1].split(", ")
    titles = [_title(name, fields) for name in names]
    value = value_words(node.fields.get(names[0])).removeprefix("=") if len(names) == 1 else ""
    return f"Change {listed(titles, 'field')} of {node.title}{f' to {value}' if value else ''}"


def _differs(old: Node, new: Node, key: str) -> bool:
    return bool(old.fields.get(key) != new.fields.get(key))


def _title(name: str, fields: Mapping[str, Any]) -> str:
    title = (fields[name].title if name in fields else None) or name.replace("_", " ")
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _rename(telling: Telling, found: re.Match[str]) -> str:
    if found[1] not in telling.after:
        return ""
    return f"Rename {telling.title(found[1], old=True)} to {telling.title(found[1])}"


def _made(telling: Telling, found: re.Match[str]) -> str:
    """A block that was named in the same step is called by that name."""
    fresh = [b for i, b in telling.step.forward.blocks.items() if b and telling.step.backward.blocks.get(i) is None]
    return f"Make the block {fresh[0].title or found[1]}" if len(fresh) == 1 else ""


def _several(telling: Telling, found: re.Match[str]) -> str:
    ids = [i for i, node in telling.before.items() if node is not None]
    if found[1] in ("Delete", "Take out"):
        ids = [i for i in ids if telling.after.get(i) is None]
    if not ids:
        return ""
    names = listed(telling.title(i, old=True) for i in ids)
    return f"{found[1]} {names}" if found[1] else f"Let {names} compute"


def _port(telling: Telling, found: re.Match[str]) -> str:
    return f"Move the wires of {telling.title(found[1])}"


def _wires(telling: Telling, found: re.Match[str]) -> str:
    joined = found[1] == "Connect"
    wires = [w for w in (telling.wires_after if joined else telling.wires_before).values() if w is not None]
    if not wires:
        return ""
    if len(wires) > 1:
        return f"{found[1]} {len(wires)} wires"
    first, last = telling.title(wires[0].source.node), telling.title(wires[0].target.node)
    return f"Connect {first} to {last}" if joined else f"Disconnect {last} from {first}"


def _setting(telling: Telling, found: re.Match[str]) -> str:
    key = found[1]
    if key not in telling.step.forward.settings:
        return ""
    both = Both(telling.step.backward.settings.get(key), telling.step.forward.settings.get(key))
    from studio.comparing import models_of_settings  # pydantic models of data and recipe: later than the first frame

    said = setting_words(key, both, models_of_settings)
    name = key.replace("_", " ")
    if len(said) != 1:
        return f"Change the {name}"
    title = said[0].title if said[0].title[1:2].isupper() else said[0].title[:1].lower() + said[0].title[1:]
    where = "" if key == "recipe" else f" of the {name}"
    return f"Change {title}{where}{f' to {said[0].after}' if said[0].after else ''}"


def _shared(telling: Telling, found: re.Match[str]) -> str:
    return f"Share the weights of {telling.title(found[1])} with {telling.title(found[2])}"


def _own(telling: Telling, found: re.Match[str]) -> str:
    return f"Give {telling.title(found[1])} weights of its own"


_TELLERS: tuple[tuple[re.Pattern[str], Callable[[Telling, re.Match[str]], str]], ...] = (
    (FIELDS, _fields),
    (RENAME, _rename),
    (PORT, _port),
    (SEVERAL, _several),
    (WIRES, _wires),
    (SETTING, _setting),
    (MADE, _made),
    (SHARE, _shared),
    (OWN, _own),
)
