"""`train` and `resume`: a training without the app, reported on the terminal or as events."""

import argparse
from dataclasses import fields

from bear_tui import paths
from bear_tui.api import launch
from bear_tui.commands.output import progress_bar
from bear_tui.commands.queue import train_queued_runs
from bear_tui.commands.training import run_training
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.run.runs import find_run


def train(arguments: argparse.Namespace) -> int:
    """Train a model as the arguments say."""
    recipe = recipe_of(arguments)
    folder = launch.new_folder(recipe, arguments.runs or paths.runs_folder())
    settings, file, preset = _settings(arguments), arguments.recipe, arguments.preset
    enough_steps = launch.leaves_epochs_open(settings, file, preset)
    return run_training(recipe, folder, json=arguments.json, enough_steps=enough_steps).status


def resume(arguments: argparse.Namespace) -> int:
    """Resume a run, up to more epochs if asked."""
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    if arguments.epochs is None and arguments.rate is not None:
        raise BadInput(f"--rate {arguments.rate}: it belongs to --epochs N; name that too.")
    recipe, control = launch.prepare_resume(folder, arguments.epochs, arguments.rate == "restart")
    outcome = run_training(
        recipe,
        folder,
        json=arguments.json,
        accept_changes=arguments.accept_changes,
        control=control,
    )
    if arguments.then_queue and not outcome.by_signal:
        train_queued_runs(folder)
    return outcome.status


def recipe_of(arguments: argparse.Namespace) -> Recipe:
    """Return the recipe: a file's or the model's defaults, with what the arguments say over it."""
    settings = _settings(arguments)
    if arguments.sample:
        settings["data"] = launch.sample_photos(progress_bar)
    return launch.recipe_of(settings, arguments.recipe, arguments.preset)


def _settings(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the fields of a recipe that the arguments give."""
    values = {field.name: getattr(arguments, field.name, None) for field in fields(Recipe)}
    return {name: value for name, value in values.items() if value is not None}
