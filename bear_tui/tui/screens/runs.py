"""Screen 5: all runs, to open, resume, copy, compare and delete."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import DataTable, Static

from bear_tui import paths
from bear_tui.files import reason
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.compare import MOST_RUNS
from bear_tui.text import safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.render.run_rows import RUN_COLUMNS, run_rows, where_line
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.compare import CompareScreen
from bear_tui.tui.screens.export import ExportScreen
from bear_tui.tui.screens.ladder_start import LadderStart
from bear_tui.tui.screens.predict import PredictScreen
from bear_tui.tui.screens.queue import QueueScreen
from bear_tui.tui.screens.runs_actions import RunsActions, possible
from bear_tui.tui.screens.runs_trash import RunsTrash
from bear_tui.tui.session.run_list import ListedRun, read_runs
from bear_tui.tui.widgets.table import Table

_NOTHING = """No runs yet.

1  choose your photos, or the sample photos
2  choose a model and start; every training is kept here"""
_UNREADABLE = """

f5  reads it again; so does this screen, every two seconds"""


class RunsScreen(BearScreen):
    """Lists the runs of a folder, read again every two seconds."""

    TAB = "runs"
    CSS_PATH = "runs.tcss"
    BINDINGS: ClassVar = [
        Binding("w", "watch", "watch"),
        Binding("u", "resume", "resume"),
        Binding("s", "stop", "stop"),
        Binding("plus,equals_sign", "extend", "more epochs", key_display="+"),
        Binding("enter", "open", "open"),
        Binding("space", "mark", "mark"),
        Binding("v", "compare", "compare"),
        Binding("p", "predict", "predict"),
        Binding("e", "export", "export"),
        Binding("a", "ladder", "ladder", tooltip="all four of the ladder"),
        Binding("n", "queue", "queue"),
        Binding("c", "copy", "copy recipe"),
        Binding("delete", "delete", "delete", key_display="del"),
        Binding("D", "delete", "delete", show=False, key_display="D"),
        Binding("z", "undo", "undo", show=False, tooltip="bring back the run deleted last"),
        Binding("f5", "reload", "read again", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.actions = RunsActions(self, self._find)
        self.trash = RunsTrash(self, self.action_reload)
        self.ladder = LadderStart(self)
        self._listed: list[ListedRun] = []
        self._marked: list[RunFolder] = []
        """For comparing, in the order they were marked."""
        self._reading = False
        self._timer: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield Static("Reading the runs …", id="nothing", classes="empty", markup=False)
        yield Table(RUN_COLUMNS, id="runs")
        yield Static(id="where", markup=False)

    # Reading the folder of runs

    def on_mount(self) -> None:
        self.query_one("#runs").display = False
        self._timer = self.set_interval(2.0, self.action_reload, pause=True)

    def on_screen_resume(self) -> None:
        if not self.is_active:
            return
        if self._timer is not None:
            self._timer.resume()
        self.action_reload()

    def on_screen_suspend(self) -> None:
        """Read nothing while nobody sees the list."""
        if self._timer is not None:
            self._timer.pause()

    def action_reload(self) -> None:
        if not self._reading:  # one reader at a time: what is followed is read on, not anew
            self._reading = True
            read = partial(self._read, self.context.training.runs, tuple(self._listed))
            self.run_worker(read, thread=True, group="runs", exit_on_error=False)

    def _read(self, runs: Path, known: tuple[ListedRun, ...]) -> None:
        try:
            listed = read_runs(runs, known)
        except OSError as error:
            sentence = f"{paths.short(runs)}: {reason(error)}"
            self.app.call_from_thread(self._cannot_read, sentence)
        except Exception as error:  # all: a screen waits for its sentence
            self.app.call_from_thread(self._cannot_read, in_words(error))
        else:
            self.app.call_from_thread(self.show_runs, listed)
        finally:
            self._reading = False

    def _cannot_read(self, sentence: str) -> None:
        """Show an error in place of the runs, or below those that were read before."""
        error = Content.styled(f"! {safe(sentence)}", "$text-error")
        if self._listed:
            self.query_one("#where", Static).update(error)
        else:
            self.query_one("#nothing", Static).update(Content.assemble(error, _UNREADABLE))

    def show_runs(self, listed: list[ListedRun]) -> None:
        """List runs; below the table, name those that cannot be read."""
        self._listed = listed
        folders = {run.folder for run in listed}
        self._marked = [folder for folder in self._marked if folder in folders]
        table, nothing = self.query_one(Table), self.query_one("#nothing", Static)
        nothing.update(_NOTHING)
        nothing.display = not listed
        table.display = bool(listed)
        table.show_rows(run_rows(listed, self._marked))
        self._show_where()
        if listed and self.focused is None:
            table.focus()
        self.refresh_bindings()

    def _show_where(self) -> None:
        line = where_line(self._listed, self.context.training.runs, self._run)
        self.query_one("#where", Static).update(line)

    # The run under the cursor

    @property
    def _run(self) -> ListedRun | None:
        row = self.query_one(Table).row_under_cursor if self._listed else None
        return self._find(RunFolder(Path(row.key))) if row is not None else None

    def _find(self, folder: RunFolder) -> ListedRun | None:
        return next((run for run in self._listed if run.folder == folder), None)

    def path_here(self) -> Path | None:
        """Return the folder of the run under the cursor."""
        run = self._run
        return run.folder.path if run is not None else None

    def on_data_table_row_highlighted(self, _event: DataTable.RowHighlighted) -> None:
        """Offer the keys of the run under the cursor, and say why it cannot be read."""
        self._show_where()
        self.refresh_bindings()

    def on_data_table_row_selected(self, _event: DataTable.RowSelected) -> None:
        self.action_open()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer what can be done with the run under the cursor."""
        return len(self._marked) > 1 if action == "compare" else possible(action, self._run)

    def action_open(self) -> None:
        """Show the run's results, or how it trains."""
        if (run := self._run) is not None:
            self.context.navigation.open_run(run.folder)

    def action_watch(self) -> None:
        if (run := self._run) is not None:
            self.context.navigation.watch_run(run.folder)

    def action_resume(self) -> None:
        if (run := self._run) is not None:
            self.context.training.resume(run.folder)

    def action_stop(self) -> None:
        if (run := self._run) is not None:
            self.actions.stop(run.folder)

    def action_extend(self) -> None:
        if (run := self._run) is not None:
            self.actions.extend(run.folder)

    def action_copy(self) -> None:
        if (run := self._run) is not None:
            self.actions.copy(run)

    def action_predict(self) -> None:
        if (run := self._run) is not None:
            self.app.push_screen(PredictScreen(run.folder))

    def action_export(self) -> None:
        if (run := self._run) is not None:
            self.app.push_screen(ExportScreen(run.folder))

    def action_delete(self) -> None:
        if (run := self._run) is not None:
            self.trash.ask(run.folder)

    def action_mark(self) -> None:
        """Mark or unmark the run for comparing, and go to the next."""
        run = self._run
        if run is None:
            return
        if run.folder in self._marked:
            self._marked.remove(run.folder)
        elif len(self._marked) < MOST_RUNS:
            self._marked.append(run.folder)
        table = self.query_one(Table)
        table.show_rows(run_rows(self._listed, self._marked))
        table.action_cursor_down()
        self.refresh_bindings()

    # All runs

    def action_compare(self) -> None:
        self.app.push_screen(CompareScreen(self._marked))

    def action_queue(self) -> None:
        self.app.push_screen(QueueScreen())

    def action_ladder(self) -> None:
        self.ladder.ask()

    def action_undo(self) -> None:
        self.trash.undo()
