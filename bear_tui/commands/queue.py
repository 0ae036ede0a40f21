"""What a process in the background does when its run has ended: it trains what waits."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from bear_tui import files
from bear_tui.commands import signals
from bear_tui.commands.output import say
from bear_tui.commands.training import trained
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.run.folder import RunFolder, new_run
from bear_tui.run.queue_store import Waiting


def train_queued_runs(before: RunFolder) -> None:
    """Train one after the other, each with its own log.txt, until nothing waits or a signal ends
    this process. `before` is the run that has just ended. Raises Failure where none can begin: all
    that has not begun goes on waiting."""
    waiting = Waiting(before.path.parent)

    def begin(recipe: Recipe) -> None:
        nonlocal before
        made = new_run(waiting.runs, recipe, secrets.token_hex(2))
        made.create(recipe)
        before = made

    with signals.noted() as between:
        while not between.come and (recipe := waiting.take(begin)) is not None:
            try:
                _say_into(before.log_file)
                _, by_signal = trained(recipe, before, json=False)
                if by_signal:
                    return
            except Failure as failure:
                say(failure)


def _say_into(log: Path) -> None:
    # What cannot be said costs no training.
    with suppress(OSError), files.open_to_append(log) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
