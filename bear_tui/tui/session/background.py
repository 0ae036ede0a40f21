"""A training in a process of its own, which outlives the app and its terminal."""

import subprocess
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bear_tui import files, itself
from bear_tui.text import safe

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder

PATIENCE = 120.0
"""Seconds that a process has until it trains: loading torch from a network disk is slow."""


class Background:
    """A process that resumes a saved run, then trains the queue; without a terminal, its output
    goes to log.txt.

    Raises OSError if no process can be started or the log cannot be opened.
    """

    def __init__(self, folder: "RunFolder", clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._clock = clock
        self._until = clock() + PATIENCE
        with files.open_to_append(folder.log_file) as log:
            self._told_before = log.tell()
            self._process = subprocess.Popen(
                itself.command("resume", str(folder.path), "--then-queue"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    @property
    def took_over(self) -> bool:
        """Whether the process has trained the run."""
        return self.folder.trainer().process == str(self._process.pid)

    @property
    def settled(self) -> bool:
        """Whether the process has taken the run over, or never will."""
        return not self.alive or self.took_over or self._clock() > self._until

    def end(self) -> None:
        """End the process; if it trains by now, it saves first."""
        self._process.terminate()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            if not self.took_over:
                self._process.kill()

    def failure(self) -> str:
        """Return why the process does not train: its last line, or how it ended."""
        if self.alive:
            return f"it did not begin within {PATIENCE:.0f} seconds"
        try:
            with self.folder.log_file.open("rb") as log:
                log.seek(self._told_before)
                lines = log.read().decode("utf-8", "replace").split("\n")
        except OSError:
            lines = []
        said = next((line for line in reversed(lines) if line.strip()), "")
        return safe(said, 300) or f"it ended with status {self._process.returncode}"

    def farewell(self) -> str:
        """Return how to see and stop a training that is left in the background."""
        run = self.folder.run
        return (
            f"{run} goes on in the background (process {self._process.pid}). "
            f"`bear-tui watch {run}` shows it, `bear-tui stop {run}` stops and saves it."
        )
