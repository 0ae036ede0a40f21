"""Real trainers in processes of their own: to be killed, starved, stopped and shut out.

    python -m tests.engine.trainers RECIPE.toml FOLDER [--file-size BYTES] [--midway]

Every event is printed, one a line.
"""

import argparse
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from bear_tui.recipe import Recipe
from bear_tui.recipe_file import from_toml
from bear_tui.run.control import Control
from bear_tui.run.events import Event, to_json
from bear_tui.run.folder import RunFolder

_processes = multiprocessing.get_context("forkserver")


def train(recipe: Recipe, folder: Path, act: Callable[[Event], object]) -> None:
    """Train in this process."""
    import torch

    from bear_tui.engine.fit import fit

    torch.set_num_threads(1)
    for event in fit(recipe, RunFolder(folder), Control()):
        act(event)


def acknowledge(recipe: Recipe, folder: Path, acknowledged: Path) -> None:
    """Train, and append each event to `acknowledged` after it came."""
    with acknowledged.open("ab", buffering=0) as file:
        train(recipe, folder, lambda event: file.write(to_json(event).encode() + b"\n"))


def start(recipe: Recipe, folder: Path, acknowledged: Path) -> ForkServerProcess:
    """Begin, or go on, in a new process. The second and later ones have torch loaded already."""
    _processes.set_forkserver_preload(["bear_tui.engine.fit"])
    process = _processes.Process(target=acknowledge, args=(recipe, folder, acknowledged))
    process.start()
    return process


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recipe", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--file-size", type=int)
    parser.add_argument("--midway", action="store_true", help="save as often as the disk allows")
    arguments = parser.parse_args()
    if arguments.file_size:
        # A file that may not grow fails partway as on a full disk.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.file_size, limit))
    if arguments.midway:
        from bear_tui.engine.models.checkpoint import Checkpoint
        from bear_tui.engine.training import saver

        saver.SAVE_EVERY, saver._MOST_OF_TIME = 0.0, 1e9
        # A save that waits gives way to the next: here each is on disk before the next step.
        begin = saver.Saver.begin

        def begin_and_wait(self: saver.Saver, content: Checkpoint, is_best: bool = False) -> None:
            begin(self, content, is_best)
            self.finish()

        saver.Saver.begin = begin_and_wait  # type: ignore[method-assign]
    if os.environ.get("RANK", "0") != "0":  # the first process writes the run
        arguments.folder = arguments.folder.with_name("helper")
    recipe = from_toml(arguments.recipe.read_text(), "recipe")
    train(recipe, arguments.folder, lambda ev: os.write(1, to_json(ev).encode() + b"\n"))


if __name__ == "__main__":
    main()
