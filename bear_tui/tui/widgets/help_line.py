"""The line on screen 2 with the model's lesson, or the meaning of the focused field."""

from textual.widgets import Static

from bear_tui.tui.widgets.form import Field


class HelpLine(Static):
    """Shows a field's help while it has the focus, else the lesson."""

    def __init__(self, id: str) -> None:
        super().__init__("", id=id, classes="hint", markup=False)
        self._lesson = ""

    def on_mount(self) -> None:
        self.watch(self.screen, "focused", self._show, init=False)

    def show_lesson(self, lesson: str) -> None:
        self._lesson = lesson
        self._show()

    def _show(self) -> None:
        focused = self.screen.focused
        above = focused.ancestors if focused else []
        self.update(
            next((widget.help for widget in above if isinstance(widget, Field)), self._lesson)
        )
