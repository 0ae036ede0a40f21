"""Queueing the course's ladder of four models on the chosen photos."""

from functools import partial
from typing import TYPE_CHECKING

from bear_tui.tui.forms.error_text import in_words
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.session.ladder import ladder, pretrained

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset


class LadderStart:
    """Asks first; a thread builds the four recipes."""

    def __init__(self, screen: BearScreen) -> None:
        self._screen = screen

    def ask(self) -> None:
        """Ask whether to queue the four models; without photos, say where to choose them."""
        context = self._screen.context
        dataset = context.photos.dataset.value
        if dataset is None:
            context.say("Choose photos first (1): the ladder is trained on them.", "warning")
            return
        model, weights = pretrained(context.training.recipe.value)
        question = AskScreen(
            f"Train the ladder on {dataset.root.name}?",
            {"": "Not now", "climb": "Train the four, one after the other"},
            "A perceptron and a VGG16 from scratch at 32 px, then a pretrained "
            f"{model} with its head alone, then with more of it unfrozen. Mark the four here "
            "afterwards (space) and compare them (v).",
        )

        def answered(answer: str | None) -> None:
            if answer == "climb":
                self._screen.run_worker(
                    partial(self._queue, dataset, model, weights),
                    thread=True,
                    group="ladder",
                    exclusive=True,
                    exit_on_error=False,
                )

        self._screen.app.push_screen(question, answered)

    def _queue(self, dataset: "Dataset", model: str, weights: str) -> None:
        context, call = self._screen.context, self._screen.app.call_from_thread
        try:
            recipes = ladder(dataset, model, weights)
        except Exception as error:  # all: a screen waits for its sentence
            call(context.say, in_words(error), "error")
            return
        for recipe in recipes:
            call(context.training.queue.enqueue, recipe)
        call(context.refresh_status)
