"""Going from screen to screen, and taking along the photos, the run or the recipe meant."""

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from bear_tui import files
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.tui.context import context_of
from bear_tui.tui.screens.dataset import DatasetScreen

if TYPE_CHECKING:
    from bear_tui.run.folder import RunFolder


class Navigator:
    """Shows one of the five screens."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._context = context_of(app)

    def show(self, tab: str) -> None:
        """Go to a screen by its name; from Dataset to Model, with these photos."""
        screen, photos, run = self._app.screen, self._context.photos, self._context.shown_run.value
        if tab == "model" and isinstance(screen, DatasetScreen):
            if screen.chosen is not None and screen.chosen is not photos.dataset.value:
                photos.use(screen.chosen)
        elif tab == "model" and run is not None and not self._context.training.running:
            # Reading the photos of a run would slow down a training.
            with contextlib.suppress(OSError, Failure):
                photos.open_if_none(Path(run.recipe().data))
        self._app.switch_mode(tab)

    def open_run(self, folder: "RunFolder") -> None:
        """Show the results of a run; if it has none yet, how it trains."""
        self._context.shown_run.set(folder)
        # Written when the test is done; reading the whole journal here could make keys wait.
        tested = files.is_file(folder.predictions_file)
        self.show("results" if tested else "train")

    def watch_run(self, folder: "RunFolder") -> None:
        """Show a run on the Train screen, read again: its trainer may be another by now."""
        self._context.shown_run.tell(folder)
        self.show("train")

    def use_recipe(self, recipe: Recipe, photos: bool = True) -> None:
        """Fill Model from the recipe of a run; with `photos`, open its photos too."""
        self._context.training.recipe.tell(recipe)
        folder, chosen = Path(recipe.data), self._context.photos.dataset.value
        show_model = partial(self._app.switch_mode, "model")
        if photos and (chosen is None or chosen.root != folder):
            say = self._context.say
            self._context.photos.open(folder, show_model, lambda why: say(why, "error"))
        else:
            show_model()
        self._context.say("These are the settings of that run: z brings back yours.", "information")
