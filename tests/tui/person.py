"""A person without a screen, for sessions that are tested without an app."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bear_tui.run.folder import RunFolder
from bear_tui.tui.session.view import Severity


@dataclass
class Person:
    """Notes what a session says and shows, and answers what it asks."""

    answer: str = ""
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    shown: list[RunFolder] = field(default_factory=list)
    waits: list[tuple[Callable[[], bool], Callable[[], object]]] = field(default_factory=list)

    def say(self, sentence: str, severity: Severity = "information") -> None:
        self.said.append(f"{severity}: {sentence}")

    def keys(self, screen: str, key: str) -> str:
        return f"{screen} {key}"

    def ask_to_train_beside(
        self, other: RunFolder, can_wait: bool, answer: Callable[[str | None], None]
    ) -> None:
        self.asked.append(f"beside {other.run}{' or later' if can_wait else ''}")
        answer(self.answer)

    def ask_about_changed_photos(self, answer: Callable[[str | None], None]) -> None:
        self.asked.append("changed photos")
        answer(self.answer)

    def wait(
        self,
        title: str,  # noqa: ARG002 - the view's signature
        detail: str,  # noqa: ARG002
        over: Callable[[], bool],
        then: Callable[[], object],
    ) -> None:
        self.waits.append((over, then))

    def wait_no_more(self) -> bool:
        """Go on after a wait that is over; return False where it is not."""
        over, then = self.waits[-1]
        if over():
            self.waits.pop()
            then()
            return True
        return False

    def show_train(self) -> None:
        self.said.append("shown: Train")

    def watch(self, folder: RunFolder) -> None:
        self.shown.append(folder)

    def reopen(self, folder: RunFolder) -> None:
        self.shown.append(folder)

    def next_begun(self, folder: RunFolder) -> None:
        self.shown.append(folder)
