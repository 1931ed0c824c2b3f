"""Blocks on disk: one's own, and those that ship with Netloom. One file each, with all the blocks it needs.

A library is a folder of `*.netloom-block` files: readable JSON of the same form as a project
(`graphs.files.records`). A block in a library needs nothing from the design it came from: what its expressions took
from the hyperparameters is among its parameters.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from graphs.files import atomic, records
from graphs.files.faults import FileFault, read_bounded, unreadable, unwritable
from graphs.layers.blocks import parameter_fault
from graphs.meaning.scopes import design_names
from graphs.network import BLOCK, Block, Network, Node, natural
from graphs.reuse.fragments import needed
from graphs.reuse.parameters import bound, defined, used_names

FORM, SUFFIX = "netloom-block", ".netloom-block"
SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "blocks"
LONGEST = 80
"""Letters of a title in the name of its file."""
DEVICES = {"", "con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))}
"""Names that no file can have on Windows."""
MAX_BYTES = 4 * 2**20
MAX_FILES = 1_000
NO_BLOCK = ("is no block of Netloom", "choose a file that the library saved")


@dataclass(frozen=True)
class Entry:
    """A block in a library: the file, the block's id in it, and the definitions, its own and those that it needs."""

    path: Path
    block: str
    part: Network

    @property
    def definition(self) -> Block:
        """The block itself."""
        return self.part.blocks[self.block]

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.definition.title or self.block

    def use(self, position: tuple[float, float] = (0.0, 0.0)) -> Network:
        """One use of the block as a fragment for `fragments.graft`, which keeps definitions that are there."""
        stem = self.block.rstrip("0123456789") or "block"
        node = Node(f"{stem}1", BLOCK + self.block, position=position)
        return replace(self.part, nodes={node.id: node})


class Listing(NamedTuple):
    """What a library holds, by title, and what is wrong with the files that cannot be read."""

    entries: tuple[Entry, ...]
    faults: tuple[FileFault, ...]


class Library:
    """The blocks in one folder, which may not be there yet. All methods raise FileFault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[Path, tuple[tuple[int, int], Entry | FileFault]] = {}

    def listing(self) -> Listing:
        """All blocks; files that have not changed since the last time are not read again."""
        entries, faults = list[Entry](), list[FileFault]()
        for path in self._files():
            try:
                entries.append(self._read(path))
            except FileFault as fault:
                faults.append(fault)
        entries.sort(key=lambda entry: (natural(entry.title.lower()), entry.path.name))
        return Listing(tuple(entries), tuple(faults))

    def save(self, network: Network, block: str, *, over: bool = False) -> Entry:
        """Writes a block of a design, with all it needs, to a file named by its title.

        One of that name is a fault, unless it is the same already or is to be written `over`.
        """
        part = packed(network, block)
        path = self._path(part.blocks[block].title or block)
        text = records.write(FORM, part, path.name, block)
        if path.exists() and not over and self._differs(path, text):
            remedy = "give the block another title, or replace that one"
            raise FileFault(path.name, "", "there is a block of this name already", remedy)
        self._write(path, text)
        return self._read(path)

    def rename(self, entry: Entry, title: str) -> Entry:
        """Gives a block another title, and its file another name."""
        title = " ".join(title.split())[:200]
        path = self._path(title)
        if not title or (path != entry.path and path.exists()):
            problem = "there is a block of this name already" if title else "a block needs a title"
            raise FileFault(path.name if title else entry.path.name, "", problem, "choose another title")
        blocks = {**entry.part.blocks, entry.block: replace(entry.definition, title=title)}
        self._write(path, records.write(FORM, replace(entry.part, blocks=blocks), path.name, entry.block))
        if path != entry.path:
            self.remove(entry)
        return self._read(path)

    def remove(self, entry: Entry) -> None:
        """Removes the file of a block; one that is gone already is fine."""
        try:
            entry.path.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(entry.path, error) from error

    def _files(self) -> list[Path]:
        try:
            with os.scandir(self.folder) as found:
                paths = [Path(item.path) for item in found if item.name.endswith(SUFFIX) and item.name[0] != "."]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise unreadable(self.folder, error) from error
        if len(paths) > MAX_FILES:
            problem = f"holds more than the {MAX_FILES:,} blocks that are read"
            raise FileFault(self.folder.name, "", problem, "move some of them elsewhere")
        return sorted(paths)

    def _read(self, path: Path) -> Entry:
        try:
            stat = path.stat()
        except OSError:
            return load(path)  # says why
        stamp = (stat.st_mtime_ns, stat.st_size)
        if path not in self._known or self._known[path][0] != stamp:
            self._known[path] = (stamp, _loaded(path))
        found = self._known[path][1]
        if isinstance(found, FileFault):
            raise found
        return found

    def _path(self, title: str) -> Path:
        return self.folder / f"{file_stem(title)}{SUFFIX}"

    def _differs(self, path: Path, text: str) -> bool:
        try:
            return path.read_bytes() != text.encode("utf-8")
        except OSError as error:
            raise unreadable(path, error) from error

    def _write(self, path: Path, text: str) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            atomic.write_text(path, text)
        except OSError as error:
            raise unwritable(path, error) from error


def file_stem(title: str) -> str:
    """What the file of a block is called: its title in small letters, digits and "-", which every system takes.

    Where that says less than the title ("Блок", "C++", a very long one) a digest of the title makes it unique.
    """
    title = unicodedata.normalize("NFC", " ".join(title.split())).lower()
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    words = re.sub(r"[\s_:,.()'’&/-]+", "-", title).strip("-")  # what divides words says nothing
    if slug == words and len(slug) <= LONGEST and slug not in DEVICES:
        return slug
    return f"{slug[:LONGEST].strip('-') or 'block'}-{hashlib.sha256(title.encode('utf-8', 'replace')).hexdigest()[:8]}"


def load(path: Path) -> Entry:
    """The block in a file. Raises FileFault."""
    try:
        text = read_bounded(path, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFault(path.name, f"byte {error.start:,}", "is no text in UTF-8", NO_BLOCK[1]) from error
    part, block = records.read(text, FORM, path.name, NO_BLOCK)
    problem = _problem(part, block)
    if problem:
        raise FileFault(path.name, "blocks", problem)
    return Entry(path, block, Network(blocks=needed(part.blocks, (block,))))


def _loaded(path: Path) -> Entry | FileFault:
    try:
        return load(path)
    except FileFault as fault:
        return fault


def packed(network: Network, block: str) -> Network:
    """A block with all it needs, by itself: hyperparameters that it uses become parameters with today's values."""
    values = {name: value for name, value in design_names(network).items() if value is not None}
    blocks = needed(network.blocks, (defined(network, block).id,))
    made = {key: _alone(known, values, key == block) for key, known in blocks.items()}
    return Network(blocks=made)


