"""The line on screen 2 that says that all is ready to train, or what is in the way."""

from collections.abc import Mapping
from pathlib import Path

from textual.widgets import Static

from bear_tui.recipe import Recipe
from bear_tui.text import safe
from bear_tui.tui.draft import blocked
from bear_tui.tui.hints import typing


class ReadyLine(Static):
    """`ready: ctrl+r trains on bears`, or the first thing that is wrong."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self._wrong: Mapping[str, str] = {}
        self._photos = ""

    def on_mount(self) -> None:
        """Name keys as they work where the keyboard is."""
        self.watch(self.screen, "focused", self._show, init=False)

    def put(self, recipe: Recipe, wrong: Mapping[str, str]) -> None:
        """Another recipe, and a sentence for each field in error."""
        self._wrong = wrong
        self._photos = safe(Path(recipe.data).name or recipe.data, 40)
        self._show()

    def _show(self) -> None:
        sentence = blocked(self._wrong, typing(self.screen))
        self.update(
            f"! {safe(sentence)}" if sentence else f"ready: ctrl+r trains on {self._photos}"
        )
        self.set_classes("warning" if sentence else "good")
