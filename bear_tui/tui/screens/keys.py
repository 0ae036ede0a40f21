"""The keys of a screen, on `?`."""

from collections.abc import Callable, Iterator
from functools import partial

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static


class KeysScreen(ModalScreen[None]):
    """Every key that does something now, those of the focused part first."""

    BINDINGS = [("escape,question_mark,q,enter", "dismiss", "close")]

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        self._rows = key_rows(screen)

    def compose(self) -> ComposeResult:
        """A dialog that scrolls where the terminal is small."""
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", style="bold")
        table.add_column()
        for keys, description in self._rows:
            table.add_row(Text(keys), Text(description))
        with VerticalScroll(classes="dialog"):
            yield Static("Keys of this screen", classes="title", markup=False)
            yield Static(table)
            yield Static("esc closes", classes="hint", markup=False)

    def action_dismiss(self, result: None = None) -> None:  # type: ignore[override]
        """Close."""
        self.dismiss(result)


def key_rows(screen: Screen[object]) -> list[tuple[str, str]]:
    """(`h, left`, what it does), one row for all keys that do the same."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if active.enabled and binding.description:
            shown = screen.app.get_key_display(binding)
            listed = keys.setdefault(active.tooltip or binding.description, [])
            if shown not in listed:
                listed.append(shown)
    return [(", ".join(shown), description) for description, shown in keys.items()]


def screen_actions(screen: Screen[object]) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Key, description and the doing of every action that a screen itself binds."""
    for active in screen.active_bindings.values():
        binding = active.binding
        if active.node is screen and active.enabled and binding.description:
            run = partial(screen.run_action, binding.action)
            yield screen.app.get_key_display(binding), binding.description, run
