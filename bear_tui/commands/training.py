"""One training in this process, from reading the photos to the exit status of its command."""

import contextlib
import logging
import os
import sys
import tempfile
from contextlib import AbstractContextManager
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


def run_training(chosen: Recipe, folder: RunFolder, json: bool, enough_steps: bool = False) -> int:
    """Train and tell it on the terminal; the exit status. With `enough_steps` a head has more
    epochs than the recipe says where the photos are few."""
    return trained(chosen, folder, json, enough_steps=enough_steps)[0]


def trained(
    chosen: Recipe,
    folder: RunFolder,
    json: bool,
    accept_changes: bool = False,
    control: Control | None = None,
    enough_steps: bool = False,
) -> tuple[int, bool]:
    """As `run_training`, with whether a signal has ended it. `control` may ask for changes."""
    control = control or Control()
    if words := torchrun.half_given():
        say(words)
    group = torchrun.group()
    if group and group.rank:  # the first process writes and tells
        with tempfile.TemporaryDirectory(prefix="bear-tui-") as unseen:
            helper = HelperReporter(group.rank)
            away = RunFolder(Path(unseen) / "run")
            return _trained(chosen, away, control, accept_changes, helper, enough_steps)
    reporter: Reporter
    if json:
        reporter = JsonReporter()
    else:
        reporter = LiveReporter(folder) if sys.stdout.isatty() else PlainReporter(folder)
    return _trained(chosen, folder, control, accept_changes, reporter, enough_steps)


def _trained(
    chosen: Recipe,
    folder: RunFolder,
    control: Control,
    accept_changes: bool,
    reporter: Reporter,
    enough_steps: bool,
) -> tuple[int, bool]:
    final, asked = None, signals.Signals()
    stop_on_signals = signals.stop_on_signals(control, reporter.stopping, asked)
    helps = isinstance(reporter, HelperReporter)
    log_to_person = contextlib.nullcontext() if helps else _log_to_person(folder)
    try:
        with signals.broken_off_by_signals(asked):
            fit = launch.ready(chosen, folder, enough_steps, say, progress_bar)
            if asked.come:  # what catches every exception has caught ours
                raise signals.BrokenOff
            with stop_on_signals, log_to_person, reporter:
                for event in fit(folder, control, accept_changes):
                    reporter = _reported(reporter, event)
                    final = event
    except signals.BrokenOff:
        if final is None:
            say(signals.STOPPED)
            return 3, True
    return _status(final), asked.come


def _status(final: Event | None) -> int:
    return 0 if isinstance(final, RunCompleted) else 3 if isinstance(final, RunStopped) else 1


def _reported(reporter: Reporter, event: Event) -> Reporter:
    """Who is told the next event: whatever goes wrong in telling one, the training goes on."""
    try:
        reporter.report(event)
    except Exception:
        log.exception("the training goes on, and is not told here any more")
        return SilentReporter()
    return reporter


def _log_to_person(folder: RunFolder) -> AbstractContextManager[None]:
    """What the package logs is said, unless that ends up in the run's log.txt, as in the
    background: it is written there anyway."""
    if _same_file(2, folder.log_file):
        return contextlib.nullcontext()
    return launch.log_to(say)


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (OSError, ValueError):
        return False
