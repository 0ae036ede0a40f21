"""bear-tui as another process: the command that starts it, whatever the person's folder holds."""

import sys
from pathlib import Path

_START = (
    "import sys; sys.path.append(sys.argv.pop(1)); from bear_tui.cli import main; sys.exit(main())"
)


def command(*arguments: str) -> list[str]:
    """Return the command that runs `bear-tui ARGUMENTS` with this Python.

    With `-P`: `python -m` would import a `random.py` from the folder it is started in. What this
    process found there, as in a checkout that is not installed, is looked for last.
    """
    package = Path(__file__).parent
    return [sys.executable, "-P", "-c", _START, str(package.parent), *arguments]
