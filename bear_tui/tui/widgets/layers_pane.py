"""The layers of the model on screen 2, and below them a summary."""

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from bear_tui.errors import BadInput
from bear_tui.layers import for_classes, summary
from bear_tui.text import safe
from bear_tui.tui.context import AppContext, context_of
from bear_tui.tui.forms.layer_outline import lesson
from bear_tui.tui.forms.recipe_draft import Draft
from bear_tui.tui.widgets.estimate_line import EstimateLine
from bear_tui.tui.widgets.help_line import HelpLine
from bear_tui.tui.widgets.layer_reader import LayerReader, Question
from bear_tui.tui.widgets.layer_tree import LayerTree
from bear_tui.tui.widgets.ready_line import ReadyLine


class LayersPane(Vertical):
    """Follows the draft and the chosen photos."""

    def __init__(self, draft: Draft, id: str, classes: str) -> None:
        super().__init__(id=id, classes=classes)
        self._draft = draft
        self._shown: Question | None = None
        """Whose layers the tree has."""
        self._unknown = ""
        """What is wrong with the layers that the recipe names."""

    @property
    def _app_context(self) -> AppContext:
        return context_of(self.app)

    def compose(self) -> ComposeResult:
        yield Static("", id="layers-note", markup=False)
        yield LayerReader(self._app_context.since_key, lambda: self._app_context.training.running)
        yield LayerTree(id="tree")
        yield Static("", id="summary", markup=False)
        yield EstimateLine(
            lambda: self._app_context.training.running, id="estimate", classes="hint"
        )
        yield HelpLine(id="lesson")
        yield ReadyLine(id="ready")

    @property
    def _tree(self) -> LayerTree:
        return self.query_one(LayerTree)

    def follow(self, draft: Draft) -> None:
        """Show which layers the draft trains; read them if they are others."""
        self._draft = draft
        question = self._question()
        unchanged = self.query_one(LayerReader).asked == question and self._tree.model_layers
        if unchanged and (self._unknown or self._tree.spec != draft.read()[0].unfreeze):
            self._note("")
            self._tick(self._tree.check)
        self._read_layers(question)
        self._say_ready()

    def _question(self) -> Question:
        recipe, wrong = self._draft.read()
        shown = self._shown
        # A size that is wrong is not asked about; other classes are.
        as_before = "image_size" in wrong and shown is not None and shown.model == recipe.model
        size = shown.image_size if shown is not None and as_before else recipe.image_size
        return Question(recipe.model, size, self._class_count(recipe.data))

    def _class_count(self, data: str) -> int:
        """Return the number of classes of the chosen photos, else of those in training; 2 if
        unknown.
        """
        dataset, feed = self._app_context.photos.dataset.value, self._app_context.training.local_run
        if dataset is not None:
            return len(dataset.classes)
        if feed is not None and feed.recipe.data == data:
            return len(feed.snapshot.state.classes) or 2
        return 2

    def _read_layers(self, question: Question) -> None:
        """Ask for the layers if model, image size or classes have changed."""
        shown = self._shown
        if shown is not None and question == shown._replace(classes=question.classes) != shown:
            # At once: the trace that is asked for below may come seconds later.
            layers = for_classes(self._tree.model_layers, shown.classes, question.classes)
            self._shown = question
            self._tick(partial(self._tree.load, layers))
        _, wrong = self._draft.read()
        readable = "image_size" not in wrong or question == self._shown
        if readable and self.query_one(LayerReader).ask(question):
            self._tree.clear()
            self._shown, self._unknown = None, ""
            self._note(f"reading the layers of {question.model} …", "hint")

    def on_layer_reader_read(self, event: LayerReader.Read) -> None:
        if event.sentence:
            self._shown = None
            self._tree.clear()
            self._note(f"! {event.sentence}", "error")
        else:
            self._shown = event.question
            self._note("")
            self._tick(partial(self._tree.load, event.layers))
        self._say_ready()

    def _tick(self, show: Callable[[str], None]) -> None:
        self._unknown = ""
        try:
            show(self._draft.read()[0].unfreeze)
        except BadInput as problem:
            self._unknown = str(problem).removeprefix("--unfreeze ")
            self._note(self._unknown, "warning")

    def _note(self, text: str, classes: str = "") -> None:
        note = self.query_one("#layers-note", Static)
        note.update(safe(text))
        note.set_classes(classes)
        note.display = bool(text)

    def _say_ready(self) -> None:
        """Update the lines below: what is trained, its lesson, what is wrong."""
        recipe, wrong = self._draft.read()
        if self._unknown:
            wrong["unfreeze"] = self._unknown
        self.border_title = f"layers · {recipe.model} at {recipe.image_size} px"
        layers, shown = self._tree.chosen_layers, self._shown
        self.query_one("#summary", Static).update(summary(layers) if layers else "")
        words = lesson(layers, shown.image_size, shown.classes) if layers and shown else ""
        if shown is not None and shown.image_size != self._question().image_size:
            words = f"reading the layers at {recipe.image_size} px …"
        self.query_one(HelpLine).show_lesson(words)
        ready = self.query_one(ReadyLine)
        ready.show_recipe(recipe, wrong)
        # Whoever reads why there are no layers is not told that all is well.
        ready.display = bool(ready.trouble) or not self.query_one("#layers-note").has_class("error")
        complete = layers and not wrong and not self._app_context.training.running
        self.query_one(EstimateLine).ask(
            recipe if complete else None, self._app_context.photos.dataset.value
        )
