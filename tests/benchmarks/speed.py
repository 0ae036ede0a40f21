"""What the screen costs a training: the same run with the app and without it, in turns.

Both are started, and one is stopped while the other works for a moment: a machine that gets slower
for a minute, as those shared with others do, favours neither. An app that goes on after a stop
paints all of its screen, which no person makes it do so often: what it costs is a little less.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bear_tui.recipe_defaults import sample_recipe
from bear_tui.recipe_file import to_toml
from tests.benchmarks import train_in_app
from tests.benchmarks.terminal import own_folders, terminal

_EPOCHS = 6
_TURN = 4.0
"""Seconds of one before the other's: several looks of the screen at its training."""
_LONGEST = 600.0
"""Seconds of work after which something is wrong."""


def ratios(pairs: int) -> list[float]:
    """Speed in the app over speed without, pair by pair, from the first phase to the results."""
    with tempfile.TemporaryDirectory() as home:
        sample = [sys.executable, "-m", "bear_tui", "sample", "--out", f"{home}/sample"]
        subprocess.run(sample, check=True, capture_output=True)
        recipe = Path(home) / "recipe.toml"
        recipe.write_text(to_toml(replace(sample_recipe(f"{home}/sample"), epochs=_EPOCHS)))
        return [_ratio(home, recipe, number) for number in range(pairs)]


def _ratio(home: str, recipe: Path, number: int) -> float:
    plain, app = Path(home, f"plain{number}"), Path(home, f"app{number}")
    with _without(recipe, plain) as one, _with(home, recipe, app) as other:
        in_turns([one, other] if number % 2 else [other, one])
    return one.seconds / other.seconds


@dataclass
class Training:
    """A process that trains one run below `runs`."""

    runs: Path
    send: Callable[[int], object]
    """Sends it a signal; nothing where it has ended."""
    look: Callable[[float], object]
    """Waits so many seconds; takes what it paints."""
    seconds: float = 0.0
    """What it has worked since its first phase began."""
    loading: float = 0.0
    """What it worked before that."""
    begun: bool = False

    @property
    def done(self) -> bool:
        """Whether its results are written."""
        return bool(list(self.runs.glob("*/results.json")))

    def work(self, seconds: float) -> None:
        """Let it, for so long or until it is done; it stands still before and after."""
        self.send(signal.SIGCONT)
        start = before = time.monotonic()
        while not self.done and before - start < seconds:
            self.look(0.02)
            now = time.monotonic()
            if self.begun:
                self.seconds += now - before
            else:
                self.loading += now - before
                self.begun = any(map(_has_phase, self.runs.glob("*/events.jsonl")))
            before = now
        self.send(signal.SIGSTOP)
        if self.loading + self.seconds > _LONGEST:
            raise TimeoutError(f"the training below {self.runs} did not end in {_LONGEST:.0f} s")


def _has_phase(journal: Path) -> bool:
    return '"PhaseStarted"' in journal.read_text()


def in_turns(trainings: list[Training]) -> None:
    """Until all are done."""
    for training in trainings:
        training.send(signal.SIGSTOP)
    while left := [training for training in trainings if not training.done]:
        for training in left:
            training.work(_TURN)


@contextlib.contextmanager
def _without(recipe: Path, runs: Path) -> Iterator[Training]:
    command = [sys.executable, "-m", "bear_tui", "train", "--recipe", str(recipe)]
    process = subprocess.Popen([*command, "--runs", str(runs)], stdout=subprocess.DEVNULL)

    def look(seconds: float) -> None:
        time.sleep(seconds)
        if process.poll() is not None and not training.done:
            raise RuntimeError(f"the training ended with status {process.returncode}")

    training = Training(runs, process.send_signal, look)
    try:
        yield training
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _with(home: str, recipe: Path, runs: Path) -> Iterator[Training]:
    command = [sys.executable, train_in_app.__file__, str(recipe), str(runs)]
    with terminal(command, environment=own_folders(home)) as held:

        def look(seconds: float) -> None:
            held.read(seconds)
            if held.ended:
                raise RuntimeError(
                    f"the app ended: {held.painted[-500:].decode('utf-8', 'replace')}"
                )

        yield Training(runs, partial(os.kill, held.pid), look)
