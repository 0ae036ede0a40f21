"""What a training session needs from the screen: sentences, questions, something to look at."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder

Severity: TypeAlias = Literal["information", "warning", "error"]


class TrainingView(Protocol):
    """The person at the screen, as a session reaches them. No method waits for an answer."""

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """Show a notice."""

    def keys(self, screen: str, key: str) -> str:
        """Return how to press a key of one of the five screens, such as `5, then n`."""

    def ask_to_train_beside(
        self, other: "RunFolder", can_wait: bool, answer: Callable[[str | None], None]
    ) -> None:
        """Ask whether to start while another process trains: "beside", "queue" or neither."""

    def ask_about_changed_photos(self, answer: Callable[[str | None], None]) -> None:
        """Ask how to resume a run whose photos have changed: "again", "accept" or neither."""

    def wait(
        self, title: str, detail: str, over: Callable[[], bool], then: Callable[[], object]
    ) -> None:
        """Keep the person waiting until `over()`, then call `then` once."""

    def show_train(self) -> None:
        """Show the Train screen."""

    def watch(self, folder: "RunFolder") -> None:
        """Show a run on the Train screen."""

    def reopen(self, folder: "RunFolder") -> None:
        """Read a run again: another process trains it now."""

    def next_begun(self, folder: "RunFolder") -> None:
        """The queue has begun its next run, unasked."""
