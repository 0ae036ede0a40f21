"""`train` and `resume`: a training without the app, told on the terminal or as events."""

import argparse
import contextlib
import logging
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from bear_tui import paths, recipe, recipe_file
from bear_tui.catalog import find_model
from bear_tui.commands.output import progress_bar, say
from bear_tui.commands.reporter import JsonReporter, LiveReporter, PlainReporter, Reporter
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunCompleted, RunFailed, RunStopped
from bear_tui.run.folder import RunFolder, find_run, new_run

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset

_DEFAULT_MODEL = "mobilenet_v2"


def train(arguments: argparse.Namespace) -> int:
    """Train a model as the arguments say."""
    chosen = recipe_of(arguments)
    recipe.check(chosen)
    folder = new_run(arguments.runs or paths.runs_folder(), chosen, secrets.token_hex(2))
    return run_training(chosen, folder, arguments.json)


def resume(arguments: argparse.Namespace) -> int:
    """Go on with a run, up to more epochs if asked."""
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    if folder.being_trained():
        raise folder.taken()
    chosen = folder.recipe()
    done = folder.state().epochs_done
    if arguments.epochs is not None:
        if arguments.epochs < done:
            raise BadInput(f"--epochs {arguments.epochs}: {done} epochs are done already.")
        chosen = replace(chosen, epochs=arguments.epochs)
    recipe.check(chosen)
    if folder.state().status == "completed" and chosen.epochs <= done:
        raise BadInput(f"{folder.run}: all {done} epochs are done; --epochs N trains up to N.")
    status = run_training(chosen, folder, arguments.json, arguments.accept_changes)
    if arguments.then_queue:
        from bear_tui.commands.queue import work_off

        work_off(folder)
    return status


def recipe_of(arguments: argparse.Namespace) -> Recipe:
    """The recipe: a file's or the model's defaults, with what the arguments say over it."""
    given = {
        field.name: value
        for field in fields(Recipe)
        if (value := getattr(arguments, field.name, None)) is not None
    }
    if "data" in given:
        given["data"] = str(paths.absolute(given["data"]))
    if arguments.sample:
        given["data"] = str(_sample())
    if given.get("weights", "none") not in ("none", "imagenet"):
        given["weights"] = str(paths.absolute(given["weights"]))
    if arguments.recipe:
        return replace(_preset(arguments, _of_file(paths.absolute(arguments.recipe))), **given)
    keys = ("weights", "unfreeze", "image_size")
    if arguments.sample and not any(key in given for key in ("model", *keys)):
        basis = recipe.sample_recipe(given["data"])
    else:
        model = given.get("model", _DEFAULT_MODEL)
        basis = recipe.default_recipe(given["data"], model, *(given.get(key) for key in keys))
    return replace(_preset(arguments, basis), **given)


def _of_file(file: Path) -> Recipe:
    """The recipe in a file. Its paths are made absolute: the run is gone on with from anywhere.

    They are seen from the file's folder, so that it says the same wherever it is read from, and
    from here where they are here alone.
    """
    read = recipe_file.load(file)

    def seen(path: str, *words: str) -> str:
        if path in words or "\0" in path:
            return path
        beside, here = paths.absolute(path, file.parent), paths.absolute(path)
        return str(here if os.path.lexists(here) and not os.path.lexists(beside) else beside)

    return replace(read, data=seen(read.data, ""), weights=seen(read.weights, "none", "imagenet"))


def _preset(arguments: argparse.Namespace, basis: Recipe) -> Recipe:
    return recipe.course_recipe(basis) if arguments.preset == "course" else basis


def _sample() -> Path:
    """The sample photos, drawn if they are not there yet."""
    from bear_tui.data.sample import write_sample

    folder = paths.sample_folder()
    if not folder.exists():
        with progress_bar("drawing the sample photos") as progress:
            write_sample(folder, progress=progress)
    return folder


