"""The command line: its parser, and what may stand before a command."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from bear_tui.commands.examples import epilog
from bear_tui.commands.options import (
    runs_option,
)
from bear_tui.commands.subcommands import add_commands
from bear_tui.errors import BadInput
from bear_tui.version import VERSION


class _Parser(argparse.ArgumentParser):
    commands: Mapping[str, argparse.ArgumentParser] = {}

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message}. `{self.prog} --help` shows the usage.")


_Commands = argparse._SubParsersAction  # the type of what add_subparsers gives


class _Chosen(_Commands):  # type: ignore[type-arg]
    """The commands. An option before a command applies to it or is refused."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Parse the rest of `values` by the command that is its first."""
        command = str(values[0]) if values else ""
        for name, option in _OF_THE_APP.items():
            if getattr(namespace, name):
                raise BadInput(
                    f"{option} before `{command}` would open the app; put the options of "
                    f"`{command}` after it: `{parser.prog} {command} --help` lists them."
                )
        known = self.choices.get(command)
        if known and namespace.runs is not None and "--runs" not in known._option_string_actions:
            raise BadInput(f"--runs: `{parser.prog} {command}` does not use runs; leave it out.")
        super().__call__(parser, namespace, values, option_string)


_OF_THE_APP = {"open_data": "--data", "open_sample": "--sample", "open_run": "--run"}


def parser() -> _Parser:
    """Return the parser; `run` in its result names the module and function of the command."""
    made = _Parser(
        prog="bear-tui",
        description="Train an image classifier on folders of photos, in the terminal.",
        epilog="Without a command the app opens. `bear-tui COMMAND --help` describes a command.\n\n"
        + epilog(""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"bear-tui {VERSION}")
    start = made.add_mutually_exclusive_group()
    start.add_argument(
        "--data",
        metavar="DIR",
        dest="open_data",
        help="open the app on this folder of photos; `bear-tui DIR` is short for it",
    )
    start.add_argument(
        "--sample",
        action="store_true",
        dest="open_sample",
        help="open the app and start training on the sample photos",
    )
    start.add_argument("--run", metavar="RUN", dest="open_run", help="open the app on this run")
    runs_option(made, default=None)
    made.set_defaults(run="app:open_app")
    commands = made.add_subparsers(
        title="commands", metavar="COMMAND", parser_class=_Parser, action=_Chosen
    )
    add_commands(commands)
    made.commands = commands.choices
    return made
