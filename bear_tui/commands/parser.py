"""What the command line may say: every command with its options."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from bear_tui.commands.examples import epilog
from bear_tui.commands.options import (
    SPEC,
    json_option,
    recipe_options,
    run_argument,
    runs_option,
)
from bear_tui.errors import BadInput
from bear_tui.formats import MODEL_FORMATS, REPORT_FORMATS
from bear_tui.version import VERSION


class _Parser(argparse.ArgumentParser):
    commands: Mapping[str, argparse.ArgumentParser] = {}

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message}. `{self.prog} --help` shows how it is used.")


_Commands = argparse._SubParsersAction  # the type of what add_subparsers gives


class _Chosen(_Commands):  # type: ignore[type-arg]
    """The commands. What stands before one counts for it or is refused."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Parse the rest as the command does, that is first of `values`."""
        command = str(values[0]) if values else ""
        for name, option in _OF_THE_APP.items():
            if getattr(namespace, name):
                raise BadInput(
                    f"{option} before `{command}` would open the app; put the options of "
                    f"`{command}` after it: `{parser.prog} {command} --help` lists them."
                )
        known = self.choices.get(command)
        if known and namespace.runs is not None and "--runs" not in known._option_string_actions:
            raise BadInput(f"--runs: `{parser.prog} {command}` uses no runs; leave it out.")
        super().__call__(parser, namespace, values, option_string)


_OF_THE_APP = {"open_data": "--data", "open_sample": "--sample", "open_run": "--run"}


def parser() -> _Parser:
    """What the command line may say; `run` of what it gives is a module and its function."""
    made = _Parser(
        prog="bear-tui",
        description="Train an image classifier on folders of photos, in the terminal.",
        epilog="Without a command it opens the app. `bear-tui COMMAND --help` says more.\n\n"
        + epilog(""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"bear-tui {VERSION}")
    start = made.add_mutually_exclusive_group()
    start.add_argument(
        "--data",
        metavar="DIR",
        dest="open_data",
        help="open the app with this folder of photos; --data may be left out",
    )
    start.add_argument(
        "--sample",
        action="store_true",
        dest="open_sample",
        help="open the app and train on the sample photos",
    )
    start.add_argument("--run", metavar="RUN", dest="open_run", help="open the app on this run")
    runs_option(made, default=None)
    made.set_defaults(run="app:open_app")
    commands = made.add_subparsers(
        title="commands", metavar="COMMAND", parser_class=_Parser, action=_Chosen
    )
    _data_commands(commands)
    _model_commands(commands)
    _train_commands(commands)
    _run_commands(commands)
    made.commands = commands.choices
    return made


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
    json_option(check)

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
    json_option(prepare)

    suspects = _add(
        commands, "suspects", "suspects:suspects", "photos whose label looks wrong, worst first"
    )
    suspects.add_argument("name", metavar="RUN|DIR", help="a folder of photos, or a run's own")
    suspects.add_argument("--model", metavar="NAME", help="whose features to compare")
    suspects.add_argument("--weights", metavar="imagenet|none|FILE", help="what the model knows")
    runs_option(suspects)
    json_option(suspects)

    sample = _add(commands, "sample", "dataset:sample", "draw the sample photos into a new folder")
    sample.add_argument("--out", metavar="DIR", required=True)
    sample.add_argument(
        "--count", type=int, default=240, metavar="N", help="photos a class (default 240)"
    )
    sample.add_argument("--seed", type=int, default=1, metavar="N")


def _model_commands(commands: "_Commands[_Parser]") -> None:
    models = _add(commands, "models", "models:models", "the models one can choose")
    json_option(models)

    layers = _add(commands, "layers", "models:layers", "the layers of a model, in forward order")
    layers.add_argument("model", metavar="MODEL")
    layers.add_argument("--image-size", type=int, metavar="N")
    layers.add_argument("--classes", type=int, default=2, metavar="N", help="outputs (default 2)")
    layers.add_argument("--unfreeze", metavar="SPEC", help=SPEC)
    json_option(layers)


def _train_commands(commands: "_Commands[_Parser]") -> None:
    train = _add(commands, "train", "train:train", "train a model")
    recipe_options(train)
    runs_option(train)
    json_option(train, "events, one JSON object a line")

    lr = _add(commands, "lr", "lr:lr", "find a learning rate: a moment of training at rising ones")
    recipe_options(lr)
    json_option(lr)

    ladder = _add(commands, "ladder", "ladder:ladder", "the course's four models, side by side")
    ladder.add_argument("--data", metavar="DIR", required=True)
    ladder.add_argument("--model", metavar="NAME", default="vgg16", help="of the last two rungs")
    ladder.add_argument("--weights", metavar="imagenet|FILE", default="imagenet")
    ladder.add_argument("--epochs", type=int, metavar="N", help="of every rung")
    ladder.add_argument("--seed", type=int, default=1, metavar="N")
    ladder.add_argument("--device", metavar="auto|cpu|cuda[:N]")
    runs_option(ladder)
    json_option(ladder)

    resume = _add(commands, "resume", "train:resume", "go on exactly where a run stopped")
    run_argument(resume)
    resume.add_argument("--epochs", type=int, metavar="N", help="train up to N epochs in all")
    resume.add_argument(
        "--rate",
        choices=("keep", "restart"),
        help="with --epochs: go on from the learning rate that was reached (keep, the default), or "
        "begin its schedule anew with the full rate (restart)",
    )
    resume.add_argument(
        "--accept-changes", action="store_true", help="go on although the photos have changed"
    )
    resume.add_argument(
        "--then-queue", action="store_true", help="afterwards train what waits on screen 5"
    )
    json_option(resume, "events, one JSON object a line")

    run_argument(_add(commands, "watch", "control:watch", "see a run of another process go on"))
    run_argument(_add(commands, "stop", "control:stop", "ask a run's trainer to save and end"))


def _run_commands(commands: "_Commands[_Parser]") -> None:
    runs = _add(commands, "runs", "runs:runs", "all runs, newest first")
    runs_option(runs)
    json_option(runs)

    show = _add(commands, "show", "runs:show", "recipe, curves and test table of a run")
    run_argument(show)
    json_option(show)

    compare = _add(
        commands, "compare", "compare:compare_runs", "runs beside each other, and what differs"
    )
    compare.add_argument("names", metavar="RUN", nargs="+", help="two runs or more")
    runs_option(compare)
    json_option(compare)

    test = _add(commands, "test", "predict:test", "test a run's best weights again")
    run_argument(test)
    test.add_argument("--data", metavar="DIR", help="other photos than the run's own")
    json_option(test)

    predict = _add(commands, "predict", "predict:predict", "ask a run what is on photos")
    run_argument(predict)
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
    json_option(predict)

    export = _add(commands, "export", "export:export_run", "a run's model as a file, checked")
    run_argument(export)
    export.add_argument("--to", required=True, choices=MODEL_FORMATS, help="the format")
    export.add_argument("--out", metavar="FILE", required=True, help="a new file to write")

    report = _add(commands, "report", "report:report", "a run as a web page, CSV or TensorBoard")
    run_argument(report)
    report.add_argument("--to", choices=REPORT_FORMATS, default="html", help="default html")
    report.add_argument(
        "--out", metavar="PATH", required=True, help="a new file; of csv, tensorboard a folder"
    )

    serve = _add(commands, "serve", "serve:serve", "the app in a browser, on this machine alone")
    serve.add_argument("--port", type=int, default=8000, metavar="N", help="default 8000")
    serve.add_argument("--data", metavar="DIR", dest="served", help="a folder of photos to open")
    runs_option(serve)