def run_training(
    chosen: Recipe, folder: RunFolder, json: bool, accept_changes: bool = False
) -> int:
    """Train and tell it on the terminal; the exit status."""
    if int(os.environ.get("RANK", "0")) > 0:
        return _help(chosen, accept_changes)
    reporter: Reporter
    if json:
        reporter = JsonReporter()
    else:
        reporter = LiveReporter(folder) if sys.stdout.isatty() else PlainReporter(folder)
    control = Control()
    with _broken_off_by_signals() as signals:
        try:
            fit = _made_ready(chosen, folder, signals)
            if signals.come:  # what catches every exception has caught ours
                raise _BrokenOff
        except _BrokenOff:
            say(_STOPPED)
            return 3
        final = None
        with _stop_on_signals(control), _log_to_person(folder), reporter:
            for event in fit(chosen, folder, control, accept_changes):
                reporter.report(event)
                final = event
    if isinstance(final, RunCompleted):
        return 0
    return 3 if isinstance(final, RunStopped) else 1


def _made_ready(
    chosen: Recipe, folder: RunFolder, signals: "_Signals"
) -> Callable[..., Iterator[Event]]:
    """The engine's `fit`, once the photos are seen to be there, torch is loaded and so are the
    weights."""
    from bear_tui.data.dataset import open_dataset

    # Before torch is loaded, which takes seconds: the commonest mistake is a wrong folder.
    opened = open_dataset(Path(chosen.data), chosen.validation, chosen.seed)
    signals.loading = True
    from bear_tui.engine.checkpoint import LAST
    from bear_tui.engine.fit import fit

    signals.loading = False
    download_weights(chosen, opened, (folder.checkpoints / LAST).is_file())
    return partial(fit, opened=opened)


class _BrokenOff(BaseException):
    """Not KeyboardInterrupt: one that passes through a C library makes Python end as if killed."""


_STOPPED = "stopped before the training began; nothing was changed."


@dataclass
class _Signals:
    """How a signal is answered."""

    loading: bool = False
    """While torch is: what is raised in it reaches C++ code, which ends the process by abort().
    Nothing is written by then and nothing held, so the process can end on the spot.
    """

    come: bool = False
    """Whether there was one."""

    def break_off(self, _number: int, _frame: FrameType | None) -> None:
        """Whatever goes on."""
        self.come = True
        if self.loading:
            os.write(2, f"{_STOPPED}\n".encode())
            os._exit(3)
        raise _BrokenOff


@contextlib.contextmanager
def _broken_off_by_signals() -> Iterator[_Signals]:
    """ctrl+c and SIGTERM break off whatever goes on, until the training itself listens to them."""
    signals = _Signals()
    both = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signals.break_off) for number in both}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _help(chosen: Recipe, accept_changes: bool) -> int:
    """One of `torchrun`'s processes but the first: computes; the first writes and tells."""
    from bear_tui.engine.fit import fit

    control, final = Control(), None
    with tempfile.TemporaryDirectory(prefix="bear-tui-") as unseen, _stop_on_signals(control):
        for event in fit(chosen, RunFolder(Path(unseen) / "run"), control, accept_changes):
            final = event
    if isinstance(final, RunFailed):  # the first process may not know of it
        say(f"process {os.environ['RANK']}: {final.error}")
    return 0 if isinstance(final, RunCompleted) else 3 if isinstance(final, RunStopped) else 1


def download_weights(
    chosen: Recipe, opened: "Dataset | None" = None, goes_on: bool = False
) -> None:
    """Official weights that are not on this disk yet, with a progress bar."""
    entry = find_model(chosen.model)
    path = entry.weights_path()
    if chosen.weights != "imagenet" or path is None or path.is_file():
        return
    from bear_tui.engine.download import download
    from bear_tui.engine.setup import examine
    from bear_tui.engine.weights import official_url

    examine(chosen, opened, goes_on)
    with progress_bar(f"downloading {path.name}") as progress:
        download(official_url(chosen.model), path, progress)


class _ToPerson(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
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


@contextlib.contextmanager
def _stop_on_signals(control: Control) -> Iterator[None]:
    """ctrl+c and SIGTERM finish the step, save and end; a second ctrl+c ends at once.

    A terminal that is lost ends nothing: what would be printed goes nowhere from then on.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        say("stopping after this step; what is done is kept.")
        control.stop("interrupted" if number == signal.SIGINT else "terminated")
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def go_on(_number: int, _frame: FrameType | None) -> None:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as `nohup` makes it
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, go_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
