"""Screen 2: choose a model, the layers to unfreeze, and the recipe."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from bear_tui.catalog import MODELS
from bear_tui.recipe import Recipe
from bear_tui.tui.forms.dependent_values import followed
from bear_tui.tui.forms.history import History
from bear_tui.tui.forms.recipe_draft import Draft, blocked, draft_of, source
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.rate import RateScreen
from bear_tui.tui.toolkit.key_hints import typing
from bear_tui.tui.widgets.catalogue import Catalogue, facts
from bear_tui.tui.widgets.layer_tree import LayerTree
from bear_tui.tui.widgets.layers_pane import LayersPane
from bear_tui.tui.widgets.path_input import SafeInput
from bear_tui.tui.widgets.ready_line import ReadyLine
from bear_tui.tui.widgets.recipe_form import RecipeForm

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset

FIRST_MODEL = "mobilenet_v2"
"""What a newcomer finds chosen: small, quick on a CPU, and good with its head alone."""


class ModelScreen(BearScreen):
    """Shows catalogue, layers and recipe; `ctrl+r` or enter starts the training."""

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

    def compose_body(self) -> Iterable[Widget]:
        with Container(id="work"):
            with Vertical(id="models", classes="pane"):
                yield SafeInput(placeholder="/ search", compact=True, id="search")
                yield Catalogue(id="catalogue")
                yield Static("", id="facts", classes="hint", markup=False)
            remembered = self.context.settings.now.model
            first = Draft(remembered if remembered in MODELS else FIRST_MODEL)
            yield LayersPane(first, id="layers", classes="pane")
            yield RecipeForm(first, id="recipe", classes="pane")

    @property
    def draft(self) -> Draft:
        """Return what the person has chosen and typed so far."""
        return self.query_one(RecipeForm).draft

    def on_mount(self) -> None:
        """Show the last model again; follow the chosen photos and copied recipes."""
        self.query_one("#models").border_title = "models"
        self.query_one("#recipe").border_title = "recipe"
        self.query_one(Catalogue).choose(self.draft.model)
        self._history = History(self.draft)
        self.follow(self.context.photos.dataset, self._dataset_chosen, ahead=True)
        self.follow(self.context.training.recipe, self._recipe_copied, ahead=True)

    def _dataset_chosen(self, _: "Dataset | None") -> None:
        self._show_draft(self._on_these(self.draft, ""))

    def _on_these(self, draft: Draft, otherwise: str) -> Draft:
        """Return the draft for the chosen photos with their decisions, or for `otherwise`."""
        dataset = self.context.photos.dataset.value
        if dataset is None:
            return draft.with_data(otherwise)
        return draft.with_data(str(dataset.root), dataset.corrections, len(dataset.train))

    def _recipe_copied(self, recipe: Recipe | None) -> None:
        if recipe is None or recipe == self.draft.read()[0]:
            return
        # The photos chosen here stay: a copied recipe is for these.
        self._show_draft(self._on_these(draft_of(replace(recipe, name="")), recipe.data))
        self.query_one(Catalogue).choose(self.draft.model)
        self.query_one(LayerTree).focus()

    def _show_draft(self, draft: Draft) -> None:
        """Show a draft in every part of the screen."""
        self.query_one(RecipeForm).fill(draft)
        self._follow()

    def _follow(self) -> None:
        """Update the other parts from the form."""
        draft = self.draft
        self._history.note(draft)
        self.query_one("#recipe").border_title = "recipe" + source(draft)
        self.query_one(LayersPane).follow(draft)

    @on(LayerTree.Changed)
    def _layers_changed(self, event: LayerTree.Changed) -> None:
        self._choose(replace(self.draft, unfreeze=event.spec), "these layers")

    @on(RecipeForm.Changed)
    def _form_edited(self) -> None:
        self._say_what_followed(self._history.now, f"weights {self.draft.text('weights')}")
        self._follow()

    def _choose(self, draft: Draft, cause: str) -> None:
        """Show another draft, and say which values changed with it."""
        before = self.draft
        self._show_draft(draft)
        self._say_what_followed(before, cause)

    def _say_what_followed(self, before: Draft, cause: str) -> None:
        """Say which values have changed because they depend on the choice."""
        if others := followed(before, self.draft):
            z = "esc, then z" if typing(self) else "z"
            self.context.say(f"With {cause}: {others}. {z} takes it back.", "information")

    @on(Catalogue.Picked)
    def _model_picked(self, event: Catalogue.Picked) -> None:
        self._choose(self.draft.with_model(event.model), event.model)
        self.query_one("#search", Input).value = ""
        self.query_one(LayerTree).focus()

    @on(Catalogue.Highlighted)
    def _model_looked_at(self, event: Catalogue.Highlighted) -> None:
        text = facts(event.entry, event.entry.weights_on_disk())
        self.query_one("#facts", Static).update(text)

    @on(Input.Changed, "#search")
    def _search_typed(self, event: Input.Changed) -> None:
        catalogue = self.query_one(Catalogue)
        catalogue.find(event.value)
        if not event.value:
            catalogue.choose(self.draft.model)

    def on_key(self, event: events.Key) -> None:
        """Move through the search results with the arrows while typing."""
        step = {"up": -1, "down": 1}.get(event.key)
        if step and self.focused is not None and self.focused.id == "search":
            event.stop()
            self.query_one(Catalogue).action_move(step)

    @on(Input.Submitted, "#search")
    def _search_done(self, event: Input.Submitted) -> None:
        """Choose the model under the cursor of the list."""
        catalogue = self.query_one(Catalogue)
        if event.value:
            catalogue.action_choose()
        else:
            catalogue.focus()

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Leave letters to a text field; offer `back` everywhere but in the layers."""
        if action == "back":
            return not isinstance(self.focused, LayerTree)
        letters = ("search", "course", "find_rate", "undo")
        return not (action in letters and isinstance(self.focused, Input))

    def action_search(self) -> None:
        self.query_one("#search", Input).focus()

    def action_back(self) -> None:
        """Leave a field for the layers, and end a search."""
        self.query_one("#search", Input).value = ""
        self.query_one(LayerTree).focus()

    def action_course(self) -> None:
        """Fill in the course's values; a second press restores the person's."""
        self._show_draft(self.draft.turned())

    def action_undo(self) -> None:
        """Take back the last change of model, layers or fields."""
        draft = self._history.undo()
        if draft is None:
            self.context.say("Nothing was changed here yet.", "information")
            return
        self._show_draft(draft)
        self.query_one(Catalogue).choose(draft.model)

    def action_find_rate(self) -> None:
        """Run the learning-rate finder, and use its suggestion."""
        recipe = self._ready_recipe()
        if recipe is None:
            return
        if self.context.training.running:
            self.context.say(
                "A training is running; wait for it, or stop it on screen 3.", "warning"
            )
            return
        self.app.push_screen(RateScreen(recipe), self._take_rate)

    def _take_rate(self, rate: float | None) -> None:
        if rate is not None:
            self._show_draft(self.draft.with_text("learning_rate", f"{rate:g}"))

    def _ready_recipe(self) -> Recipe | None:
        """Return the recipe if it can be trained; else say what is wrong, focus it, return None."""
        recipe, _ = self.draft.read()
        wrong = self.query_one(ReadyLine).trouble
        sentence = blocked(wrong, typing(self))
        if not sentence:
            return recipe
        self.context.say(sentence, "warning")
        self.query_one(RecipeForm).focus_field(next(iter(wrong)))
        return None

    def action_start(self) -> None:
        recipe = self._ready_recipe()
        if recipe is None:
            return
        self.context.settings.change(replace(self.context.settings.now, model=recipe.model))
        self.context.training.start(recipe)
