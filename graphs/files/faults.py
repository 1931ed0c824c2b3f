"""What is wrong with a file, in one sentence that a person can act on."""

from pathlib import Path

RESTORE = "correct it or open an earlier copy"


class FileFault(ValueError):
    """A file that cannot be read or written: one sentence with the file, the place in it and the remedy."""

    def __init__(self, file: str, place: str, problem: str, remedy: str = RESTORE) -> None:
        self.file, self.place, self.problem, self.remedy = file, place, problem, remedy
        where = f"{file}, {place}" if place else file
        super().__init__(f"{where}: {problem}; {remedy}.")


def shown(value: object, limit: int = 60) -> str:
    """A value out of a file, short and on one line, safe to print in a message."""
    text = "".join(c if c.isprintable() else "�" for c in str(value)[: limit + 1])
    return f"“{text[:limit]}…”" if len(text) > limit else f"“{text}”"


def elsewhere(path: str) -> bool:
    """Whether a path leads to another computer: even to look whether such a file is there tells that computer who asks.

    Windows takes two slashes of either kind for that.
    """
    return len(path) > 1 and path[0] in "/\\" and path[1] in "/\\"


def read_bounded(path: Path, limit: int) -> bytes:
    """The bytes of the regular file `path`. Raises FileFault where it is missing or over `limit` bytes."""
    try:
        if not path.is_file():
            problem = "is no regular file" if path.exists() else "there is no such file"
            raise FileFault(path.name or str(path), "", problem, "check its name and folder")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, FileFault):
            raise
        raise unreadable(path, error) from error
    if len(data) > limit:
        problem = f"is larger than {limit // 2**20} MiB, the most that is read"
        raise FileFault(path.name, "", problem, "check that it is the right file")
    return data


def unreadable(path: Path, error: Exception) -> FileFault:
    """The fault for an error of the operating system while reading."""
    return FileFault(path.name, "", f"could not be read ({_reason(error)})", "check that you may open it")


def unwritable(path: Path, error: Exception) -> FileFault:
    """The fault for an error of the operating system while writing."""
    if isinstance(error, FileNotFoundError) and not path.parent.exists():
        missing = f"could not be written, for there is no folder {shown(path.parent, 200)}"
        return FileFault(path.name, "", missing, "make the folder or name another")
    remedy = "check the folder, its permissions and the free space"
    return FileFault(path.name, "", f"could not be written ({_reason(error)})", remedy)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
