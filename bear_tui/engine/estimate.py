"""What a training will take on this machine, from a step that is measured."""

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from bear_tui.catalog import find_model
from bear_tui.engine import device, inputs, models, prefix, store
from bear_tui.engine.augment import normalise
from bear_tui.engine.device import Compute
from bear_tui.engine.inputs import Whole
from bear_tui.forecast import Estimate
from bear_tui.recipe import Recipe

_LIBRARIES = 450_000_000
"""Bytes that a process with torch has in use before there is a model."""

_SECONDS_A_PARAMETER = 0.8e-9
"""A fused step of Adam on two cores; on a GPU it is not noticed."""

_MOST_GIGAFLOPS = 40.0
"""On a CPU a larger model keeps the machine busy for longer than a person waits."""


def estimate(recipe: Recipe, classes: int, train: int, validation: int) -> Estimate | None:
    """Memory and time for `train` and `validation` photos; None where trying takes too much.

    A model of made-up numbers does a step on a few photos, the frozen layers apart from the rest.
    """
    compute = device.choose(recipe)
    entry = find_model(recipe.model)
    on_cpu = compute.device.type == "cpu"
    if on_cpu and entry.gigaflops_at(recipe.image_size) > _MOST_GIGAFLOPS:
        return None
    if entry.parameters * 8 > 0.5 * device.free_memory(compute.device):
        return None
    device.set_threads(recipe.model, recipe.image_size)
    model = _made_up(recipe, classes).to(compute.device)
    batch = inputs.batch_size(recipe, train)
    together = max(2, min(compute.micro_batch(recipe.image_size, batch), 8))
    size = recipe.image_size
    photos = torch.zeros(together, 3, size, size, dtype=torch.uint8, device=compute.device)
    photos = photos.contiguous(memory_format=torch.channels_last)
    probe = _Probe(recipe, model, photos, compute)

    kept_rows = 0
    if probe.frozen is not None:
        kept_rows = validation + (0 if _always_new(recipe) else train)
    trainable, total = models.parameter_counts(model)
    at_once = batch if models.mixes_photos(model) else compute.micro_batch(size, batch)
    moments = 1 if recipe.optimizer == "sgd" else 2
    memory = 4 * (total + (1 + moments) * trainable)
    memory += probe.saved * at_once // together + kept_rows * store.bytes_a_row(probe.values)
    if on_cpu:
        memory += _LIBRARIES + (train + validation) * 3 * size**2
    stepping = math.ceil(train / batch) * trainable * (_SECONDS_A_PARAMETER if on_cpu else 0)
    learning = train * probe.learning + validation * probe.learning / 3 + stepping
    looking = (train + validation) * probe.looking
    again = train * probe.looking if _always_new(recipe) else 0.0
    return Estimate(memory, looking + learning, again + learning)


class _Probe:
    """Seconds a photo, in the frozen layers and in those that learn, and what a step keeps."""

    def __init__(self, recipe: Recipe, model: nn.Module, photos: Tensor, compute: Compute) -> None:
        statistics = find_model(recipe.model).statistics
        self.frozen: prefix.Frozen | None = None
        self.looking = 0.0
        run: nn.Module = Whole(model, statistics)
        self.values = [photos]
        if not all(parameter.requires_grad for parameter in model.parameters()):
            cut = prefix.cut(model, normalise(photos[:2], statistics))
            if cut is not None:
                frozen = self.frozen = prefix.Frozen(cut, statistics, compute)
                run = cut.after
                self.values = frozen.values(photos, len(photos))
                self.looking = _seconds(compute, lambda: frozen.values(photos, len(photos)))
                self.looking /= len(photos)
        weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
        kept: dict[int, int] = {}

        def note(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in weights:
                kept[storage.data_ptr()] = storage.nbytes()
            return tensor

        def step() -> None:
            with compute.autocast():
                loss = run(*self.values).float().square().sum()
            loss.backward()
            model.zero_grad(set_to_none=True)

        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            step()
        self.saved = sum(kept.values())
        self.learning = _seconds(compute, step) / len(photos)


def _always_new(recipe: Recipe) -> bool:
    """Whether most epochs show the frozen layers photos that they have not seen."""
    new = recipe.augment != "none" and (not recipe.views or recipe.views >= recipe.epochs)
    return bool(recipe.mixup) or new


def _made_up(recipe: Recipe, classes: int) -> nn.Module:
    """The model with one number for all weights: random ones take seconds to draw."""
    model = models.build_without_weights(recipe.model, classes, recipe.image_size)
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            filled = torch.full(parameter.shape, 0.01)
            setattr(module, name, nn.Parameter(filled))
    models.freeze(model, recipe.unfreeze)
    models.train_mode(model)
    return model.to(memory_format=torch.channels_last)


def _seconds(compute: Compute, work: Callable[[], object]) -> float:
    """How long `work` takes; it was done once before."""
    if compute.device.type == "cuda":
        torch.cuda.synchronize(compute.device)
    start = time.perf_counter()
    work()
    if compute.device.type == "cuda":
        torch.cuda.synchronize(compute.device)
    return time.perf_counter() - start
