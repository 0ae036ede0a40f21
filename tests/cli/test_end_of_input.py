"""A terminal that ends without a signal: the app leaves, its training goes on."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bear_tui.run.control import ask
from bear_tui.run.runs import all_runs
from tests.cli.app_in_terminal import grows, in_app, stop, wait_until

pytestmark = pytest.mark.slow


@contextmanager
def keyless(command: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process on a terminal that sends no SIGHUP: not the one its session is tied to."""
    ours, its = os.openpty()
    with subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, start_new_session=True, env=_on_a_terminal()
    ) as process:
        os.close(its)
        try:
            yield process, ours
        finally:
            process.kill()
            with suppress(OSError):
                os.close(ours)


def _on_a_terminal() -> dict[str, str]:
    return {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}


def drain(ours: int, done: Callable[[], bool], seconds: float = 60.0) -> None:
    """Read what is painted until `done`."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        if select.select([ours], [], [], 0.05)[0]:
            os.read(ours, 65536)


def test_the_end_of_the_keys_without_a_signal_ends_the_app(runs: Path) -> None:
    with keyless([sys.executable, "-m", "bear_tui", "--runs", str(runs)]) as (app, ours):
        painted = b""
        while b"start from" not in painted:
            painted += os.read(ours, 65536)
        os.close(ours)
        assert app.wait(20) == 0


def test_the_end_of_the_keys_without_a_signal_leaves_the_training(photos: Path, runs: Path) -> None:
    with keyless(in_app(photos, runs)) as (app, ours):
        drain(ours, lambda: bool(all_runs(runs)) and all_runs(runs)[0].state().epochs_done >= 2)
        folder = all_runs(runs)[0]
        os.close(ours)
        assert grows(folder)
        ask(folder.control_file, "pause")
        wait_until(lambda: folder.state().status == "paused")
        time.sleep(1.0)  # the screen is gone by now
        before = _processor_time(app.pid)
        time.sleep(1.0)
        assert _processor_time(app.pid) - before < 0.3, "nothing spins"
        assert stop(folder).returncode == 0
        assert app.wait(20) == 0


def _processor_time(pid: int) -> float:
    """Seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
