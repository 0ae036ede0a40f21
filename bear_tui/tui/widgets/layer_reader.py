"""Reading the layers of the model on screen 2 in a thread, when the keys are quiet."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from textual import work
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from bear_tui.layers import Layer
from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.session import engine

_SOON, _CALM = 0.05, 0.3
"""Seconds before the layers are read: of another model once the screen is painted, at another size
once it is typed, for not every digit deserves a look."""
_QUIET = 0.15
"""Seconds without a key before that, where another screen is shown by then: torch holds Python's
lock for most of it. Beside a training it waits until its own screen is seen."""


class Question(NamedTuple):
    """The model, image size and classes whose layers are wanted."""

    model: str
    image_size: int
    classes: int


class LayerReader(Widget):
    """An invisible widget that posts `Read` for the newest question."""

    DEFAULT_CSS = "LayerReader { display: none; }"

    @dataclass
    class Read(Message):
        """The layers have been read, or a sentence says why not."""

        question: Question
        layers: list[Layer]
        sentence: str

    def __init__(self, since_key: Callable[[], float], busy: Callable[[], bool]) -> None:
        super().__init__()
        self._since_key = since_key
        self._busy = busy
        self.asked: Question | None = None
        self._calm: Timer | None = None

    def ask(self, question: Question) -> bool:
        """Read layers unless they were asked for already; return True for another model."""
        if question == self.asked:
            return False
        fresh = self.asked is None or self.asked.model != question.model
        self.asked = question
        if self._calm is not None:
            self._calm.stop()
        self._trace_after(_SOON if fresh else _CALM, question)
        return fresh

    def _trace_after(self, seconds: float, question: Question) -> None:
        self._calm = self.set_timer(seconds, partial(self._trace_when_quiet, question))

    def _trace_when_quiet(self, question: Question) -> None:
        left = _CALM if self._busy() else _QUIET - self._since_key()
        if left > 0 and not self.screen.is_current:
            self._trace_after(left, question)
        else:
            self._trace(question)

    @work(thread=True, group="layers", exclusive=True, exit_on_error=False)
    def _trace(self, question: Question) -> None:
        try:
            layers, sentence = engine.layers(*question, "all"), ""
        except (ImportError, RuntimeError, ValueError) as error:
            # What torch says about a size that the model cannot take, or about itself missing.
            layers, sentence = [], f"The layers cannot be read: {error}"
        except Exception as error:  # all: a screen waits for its sentence
            layers, sentence = [], in_words(error)
        self.post_message(self.Read(question, layers, sentence))

    def on_layer_reader_read(self, event: Read) -> None:
        """Drop the answer to an older question."""
        if event.question != self.asked:
            event.stop()
