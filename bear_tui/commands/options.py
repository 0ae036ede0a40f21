"""Options that several commands share: RUN, `--runs`, `--json`, and the fields of a recipe."""

import argparse
from pathlib import Path

from bear_tui import recipe
from bear_tui.recipe_defaults import PRESETS

SPEC = "layers to train: head, all, or names and globs with commas between"


def run_argument(command: argparse.ArgumentParser) -> None:
    """Add the argument that names a run."""
    command.add_argument(
        "name", metavar="RUN", help="a run's name, a beginning of it, a path, or `last`"
    )
    runs_option(command)


def runs_option(command: argparse.ArgumentParser, default: object = argparse.SUPPRESS) -> None:
    """Add `--runs`. Left out, the value given before the command holds."""
    command.add_argument(
        "--runs", metavar="DIR", type=Path, default=default, help="the folder of runs"
    )


def json_option(command: argparse.ArgumentParser, words: str = "one JSON document") -> None:
    """Add `--json`."""
    command.add_argument("--json", action="store_true", help=words)


def recipe_options(train: argparse.ArgumentParser) -> None:
    """Add the options of a recipe."""
    source = train.add_argument_group("photos and recipe (one of)")
    choice = source.add_mutually_exclusive_group(required=True)
    choice.add_argument("--data", metavar="DIR", help="photos: train/ and test/, or class folders")
    choice.add_argument("--sample", action="store_true", help="the sample photos")
    what = "a recipe, such as a run's recipe.toml; relative paths start at its folder"
    choice.add_argument("--recipe", metavar="FILE.toml", help=what)
    train.add_argument("--model", metavar="NAME", help="a model that `bear-tui models` lists")
    train.add_argument("--weights", metavar="imagenet|none|FILE", help="initial weights")
    train.add_argument("--unfreeze", metavar="SPEC", help=SPEC)
    train.add_argument(
        "--image-size", type=int, metavar="N", help="side of the square photos in pixels"
    )
    train.add_argument(
        "--framing",
        choices=recipe.FRAMINGS,
        help="how photos are made square: pad shows all, crop the middle",
    )
    train.add_argument(
        "--interpolation",
        choices=recipe.INTERPOLATIONS,
        help="how photos are resized (default: as the weights expect; `draft`: as in old versions)",
    )
    train.add_argument("--epochs", type=int, metavar="N", help="passes over the training photos")
    train.add_argument("--batch-size", type=_batch_size, metavar="N|auto", help="photos per step")
    train.add_argument("--lr", type=float, metavar="X", dest="learning_rate", help="learning rate")
    train.add_argument("--optimizer", choices=recipe.OPTIMIZERS, help="how weights are updated")
    train.add_argument(
        "--scheduler", choices=recipe.SCHEDULERS, help="how the learning rate changes over the run"
    )
    train.add_argument("--augment", choices=recipe.AUGMENTS, help="random changes of each photo")
    train.add_argument(
        "--validation",
        type=float,
        metavar="0.15",
        help="share of training photos for validation, if there is no validation/ folder",
    )
    train.add_argument(
        "--patience",
        type=int,
        metavar="N",
        help="stop early after N epochs without a better validation accuracy (or an equal one with "
        "a lower loss); 0: never",
    )
    train.add_argument("--seed", type=int, metavar="N", help="random seed")
    train.add_argument("--device", metavar="auto|cpu|cuda[:N]", help="where to train")
    train.add_argument(
        "--precision",
        choices=recipe.PRECISIONS,
        help="number format; auto: bf16 where it is faster",
    )
    _learning_options(train)
    train.add_argument("--name", metavar="NAME", help="the run's name")
    train.add_argument(
        "--preset",
        choices=PRESETS,
        default="default",
        help="`course`: optimizer, learning rate, epochs and so on as in the course",
    )


def _learning_options(train: argparse.ArgumentParser) -> None:
    more = train.add_argument_group("advanced training options")
    more.add_argument(
        "--warmup", type=float, metavar="N", help="epochs over which the learning rate rises"
    )
    more.add_argument(
        "--stage-factor",
        type=float,
        metavar="X",
        help="learning rate of a stage relative to the next one, such as 0.3",
    )
    more.add_argument(
        "--label-smoothing",
        type=float,
        metavar="X",
        help="share of each label spread over all classes",
    )
    more.add_argument(
        "--class-weights",
        choices=recipe.CLASS_WEIGHTS,
        help="`balanced`: all classes count the same in the loss",
    )
    more.add_argument("--mixup", type=float, metavar="X", help="mix photos in pairs; 0: off")
    more.add_argument(
        "--views",
        type=int,
        metavar="N",
        help="augmented views cached of each photo; 0: always new ones",
    )


def _batch_size(text: str) -> int | str:
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is neither a number nor `auto`") from None
