"""Screens that may be told to end at any moment, and end when they are on top."""

from textual import on
from textual.await_complete import AwaitComplete
from textual.events import ScreenResume
from textual.screen import Screen, ScreenResultType


class EndsOnTop(Screen[ScreenResultType]):
    """A screen that a thread, a clock or another run may end, whatever lies over it.

    Textual takes away the topmost screen, whichever is told to end, and breaks when one is told
    twice: a second enter may arrive before the first has taken it away. Name this class last among
    bases: Textual styles a widget as the first of them.
    """

    _result: tuple[ScreenResultType | None] | None = None

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """End with a result: at once where this screen is on top, else as soon as it is."""
        if self.is_active:
            return super().dismiss(result)
        self._result = (result,)
        return AwaitComplete()

    @on(ScreenResume)
    def _end_at_last(self) -> None:
        if self._result is not None:
            self.dismiss(*self._result)
