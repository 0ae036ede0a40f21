"""Train queued runs one after the other, when the run of a background process has ended."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from bear_tui import files
from bear_tui.commands import signals
from bear_tui.commands.output import say
from bear_tui.commands.training import run_training
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.run.folder import RunFolder
from bear_tui.run.queue_store import QueueStore
from bear_tui.run.runs import new_run


def train_queued_runs(ended: RunFolder) -> None:
    """Train each run that is queued beside `ended`, until none is left or a signal ends this
    process. Each gets its own log.txt.

    Raises Failure if none can begin; queued runs then stay in the queue.
    """
    queue = QueueStore(ended.path.parent)
    folder = ended

    def begin(recipe: Recipe) -> None:
        nonlocal folder
        created = new_run(queue.runs, recipe, secrets.token_hex(2))
        created.create(recipe)
        folder = created

    with signals.noted() as received:
        while not received.any and (recipe := queue.take(begin)) is not None:
            try:
                _print_into(folder.log_file)
                if run_training(recipe, folder).by_signal:
                    return
            except Failure as failure:
                say(failure)


def _print_into(log: Path) -> None:
    """Redirect standard output and error into `log`; a training goes on without it."""
    with suppress(OSError), files.open_to_append(log) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
