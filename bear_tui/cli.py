"""`bear-tui`: run one command, and turn an expected failure into a sentence and exit status."""

import importlib
import os
import sys
from collections.abc import Collection, Sequence

from bear_tui import memory
from bear_tui.commands import interrupts, streams
from bear_tui.errors import BadInput, Failure
from bear_tui.text import safe


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. A failure prints one sentence."""
    streams.secure()
    words = sys.argv[1:] if arguments is None else list(arguments)
    stopped = 3 if words[:1] and words[0] in _RESUMABLE else 1
    try:
        with interrupts.interruptible(stopped, own_process=arguments is None):
            return _run(words)
    except Failure as failure:
        print(f"bear-tui: {safe(failure)}", file=sys.stderr)
        return failure.exit_status
    except Exception as error:
        print(f"bear-tui: {safe(_in_words(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(interrupts.STOPPED, file=sys.stderr)
        return stopped


def _in_words(error: Exception) -> str:
    """Return a sentence for an unexpected error or one of the operating system."""
    from bear_tui import limits

    if words := limits.sentence(error):
        return words  # checked first: if memory is short, no further module can be loaded
    from bear_tui.tui.forms.error_text import in_words

    return in_words(error)


_RESUMABLE = ("train", "resume", "ladder")
"""Run again, these continue what is done."""


def _run(arguments: list[str]) -> int:
    memory.keep_freed()
    if not arguments:
        from bear_tui.commands.app import start

        return start()  # the first frame need not wait for the parser
    from bear_tui.commands.parser import parser

    made = parser()
    parsed = made.parse_args(_first_word(arguments, made.commands))
    if parsed.run not in _LIGHT:
        from bear_tui import limits

        limits.require(torch=parsed.run not in _WITHOUT_TORCH)
    module, function = parsed.run.split(":")
    command = getattr(importlib.import_module(f"bear_tui.commands.{module}"), function)
    return int(command(parsed))


_LIGHT = ("models:models", "runs:runs", "control:stop", "serve:serve", "compare:compare_runs")
"""Commands that load neither numpy nor torch."""

_WITHOUT_TORCH = (
    *("dataset:check", "dataset:prepare", "dataset:sample", "runs:show", "report:report"),
)


def _first_word(arguments: list[str], commands: Collection[str]) -> list[str]:
    """Return the arguments for the parser: a folder in the place of a command is `--data`."""
    word = arguments[0] if arguments else "-"
    if word.startswith("-") or word in commands:
        return arguments
    if os.path.isdir(word):  # noqa: PTH112 - Path's breaks on a name that is too long
        return ["--data", *arguments]
    from difflib import get_close_matches  # seldom needed

    near = get_close_matches(word, commands, 1)
    hint = f"did you mean `{near[0]}`?" if near else "`bear-tui --help` lists the commands."
    raise BadInput(f"`{word}` is neither a command nor a folder; {hint}")
