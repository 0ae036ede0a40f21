"""Keys in sentences, named as they work where the sentence is read."""

from typing import Any

from textual.app import App
from textual.screen import Screen
from textual.widgets import Input


def typing(screen: Screen[Any]) -> bool:
    """Whether a field has the keyboard: letters and digits are typed into it."""
    return isinstance(screen.focused, Input)


def way(app: App[Any], screen: str, key: str) -> str:
    """Return how to press `key` on one of the five screens: `5, then n`."""
    if len(app.screen_stack) > 1:  # a sheet, or a screen over one of the five, has other keys
        return f"{key} on screen {screen}"
    return f"esc, {screen}, then {key}" if typing(app.screen) else f"{screen}, then {key}"
