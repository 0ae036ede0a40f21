"""All that a training needs, made and checked before anything is written to disk."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from bear_tui.catalog import ModelEntry
from bear_tui.data.corrections import corrected
from bear_tui.data.dataset import (
    Dataset,
    DatasetDocument,
    describe,
    split_as,
    split_by_seed,
)
from bear_tui.data.digest import is_unchanged
from bear_tui.data.lookalikes import similar_groups
from bear_tui.data.parallel import Progress
from bear_tui.data.recorded import read_dataset
from bear_tui.engine.compute import distributed
from bear_tui.engine.compute.device import Compute
from bear_tui.engine.models import builder, freezing, weights
from bear_tui.engine.setup.resolve import ResolvedRun
from bear_tui.errors import StoppedBefore, Unreadable
from bear_tui.layers import Layer
from bear_tui.recipe import Recipe

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Setup:
    """A resolved run with its dataset settled and its model on the device."""

    recipe: Recipe
    entry: ModelEntry
    compute: Compute
    layers: tuple[Layer, ...]
    dataset: Dataset
    description: DatasetDocument
    """What dataset.json will hold."""
    model: nn.Module
    missing_from_weights: tuple[str, ...]
    """Parts of a pretrained model that keep random values: the weights had none for them."""
    notes: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """The dataset's digest."""
        return self.description["fingerprint"]

    def has_changed(self, index: int) -> bool:
        """Whether a training or validation photo's file differs from the one described."""
        entry = self.description["files"][index]
        return not is_unchanged(self.dataset.root / entry["path"], entry["sha256"])


def prepare(
    resolved: ResolvedRun,
    recorded: Path | None = None,
    stopping: Callable[[], str] = lambda: "",
) -> Setup:
    """Settle the dataset, build the model, load its weights. Raises BadInput for what is wrong.

    `recorded` is the dataset.json of a resumed run, whose splits are kept. Raises StoppedBefore
    where `stopping` gives a reason while photos are compared, which may take minutes.
    """

    def stop_if_asked(_done: int, _total: int) -> None:
        if distributed.size() == 1 and (reason := stopping()):
            raise StoppedBefore(f"{reason} before the training began; nothing was changed.")

    recipe, dataset = resolved.recipe, resolved.opened
    if distributed.rank() == 0:  # decided by one process: another might not read the same photos
        dataset = settle_splits(dataset, recipe, recorded, stop_if_asked)
    dataset = corrected(distributed.from_first(dataset), recipe.corrections)
    torch.manual_seed(recipe.seed)
    model, missing, notes = _build(resolved, len(dataset.classes))
    builder.place(model, recipe.model, resolved.compute.device)
    if distributed.size() > 1 and resolved.compute.device.type == "cuda":
        # Statistics of the whole batch, as one process has them; a CPU has no such layer.
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
    if recipe.weights != "none":
        freezing.keep_statistics(model, missing)
    return Setup(
        recipe,
        resolved.entry,
        resolved.compute,
        resolved.layers,
        dataset,
        describe(dataset),
        model,
        missing,
        (*dataset.reading, *notes, *resolved.notes),
    )


def settle_splits(
    opened: Dataset,
    recipe: Recipe,
    recorded: Path | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Return the dataset with its splits: those of `recorded`, a run's dataset.json, or by seed.

    Splits that folders name stay. Photos that show the same stay on one side. `progress` may
    raise to stop.
    """
    document = None
    if recorded is not None and opened.by_seed:
        try:
            document = read_dataset(recorded, opened.root)
        except Unreadable as error:
            log.warning("%s The photos are split anew.", error)
    if document is None:
        groups = similar_groups(opened, progress)
        return split_by_seed(opened, recipe.validation, recipe.seed, groups)
    dataset, _ = document
    parts = (dataset.train, dataset.validation, dataset.test)
    splits = {photo.file: photo.split or "train" for part in parts for photo in part}
    return split_as(opened, splits)


def _build(
    resolved: ResolvedRun, classes: int
) -> tuple[nn.Module, tuple[str, ...], tuple[str, ...]]:
    """The model, the parts that its weights are missing, and notes on the weights."""
    recipe, entry = resolved.recipe, resolved.entry
    pretrained = recipe.weights != "none"
    model = builder.build(entry.name, classes, recipe.image_size, pretrained)
    if not pretrained:
        freezing.freeze(model, recipe.unfreeze)
        return model, (), ()
    official = recipe.weights == "imagenet"
    path = weights.official_weights(entry) if official else Path(recipe.weights)
    loaded = weights.load_into(model, weights.read_tensors(path), entry.name, path)
    notes = [loaded.sentence(str(path))]
    freezing.freeze(model, recipe.unfreeze)
    if frozen := _random_and_frozen(model, loaded.missing_from_weights):
        notes.append(
            f"{', '.join(frozen)}: random values that stay frozen; add them to --unfreeze."
        )
    return model, loaded.missing_from_weights, tuple(notes)


def _random_and_frozen(model: nn.Module, missing: tuple[str, ...]) -> list[str]:
    layers = [
        name.rpartition(".")[0]
        for name, parameter in model.named_parameters()
        if not parameter.requires_grad and freezing.within(name, missing)
    ]
    return list(dict.fromkeys(layers))
