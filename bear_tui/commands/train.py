"""`train` and `resume`: a training without the app, told on the terminal or as events."""

import argparse
import contextlib
import logging
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui import files, paths, recipe, recipe_file, torchrun
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
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunCompleted, RunStopped
from bear_tui.run.folder import RunFolder, find_run, new_run, require_room_for_runs

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset

log = logging.getLogger(__name__)

_DEFAULT_MODEL = "mobilenet_v2"


def train(arguments: argparse.Namespace) -> int:
    """Train a model as the arguments say."""
    chosen = recipe_of(arguments)
    recipe.check(chosen)
    runs = arguments.runs or paths.runs_folder()
    require_room_for_runs(runs)
    folder = new_run(runs, chosen, secrets.token_hex(2))
    return run_training(chosen, folder, arguments.json, _leaves_epochs_open(arguments))


def _leaves_epochs_open(arguments: argparse.Namespace) -> bool:
    """Whether nobody has said how many epochs: then they may depend on the photos."""
    if arguments.epochs is not None or arguments.preset == "course":
        return False
    file = arguments.recipe
    return file is None or "epochs" not in recipe_file.keys(paths.absolute(file))


def resume(arguments: argparse.Namespace) -> int:
    """Go on with a run, up to more epochs if asked."""
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    if folder.being_trained():
        raise folder.taken()
    chosen, state = folder.recipe(), folder.state()
    done, epochs = state.epochs_done, arguments.epochs
    if epochs is None and arguments.rate is not None:
        raise BadInput(f"--rate {arguments.rate}: it belongs to --epochs N; name that too.")
    if epochs is not None and epochs < done:
        raise BadInput(f"--epochs {epochs}: {done} epochs are done already.")
    recipe.check(chosen if epochs is None else replace(chosen, epochs=epochs))
    if state.status == "completed" and (epochs or 0) <= done:
        raise BadInput(f"{folder.run}: all {done} epochs are done; --epochs N trains up to N.")
    control = Control()
    if epochs is not None:
        control.want("epochs", epochs)
        if arguments.rate == "restart":
            control.want("restart", 1)
    accept: bool = arguments.accept_changes
    status, by_signal = trained(chosen, folder, arguments.json, accept, control)
    if arguments.then_queue and not by_signal:
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
    if not files.exists(folder):
        try:
            with progress_bar("drawing the sample photos") as progress:
                write_sample(folder, progress=progress)
        except BadInput as problem:
            why = f"{folder}: {problem.sentence}"
            raise BadInput(f"{why} BEAR_TUI_CACHE names another folder for them.") from None
    return folder


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
    from bear_tui.engine import distributed
    from bear_tui.engine.checkpoint import LAST
    from bear_tui.engine.fit import fit

    group = torchrun.group()
    if enough_steps and not group and recipe.is_sample(chosen, str(paths.sample_folder())):
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
    from bear_tui.engine.download import download
    from bear_tui.engine.setup import examine
    from bear_tui.engine.weights import official_url

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
