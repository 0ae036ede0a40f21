"""Requests to the training on screen, in this process or another."""

from collections.abc import Callable
from functools import partial

from bear_tui.errors import Failure
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.session.local_run import LocalRun
from bear_tui.tui.session.overrides import Overrides
from bear_tui.tui.session.remote_run import RemoteRun


def possible(action: str, source: LocalRun | RemoteRun | None) -> bool:
    """Check whether `action` makes sense for a training now; True for all other actions."""
    going = source is not None and source.alive and not source.snapshot.ended
    paused = source is not None and source.paused
    match action:
        case "pause" | "go_on":
            return going and paused is (action == "go_on")
        case "stop" | "epochs" | "rate":
            return going
        case "test":  # the best weights are on disk with the first checkpoint
            return going and source is not None and source.snapshot.state.checkpoint is not None
        case "resume":
            status = source is not None and source.snapshot.state.status
            return not going and status in ("stopped", "failed", "interrupted")
        case "detach":
            return isinstance(source, LocalRun) and going
        case "results":
            return source is not None and source.snapshot.state.test is not None
        case "smooth" | "log" | "events":  # nothing is drawn of a run that did not begin
            return source is not None and source.snapshot.state.status != "waiting"
    return True


class TrainActions:
    """Pauses, stops, tests and detaches a training; changes its epochs and learning rate."""

    def __init__(self, screen: BearScreen, changed: Callable[[], object]) -> None:
        """`changed` is called after each request, to draw its effect."""
        self._screen = screen
        self._changed = changed
        self._source: LocalRun | RemoteRun | None = None
        self._overrides: Overrides | None = None

    def open(self, source: LocalRun | RemoteRun | None) -> None:
        """Send requests to this training from now on."""
        self._source = source
        self._overrides = Overrides(source) if source is not None else None

    def pause(self) -> None:
        if self._source is not None:
            self._ask(self._source.pause)

    def go_on(self) -> None:
        if self._source is not None:
            self._ask(self._source.resume)

    def epochs(self, more: int) -> None:
        """Add epochs, or take some away."""
        if self._overrides is not None:
            self._ask(partial(self._overrides.epochs, more))

    def rate(self, factor: float) -> None:
        """Multiply the learning rate by a factor."""
        if self._overrides is not None:
            self._ask(partial(self._overrides.learning_rate, factor))

    def _ask(self, request: Callable[[], str | None]) -> None:
        """Send a request to the trainer, and say what will happen."""
        try:
            sentence = request()
        except (OSError, Failure) as failure:
            self._screen.context.say(str(failure), "error")
        else:
            if sentence:
                self._screen.context.say(sentence, "information")
        self._changed()

    def test(self) -> None:
        """Test the best weights so far, after asking: each early test counts."""
        source = self._source
        if source is None:
            return
        question = AskScreen(
            "Test on the test photos now?",
            {"": "Not yet", "test": "Test the best weights so far"},
            "Each early test is recorded. Decisions based on it make the final score optimistic.",
        )

        def answered(answer: str | None) -> None:
            if answer == "test":
                self._ask(source.early_test)

        self._screen.app.push_screen(question, answered)

    def resume(self) -> None:
        """Resume the run in this process, exactly where it stopped."""
        if self._source is not None:
            self._screen.context.training.resume(self._source.folder)

    def stop(self) -> None:
        """Stop and save the training, after asking."""
        question = AskScreen(
            "Stop this training?",
            {"": "Go on training", "stop": "Stop and save"},
            "All progress is saved; u resumes exactly where it stopped.",
        )

        def answered(answer: str | None) -> None:
            if answer == "stop" and self._source is not None:
                self._ask(partial(self._source.stop, "stopped on the Train screen"))

        self._screen.app.push_screen(question, answered)
