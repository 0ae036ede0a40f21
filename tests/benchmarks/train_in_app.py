"""Open the app and start a training from a recipe, as pressing Start does.

    python tests/benchmarks/train_in_app.py RECIPE.toml RUNS [--pace 0.2] [--again] [--counts FILE]

It begins once all screens are mounted, a second or two after the first frame: a person has chosen
photos and a model by then. `--pace` waits after each event, so that an hour of training is not an
hour of a busy processor; `--again` starts anew whenever a training ends; on SIGUSR1 the tasks,
threads and widgets that live are written to `--counts`.
"""

import argparse
import asyncio
import gc
import json
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from textual.widget import Widget

from bear_tui import memory, recipe_file
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event
from bear_tui.run.folder import RunFolder
from bear_tui.tui import app
from bear_tui.tui.app import BearApp
from bear_tui.tui.run_app import show_app
from bear_tui.tui.screens.modes import STYLES
from bear_tui.tui.session.engine import engine_fit
from bear_tui.tui.toolkit.private_names import active
from bear_tui.tui.widgets.header import TABS


class _Started(BearApp):
    CSS_PATH = [str(Path(app.__file__).parent / style) for style in STYLES]  # not beside this file

    def __init__(self, arguments: argparse.Namespace) -> None:
        pace: float = arguments.pace

        def paced_fit(recipe: Recipe, folder: RunFolder, control: Control) -> Iterator[Event]:
            for event in engine_fit(recipe, folder, control):
                yield event
                time.sleep(pace)

        super().__init__(runs=arguments.runs, fit=paced_fit if pace else engine_fit)
        self._arguments = arguments

    def _begin(self) -> None:
        super()._begin()
        self._waiting = self.set_interval(0.2, self._start_when_ready)
        if self._arguments.again:
            self.set_interval(5.0, self._start_when_ready)
        if self._arguments.counts:
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._count)

    def _start_when_ready(self) -> None:
        mounted = set(self._screen_stacks) >= set(TABS) or not active("mount_ahead")
        if not self.training.busy and mounted:
            self._waiting.stop()
            self.training.start(recipe_file.load(self._arguments.recipe))

    def _count(self) -> None:
        gc.collect()
        tasks = Counter(str(task.get_name()).split("-")[0] for task in asyncio.all_tasks())
        widgets = Counter(type(one).__name__ for one in gc.get_objects() if _is_widget(one))
        counts = {
            "tasks": dict(tasks),
            "threads": sorted(thread.name for thread in threading.enumerate()),
            "widgets": dict(widgets),
            "objects": len(gc.get_objects()),
        }
        file: Path = self._arguments.counts
        written = file.with_suffix(".new")
        written.write_text(json.dumps(counts))
        written.replace(file)


def _is_widget(thing: object) -> bool:
    # By its class: to ask one of torch's lazy objects anything else imports what it stands for.
    return issubclass(type(thing), Widget)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--pace", type=float, default=0.0)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--counts", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    arguments = _arguments()
    memory.keep_freed()
    sys.exit(show_app(lambda: _Started(arguments)))
