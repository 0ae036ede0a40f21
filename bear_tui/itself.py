"""The command that starts bear-tui as another process, safe from modules in the current folder."""

import sys
from pathlib import Path

_START = (
    "import sys; sys.path.append(sys.argv.pop(1)); from bear_tui.cli import main; sys.exit(main())"
)


def command(*arguments: str) -> list[str]:
    """Return the command that runs `bear-tui ARGUMENTS` with this Python.

    With `-P`, because `python -m` would import a `random.py` from the current folder. The folder of
    this package, such as a checkout that is not installed, is searched last.
    """
    package = Path(__file__).parent
    return [sys.executable, "-P", "-c", _START, str(package.parent), *arguments]
