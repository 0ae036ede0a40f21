"""Going on with a run of the list, and asking the process that trains it."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding
from textual.widgets import DataTable

from bear_tui.errors import Failure
from bear_tui.recipe import PLANNED_SCHEDULERS
from bear_tui.run.control import ask
from bear_tui.run.folder import RunFolder
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.session.run_list import ListedRun
from bear_tui.tui.widgets.table import Table


class SteeringScreen(BearScreen):
    """A screen with a table of runs: watch, resume, stop, extend the one under the cursor."""

    BINDINGS: ClassVar = [
        Binding("w", "watch", "watch"),
        Binding("u", "resume", "resume"),
        Binding("s", "stop", "stop"),
        Binding("plus,equals_sign", "extend", "more epochs", key_display="+"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._listed: list[ListedRun] = []

    def can_steer(self, action: str) -> bool:
        """Whether the run under the cursor is one for `action`; true of all other actions."""
        folder = self._under_cursor() if self._listed else None
        state = next(
            (one.state for one in self._listed if one.folder == folder and not one.error), None
        )
        going = state is not None and not state.ended
        match action:
            case "watch" | "stop":
                return going
            case "resume":
                return state is not None and state.ended and state.status != "completed"
            case "extend":
                return going or (state is not None and state.status == "completed")
        return True

    def _under_cursor(self) -> RunFolder | None:
        row = self.query_one(Table).row_under_cursor
        return RunFolder(Path(row.key)) if row is not None else None

    def path_here(self) -> Path | None:
        """The run's folder."""
        folder = self._under_cursor()
        return folder.path if folder is not None else None

    def on_data_table_row_highlighted(self, _event: DataTable.RowHighlighted) -> None:
        """Another run, other keys."""
        self.refresh_bindings()

    def action_watch(self) -> None:
        """See it go on, on the Train screen."""
        folder = self._under_cursor()
        if folder is not None:
            self.context.watch_run(folder)

    def action_resume(self) -> None:
        """Go on with it in this app, exactly where it stopped."""
        folder = self._under_cursor()
        if folder is not None:
            self.context.resume_run(folder)

    def action_stop(self) -> None:
        """Ask its trainer, whichever process that is, to save and end."""
        folder = self._under_cursor()
        if folder is None:
            return
        question = AskScreen(
            f"Stop {folder.run}?",
            {"": "Let it go on", "stop": "Stop and save"},
            "What is learned is kept; u goes on exactly where it stopped.",
        )
        self.app.push_screen(question, lambda answer: self._ask(folder, answer or ""))

    def action_extend(self) -> None:
        """More epochs, of a run that goes on or is done."""
        folder = self._under_cursor()
        if folder is None:
            return
        choices = {str(more): f"{more} more epochs" for more in (5, 10, 25, 100)}
        question = AskScreen(f"Train {folder.run} further?", {"": "No", **choices})
        self.app.push_screen(question, lambda answer: self._extend(folder, int(answer or 0)))

    def _extend(self, folder: RunFolder, more: int) -> None:
        run = next((one for one in self._listed if one.folder == folder), None)
        if run is None or not more:
            return
        if folder.being_trained():
            self._ask(folder, "epochs", run.epochs + more)
        elif run.scheduler == "none":
            self.context.resume_run(folder, more, now=run.epochs)
        else:
            self.app.push_screen(_at_which_rate(run), partial(self._go_on, run, more))

    def _go_on(self, run: ListedRun, more: int, answer: str | None) -> None:
        if answer:
            restart = answer == "restart"
            self.context.resume_run(run.folder, more, now=run.epochs, restart=restart)

    def _ask(self, folder: RunFolder, request: str, value: float | None = None) -> None:
        if not request:
            return
        try:
            ask(folder.control_file, request, value)
        except Failure as failure:
            self.context.say(str(failure), "error")
        else:
            self.context.say(f"{folder.run}: asked, {folder.trainer()} does it after its step.")


def _at_which_rate(run: ListedRun) -> AskScreen:
    rate = run.state.learning_rate
    reached = "" if rate is None else f", {rate:.3g}"
    if run.scheduler in PLANNED_SCHEDULERS:
        keep = f"Keep the rate it ended at{reached}"
    else:
        keep = f"Go on with its {run.scheduler} schedule{reached}"
    return AskScreen(
        "At which learning rate?",
        {"keep": keep, "restart": "Restart the schedule, with the full rate", "": "Do not train"},
        f"Its {run.scheduler} schedule is over. A restart first unlearns a little, and may end "
        "better; the low rate changes little.",
    )
