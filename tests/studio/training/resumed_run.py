"""A process that trains a run in the folder that it is given, slowly, so that it can be killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def prepared(folder: Path) -> Any:
    """A trainer of the run in the folder: resumed where there is one."""
    from tests_training import DROPOUT, chain, made_data

    from graphs.layers.catalogue import standard
    from studio.recipe import Recipe
    from studio.training.launch import launch

    recipe = Recipe(learning_rate=0.01, batch_size=16, epochs=40, schedule="cosine")
    resume = (folder / "run.json").exists()
    return launch(chain(DROPOUT), standard(), made_data(), recipe, folder=folder, resume=resume)


def main(folder: Path) -> None:
    """Saves a checkpoint whenever it may, and sleeps after every epoch."""
    trainer = prepared(folder)
    keeper = trainer._keeper
    keeper.due = lambda: True
    epoch_ended = keeper.epoch_ended

    def slower(row: Any) -> None:
        epoch_ended(row)
        time.sleep(0.03)

    keeper.epoch_ended = slower
    trainer.start()
    trainer.play()
    trainer.join()


if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(HERE.parents[2])]
    main(Path(sys.argv[1]))
