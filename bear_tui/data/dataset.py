"""Open a dataset to train on: classes, and photos for training, validation and testing."""

import functools
import os
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import TypedDict

from bear_tui.data.decisions import decided_inventory
from bear_tui.data.digest import FileEntry, fingerprint_of, sha256_of
from bear_tui.data.folders.inventory import Inventory, Photo
from bear_tui.data.folders.layout import LAYOUT, SPLITS
from bear_tui.data.folders.summary import sentences
from bear_tui.data.parallel import Progress, in_threads
from bear_tui.data.split import groups_of, part_size, set_groups_aside, shuffled
from bear_tui.errors import BadInput
from bear_tui.files import explain
from bear_tui.paths import absolute
from bear_tui.text import first_few

# Without a test/ folder, this part of the photos is held out.
TEST_PART = 0.15
VALIDATION_PART = 0.15


class DatasetDocument(TypedDict):
    """What dataset.json holds."""

    root: str
    classes: list[str]
    fingerprint: str
    files: list[FileEntry]


@dataclass(frozen=True)
class Dataset:
    """Photos with labels; every class has photos in each of the three parts."""

    root: Path
    classes: tuple[str, ...]
    train: tuple[Photo, ...]
    validation: tuple[Photo, ...]
    test: tuple[Photo, ...]
    corrections: tuple[tuple[str, str], ...] = ()
    """How its labels differ from the folders: the recipe must hold the same corrections."""
    by_seed: tuple[str, ...] = ()
    """The splits that have no folder, which a seed sets aside in this order."""
    reading: tuple[str, ...] = ()
    """How the folder was read and what was left out, in sentences."""

    @functools.cached_property
    def index(self) -> dict[str, int]:
        """Return the index of each class among the network's outputs."""
        return {name: number for number, name in enumerate(self.classes)}


def majority_share(photos: Sequence[Photo]) -> float:
    """Return the accuracy of always predicting the most frequent class, the baseline."""
    return max(Counter(photo.label for photo in photos).values()) / len(photos)


def open_dataset(
    folder: Path,
    validation: float = VALIDATION_PART,
    seed: int = 1,
    cancelled: threading.Event | None = None,
) -> Dataset:
    """Return the dataset in `folder`: train/, test/ and perhaps validation/, or class folders.

    `seed` chooses the splits that have no folder, class by class: 15% for the test, then
    `validation` as a fraction of the rest, each at least one photo a class. Opens no photo.
    Raises BadInput with a sentence that says what to change, and Cancelled once `cancelled` is set.
    """
    if not 0 < validation < 1:
        raise BadInput(f"--validation {validation}: name a fraction between 0 and 1, such as 0.15.")
    inventory = decided_inventory(absolute(folder), cancelled)
    _require_readable(inventory)
    _require_two_classes(inventory)
    _require_photos(inventory)
    parts: dict[str, list[Photo]] = {split: [] for split in SPLITS}
    for photo in inventory.photos:
        parts[photo.split or "train"].append(photo)
    missing = tuple(split for split in ("test", "validation") if split not in inventory.splits)
    _require_enough(inventory, parts["train"], missing)
    train, held_out, test = (tuple(parts[split]) for split in SPLITS)
    dataset = Dataset(
        inventory.root,
        inventory.classes,
        train,
        held_out,
        test,
        by_seed=missing,
        reading=sentences(inventory, validation, TEST_PART),
    )
    return split_by_seed(dataset, validation, seed)


def split_by_seed(
    dataset: Dataset, validation: float, seed: int, alike: Mapping[str, int] | None = None
) -> Dataset:
    """Return the same photos, with the splits that have no folder chosen by `seed`.

    `alike` maps the path of each visual duplicate to its group: a group stays in one split where
    that is possible. Without groups the splits are those of `open_dataset`.
    """
    parts = {split: list(getattr(dataset, split)) for split in SPLITS}
    for split in dataset.by_seed:
        parts["train"] += parts[split]
    parts["train"].sort(key=itemgetter(0))
    fractions = {"test": TEST_PART, "validation": validation}
    for split in dataset.by_seed:
        fraction, name = fractions[split], f"{seed} {split}"
        parts["train"], parts[split] = _split_off(
            dataset, parts["train"], fraction, name, alike or {}
        )
    return _with_parts(dataset, parts)


def split_as(dataset: Dataset, splits: Mapping[str, str]) -> Dataset:
    """Return the same photos, with the splits that have no folder as `splits` maps their paths.

    A photo that `splits` does not name was never held out, so it is for training.
    """
    parts: dict[str, list[Photo]] = {split: [] for split in SPLITS}
    free = {"train", *dataset.by_seed}
    for split in SPLITS:
        for photo in getattr(dataset, split):
            named = splits.get(photo.file, "train")
            parts[named if split in free and named in free else split].append(photo)
    return _with_parts(dataset, parts)


