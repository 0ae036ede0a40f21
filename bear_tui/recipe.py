"""All that defines a run, as one frozen value."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

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

PLANNED_SCHEDULERS = ("cosine", "one-cycle")
"""Those whose rate depends on how many epochs there are in all."""


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


def steps_of(recipe: Recipe, photos: int) -> int:
    """Steps of an epoch over so many training photos."""
    return max(1, math.ceil(photos / batch_size_of(recipe.batch_size, photos)))


def batch_size_of(batch_size: int | Literal["auto"], photos: int) -> int:
    """The size itself; `auto` is a power of two that leaves ten steps an epoch."""
    if batch_size != "auto":
        return batch_size
    return int(2 ** max(2, min(6, int(math.log2(max(photos / 10, 1))))))
