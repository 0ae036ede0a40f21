"""What a screen or widget may ask of the app that shows it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

from textual.app import App

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.recipe import Recipe
    from bear_tui.run.folder import RunFolder
    from bear_tui.tui.session.autosave import InOrder
    from bear_tui.tui.session.local_run import LocalRun
    from bear_tui.tui.session.queue import Queue
    from bear_tui.tui.session.settings import Settings

Severity: TypeAlias = Literal["information", "warning", "error"]


class AppContext(Protocol):
    """The app, as far as screens and widgets know it."""

    dataset: "Dataset | None"
    recipe: "Recipe | None"
    run_folder: "RunFolder | None"
    runs: Path
    feed: "LocalRun | None"
    queue: "Queue"
    queue_work: "InOrder"
    writes: "InOrder"
    settings: "Settings"
    leaving: bool
    last_key: float

    @property
    def training(self) -> bool:
        """Whether this process trains now."""

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """Show a notice in the corner."""

    def since_key(self) -> float:
        """Return the seconds since a key was pressed; 0 while one is answered."""

    def action_show(self, tab: str) -> None:
        """Go to one of the five screens."""

    def open_run(self, folder: "RunFolder") -> None:
        """Show the results of a run; if it has none yet, how it trains."""

    def watch_run(self, folder: "RunFolder") -> None:
        """Show a run on the Train screen."""

    def use_dataset(self, dataset: "Dataset", go_on: bool = True) -> None:
        """Work on these photos from now on; with `go_on`, show Model."""

    def use_recipe(self, recipe: "Recipe", photos: bool = True) -> None:
        """Fill Model from a recipe; with `photos`, open its photos too."""

    def start_training(self, recipe: "Recipe", to_model: bool = True) -> None:
        """Train now, or after the run that trains now."""

    def train_later(self, recipe: "Recipe") -> None:
        """Put a recipe at the end of the queue."""

    def resume_run(
        self,
        folder: "RunFolder",
        more_epochs: int = 0,
        now: int | None = None,
        restart: bool = False,
    ) -> None:
        """Resume a run in this process, with more epochs if asked."""

    def hand_over(self, then: Callable[[], object] = lambda: None) -> None:
        """Let a background process take the training over; call `then` afterwards."""

    def remember(self, settings: "Settings") -> None:
        """Keep settings for the next start."""

    def refresh_status(self) -> None:
        """Draw the right end of the header again."""


def context_of(app: App[Any]) -> AppContext:
    """Return the running app as what screens may know of it."""
    return cast(AppContext, app)
