"""Questions over a screen: leaving while a training runs, and plain yes or no."""

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
    """What becomes of the training when the app is left; `doing` is broken off then."""

    def __init__(self, doing: str = "") -> None:
        broken_off = f" {doing} goes on too, and is broken off." if doing else ""
        super().__init__(
            "A training is running",
            {
                "": "Stay",
                "keep": "Leave, let it go on in the background",
                "stop": "Stop the training, save it, leave",
            },
            f"In the background it needs no terminal; `bear-tui watch` shows it again.{broken_off}",
        )


class BrokenOffScreen(AskScreen):
    """What is lost when the app is left while something else is done."""

    def __init__(self, doing: str) -> None:
        super().__init__(
            f"{doing} goes on",
            {"": "Stay", "leave": "Leave, break it off"},
            "What is broken off has to be begun anew.",
        )


class SavingScreen(Sheet[None]):
    """Waits for the trainer to save, or until `over`; then does what comes next, once."""

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
        """One sentence."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="title", markup=False)
            yield Static(self._detail, markup=False)

    def on_mount(self) -> None:
        """Ask ten times a second."""
        self.set_interval(0.1, self._check)

    def _check(self) -> None:
        if not self._ended and self._over():
            self._ended = True
            self.dismiss()
            self._then()
