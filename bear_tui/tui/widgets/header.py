"""The top line: the five screens at left, what is loaded at right."""

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from bear_tui.tui.context import context_of
from bear_tui.tui.render.status import fitting

TABS = ("dataset", "model", "train", "results", "runs")
"""The screens in the order of the work; their place is their key."""


def tab_bar(current: str, status: str, width: int) -> Content:
    """Return the line for `width` columns; `status` is cut before a tab is."""
    tabs = Content.assemble(*(_tab(n, tab, tab == current) for n, tab in enumerate(TABS, 1)))
    room = width - tabs.cell_length - 1
    if room < 4:
        return tabs
    text = Content(fitting(status, room - 1))
    if text.cell_length > room - 1:
        text = text.truncate(room - 1, ellipsis=True)
    return Content.assemble(tabs, " " * (room - text.cell_length), text, " ")


def _tab(number: int, tab: str, current: bool) -> tuple[str, str]:
    style = "bold $background on $primary" if current else f"@click=app.show('{tab}')"
    return f" {number} {tab.capitalize()} ", style


class Header(Static):
    """Follows the app's `status`; a click on a tab shows that screen."""

    status: reactive[str] = reactive("", layout=False)

    def __init__(self, tab: str) -> None:
        super().__init__(markup=False)
        self.tab = tab

    def on_mount(self) -> None:
        status = context_of(self.app).status
        self._follow(status.value)
        self._unfollow = status.follow(self._follow)

    def on_unmount(self) -> None:
        self._unfollow()

    def _follow(self, status: str) -> None:
        self.status = status

    def render(self) -> Content:
        return tab_bar(self.tab, self.status, self.size.width)
