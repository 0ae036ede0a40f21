"""`python -m bear_tui` is `bear-tui`, and the program of that name begins here."""

import _signal  # type: ignore[import-not-found]  # at once: `signal` imports others first

# Until a command listens itself, ctrl+c ends the process as any other: not by a traceback from
# the middle of an import.
_signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import sys  # noqa: E402

if __name__ == "__main__" and not sys.flags.safe_path:
    # Python looks first in the folder it was started in: a `random.py` there would be run.
    sys.path.append(sys.path.pop(0))

from bear_tui.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
