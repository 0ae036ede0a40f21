"""Asking something of the training that a screen shows, here or in another process."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.binding import Binding

from bear_tui.errors import Failure
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.session.local_run import LocalRun
from bear_tui.tui.session.overrides import Asking
from bear_tui.tui.session.remote_run import RemoteRun


class ConductingScreen(BearScreen):
    """Pause it, stop it, hand it over; other epochs and another learning rate for it."""

    BINDINGS: ClassVar = [
        Binding("space", "pause", "pause"),
        Binding("space", "go_on", "go on"),
        Binding("s", "stop", "stop and save"),
        Binding("u", "resume", "resume"),
        Binding("t", "test", "test now"),
        Binding("d", "detach", "detach"),
        Binding("plus,equals_sign", "epochs(1)", "one epoch more", show=False),
        Binding("minus", "epochs(-1)", "one epoch fewer", show=False),
        Binding("left_square_bracket", "rate(0.5)", "half the learning rate", show=False),
        Binding("right_square_bracket", "rate(2.0)", "twice the learning rate", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._source: LocalRun | RemoteRun | None = None
        self._asking: Asking | None = None

    def can_conduct(self, action: str) -> bool:
        """Whether `action` means anything to the training now; true of all other actions."""
        source = self._source
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
                begun = source is not None and source.snapshot.state.status
                return not going and begun in ("stopped", "failed", "interrupted")
            case "detach":
                return isinstance(source, LocalRun) and going
        return True

    def action_pause(self) -> None:
        """Let it wait after its step."""
        if self._source is not None:
            self._ask(self._source.pause)

    def action_go_on(self) -> None:
        """Let it go on."""
        if self._source is not None:
            self._ask(self._source.resume)

    def action_epochs(self, more: int) -> None:
        """More epochs, or fewer."""
        if self._asking is not None:
            self._ask(partial(self._asking.epochs, more))

    def action_rate(self, factor: float) -> None:
        """A higher learning rate, or a lower one."""
        if self._asking is not None:
            self._ask(partial(self._asking.learning_rate, factor))

    def _ask(self, wish: Callable[[], str | None]) -> None:
        """Pass a wish on to the trainer, here or elsewhere, and say what will be."""
        try:
            sentence = wish()
        except (OSError, Failure) as failure:
            self.context.say(str(failure), "error")
        else:
            if sentence:
                self.context.say(sentence, "information")

    def action_test(self) -> None:
        """How the best weights so far do on the test photos, after asking: a look is used up."""
        source = self._source
        if source is None:
            return
        question = AskScreen(
            "Look at the test photos now?",
            {"": "Not yet", "test": "Test the best weights so far"},
            "Every look is counted and told with the result: whatever is chosen by what it shows "
            "makes the last test flatter the model.",
        )

        def answered(answer: str | None) -> None:
            if answer == "test":
                self._ask(source.early_test)

        self.app.push_screen(question, answered)

    def action_resume(self) -> None:
        """Go on with it in this app, exactly where it stopped."""
        if self._source is not None:
            self.context.resume_run(self._source.folder)

    def action_detach(self) -> None:
        """Let a background process go on with it, and watch that one."""
        self.context.hand_over()

    def action_stop(self) -> None:
        """Stop and save, after asking."""
        question = AskScreen(
            "Stop this training?",
            {"": "Go on training", "stop": "Stop and save"},
            "What is learned is kept; u goes on exactly where it stopped.",
        )
        self.app.push_screen(question, self._stop)

    def _stop(self, answer: str | None) -> None:
        if answer == "stop" and self._source is not None:
            self._ask(partial(self._source.stop, "stopped on the Train screen"))
