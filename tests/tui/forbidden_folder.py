"""Print what Dataset shows of a folder; run as a process that may lack permissions.

python -m tests.tui.forbidden_folder FOLDER RUNS
"""

import asyncio
import sys
from pathlib import Path

from bear_tui.tui.app import BearApp
from bear_tui.tui.session import engine
from tests.tui.app_screen import shown, until


async def seen(folder: Path, runs: Path) -> list[str]:
    """Return the screen once all photos are checked, and the plan to prepare them."""
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
