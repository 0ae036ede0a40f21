"""What a screen or widget may ask of the app that shows it."""

from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.app import App

from bear_tui.tui.session.view import Severity

if TYPE_CHECKING:
    from bear_tui.recipe import Recipe
    from bear_tui.run.folder import RunFolder
    from bear_tui.tui.session.autosave import OrderedWork
    from bear_tui.tui.session.observable import Observable
    from bear_tui.tui.session.photos import PhotoSelection
    from bear_tui.tui.session.settings import SavedSettings
    from bear_tui.tui.session.training import TrainingSession


class Navigation(Protocol):
    """Goes to one of the five screens."""

    def show(self, tab: str) -> None:
        """Go to a screen by its name; from Dataset to Model, with these photos."""

    def open_run(self, folder: "RunFolder") -> None:
        """Show the results of a run; if it has none yet, how it trains."""

    def watch_run(self, folder: "RunFolder") -> None:
        """Show a run on the Train screen, read again."""

    def use_recipe(self, recipe: "Recipe", photos: bool = True) -> None:
        """Fill Model from the recipe of a run; with `photos`, open its photos too."""


class AppContext(Protocol):
    """The app, as far as screens and widgets know it."""

    @property
    def navigation(self) -> Navigation:
        """Goes to another screen."""

    training: "TrainingSession"
    """What this process trains, and the queue."""
    photos: "PhotoSelection"
    """The dataset that is chosen."""
    settings: "SavedSettings"
    """What is remembered between starts."""
    writes: "OrderedWork"
    """Saves in a thread what is decided by key, in the order of the keys."""
    shown_run: "Observable[RunFolder | None]"
    """The run that Train and Results show."""
    status: "Observable[str]"
    """The right end of the header."""
    last_key: float
    """When a key was pressed, on the monotonic clock."""

    def since_key(self) -> float:
        """Return the seconds since a key was pressed; 0 while one is answered."""

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """Show a notice in the corner."""

    def refresh_status(self) -> None:
        """Tell the header what is loaded and how the training goes."""


def context_of(app: App[Any]) -> AppContext:
    """Return the running app as what screens may know of it."""
    return cast(AppContext, app)
