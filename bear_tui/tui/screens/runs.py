"""Screen 5: every run as it stands now, to open, go on with, copy, throw away."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import DataTable, Static

from bear_tui import paths
from bear_tui.errors import Failure
from bear_tui.files import reason
from bear_tui.run.changes import AS_STARTED
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.compare import MOST_RUNS
from bear_tui.run.trash import move_to_trash, put_back
from bear_tui.text import counted, first_few, safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.render.run_rows import CHANGED, RUN_COLUMNS, run_rows
from bear_tui.tui.screens.compare import CompareScreen
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.screens.export import ExportScreen
from bear_tui.tui.screens.predict import PredictScreen
from bear_tui.tui.screens.queue import QueueScreen
from bear_tui.tui.screens.runs_actions import SteeringScreen
from bear_tui.tui.session.ladder import ladder, pretrained
from bear_tui.tui.session.run_list import ListedRun, read_runs
from bear_tui.tui.widgets.table import Table

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset

_NOTHING = """No runs yet.

1  choose your photos, or the sample photos
2  choose a model and start; every training is kept here"""
_UNREADABLE = """

f5  reads it again; so does this screen, every two seconds"""


class RunsScreen(SteeringScreen):
    """Finding a run again."""

    TAB = "runs"
    CSS_PATH = "runs.tcss"
    BINDINGS: ClassVar = [
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
        self._marked: list[RunFolder] = []
        """For comparing, in the order they were marked."""
        self._deleted: list[tuple[Path, RunFolder]] = []
        """Where each lies now and where it was, the last one last."""
        self._reading = False
        self._timer: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        """The table, and where it all lies."""
        yield Static("Reading the runs …", id="nothing", classes="empty", markup=False)
        yield Table(RUN_COLUMNS, id="runs")
        yield Static(id="where", markup=False)

    def on_mount(self) -> None:
        """Nothing is listed before it is read."""
        self.query_one("#runs").display = False
        self._timer = self.set_interval(2.0, self.action_reload, pause=True)

    def on_screen_resume(self) -> None:
        """Runs may have come or gone."""
        if not self.is_active:
            return
        if self._timer is not None:
            self._timer.resume()
        self.action_reload()

    def on_screen_suspend(self) -> None:
        """Nothing is read that nobody sees."""
        if self._timer is not None:
            self._timer.pause()

    def action_reload(self) -> None:
        """Read the folder of runs again."""
        if not self._reading:  # one reader at a time: what is followed is read on, not anew
            self._reading = True
            self._read(self.context.runs, tuple(self._listed))

    @work(thread=True, group="runs", exit_on_error=False)
    def _read(self, runs: Path, known: tuple[ListedRun, ...]) -> None:
        try:
            listed = read_runs(runs, known)
        except OSError as error:
            sentence = f"{paths.short(runs)}: {reason(error)}"
            self.app.call_from_thread(self._cannot_read, sentence)
        except Exception as error:  # as in_words says
            self.app.call_from_thread(self._cannot_read, in_words(error))
        else:
            self.app.call_from_thread(self.show_runs, listed)
        finally:
            self._reading = False

    def _cannot_read(self, sentence: str) -> None:
        """A sentence where the runs would be; under those that were read before."""
        said = Content.styled(f"! {safe(sentence)}", "$text-error")
        if self._listed:
            self.query_one("#where", Static).update(said)
        else:
            self.query_one("#nothing", Static).update(Content.assemble(said, _UNREADABLE))

    def show_runs(self, listed: list[ListedRun]) -> None:
        """List these runs; below them, which cannot be read."""
        self._listed = listed
        there = {one.folder for one in listed}
        self._marked = [folder for folder in self._marked if folder in there]
        table, nothing = self.query_one(Table), self.query_one("#nothing", Static)
        nothing.update(_NOTHING)
        nothing.display = not listed
        table.display = bool(listed)
        table.show_rows(run_rows(listed, self._marked))
        self._say_where()
        if listed and self.focused is None:
            table.focus()
        self.refresh_bindings()

    def _say_where(self) -> None:
        """Under the table: where the runs lie, or why the one under the cursor cannot be read."""
        count = counted(len(self._listed), "run")
        where = f"{count} in {safe(paths.short(self.context.runs), 200)}"
        if any(one.state.changes for one in self._listed):
            where += f" · {CHANGED} rate or epochs changed on the way"
        unreadable = {one.folder: one.error for one in self._listed if one.error}
        folder = self._under_cursor()
        if folder is not None and folder in unreadable:
            why = unreadable[folder].replace(str(folder.path), paths.short(folder.path))
            where, broken = "", f"! cannot be read: {safe(why)}"
        elif unreadable:
            names = first_few([safe(one.run, 40) for one in unreadable], 2)
            broken = f" · ! cannot be read: {names}"
        else:
            broken = ""
        self.query_one("#where", Static).update(Content.assemble(where, (broken, "$text-warning")))

    def on_data_table_row_highlighted(self, _event: DataTable.RowHighlighted) -> None:
        """Another run may be one that cannot be read."""
        self._say_where()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """What cannot be done with the run under the cursor is not in the footer."""
        if action == "compare":
            return len(self._marked) > 1
        if action in ("open", "mark", "delete"):
            return bool(self._listed)
        if action in ("predict", "export", "copy"):
            here = self._under_cursor() if self._listed else None
            return any(one.folder == here and not one.error for one in self._listed)
        return self.can_steer(action)

    def on_data_table_row_selected(self, _event: DataTable.RowSelected) -> None:
        """A click on the row under the cursor opens it."""
        self.action_open()

    def action_open(self) -> None:
        """Show the run: its results, or how it goes."""
        folder = self._under_cursor()
        if folder is not None:
            self.context.open_run(folder)

    def action_mark(self) -> None:
        """Mark the run for comparing, or no longer; go to the next."""
        folder = self._under_cursor()
        if folder is None:
            return
        if folder in self._marked:
            self._marked.remove(folder)
        elif len(self._marked) < MOST_RUNS:
            self._marked.append(folder)
        table = self.query_one(Table)
        table.show_rows(run_rows(self._listed, self._marked))
        table.action_cursor_down()
        self.refresh_bindings()

    def action_compare(self) -> None:
        """The marked runs beside each other."""
        self.app.push_screen(CompareScreen(self._marked))

    def action_predict(self) -> None:
        """Ask the run under the cursor about photos."""
        folder = self._under_cursor()
        if folder is not None:
            self.app.push_screen(PredictScreen(folder))

    def action_export(self) -> None:
        """The run under the cursor as a file."""
        folder = self._under_cursor()
        if folder is not None:
            self.app.push_screen(ExportScreen(folder))

    def action_queue(self) -> None:
        """What waits to be trained."""
        self.app.push_screen(QueueScreen())

    def action_ladder(self) -> None:
        """Queue the course's four models on these photos, after asking."""
        dataset = self.context.dataset
        if dataset is None:
            self.context.say("Choose photos first (1): the ladder is climbed on them.", "warning")
            return
        model, weights = pretrained(self.context.recipe)
        question = AskScreen(
            f"Climb the ladder on {dataset.root.name}?",
            {"": "Not now", "climb": "Train the four, one after the other"},
            "A perceptron and a VGG16 from scratch at 32 px, then a pretrained "
            f"{model} with its head alone, then with more of it unfrozen. Mark the four here "
            "afterwards (space) and compare them (v).",
        )

        def answered(answer: str | None) -> None:
            if answer == "climb":
                self._climb(dataset, model, weights)

        self.app.push_screen(question, answered)

    @work(thread=True, group="ladder", exclusive=True, exit_on_error=False)
    def _climb(self, dataset: "Dataset", model: str, weights: str) -> None:
        try:
            recipes = ladder(dataset, model, weights)
        except Exception as error:  # as in_words says
            self.app.call_from_thread(self.context.say, in_words(error), "error")
            return
        for recipe in recipes:
            self.app.call_from_thread(self.context.train_later, recipe)
        self.app.call_from_thread(self.context.refresh_status)

    def action_copy(self) -> None:
        """Begin a new run from this one's recipe."""
        folder = self._under_cursor()
        if folder is None:
            return
        try:
            recipe = folder.recipe()
        except (OSError, Failure) as failure:
            self.context.say(str(failure), "error")
            return
        changed = any(one.folder == folder and one.state.changes for one in self._listed)
        began = f" {AS_STARTED}" if changed else ""
        chosen, own = self.context.dataset, Path(recipe.data)
        if chosen is None or chosen.root == own:
            self.context.use_recipe(recipe)
            if began:
                self.context.say(AS_STARTED, "information")
            return
        here, there = paths.short(chosen.root), paths.short(own)
        question = AskScreen(
            f"Use the settings of {folder.run}?",
            {
                "": "Keep settings and photos as they are",
                "settings": f"Its settings, on {chosen.root.name or here}",
                "photos": f"Its settings, on its own photos, {own.name or there}",
            },
            f"The photos chosen now are in {here}, those of the run in {there}.{began}",
        )

        def answered(answer: str | None) -> None:
            if answer:
                self.context.use_recipe(recipe, photos=answer == "photos")

        self.app.push_screen(question, answered)

    def action_delete(self) -> None:
        """Move the run to the trash, after asking."""
        folder = self._under_cursor()
        if folder is None:
            return
        trash = paths.short(self.context.runs / ".trash")
        question = AskScreen(
            f"Delete {folder.run}?",
            {"": "Keep it", "delete": "Move it to the trash"},
            f"z brings it back as long as bear-tui is open. It is kept in {trash} "
            "until you delete it there.",
        )

        def answered(answer: str | None) -> None:
            if answer == "delete":
                self._delete(folder)

        self.app.push_screen(question, answered)

    def _delete(self, folder: RunFolder) -> None:
        try:
            target = move_to_trash(folder, time.time())
        except Failure as failure:
            self.context.say(str(failure), "error")
            return
        self._deleted.append((target, folder))
        if self.context.run_folder == folder:
            self.context.run_folder = None
        self.context.say(f"{folder.run} is in the trash: z here brings it back.", "information")
        self.action_reload()

    def action_undo(self) -> None:
        """Bring back the run that was deleted last."""
        if not self._deleted:
            self.context.say("No run was deleted since bear-tui was opened.", "information")
            return
        lies, folder = self._deleted[-1]
        try:
            put_back(lies, folder)
        except Failure as failure:
            self.context.say(str(failure), "error")
            return
        self._deleted.pop()
        self.context.say(f"{folder.run} is back.", "information")
        self.action_reload()
