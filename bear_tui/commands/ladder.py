"""`ladder`: the course's four models on one dataset, one after the other, and their table."""

import argparse
import contextlib
import secrets
import sys
from dataclasses import replace

from bear_tui import paths, recipe_check
from bear_tui.api import launch
from bear_tui.catalog import find_model
from bear_tui.commands.compare import print_comparison
from bear_tui.commands.output import print_line, progress_bar, say
from bear_tui.commands.training import run_training
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.run.folder import RunFolder, new_run
from bear_tui.run.ladder import more_unfrozen, rungs, unfinished

_STOPPED = 3


def ladder(arguments: argparse.Namespace) -> int:
    """Train the four, then print what they came to beside each other.

    Goes on where a ladder on the same photos was broken off.
    """
    recipes = _recipes(arguments)
    runs = arguments.runs or paths.runs_folder()
    before = unfinished(recipes, runs)
    if before:
        say(f"going on with the ladder of {before[0].run}; rung {len(before)} is {before[-1].run}.")
    new = [new_run(runs, one, secrets.token_hex(2)) for one in recipes[len(before) :]]
    folders = [*before, *new]
    done: list[RunFolder] = []
    for number, (chosen, folder) in enumerate(zip(recipes, folders, strict=True), start=1):
        if folder in before:
            if folder.state().status == "completed":
                done.append(folder)
                continue
            chosen = folder.recipe()
        say(f"rung {number} of {len(recipes)}: {chosen.model}, unfrozen {chosen.unfreeze}")
        # What a training tells on the way is not the document that --json promises.
        with contextlib.redirect_stdout(sys.stderr if arguments.json else sys.stdout):
            status = run_training(chosen, folder, json=False)
        if status == _STOPPED:
            say("stopped; `bear-tui ladder`, called the same way, goes on with this rung.")
            return status
        if status == 0:
            done.append(folder)
    if len(done) < 2:
        return 1
    if not arguments.json:
        print_line()
    print_comparison(done, arguments.json)
    return 0 if len(done) == len(recipes) else 1


def _recipes(arguments: argparse.Namespace) -> tuple[Recipe, ...]:
    """The four recipes, each checked before the first begins. May download weights."""
    data, entry = paths.absolute(arguments.data), find_model(arguments.model)
    weights = arguments.weights
    if weights == "none" or not entry.weights_file:
        raise BadInput("ladder: its last two rungs need a pretrained model; see --weights.")
    if weights != "imagenet":
        weights = str(paths.absolute(weights))
    from bear_tui.data.dataset import open_dataset

    dataset = open_dataset(data, seed=arguments.seed)
    from bear_tui.engine.models.summary import describe
    from bear_tui.engine.setup.prepare import examine

    layers = describe(entry.name, entry.image_size, len(dataset.classes), "head")
    recipes = rungs(str(data), entry.name, weights, more_unfrozen(layers))
    changes = {"seed": arguments.seed, "device": arguments.device, "epochs": arguments.epochs}
    given = {name: value for name, value in changes.items() if value is not None}
    recipes = tuple(replace(one, **given) for one in recipes)
    for one in recipes:
        recipe_check.check(one)
        examine(one)
    launch.download_weights(recipes[-1], progress_bar)
    return recipes
