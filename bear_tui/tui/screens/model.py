"""Screen 2: the model, which of its layers learn, and how."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from bear_tui.catalog import MODELS
from bear_tui.errors import BadInput
from bear_tui.layers import summary
from bear_tui.recipe import Recipe
from bear_tui.text import safe
from bear_tui.tui.draft import Draft, blocked, draft_of, source
from bear_tui.tui.hints import typing
from bear_tui.tui.outline import lesson
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.rate import RateScreen
from bear_tui.tui.undo import History
from bear_tui.tui.widgets.catalogue import Catalogue, facts
from bear_tui.tui.widgets.estimate_line import EstimateLine
from bear_tui.tui.widgets.form import Field
from bear_tui.tui.widgets.layer_reader import LayerReader, Question
from bear_tui.tui.widgets.layer_tree import LayerTree
from bear_tui.tui.widgets.path_input import SafeInput
from bear_tui.tui.widgets.ready_line import ReadyLine
from bear_tui.tui.widgets.recipe_form import RecipeForm

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset

FIRST_MODEL = "mobilenet_v2"
"""What a newcomer finds chosen: small, quick on a CPU, and good with its head alone."""


class ModelScreen(BearScreen):
    """Catalogue, layers, recipe: and `ctrl+r` or enter to start."""

    TAB = "model"
    AUTO_FOCUS = "#tree"
    CSS_PATH = "model.tcss"
    # Three panes leave the layers less than two do at 80 columns until there are 120.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide"), (150, "-vast")]
    BINDINGS: ClassVar = [
        Binding("ctrl+r", "start", "start", tooltip="start training"),
        Binding("slash", "search", "search", key_display="/", tooltip="search a model"),
        Binding("c", "course", "course", tooltip="the course's values; again: yours"),
        Binding("f", "find_rate", "lr", tooltip="find a learning rate"),
        Binding("z", "undo", "undo", show=False, tooltip="take back what was changed last"),
        Binding("escape", "back", "back to the layers"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lesson = ""

    def compose_body(self) -> Iterable[Widget]:
        """Three panes; in a narrow terminal the recipe stands under the catalogue."""
        with Container(id="work"):
            with Vertical(id="models", classes="pane"):
                yield SafeInput(placeholder="/ search", compact=True, id="search")
                yield Catalogue(id="catalogue")
                yield Static("", id="facts", classes="hint", markup=False)
            with Vertical(id="layers", classes="pane"):
                yield Static("", id="layers-note", markup=False)
                yield LayerReader(self.bear.since_key, lambda: self.bear.training)
                yield LayerTree(id="tree")
                yield Static("", id="summary", markup=False)
                yield EstimateLine(lambda: self.bear.training, id="estimate", classes="hint")
                yield Static("", id="lesson", classes="hint", markup=False)
                yield ReadyLine(id="ready")
            remembered = self.bear.settings.model
            first = Draft(remembered if remembered in MODELS else FIRST_MODEL)
            yield RecipeForm(first, id="recipe", classes="pane")

    @property
    def draft(self) -> Draft:
        """What the person chose and typed so far."""
        return self.query_one(RecipeForm).draft

    def on_mount(self) -> None:
        """As it was left the last time, or as a run that was copied."""
        self.query_one("#models").border_title = "models"
        self.query_one("#recipe").border_title = "recipe"
        self.query_one(Catalogue).choose(self.draft.model)
        self._history = History(self.draft)
        self.watch(self.app, "dataset", self._dataset_chosen, ahead=True)
        self.watch(self.app, "recipe", self._recipe_copied, ahead=True)

    def _dataset_chosen(self, _: "Dataset | None") -> None:
        self._take(self._on_these(self.draft, ""))

    def _on_these(self, draft: Draft, otherwise: str) -> Draft:
        """For the photos that are chosen here, as they were decided about."""
        dataset = self.bear.dataset
        if dataset is None:
            return draft.with_data(otherwise)
        return draft.with_data(str(dataset.root), dataset.corrections)

    def _recipe_copied(self, recipe: Recipe | None) -> None:
        if recipe is None or recipe == self.draft.read()[0]:
            return
        # The photos chosen here stay: a copied recipe is for these.
        self._take(self._on_these(draft_of(replace(recipe, name="")), recipe.data))
        self.query_one(Catalogue).choose(self.draft.model)
        self.query_one(LayerTree).focus()

    def _take(self, draft: Draft) -> None:
        """Show a draft everywhere."""
        self.query_one(RecipeForm).put(draft)
        self._follow()

    @on(RecipeForm.Changed)
    def _follow(self) -> None:
        """The rest of the screen as the form has it."""
        draft = self.draft
        self._history.note(draft)
        recipe, _ = draft.read()
        self.query_one("#recipe").border_title = "recipe" + source(draft)
        tree = self.query_one(LayerTree)
        known = self.query_one(LayerReader).asked == self._question() and tree.model_layers
        if known and tree.spec != recipe.unfreeze:
            self._tick(tree.check)
        self._read_layers()
        self._say_ready()

    @on(LayerTree.Changed)
    def _layers_changed(self, event: LayerTree.Changed) -> None:
        self._take(replace(self.draft, unfreeze=event.spec))

    @on(Catalogue.Picked)
    def _model_picked(self, event: Catalogue.Picked) -> None:
        self._take(self.draft.with_model(event.model))
        self.query_one("#search", Input).value = ""
        self.query_one(LayerTree).focus()

    @on(Catalogue.Looked)
    def _model_looked_at(self, event: Catalogue.Looked) -> None:
        text = facts(event.entry, event.entry.weights_on_disk())
        self.query_one("#facts", Static).update(text)

    @on(Input.Changed, "#search")
    def _search_typed(self, event: Input.Changed) -> None:
        catalogue = self.query_one(Catalogue)
        catalogue.find(event.value)
        if not event.value:
            catalogue.choose(self.draft.model)

    def on_key(self, event: events.Key) -> None:
        """Arrows go through what the search finds, while it is typed."""
        step = {"up": -1, "down": 1}.get(event.key)
        if step and self.focused is not None and self.focused.id == "search":
            event.stop()
            self.query_one(Catalogue).action_move(step)

    @on(Input.Submitted, "#search")
    def _search_done(self, event: Input.Submitted) -> None:
        """What the list's cursor stands on is what was looked for."""
        catalogue = self.query_one(Catalogue)
        if event.value:
            catalogue.action_choose()
        else:
            catalogue.focus()

    def _question(self) -> Question:
        recipe, _ = self.draft.read()
        classes = len(self.bear.dataset.classes) if self.bear.dataset else 2
        return Question(recipe.model, recipe.image_size, classes)

    def _read_layers(self) -> None:
        """Ask for the layers when model, size or classes are others than before."""
        _, wrong = self.draft.read()
        question = self._question()
        if "image_size" not in wrong and self.query_one(LayerReader).ask(question):
            self.query_one(LayerTree).clear()
            self._note(f"reading the layers of {question.model} …", "hint")

    def on_layer_reader_read(self, event: LayerReader.Read) -> None:
        """Show them."""
        tree = self.query_one(LayerTree)
        if event.sentence:
            tree.clear()
            self._note(f"! {event.sentence}", "error")
        else:
            self._note("")
            self._tick(partial(tree.load, event.layers))
        self._say_ready()

    def _tick(self, show: Callable[[str], None]) -> None:
        try:
            show(self.draft.read()[0].unfreeze)
        except BadInput as problem:
            self._note(str(problem).removeprefix("--unfreeze "), "warning")

    def _note(self, text: str, look: str = "") -> None:
        note = self.query_one("#layers-note", Static)
        note.update(safe(text))
        note.set_classes(look)
        note.display = bool(text)

    def _say_ready(self) -> None:
        """The lines under the layers: what learns, what it means, what is in the way."""
        recipe, wrong = self.draft.read()
        tree = self.query_one(LayerTree)
        pane = self.query_one("#layers")
        pane.border_title = f"layers · {recipe.model} at {recipe.image_size} px"
        layers = tree.chosen_layers
        classes = len(self.bear.dataset.classes) if self.bear.dataset else 2
        self.query_one("#summary", Static).update(summary(layers) if layers else "")
        asked = self.query_one(LayerReader).asked
        self._lesson = lesson(layers, asked.image_size, classes) if layers and asked else ""
        self._show_lesson()
        ready = self.query_one(ReadyLine)
        ready.put(recipe, wrong)
        # Whoever reads why there are no layers is not told that all is well.
        ready.display = bool(wrong) or not self.query_one("#layers-note").has_class("error")
        known = layers and not wrong and not self.bear.training
        self.query_one(EstimateLine).ask(recipe if known else None, self.bear.dataset)

    def on_descendant_focus(self) -> None:
        """What a field means stands where the lesson is, while the keyboard is in it."""
        self._show_lesson()

    def _show_lesson(self) -> None:
        above = self.focused.ancestors if self.focused else []
        text = next((one.help for one in above if isinstance(one, Field)), self._lesson)
        self.query_one("#lesson", Static).update(text)

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """In a field `/`, `c`, `f` and `z` are letters; back leads to the layers from elsewhere."""
        if action == "back":
            return not isinstance(self.focused, LayerTree)
        letters = ("search", "course", "find_rate", "undo")
        return not (action in letters and isinstance(self.focused, Input))

    def action_search(self) -> None:
        """Type a model's name."""
        self.query_one("#search", Input).focus()

    def action_back(self) -> None:
        """Out of a field, to the layers; a search is given up."""
        self.query_one("#search", Input).value = ""
        self.query_one(LayerTree).focus()

    def action_course(self) -> None:
        """The course's values; again: what stood there before."""
        self._take(self.draft.turned())

    def action_undo(self) -> None:
        """As it was before the last change: of model, layers, a field or all of them."""
        before = self._history.undo()
        if before is None:
            self.bear.say("Nothing was changed here yet.", "information")
            return
        self._take(before)
        self.query_one(Catalogue).choose(before.model)

    def action_find_rate(self) -> None:
        """Try rising learning rates, and take the one that is suggested."""
        recipe = self._ready_recipe()
        if recipe is None:
            return
        if self.bear.training:
            self.bear.say("A training is running; wait for it, or stop it on screen 3.", "warning")
            return
        self.app.push_screen(RateScreen(recipe), self._take_rate)

    def _take_rate(self, rate: float | None) -> None:
        if rate is not None:
            self._take(self.draft.with_text("learning_rate", f"{rate:g}"))

    def _ready_recipe(self) -> Recipe | None:
        """The recipe, if nothing is in the way; else say what is and go there."""
        recipe, wrong = self.draft.read()
        sentence = blocked(wrong, typing(self))
        if not sentence:
            return recipe
        self.bear.say(sentence, "warning")
        self.query_one(RecipeForm).focus_field(next(iter(wrong)))
        return None

    def action_start(self) -> None:
        """Train, or say what is in the way."""
        recipe = self._ready_recipe()
        if recipe is None:
            return
        self.bear.remember(replace(self.bear.settings, model=recipe.model))
        self.bear.start_training(recipe)
