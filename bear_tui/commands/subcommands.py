"""Every command of the command line with its options."""

import argparse
from typing import Any, TypeAlias

from bear_tui.commands.examples import epilog
from bear_tui.commands.options import (
    SPEC,
    json_option,
    recipe_options,
    run_argument,
    runs_option,
)
from bear_tui.formats import MODEL_FORMATS, REPORT_FORMATS

Commands: TypeAlias = "argparse._SubParsersAction[Any]"
"""What `add_subparsers` returns."""


def add_commands(commands: Commands) -> None:
    """Add every command; `run` in its defaults names its module and function."""
    _data_commands(commands)
    _model_commands(commands)
    _train_commands(commands)
    _run_commands(commands)


def _add(commands: Commands, name: str, run: str, words: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=words,
        description=f"{words[0].upper()}{words[1:]}.",
        epilog=epilog(name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def _data_commands(commands: Commands) -> None:
    check = _add(
        commands,
        "check",
        "dataset:check",
        "show what a folder of photos holds and what is wrong with it",
    )
    check.add_argument("dir", metavar="DIR", help="a folder of photos")
    json_option(check)

    prepare = _add(
        commands, "prepare", "dataset:prepare", "write a training folder; the sources never change"
    )
    prepare.add_argument(
        "source", metavar="SOURCE", nargs="?", help="a folder of class folders, split or not"
    )
    prepare.add_argument("--out", metavar="DIR", required=True, help="a new folder to write to")
    prepare.add_argument(
        "--class",
        dest="classes",
        metavar="NAME=SOURCE",
        action="append",
        help="a class and its folder; repeat it for each class, instead of SOURCE",
    )
    prepare.add_argument(
        "--coco",
        metavar="INSTANCES.json",
        help="take photos from COCO; --class is then NAME=CATEGORY",
    )
    prepare.add_argument(
        "--images", metavar="DIR", help="the folder of COCO photos; without it they are downloaded"
    )
    prepare.add_argument("--rest", metavar="NAME", help="the class of all other COCO photos")
    prepare.add_argument(
        "--hold-out", type=int, default=5, metavar="N", help="test photos per class (default 5)"
    )
    prepare.add_argument(
        "--validation", type=int, default=0, metavar="N", help="validation photos per class"
    )
    prepare.add_argument(
        "--size", type=int, default=256, metavar="N", help="longest side in pixels (default 256)"
    )
    prepare.add_argument(
        "--pad",
        choices=("black", "mean", "edge", "none"),
        default="black",
        help="how photos are made square (default black)",
    )
    prepare.add_argument("--enlarge", action="store_true", help="enlarge smaller photos to --size")
    prepare.add_argument(
        "--balance", action="store_true", help="take the same number of photos from every class"
    )
    prepare.add_argument("--limit", type=int, metavar="N", help="at most N photos per class")
    prepare.add_argument("--seed", type=int, default=1, metavar="N", help="random seed")
    prepare.add_argument("--dry-run", action="store_true", help="only show what would be written")
    json_option(prepare)

    suspects = _add(
        commands,
        "suspects",
        "suspects:suspects",
        "list photos whose label looks wrong, worst first",
    )
    suspects.add_argument("name", metavar="RUN|DIR", help="a folder of photos, or a run")
    suspects.add_argument("--model", metavar="NAME", help="the model whose features are compared")
    suspects.add_argument("--weights", metavar="imagenet|none|FILE", help="its weights")
    runs_option(suspects)
    json_option(suspects)

    sample = _add(commands, "sample", "dataset:sample", "draw the sample photos into a new folder")
    sample.add_argument("--out", metavar="DIR", required=True, help="a new folder to write to")
    sample.add_argument(
        "--count", type=int, default=240, metavar="N", help="photos per class (default 240)"
    )
    sample.add_argument("--seed", type=int, default=1, metavar="N", help="random seed")


def _model_commands(commands: Commands) -> None:
    models = _add(commands, "models", "models:models", "list the models")
    json_option(models)

    layers = _add(
        commands, "layers", "models:layers", "list the layers of a model in forward order"
    )
    layers.add_argument("model", metavar="MODEL")
    layers.add_argument("--image-size", type=int, metavar="N", help="side in pixels")
    layers.add_argument(
        "--classes", type=int, default=2, metavar="N", help="number of classes (default 2)"
    )
    layers.add_argument("--unfreeze", metavar="SPEC", help=SPEC)
    json_option(layers)


def _train_commands(commands: Commands) -> None:
    train = _add(commands, "train", "train:train", "train a model")
    recipe_options(train)
    runs_option(train)
    json_option(train, "print events, one JSON object a line")

    lr = _add(
        commands, "lr", "lr:lr", "suggest a learning rate, by a short training at rising rates"
    )
    recipe_options(lr)
    json_option(lr)

    ladder = _add(
        commands, "ladder", "ladder:ladder", "train the course's four models and compare them"
    )
    ladder.add_argument("--data", metavar="DIR", required=True, help="the photos")
    ladder.add_argument(
        "--model",
        metavar="NAME",
        default="vgg16",
        help="the pretrained model of the last two runs (default vgg16)",
    )
    ladder.add_argument(
        "--weights", metavar="imagenet|FILE", default="imagenet", help="its weights"
    )
    ladder.add_argument("--epochs", type=int, metavar="N", help="epochs of every run")
    ladder.add_argument("--seed", type=int, default=1, metavar="N", help="random seed")
    ladder.add_argument("--device", metavar="auto|cpu|cuda[:N]", help="where to train")
    runs_option(ladder)
    json_option(ladder)

    resume = _add(commands, "resume", "train:resume", "resume a run exactly where it stopped")
    run_argument(resume)
    resume.add_argument("--epochs", type=int, metavar="N", help="train to N epochs in all")
    resume.add_argument(
        "--rate",
        choices=("keep", "restart"),
        help="with --epochs: continue from the learning rate reached (keep, the default), or "
        "restart the schedule at the full rate (restart)",
    )
    resume.add_argument(
        "--accept-changes", action="store_true", help="resume although the photos have changed"
    )
    resume.add_argument(
        "--then-queue", action="store_true", help="then train the runs queued on screen 5"
    )
    json_option(resume, "print events, one JSON object a line")

    run_argument(
        _add(
            commands,
            "watch",
            "control:watch",
            "follow a run that another process trains, in the app",
        )
    )
    run_argument(_add(commands, "stop", "control:stop", "ask a run's trainer to save and stop"))


def _run_commands(commands: Commands) -> None:
    runs = _add(commands, "runs", "runs:runs", "list all runs, newest first")
    runs_option(runs)
    json_option(runs)

    show = _add(commands, "show", "runs:show", "show a run's recipe, curves and test")
    run_argument(show)
    json_option(show)

    compare = _add(
        commands,
        "compare",
        "compare:compare_runs",
        "compare runs: results, settings, and whether the results differ by more than chance",
    )
    compare.add_argument("names", metavar="RUN", nargs="+", help="two runs or more")
    runs_option(compare)
    json_option(compare)

    test = _add(commands, "test", "predict:test", "test a run's best weights again")
    run_argument(test)
    test.add_argument("--data", metavar="DIR", help="test on these photos instead of the run's own")
    json_option(test)

    predict = _add(commands, "predict", "predict:predict", "predict the class of photos")
    run_argument(predict)
    predict.add_argument(
        "paths",
        metavar="PATH",
        nargs="+",
        help="photos, folders of photos, or - for paths on stdin",
    )
    predict.add_argument(
        "-0",
        "--null",
        action="store_true",
        help="paths on stdin end in NUL, as from `find -print0`",
    )
    predict.add_argument(
        "--unsure",
        type=float,
        metavar="P",
        help="mark predictions whose calibrated probability is below P, such as 0.8; --json then "
        "has it as `chance`, beside the uncalibrated `probability`",
    )
    json_option(predict)

    export = _add(
        commands, "export", "export:export_run", "export a run's model to a file, and check it"
    )
    run_argument(export)
    export.add_argument("--to", required=True, choices=MODEL_FORMATS, help="the format")
    export.add_argument("--out", metavar="FILE", required=True, help="a new file to write")

    report = _add(
        commands, "report", "report:report", "write a run as a web page, CSV or TensorBoard"
    )
    run_argument(report)
    report.add_argument(
        "--to", choices=REPORT_FORMATS, default="html", help="the format (default html)"
    )
    report.add_argument(
        "--out",
        metavar="PATH",
        required=True,
        help="a new file; a new folder for csv and tensorboard",
    )

    serve = _add(commands, "serve", "serve:serve", "show the app in a browser on this machine")
    serve.add_argument(
        "--port", type=int, default=8000, metavar="N", help="the port (default 8000)"
    )
    serve.add_argument("--data", metavar="DIR", dest="served", help="a folder of photos to open")
    runs_option(serve)
