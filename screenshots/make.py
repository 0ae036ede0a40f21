"""Take the README's pictures from the running app: `python screenshots/make.py`, a minute or two.

The sample photos are trained for real; the app is driven by its keys, as a person would.
"""

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

HERE = Path(__file__).parent
SIZE = (120, 34)


def main() -> int:
    """Train the sample in a home of its own, and take a picture of each screen."""
    with tempfile.TemporaryDirectory() as home:
        # Before anything of the app is imported: it reads where things lie from these.
        for name in ("DATA", "CACHE", "CONFIG", "STATE"):
            os.environ.pop(f"XDG_{name}_HOME", None)
        os.environ["HOME"] = home
        asyncio.run(_visit())
    return 0


async def _visit() -> None:
    from bear_tui.tui.app import BearApp

    app = BearApp(sample=True)
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, lambda: app.feed is not None and len(app.feed.snapshot.state.curve) > 1)
        await _until(pilot, lambda: _epoch(app) >= 9)
        await _take(pilot, "train")
        await _until(pilot, lambda: app.current_mode == "results")
        await _settle(pilot)
        await _take(pilot, "results")
        await pilot.press("1")
        await _settle(pilot)
        await _take(pilot, "dataset")
        await pilot.press("2")
        await _settle(pilot)
        await pilot.press("slash", *"vgg16", "enter")
        await _settle(pilot)
        await pilot.press("h", "u", "u")
        await _settle(pilot)
        await _take(pilot, "model")
        await pilot.press("5")
        await _settle(pilot)
        await _take(pilot, "runs")


def _epoch(app: Any) -> int:
    return int(app.feed.snapshot.state.epoch) if app.feed else 0


async def _until(pilot: Pilot[Any], condition: Callable[[], bool], seconds: float = 300) -> None:
    for _ in range(int(seconds / 0.1)):
        if condition():
            return
        await pilot.pause(0.1)
    raise TimeoutError("the app did not get there")


async def _settle(pilot: Pilot[Any]) -> None:
    await pilot.pause(2.0)


async def _take(pilot: Pilot[Any], name: str) -> None:
    svg = pilot.app.export_screenshot(title="bear-tui")
    # The picture asks no server for a font: a page that shows it may not reach one.
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    svg = re.sub(r"font-family: [^;]*;", "font-family: monospace;", svg)
    (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
    print(f"{name}.svg", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
