"""`ladder`: the course's four models on one dataset, one after the other, then compared."""

import argparse
import contextlib
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bear_tui import paths
from bear_tui.api import launch
from bear_tui.catalog import find_model
from bear_tui.commands.compare import print_comparison
from bear_tui.commands.output import print_line, progress_bar, say
from bear_tui.commands.training import STOPPED, run_training
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.run.folder import RunFolder
from bear_tui.run.ladder import more_unfrozen, rungs, unfinished
from bear_tui.run.runs import new_run


def ladder(arguments: argparse.Namespace) -> int:
    """Train the four models, then print their results side by side.

    Resumes an interrupted ladder on the same photos.
    """
    recipes = _recipes(arguments)
    folders = _folders(recipes, arguments.runs or paths.runs_folder())
    completed: list[RunFolder] = []
    for number, (recipe, folder) in enumerate(zip(recipes, folders, strict=True), start=1):
        if folder.on_disk():
            if folder.state().status == "completed":
                completed.append(folder)
                continue
            recipe = folder.recipe()
        say(f"rung {number} of {len(recipes)}: {recipe.model}, unfrozen {recipe.unfreeze}")
        # --json promises one document on standard output, the comparison.
        with contextlib.redirect_stdout(sys.stderr if arguments.json else sys.stdout):
            status = run_training(recipe, folder).status
        if status == STOPPED:
            say("stopped; run the same command again to resume the ladder.")
            return status
        if status == 0:
            completed.append(folder)
    if len(completed) < 2:
        return 1
    if not arguments.json:
        print_line()
    print_comparison(completed, arguments.json)
    return 0 if len(completed) == len(recipes) else 1


def _folders(recipes: Sequence[Recipe], runs: Path) -> list[RunFolder]:
    """Return the folder of each rung: those of an interrupted ladder, then new ones."""
    begun = unfinished(recipes, runs)
    if begun:
        say(f"resuming the ladder of {begun[0].run} at rung {len(begun)}, {begun[-1].run}.")
    rest = recipes[len(begun) :]
    return [*begun, *(new_run(runs, recipe, secrets.token_hex(2)) for recipe in rest)]


def _recipes(arguments: argparse.Namespace) -> tuple[Recipe, ...]:
    """Return the four recipes, each checked before the first is trained. May download weights."""
    data, entry = paths.absolute(arguments.data), find_model(arguments.model)
    weights = arguments.weights
    if weights == "none" or not entry.weights_file:
        raise BadInput("ladder: its last two rungs need pretrained weights; see --weights.")
    if weights != "imagenet":
        weights = str(paths.absolute(weights))
    from bear_tui.data.dataset import open_dataset

    dataset = open_dataset(data, seed=arguments.seed)
    from bear_tui.engine.models.summary import describe
    from bear_tui.engine.setup.resolve import resolve

    layers = describe(entry.name, entry.image_size, len(dataset.classes), "head")
    recipes = rungs(str(data), entry.name, weights, more_unfrozen(layers))
    options = {"seed": arguments.seed, "device": arguments.device, "epochs": arguments.epochs}
    given = {name: value for name, value in options.items() if value is not None}
    recipes = tuple(replace(recipe, **given) for recipe in recipes)
    resolved = [resolve(recipe, dataset) for recipe in recipes]
    launch.download_weights(resolved[-1], progress_bar)
    return recipes
