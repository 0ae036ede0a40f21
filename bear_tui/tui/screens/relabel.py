"""A question about the class of a photo, beside the photo."""

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static
from textual.widgets.option_list import Option

from bear_tui.text import safe
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.widgets.choices import Choices
from bear_tui.tui.widgets.picture import Picture


class RelabelScreen(AskScreen):
    """Shows the photo, whatever the question covers on the screen below."""

    CSS_PATH = "relabel.tcss"

    def __init__(self, photo: Path, answers: dict[str, str]) -> None:
        detail = "Files stay where they are: the class counts when training again."
        super().__init__(f"What is on {photo.name}?", answers, detail)
        self._photo = photo

    def compose(self) -> ComposeResult:
        with Horizontal(classes="dialog"):
            yield Picture(id="asked")
            with Vertical(id="answers"):
                yield Static(safe(self._question, 80), classes="title", markup=False)
                yield Choices(
                    *(Option(safe(text), id=answer) for answer, text in self._answers.items()),
                    markup=False,
                )
                yield Static(safe(self._detail), classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Picture).show(self._photo)
