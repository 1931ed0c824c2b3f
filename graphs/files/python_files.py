"""Python files of a person, read as text and never run: what they hold, by which digest they are known.

Whoever runs such a file runs the text that was read here, so that what somebody agreed to is what runs: never what
lies on the disk a moment later, never a compiled copy beside it, and in UTF-8 whatever a line in it says.
"""

from __future__ import annotations

import ast
import hashlib
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from graphs.files.faults import FileFault, elsewhere, read_bounded

MAX_BYTES = 2**18
REMEDY = "correct it or choose another file"


@dataclass(frozen=True)
class SourceFile:
    """A Python file as it was read: its real absolute path, its text, and the SHA-256 of its bytes."""

    path: Path
    text: str
    digest: str

    @property
    def tree(self) -> ast.Module:
        """The file as Python reads it. Raises FileFault where Python cannot."""
        try:
            return ast.parse(self.text, self.path.name)
        except SyntaxError as error:
            problem = f"is no Python that can be read ({error.msg})"
            raise FileFault(self.path.name, f"line {error.lineno or 1}", problem, REMEDY) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise FileFault(self.path.name, "", f"is no Python that can be read ({error})", REMEDY) from None


def read_source(path: str | os.PathLike[str]) -> SourceFile:
    """The Python file at `path`, at most 256 KiB of UTF-8. Raises FileFault."""
    if elsewhere(str(path)):
        raise FileFault(Path(path).name, "", "lies on another computer", "copy it beside the project")
    file = Path(os.path.realpath(path))
    if file.suffix.lower() != ".py":
        raise FileFault(file.name or str(path), "", "is no Python file", "choose one that ends in .py")
    data = read_bounded(file, MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFault(file.name, f"byte {error.start:,}", "is no text in UTF-8", "save it as UTF-8") from None
    if "\0" in text:
        raise FileFault(file.name, "", "holds what is no text", REMEDY)
    return SourceFile(file, text, hashlib.sha256(data).hexdigest())


def laid_open(text: str) -> str:
    """The text as somebody should see it before agreeing to it: signs that hide or reorder others are spelt out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign if _harmless(sign) else f"⟨{_called(sign)}⟩" for sign in plain)


def _harmless(sign: str) -> bool:
    return sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _called(sign: str) -> str:
    return f"U+{ord(sign):04X} {unicodedata.name(sign, '').lower()}".rstrip()
