"""A screen that a thread or a clock may end, whatever lies over it at that moment."""

from textual import on
from textual.await_complete import AwaitComplete
from textual.events import ScreenResume
from textual.screen import ModalScreen, ScreenResultType


class PatientScreen(ModalScreen[ScreenResultType]):
    """Ends at once where it is on top, else as soon as it is.

    Textual takes away what is on top, whoever is told to end: the palette, or a question.
    """

    _given: tuple[ScreenResultType | None] | None = None

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """End with a result."""
        if self.is_active:
            return super().dismiss(result)
        self._given = (result,)
        return AwaitComplete()

    @on(ScreenResume)
    def _end_at_last(self) -> None:
        if self._given is not None:
            self.dismiss(*self._given)
