"""A screen through which the one below it is seen, in fainter colours."""

from textual.renderables.background_screen import BackgroundScreen
from textual.renderables.blank import Blank
from textual.screen import ModalScreen, ScreenResultType
from textual.visual import VisualType


class TintedScreen(ModalScreen[ScreenResultType]):
    """A modal screen that finds the screen below it in the stack.

    Textual takes that off a list which all screens share while they are drawn. With three screens,
    of which one was drawn before, two were drawn over each other without end.
    """

    def render(self) -> VisualType:  # type: ignore[override]  # as of every other widget
        """Draw the screen below, tinted; a plain colour while this one is in no stack."""
        background = self.styles.background
        stack = self.app.screen_stack
        if background.a == 1 or self not in stack[1:]:
            return Blank(background)
        return BackgroundScreen(stack[stack.index(self) - 1], background)
