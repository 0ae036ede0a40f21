"""Open the app and start a training from a recipe at once, as pressing Start does."""

import sys
from pathlib import Path

from bear_tui import recipe
from bear_tui.tui import app
from bear_tui.tui.app import BearApp
from bear_tui.tui.session import sit


class _Started(BearApp):
    CSS_PATH = app.__file__.replace("app.py", "app.tcss")  # beside the app, not beside this file

    def _begin(self) -> None:
        super()._begin()
        self.start_training(recipe.load(Path(sys.argv[1])))


if __name__ == "__main__":
    sys.exit(sit(lambda: _Started(runs=Path(sys.argv[2]))))
