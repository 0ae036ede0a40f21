"""Moving runs to the trash, and restoring them while the app is open."""

import time
from collections.abc import Callable
from pathlib import Path

from bear_tui import paths
from bear_tui.errors import Failure
from bear_tui.run.folder import RunFolder
from bear_tui.run.trash import move_to_trash, put_back
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.dialogs import AskScreen


class RunsTrash:
    """Remembers the runs deleted since the app was opened."""

    def __init__(self, screen: BearScreen, changed: Callable[[], object]) -> None:
        """`changed` is called when a run was moved."""
        self._screen = screen
        self._changed = changed
        self._deleted: list[tuple[Path, RunFolder]] = []
        """Where each lies now and where it was, the last one last."""

    def ask(self, folder: RunFolder) -> None:
        """Move a run to the trash, after asking."""
        trash = paths.short(self._screen.context.training.runs / ".trash")
        question = AskScreen(
            f"Delete {folder.run}?",
            {"": "Keep it", "delete": "Move it to the trash"},
            f"z brings it back as long as bear-tui is open. It is kept in {trash} "
            "until you delete it there.",
        )

        def answered(answer: str | None) -> None:
            if answer == "delete":
                self._delete(folder)

        self._screen.app.push_screen(question, answered)

    def _delete(self, folder: RunFolder) -> None:
        context = self._screen.context
        try:
            target = move_to_trash(folder, time.time())
        except Failure as failure:
            context.say(str(failure), "error")
            return
        self._deleted.append((target, folder))
        if context.shown_run.value == folder:
            context.shown_run.set(None)
        context.say(f"{folder.run} is in the trash: z here brings it back.", "information")
        self._changed()

    def undo(self) -> None:
        """Restore the run that was deleted last."""
        context = self._screen.context
        if not self._deleted:
            context.say("No run was deleted since bear-tui was opened.", "information")
            return
        trashed, folder = self._deleted[-1]
        try:
            put_back(trashed, folder)
        except Failure as failure:
            context.say(str(failure), "error")
            return
        self._deleted.pop()
        context.say(f"{folder.run} is back.", "information")
        self._changed()
