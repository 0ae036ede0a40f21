"""`train` and `resume`: a training without the app, told on the terminal or as events."""

import argparse
import os
import secrets
from dataclasses import fields, replace
from pathlib import Path

from bear_tui import files, paths, recipe_check, recipe_file
from bear_tui.commands.output import progress_bar
from bear_tui.commands.queue import train_queued_runs
from bear_tui.commands.training import run_training, trained
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import course_recipe, default_recipe, sample_recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import find_run, new_run, require_room_for_runs

_DEFAULT_MODEL = "mobilenet_v2"


def train(arguments: argparse.Namespace) -> int:
    """Train a model as the arguments say."""
    chosen = recipe_of(arguments)
    recipe_check.check(chosen)
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
    recipe_check.check(chosen if epochs is None else replace(chosen, epochs=epochs))
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
        train_queued_runs(folder)
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
        basis = sample_recipe(given["data"])
    else:
        model = given.get("model", _DEFAULT_MODEL)
        basis = default_recipe(given["data"], model, *(given.get(key) for key in keys))
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
    return course_recipe(basis) if arguments.preset == "course" else basis


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
