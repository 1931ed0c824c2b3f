"""How weights begin: the choices that layers offer, and the functions of torch.nn.init behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from graphs.layers.base import setting

Initialise = Literal["default", "he_uniform", "he_normal", "xavier_uniform", "xavier_normal", "orthogonal"]
_FUNCTIONS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "he_uniform": ("kaiming_uniform_", {"nonlinearity": "relu"}),
    "he_normal": ("kaiming_normal_", {"nonlinearity": "relu"}),
    "xavier_uniform": ("xavier_uniform_", {}),
    "xavier_normal": ("xavier_normal_", {}),
    "orthogonal": ("orthogonal_", {}),
}
_LABELS = {
    "default": "PyTorch's",
    "he_uniform": "He (ReLU), uniform",
    "he_normal": "He (ReLU), normal",
    "xavier_uniform": "Xavier, uniform",
    "xavier_normal": "Xavier, normal",
    "orthogonal": "orthogonal",
}


def initialise_field() -> Any:
    """The field that chooses how the weight begins."""
    text = "How the weights are drawn before training. He suits ReLU, Xavier suits tanh and sigmoid."
    return setting("default", "Initialise", text, extra={"labels": _LABELS})


def bias_field() -> Any:
    """The field that says whether a bias is learnt."""
    return setting(True, "Bias", "Learn a number that is added to each result.")


def initial(choice: Initialise) -> tuple[str, dict[str, Any]] | None:
    """The function of torch.nn.init and its arguments; None for PyTorch's own."""
    return _FUNCTIONS.get(choice)
