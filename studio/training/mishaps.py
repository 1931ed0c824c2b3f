"""What went wrong with a run, in one sentence for a person."""

from __future__ import annotations

import torch

from graphs.files.faults import FileFault
from studio.recipe import Recipe

OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this is the device or the computer running out of memory, whatever its type."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in OUT_OF_MEMORY)


def sentence(error: BaseException, recipe: Recipe) -> str:
    """One sentence, two at most, without a traceback."""
    if is_out_of_memory(error):
        smaller = f"such as {max(1, recipe.batch_size // 2)} instead of {recipe.batch_size}"
        return f"Memory ran out: take a smaller batch, {smaller}, or a smaller network."
    if isinstance(error, FileFault):
        return str(error)
    first = (str(error).strip().splitlines() or [""])[0][:300].rstrip(".")
    return f"Training failed: {first or type(error).__name__}."
