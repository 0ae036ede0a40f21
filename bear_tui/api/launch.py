"""Prepare a training: make its recipe and run folder, open the photos, download weights."""

import logging
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bear_tui import files, paths, recipe_check, recipe_file, torchrun
from bear_tui.errors import BadInput
from bear_tui.metrics import BALANCED, uneven_note
from bear_tui.recipe import Recipe, steps_of
from bear_tui.recipe_defaults import (
    HEAD_STEPS,
    course_recipe,
    default_recipe,
    is_sample,
    sample_recipe,
    with_enough_steps,
)
from bear_tui.run.control import Control
from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder
from bear_tui.run.runs import new_run, require_room_for_runs
from bear_tui.text import counted

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.engine.setup.resolve import ResolvedRun

DEFAULT_MODEL = "mobilenet_v2"

Say: TypeAlias = Callable[[str], object]
"""Called with a sentence for the person."""

Progress: TypeAlias = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
"""`progress(title)` opens a block, whose value is called with the work done and the total."""

Fit: TypeAlias = Callable[..., Iterator[Event]]
"""`fit(folder, control, accept_changes)` trains a recipe that was checked."""

Basis: TypeAlias = Recipe | str | os.PathLike[str] | None
"""Where settings that are not given come from: a recipe, its file, or the model's defaults."""


def recipe_of(settings: Mapping[str, Any], basis: Basis = None, preset: str = "default") -> Recipe:
    """Return the basis with its fields replaced by `settings`.

    Relative paths in `settings` start at the working directory, those in a file at its folder.
    """
    given = dict(settings)
    if "data" in given:
        given["data"] = str(paths.absolute(given["data"]))
    if given.get("weights", "none") not in ("none", "imagenet"):
        given["weights"] = str(paths.absolute(given["weights"]))
    if basis is None:
        recipe = _from_defaults(given)
    else:
        recipe = basis if isinstance(basis, Recipe) else _from_file(paths.absolute(Path(basis)))
    if preset == "course":
        recipe = course_recipe(recipe)
    return replace(recipe, **given)


def _from_defaults(given: Mapping[str, Any]) -> Recipe:
    data, keys = given.get("data", ""), ("weights", "unfreeze", "image_size")
    if data == str(paths.sample_folder()) and not any(key in given for key in ("model", *keys)):
        return sample_recipe(data)
    model = given.get("model", DEFAULT_MODEL)
    return default_recipe(data, model, *(given.get(key) for key in keys))


def _from_file(file: Path) -> Recipe:
    """Return the recipe in a file with absolute paths, so that its run resumes from anywhere.

    A path that does not exist beside the file may be relative to the working directory.
    """
    recipe = recipe_file.load(file)

    def absolute(path: str, *words: str) -> str:
        if path in words or "\0" in path:
            return path
        beside, here = paths.absolute(path, file.parent), paths.absolute(path)
        return str(here if os.path.lexists(here) and not os.path.lexists(beside) else beside)

    weights = absolute(recipe.weights, "none", "imagenet")
    return replace(recipe, data=absolute(recipe.data, ""), weights=weights)


def leaves_epochs_open(
    settings: Mapping[str, Any], basis: Basis = None, preset: str = "default"
) -> bool:
    """Return True if the number of epochs was not chosen, and may depend on the photos."""
    if "epochs" in settings or preset == "course" or isinstance(basis, Recipe):
        return False
    return basis is None or "epochs" not in recipe_file.keys(paths.absolute(Path(basis)))


@contextmanager
def quiet(_title: str) -> Iterator[Callable[[int, int], None]]:
    """Show no progress."""
    yield lambda _done, _total: None


def sample_photos(progress: Progress = quiet) -> Path:
    """Return the folder of the sample photos, which are drawn on the first call."""
    from bear_tui.data.sample import write_sample

    folder = paths.sample_folder()
    if not files.exists(folder):
        try:
            with progress("drawing the sample photos") as update:
                write_sample(folder, progress=update)
        except BadInput as problem:
            why = f"{folder}: {problem.sentence}"
            raise BadInput(f"{why} BEAR_TUI_CACHE names another folder for them.") from None
    return folder


def new_folder(recipe: Recipe, runs: Path) -> RunFolder:
    """Return the folder of a new run, which the training will create.

    Raises BadInput if the recipe is wrong or nothing can be written to `runs`.
    """
    recipe_check.check(recipe)
    require_room_for_runs(runs)
    return new_run(runs, recipe, secrets.token_hex(2))


