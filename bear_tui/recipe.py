"""All that defines a run: checked, with defaults that work."""

import math
import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from bear_tui import files
from bear_tui.catalog import find_model
from bear_tui.errors import BadInput

Optimizer: TypeAlias = Literal["sgd", "adam", "adamw"]
Scheduler: TypeAlias = Literal["none", "step", "cosine", "one-cycle"]
Augment: TypeAlias = Literal["none", "light", "standard"]
Framing: TypeAlias = Literal["pad", "crop"]
Interpolation: TypeAlias = Literal["bilinear", "bicubic", "draft"]
Precision: TypeAlias = Literal["auto", "fp32", "bf16"]
ClassWeights: TypeAlias = Literal["none", "balanced"]

OPTIMIZERS: tuple[str, ...] = get_args(Optimizer)
SCHEDULERS: tuple[str, ...] = get_args(Scheduler)
AUGMENTS: tuple[str, ...] = get_args(Augment)
FRAMINGS: tuple[str, ...] = get_args(Framing)
INTERPOLATIONS: tuple[str, ...] = get_args(Interpolation)
PRECISIONS: tuple[str, ...] = get_args(Precision)
CLASS_WEIGHTS: tuple[str, ...] = get_args(ClassWeights)
PRESETS = ("default", "course")

PLANNED_SCHEDULERS = ("cosine", "one-cycle")
"""Those whose rate depends on how many epochs there are in all."""

HEAD_STEPS = 300
"""A head alone takes so many steps at least, where nobody has said how many epochs: of 20 photos,
ten epochs would be ten steps, and it would be right on 79% of others in place of 95%."""

