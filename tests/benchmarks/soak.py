"""The app for an hour, in a real pty: trainings, screen changes, resizes; what it keeps of them.

    python -m tests.benchmarks.soak [--minutes 60] [--every 60]

A small network is trained again and again, slowed down so that it keeps no processor busy, while
keys go through every screen and the terminal changes its size. It fails where the memory of the
process grows by 20 MB or more after the first ten minutes (a third of a shorter soak), or where
tasks, threads or widgets are left behind: they are counted on the same screen then and at the end.
"""

import argparse
import itertools
import json
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import training_app
from tests.benchmarks.terminal import Terminal, own_folders, terminal

GROWTH = 20.0
"""MB that may be gained after the settling time."""
PHOTOS = "{photos}"
"""The folder of photos, where a path is typed."""
CODE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
KEYS: tuple[str | tuple[str, str], ...] = (
    *("2", "j", "j", "k", "/", "v", "g", "g", "\x1b", "tab", "j", "?", "\x1b"),
    *("3", "l", "l", "v", "v", ("E", "what happened"), "j", "E", "+", "-"),
    *(("s", "Stop this"), "\x1b", "?", "q"),
    *("5", "j", "k", "?", "\x1b", ("n", "The queue is empty"), "\x1b"),
    *("G", " ", "k", " ", ("v", "differs"), "j", "\x1b", " ", "G", " "),
    *(("e", "take"), "\x1b", ("p", "Ask"), (f"{PHOTOS}/test/bear\r", " sure"), "j", "\x1b", "\x1b"),
    *("5", "G", ("\r", "mistakes"), "a", ("\r", "page"), "l", "\r", "l", "\x1b", "\x1b"),
    *("j", "tab", "j", "\x1b", "?", "\x1b"),
    *("1", "o", f"\x15{PHOTOS}", ("\r", "problem"), "j", "k", "l", "h", ("p", "hold out"), "\x1b"),
    *("\x10", "t", "r", "\x1b", "\x10", "theme", "\r", "bear-light", "\r", "2", "1"),
    *("\x10", "theme", "\r", "bear-dark", "\r", "5", "g", "w", "3"),
)
"""One round through the screens; it ends on Train. Beside a key: what it brings to the screen."""
_NOTICES = 15.0
"""Seconds without a key, after which no notice is on any of the screens that were gone through."""
SIZES = ((80, 24), (120, 40), (200, 60), (60, 15), (100, 30))


class Soaked:
    """The app under the soak, and how it is looked at from outside."""

    def __init__(self, held: Terminal, home: Path) -> None:
        self._held = held
        self._photos = str(home / "photos")
        self._counts = home / "counts.json"
        self.unseen = {step[1] for step in KEYS if isinstance(step, tuple)}
        """What no key has brought yet: a soak of stale keys would say nothing."""

    def press(self, key: str, wait: float, brings: str = "") -> None:
        """Press a key and read what is painted for `wait` seconds; keep none of it."""
        self._held.painted = b""
        self._held.type("\t" if key == "tab" else key.replace(PHOTOS, self._photos))
        end = time.monotonic() + wait
        while (left := end - time.monotonic()) > 0:
            self._held.read(left)
            if self._held.ended:
                logs = self._counts.parent.rglob("app.log")
                told = "\n".join(log.read_text(errors="replace") for log in logs)
                raise SystemExit(f"the app ended: {self._held.painted[-500:]!r}\n{told}")
        if brings.encode() in CODE.sub(b"", self._held.painted):
            self.unseen.discard(brings)

    def memory(self) -> float:
        """MB that the process holds in memory."""
        status = Path(f"/proc/{self._held.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def count(self) -> dict[str, Any]:
        """Tasks, threads and widgets that live once notices have ended."""
        self.press("", _NOTICES)
        self._counts.unlink(missing_ok=True)
        os.kill(self._held.pid, signal.SIGUSR1)
        for _ in range(300):
            self.press("", 0.1)
            if self._counts.is_file():
                return dict(json.loads(self._counts.read_text()))
        raise TimeoutError("the app did not count within 30 s")


def soak(minutes: float, every: float) -> bool:
    """Whether it held for so long; what it held is printed."""
    settling = min(10.0, minutes / 3)
    with tempfile.TemporaryDirectory() as home:
        counts = ["--counts", str(Path(home) / "counts.json")]
        command = [*training_app.prepare(Path(home), 150), *counts]
        with terminal(command, environment=own_folders(home)) as held:
            held.wait_for("moved", 120)  # an epoch is over
            app = Soaked(held, Path(home))
            _rounds(app, held, settling, every, 0.0)
            first, counted = app.memory(), app.count()
            print(f"after {settling:g} minutes: {first:.1f} MB, {_in_words(counted)}", flush=True)
            _rounds(app, held, minutes - settling, every, settling)
            last, at_end = app.memory(), app.count()
            runs = len(list((Path(home) / "runs").iterdir()))
            print(f"after {minutes:g} minutes: {last:.1f} MB, {_in_words(at_end)}; {runs} runs")
            app.press("q", 1.0)
            app.press("j", 0.5)
            app.press("j", 0.5)
            app.press("\r", 0.5)  # stop, save, leave
            ended = held.wait_for_end(60)
    grown = last - first
    kept = left_behind(counted, at_end)
    print(f"memory grew by {grown:+.1f} MB (allowed: less than {GROWTH:g})")
    print(f"left behind: {', '.join(kept) or 'nothing'}; exit status {ended}")
    print(f"never brought by its key: {', '.join(sorted(app.unseen)) or 'nothing'}")
    return grown < GROWTH and not kept and not app.unseen and ended == 0


def left_behind(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What lives at the end that did not live then, beyond what a screen may have at a moment.

    Two of a kind, and one thread more: a timer, a worker that has not ended. Scroll bars are made
    when a part first needs one and kept, so in a round of other sizes more of them come to be.
    """
    kept = [
        f"{name}: {before[kind].get(name, 0)} -> {count} {kind}"
        for kind in ("tasks", "widgets")
        for name, count in after[kind].items()
        if count > before[kind].get(name, 0) + (20 if "ScrollBar" in name else 2)
    ]
    threads = len(after["threads"]) - len(before["threads"])
    return [*kept, f"threads: {after['threads']}"] if threads > 1 else kept


def _rounds(app: Soaked, held: Terminal, minutes: float, every: float, since: float) -> None:
    """Keys and sizes for so long; ends on Train, in the size it began with."""
    start = time.monotonic()
    told = start
    for size in itertools.cycle(SIZES):
        for step in KEYS:
            key, brings = (step, "") if isinstance(step, str) else step
            app.press(key, 0.35, brings)
        held.resize(*size)
        app.press("", 0.5)
        now = time.monotonic()
        if now - told >= every:
            told = now
            passed = since + (now - start) / 60
            print(f"  {passed:5.1f} minutes: {app.memory():.1f} MB", flush=True)
        if now - start >= minutes * 60:
            break
    held.resize(120, 40)
    app.press("3", 12.0)  # longer than a notice is shown


def _in_words(counts: dict[str, Any]) -> str:
    tasks, widgets = sum(counts["tasks"].values()), sum(counts["widgets"].values())
    return f"{tasks} tasks, {len(counts['threads'])} threads, {widgets} widgets"


def main() -> int:
    """Read the arguments and soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two lines")
    arguments = parser.parse_args()
    return 0 if soak(arguments.minutes, arguments.every) else 1


if __name__ == "__main__":
    sys.exit(main())
