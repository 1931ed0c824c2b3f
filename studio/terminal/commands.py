"""The verbs of the terminal. Everything heavy is imported inside, so that `--help` answers at once.

main.py gives what needs Qt (`screenshot`, and the window in `demonstrate`) as a function.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from studio.places import place, reserved
from studio.project import Project, ProjectFault, open_project
from studio.terminal import speech as terminal
from studio.terminal.exporting import Theme, export
from studio.terminal.importing import import_
from studio.terminal.proving import prove
from studio.terminal.trust_option import Trust, opened
from studio.terminal.weights import weights

Screenshots = Callable[[list[str], str, tuple[int, int], Path], list[Path]]
VERBS = (
    *("examples", "architectures", "layers", "check", "diff", "train", "weights", "import", "prove", "export"),
    "screenshot",
)
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl+C ended."""

PICTURES = (
    "window, train, start, design, inspect, export, view-curves, view-activations, view-filters, "
    "view-gradients, view-projection, view-saliency, view-adversarial, view-confusion, time-machine, "
    "view-boundary, untrained, data, problems, commands, new, help, cards-io, cards-convolution, cards-pooling, "
    "cards-activation, cards-linear, cards-recurrent, cards-normalisation, cards-combine, cards-loss, cards-blocks"
)
"""What `screenshot` can take, said here so that help needs no Qt."""
NONE = " "
"""What a flag takes: nothing."""


class Verb(typer.core.TyperCommand):
    """A verb whose help shows arguments as a person writes them, without braces and types."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words after the verb, such as PROJECT or [NAME]…"""
        return [piece.strip("{}").replace("[[NAME]…]...", "[NAME]…") for piece in super().collect_usage_pieces(ctx)]

    def get_help_option(self, ctx: Any) -> Any:
        """The option --help, which takes nothing."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.metavar = NONE
        return option


def _version(asked: bool) -> None:
    if asked:
        terminal.say(f"Netloom {version()}")
        raise typer.Exit


app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Netloom: design a neural network, watch it learn, look inside, export it.\n\n"
        "[bold]main.py[/bold] opens the window, [bold]main.py PROJECT[/bold] opens it with a project. "
        "PROJECT is a .netloom file or the name of an example.\n\n"
        "The verbs below do the same without a window. Exit codes: 0 done, 1 the input is at fault, 2 usage."
    ),
)
_screenshots: list[Screenshots] = []


def _named(text: str | Path) -> Path:
    """A path from the command line. An empty one would mean the present folder."""
    if not str(text).strip():
        raise typer.BadParameter("the name is empty.")
    return Path(text)


ProjectName = Annotated[str, typer.Argument(metavar="PROJECT", help="A .netloom file, or an example's name.")]
OtherName = Annotated[str, typer.Argument(metavar="OTHER", help="What it is compared with: a file or an example.")]
AsJson = Annotated[bool, typer.Option("--json", metavar=NONE, help="Write JSON instead of a table.")]


class Device(enum.StrEnum):
    """Where to compute."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