def _with_parts(dataset: Dataset, parts: Mapping[str, list[Photo]]) -> Dataset:
    train, validation, test = (_named(parts[split], split) for split in SPLITS)
    return replace(dataset, train=train, validation=validation, test=test)


def describe(dataset: Dataset, progress: Progress | None = None) -> DatasetDocument:
    """Return each photo with label, split and SHA-256, and one fingerprint over all of them.

    The fingerprint does not depend on where the root lies. Raises Failure if a photo cannot be
    read.
    """
    photos = [*dataset.train, *dataset.validation, *dataset.test]
    digests = in_threads(_digest, photos, progress)
    files = [
        FileEntry(
            path=photo.path.relative_to(dataset.root).as_posix(),
            label=photo.label,
            split=photo.split or "train",
            sha256=digest,
        )
        for photo, digest in zip(photos, digests, strict=True)
    ]
    return DatasetDocument(
        root=str(dataset.root),
        classes=list(dataset.classes),
        fingerprint=fingerprint_of(files),
        files=files,
    )


def _digest(photo: Photo) -> str:
    try:
        return sha256_of(photo.path)
    except OSError as error:
        raise explain(error, photo.path) from error


def _split_off(
    dataset: Dataset, photos: list[Photo], fraction: float, seed: str, alike: Mapping[str, int]
) -> tuple[list[Photo], list[Photo]]:
    """Return the photos that stay, and those that are set aside of each class."""
    # Names relative to the root, so that moving the folder does not change the split. Cut from
    # the string: `relative_to` takes ten times as long, seconds on 100,000 photos.
    start = len(os.fspath(dataset.root)) + 1
    by_class: dict[str, list[Photo]] = {label: [] for label in dataset.classes}
    for photo in photos:
        by_class[photo.label].append(photo)
    order = {
        label: shuffled(members, seed, lambda photo: photo.file[start:])
        for label, members in by_class.items()
    }
    counts = {label: part_size(len(members), fraction) for label, members in by_class.items()}
    if alike:
        groups = groups_of(order, lambda photo: alike.get(photo.file, photo.file))
        chosen = set_groups_aside(order, groups, counts)
    else:
        chosen = {photo for label, members in order.items() for photo in members[: counts[label]]}
    return (
        [photo for photo in photos if photo not in chosen],
        [photo for photo in photos if photo in chosen],
    )


def _named(photos: list[Photo], split: str) -> tuple[Photo, ...]:
    labelled = (Photo(photo.path, photo.label, split) for photo in photos)
    return tuple(sorted(labelled, key=lambda photo: os.fspath(photo.path)))


def _require_readable(inventory: Inventory) -> None:
    """Refuse to train without a folder: a class might be half of what it seems."""
    for problem in inventory.problems:
        if problem.kind == "unreadable_folder":
            raise BadInput(
                f"{problem.path}: {problem.detail}, or prepare a copy, which leaves it out."
            )


def _require_two_classes(inventory: Inventory) -> None:
    root = inventory.root
    if inventory.splits and "train" not in inventory.splits:
        raise BadInput(f"{root}: there is no train/ folder; what is needed is {LAYOUT}.")
    if len(inventory.classes) == 1:
        name = inventory.classes[0]
        raise BadInput(
            f"{root}: only one class was found ({name}); a classifier needs at least two. What is "
            f"needed is {LAYOUT}."
        )


def _require_photos(inventory: Inventory) -> None:
    """Raise BadInput if a class is empty in any split, or missing from training."""
    root, counts = inventory.root, inventory.counts()
    if inventory.splits:
        unknown = [name for name in inventory.classes if not counts[name]["train"]]
        elsewhere = [name for name in unknown if any(counts[name].values())]
        if elsewhere:
            names = first_few(elsewhere, 5)
            known = {name.casefold(): name for name in inventory.classes if name not in unknown}
            if other := known.get(elsewhere[0].casefold()):
                raise BadInput(
                    f"{root}: {other} in train/ is {elsewhere[0]} in another split; give the class "
                    "one name."
                )
            raise BadInput(
                f"{root}: train/ has no photos of {names}, which other splits have; "
                "add some to train/ or remove the folders elsewhere."
            )
    for problem in inventory.problems:
        if problem.kind == "empty_class":
            raise BadInput(f"{problem.path}: {problem.detail}; add some or remove the class.")


def _require_enough(inventory: Inventory, train: list[Photo], missing: Sequence[str]) -> None:
    counts = Counter(photo.label for photo in train)
    needed = 1 + len(missing)
    for label in inventory.classes:
        if counts[label] < needed:
            parts = " and ".join(["training", *reversed(missing)])
            place = inventory.root / ("train" if inventory.splits else "") / label
            raise BadInput(
                f"{place}: {counts[label]} photo{'s' if counts[label] > 1 else ''} cannot be split "
                f"into {parts}; add photos until there are at least {needed}."
            )
