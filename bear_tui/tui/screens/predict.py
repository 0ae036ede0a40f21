"""Predictions of a run for any photos, with an unsure threshold that moves live."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from bear_tui import paths
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import temperature_scaling
from bear_tui.run.results.prediction import Answer, Tally
from bear_tui.text import safe
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.session import engine
from bear_tui.tui.widgets.answers import AnswerRows, probabilities_text
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.picture import Picture

_SHOWN_EVERY = 0.1
"""Seconds between two looks of the screen at what has come."""
_STEP = 0.05
_LEAST_BARS = 28
"""Columns for the probabilities; the pane may not have its size yet."""


class PredictScreen(BearScreen):
    """Opened over screen 5 for one run. A thread predicts; answers appear as they come."""

    TAB = "runs"
    CSS_PATH = "predict.tcss"
    AUTO_FOCUS = "#path"
    BINDINGS: ClassVar = [
        Binding("escape", "back", "back"),
        Binding("left_square_bracket", "threshold(-1)", "lower", key_display="["),
        Binding("right_square_bracket", "threshold(1)", "higher", key_display="]"),
        Binding("v", "unsure", "only the unsure"),
        Binding("o,slash", "path", "other photos"),
    ]

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self._folder = folder
        self._class_names: tuple[str, ...] = ()
        self._threshold = 0.8
        self._working = ""
        self._problem = ""

    def compose_body(self) -> Iterable[Widget]:
        yield Static(id="title", markup=False)
        yield PathInput(
            folders_only=False, placeholder="a photo or a folder; tab completes", id="path"
        )
        yield Static(id="worth", markup=False)
        yield Static(id="tally", markup=False)
        with Horizontal(id="below"):
            yield AnswerRows(id="answers")
            with Vertical(id="right"):
                yield Picture(id="photo")
                yield Static(id="caption", markup=False)

    def on_mount(self) -> None:
        self.query_one("#title", Static).update(
            Content.assemble("Ask ", (safe(self._folder.run, 60), "bold"), " what is on photos")
        )
        self._rows.threshold = self._threshold
        self._show_tally()

    @property
    def _rows(self) -> AnswerRows:
        return self.query_one(AnswerRows)

    @on(Input.Submitted, "#path")
    def _asked(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            return
        self._rows.clear()
        self._problem = ""
        self._working = "loading the model …"
        self._show_tally()
        self._ask(paths.meant(event.value))
        self._rows.focus()

    @work(thread=True, group="predict", exclusive=True, exit_on_error=False)
    def _ask(self, path: Path) -> None:
        worker, call = get_current_worker(), self.app.call_from_thread
        try:
            temperature = temperature_scaling.of_run(self._folder)
            classes, answers = engine.predictions(self._folder, path)
            call(self._know, classes, temperature.words)
            fresh: list[Answer] = []
            last = time.monotonic()
            for batch in answers:
                if worker.is_cancelled:
                    answers.close()
                    return
                fresh += temperature_scaling.answers_at(temperature, batch)
                if time.monotonic() - last > _SHOWN_EVERY:
                    call(self._add, tuple(fresh))
                    fresh, last = [], time.monotonic()
            call(self._add, tuple(fresh))
            call(self._done, "")
        except Exception as error:  # all: a screen waits for its sentence
            if not worker.is_cancelled:
                call(self._done, in_words(error))

    def _know(self, classes: tuple[str, ...], words: str) -> None:
        self._class_names = self._rows.class_names = classes
        self.query_one("#worth", Static).update(Content(words))
        self._working = "asking …"
        self._show_tally()

    def _add(self, fresh: Sequence[Answer]) -> None:
        """Add answers; the cursor keeps its place."""
        first = not self._rows.found
        self._rows.add(fresh)
        if first:
            self._show_photo()
        self._show_tally()

    def _done(self, problem: str) -> None:
        self._working, self._problem = "", safe(problem)
        self._show_tally()

    def _show_tally(self) -> None:
        """Say how many answers are sure enough, and what is being done."""
        answers = self._rows.found
        tally = Tally().add(answers, self._threshold)
        parts = [f"unsure below {self._threshold:.0%}"]
        if answers:
            answered = max(1, tally.sure + tally.unsure)
            parts = [
                f"{tally.photos:,} photos",
                f"{tally.sure:,} sure ({tally.sure / answered:.0%})",
                f"{tally.unsure:,} {parts[0]}",
            ]
        if tally.unreadable:
            parts.append(f"{tally.unreadable:,} cannot be read")
        if self._working:
            parts = [*parts, self._working] if answers else [self._working]
        if self._problem:
            parts = [f"! {self._problem}", *(parts if answers else [])]
        line = self.query_one("#tally", Static)
        line.update(Content(" · ".join(parts)))
        line.set_class(bool(self._problem), "error")

    @on(AnswerRows.Moved)
    def _show_photo(self) -> None:
        """Show the photo under the cursor with the probability of every class."""
        rows = self._rows
        answer, after = rows.under_cursor, rows.after_cursor
        self.query_one(Picture).show(answer.path if answer else None, [after.path] if after else ())
        width = max(_LEAST_BARS, self.query_one("#caption").size.width)
        text = probabilities_text(answer, self._class_names, width) if answer else Content("")
        self.query_one("#caption", Static).update(text)

    def action_threshold(self, steps: int) -> None:
        """Raise or lower the probability from which an answer counts as sure."""
        self._threshold = round(min(1.0, max(0.0, self._threshold + steps * _STEP)), 2)
        self._rows.set_threshold(self._threshold)
        self._show_tally()
        self._show_photo()

    def action_unsure(self) -> None:
        """List only the unsure answers, or all."""
        self._rows.show_unsure(not self._rows.only_unsure)
        self._show_photo()

    def path_here(self) -> Path | None:
        answer = self._rows.under_cursor
        return answer.path if answer is not None else None

    def action_path(self) -> None:
        self.query_one("#path").focus()

    def action_back(self) -> None:
        """Return from the path to the answers if there are any, else to the runs."""
        if self._rows.found and self.query_one("#path").has_focus:
            self._rows.focus()
        else:
            self.dismiss()
