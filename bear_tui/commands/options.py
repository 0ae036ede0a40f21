"""Options that several commands have."""

import argparse
from pathlib import Path

from bear_tui import recipe
from bear_tui.recipe_defaults import PRESETS

SPEC = "layers to train: head, all, or names and globs with commas between"


def run_argument(command: argparse.ArgumentParser) -> None:
    """Which run is meant."""
    command.add_argument(
        "name", metavar="RUN", help="a run's name, a beginning of it, a path, or `last`"
    )
    runs_option(command)


def runs_option(command: argparse.ArgumentParser, default: object = argparse.SUPPRESS) -> None:
    """Where runs lie. Not said, it stays as it stands before the command."""
    command.add_argument(
        "--runs", metavar="DIR", type=Path, default=default, help="the folder of runs"
    )


def json_option(command: argparse.ArgumentParser, words: str = "one JSON document") -> None:
    """For programs that read the answer."""
    command.add_argument("--json", action="store_true", help=words)


def recipe_options(train: argparse.ArgumentParser) -> None:
    """What defines a run."""
    source = train.add_argument_group("photos and recipe, one of")
    one = source.add_mutually_exclusive_group(required=True)
    one.add_argument("--data", metavar="DIR", help="a folder with train/ and test/, or classes")
    one.add_argument("--sample", action="store_true", help="the sample photos")
    what = "a recipe, such as a run's recipe.toml; paths in it are seen from its folder"
    one.add_argument("--recipe", metavar="FILE.toml", help=what)
    train.add_argument("--model", metavar="NAME", help="`bear-tui models` lists them")
    train.add_argument("--weights", metavar="imagenet|none|FILE", help="where training starts")
    train.add_argument("--unfreeze", metavar="SPEC", help=SPEC)
    train.add_argument("--image-size", type=int, metavar="N", help="side in pixels")
    train.add_argument(
        "--framing", choices=recipe.FRAMINGS, help="photos made square: whole, or their middle"
    )
    train.add_argument(
        "--interpolation",
        choices=recipe.INTERPOLATIONS,
        help="photos resized: as the weights expect by default; `draft`: as earlier versions did",
    )
    train.add_argument("--epochs", type=int, metavar="N")
    train.add_argument("--batch-size", type=_batch_size, metavar="N|auto")
    train.add_argument("--lr", type=float, metavar="X", dest="learning_rate", help="learning rate")
    train.add_argument("--optimizer", choices=recipe.OPTIMIZERS)
    train.add_argument("--scheduler", choices=recipe.SCHEDULERS, help="of the learning rate")
    train.add_argument("--augment", choices=recipe.AUGMENTS, help="changed views of each photo")
    train.add_argument(
        "--validation", type=float, metavar="0.15", help="share set aside, without validation/"
    )
    train.add_argument(
        "--patience",
        type=int,
        metavar="N",
        help="end after N epochs without a higher validation accuracy, or the same with a lower "
        "validation loss; 0: never",
    )
    train.add_argument("--seed", type=int, metavar="N")
    train.add_argument("--device", metavar="auto|cpu|cuda[:N]")
    train.add_argument("--precision", choices=recipe.PRECISIONS)
    _learning_options(train)
    train.add_argument("--name", metavar="NAME", help="what to call the run")
    train.add_argument(
        "--preset", choices=PRESETS, default="default", help="`course`: the course's values"
    )


def _learning_options(train: argparse.ArgumentParser) -> None:
    more = train.add_argument_group("finer points of learning")
    more.add_argument("--warmup", type=float, metavar="N", help="epochs in which the rate climbs")
    more.add_argument(
        "--stage-factor",
        type=float,
        metavar="X",
        help="the rate of a stage as a share of the next one's, such as 0.3",
    )
    more.add_argument(
        "--label-smoothing", type=float, metavar="X", help="share of a label spread over all"
    )
    more.add_argument(
        "--class-weights", choices=recipe.CLASS_WEIGHTS, help="`balanced`: classes count alike"
    )
    more.add_argument("--mixup", type=float, metavar="X", help="photos mixed in pairs; 0: not")
    more.add_argument(
        "--views", type=int, metavar="N", help="changed views kept of a photo; 0: always new ones"
    )


def _batch_size(text: str) -> int | str:
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is neither a number nor `auto`") from None
