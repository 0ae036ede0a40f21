"""log.txt: what the package logs while a run trains."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from bear_tui import files
from bear_tui.run.folder import RunFolder
from bear_tui.text import safe

_LONGEST_LINE = 10_000


@contextmanager
def log_to(folder: RunFolder) -> Iterator[None]:
    """Send what the package logs to the run's log.txt while it trains."""
    log = logging.getLogger("bear_tui")
    handler = _RunLog(folder.log_file, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(_SafeLine("%(asctime)s %(message)s"))
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(level)
        log.removeHandler(handler)
        handler.close()


class _RunLog(logging.FileHandler):
    """A log that leaves out what a full disk does not take, without a word on the terminal."""

    def _open(self) -> TextIOWrapper:
        file = files.open_to_append(Path(self.baseFilename))
        return TextIOWrapper(file, encoding=self.encoding, errors=self.errors)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        return

    def close(self) -> None:
        with suppress(OSError):  # what it could not write before
            super().close()


class _SafeLine(logging.Formatter):
    """A record as a line with nothing that a terminal obeys: people `cat` log.txt."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return safe(super().formatMessage(record), _LONGEST_LINE)

    def formatException(self, ei: Any) -> str:
        lines = super().formatException(ei).splitlines()
        return "\n".join(safe(line, _LONGEST_LINE) for line in lines)
