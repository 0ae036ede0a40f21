"""Screens that follow a run of another process; a long journal is read in a thread."""

from textual import work
from textual.worker import get_current_worker

from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.screens.train_actions import ConductingScreen
from bear_tui.tui.session.remote_run import RemoteRun


class FollowingScreen(ConductingScreen):
    """A subclass draws in `tick`, and nothing of a run that is not `up_to_date`."""

    def __init__(self) -> None:
        super().__init__()
        self._read_on: RemoteRun | None = None
        """What a thread reads to its end."""

    def tick(self) -> None:
        """Draw what has changed."""
        raise NotImplementedError

    def up_to_date(self, source: RemoteRun) -> bool:
        """Read on; whether that was to the end. Else a thread goes on, and calls `tick` then."""
        if self._read_on is source:
            return False
        source.poll()
        if not source.caught_up:
            self._read_on = source
            self._read_to_end(source)
        return source.caught_up

    @work(thread=True, group="journal", exclusive=True, exit_on_error=False)
    def _read_to_end(self, source: RemoteRun) -> None:
        worker = get_current_worker()
        try:
            source.read_to_end(lambda: worker.is_cancelled)
        except Exception as error:  # as in_words says
            source.give_up(in_words(error))
        self.app.call_from_thread(self._have_read, source)

    def _have_read(self, source: RemoteRun) -> None:
        if self._read_on is source:  # no other run was opened meanwhile
            self._read_on = None
            self.tick()
