"""One training in this process: from reading the photos to the exit status of its command."""

import contextlib
import logging
import os
import sys
import tempfile
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bear_tui import torchrun
from bear_tui.api import launch
from bear_tui.commands import signals
from bear_tui.commands.output import progress_bar, say
from bear_tui.commands.reporter import (
    HelperReporter,
    JsonReporter,
    LiveReporter,
    PlainReporter,
    Reporter,
    SilentReporter,
)
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunCompleted, RunStopped
from bear_tui.run.folder import RunFolder

log = logging.getLogger(__name__)

STOPPED = 3
"""The exit status of a training that can be resumed."""


@dataclass(frozen=True)
class Outcome:
    """How a training ended."""

    status: int
    """The exit status of its command."""
    by_signal: bool


def run_training(
    recipe: Recipe,
    folder: RunFolder,
    *,
    json: bool = False,
    accept_changes: bool = False,
    control: Control | None = None,
    enough_steps: bool = False,
) -> Outcome:
    """Train, and report it on standard output as events (`json`) or as text.

    `control` may ask for changes. With `enough_steps` a head gets more epochs than the recipe says
    if there are few photos. Under torchrun only the first process writes the run and reports.
    """
    if warning := torchrun.half_given():
        say(warning)
    control = control or Control()
    group = torchrun.group()
    if group is None or group.rank == 0:
        reporter = _reporter(folder, json)
        return _train(recipe, folder, control, reporter, accept_changes, enough_steps)
    with tempfile.TemporaryDirectory(prefix="bear-tui-") as scratch:
        helper, unread = HelperReporter(group.rank), RunFolder(Path(scratch) / "run")
        return _train(recipe, unread, control, helper, accept_changes, enough_steps)


def _reporter(folder: RunFolder, json: bool) -> Reporter:
    if json:
        return JsonReporter()
    return LiveReporter(folder) if sys.stdout.isatty() else PlainReporter(folder)


def _train(
    recipe: Recipe,
    folder: RunFolder,
    control: Control,
    reporter: Reporter,
    accept_changes: bool,
    enough_steps: bool,
) -> Outcome:
    final, received = None, signals.Signals()
    stopping = signals.stop_on_signals(control, reporter.stopping, received)
    logging_to_person = _log_to_person(folder, reporter)
    try:
        with signals.interrupted_by_signals(received):
            fit = launch.prepare_fit(recipe, folder, enough_steps, say, progress_bar)
            if received.any:  # an import that catches every exception has caught ours
                raise signals.Interrupted
            with stopping, logging_to_person, reporter:
                for event in fit(folder, control, accept_changes):
                    reporter = _report(reporter, event)
                    final = event
    except signals.Interrupted:
        if final is None:
            say(signals.NOTHING_CHANGED)
            return Outcome(STOPPED, by_signal=True)
    return Outcome(_exit_status(final), received.any)


def _exit_status(final: Event | None) -> int:
    match final:
        case RunCompleted():
            return 0
        case RunStopped():
            return STOPPED
        case _:
            return 1


def _report(reporter: Reporter, event: Event) -> Reporter:
    """Return who reports the next event: no failure to report may end the training."""
    try:
        reporter.report(event)
    except Exception:
        log.exception("the training goes on, but is no longer reported here")
        return SilentReporter()
    return reporter


def _log_to_person(folder: RunFolder, reporter: Reporter) -> AbstractContextManager[None]:
    """Print what the package logs, unless standard error is the run's log.txt: there it is logged
    anyway. Helpers print nothing: the first process logs the same."""
    if isinstance(reporter, HelperReporter) or _same_file(2, folder.log_file):
        return contextlib.nullcontext()
    return launch.log_to(say)


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (OSError, ValueError):
        return False
