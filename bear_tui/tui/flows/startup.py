"""What the app offers when it starts: a run that goes on, or broke off."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bear_tui.text import safe
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.dialogs import AskScreen

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder
    from bear_tui.tui.app import BearApp


def offer(app: "BearApp", folder: "RunFolder", status: str) -> None:
    """Ask, or only say so where the person is at work already. What is declined is remembered."""
    if app.feed is not None and app.feed.folder == folder:
        return  # begun here, while the runs were looked through

    def answered(answer: str | None) -> None:
        if answer == "watch":
            app.watch_run(folder)
        elif answer == "resume":
            app.resume_run(folder)
        elif status == "interrupted":
            declined = (folder.run, *app.settings.declined)
            app.remember(replace(app.settings, declined=declined))

    if isinstance(app.screen, DatasetScreen):
        app.push_screen(_question(folder, status), answered)
    else:  # no question under the fingers of a person at work
        app.say(f"{folder.run} is {status}: screen 5 has it.")


def offer_queue(app: "BearApp") -> None:
    """Ask whether what waits from before may begin now."""

    def answered(answer: str | None) -> None:
        app.queue.resting = answer != "begin"

    waiting = app.queue.waiting
    if isinstance(app.screen, DatasetScreen) and waiting:
        names = ", ".join(safe(one.name or one.model, 30) for one in waiting[:4])
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
