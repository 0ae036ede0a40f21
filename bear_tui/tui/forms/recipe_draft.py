"""A recipe being edited: what the person typed, over what suits the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from bear_tui import paths
from bear_tui.catalog import find_model
from bear_tui.recipe import (
    AUGMENTS,
    CLASS_WEIGHTS,
    FRAMINGS,
    OPTIMIZERS,
    OPTIONS,
    PRECISIONS,
    SCHEDULERS,
    Recipe,
)
from bear_tui.recipe_check import CHOOSE_PHOTOS, problems
from bear_tui.recipe_defaults import course_recipe, default_recipe, with_enough_steps
from bear_tui.text import counted, relabelled, safe

WEIGHTS_FILE = "file"
"""The choice that asks for a path."""

_WHOLE_NUMBERS = ("image_size", "epochs", "patience", "seed", "views")
_DECIMALS = (
    "learning_rate",
    "validation",
    "warmup",
    "stage_factor",
    "label_smoothing",
    "mixup",
)


@dataclass(frozen=True)
class Spec:
    """One field of the form."""

    name: str
    label: str
    help: str
    choices: tuple[str, ...] = ()


FORM = (
    Spec("weights", "weights", "what the model knows before it starts"),
    Spec("weights_file", "file", "a file of weights for this model"),
    Spec("image_size", "image px", "side of the square that the network sees"),
    Spec("epochs", "epochs", "times through all training photos"),
    Spec("batch_size", "batch", "photos a step; `auto` takes what fits"),
    Spec("learning_rate", "lr", "learning rate: how large a step is"),
    Spec("optimizer", "optimizer", "how a step is made of the gradients", OPTIMIZERS),
    Spec("scheduler", "schedule", "how the learning rate falls", SCHEDULERS),
    Spec("augment", "augment", "how training photos are varied", AUGMENTS),
    Spec("framing", "framing", "pad: the whole photo, on black; crop: its middle", FRAMINGS),
    Spec("stage_factor", "per stage", "rate of an earlier stage, as a share of the next one's"),
    Spec("warmup", "warm-up", "epochs in which the learning rate climbs to its schedule"),
    Spec("validation", "validation", "share of training photos that choose the best epoch"),
    Spec("patience", "patience", "epochs without a better val accuracy, then stop; 0: never"),
    Spec("label_smoothing", "smoothing", "share of each label that is spread over all classes"),
    Spec("class_weights", "weighting", "balanced: uneven classes count alike", CLASS_WEIGHTS),
    Spec("mixup", "mixup", "photos mixed in pairs, 0.2 is usual; 0: off"),
    Spec("views", "views", "changed views kept of a photo; 0: new ones in every epoch"),
    Spec("seed", "seed", "the same seed gives the same run"),
    Spec("device", "device", "auto, cpu, cuda or cuda:N"),
    Spec("precision", "precision", "auto: bf16 where it is faster", PRECISIONS),
    Spec("name", "name", "what you call the run; empty: made for you"),
)
"""The fields of the form, what is changed most often first."""


@dataclass(frozen=True)
class Draft:
    """What the person chose and typed; a field left alone follows the model."""

    model: str
    data: str = ""
    unfreeze: str | None = None
    typed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Texts typed into fields, by name, whether they can be read or not."""
    course: bool = False
    """Whether fields left alone have the course's values."""
    aside: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Texts typed while the other set of values was shown: the course's, or the model's."""
    corrections: tuple[tuple[str, str], ...] = ()
    """Corrections in a recipe made before, for the same photos."""
    decisions: tuple[tuple[str, str], ...] = ()
    """Decisions about these photos, from where they were chosen."""
    photos: int = 0
    """How many there are to train on; 0: not known."""

    def with_data(
        self, data: str, decisions: tuple[tuple[str, str], ...] = (), photos: int = 0
    ) -> "Draft":
        """Use these photos and decisions; drop the corrections of other photos."""
        corrections = self.corrections if data == self.data else ()
        more = tuple(pair for pair in corrections if pair not in decisions)
        return replace(self, data=data, decisions=decisions, corrections=more, photos=photos)

    @property
    def corrected(self) -> tuple[tuple[str, str], ...]:
        """Return the decisions about the photos, overridden by the corrections of the recipe."""
        return tuple({**dict(self.decisions), **dict(self.corrections)}.items())

    def with_text(self, name: str, text: str) -> "Draft":
        """Put a text into a field; typing the default leaves the field alone again."""
        others = {key: value for key, value in self.typed.items() if key != name}
        if name == "weights":
            # Other layers make sense then: the head of a pretrained backbone, all of a random one.
            return replace(self, typed=MappingProxyType({**others, name: text}), unfreeze=None)
        untouched = replace(self, typed=MappingProxyType(others))
        if text.strip() == untouched.text(name):
            return untouched
        return replace(self, typed=MappingProxyType({**others, name: text}))

    def with_model(self, model: str) -> "Draft":
        """Choose another model with its own layers and weights; keep the rest as typed."""
        kept = {k: v for k, v in self.typed.items() if k not in ("weights", "weights_file")}
        return replace(self, model=model, unfreeze=None, typed=MappingProxyType(kept))

    def turned(self) -> "Draft":
        """Swap the course's values with these; both sets keep what was typed over them.

        Weights and name are the same in both.
        """
        both = ("weights", "weights_file", "name")
        kept = {k: v for k, v in self.typed.items() if k in both}
        aside = {k: v for k, v in self.typed.items() if k not in both}
        return replace(
            self,
            course=not self.course,
            typed=MappingProxyType({**self.aside, **kept}),
            aside=MappingProxyType(aside),
        )

    @property
    def weights_choices(self) -> tuple[str, ...]:
        """Return the sources of weights for this model."""
        official = ("imagenet",) if find_model(self.model).weights_file else ()
        return (*official, "none", WEIGHTS_FILE)

    def base(self) -> Recipe:
        """Return what suits the model with the chosen weights, layers and image size."""
        weights = self.typed.get("weights")
        if weights == WEIGHTS_FILE:
            path = self.typed.get("weights_file", "").replace("\0", "")
            weights = str(paths.meant(path)) if path.strip() else WEIGHTS_FILE
        size = _whole(self.typed.get("image_size", ""))
        recipe = default_recipe(self.data, self.model, weights, self.unfreeze, size)
        recipe = replace(recipe, corrections=self.corrected)
        if self.course:
            return course_recipe(recipe)
        batch = self.typed.get("batch_size", "").strip()
        if batch == "auto" or _whole(batch):
            recipe = replace(recipe, batch_size=_whole(batch) or "auto")
        return with_enough_steps(recipe, self.photos)

    def text(self, name: str) -> str:
        """Return the text of a field."""
        if name in self.typed:
            return self.typed[name]
        if name == "weights_file":
            return ""
        value = getattr(self.base(), name)
        return f"{value:g}" if isinstance(value, float) else str(value)

    def read(self) -> tuple[Recipe, dict[str, str]]:
        """Return the recipe as far as it can be read, and a sentence for each field in error."""
        recipe, wrong = self.base(), {}
        for name, text in self.typed.items():
            if name in ("weights", "weights_file"):
                continue
            try:
                recipe = replace(recipe, **{name: _value(name, text.strip())})
            except ValueError as error:
                wrong[name] = str(error)
        if recipe.weights == WEIGHTS_FILE:
            wrong["weights_file"] = "name a file of weights, such as ~/vgg16.pth."
        found = problems(recipe)
        if "weights" in found and self.typed.get("weights") == WEIGHTS_FILE:
            found["weights_file"] = found.pop("weights")
        return recipe, {**found, **wrong}


def draft_of(recipe: Recipe) -> Draft:
    """Return the form filled with a recipe made before."""
    base = default_recipe(
        recipe.data, recipe.model, recipe.weights, recipe.unfreeze, recipe.image_size
    )
    typed: dict[str, str] = {}
    plain = default_recipe(recipe.data, recipe.model)
    if recipe.weights != plain.weights:
        named = recipe.weights in ("imagenet", "none")
        typed["weights"] = recipe.weights if named else WEIGHTS_FILE
        if not named:
            typed["weights_file"] = recipe.weights
    if recipe.image_size != plain.image_size:
        typed["image_size"] = str(recipe.image_size)
    for one in fields(Recipe):
        if one.name in ("data", "model", "weights", "unfreeze", "image_size", "corrections"):
            continue
        value = getattr(recipe, one.name)
        if one.name == "interpolation" and value == "draft":
            # How earlier versions resized photos: nobody chose that.
            continue
        # What depends on the photos stays as it was there.
        own = one.name == "epochs" and with_enough_steps(base, 1) != base
        if own or value != getattr(base, one.name):
            typed[one.name] = f"{value:g}" if isinstance(value, float) else str(value)
    return Draft(
        recipe.model,
        recipe.data,
        unfreeze=recipe.unfreeze,
        typed=MappingProxyType(typed),
        corrections=recipe.corrections,
    )


def weights_note(draft: Draft) -> str:
    """Return how the chosen weights are had: `14 MB, will be downloaded`."""
    entry = find_model(draft.model)
    weights = draft.text("weights")
    if weights == "none":
        return "random: learns from nothing"
    if weights != "imagenet":
        return ""
    size = f"{entry.megabytes:,.0f} MB" if entry.megabytes else ""
    if entry.weights_on_disk():
        return f"{size}, on this disk"
    return f"{size} to download at the start"


def source(draft: Draft) -> str:
    """Return where the values of the recipe come from, to follow its title."""
    count = len(draft.corrected)
    corrected = f" · {counted(count, 'correction')}" if count else ""
    typed = any(name not in ("name", "weights_file") for name in draft.typed)
    if draft.course:
        return corrected + (" · course's, changed" if typed else " · the course's values")
    return corrected + (" · changed" if typed else "")


def with_labels(sentence: str) -> str:
    """Return a sentence of the engine with the form's labels in place of command options."""
    return relabelled(sentence.replace("`resume --accept-changes`", "`u`"), _LABELS)


