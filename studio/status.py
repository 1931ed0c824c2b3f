"""What a session says of itself. Light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from studio.inspection.worker import Outcome

State = Literal["idle", "preparing", "running", "paused", "ended"]
Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Status:
    """Where the run is. Speed and time left are None until measured, memory (bytes) where it is not known."""

    state: State = "idle"
    epoch: float = 0.0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    samples_per_second: float | None = None
    seconds_left: float | None = None
    view_cost: float = 0.0
    device: str = ""
    memory_used: int | None = None
    memory_total: int | None = None
    message: str = ""
    loss: float | None = None
    learning_rate: float | None = None
    node: str = ""
    run: str = ""


@dataclass(frozen=True)
class Updates:
    """What is new since the last poll; notices are (level, sentence)."""

    status: Status
    history_changed: bool
    outcomes: Mapping[str, Outcome]
    notices: tuple[tuple[Level, str], ...] = ()


def memory(device: str) -> tuple[int | None, int | None]:
    """Bytes in use and in all on a CUDA device; unknown elsewhere."""
    if device != "cuda":
        return None, None
    import torch

    free, total = torch.cuda.mem_get_info()
    return total - free, total
