"""The model card of a deploy folder: what it is, what it learnt from, how well it does, and what nobody knows yet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from studio.shipping.cargo import Cargo
from studio.shipping.readying import PICTURES, TABLE, TOKENS, classes_of
from studio.shipping.shipped import size_of
from studio.shipping.smaller import Compared

if TYPE_CHECKING:
    from studio.shipping.model import ModelOptions

MOST_CLASSES = 30
"""Classes that are listed with their samples; of more the number is told."""
FITS = {
    "exact": "taken as they are, and refused at any other size",
    "stretch": "stretched to that size",
    "crop": "resized until they fill that size, what is too long cut off at both ends",
    "shorter": "resized until their shorter side is {resize} pixels, then cut to the middle",
}
ANSWERS = {
    "softmax": "Softmax makes shares of them.",
    "log shares": "They are logarithms of shares.",
    "shares": "They are shares that add up to 1.",
    "sigmoids": "A sigmoid makes a share of each; the largest one is the answer.",
    "one sigmoid": "A sigmoid makes the share of the second class of the one number.",
    "one share": "The one number is the share of the second class.",
    "scores": "They are scores; the largest one is the answer.",
}
LEFT = "*To be written by whoever gives this model to others.*"


def card(
    cargo: Cargo, told: Mapping[str, Any], judged: Compared, options: ModelOptions, said: str, example: str
) -> str:
    """The text of README.md, in Markdown."""
    parts = (
        f"# {_plain(cargo.project.name)}\n",
        f"{_about(cargo)}\n",
        f"## Run it\n\n```sh\npip install onnxruntime numpy\npython predict.py {example}\n```\n\nIt answers:\n\n"
        f"```\n{said}\n```\n",
        f"## What it takes\n\n{_takes(told)}\n",
        f"## What it gives\n\n{_gives(cargo, told)}\n",
        f"## Data\n\n{_data(cargo)}\n",
        f"## Training\n\n{_training(cargo)}\n",
        f"## How well it does\n\n{_metrics(cargo, judged, options)}\n",
        f"## The network\n\n{_network(cargo, judged, options)}\n",
        f"## What it is for, and what it is not for\n\n{LEFT}\n",
        f"## Licence\n\n{LEFT} The Python files here come from Netloom and may be used under the MIT licence.\n",
    )
    return "\n".join(parts)


def _about(cargo: Cargo) -> str:
    about = cargo.project.network.settings.get("about")
    text = _plain(str(about.get("text", ""))) if isinstance(about, Mapping) else ""
    return text or "A neural network, designed and exported with Netloom."


def _takes(told: Mapping[str, Any]) -> str:
    lines = [
        f"- Input `{one['name']}`: {one['dtype']}, {'×'.join(['batch', *map(str, one['shape'])])}"
        for one in told["inputs"]
    ]
    lines += _kind(told)
    if any(told["mean"]) or any(scale != 1 for scale in told["std"]):
        lines.append(f"- Then (x − mean) / std, with mean {_numbers(told['mean'])} and std {_numbers(told['std'])}.")
    return "\n".join([*lines, "- `samples.py` does all of that; `preprocessing.json` holds its numbers."])


def _kind(told: Mapping[str, Any]) -> Iterator[str]:
    if told["kind"] == PICTURES:
        colour = "one grey channel" if told["colour"] == "grey" else "red, green and blue"
        fit = FITS[told["fit"]].format(**told)
        yield f"- Pictures of {told['width']}×{told['height']} pixels in {colour}, values from 0 to 1; {fit}."
        yield "- PNG, PGM and PPM files; JPEG and others where Pillow is installed, too; or arrays of numpy (.npy)."
    elif told["kind"] == TABLE:
        yield f"- CSV tables with the columns {', '.join(map(_plain, told['columns']))}, in any order."
    elif told["kind"] == TOKENS and told["vocabulary"]:
        length = told["inputs"][0]["shape"][0]
        yield f"- Texts of {len(told['vocabulary']):,} known tokens; of a longer one its last {length}."
    elif told["kind"] == TOKENS:
        yield "- Whole numbers, one for each token, in a text file or an array of numpy (.npy)."
    else:
        yield "- Arrays of numpy (.npy, or .npz where there are several inputs), raw, as the training data was."


def _gives(cargo: Cargo, told: Mapping[str, Any]) -> str:
    classes = classes_of(cargo)
    if told["answer"] == "numbers":
        return "Numbers, as the network computes them."
    count = f"A number for each of {len(classes):,} classes" if "one" not in told["answer"] else "One number"
    return f"{count}; their names stand in `labels.txt`, in order. {ANSWERS[told['answer']]}"


def _data(cargo: Cargo) -> str:
    data = cargo.data
    if data is None:
        return f"The project had no data that fits the network when it was exported. {cargo.missing}"
    same = data.validation is data.train
    kept = "none of them held out" if same else f"{len(data.validation):,} others held out"
    lines = [f"{data.name}: {len(data.train):,} samples to learn from, {kept}."]
    if data.classes and len(data.classes) <= MOST_CLASSES:
        rows = [
            f"| {_plain(name)} | {_count(data.train.targets, k)} | {_count(data.validation.targets, k)} |"
            for k, name in enumerate(data.classes)
        ]
        lines += ["", "| class | to learn from | held out |", "|---|---:|---:|", *rows]
    return "\n".join([*lines, *(f"\n{note}" for note in data.notes)])


def _count(targets: Any, number: int) -> int:
    return int((targets == number).sum())


def _training(cargo: Cargo) -> str:
    recipe = cargo.project.recipe
    if not cargo.trained:
        return f"**It was not trained**: it holds the {cargo.weights}."
    steps = f"It holds the weights of step {cargo.step:,}." if cargo.step else f"It holds the {cargo.weights}."
    usual = type(recipe)().model_dump()
    shown = ("loss", "optimiser", "learning_rate", "batch_size", "epochs", "seed")
    chosen = {name: value for name, value in recipe.model_dump().items() if name in shown or value != usual[name]}
    titles = type(recipe).model_fields
    told = ", ".join(f"{str(titles[name].title or name).lower()} {value}" for name, value in chosen.items())
    return f"{steps} The project's recipe, of which a run may have made only a part, is: {told}."


def _metrics(cargo: Cargo, judged: Compared, options: ModelOptions) -> str:
    before, after = judged.scores
    if judged.held is None or not before.words:
        return "It was not measured: the project has no samples with answers that fit the network's outputs."
    what = "Right answers" if math.isfinite(before.accuracy) else "Loss"
    lines = [f"On {judged.held.name}, computed by onnxruntime on the file in this folder:", ""]
    lines += ["| | value |", "|---|---:|", f"| {what} | {after.words} |"]
    if options.numbers != "float32":
        lines.append(f"| {what} of the float32 model | {before.words} |")
    if math.isfinite(after.loss) and math.isfinite(after.accuracy):
        lines.append(f"| Loss | {after.loss:.4g} |")
    worst = (
        f"Largest difference of an output from float32: {judged.difference:.2g}, of values up to {judged.scale:.2g}."
    )
    return "\n".join([*lines, *(["", worst] if options.numbers != "float32" else []), *_by_class(cargo, judged)])


def _by_class(cargo: Cargo, judged: Compared) -> list[str]:
    """How many of each class are recognised, where there are few enough classes to list."""
    names = cargo.data.classes if cargo.data is not None else ()
    if not judged.found or len(names) > MOST_CLASSES:
        return []
    rows = [f"| {_plain(name)} | {right} of {all_} |" for name, (right, all_) in zip(names, judged.found, strict=True)]
    return ["", "| class | recognised |", "|---|---:|", *rows]


def _network(cargo: Cargo, judged: Compared, options: ModelOptions) -> str:
    from graphs.inference.shapes import Inference
    from studio.design import design_of

    project = cargo.project
    analysis = Inference(project.catalogue).analyse(project.network)
    lines = [
        f"- {analysis.parameters:,} parameters, {analysis.multiply_adds:,} multiply-adds a sample",
        f"- `model.onnx`: {options.numbers}, {size_of(judged.sizes[1])}, opset {options.opset}",
        f"- Design `{design_of(project.network, project.catalogue)[:16]}`, designed and exported with Netloom",
    ]
    return "\n".join(lines)


def _numbers(values: Any) -> str:
    listed = ", ".join(f"{value:.6g}" for value in values[:8])
    return f"{listed}, … ({len(values)} in all)" if len(values) > 8 else listed


def _plain(text: str) -> str:
    """A text on one line, that means nothing in Markdown."""
    flat = " ".join(text.split())[:500]
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in flat)
