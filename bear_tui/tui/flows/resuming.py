"""What the training session says, asks and shows on the screen."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App

from bear_tui.tui.context import context_of
from bear_tui.tui.screens.dialogs import AskScreen, SavingScreen
from bear_tui.tui.session.view import Severity
from bear_tui.tui.toolkit.key_hints import way

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder


class TrainingDialogs:
    """The session's view: notices, questions over the screen that is shown, the Train screen."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._context = context_of(app)

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """Show a notice."""
        self._context.say(sentence, severity)

    def keys(self, screen: str, key: str) -> str:
        """Return how to press a key of one of the five screens."""
        return way(self._app, screen, key)

    def ask_to_train_beside(
        self, other: "RunFolder", can_wait: bool, answer: Callable[[str | None], None]
    ) -> None:
        """Ask whether to start while another process trains."""
        wait = {"queue": "Put this one in the queue: it begins by itself afterwards"}
        answers = {
            "": "Start nothing",
            **(wait if can_wait else {}),
            "beside": "Start beside it: both take longer and share the memory",
        }
        question = f"{other.run} is being trained on this machine"
        self._app.push_screen(AskScreen(question, answers, f"By {other.trainer()}."), answer)

    def ask_about_changed_photos(self, answer: Callable[[str | None], None]) -> None:
        """Ask how to resume a run whose photos have changed."""
        question = AskScreen(
            "The photos have changed since this run was started",
            {
                "": "Go back",
                "again": "Look again: they are as they were",
                "accept": "Go on with them as they are now",
            },
            "What it has learned came from the photos as they were. A new run from screen 2 "
            "learns from these.",
        )
        self._app.push_screen(question, answer)

    def wait(
        self, title: str, detail: str, over: Callable[[], bool], then: Callable[[], object]
    ) -> None:
        """Lie over the screen until `over()`."""
        self._app.push_screen(SavingScreen(title, detail, over, then))

    def show_train(self) -> None:
        """Go to the Train screen."""
        self._app.switch_mode("train")

    def watch(self, folder: "RunFolder") -> None:
        """Go to the Train screen of a run."""
        self._context.navigation.watch_run(folder)

    def reopen(self, folder: "RunFolder") -> None:
        """Read the run again on Train and Results."""
        self._context.shown_run.tell(folder)

    def next_begun(self, folder: "RunFolder") -> None:
        """Show the run, unless the person reads results."""
        from bear_tui.tui.screens.train import TrainScreen

        if isinstance(self._app.screen, TrainScreen):
            self._app.screen.tick()  # the end of the run before may not be drawn: Results open then
        if self._app.current_mode != "results":
            self._context.shown_run.set(folder)