_LABELS = {
    **{OPTIONS[spec.name]: spec.label for spec in FORM if spec.name in OPTIONS},
    **{"--data": "photos", "--model": "model", "--unfreeze": "layers"},
}


def blocked(wrong: Mapping[str, str], typing: bool = False) -> str:
    """Return why no training can start; "" when it can. `typing`: keys are letters."""
    if "data" in wrong:
        first = "" if wrong["data"] == CHOOSE_PHOTOS else wrong["data"] + " "
        return f"{first}Choose the photos first: {'esc, then ' if typing else ''}key 1."
    labels = {spec.name: spec.label for spec in FORM}
    for name, sentence in wrong.items():
        return f"{labels.get(name, 'layers' if name == 'unfreeze' else name)}: {sentence}"
    return ""


def _value(name: str, text: str) -> Any:
    """A field's text as its value; ValueError with the sentence for under it."""
    if name == "batch_size" and text == "auto":
        return text
    if name in _WHOLE_NUMBERS or name == "batch_size":
        number = _whole(text)
        if not text:
            raise ValueError("type a whole number.")
        if number is None:
            also = ", or `auto`" if name == "batch_size" else ""
            raise ValueError(f"`{safe(text, 20)}` is no whole number{also}.")
        return number
    if name in _DECIMALS:
        if not text:
            raise ValueError("type a number.")
        try:
            return float(text)
        except ValueError:
            raise ValueError(f"`{safe(text, 20)}` is no number.") from None
    return text


def _whole(text: str) -> int | None:
    # int() takes other scripts' digits and unbounded lengths too; a recipe wants neither.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
