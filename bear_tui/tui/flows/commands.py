"""What the command palette offers: screens, actions of the one that is shown, the app's own."""

from collections.abc import Iterator
from functools import partial

from textual.app import SystemCommand
from textual.screen import Screen

from bear_tui.tui.context import context_of
from bear_tui.tui.screens.keys import screen_actions
from bear_tui.tui.toolkit.app import ToolkitApp
from bear_tui.tui.widgets.header import TABS


def system_commands(app: ToolkitApp, screen: Screen[object]) -> Iterator[SystemCommand]:
    """Yield the commands for a screen, each with its key."""
    show = context_of(app).navigation.show
    for number, tab in enumerate(TABS, start=1):
        yield SystemCommand(f"{tab.capitalize()} screen", f"key {number}", partial(show, tab))
    for name, does, action in screen_actions(screen):
        yield SystemCommand(name.capitalize(), does, action)
    for name, does, action_name in (
        ("Theme", "change the colours", "change_theme"),
        ("Draw anew", "all of the screen · key ctrl+l", "repaint"),
        ("Shell", "`fg` comes back · key ctrl+z", "suspend_process"),
        ("Keys", "the keys of this screen · key ?", "keys"),
        ("Quit", "leave bear-tui · key q", "leave"),
    ):
        yield SystemCommand(name, does, partial(app.run_action, action_name))
