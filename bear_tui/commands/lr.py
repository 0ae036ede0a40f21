"""`lr`: suggest a learning rate for a recipe."""

import argparse

from bear_tui import recipe_check
from bear_tui.commands.output import print_json, print_line, print_table, progress_bar, say
from bear_tui.commands.train import recipe_of


def lr(arguments: argparse.Namespace) -> int:
    """Train briefly at rising rates; print the loss at each, and a suggestion."""
    recipe = recipe_of(arguments)
    recipe_check.check(recipe)
    from bear_tui.engine.lr_finder import find_rate

    with progress_bar("raising the learning rate") as progress:
        curve = find_rate(recipe, progress)
    if arguments.json:
        points = zip(curve.rates, curve.losses, strict=True)
        rows = [{"learning_rate": rate, "loss": loss} for rate, loss in points]
        print_json({"suggested": curve.suggested, "curve": rows})
        return 0
    every = range(0, len(curve.rates), 4)
    table = [[f"{curve.rates[n]:.1e}", f"{curve.losses[n]:.4f}"] for n in every]
    print_table(["learning rate", "loss"], table, right=frozenset({"learning rate", "loss"}))
    if curve.suggested is None:
        say("the loss did not fall at any rate; look at the photos or unfreeze more.")
        return 1
    print_line(f"suggested: --lr {curve.suggested:g}")
    return 0
