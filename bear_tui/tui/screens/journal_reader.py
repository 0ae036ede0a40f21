"""Reading the journal of another process's run: the end at once, a long one in a thread."""

from collections.abc import Callable
from functools import partial

from textual.worker import get_current_worker

from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.session.remote_run import RemoteRun


class JournalReader:
    """Keeps a screen from drawing a run whose journal is only half read."""

    def __init__(self, screen: BearScreen, done: Callable[[], object]) -> None:
        """`done` is called when a thread has read a long journal."""
        self._screen = screen
        self._done = done
        self._reading: RemoteRun | None = None
        """What a thread reads to its end."""

    def up_to_date(self, source: RemoteRun) -> bool:
        """Read on; return True at the end of the journal. Otherwise a thread reads on and calls
        `done`.
        """
        if self._reading is source:
            return False
        source.poll()
        if not source.caught_up:
            self._reading = source
            self._screen.run_worker(
                partial(self._read_to_end, source),
                thread=True,
                group="journal",
                exclusive=True,
                exit_on_error=False,
            )
        return source.caught_up

    def _read_to_end(self, source: RemoteRun) -> None:
        worker = get_current_worker()
        try:
            source.read_to_end(lambda: worker.is_cancelled)
        except Exception as error:  # all: a screen waits for its sentence
            source.give_up(in_words(error))
        self._screen.app.call_from_thread(self._have_read, source)

    def _have_read(self, source: RemoteRun) -> None:
        if self._reading is source:  # no other run was opened meanwhile
            self._reading = None
            self._done()
