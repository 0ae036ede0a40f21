"""The app under the monkey: a process in a pty of its own, in folders of its own."""

import contextlib
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from bear_tui.run.folder import RunFolder
from bear_tui.run.runs import all_runs
from tests.benchmarks import training_app
from tests.benchmarks.terminal import Terminal, own_folders
from tests.monkey.actions import REPAINT, Action

LEFT, TAKEN = b"\x1b[?1049l", b"\x1b[?1049h"
"""The app gives the terminal back, and takes it."""
_ASK_AGAIN, _LEAVING = 2.0, 60.0
"""Seconds; a process that ends waits until torch is loaded, or a training without a screen is
stopped.
"""
_REPOSITORY = Path(__file__).parents[2]
_FENCE = Path(__file__).parent / "fence"


class Frozen(Exception):
    """No key was answered for so many seconds."""


def prepare(home: Path) -> list[str]:
    """Photos, a run that is done, and the command of an app that trains, again and again."""
    return training_app.prepare(home, 40, {**os.environ, **surroundings(home)})


def surroundings(home: Path) -> dict[str, str]:
    """An environment in which nothing outside `home` is read as settings, or written at all."""
    (home / "tmp").mkdir(exist_ok=True)
    return {
        **own_folders(str(home)),
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "TORCH_HOME": str(home / "cache" / "torch"),
        "PYTHONPATH": os.pathsep.join((str(_FENCE), str(_REPOSITORY))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MONKEY_FENCE": str(home),
        "TERM": "xterm-256color",
    }


class App:
    """An app that is opened again whenever it ends. Use `close`."""

    def __init__(self, home: Path, command: list[str], patience: float) -> None:
        self._home = home
        self._command = command
        self._patience = patience
        self.size = (120, 40)
        self.ends: list[int] = []
        """The exit status of each app that has ended."""
        self.last_words = b""
        """What the last of them left on the terminal."""
        self.answers: list[float] = []
        """Seconds that a key waited for its answer, each time that was asked."""
        self._open()

    def _open(self) -> None:
        # A folder of its own to be in, too: the app may write where it was started.
        command = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(self._home), *self._command]
        self._held = Terminal(command, *self.size, surroundings(self._home))
        self._left = False
        self._held.wait_for("\x1b[1;1H", 60)  # the first line is painted

    @property
    def pid(self) -> int:
        """Its process."""
        return self._held.pid

    def do(self, action: Action) -> None:
        """Type or give the terminal a size, and read for as long as that says."""
        if action.size is not None:
            self.size = action.size
            self._held.resize(*action.size)
        if not self._has_left():  # else it would be typed to the shell
            with contextlib.suppress(OSError):  # it ends: `go_on` sees to it
                self._held.type(action.keys)
        self._read(action.wait)
        self._go_on()

    def ask(self) -> None:
        """Press a key that paints all of the screen anew, wherever it is pressed; wait for that.

        Raises Frozen.
        """
        self._read(0.05)
        self._forget()  # what was painted for the keys before
        start = time.monotonic()
        asked = -_ASK_AGAIN
        lines = [f"\x1b[{line};1H".encode() for line in (1, self.size[1])]
        ends = len(self.ends)
        painted = b""
        while not all(line in painted for line in lines):
            now = time.monotonic() - start
            if now > (_LEAVING if self._has_left() else self._patience):
                os.kill(self.pid, signal.SIGQUIT)
                self._read(1.0)
                raise Frozen(f"no key was answered for {now:.0f} s")
            if now - asked > _ASK_AGAIN and not self._has_left():
                asked = now
                with contextlib.suppress(OSError):
                    self._held.type(REPAINT)
            self._read(0.05)
            painted = self._held.painted
            self._go_on(forget=False)
            if len(self.ends) > ends:
                return
        self.answers.append(time.monotonic() - start)

    def memory(self) -> float:
        """MB that the process holds."""
        answer = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=False
        )
        return int(answer.stdout.strip() or 0) / 1024

    def trains_another_model(self) -> bool:
        """Whether keys have started a training of another model: a VGG takes gigabytes."""
        for folder in all_runs(self._home / "runs"):
            if folder.being_trained() and folder.recipe().model != "mlp":
                return True
        return False

    def _read(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._held.ended:
            left = end - time.monotonic()
            if not self._held.read(max(0.0, left)) and left <= 0:
                return

    def _go_on(self, forget: bool = True) -> None:
        """What the shell does for an app that stopped; a new one for one that has ended."""
        if forget and not self._held.ended:
            self._forget()
        pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
        if pid and os.WIFSTOPPED(status):
            os.kill(pid, signal.SIGCONT)
        elif pid:
            self._note_end(status)
            self._open()

    def _has_left(self) -> bool:
        """Whether the app has given the terminal back: it ends, or the shell is to have it."""
        left, taken = (self._held.painted.rfind(mode) for mode in (LEFT, TAKEN))
        return self._left if left == taken else left > taken

    def _forget(self) -> None:
        self._left = self._has_left()
        self._held.painted = b""

    def _note_end(self, status: int) -> None:
        while self._held.read(0.05):
            pass
        self.last_words = self._held.painted.rpartition(LEFT)[2]
        self.ends.append(os.waitstatus_to_exitcode(status))
        os.close(self._held.handle)

    def close(self) -> None:
        """End it as a machine that goes down does; what it trains is saved."""
        os.kill(self.pid, signal.SIGTERM)
        os.kill(self.pid, signal.SIGCONT)  # the last key may have stopped it
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self._read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._note_end(status)
                return
        self._held.close()
        raise Frozen("SIGTERM did not end the app within 60 s")


def end_trainings(home: Path) -> None:
    """Stop what goes on in the background; wait until it is saved."""
    for folder in all_runs(home / "runs"):
        end = time.monotonic() + 60
        while folder.being_trained() and time.monotonic() < end:
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(int(folder.trainer().process), signal.SIGTERM)
            time.sleep(0.5)


def lost_trainings(home: Path) -> list[str]:
    """Runs that did not end as a training may: done, stopped and saved, or failed for a reason."""
    ends = [(folder, folder.state()) for folder in all_runs(home / "runs")]
    return [
        f"{folder.run}: {state.status} {state.message}".rstrip()
        for folder, state in ends
        if "Details are in" in state.message  # what nobody foresaw
        or (state.status not in ("completed", "stopped", "failed") and not _never_began(folder))
    ]


def _never_began(folder: RunFolder) -> bool:
    """Whether its log says why, as where weights cannot be downloaded."""
    log = folder.log_file
    return not folder.journal_file.exists() and log.is_file() and bool(log.stat().st_size)


def tracebacks(home: Path) -> list[str]:
    """The end of each in any log, and where."""
    found = []
    for log in sorted((*home.rglob("app.log"), *home.rglob("log.txt"))):
        text = log.read_text("utf-8", "replace")
        for part in text.split("Traceback (most recent call last):")[1:]:
            raised = re.findall(r"^[A-Za-z_][\w.]*(?:: .*)?$", part, re.MULTILINE)
            found.append(f"{log.relative_to(home)}: {raised[0] if raised else part[-200:].strip()}")
    return found
