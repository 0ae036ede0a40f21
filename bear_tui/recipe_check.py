"""What is wrong with a recipe, a sentence a field."""

import re

from bear_tui import files
from bear_tui.catalog import find_model
from bear_tui.errors import BadInput
from bear_tui.recipe import (
    AUGMENTS,
    CLASS_WEIGHTS,
    FRAMINGS,
    INTERPOLATIONS,
    OPTIMIZERS,
    OPTIONS,
    PRECISIONS,
    SCHEDULERS,
    Recipe,
)


def possible_epochs(epochs: float) -> bool:
    """Return whether a run may have so many epochs. JSON writes whole numbers as `7.0`, too."""
    return 1 <= epochs <= 100_000 and epochs % 1 == 0


def possible_rate(rate: float) -> bool:
    """Return whether a run may have this learning rate."""
    return 0 < rate < 100


CHOOSE_PHOTOS = "choose a folder of photos."
"""What is wrong with a recipe without data."""


def problems(recipe: Recipe) -> dict[str, str]:
    """Return what is wrong, a sentence a field. Photos and layer names are checked later."""
    wrong: dict[str, str] = {}

    def require(field: str, good: bool, sentence: str) -> None:
        if not good:
            wrong.setdefault(field, sentence)

    require("data", bool(recipe.data), CHOOSE_PHOTOS)
    choices = {
        "optimizer": OPTIMIZERS,
        "scheduler": SCHEDULERS,
        "augment": AUGMENTS,
        "framing": FRAMINGS,
        "interpolation": INTERPOLATIONS,
        "precision": PRECISIONS,
        "class_weights": CLASS_WEIGHTS,
    }
    for field, allowed in choices.items():
        value = getattr(recipe, field)
        require(field, value in allowed, f"`{value}` is none of {', '.join(allowed)}.")
    require("epochs", possible_epochs(recipe.epochs), "must be 1 or more, at most 100,000.")
    batch_size = recipe.batch_size
    good_batch = batch_size == "auto" or 1 <= batch_size <= 65_536
    require("batch_size", good_batch, "must be 1 or more, or `auto`; at most 65,536.")
    require(
        "learning_rate",
        possible_rate(recipe.learning_rate),
        "must be above 0 and below 100, such as 0.001.",
    )
    require("validation", 0 < recipe.validation <= 0.5, "must be above 0 and at most 0.5.")
    require("patience", recipe.patience >= 0, "must be 0 (never stop early) or more.")
    require("warmup", 0 <= recipe.warmup <= 1000, "must be 0 (none) to 1000 epochs.")
    require("stage_factor", 0 < recipe.stage_factor <= 1, "must be above 0 and at most 1.")
    require("label_smoothing", 0 <= recipe.label_smoothing < 1, "must be 0 or more and below 1.")
    require("mixup", 0 <= recipe.mixup <= 10, "must be 0 (off) to 10, such as 0.2.")
    require("views", 0 <= recipe.views <= 1000, "must be 0 (always new) to 1000.")
    require("seed", 0 <= recipe.seed < 2**63, "must be 0 or more and below 2^63.")
    device = recipe.device
    good_device = re.fullmatch(r"auto|cpu|cuda(:(0|[1-9][0-9]{0,2}))?", device) is not None
    require("device", good_device, f"`{device}` is none of auto, cpu, cuda, cuda:N.")
    wrong.update(_model_problems(recipe))
    return wrong


def _model_problems(recipe: Recipe) -> dict[str, str]:
    try:
        entry = find_model(recipe.model)
    except BadInput as problem:
        return {"model": str(problem).removeprefix("--model ")}
    wrong: dict[str, str] = {}
    size, multiple = recipe.image_size, entry.size_multiple
    if size < entry.minimum_size or size > 2048:
        wrong["image_size"] = (
            f"{entry.name} needs {entry.minimum_size} to 2048 pixels, not {size}; "
            f"{entry.image_size} suits it."
        )
    elif size % multiple:
        wrong["image_size"] = f"{entry.name} needs a multiple of {multiple} pixels, not {size}."
    elif entry.fixed_size and recipe.weights != "none" and size != entry.image_size:
        wrong["image_size"] = (
            f"pretrained weights of {entry.name} fit {entry.image_size} pixels only, not {size}."
        )
    if recipe.weights == "imagenet" and entry.weights_file is None:
        wrong["weights"] = f"{entry.name} has no ImageNet weights; use `none`."
    elif recipe.weights not in ("imagenet", "none") and not files.is_file(recipe.weights):
        wrong["weights"] = f"{recipe.weights}: no such file; use `imagenet`, `none` or a file."
    parts = {part.strip() for part in recipe.unfreeze.split(",")} - {""}
    if "none" in parts or not parts:
        wrong["unfreeze"] = "nothing would be trained; use `head`, `all` or names of layers."
    elif recipe.weights == "none" and parts == {"head"}:
        wrong["unfreeze"] = (
            "without pretrained weights the frozen layers would stay random; use `all`."
        )
    return wrong


def check(recipe: Recipe) -> None:
    """Raise BadInput with the first problem, if there is one."""
    for field, sentence in problems(recipe).items():
        raise BadInput(f"{OPTIONS[field]}: {sentence}")
