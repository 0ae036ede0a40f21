"""The test photos of a run: the prediction for each, and what the person decides about it."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bear_tui.data.decisions import Decisions, read_corrections, write_corrections
from bear_tui.recipe import Recipe
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.documents import ReviewedRun
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.tui.session import engine
from bear_tui.tui.session.autosave import OrderedWork, SavedValue
from bear_tui.tui.session.heat import Heat


class RunPhotos:
    """Test photos with decisions, which are saved in the run's folder; no photo is changed."""

    def __init__(
        self,
        folder: RunFolder,
        recipe: Recipe,
        classes: Sequence[str],
        rows: Sequence[Prediction],
        changed: bool = False,
    ) -> None:
        self.folder = folder
        self.recipe = recipe
        self.classes = tuple(classes)
        self.rows = tuple(rows)
        self.changed = changed
        """Whether learning rate or epochs were changed while it trained."""
        found = read_corrections(folder.corrections_file, Path(recipe.data))
        self.kept: SavedValue[Decisions] = SavedValue(found, self._write)
        self._asking = threading.Lock()
        self._heats: dict[tuple[str, str], Heat] = {}

    @property
    def decisions(self) -> Decisions:
        """Return the decisions as the person sees them."""
        return self.kept.now

    def decided(self, photo: Prediction) -> str | None:
        """Return the class that the person gave a photo, OUT, or None without a decision."""
        return self.decisions.of(Path(photo.path))

    def decide(self, photo: Prediction, label: str | None, writes: OrderedWork) -> None:
        """Give a photo a class, leave it OUT, or take the decision back with None."""
        self.kept.put(self.decisions.with_label(Path(photo.path), label), writes)

    def undo(self, writes: OrderedWork) -> bool:
        """Take the last decision back; return False if there was none since the run was opened."""
        return self.kept.undo(writes)

    def _write(self, decisions: Decisions) -> None:
        write_corrections(self.folder.corrections_file, decisions)

    def corrected_recipe(self) -> Recipe:
        """Return the run's recipe with these decisions over those that it has."""
        merged = {**dict(self.recipe.corrections), **self.decisions.labels}
        name = self.recipe.name or f"{Path(self.recipe.data).name}-{self.recipe.model}"
        name = name if name.endswith("-corrected") else f"{name}-corrected"
        return replace(self.recipe, corrections=tuple(merged.items()), name=name)

    def heat(self, photo: Prediction, name: str) -> Heat:
        """Return the heat map of a photo for a class. Call in a thread. Raises Failure."""
        with self._asking:  # one model, asked by one thread at a time
            if not hasattr(self, "_ask"):
                self._ask = engine.heat_maps(self.folder)
            if (photo.path, name) not in self._heats:
                self._heats[photo.path, name] = self._ask(Path(photo.path), name)
            return self._heats[photo.path, name]


def read_run(folder: RunFolder) -> tuple[ReviewedRun, RunPhotos]:
    """Return the reviewed summary of a run, and its test photos with calibrated probabilities."""
    from bear_tui.run.results import temperature_scaling
    from bear_tui.run.results.predictions_csv import read
    from bear_tui.run.results.summary import review

    document = review(folder)
    calibration = document["test"] and document["test"]["calibration"]
    temperature = temperature_scaling.Temperature(calibration and calibration["temperature"])
    rows = temperature_scaling.rows_at(temperature, read(folder.predictions_file)[1])
    changed = bool(document["changes"])
    return document, RunPhotos(folder, folder.recipe(), document["classes"], rows, changed)
