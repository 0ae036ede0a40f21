"""Taking a run away: which kind of file, then writing it in a thread."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from bear_tui import paths
from bear_tui.errors import Failure
from bear_tui.run.folder import RunFolder
from bear_tui.text import safe
from bear_tui.tui import takeaway
from bear_tui.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from bear_tui.tui.app import BearApp


class ExportScreen(ModalScreen[None]):
    """Writes into the folder that the app was started in."""

    BINDINGS = [("escape,q", "close", "back")]

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self._folder = folder
        self._working = False

    def compose(self) -> ComposeResult:
        """The kinds, and where they go."""
        with Vertical(classes="dialog"):
            title = f"Take {safe(self._folder.run, 40)} away"
            yield Static(title, classes="title", markup=False)
            where = f"It is written to {safe(paths.short(Path.cwd()), 120)}."
            yield Static(where, classes="hint", markup=False, id="words")
            options = (Option(words, id=kind) for kind, words in takeaway.KINDS.items())
            yield Choices(*options, markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Begin; one at a time."""
        if self._working or event.option_id is None:
            return
        self._working = True
        self.query_one("#words", Static).update("Writing and checking …")
        self._write(event.option_id)

    @work(thread=True, group="export", exclusive=True, exit_on_error=False)
    def _write(self, kind: str) -> None:
        try:
            out = takeaway.target(self._folder, kind, Path.cwd())
            told = takeaway.write(self._folder, kind, out)
        except (Failure, OSError) as failure:
            self.app.call_from_thread(self._done, str(failure), False)
        else:
            self.app.call_from_thread(self._done, told, True)

    def _done(self, sentence: str, good: bool) -> None:
        cast("BearApp", self.app).say(sentence, "information" if good else "error")
        self.dismiss()

    def action_close(self) -> None:
        """Back; what is being written goes on to its end."""
        if not self._working:
            self.dismiss()
