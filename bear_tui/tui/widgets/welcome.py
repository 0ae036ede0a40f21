"""The greeting of a newcomer, shown at the first start only."""

from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from bear_tui import files
from bear_tui.errors import Failure
from bear_tui.tui.session.settings import Settings

_WHAT = (
    "Trains an image classifier on your own photos, and tells class by class how far to trust it."
)
_STEPS = (
    ("1 Dataset", "photos, a folder for each class"),
    ("2 Model", "a network, and which of its layers learn"),
    ("3 Train", "watch it learn; stop, go on, log out"),
    ("4 Results", "what it got wrong, and how sure that is"),
    ("5 Runs", "every training, kept and compared"),
)
_PATH = "1 photos → 2 a network → 3 it learns → 4 what it got wrong → 5 every run"
_FIRST = Content.assemble(
    "Below, ", ("train on them now", "bold $primary"), " trains a first model on sample photos."
)
_COLUMN = 53
"""Of a step, in a terminal that has room for two beside each other."""


def is_first_run(settings: Settings, runs: Path) -> bool:
    """Check that no photos were used and no run was trained here before."""
    if settings.datasets:
        return False
    try:
        if not files.is_folder(runs):
            return True
        from bear_tui.run.runs import all_runs  # the first frame of most starts needs none of it

        return not any(all_runs(runs))
    except (OSError, Failure):
        return False


def welcome(width: int) -> Content:
    """Return the text for a width; the steps are the keys."""
    if width < 2 * _COLUMN:
        return Content("\n").join([Content(_WHAT), Content.styled(_PATH, "$primary"), _FIRST])
    steps = [
        Content.assemble((f"{name:<9}", "bold $primary"), f"  {words}") for name, words in _STEPS
    ]
    lines = [
        Content.assemble(one, " " * (_COLUMN - one.cell_length), other)
        for one, other in zip(steps, [*steps[3:], Content("")], strict=False)
    ]
    return Content("\n").join([Content(_WHAT), Content(""), *lines, Content(""), _FIRST])


class Welcome(Static):
    """Hidden unless this is the first start."""

    DEFAULT_CSS = "Welcome { height: auto; display: none; }"

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self.border_title = "welcome"

    def on_resize(self) -> None:
        """Show two columns where they fit."""
        self.update(welcome(self.content_size.width))
