"""Actions on a run of the list: stop it, train it further, use its recipe again."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from bear_tui import paths
from bear_tui.errors import Failure
from bear_tui.recipe import PLANNED_SCHEDULERS
from bear_tui.run.changes import AS_STARTED
from bear_tui.run.control import ask
from bear_tui.run.folder import RunFolder
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.session.run_list import ListedRun


def possible(action: str, run: ListedRun | None) -> bool:
    """Check whether `action` makes sense for a run; True for actions about no run."""
    state = run.state if run is not None and not run.error else None
    going = state is not None and not state.ended
    match action:
        case "watch" | "stop":
            return going
        case "resume":
            return state is not None and state.ended and state.status != "completed"
        case "extend":
            return going or (state is not None and state.status == "completed")
        case "predict" | "export" | "copy":
            return state is not None
        case "open" | "mark" | "delete":
            return run is not None
    return True


class RunsActions:
    """Asks the person, then the run's trainer; or resumes the run here."""

    def __init__(self, screen: BearScreen, find: Callable[[RunFolder], ListedRun | None]) -> None:
        """`find` returns a run as last read: it may change while a question is open."""
        self._screen = screen
        self._find = find

    def stop(self, folder: RunFolder) -> None:
        """Ask the trainer, in whichever process, to save and end."""
        question = AskScreen(
            f"Stop {folder.run}?",
            {"": "Let it go on", "stop": "Stop and save"},
            "All progress is saved; u resumes exactly where it stopped.",
        )
        self._screen.app.push_screen(question, lambda answer: self._ask(folder, answer or ""))

    def extend(self, folder: RunFolder) -> None:
        """Train a running or completed run for more epochs."""
        choices = {str(more): f"{more} more epochs" for more in (5, 10, 25, 100)}
        question = AskScreen(f"Train {folder.run} further?", {"": "No", **choices})
        self._screen.app.push_screen(
            question, lambda answer: self._extend(folder, int(answer or 0))
        )

    def _extend(self, folder: RunFolder, more: int) -> None:
        run = self._find(folder)
        if run is None or not more:
            return
        if folder.being_trained():
            self._ask(folder, "epochs", run.epochs + more)
        elif run.scheduler == "none":
            self._screen.context.training.resume(folder, more, now=run.epochs)
        else:
            question = _at_which_rate(run)
            self._screen.app.push_screen(question, partial(self._resume, run, more))

    def _resume(self, run: ListedRun, more: int, answer: str | None) -> None:
        if answer:
            restart = answer == "restart"
            self._screen.context.training.resume(run.folder, more, now=run.epochs, restart=restart)

    def _ask(self, folder: RunFolder, request: str, value: float | None = None) -> None:
        if not request:
            return
        say = self._screen.context.say
        try:
            ask(folder.control_file, request, value)
        except Failure as failure:
            say(str(failure), "error")
        else:
            say(f"{folder.run}: request sent; {folder.trainer()} acts on it after its step.")

    def copy(self, run: ListedRun) -> None:
        """Start from the run's recipe; ask which photos to use if others are chosen."""
        folder, context = run.folder, self._screen.context
        try:
            recipe = folder.recipe()
        except (OSError, Failure) as failure:
            context.say(str(failure), "error")
            return
        chosen, own = context.photos.dataset.value, Path(recipe.data)
        if chosen is None or chosen.root == own:
            context.navigation.use_recipe(recipe)
            if run.state.changes:
                context.say(AS_STARTED, "information")
            return
        here, there = paths.short(chosen.root), paths.short(own)
        began = f" {AS_STARTED}" if run.state.changes else ""
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
                context.navigation.use_recipe(recipe, photos=answer == "photos")

        self._screen.app.push_screen(question, answered)


def _at_which_rate(run: ListedRun) -> AskScreen:
    rate = run.state.learning_rate
    reached = "" if rate is None else f", {rate:.3g}"
    if run.scheduler in PLANNED_SCHEDULERS:
        keep = f"Keep the rate it ended at{reached}"
    else:
        keep = f"Continue its {run.scheduler} schedule{reached}"
    return AskScreen(
        "At which learning rate?",
        {"keep": keep, "restart": "Restart the schedule, with the full rate", "": "Do not train"},
        f"Its {run.scheduler} schedule is over. A restart loses some accuracy at first and may "
        "end better; the low rate changes little.",
    )
