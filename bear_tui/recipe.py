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
"""Schedulers whose rate depends on the total number of epochs."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result of a training."""

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
    """Share of the training photos set aside if the dataset has no validation folder."""
    patience: int = 0
    """Epochs without improvement after which training ends; 0: never. An improvement is a higher
    validation accuracy, or the same with a lower validation loss."""
    seed: int = 1
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:N`."""
    precision: Precision = "auto"
    warmup: float = 0.0
    """Epochs over which the learning rate rises to its schedule."""
    stage_factor: float = 1.0
    """The learning rate of a stage relative to the next one; 1: the same for all. No stage has
    less than a hundredth of the rate."""
    label_smoothing: float = 0.0
    """The share of each label that is spread over all classes (Szegedy et al., 2016)."""
    class_weights: ClassWeights = "none"
    """`balanced`: all classes count the same in the loss, whatever their number of photos."""
    mixup: float = 0.0
    """Photos are mixed in pairs by shares from Beta(mixup, mixup) (Zhang et al., 2018); 0: off."""
    views: int = 8
    """Augmented views of a photo whose frozen activations are cached; later epochs reuse them in
    turn. 0: new views in every epoch."""
    framing: Framing = "pad"
    """How a photo is made square: `pad` shows all of it on black, `crop` only the middle."""
    interpolation: Interpolation = "bilinear"
    """How a photo is resized. `draft`, as in earlier versions, is bilinear from a JPEG decoded at
    little more than the size needed."""
    name: str = ""
    """The run's name; empty: made from the dataset and the model."""
    corrections: tuple[tuple[str, str], ...] = ()
    """Photos relabelled by hand: path below `data`, and the class, or "" to leave it out."""


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
"""The command-line option of each field."""


def steps_of(recipe: Recipe, photos: int) -> int:
    """Return the steps of an epoch over `photos` training photos."""
    return max(1, math.ceil(photos / batch_size_of(recipe.batch_size, photos)))


def batch_size_of(batch_size: int | Literal["auto"], photos: int) -> int:
    """Return the batch size; `auto` is the power of two (4 to 64) for about ten steps an epoch."""
    if batch_size != "auto":
        return batch_size
    return int(2 ** max(2, min(6, int(math.log2(max(photos / 10, 1))))))
