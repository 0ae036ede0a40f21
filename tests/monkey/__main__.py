"""A monkey at the keys of the app, in a real pty, while a training goes on in that process.

    python -m tests.monkey [--minutes 10] [--seed N] [--out FOLDER] [--replay FILE]

It works in a temporary folder and can write nowhere else. It fails on a traceback in any log, an
app that ends by itself, keys that nobody answers, a training that is lost, and memory that grows.
What it did lies in `--out` as keys.jsonl, an action a line, and `--replay` does that again.
"""

import argparse
import json
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.monkey.actions import Action, actions
from tests.monkey.app import App, Frozen, end_trainings, lost_trainings, prepare, tracebacks

_ASKED_EVERY = 20
"""Actions."""
_LAST = 40
"""Actions that are shown where something went wrong."""


@dataclass
class Report:
    """What a monkey has seen."""

    done: int = 0
    faults: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    """MB, a figure a minute of an app that trains the model it began with, or none; begins anew
    with each app."""
    grown: float = 0.0
    """MB, at most, of an app after its first third, five minutes at most."""

    def words(self) -> str:
        """For a person."""
        waits = sorted(self.answers) or [0.0]
        lines = [
            f"{self.done} actions, {len(self.ends)} apps; memory grew by {self.grown:.0f} MB",
            f"a key's answer: median {statistics.median(waits):.2f} s, longest {waits[-1]:.2f} s",
            *(f"FAULT: {fault}" for fault in self.faults),
        ]
        return "\n".join(lines)


CLEAN = (0, -signal.SIGINT)
"""Exit statuses of an app that nothing is wrong with. A ctrl+c that is typed in the instant in
which it has left ends the process that only waits for torch to be loaded; a training that this
lost would be found.
"""


def play(
    home: Path,
    doings: Iterable[Action],
    seconds: float,
    patience: float = 10.0,
    growth: float = 150.0,
    command: list[str] | None = None,
    every: float = 60.0,
) -> Report:
    """Do all of it, for so long at most, in folders below `home`; stop at the first fault."""
    report = Report()
    app = App(home, command or prepare(home), patience)
    began = looked = time.monotonic()
    with (home / "keys.jsonl").open("w") as file:
        try:
            for action in doings:
                file.write(json.dumps(asdict(action)) + "\n")
                file.flush()
                app.do(action)
                report.done += 1
                if report.done % _ASKED_EVERY == 0:
                    app.ask()
                    if tracebacks(home):
                        break
                if any(end not in CLEAN for end in app.ends):
                    break
                now = time.monotonic()
                if now - looked >= every:
                    looked = now
                    _note_memory(report, app, (now - began) / 60)
                if now - began > seconds:
                    break
        except Frozen as frozen:
            report.faults.append(str(frozen))
        except KeyboardInterrupt:
            print("asked to end", flush=True)  # with a report; no app is left behind
    _end(report, app, home)
    if report.grown > growth:
        report.faults.append(f"memory grew by {report.grown:.0f} MB (allowed: {growth:.0f})")
    return report


def _note_memory(report: Report, app: App, minutes: float) -> None:
    if len(app.ends) != len(report.ends):
        report.ends, report.memory = list(app.ends), []
    memory = app.memory()
    if not app.trains_another_model():
        report.memory.append(memory)
        # In its first minutes an app loads torch and begins a training.
        settled = report.memory[min(5, max(2, len(report.memory) // 3), len(report.memory) - 1)]
        report.grown = max(report.grown, memory - settled)
    print(
        f"  {minutes:5.1f} minutes: {report.done} actions, {memory:.0f} MB, "
        f"{len(app.ends) + 1} apps, longest answer {max(app.answers or [0.0]):.2f} s",
        flush=True,
    )


def _end(report: Report, app: App, home: Path) -> None:
    if not report.faults or all(end in CLEAN for end in app.ends):
        try:
            app.close()
        except Frozen as frozen:
            report.faults.append(str(frozen))
    end_trainings(home)
    report.ends, report.answers = app.ends, app.answers
    report.faults += [f"an app ended with {end}" for end in app.ends if end not in CLEAN]
    report.faults += tracebacks(home)
    report.faults += [f"a training was lost: {run}" for run in lost_trainings(home)]
    if report.faults and app.last_words.strip():
        report.faults.append(f"its last words: {app.last_words.decode('utf-8', 'replace').strip()}")


def _read(file: Path) -> Iterator[Action]:
    for line in file.read_text().splitlines():
        told = json.loads(line)
        size = tuple(told["size"]) if told["size"] else None
        yield Action(told["keys"], size, told["wait"])


def main() -> int:
    """Read the arguments and play; 1 where something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.monkey", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=10.0, help="seconds for a key's answer")
    parser.add_argument("--growth", type=float, default=150.0, help="MB that may be gained")
    parser.add_argument("--out", type=Path, help="where keys and logs are kept")
    parser.add_argument("--replay", type=Path, help="a keys.jsonl that is done again")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="monkey-", ignore_cleanup_errors=True) as folder:
        home = Path(folder).resolve()
        given = arguments.replay
        doings = _read(given) if given else actions(arguments.seed, str(home))
        report = play(home, doings, arguments.minutes * 60, arguments.patience, arguments.growth)
        print(report.words())
        if report.faults:
            done = (home / "keys.jsonl").read_text().splitlines()
            print("the last keys:", *done[-_LAST:], sep="\n  ")
        if arguments.out:
            heavy = shutil.ignore_patterns("checkpoints", "cache", "photos")
            shutil.copytree(home, arguments.out, ignore=heavy, dirs_exist_ok=True, symlinks=True)
    print(f"seed {arguments.seed}: {'FAILED' if report.faults else 'nothing went wrong'}")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
