"""Estimate the memory and time of a training by measuring a step on this machine."""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from bear_tui.catalog import find_model
from bear_tui.engine.compute import device
from bear_tui.engine.compute.device import Compute
from bear_tui.engine.inputs import activation_cache, prefix, row_storage
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.inputs.whole_model import ByteModel
from bear_tui.engine.models import builder, freezing, summary
from bear_tui.engine.training import optimizer
from bear_tui.forecast import Estimate, sample_epochs
from bear_tui.recipe import Recipe, batch_size_of

_LIBRARIES = 450_000_000
"""Bytes that a process with torch uses before there is a model."""

_SECONDS_A_PARAMETER = 0.8e-9
"""A fused step of Adam on two cores."""

_MOST_GIGAFLOPS = 40.0
"""On a CPU a larger model takes longer to measure than a person waits."""


def estimate(recipe: Recipe, classes: int, train: int, validation: int) -> Estimate | None:
    """Return memory and time for `train` and `validation` photos; None if measuring takes too long.

    A model with constant weights does a step, its frozen layers measured apart: on a GPU with a
    whole batch, on a CPU with a few photos.
    """
    compute = device.choose(recipe)
    measure = _on_cpu if compute.device.type == "cpu" else _on_gpu
    probe = measure(recipe, compute, classes, train)
    if probe is None:
        return None
    views = activation_cache.worth_caching(recipe, activation_cache.views_of(recipe))
    each = row_storage.bytes_a_row(probe.values)
    rooms = activation_cache.memory_room(compute.device), row_storage.file_room()
    in_memory, in_file = (
        activation_cache.fitting(views, validation, train, each, r) for r in rooms
    )
    new = not (in_memory or in_file)
    cached_rows = validation + in_memory * train if probe.frozen else 0
    photos = (train + validation) * 3 * recipe.image_size**2
    memory = probe.memory + photos + cached_rows * each
    learning = train * probe.learning + validation * probe.learning / 3
    learning += math.ceil(train / batch_size_of(recipe.batch_size, train)) * probe.stepping
    first_pass = (train + validation) * probe.frozen_seconds
    later = (train * probe.frozen_seconds if new else 0.0) + learning
    return Estimate(memory, first_pass + learning, later, in_memory or in_file or 1)


def fit_sample(recipe: Recipe, classes: int, train: int, validation: int) -> Recipe:
    """Return the sample's recipe with as many epochs as fit into about a minute here."""
    measured = estimate(recipe, classes, train, validation)
    if measured is None:
        return recipe
    return replace(recipe, epochs=sample_epochs(measured.later_epochs))


def _on_cpu(recipe: Recipe, compute: Compute, classes: int, train: int) -> "_Probe | None":
    entry = find_model(recipe.model)
    if entry.gigaflops_at(recipe.image_size) > _MOST_GIGAFLOPS:
        return None
    if entry.parameters * 8 > 0.5 * device.free_memory(compute.device):
        return None
    device.set_threads(entry, recipe.image_size)
    batch = batch_size_of(recipe.batch_size, train)
    model = _constant_model(recipe, classes)
    trainable, total = freezing.parameter_counts(model)
    micro = compute.micro_batch(recipe.image_size, batch, trainable < total)
    probe = _Probe(recipe, model, max(2, min(micro, 8)), compute)
    moments = optimizer.MOMENTS[recipe.optimizer]
    at_once = batch if freezing.has_training_batchnorm(model) else micro
    probe.memory = _LIBRARIES + 4 * (total + (1 + moments) * trainable)
    probe.memory += probe.saved * at_once // probe.photos
    probe.stepping = trainable * _SECONDS_A_PARAMETER
    return probe