SAMPLE_MODEL = "resnet18"
"""What `--sample` trains, from random values: no network is needed for weights."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a training goes, and so what it comes to."""

    data: str
    """The dataset's folder, absolute."""
    model: str
    weights: str
    """`imagenet`, `none`, or the path of a weights file, absolute."""
    unfreeze: str
    """Which layers are trained: `head`, `all`, or a comma list of names and globs."""
    image_size: int
    """Side of the square photo that the model sees, in pixels."""
    epochs: int
    batch_size: int | Literal["auto"]
    learning_rate: float
    optimizer: Optimizer
    scheduler: Scheduler
    augment: Augment
    validation: float = 0.15
    """Share of the training photos set aside, where the dataset has no validation folder."""
    patience: int = 0
    """Epochs without a better one after which training ends; 0: never. Better is a higher
    validation accuracy, or the same with a lower validation loss, as for the best epoch."""
    seed: int = 1
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:N`."""
    precision: Precision = "auto"
    warmup: float = 0.0
    """Epochs over which the learning rate climbs to its schedule."""
    stage_factor: float = 1.0
    """The learning rate of a stage, as a share of the next one's; 1: all learn alike. No stage
    has less than a hundredth of the rate."""
    label_smoothing: float = 0.0
    """The share of each label that is spread over all classes (Szegedy et al., 2016)."""
    class_weights: ClassWeights = "none"
    """`balanced`: the classes count alike in the loss, however many photos they have."""
    mixup: float = 0.0
    """Photos are mixed in pairs by shares from Beta(mixup, mixup) (Zhang et al., 2018); 0: not."""
    views: int = 8
    """At most so many changed views of a photo are made where frozen layers' values can be kept;
    later epochs take them again in turn. 0: new ones in every epoch."""
    framing: Framing = "pad"
    """How a photo is made square: `pad` shows it whole on black, `crop` its middle alone."""
    interpolation: Interpolation = "bilinear"
    """How a photo is resized. `draft` is how earlier versions did: bilinear, from a JPEG that was
    decoded at hardly more than the size needed."""
    name: str = ""
    """What the person calls the run; empty: made from the dataset and the model."""
    corrections: tuple[tuple[str, str], ...] = ()
    """Photos seen otherwise than their folder says: path below `data`, and class or "" for out."""


OPTIONS = {
    "data": "--data",
    "model": "--model",
    "weights": "--weights",
    "unfreeze": "--unfreeze",
    "image_size": "--image-size",
    "epochs": "--epochs",
    "batch_size": "--batch-size",
    "learning_rate": "--lr",
    "optimizer": "--optimizer",
    "scheduler": "--scheduler",
    "augment": "--augment",
    "validation": "--validation",
    "patience": "--patience",
    "seed": "--seed",
    "device": "--device",
    "precision": "--precision",
    "warmup": "--warmup",
    "stage_factor": "--stage-factor",
    "label_smoothing": "--label-smoothing",
    "class_weights": "--class-weights",
    "mixup": "--mixup",
    "views": "--views",
    "framing": "--framing",
    "interpolation": "--interpolation",
    "name": "--name",
    "corrections": "--recipe",
}
"""The command-line option of every field."""


def default_recipe(
    data: str,
    model: str,
    weights: str | None = None,
    unfreeze: str | None = None,
    image_size: int | None = None,
) -> Recipe:
    """A recipe that works on a few hundred photos; None takes what suits the model."""
    entry = find_model(model)
    weights = weights or ("imagenet" if entry.weights_file else "none")
    unfreeze = unfreeze or ("all" if weights == "none" else "head")
    size = entry.image_size if image_size is None else image_size
    from_scratch = weights == "none"
    common = Recipe(
        data=data,
        model=model,
        weights=weights,
        unfreeze=unfreeze,
        image_size=size,
        epochs=10,
        batch_size=32,
        learning_rate=1e-4,
        optimizer="adam",
        scheduler="cosine",
        augment="light",
        # As photos were made square when the weights were learned: what is on them is as large.
        framing="pad" if from_scratch else "crop",
        interpolation="bilinear" if from_scratch else entry.interpolation,
    )
    if model == "mlp":
        return replace(common, epochs=15, learning_rate=1e-3)
    if unfreeze == "head" and not from_scratch:
        # Only one new layer learns: a large step is safe. The same view of a photo in every epoch
        # lets the frozen layers be computed once, many times as fast.
        return replace(common, learning_rate=1e-3, augment="none")
    if from_scratch:
        # A deep network without BatchNorm stays at the majority class for epochs at 1e-3.
        return replace(common, epochs=20)
    # The new head has to learn within these epochs, what is pretrained is to change a little, and
    # least what is far from the head: its edges and colours serve any photos.
    tuned = replace(common, learning_rate=1e-3, stage_factor=0.03)
    return tuned if unfreeze == "all" else replace(tuned, augment="none")


def with_enough_steps(recipe: Recipe, photos: int) -> Recipe:
    """The recipe with more epochs where its head alone learns from few photos: ten passes over
    them would be a handful of steps. `photos` are those to train on.
    """
    head_alone = recipe.unfreeze == "head" and recipe.weights != "none" and recipe.model != "mlp"
    if not head_alone or photos < 1:
        return recipe
    epochs = math.ceil(HEAD_STEPS / steps_of(recipe, photos))
    return replace(recipe, epochs=max(recipe.epochs, epochs))


def steps_of(recipe: Recipe, photos: int) -> int:
    """Steps of an epoch over so many training photos."""
    return max(1, math.ceil(photos / batch_size_of(recipe.batch_size, photos)))


def batch_size_of(batch_size: int | Literal["auto"], photos: int) -> int:
    """The size itself; `auto` is a power of two that leaves ten steps an epoch."""
    if batch_size != "auto":
        return batch_size
    return int(2 ** max(2, min(6, int(math.log2(max(photos / 10, 1))))))


def sample_recipe(data: str) -> Recipe:
    """What `--sample` trains: learns the drawings from nothing, in little time."""
    basis = default_recipe(data, SAMPLE_MODEL, weights="none", image_size=64)
    # BatchNorm bears a large rate, and one cycle of it: 10 epochs do what 30 at 1e-4 do not.
    return replace(basis, epochs=14, learning_rate=1e-3, scheduler="one-cycle")


def is_sample(recipe: Recipe, data: str) -> bool:
    """Whether it learns the sample photos in the folder `data` as `sample_recipe` does."""
    fields = ("data", "model", "weights", "image_size", "learning_rate", "scheduler")
    return all(getattr(recipe, one) == getattr(sample_recipe(data), one) for one in fields)


def course_recipe(recipe: Recipe) -> Recipe:
    """The values that the course's notebooks use, for comparing; rarely the best ones."""
    if recipe.weights == "none":
        plain = replace(recipe, epochs=10, batch_size=32, optimizer="adam", augment="none")
        return replace(plain, learning_rate=1e-3, scheduler="none")
    # Momentum SGD, a tenth of the rate every 7 epochs: the transfer-learning tutorial's values.
    return replace(
        recipe,
        epochs=25,
        batch_size=4,
        learning_rate=1e-3,
        optimizer="sgd",
        scheduler="step",
        augment="standard",
        stage_factor=1.0,
        framing="pad",
    )


def possible_epochs(epochs: float) -> bool:
    """Whether a run may have so many; JSON has whole numbers as `7.0` too."""
    return 1 <= epochs <= 100_000 and epochs % 1 == 0


def possible_rate(rate: float) -> bool:
    """Whether a run may have this learning rate."""
    return 0 < rate < 100


CHOOSE_PHOTOS = "choose a folder of photos."
"""What is wrong with a recipe that names none."""


def problems(recipe: Recipe) -> dict[str, str]:
    """What is wrong, a sentence a field. Photos and layer names are looked at later."""
    found: dict[str, str] = {}

    def require(field: str, good: bool, sentence: str) -> None:
        if not good:
            found.setdefault(field, sentence)

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
    found.update(_model_problems(recipe))
    return found


def _model_problems(recipe: Recipe) -> dict[str, str]:
    try:
        entry = find_model(recipe.model)
    except BadInput as problem:
        return {"model": str(problem).removeprefix("--model ")}
    found: dict[str, str] = {}
    size, multiple = recipe.image_size, entry.size_multiple
    if size < entry.minimum_size or size > 2048:
        found["image_size"] = (
            f"{entry.name} needs {entry.minimum_size} to 2048 pixels, not {size}; "
            f"{entry.image_size} suits it."
        )
    elif size % multiple:
        found["image_size"] = f"{entry.name} needs a multiple of {multiple} pixels, not {size}."
    elif entry.fixed_size and recipe.weights != "none" and size != entry.image_size:
        found["image_size"] = (
            f"pretrained weights of {entry.name} fit {entry.image_size} pixels only, not {size}."
        )
    if recipe.weights == "imagenet" and entry.weights_file is None:
        found["weights"] = f"{entry.name} has no ImageNet weights; use `none`."
    elif recipe.weights not in ("imagenet", "none") and not files.is_file(recipe.weights):
        found["weights"] = f"{recipe.weights}: no such file; use `imagenet`, `none` or a file."
    parts = {part.strip() for part in recipe.unfreeze.split(",")} - {""}
    if "none" in parts or not parts:
        found["unfreeze"] = "nothing would be trained; use `head`, `all` or names of layers."
    elif recipe.weights == "none" and parts == {"head"}:
        found["unfreeze"] = (
            "without pretrained weights the frozen layers would stay random; use `all`."
        )
    return found


def check(recipe: Recipe) -> None:
    """Raise BadInput with the first problem, if there is one."""
    for field, sentence in problems(recipe).items():
        raise BadInput(f"{OPTIONS[field]}: {sentence}")
