"""Reporters of a training outside the app: JSON events, plain lines, or a live table."""

import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from bear_tui.commands.output import print_line, print_raw, say, shown
from bear_tui.commands.streams import tell_at_once
from bear_tui.run.events import (
    EpochCompleted,
    Event,
    PhaseStarted,
    RunCompleted,
    RunFailed,
    RunStopped,
    StepCompleted,
    to_json,
)
from bear_tui.run.folder import RunFolder
from bear_tui.run.report import lines
from bear_tui.run.state import RunState, seconds_left
from bear_tui.text import safe


class Reporter(Protocol):
    """Gets every event in order, inside a `with` block."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def report(self, event: Event) -> None:
        """Report one event."""

    def stopping(self, sentence: str) -> None:
        """Report that a signal stops the training. Called by the signal handler, at any moment."""


class SilentReporter:
    """Reports nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def report(self, event: Event) -> None:
        """Ignore the event."""

    def stopping(self, sentence: str) -> None:
        """Write to standard error."""
        tell_at_once(sentence)


class HelperReporter(SilentReporter):
    """Reports only the failure of a process that is not the first, which reports the rest."""

    def __init__(self, rank: int) -> None:
        self.rank = rank

    def report(self, event: Event) -> None:
        """Print why the process failed."""
        if isinstance(event, RunFailed):
            say(f"process {self.rank}: {event.error}")


class JsonReporter(SilentReporter):
    """Prints one event a line, for programs."""

    def report(self, event: Event) -> None:
        """Print the event as the journal has it."""
        print_raw(to_json(event) + "\n")


class PlainReporter(SilentReporter):
    """Prints a line an epoch, for logs and pipes."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.state = RunState()

    def report(self, event: Event) -> None:
        """Print the event if it deserves a line."""
        self.state = self.state.apply(event)
        if line := lines.line(event, self.state) or _ending(event, self.folder):
            print_line(line)


class LiveReporter:
    """Redraws progress bars and a table of epochs in place."""

    def __init__(self, folder: RunFolder, console: Console | None = None) -> None:
        self.folder = folder
        self.state = RunState()
        self._console = console or Console(highlight=False)
        self._sentence = ""
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%", markup=False),
            TextColumn("{task.fields[note]}", markup=False),
            console=self._console,
        )
        self._phase = self._bars.add_task("reading photos", total=None, note="")
        self._run = self._bars.add_task("run", total=None, note="")
        self._live = Live(console=self._console, refresh_per_second=8, get_renderable=self._draw)
        self._phase_started = time.monotonic()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.remove_task(self._phase)
        self._bars.remove_task(self._run)
        self._live.stop()

    def report(self, event: Event) -> None:
        """Apply the event; the display refreshes itself."""
        self.state = state = self.state.apply(event)
        match event:
            case PhaseStarted(_, phase, steps):
                self._phase_started = time.monotonic()
                self._bars.update(self._phase, description=phase, total=steps, completed=0)
            case StepCompleted():
                self._stepped(state)
            case EpochCompleted():
                pass  # a row of the table
            case _:
                if line := lines.line(event, state) or _ending(event, self.folder):
                    self._say(line)

    def stopping(self, sentence: str) -> None:
        """Show the sentence with the next frame: printing takes locks, which may be held now."""
        self._sentence = sentence

    def _say(self, line: str) -> None:
        self._live.console.print(shown(line), markup=False, highlight=False)

    def _stepped(self, state: RunState) -> None:
        speed = f"{state.images_per_second:,.0f} photos/s"
        self._bars.update(self._phase, completed=state.step, note=speed)
        left = seconds_left(state, time.monotonic() - self._phase_started)
        done = state.epoch - 1 + state.step / max(state.steps, 1) * 0.99
        note = f"epoch {state.epoch} of {state.epochs}"
        if left is not None:
            note += f", {_duration(left)} left"
        self._bars.update(self._run, total=state.epochs, completed=done, note=note)

    def _draw(self) -> RenderableType:
        below = Group(self._bars, Text(self._sentence)) if self._sentence else self._bars
        if not self.state.history:
            return below
        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in ("epoch", "train loss", "train", "val loss", "val", "rate", "time", ""):
            table.add_column(name, justify="right")
        # More rows than the terminal has would scroll the bars away.
        for row in self.state.history[-max(3, self._console.height - 8) :]:
            best = "◆ best" if row.epoch == self.state.best_epoch else ""
            table.add_row(str(row.epoch), *lines.cells(row), best)
        return Group(table, Text(), below)


def _ending(event: Event, folder: RunFolder) -> str:
    """The line of an event that ends a run: what the person can do next."""
    where = f"`bear-tui show {folder.run}`" if folder.run.isprintable() else str(folder.path)
    match event:
        case RunCompleted():
            return f"done; {where} shows the results"
        case RunStopped(reason):
            return f"{safe(reason)}; `bear-tui resume {folder.run}` goes on"
        case RunFailed(error):
            return f"failed: {safe(error)}"
        case _:
            return ""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
