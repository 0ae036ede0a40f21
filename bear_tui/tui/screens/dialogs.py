"""Questions over a screen: before the app ends while something goes on, and any others."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from bear_tui.text import safe
from bear_tui.tui.toolkit.modal import Sheet
from bear_tui.tui.widgets.choices import Choices


class AskScreen(Sheet[str]):
    """A question with answers. Returns the id of the chosen answer, "" for none."""

    BINDINGS = [("escape,q", "dismiss('')", "stay")]

    def __init__(self, question: str, answers: dict[str, str], detail: str = "") -> None:
        super().__init__()
        self._question = question
        self._answers = answers
        self._detail = detail

    def compose(self) -> ComposeResult:
        """Put the answer that changes nothing first."""
        with Vertical(classes="dialog"):
            yield Static(safe(self._question), classes="title", markup=False)
            if self._detail:
                yield Static(safe(self._detail), classes="hint", markup=False)
            yield Choices(
                *(Option(safe(text), id=answer) for answer, text in self._answers.items()),
                markup=False,
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id or "")


class LeaveScreen(AskScreen):
    """Asks what becomes of the training when the person leaves; `doing` would be interrupted."""

    def __init__(self, doing: str = "") -> None:
        lost = f" {doing} goes on too and would be interrupted." if doing else ""
        super().__init__(
            "A training is running",
            {
                "": "Stay",
                "keep": "Leave, let it go on in the background",
                "stop": "Stop the training, save it, leave",
            },
            f"In the background it needs no terminal; `bear-tui watch` shows it again.{lost}",
        )


class InterruptWorkScreen(AskScreen):
    """Asks before other long work is interrupted by leaving."""

    def __init__(self, doing: str) -> None:
        super().__init__(
            f"{doing} goes on",
            {"": "Stay", "leave": "Leave, interrupt it"},
            "Unfinished work is lost and must be started again.",
        )


class SavingScreen(Sheet[None]):
    """Lies over the screen until `over()`, then calls `then` once."""

    def __init__(
        self,
        title: str,
        detail: str,
        over: Callable[[], bool],
        then: Callable[[], object],
    ) -> None:
        super().__init__()
        self._title = title
        self._then = then
        self._over = over
        self._detail = detail
        self._ended = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="title", markup=False)
            yield Static(self._detail, markup=False)

    def on_mount(self) -> None:
        self.set_interval(0.1, self._check)

    def _check(self) -> None:
        if not self._ended and self._over():
            self._ended = True
            self.dismiss()
            self._then()