def _on_gpu(recipe: Recipe, compute: Compute, classes: int, train: int) -> "_Probe | None":
    batch = batch_size_of(recipe.batch_size, train)
    # Where memory runs out, a training halves its batch as often.
    for at_once in dict.fromkeys(max(2, batch >> halvings) for halvings in range(4)):
        try:
            return _whole_step(recipe, compute, classes, at_once)
        except torch.OutOfMemoryError:
            pass
        finally:
            torch.cuda.empty_cache()
    return None


def _whole_step(recipe: Recipe, compute: Compute, classes: int, photos: int) -> "_Probe":
    before = torch.cuda.memory_allocated(compute.device)
    torch.cuda.reset_peak_memory_stats(compute.device)
    model = _constant_model(recipe, classes).to(compute.device)
    layers = summary.describe(recipe.model, recipe.image_size, classes, recipe.unfreeze)
    probe = _Probe(recipe, model, photos, compute, optimizer.make(recipe, model, layers))
    probe.memory = torch.cuda.max_memory_allocated(compute.device) - before
    return probe


class _Probe:
    """Measures a step with this many photos."""

    def __init__(
        self,
        recipe: Recipe,
        model: nn.Module,
        photos: int,
        compute: Compute,
        optimizer: torch.optim.Optimizer | None = None,
    ) -> None:
        statistics = find_model(recipe.model).statistics
        self.photos = photos
        self.memory = 0
        """Bytes of model, optimizer and a step."""
        self.stepping = 0.0
        """Seconds per step for the optimizer, where it is not part of `learning`."""
        self.frozen = False
        self.frozen_seconds = 0.0
        """Seconds per photo in the frozen layers."""
        size, on = recipe.image_size, compute.device
        images = torch.zeros(photos, 3, size, size, dtype=torch.uint8, device=on)
        images = images.contiguous(memory_format=torch.channels_last)
        labels = torch.zeros(photos, dtype=torch.long, device=on)
        run: nn.Module = ByteModel(model, statistics)
        self.values = [images]
        if not all(parameter.requires_grad for parameter in model.parameters()):
            cut = prefix.cut(model, normalise(images[:2], statistics))
            if cut is not None:
                frozen = prefix.Frozen(cut, statistics, compute)
                self.frozen, run = True, cut.after
                self.values = frozen.values(images, photos)
                self.frozen_seconds = (
                    _seconds(compute, lambda: frozen.values(images, photos)) / photos
                )
        weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
        saved: dict[int, int] = {}

        def note(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in weights:
                saved[storage.data_ptr()] = storage.nbytes()
            return tensor

        def step() -> None:
            with compute.autocast():
                loss = functional.cross_entropy(run(*self.values).float(), labels)
            # torch leaves it untyped.
            loss.backward()  # type: ignore[no-untyped-call]
            if optimizer is not None:
                optimizer.step()
            model.zero_grad(set_to_none=True)

        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            step()
        self.saved = sum(saved.values())
        """Bytes that a step saves for its gradients."""
        self.learning = _seconds(compute, step) / photos
        # The frozen prefix is a torch.fx graph, which refers to itself: what it holds would stay
        # until Python's next full collection, half a GB for a VGG.
        model.to("meta")


def _constant_model(recipe: Recipe, classes: int) -> nn.Module:
    """Return the model with all weights 0.01: random ones take seconds to draw."""
    model = builder.build_without_weights(recipe.model, classes, recipe.image_size)
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            filled = torch.full(parameter.shape, 0.01)
            setattr(module, name, nn.Parameter(filled))
    freezing.freeze(model, recipe.unfreeze)
    if recipe.weights != "none":
        freezing.keep_statistics(model)
    freezing.train_mode(model)
    return model.to(memory_format=torch.channels_last)


def _seconds(compute: Compute, work: Callable[[], object]) -> float:
    """Return how long `work` takes, after a warm-up."""
    if compute.device.type == "cuda":
        torch.cuda.synchronize(compute.device)
    start = time.perf_counter()
    work()
    if compute.device.type == "cuda":
        torch.cuda.synchronize(compute.device)
    return time.perf_counter() - start
