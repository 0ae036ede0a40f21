"""The sheet that exports a run: choose a format, then write it in a thread."""

from functools import partial
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from bear_tui import paths
from bear_tui.run.folder import RunFolder
from bear_tui.text import safe
from bear_tui.tui.context import context_of
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.session import export
from bear_tui.tui.toolkit.modal import Sheet
from bear_tui.tui.widgets.choices import Choices


class ExportScreen(Sheet[None]):
    """Writes into the folder that the app was started in."""

    BINDINGS = [("escape,q", "close", "back")]

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self._folder = folder
        self._working = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            title = f"Export {safe(self._folder.run, 40)}"
            yield Static(title, classes="title", markup=False)
            where = f"It is written to {safe(paths.short(paths.here_or_home()), 120)}."
            yield Static(where, classes="hint", markup=False, id="words")
            options = (Option(words, id=kind) for kind, words in export.KINDS.items())
            yield Choices(*options, markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Write the chosen format; one at a time."""
        if self._working or event.option_id is None:
            return
        self._working = True
        out = export.target(self._folder, event.option_id, paths.here_or_home())
        words = (
            f"Writing {safe(out.name, 80)} and checking it …\n\nesc back; it is written to its end"
        )
        self.query_one("#words", Static).update(words)
        self.query_one(Choices).display = False
        # Of the app: this screen may be left meanwhile.
        write = partial(self._write, self.app, event.option_id, out)
        self.app.run_worker(write, group="export", thread=True, exit_on_error=False)

    def _write(self, app: App[Any], kind: str, out: Path) -> None:
        try:
            sentence = export.write(self._folder, kind, out)
        except Exception as error:  # all: a screen waits for its sentence
            app.call_from_thread(self._done, app, in_words(error), False)
        else:
            app.call_from_thread(self._done, app, sentence, True)

    def _done(self, app: App[Any], sentence: str, good: bool) -> None:
        context_of(app).say(sentence, "information" if good else "error")
        self.dismiss()

    def action_close(self) -> None:
        """Close the sheet; a file that is being written is finished."""
        self.dismiss()
