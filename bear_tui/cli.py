"""The commands of `bear-tui`: a table of contents. Each imports what it needs when it runs."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from bear_tui import __version__, memory, recipe
from bear_tui.commands.examples import epilog
from bear_tui.errors import BadInput, Failure
from bear_tui.text import safe


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is its answer. An expected failure is one sentence."""
    try:
        parsed = _parser().parse_args(arguments)
        memory.keep_freed()
        module, function = parsed.run.split(":")
        command = getattr(importlib.import_module(f"bear_tui.commands.{module}"), function)
        return int(command(parsed))
    except Failure as failure:
        print(f"bear-tui: {safe(failure)}", file=sys.stderr)
        return failure.exit_status
    except KeyboardInterrupt:
        print("bear-tui: stopped.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader went away (`| head`); nothing more can be told it, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message}. `{self.prog} --help` shows how it is used.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="bear-tui",
        description="Train an image classifier on folders of photos, in the terminal.",
        epilog="Without a command it opens the app. `bear-tui COMMAND --help` says more.\n\n"
        + epilog(""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"bear-tui {__version__}")
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--data", metavar="DIR", help="open the app with this folder of photos")
    start.add_argument(
        "--sample", action="store_true", help="open the app and train on the sample photos"
    )
    start.add_argument("--run", metavar="RUN", dest="open_run", help="open the app on this run")
    _runs_option(parser)
    parser.set_defaults(run="app:open_app")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    _data_commands(commands)
    _model_commands(commands)
    _train_commands(commands)
    _run_commands(commands)
    return parser


_Commands = argparse._SubParsersAction  # the type of what add_subparsers gives


def _add(
    commands: "_Commands[_Parser]", name: str, run: str, words: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=words,
        description=f"{words[0].upper()}{words[1:]}.",
        epilog=epilog(name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def _data_commands(commands: "_Commands[_Parser]") -> None:
    check = _add(
        commands, "check", "dataset:check", "what is in a folder and what is wrong with it"
    )
    check.add_argument("dir", metavar="DIR")
    _json_option(check)

    prepare = _add(
        commands, "prepare", "dataset:prepare", "make a training folder; sources never change"
    )
    prepare.add_argument("source", metavar="SOURCE", nargs="?", help="class folders, or split ones")
    prepare.add_argument("--out", metavar="DIR", required=True, help="a new folder to write to")
    prepare.add_argument(
        "--class",
        dest="classes",
        metavar="NAME=SOURCE",
        action="append",
        help="a class and its folder; once a class, instead of SOURCE",
    )
    prepare.add_argument(
        "--coco", metavar="INSTANCES.json", help="photos of COCO; --class is then NAME=CATEGORY"
    )
    prepare.add_argument(
        "--images", metavar="DIR", help="the photos of --coco; without it they are downloaded"
    )
    prepare.add_argument("--rest", metavar="NAME", help="class of all other photos of --coco")
    prepare.add_argument(
        "--hold-out", type=int, default=5, metavar="N", help="test photos a class (default 5)"
    )
    prepare.add_argument(
        "--validation", type=int, default=0, metavar="N", help="validation photos a class"
    )
    prepare.add_argument(
        "--size", type=int, default=256, metavar="N", help="longest side in pixels (default 256)"
    )
    prepare.add_argument(
        "--pad",
        choices=("black", "mean", "edge", "none"),
        default="black",
        help="what makes photos square (default black)",
    )
    prepare.add_argument("--enlarge", action="store_true", help="smaller photos up to --size too")
    prepare.add_argument("--balance", action="store_true", help="as many photos of every class")
    prepare.add_argument("--limit", type=int, metavar="N", help="at most N photos a class")
    prepare.add_argument("--seed", type=int, default=1, metavar="N")
    prepare.add_argument("--dry-run", action="store_true", help="say what would be written")
    _json_option(prepare)

    suspects = _add(
        commands, "suspects", "suspects:suspects", "photos whose label looks wrong, worst first"
    )
    suspects.add_argument("name", metavar="RUN|DIR", help="a folder of photos, or a run's own")
    suspects.add_argument("--model", metavar="NAME", help="whose features to compare")
    suspects.add_argument("--weights", metavar="imagenet|none|FILE", help="what the model knows")
    _runs_option(suspects)
    _json_option(suspects)

    sample = _add(commands, "sample", "dataset:sample", "draw the sample photos into a new folder")
    sample.add_argument("--out", metavar="DIR", required=True)
    sample.add_argument(
        "--count", type=int, default=240, metavar="N", help="photos a class (default 240)"
    )
    sample.add_argument("--seed", type=int, default=1, metavar="N")


def _model_commands(commands: "_Commands[_Parser]") -> None:
    models = _add(commands, "models", "models:models", "the models one can choose")
    _json_option(models)

    layers = _add(commands, "layers", "models:layers", "the layers of a model, in forward order")
    layers.add_argument("model", metavar="MODEL")
    layers.add_argument("--image-size", type=int, metavar="N")
    layers.add_argument("--classes", type=int, default=2, metavar="N", help="outputs (default 2)")
    layers.add_argument("--unfreeze", metavar="SPEC", help=_SPEC)
    _json_option(layers)


_SPEC = "layers to train: head, all, or names and globs with commas between"


def _train_commands(commands: "_Commands[_Parser]") -> None:
    train = _add(commands, "train", "train:train", "train a model")
    _recipe_options(train)
    _runs_option(train)
    _json_option(train, "events, one JSON object a line")

    lr = _add(commands, "lr", "lr:lr", "find a learning rate: a moment of training at rising ones")
    _recipe_options(lr)
    _json_option(lr)

    ladder = _add(commands, "ladder", "ladder:ladder", "the course's four models, side by side")
    ladder.add_argument("--data", metavar="DIR", required=True)
    ladder.add_argument("--model", metavar="NAME", default="vgg16", help="of the last two rungs")
    ladder.add_argument("--weights", metavar="imagenet|FILE", default="imagenet")
    ladder.add_argument("--epochs", type=int, metavar="N", help="of every rung")
    ladder.add_argument("--seed", type=int, default=1, metavar="N")
    ladder.add_argument("--device", metavar="auto|cpu|cuda[:N]")
    _runs_option(ladder)
    _json_option(ladder)

    resume = _add(commands, "resume", "train:resume", "go on exactly where a run stopped")
    _run_argument(resume)
    resume.add_argument("--epochs", type=int, metavar="N", help="train up to N epochs in all")
    resume.add_argument(
        "--accept-changes", action="store_true", help="go on although the photos have changed"
    )
    resume.add_argument(
        "--then-queue", action="store_true", help="afterwards train what waits on screen 5"
    )
    _json_option(resume, "events, one JSON object a line")

    _run_argument(_add(commands, "watch", "control:watch", "see a run of another process go on"))
    _run_argument(_add(commands, "stop", "control:stop", "ask a run's trainer to save and end"))


def _recipe_options(train: argparse.ArgumentParser) -> None:
    """What defines a run."""
    source = train.add_argument_group("photos and recipe, one of")
    one = source.add_mutually_exclusive_group(required=True)
    one.add_argument("--data", metavar="DIR", help="a folder with train/ and test/, or classes")
    one.add_argument("--sample", action="store_true", help="the sample photos")
    one.add_argument("--recipe", metavar="FILE.toml", help="a recipe, such as a run's recipe.toml")
    train.add_argument("--model", metavar="NAME", help="`bear-tui models` lists them")
    train.add_argument("--weights", metavar="imagenet|none|FILE", help="where training starts")
    train.add_argument("--unfreeze", metavar="SPEC", help=_SPEC)
    train.add_argument("--image-size", type=int, metavar="N", help="side in pixels")
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
        "--patience", type=int, metavar="N", help="end after N epochs without a better one"
    )
    train.add_argument("--seed", type=int, metavar="N")
    train.add_argument("--device", metavar="auto|cpu|cuda[:N]")
    train.add_argument("--precision", choices=recipe.PRECISIONS)
    _learning_options(train)
    train.add_argument("--name", metavar="NAME", help="what to call the run")
    train.add_argument(
        "--preset", choices=recipe.PRESETS, default="default", help="`course`: the course's values"
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


def _run_commands(commands: "_Commands[_Parser]") -> None:
    runs = _add(commands, "runs", "runs:runs", "all runs, newest first")
    _runs_option(runs)
    _json_option(runs)

    show = _add(commands, "show", "runs:show", "recipe, curves and test table of a run")
    _run_argument(show)
    _json_option(show)

    compare = _add(
        commands, "compare", "compare:compare_runs", "runs beside each other, and what differs"
    )
    compare.add_argument("names", metavar="RUN", nargs="+", help="two runs or more")
    _runs_option(compare)
    _json_option(compare)

    test = _add(commands, "test", "predict:test", "test a run's best weights again")
    _run_argument(test)
    test.add_argument("--data", metavar="DIR", help="other photos than the run's own")
    _json_option(test)

    predict = _add(commands, "predict", "predict:predict", "ask a run what is on photos")
    _run_argument(predict)
    predict.add_argument(
        "paths", metavar="PATH", nargs="+", help="photos, folders of them, or - for paths on stdin"
    )
    predict.add_argument(
        "-0", "--null", action="store_true", help="paths on stdin end in NUL, as of `find -print0`"
    )
    predict.add_argument(
        "--unsure",
        type=float,
        metavar="P",
        help="mark answers whose chance is below P: 0.8; in --json `probability` stays what the "
        "network says, and `chance` stands beside it",
    )
    _json_option(predict)

    export = _add(commands, "export", "export:export_run", "a run's model as a file, checked")
    _run_argument(export)
    export.add_argument(
        "--to", required=True, choices=("pt2", "onnx", "safetensors"), help="the format"
    )
    export.add_argument("--out", metavar="FILE", required=True, help="a new file to write")

    report = _add(commands, "report", "report:report", "a run as a web page, CSV or TensorBoard")
    _run_argument(report)
    report.add_argument(
        "--to", choices=("html", "csv", "tensorboard"), default="html", help="default html"
    )
    report.add_argument(
        "--out", metavar="PATH", required=True, help="a new file; of csv, tensorboard a folder"
    )

    serve = _add(commands, "serve", "serve:serve", "the app in a browser, on this machine alone")
    serve.add_argument("--port", type=int, default=8000, metavar="N", help="default 8000")
    serve.add_argument("--data", metavar="DIR", dest="served", help="a folder of photos to open")
    _runs_option(serve)


def _run_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "name", metavar="RUN", help="a run's name, a beginning of it, a path, or `last`"
    )
    _runs_option(command)


def _runs_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--runs", metavar="DIR", type=Path, default=None, help="the folder of runs"
    )


def _json_option(command: argparse.ArgumentParser, words: str = "one JSON document") -> None:
    command.add_argument("--json", action="store_true", help=words)


def _batch_size(text: str) -> int | str:
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is neither a number nor `auto`") from None
