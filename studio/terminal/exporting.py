"""The verb `export`: a project in the formats of other programs, each verified before it is told."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.terminal import speech as terminal
from studio.terminal import trust_option as trusting
from studio.terminal.trust_option import Trust

if TYPE_CHECKING:
    from graphs.pictures.figure import Look
    from studio.project import Project
    from studio.shipping.cargo import Cargo
    from studio.shipping.shipped import Report, Shipped

    Way = Callable[[Cargo, Report], Shipped]

NONE = " "
"""What a flag takes: nothing."""
OPSETS = (18, 23)


class Theme(enum.StrEnum):
    """Colours of the window."""

    dark = "dark"
    light = "light"


class Style(enum.StrEnum):
    """What a picture shows."""

    canvas = "canvas"
    figure = "figure"


class Form(enum.StrEnum):
    """How a figure draws the network."""

    auto = "auto"
    volumes = "volumes"
    columns = "columns"
    boxes = "boxes"


class Numbers(enum.StrEnum):
    """How a model holds its numbers."""

    float32 = "float32"
    float16 = "float16"
    int8 = "int8"


def _named(text: str | Path) -> Path:
    if not str(text).strip():
        raise typer.BadParameter("the name is empty.")
    return Path(text)


def _file(metavar: str, text: str) -> Any:
    return typer.Option(parser=_named, metavar=metavar, help=text)


def _flag(name: str, text: str) -> Any:
    return typer.Option(name, metavar=NONE, help=text)


def export(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="A .netloom file, or an example's name.")],
    onnx: Annotated[Path | None, _file("F", "Write an ONNX model, checked with onnxruntime.")] = None,
    fp16: Annotated[Path | None, _file("F", "Write an ONNX model in float16, judged beside float32.")] = None,
    int8: Annotated[Path | None, _file("F", "Write an ONNX model in int8, judged beside float32.")] = None,
    pt2: Annotated[Path | None, _file("F.pt2", "Write a torch.export program, loaded again and compared.")] = None,
    deploy: Annotated[Path | None, _file("DIR", "Write a folder with model, predict.py and model card.")] = None,
    source: Annotated[Path | None, _file("F.py", "Write the network as Python classes, run and compared.")] = None,
    picture: Annotated[Path | None, _file("F.svg", "Draw the network.")] = None,
    opset: Annotated[
        int, typer.Option(metavar="N", min=OPSETS[0], max=OPSETS[1], help="The version of ONNX's operators.")
    ] = 20,
    free_size: Annotated[bool, _flag("--free-size", "Let the ONNX model take inputs of other sizes.")] = False,
    numbers: Annotated[Numbers, typer.Option(help="How the deploy folder's model holds numbers.")] = Numbers.float32,
    calibration: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="Training samples to calibrate int8 on.")
    ] = 256,
    seven: Annotated[bool, _flag("--seven-bits", "int8 with 7-bit weights, for processors without VNNI.")] = False,
    style: Annotated[Style, typer.Option(help="Draw the canvas, or a figure for papers.")] = Style.canvas,
    form: Annotated[Form, typer.Option(help="What the figure is made of; auto takes what suits.")] = Form.auto,
    theme: Annotated[Theme, typer.Option(help="Colours of the picture.")] = Theme.light,
    greyscale: Annotated[bool, _flag("--greyscale", "Draw the figure in greys for print.")] = False,
    transparent: Annotated[bool, _flag("--transparent", "Leave the picture's ground out.")] = False,
    blocks: Annotated[bool, _flag("--blocks", "Show in the figure what blocks hold.")] = False,
    weights: Annotated[Path | None, _file("F", "Trained weights (safetensors) to ship.")] = None,
    as_json: Annotated[bool, _flag("--json", "Write JSON instead of words.")] = False,
    trust: Trust = False,
) -> None:
    """Write the network as ONNX (float32, float16, int8), .pt2, a deploy folder, Python source, or a picture."""
    from graphs.pictures.figure import Look

    files = {"--onnx": onnx, "--fp16": fp16, "--int8": int8, "--pt2": pt2, "--deploy": deploy}
    if not (any(files.values()) or source or picture):
        raise typer.BadParameter(f"name at least one of {', '.join(files)}, --source and --picture.")
    if weights and not any(files.values()):
        raise typer.BadParameter("--weights belongs to a model: source and picture hold no weights.")
    if weights and not weights.is_file():
        raise FileNotFoundError(2, "there is no such file: check its name and folder", str(weights))
    if numbers is not Numbers.float32 and not deploy:
        raise typer.BadParameter("--numbers belongs to --deploy; --fp16 and --int8 name files of their own.")
    if style is Style.canvas and (form is not Form.auto or greyscale or blocks):
        raise typer.BadParameter("--form, --greyscale and --blocks belong to --style figure.")
    opened, done = trusting.opened(project, trust), []
    if picture:
        look = Look(theme.value, form.value, greyscale, transparent, opened=blocks)
        done.append(_picture(opened, picture, look, style.value, as_json))
    options = {"opset": opset, "free_size": free_size, "calibration": calibration, "seven": seven}
    ways = [*_code(opened, source), *_models(files, options, numbers.value)]
    if ways:
        done += _shipped(opened, weights, ways, any(files.values()), as_json)
    if as_json:
        terminal.write_json(done)


def _code(opened: Project, source: Path | None) -> Iterator[Way]:
    from studio.exporting import class_name
    from studio.shipping.code import CodeOptions, ship_source

    if source:
        yield lambda cargo, report: ship_source(cargo, source, CodeOptions(class_name=class_name(opened.name)), report)


def _models(files: Mapping[str, Path | None], options: Mapping[str, Any], numbers: str) -> Iterator[Way]:
    """What ships each file that was asked for, in this order."""
    from studio.shipping.deploy import ship_deploy
    from studio.shipping.model import ModelOptions
    from studio.shipping.models import ship_model
    from studio.shipping.program import ship_program

    for option, kind in (("--onnx", "float32"), ("--fp16", "float16"), ("--int8", "int8")):
        if file := files[option]:
            yield partial(_with, ship_model, file, ModelOptions.model_validate({**options, "numbers": kind}))
    if file := files["--pt2"]:
        yield partial(_without, ship_program, file)
    if file := files["--deploy"]:
        yield partial(_with, ship_deploy, file, ModelOptions.model_validate({**options, "numbers": numbers}))


def _with(ship: Callable[..., Shipped], file: Path, options: Any, cargo: Cargo, report: Report) -> Shipped:
    return ship(cargo, file, options, report)


def _without(ship: Callable[..., Shipped], file: Path, cargo: Cargo, report: Report) -> Shipped:
    return ship(cargo, file, report)


def _shipped(
    opened: Project, weights: Path | None, ways: Sequence[Way], judged: bool, as_json: bool
) -> list[dict[str, Any]]:
    """Ships one after the other, and tells of each as soon as it is there."""
    from studio.shipping.cargo import load

    done, faults = [], []
    with terminal.building(opened.file):
        with terminal.working("building the network"):
            cargo = load(opened, weights, judged=judged)
        for way in ways:
            try:
                with terminal.telling("exporting") as report:
                    made = way(cargo, report)
            except ValueError as fault:  # of one format: the others are written all the same
                faults.append(fault)
                continue
            done.append(made.to_json())
            if not as_json:
                told = "" if made.facts.get("format") == "source" else f"{cargo.weights}; "
                terminal.written(made.path, f"{told}{made.summary}")
            if made.warning:
                terminal.complain(made.warning)
        for earlier in faults[:-1]:
            terminal.complain(terminal.sentence(earlier))
        if faults:
            raise faults[-1]
    return done


def _picture(opened: Project, file: Path, look: Look, style: str, as_json: bool) -> dict[str, Any]:
    from studio import exporting

    exporting.picture(opened, file, look, style)
    if not as_json:
        terminal.written(file)
    return {"path": str(file), "format": "picture", "style": style, "bytes": file.stat().st_size}