def prepare_resume(
    folder: RunFolder, epochs: int | None = None, restart: bool = False
) -> tuple[Recipe, Control]:
    """Return a run's recipe, and a control that asks for `epochs` in all.

    `restart` starts the learning-rate schedule again. Raises Failure if another process trains the
    run, and BadInput if nothing is left to train.
    """
    if folder.being_trained():
        raise folder.taken()
    recipe, state = folder.recipe(), folder.state()
    done = state.epochs_done
    if epochs is not None and epochs < done:
        raise BadInput(f"--epochs {epochs}: {done} epochs are done already.")
    recipe_check.check(recipe if epochs is None else replace(recipe, epochs=epochs))
    if state.status == "completed" and (epochs or 0) <= done:
        raise BadInput(f"{folder.run}: all {done} epochs are done; --epochs N trains up to N.")
    control = Control()
    if epochs is not None:
        control.want("epochs", epochs)
        if restart:
            control.want("restart", 1)
    return recipe, control


def prepare_fit(
    recipe: Recipe, folder: RunFolder, enough_steps: bool, say: Say, progress: Progress
) -> Fit:
    """Open the photos, download weights, and return the engine's `fit` of the recipe.

    Loads torch. With `enough_steps` a head gets more epochs if the photos are few. `say` is called
    with that, and with what else the photos suggest.
    """
    from bear_tui.data.dataset import open_dataset

    # Before torch is loaded, which takes seconds: the commonest mistake is a wrong folder.
    opened = open_dataset(Path(recipe.data), recipe.validation, recipe.seed)
    recipe, sentences = _suited(recipe, opened, enough_steps)
    from bear_tui.engine.compute import distributed
    from bear_tui.engine.fit import fit
    from bear_tui.engine.models.checkpoint import LAST
    from bear_tui.engine.setup.resolve import resolve

    group = torchrun.group()
    if enough_steps and not group and is_sample(recipe, str(paths.sample_folder())):
        from bear_tui.engine.estimate import fit_sample

        parts = len(opened.train), len(opened.validation)
        recipe = fit_sample(recipe, len(opened.classes), *parts)
        sentences.append(
            f"{recipe.epochs} epochs: as many as fit about a minute here, 8 at least; "
            "--epochs N trains N."
        )
    resuming = files.is_file(folder.checkpoints / LAST)
    resolved = None
    if not (group and group.rank):
        for sentence in sentences:
            say(sentence)
        resolved = resolve(recipe, opened, resuming)  # a mistake costs no download
        download_weights(resolved, progress)
    distributed.join(recipe.device, say)
    resuming = distributed.from_first(resuming)
    return partial(fit, resolved or resolve(recipe, opened, resuming))


def _suited(recipe: Recipe, dataset: "Dataset", enough_steps: bool) -> tuple[Recipe, list[str]]:
    """Return the recipe for these photos, and sentences about it."""
    photos, sentences = len(dataset.train), []
    suits = with_enough_steps(recipe, photos) if enough_steps else recipe
    if suits != recipe:
        steps = counted(steps_of(recipe, photos), "step")
        sentences.append(
            f"{counted(photos, 'training photo')}: {counted(suits.epochs, 'epoch')} of {steps}, "
            f"so that the head takes at least {HEAD_STEPS} steps; --epochs N trains N."
        )
    if recipe.class_weights == "none":
        training = Counter(photo.label for photo in dataset.train)
        sentences += filter(None, [uneven_note(training, BALANCED)])
    return suits, sentences


def download_weights(resolved: "ResolvedRun", progress: Progress) -> None:
    """Download official weights that are not on this disk yet."""
    path = resolved.entry.weights_path()
    if resolved.recipe.weights != "imagenet" or path is None or files.is_file(path):
        return
    from bear_tui.engine.models.download import download
    from bear_tui.engine.models.weights import official_url

    with progress(f"downloading {path.name}") as update:
        download(official_url(resolved.entry.name), path, update)


class _SayHandler(logging.Handler):
    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):  # a mistake in a log call must not end a training
            self._say(record.getMessage())


@contextmanager
def log_to(say: Say) -> Iterator[None]:
    """Pass what the package logs to `say`."""
    log, handler = logging.getLogger("bear_tui"), _SayHandler(say)
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(level)
        log.removeHandler(handler)
