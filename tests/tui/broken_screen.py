"""An app that trains and whose screen breaks on a key: `python broken_screen.py KIND FOLDER`.

The training appends to FOLDER/steps as it goes on, and writes FOLDER/saved when it was stopped.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from textual.app import ComposeResult
from textual.events import Event, Key
from textual.geometry import Size
from textual.reactive import reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import HANDED_OVER, Control
from bear_tui.run.events import Event as RunEvent
from bear_tui.run.events import RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.tui import app
from bear_tui.tui.app import BearApp
from bear_tui.tui.run_app import show_app
from bear_tui.tui.screens.modes import STYLES
from tests.tui import scripted

KEY = "f12"


def boom(*_: object) -> NoReturn:
    raise RuntimeError("the screen is broken")


class _Renders(Static):
    def render(self) -> Any:
        boom()


class _Recurses(Static):
    def render(self) -> Any:
        return self.render()


class _Measures(Static):
    def get_content_height(self, _container: Size, _viewport: Size, _width: int) -> int:
        boom()


class _Mounts(Static):
    def on_mount(self) -> None:
        boom()


class _Unmounts(Static):
    """Breaks, and once more while the screen is taken down."""

    def on_mount(self) -> None:
        boom()

    def on_unmount(self) -> None:
        boom()


class _Watches(Static):
    figure = reactive(0)

    def watch_figure(self, value: int) -> None:
        if value:
            boom()

    def on_mount(self) -> None:
        self.figure = 1


class _Composes(ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Static("half of it")
        boom()


class _Resumes(Screen[None]):
    def on_screen_resume(self) -> None:
        boom()


WIDGETS: dict[str, type[Widget]] = {
    "render": _Renders,
    "recursion": _Recurses,
    "layout": _Measures,
    "mount": _Mounts,
    "unmount": _Unmounts,
    "watcher": _Watches,
}
SCREENS: dict[str, type[Screen[None]]] = {"compose": _Composes, "resume": _Resumes}
OTHERS = (
    *("handler", "exit", "no memory", "timer", "worker", "thread", "later", "awaited", "log"),
    *("handed over", "background"),
)


class Broken(BearApp):
    CSS_PATH = [str(Path(app.__file__).parent / style) for style in STYLES]

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind = kind
        self._folder = folder
        super().__init__(runs=folder / "runs", fit=self._fit_slowly)

    def _begin(self) -> None:
        self.training.start(default_recipe("/photos", "mlp"))

    def _fit_slowly(
        self, recipe: Recipe, folder: RunFolder, control: Control
    ) -> Iterator[RunEvent]:
        if not folder.path.exists():
            folder.create(recipe)
        yield from scripted.running()
        while not control.obey():
            with (self._folder / "steps").open("a") as file:
                file.write("step\n")
            time.sleep(0.02)
        if control.obey() != HANDED_OVER:
            (self._folder / "saved").write_text(control.obey())
        yield RunStopped(control.obey())

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and event.key == KEY:
            await self._break()
        await super().on_event(event)

    async def _break(self) -> None:
        kind = self._kind
        if kind in WIDGETS:
            self.screen.mount(WIDGETS[kind]())
        elif kind in SCREENS:
            self.push_screen(SCREENS[kind]())
        elif kind == "handler":
            boom()
        elif kind == "exit":
            raise SystemExit(3)
        elif kind == "no memory":
            raise MemoryError
        elif kind == "timer":
            self.set_timer(0.01, boom)
        elif kind == "worker":
            self.run_worker(boom, thread=True)
        elif kind == "thread":
            self.run_worker(lambda: self.call_from_thread(boom), thread=True)
        elif kind == "later":
            asyncio.get_running_loop().call_soon(self.call_later, boom)
        elif kind == "awaited":
            await self.push_screen(_Composes())
        elif kind == "handed over":
            self.training.hand_over()
            boom()
        elif kind == "background":  # which ends by itself: there are no photos
            self.training.hand_over()
            self.set_interval(0.01, lambda: boom() if self.training.trains_elsewhere else None)
        elif kind == "log":
            (self._folder / "state" / "bear-tui" / "app.log").unlink()
            (self._folder / "state" / "bear-tui").rmdir()
            (self._folder / "state" / "bear-tui").write_text("no folder")
            boom()


if __name__ == "__main__":
    sys.exit(show_app(lambda: Broken(sys.argv[1], Path(sys.argv[2]))))
