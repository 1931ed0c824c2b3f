"""How a network is to be trained, as one validated value; light, since forms are made from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

Loss = Literal["cross-entropy", "mse", "binary cross-entropy", "nll", "l1", "huber"]
Optimiser = Literal["sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw"]
ScheduleKind = Literal["constant", "step", "exponential", "cosine", "linear", "one-cycle", "plateau"]


def _field(default: Any, title: str, description: str, unit: str = "", **bounds: Any) -> Any:
    return Field(default, title=title, description=description, json_schema_extra={"unit": unit}, **bounds)


class Recipe(BaseModel):
    """Everything that decides a training run beside the network and the data."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    loss: Loss = _field("cross-entropy", "Loss", "What training makes small.")
    optimiser: Optimiser = _field("adam", "Optimiser", "How a gradient becomes a change of the weights.")
    learning_rate: float = _field(0.001, "Learning rate", "The size of a step along the gradient.", ge=1e-8, le=10.0)
    momentum: float = _field(
        0.9,
        "Momentum",
        "The share of the last change that is kept; for momentum and Nesterov.",
        ge=0.0,
        lt=1.0,
    )
    weight_decay: float = _field(
        0.0, "Weight decay (L2)", "Pulls weights towards zero; biases are left alone.", ge=0.0, le=1.0
    )
    l1: float = _field(
        0.0,
        "L1 penalty",
        "Makes weights that do little exactly small; biases are left alone.",
        ge=0.0,
        le=1.0,
    )
    schedule: ScheduleKind = _field("constant", "Schedule", "How the learning rate changes while the network learns.")
    schedule_epochs: int = _field(
        10, "Every", "Step: epochs between two falls. Plateau: epochs without progress before a fall.",
        "epochs", ge=1, le=100_000,
    )  # fmt: skip
    schedule_factor: float = _field(
        0.1, "Factor", "Step, exponential and plateau: what the rate is multiplied with.", ge=1e-4, le=1.0
    )
    schedule_floor: float = _field(
        0.0, "Floor", "Cosine, linear and plateau: the share of the learning rate that is left in the end.",
        ge=0.0, le=1.0,
    )  # fmt: skip
    warm_up: int = _field(
        0, "Warm-up", "Steps in which the learning rate rises from nothing.", "steps", ge=0, le=1_000_000
    )
    clip: float = _field(
        0.0, "Clip gradients", "The largest norm that all gradients together may have; 0 leaves them alone.",
        ge=0.0, le=1e6,
    )  # fmt: skip
    batch_size: int = _field(64, "Batch size", "Samples that make one step.", "samples", ge=1, le=65_536)
    epochs: int = _field(20, "Epochs", "How often every sample is seen.", "epochs", ge=1, le=1_000_000)
    patience: int = _field(
        0, "Early stopping", "Ends after so many epochs without a better validation loss; 0 never does.",
        "epochs", ge=0, le=100_000,
    )  # fmt: skip
    seed: int = _field(0, "Seed", "The same seed gives the same run.", ge=0, le=2**31 - 1)
    device: Literal["auto", "cpu", "cuda"] = _field(
        "auto", "Device", "Where it computes; auto takes the graphics card when there is one."
    )
    precision: Literal["float32", "bfloat16", "float16"] = _field(
        "float32",
        "Precision",
        "bfloat16 and float16 are faster on hardware made for them; weights stay float32.",
    )


class Samples(Protocol):
    """The part of `studio.data.prepare.Prepared` that a recipe is checked against."""

    @property
    def task(self) -> str: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def train(self) -> Any: ...
    @property
    def validation(self) -> Any: ...


ELEMENTWISE = ("mse", "l1", "huber", "binary cross-entropy")


def problems(recipe: Recipe, outputs: Sequence[Sequence[int]], data: Samples, *, cuda: bool = True) -> tuple[str, ...]:
    """What stands against this run, one sentence each; empty when it can start.

    `outputs` holds the shape of every output of the network, without the batch axis; `cuda` says whether
    there is one.
    """
    return (
        *_device_problems(recipe, cuda),
        *_size_problems(recipe, data),
        *output_problems(recipe, outputs, data),
    )


def _device_problems(recipe: Recipe, cuda: bool) -> Iterator[str]:
    if recipe.device == "cuda" and not cuda:
        yield "There is no CUDA device here: choose “auto” or “cpu” as the device."
    if recipe.precision == "float16" and (recipe.device == "cpu" or not cuda):
        yield "float16 needs a CUDA device: choose float32 or bfloat16."


def _size_problems(recipe: Recipe, data: Samples) -> Iterator[str]:
    count = len(data.train.targets)
    if count == 0:
        yield "There are no samples to train on."
    if recipe.patience and len(data.validation.targets) == 0:
        yield "Early stopping needs validation samples: give them a share of the data, or set it to 0."


def output_problems(recipe: Recipe, outputs: Sequence[Sequence[int]], data: Samples) -> Iterator[str]:
    """What stands against learning this data with this loss, given the shape of every output."""
    if len(outputs) != 1:
        yield f"Training needs exactly one output, and this network has {len(outputs)}."
    elif data.task == "classification":
        yield from _classification_problems(recipe, tuple(outputs[0]), len(data.classes))
    else:
        yield from _regression_problems(recipe, tuple(outputs[0]), tuple(data.train.targets.shape[1:]))


def _classification_problems(recipe: Recipe, output: tuple[int, ...], classes: int) -> Iterator[str]:
    if len(output) != 1:
        shape = "×".join(map(str, output)) or "a single number"
        yield f"The output is {shape}, but classes need a vector: insert Flatten and Linear."
        return
    allowed = {classes, 1} if classes == 2 and recipe.loss in ELEMENTWISE else {classes}
    if output[0] not in allowed:
        found = f"The network has {output[0]} outputs for {classes} classes"
        yield f"{found}: give the last layer {classes} outputs."


def _regression_problems(recipe: Recipe, output: tuple[int, ...], target: tuple[int, ...]) -> Iterator[str]:
    if recipe.loss in ("cross-entropy", "nll"):
        yield f"The data holds numbers, not classes: choose mse, l1 or huber instead of {recipe.loss}."
    elif output != target:
        expected, received = ("×".join(map(str, dims)) or "1" for dims in (target, output))
        yield f"The data has {expected} numbers to predict for each sample, but the network gives {received}."