@app.callback()
def options(
    asked: Annotated[
        bool,
        typer.Option("--version", metavar=NONE, callback=_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """What stands before a verb."""


@app.command(cls=Verb)
def examples(as_json: AsJson = False) -> None:
    """List the example projects."""
    from studio import examples as shipped

    gallery = shipped.gallery()
    if as_json:
        terminal.write_json([{**vars(example), "path": str(example.path)} for example in gallery])
        return
    terminal.table(("name", "what it is"), [(e.name, f"{e.title}. {e.text}") for e in gallery])


@app.command(cls=Verb)
def architectures(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]…", help="Which to list, with their sources; all without names."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the published networks: parameters, multiply-adds and where the figures are from."""
    from studio import listing

    found = list(listing.architectures(names or ()))
    if as_json:
        terminal.write_json([one.to_json() for one in found])
        return
    terminal.listed(found, sources=bool(names))


@app.command(cls=Verb)
def layers(as_json: AsJson = False) -> None:
    """List the kinds of layers."""
    from studio import listing

    kinds = listing.layers()
    if as_json:
        terminal.write_json(kinds)
        return
    terminal.table(("name", "family", "what it does"), [(k["name"], k["family"], k["help"]) for k in kinds])


@app.command(cls=Verb)
def check(project: ProjectName, as_json: AsJson = False, trust: Trust = False) -> None:
    """Show shapes, parameters and problems; exit with 1 if the network cannot be built."""
    from studio.checking import check as look

    found = look(opened(project, trust))
    if as_json:
        terminal.write_json(found.to_json())
    else:
        terminal.checked(found)
    if not found.buildable:
        first = next(p for p in found.problems if p.severity == "error")
        raise ProjectFault(f"{found.name} cannot be built: {first}{terminal.remedy(first)}")


@app.command(cls=Verb)
def diff(project: ProjectName, other: OtherName, as_json: AsJson = False) -> None:
    """Show what is different in OTHER: layers, wires, blocks and settings, parameters and shapes."""
    from studio.comparing import beside

    found = beside(project, other)
    if as_json:
        terminal.write_json(found.to_json())
        return
    if rows := found.rows():
        terminal.table(("", "what", "before → after"), rows)
    else:
        terminal.say("There is no difference.")
    for said in found.totals:
        terminal.say(str(said) if said.before != said.after else f"{said.title}: {said.after}, the same")


@app.command(cls=Verb)
def train(
    project: ProjectName,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=1_000_000, help="Epochs, instead of the recipe's.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="S", min=0, max=2**31 - 1, help="Seed, instead of the recipe's.")
    ] = None,
    device: Annotated[Device | None, typer.Option(help="Where to compute, instead of the recipe's.")] = None,
    out: Annotated[
        Path | None, typer.Option(parser=_named, metavar="DIR", help="The run's folder; NAME.runs/… without it.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", metavar=NONE, help="Go on with the run that DIR (or the last) holds.")
    ] = False,
    trust: Trust = False,
) -> None:
    """Train, and write metrics.csv, model.onnx, weights.safetensors and curves.svg."""
    changes = {"epochs": epochs, "seed": seed, "device": device.value if device else None}
    chosen = opened(project, trust)
    with place(chosen, out, resume) as folder:
        _train(chosen, folder, {k: v for k, v in changes.items() if v is not None}, resume)


app.command(cls=Verb)(weights)
app.command("import", cls=Verb)(import_)
app.command(cls=Verb)(prove)
app.command(cls=Verb)(export)


@app.command(cls=Verb)
def screenshot(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help=f"Which pictures to take: {PICTURES}.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", metavar=NONE, help="Take all of them.")] = False,
    theme: Annotated[Theme, typer.Option(help="Colours.")] = Theme.dark,
    size: Annotated[str, typer.Option(metavar="WxH", help="Size of the window in pixels.")] = "1680x1050",
    out: Annotated[Path, typer.Option(parser=_named, metavar="DIR", help="Where to put the pictures.")] = Path(
        "screenshots"
    ),
) -> None:
    """Paint windows and views into PNG files, without a display."""
    if every and names:
        raise typer.BadParameter("give names or --all, not both.")
    if not every and not names:
        raise typer.BadParameter("give at least one name, or --all.")
    if not _screenshots:
        raise ProjectFault("Pictures of the window need main.py; call “python main.py screenshot”.")
    pixels = _size(size)
    with reserved(out):
        for path in _screenshots[0](list(names or []), theme.value, pixels, out):
            terminal.written(path)


def version() -> str:
    """The version that pyproject.toml states."""
    import tomllib

    with (Path(__file__).resolve().parents[2] / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def run(arguments: Sequence[str], screenshots: Screenshots | None = None) -> int:
    """Runs a verb; gives the exit code. What is wrong with the input is one sentence on stderr."""
    _screenshots[:] = [screenshots] if screenshots else []
    return terminal.guarded(lambda: app(args=list(arguments), prog_name="main.py"))


def demonstrate(project: str, screenshots: Screenshots | None = None) -> int:
    """The main job where there is no display: train, export, and paint the curves and the window."""
    return terminal.guarded(lambda: _demonstrate(project, screenshots))


def _demonstrate(name: str, screenshots: Screenshots | None) -> None:
    project = open_project(name)
    terminal.say(f"There is no display here, so {project.name} is trained without a window.")
    with place(project, None, False) as folder:
        _train(project, folder, {}, False)
        if screenshots:
            with terminal.working("painting the window"):
                pictures = screenshots(["window"], "dark", (1680, 1050), folder)
            for path in pictures:
                terminal.written(path, "the window")


def _train(opened: Project, folder: Path, changes: dict[str, object], resume: bool) -> None:
    from studio.headless import TrainingFault
    from studio.headless import train as run_training
    from studio.outputs import CURVES, WEIGHTS, write_all, write_sound

    try:
        with terminal.TrainingBar(opened.name) as bar, terminal.building(opened.file):
            finished = run_training(opened, folder, resume=resume, changes=changes, watch=bar.show)
    except KeyboardInterrupt:
        terminal.complain(f"Stopped; go on with: train {opened.name} --resume --out {folder}")
        raise typer.Exit(INTERRUPTED) from None
    except TrainingFault as fault:
        if fault.finished is not None:
            write_sound(fault.finished, folder)
        raise
    terminal.result(finished)
    with terminal.working("exporting and comparing with onnxruntime"):
        report = write_all(finished, folder)
    terminal.written(folder / "metrics.csv", "a row an epoch")
    terminal.written(folder / CURVES, "the curves")
    terminal.written(folder / WEIGHTS, "the weights")
    terminal.written(report.path, f"checked, largest difference {max(report.differences.values()):.1e}")


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) == 2 and all(part.isdecimal() and 200 <= int(part[:6]) <= 10_000 for part in parts):
        return int(parts[0]), int(parts[1])
    raise typer.BadParameter(f"{text!r} is no size; write for example 1680x1050 (200 to 10000 each).")
