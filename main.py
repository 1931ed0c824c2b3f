"""Opens the door: a window by default, the same verbs without a window from a terminal (see `--help`)."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

VERBS = (
    *("examples", "architectures", "layers", "check", "diff", "train", "weights", "import", "prove", "export"),
    "screenshot",
)
FIRST = "lenet-digits"
PRETRAINED = "--pretrained"
"""Behind the name of an architecture: with its published weights."""
EXAMPLES = Path(__file__).parent / "resources" / "examples"


def main(arguments: list[str] | None = None) -> int:
    """Runs with these arguments (the process's own without); gives the exit code.

    The window path imports neither typer nor torch, so that the first frame comes quickly.
    """
    _speakable()
    arguments = sys.argv[1:] if arguments is None else arguments
    first = arguments[0] if arguments else ""
    if first in VERBS or first.startswith("-"):
        from studio.terminal.commands import run

        return run(arguments, screenshots)
    if arguments[1:] == [PRETRAINED]:
        arguments, first = arguments[:1], f"{first}@pretrained"
    if len(arguments) > 1:
        return _unknown(arguments)
    return _without_window(first or FIRST) if no_display() else _window(first)


def _speakable() -> None:
    """Lets a terminal that does not know a letter show another one in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def no_display() -> bool:
    """Whether no window can be shown: Linux without a display server, and no other platform asked of Qt."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return False
    return not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def screenshots(names: list[str], theme: str, size: tuple[int, int], out: Path) -> list[Path]:
    """Paints windows and views into PNG files under `out`; all of them where `names` is empty. Raises ValueError."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from widgets import screenshot

    known = screenshot.names()
    for name in names:
        if name not in known:
            raise ValueError(f"There is no picture “{name}”; choose from {', '.join(known)}.")
    return list(screenshot.run(names, theme, size, out))


def _window(project: str) -> int:
    """The window, with a project where one is named; a wrong name is said before anything opens.

    The file itself is read behind the first frame.
    """
    if project and not any(path.is_file() for path in (Path(project), EXAMPLES / f"{project}.netloom")):
        from studio.project import ProjectFault, named

        try:
            project = named(project)
        except ProjectFault as fault:
            print(fault, file=sys.stderr)
            return 1
    try:
        from widgets.app import run
    except ImportError as fault:
        print(f"The window needs Qt, which cannot be loaded ({fault}); “make setup” installs it.", file=sys.stderr)
        return 1
    return run(project or None)


def _without_window(project: str) -> int:
    from studio.terminal.commands import demonstrate

    return demonstrate(project, screenshots)


def _unknown(arguments: list[str]) -> int:
    from difflib import get_close_matches

    if any(path.is_file() for path in (Path(arguments[0]), EXAMPLES / f"{arguments[0]}.netloom")):
        print(f"“{arguments[1]}” is an unexpected argument: the window takes one project.", file=sys.stderr)
        return 2
    close = get_close_matches(arguments[0], VERBS, 1)
    hint = f"did you mean “{close[0]}”?" if close else "give one project, or see --help."
    print(f"“{arguments[0]}” is no verb of Netloom; {hint}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
