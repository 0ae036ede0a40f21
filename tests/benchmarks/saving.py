"""What saving costs the training: how long it waits, and the processor time of the writing thread.

    python -m tests.benchmarks.saving [--epochs 4] [--midway SECONDS]

Trains the sample's ResNet18 on the sample photos, saved after every epoch, and within epochs as
often as `--midway` says. Shares of one run, so a noisy machine spoils them little.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from bear_tui.data.sample import write_sample
from bear_tui.engine.fit import fit
from bear_tui.engine.models import checkpoint
from bear_tui.engine.training import saver
from bear_tui.engine.training.saver import Saver
from bear_tui.recipe_defaults import sample_recipe
from bear_tui.run.control import Control
from bear_tui.run.events import CheckpointSaved, RunStarted
from bear_tui.run.folder import RunFolder


def timed(work: Callable[..., Any], clock: Callable[[], float], into: list[float]) -> Any:
    """`work`, with the time of each call in `into`."""

    def run(*arguments: Any) -> Any:
        begun = clock()
        try:
            return work(*arguments)
        finally:
            into.append(clock() - begun)

    return run


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--midway", type=float, default=300.0)
    arguments = parser.parse_args()
    saver.SAVE_EVERY = arguments.midway
    waits: list[float] = []
    busy: list[float] = []
    begun = ended = processor = 0.0
    with (
        tempfile.TemporaryDirectory() as folder,
        # `finish` waits within `check`.
        mock.patch.object(Saver, "begin", timed(Saver.begin, time.perf_counter, waits)),
        mock.patch.object(Saver, "check", timed(Saver.check, time.perf_counter, waits)),
        mock.patch.object(checkpoint, "save", timed(checkpoint.save, time.thread_time, busy)),
    ):
        root = Path(folder)
        write_sample(root / "sample", 240, 1)
        recipe = replace(sample_recipe(str(root / "sample")), epochs=arguments.epochs, device="cpu")
        for event in fit(recipe, RunFolder(root / "run"), Control()):
            if isinstance(event, RunStarted):
                begun, processor = time.perf_counter(), time.process_time()
            if isinstance(event, CheckpointSaved):
                ended, used = time.perf_counter(), time.process_time()
    whole = ended - begun
    print(
        f"{len(busy)} files written in {whole:.1f} s: the training waited {sum(waits):.2f} s "
        f"({sum(waits) / whole:.1%}); writing took {sum(busy):.2f} s of {used - processor:.1f} s "
        f"of processor time ({sum(busy) / (used - processor):.1%})"
    )


if __name__ == "__main__":
    main()