def _alone(block: Block, values: dict[str, int | float], outermost: bool) -> Block:
    """The block without names from outside: parameters of its own where it is the one packed, else plain values."""
    taken = {name: value for name, value in values.items() if name not in block.parameters}
    if not outermost:
        defaults = bound(Network({"": Node("", "", fields=block.parameters)}), taken).nodes[""].fields
        return replace(block, network=bound(block.network, taken), parameters=defaults)
    used = used_names(block.network) | used_names(Network({"": Node("", "", fields=block.parameters)}))
    more = {name: value for name, value in taken.items() if name in used and not parameter_fault(name)}
    odd = {name: value for name, value in taken.items() if name in used and name not in more}
    if odd:  # "repeat" is a name for a hyperparameter, but not for a parameter
        filled = bound(Network({"": Node("", "", fields=block.parameters)}), odd).nodes[""].fields
        block = replace(block, network=bound(block.network, odd), parameters=filled)
    return replace(block, parameters={**block.parameters, **more}) if more else block


def _problem(part: Network, block: str) -> str:
    """Why the blocks of a file are of no use; empty where they are."""
    if part.nodes or part.marks:
        return "stand beside layers, which a block's file does not hold"
    if block not in part.blocks:
        return f"do not hold “{block}”, which the file is about"
    found = needed(part.blocks, (block,))
    users: dict[str, list[str]] = {key: [] for key in found}
    waiting = {key: len(known.network.uses) for key, known in found.items()}
    for key, known in found.items():
        if missing := sorted(known.network.uses - found.keys()):
            return f"do not hold “{missing[0]}”, which “{key}” needs"
        for used in known.network.uses:
            users[used].append(key)
    ready = [key for key, count in waiting.items() if not count]
    while ready:
        for user in users[ready.pop()]:
            waiting[user] -= 1
            ready += [] if waiting[user] else [user]
    stuck = [key for key, count in waiting.items() if count]
    return f"hold “{min(stuck)}”, which is inside itself" if stuck else ""
