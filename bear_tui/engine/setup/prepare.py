"""All that a training needs, made and checked before anything is written to disk."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bear_tui import files, limits, recipe_check
from bear_tui.catalog import find_model
from bear_tui.data.corrections import corrected
from bear_tui.data.dataset import Dataset, describe, open_dataset, split_as, split_by_seed
from bear_tui.data.digest import is_unchanged
from bear_tui.data.lookalikes import similar_groups
from bear_tui.data.parallel import Progress
from bear_tui.data.recorded import read_dataset
from bear_tui.engine.compute import device, distributed
from bear_tui.engine.compute.device import Compute
from bear_tui.engine.models import builder, freezing, summary, weights
from bear_tui.errors import Failure, StoppedBefore, Unreadable
from bear_tui.recipe import Recipe

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Setup:
    """A dataset, a model on its device, and what there is to say about them."""

    dataset: Dataset
    description: Mapping[str, Any]
    """What dataset.json will hold."""
    model: nn.Module
    compute: Compute
    notes: tuple[str, ...]
    random: tuple[str, ...] = ()
    """Parts of a pretrained model that no weights came for."""

    @property
    def fingerprint(self) -> str:
        """The dataset's digest."""
        return str(self.description["fingerprint"])

    def has_changed(self, index: int) -> bool:
        """Whether the file of a training or validation photo is no longer what was described."""
        entry = self.description["files"][index]
        return not is_unchanged(self.dataset.root / entry["path"], entry["sha256"])


@contextmanager
def told_in_a_sentence(batch_size: int | str, path: str | Path) -> Iterator[None]:
    """Raise Failure for what the computer refuses: memory, or a file, which may be at `path`."""
    try:
        yield
    except torch.OutOfMemoryError:
        smaller = max(1, batch_size // 2) if isinstance(batch_size, int) else 8
        raise Failure(
            f"the GPU's memory ran out at batch size {batch_size}; see with `nvidia-smi` who else "
            f"uses it, or train again with --batch-size {smaller}, a smaller --image-size, or "
            "fewer layers unfrozen."
        ) from None
    except OSError as error:
        raise files.explain(error, path) from None
    except (MemoryError, RuntimeError, ImportError) as error:
        if words := limits.sentence(error):
            raise Failure(words) from None
        raise


def examine(
    recipe: Recipe, opened: Dataset | None = None, goes_on: bool = False
) -> tuple[Dataset, Compute, str]:
    """All that can be wrong and is quick to see, so that a typo costs no download.

    `opened` is the recipe's dataset where somebody has opened it already. A run that `goes_on`
    may do so without its GPU; then a sentence says where.
    """
    recipe_check.check(recipe)
    compute, elsewhere = device.at_hand(recipe) if goes_on else (device.choose(recipe), "")
    if opened is None:
        opened = open_dataset(Path(recipe.data), recipe.validation, recipe.seed)
    dataset = corrected(opened, recipe.corrections)
    summary.describe(recipe.model, recipe.image_size, len(dataset.classes), recipe.unfreeze)
    return dataset, compute, elsewhere


def prepare(
    recipe: Recipe,
    opened: Dataset | None = None,
    goes_on: bool = False,
    before: Path | None = None,
    stopping: Callable[[], str] = lambda: "",
) -> Setup:
    """Open the dataset, build the model, load its weights. Raises BadInput for what is wrong.

    `before`: the dataset.json of a run that goes on, whose split is kept. Raises StoppedBefore
    where `stopping` gives a reason while photos are looked at, which may take minutes.
    """

    def obey(_done: int, _total: int) -> None:
        if distributed.size() == 1 and (reason := stopping()):
            raise StoppedBefore(f"{reason} before the training began; nothing was changed.")

    if opened is None:
        opened = open_dataset(Path(recipe.data), recipe.validation, recipe.seed)
    _, compute, elsewhere = examine(recipe, opened, goes_on)
    # Decided by one process: another might not read the same photos.
    parted = distributed.from_first(
        part(opened, recipe, before, obey) if distributed.rank() == 0 else opened
    )
    dataset = corrected(parted, recipe.corrections)
    torch.manual_seed(recipe.seed)
    model, notes, random = _build(recipe, len(dataset.classes))
    builder.place(model, recipe.model, compute.device)
    if distributed.size() > 1 and compute.device.type == "cuda":
        # Statistics of the whole batch, as one process has them; there is no such layer on a CPU.
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
    if recipe.weights != "none":
        freezing.keep_statistics(model, random)
    if elsewhere:
        notes.append(elsewhere)
    notes = [*dataset.reading, *notes]
    return Setup(dataset, describe(dataset), model, compute, tuple(notes), random)


def part(
    opened: Dataset,
    recipe: Recipe,
    before: Path | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """The dataset with the parts that no folder names: as the run had them before, else set aside
    by the seed, photos that show the same on one side. `progress` may raise, and ends it."""
    recorded = None
    if before is not None and opened.by_seed:
        try:
            recorded = read_dataset(before, opened.root)
        except Unreadable as error:
            log.warning("%s The photos are split anew.", error)
    if recorded is None:
        return split_by_seed(
            opened, recipe.validation, recipe.seed, similar_groups(opened, progress)
        )
    parts = (recorded[0].train, recorded[0].validation, recorded[0].test)
    splits = {photo.file: photo.split or "train" for part in parts for photo in part}
    return split_as(opened, splits)


def _build(recipe: Recipe, classes: int) -> tuple[nn.Module, list[str], tuple[str, ...]]:
    """The model, what there is to say of its weights, and the parts that none came for."""
    pretrained = recipe.weights != "none"
    model = builder.build(recipe.model, classes, recipe.image_size, pretrained)
    notes: list[str] = []
    random: tuple[str, ...] = ()
    if pretrained:
        entry = find_model(recipe.model)
        official = recipe.weights == "imagenet"
        path = weights.official_weights(entry) if official else Path(recipe.weights)
        loaded = weights.load_into(model, weights.read_tensors(path), recipe.model, path)
        notes.append(loaded.sentence(str(path)))
        random = loaded.random
    freezing.freeze(model, recipe.unfreeze)
    if pretrained:
        frozen = _random_and_frozen(model, random)
        if frozen:
            notes.append(
                f"{', '.join(frozen)}: random values that stay frozen; add them to --unfreeze."
            )
    return model, notes, random


def _random_and_frozen(model: nn.Module, random: tuple[str, ...]) -> list[str]:
    found = [
        name.rpartition(".")[0]
        for name, parameter in model.named_parameters()
        if not parameter.requires_grad and freezing.within(name, random)
    ]
    return list(dict.fromkeys(found))
