"""Reading the screen of an app under test, and waiting until it shows something."""

import time
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot


def shown(app: App[Any]) -> str:
    """Return the text on the screen."""
    screen = app.screen
    width, height = app.size
    lines = screen._compositor.render_strips(screen.size)
    return "\n".join(line.text.ljust(width) for line in lines[:height])


async def until(pilot: Pilot[Any], condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until `condition` holds; fail with the screen's text after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not happen; the screen is\n{shown(pilot.app)}"
        await pilot.pause(0.02)
