"""The line on screen 2 that says whether the recipe is ready to train, or what is wrong."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from textual import work
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from bear_tui import files, paths
from bear_tui.catalog import find_model
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.text import safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.forms.recipe_draft import blocked, with_labels
from bear_tui.tui.session import engine
from bear_tui.tui.toolkit.key_hints import typing

CHECKING = "the weights are being checked; try again in a moment."
_CALM = 0.3
"""Seconds without a change before a file is opened: it may be half of a path that is typed."""


class WeightsFile(NamedTuple):
    """A file as it is now, and the model that is to load it."""

    path: Path
    changed: int
    size: int
    model: str
    image_size: int


def weights_file(recipe: Recipe) -> WeightsFile | None:
    """Return the file that the weights come from; None where none does, or it is yet to come."""
    if recipe.weights == "none":
        return None
    official = recipe.weights == "imagenet"
    path = find_model(recipe.model).weights_path() if official else Path(recipe.weights)
    try:
        if path is None or not files.is_file(path):
            return None
        stat = path.stat()
    except OSError:
        return None
    return WeightsFile(path, stat.st_mtime_ns, stat.st_size, recipe.model, recipe.image_size)


class ReadyLine(Static):
    """Shows `ready: ctrl+r trains on bears`, or the first problem."""

    class Checked(Message):
        """A thread has checked a weights file; the sentence is "" if it fits."""

        def __init__(self, file: WeightsFile, sentence: str) -> None:
            super().__init__()
            self.file = file
            self.sentence = sentence

    def __init__(self, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self._wrong: Mapping[str, str] = {}
        self._photos = ""
        self._file: WeightsFile | None = None
        self._known: dict[WeightsFile, str] = {}
        self._field = "weights"
        self._calm: Timer | None = None

    def on_mount(self) -> None:
        self.watch(self.screen, "focused", self._show, init=False)

    def show_recipe(self, recipe: Recipe, wrong: Mapping[str, str]) -> None:
        """Show whether a recipe is ready; `wrong` has a sentence for each field in error."""
        if "data" not in wrong and not files.is_folder(recipe.data):
            wrong = {**wrong, "data": f"{paths.short(recipe.data)} is not there."}
        self._wrong = wrong
        self._photos = safe(Path(recipe.data).name or recipe.data, 40)
        self._field = "weights" if recipe.weights == "imagenet" else "weights_file"
        file = None if set(wrong) - {"data"} else weights_file(recipe)
        if file != self._file:
            self._file = file
            if self._calm is not None:
                self._calm.stop()
            if file is not None and file not in self._known:
                self._calm = self.set_timer(_CALM, partial(self._check, file))
        self._show()

    @property
    def trouble(self) -> dict[str, str]:
        """Return the problems, a sentence per field: of the recipe, then of its weights."""
        if self._wrong or self._file is None:
            return dict(self._wrong)
        sentence = self._known.get(self._file, CHECKING)
        return {self._field: sentence} if sentence else {}

    @property
    def checking(self) -> bool:
        """Check whether the weights file is still being checked."""
        return CHECKING in self.trouble.values()

    def _show(self) -> None:
        sentence = blocked(self.trouble, typing(self.screen))
        if self.checking:
            self.update("checking the weights …")
        else:
            good = f"ready: ctrl+r trains on {self._photos}"
            self.update(f"! {safe(sentence)}" if sentence else good)
        self.set_classes("hint" if self.checking else "warning" if sentence else "good")

    @work(thread=True, group="weights", exclusive=True, exit_on_error=False)
    def _check(self, file: WeightsFile) -> None:
        sentence = ""
        try:
            engine.check_weights(file.path, file.model, file.image_size)
        except Failure as failure:
            named = "" if self._field == "weights_file" else f"{paths.short(file.path)}: "
            sentence = str(failure).removeprefix(f"--weights {file.path}: ")
            sentence = with_labels(named + sentence)
        except (ImportError, RuntimeError, ValueError):
            pass  # torch is missing, or the model cannot be built so: said where the layers are
        except Exception as error:  # all: a screen waits for its sentence
            sentence = in_words(error)
        self.post_message(self.Checked(file, sentence))

    def on_ready_line_checked(self, event: Checked) -> None:
        """Show the result, unless another file is meant by now."""
        event.stop()
        self._known[event.file] = event.sentence
        self._show()
