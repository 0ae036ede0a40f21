"""Screen 1 on a folder, for a process of its own that may be forbidden something: what it shows.

python -m tests.tui.forbidden_folder FOLDER RUNS
"""

import asyncio
import sys
from pathlib import Path

from bear_tui.tui.app import BearApp
from bear_tui.tui.session import engine
from tests.tui.app_screen import shown, until


async def seen(folder: Path, runs: Path) -> list[str]:
    """The screen as text once every photo is checked, then the plan to prepare."""
    # No torch is needed here.
    engine.layers = lambda *_: []
    app = BearApp(runs=runs, data=folder)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "1 problem" in shown(app))
        screens = [shown(app)]
        await pilot.press("p", "ctrl+r")
        await until(pilot, lambda: "left out" in shown(app))
        return [*screens, shown(app)]


if __name__ == "__main__":
    print(*asyncio.run(seen(Path(sys.argv[1]), Path(sys.argv[2]))), sep="\f")
