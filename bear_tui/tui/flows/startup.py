"""What the app opens when it starts, and what it offers: a run that goes on, or was interrupted."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from bear_tui.errors import Failure
from bear_tui.text import safe
from bear_tui.tui.context import context_of
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.dialogs import AskScreen

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder


def open_first(app: App[int], data: Path | None, sample: bool, run: "RunFolder | None") -> None:
    """Open what the command line names; where it names nothing, offer unfinished runs."""
    context = context_of(app)
    if sample:
        from bear_tui.tui.screens.sample import SampleScreen

        app.push_screen(SampleScreen())
    elif data is not None and isinstance(app.screen, DatasetScreen):
        app.screen.open_folder(data, use=True)
    elif run is not None:
        navigation = context.navigation
        navigation.watch_run(run) if run.being_trained() else navigation.open_run(run)
    else:
        app.run_worker(
            lambda: _look_for_unfinished(app),
            thread=True,
            group="offer",
            exclusive=True,
            exit_on_error=False,
        )


def _look_for_unfinished(app: App[int]) -> None:
    """Offer a run that goes on or was interrupted, else the queue; in a thread."""
    from bear_tui.run.unfinished import unfinished  # the first frame is out

    context = context_of(app)
    with contextlib.suppress(OSError, Failure):
        for folder, status in unfinished(context.training.runs):
            if status == "running" or folder.run not in context.settings.now.declined:
                app.call_from_thread(offer, app, folder, status)
                return
    if context.training.queue.resting:
        app.call_from_thread(offer_queue, app)


def offer(app: App[int], folder: "RunFolder", status: str) -> None:
    """Ask what to do with a run, and remember a no; show only a notice to a person at work."""
    context = context_of(app)
    training, settings = context.training, context.settings
    if training.local_run is not None and training.local_run.folder == folder:
        return  # begun here, while the runs were looked through

    def answered(answer: str | None) -> None:
        if answer == "watch":
            context.navigation.watch_run(folder)
        elif answer == "resume":
            training.resume(folder)
        elif status == "interrupted":
            declined = (folder.run, *settings.now.declined)
            settings.change(replace(settings.now, declined=declined))

    if isinstance(app.screen, DatasetScreen):
        app.push_screen(_question(folder, status), answered)
    else:  # no question under the fingers of a person at work
        context.say(f"{folder.run} is {status}: screen 5 has it.")


def offer_queue(app: App[int]) -> None:
    """Ask whether the queue of an earlier start may begin now."""
    queue = context_of(app).training.queue

    def answered(answer: str | None) -> None:
        queue.resting = answer != "begin"

    waiting = queue.waiting
    if isinstance(app.screen, DatasetScreen) and waiting:
        names = ", ".join(safe(recipe.name or recipe.model, 30) for recipe in waiting[:4])
        question = AskScreen(
            f"{len(waiting)} trainings wait" if len(waiting) > 1 else "A training waits",
            {"": "Not now", "begin": "Begin, one after the other"},
            f"{names}. The queue shows and changes them: n on screen 5.",
        )
        app.push_screen(question, answered)


def _question(folder: "RunFolder", status: str) -> AskScreen:
    if status == "running":
        question = f"{folder.run} is being trained"
        return AskScreen(question, {"": "Not now", "watch": "Watch it"}, f"by {folder.trainer()}.")
    return AskScreen(
        f"{folder.run} was interrupted",
        {"": "Not now", "resume": "Go on with it here", "watch": "See how far it got"},
        "Its process is gone; nothing that was saved is lost. It is on screen 5 too.",
    )
