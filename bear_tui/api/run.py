"""A run as Python has it: what it came to, and what can be done with it."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from bear_tui import limits
from bear_tui.api import launch, reports
from bear_tui.api.predictions import Photos, Prediction, predictions
from bear_tui.api.settings import File, errors_in_python, path_of, runs_folder
from bear_tui.api.training import OnEvent, train_in_thread
from bear_tui.errors import BadInput, Failure
from bear_tui.formats import MODEL_FORMATS, ModelFormat, ReportFormat
from bear_tui.recipe import Recipe
from bear_tui.run.control import ask
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.documents import (
    CompareDocument,
    EpochDocument,
    ShowDocument,
)
from bear_tui.run.runs import all_runs, find_run
from bear_tui.run.state import RunState, Status
from bear_tui.text import counted, safe

if TYPE_CHECKING:
    from bear_tui.engine.inference.export import Exported


@dataclass(frozen=True, repr=False)
class Run:
    """A training on disk, in whatever state. What it tells is read from its folder when asked."""

    path: Path

    @property
    def id(self) -> str:
        """The run's name in the folder of runs."""
        return self.path.name

    @property
    def recipe(self) -> Recipe:
        """The settings that it was started with."""
        return self._folder.recipe()

    @property
    def state(self) -> RunState:
        """All that its events tell."""
        return self._folder.state()

    @property
    def status(self) -> Status:
        """`running`, `paused`, `completed`, `stopped`, `failed`, `interrupted` or `waiting`."""
        return self.state.status

    def results(self) -> ShowDocument:
        """Return its figures, as `bear-tui show --json` prints them."""
        from bear_tui.run.results import summary

        return summary.show(self._folder)

    def history(self) -> list[EpochDocument]:
        """Return a row for each finished epoch: losses, accuracies, learning rate, seconds."""
        from bear_tui.run.results import summary

        return summary.figures_of(self._folder)["history"]

    def resume(
        self,
        more_epochs: int = 0,
        *,
        rate: Literal["keep", "restart"] = "keep",
        accept_changes: bool = False,
        on_event: OnEvent | None = None,
        progress: bool = False,
    ) -> "Run":
        """Train on from the last checkpoint, exactly, and return this run.

        More epochs keep the learning rate that was reached; `rate="restart"` starts its schedule
        again. `accept_changes` goes on although the photos have changed. Else as `bear_tui.train`.
        """
        state = self.state
        if more_epochs < 0 or (rate == "restart" and not more_epochs):
            raise BadInput(f"more_epochs={more_epochs}: must be 1 or more.")
        if state.status == "completed" and not more_epochs:
            done = counted(state.epochs_done, "epoch")
            raise BadInput(f"{self.id}: {done} of {state.epochs} done; name more_epochs.")
        planned = max(state.epochs or self.recipe.epochs, state.epochs_done)
        epochs = planned + more_epochs if more_epochs else None
        with errors_in_python():
            recipe, control = launch.prepare_resume(self._folder, epochs, rate == "restart")
            train_in_thread(
                recipe, self._folder, control, on_event, progress, accept_changes=accept_changes
            )
        return self

    def stop(self) -> None:
        """Ask whoever trains this run to finish the step, save and end. Does not wait for it."""
        if not self._folder.being_trained():
            raise BadInput(f"{self.id}: nobody trains it; it is {self.status}.")
        ask(self._folder.control_file, "stop", "stopped from Python")

    def test(self, data: File | None = None) -> ShowDocument:
        """Test the best weights again; return the results with that test.

        On the run's own test photos, or on those in the folder `data`.
        """
        limits.require(torch=True)
        from bear_tui.engine.inference.retest import retest

        with errors_in_python():
            review, test = retest(self._folder, None if data is None else path_of(data))
        return cast(ShowDocument, {**review, "test": test})

    def predict(self, photos: Photos, *, unsure_below: float = 0.0) -> list[Prediction]:
        """Return what the best weights say of photos, in their order.

        `photos` is a path, a folder, a PIL image, or several of them. One that cannot be read has
        an `error` and no label. Each call loads the model: ask about many photos at once.
        """
        limits.require(torch=True)
        with errors_in_python():
            return predictions(self._folder, photos, unsure_below)

    def export(self, out: File, to: ModelFormat | None = None) -> "Exported":
        """Write the best weights for other programs, checked against the run.

        Without `to` the file's ending says the format.
        """
        file = path_of(out)
        kind = to or file.suffix.removeprefix(".")
        if kind not in MODEL_FORMATS:
            endings = ", ".join(f".{name}" for name in MODEL_FORMATS)
            raise BadInput(f"{file}: end its name in one of {endings}, or name `to`.")
        limits.require(torch=True)
        from bear_tui.engine.inference.export import export

        with errors_in_python():
            return export(self._folder, kind, file)

    def report(self, out: File, to: ReportFormat = "html") -> Path:
        """Write the run as a web page, or as a folder of CSV or TensorBoard files."""
        with errors_in_python():
            reports.write(self._folder, to, path_of(out))
        return path_of(out)

    @property
    def _folder(self) -> RunFolder:
        return RunFolder(self.path)

    def __repr__(self) -> str:
        try:
            state = self.state
        except Failure:
            return f"<Run {safe(self.id)}: cannot be read>"
        facts = [state.status, f"{state.epochs_done} of {counted(state.epochs, 'epoch')}"]
        if state.test is not None:
            facts.append(f"test accuracy {state.test.accuracy:.1%}")
        return f"<Run {safe(self.id)}: {', '.join(facts)}>"

    def _repr_html_(self) -> str:
        """Return the report without photos, in a frame: the notebook keeps its own style."""
        from bear_tui.run.report.html_page import page
        from bear_tui.run.results import summary

        try:
            html = page(summary.review(self._folder), self.recipe, None)
        except Failure as failure:
            return f"<pre>{escape(safe(failure))}</pre>"
        style = "width: 100%; height: 40rem; border: 0"
        return f'<iframe srcdoc="{escape(html)}" sandbox style="{style}"></iframe>'


def open_run(name: File = "last", *, runs: File | None = None) -> Run:
    """Return a run by its id, a unique beginning of it, or its path; `last` is the newest.

    Raises BadInput where there is none.
    """
    with errors_in_python():
        return Run(find_run(str(name), runs_folder(runs)).path)


def runs(folder: File | None = None) -> list[Run]:
    """Return all runs of a folder of runs, newest first."""
    with errors_in_python():
        return [Run(run.path) for run in all_runs(runs_folder(folder))]


def compare(*runs: Run) -> CompareDocument:
    """Return two or more runs beside each other, as `bear-tui compare --json` prints them."""
    from bear_tui.run.results import compare

    return compare.compare([run._folder for run in runs])


def sample_photos() -> Path:
    """Return a folder of photos to try things on; the first call draws them."""
    return launch.sample_photos()
