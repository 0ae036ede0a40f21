"""One training in this process, from reading the photos to the exit status of its command."""

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui import files, paths, torchrun
from bear_tui.catalog import find_model
from bear_tui.commands import signals
from bear_tui.commands.advice import suited
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
from bear_tui.recipe_defaults import is_sample
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunCompleted, RunStopped
from bear_tui.run.folder import RunFolder

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset

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
            fit = _made_ready(chosen, folder, enough_steps)
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


def _made_ready(
    chosen: Recipe, folder: RunFolder, enough_steps: bool
) -> Callable[..., Iterator[Event]]:
    """The engine's `fit` of the recipe, once the photos are seen to be there, torch is loaded and
    so are the weights."""
    from bear_tui.data.dataset import open_dataset

    # Before torch is loaded, which takes seconds: the commonest mistake is a wrong folder.
    opened = open_dataset(Path(chosen.data), chosen.validation, chosen.seed)
    chosen, said = suited(chosen, opened, enough_steps)
    from bear_tui.engine.compute import distributed
    from bear_tui.engine.fit import fit
    from bear_tui.engine.models.checkpoint import LAST

    group = torchrun.group()
    if enough_steps and not group and is_sample(chosen, str(paths.sample_folder())):
        from bear_tui.engine.estimate import fit_sample

        parts = len(opened.train), len(opened.validation)
        chosen = fit_sample(chosen, len(opened.classes), *parts)
        said.append(
            f"{chosen.epochs} epochs: as many as fit about a minute here, 8 at least; "
            "--epochs N trains N."
        )
    if not (group and group.rank):
        for sentence in said:
            say(sentence)
        download_weights(chosen, opened, files.is_file(folder.checkpoints / LAST))
    distributed.join(chosen.device, say)
    return partial(fit, chosen, opened=opened)


def download_weights(
    chosen: Recipe, opened: "Dataset | None" = None, goes_on: bool = False
) -> None:
    """Official weights that are not on this disk yet, with a progress bar."""
    entry = find_model(chosen.model)
    path = entry.weights_path()
    if chosen.weights != "imagenet" or path is None or files.is_file(path):
        return
    from bear_tui.engine.models.download import download
    from bear_tui.engine.models.weights import official_url
    from bear_tui.engine.setup.prepare import examine

    examine(chosen, opened, goes_on)
    with progress_bar(f"downloading {path.name}") as progress:
        download(official_url(chosen.model), path, progress)


class _ToPerson(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(Exception):  # a slip in what is logged costs no training
            say(record.getMessage())


@contextlib.contextmanager
def _log_to_person(folder: RunFolder) -> Iterator[None]:
    """What the package logs is said, once however many trainings there were before.

    Not where that ends up in the run's log.txt, as in the background: it is written there anyway.
    """
    if _same_file(2, folder.log_file):
        yield
        return
    log, handler = logging.getLogger("bear_tui"), _ToPerson()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (OSError, ValueError):
        return False
