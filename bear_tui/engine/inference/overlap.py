"""Find which photos a run has trained on: by their bytes, and by what they show."""

import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bear_tui import files
from bear_tui.data.corrections import corrected
from bear_tui.data.dataset import Dataset, open_dataset
from bear_tui.data.digest import sha256_of
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.lookalikes import Lookalike, lookalikes
from bear_tui.data.parallel import in_threads
from bear_tui.data.recorded import read_dataset
from bear_tui.engine.setup.prepare import settle_splits
from bear_tui.errors import Unreadable
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.lookalikes import Pair

log = logging.getLogger(__name__)


def paired(pairs: Iterable[Lookalike], digests: Mapping[str, str]) -> list[Pair]:
    """Return rows of lookalikes.csv; `digests` are the SHA-256 of the photos by path."""
    return [
        Pair(
            photo.file,
            other.file,
            other.split or "",
            digests.get(photo.file, "") == digests.get(other.file),
            photo.split or "",
        )
        for photo, other in pairs
    ]


@dataclass(frozen=True)
class Overlap:
    """What a run's own photos and tested ones have in common."""

    hashes: dict[str, list[str]]
    """The SHA-256 of all photos by split; those of the tested photos as `test`."""
    pairs: list[Pair] = field(default_factory=list)
    """Tested photos that show the same as a training or validation photo."""
    own: bool = False
    """Whether some of them are the run's own test photos."""
    gone: int = 0
    """Training and validation photos that are no longer there."""


def seen_before(folder: RunFolder, photos: Sequence[Photo]) -> Overlap:
    """Compare photos with those that a run was trained on.

    A run's photo that is gone is known by its bytes alone. Where dataset.json cannot be read, no
    overlap is found, and the log says so.
    """
    tested = tuple(Photo(photo.file, photo.label, "test") for photo in photos)
    digests = {
        photo.file: digest
        for photo, digest in zip(tested, in_threads(_digest, tested), strict=True)
        if digest
    }
    try:
        recorded = read_dataset(folder.dataset_file, Path(folder.recipe().data))
    except Unreadable as error:
        log.warning("%s So nobody knows which of these photos trained the model.", error)
        recorded = None
    if recorded is None:
        return Overlap({"test": list(digests.values())})
    trained, known = recorded
    now: Dataset = replace(trained, test=tested)
    hashes = {
        "train": [known[photo.file] for photo in trained.train],
        "validation": [known[photo.file] for photo in trained.validation],
        "test": list(digests.values()),
    }
    pairs = paired(lookalikes(now), {**known, **digests})
    own = not {known[photo.file] for photo in trained.test}.isdisjoint(hashes["test"])
    learned = (*trained.train, *trained.validation)
    gone = sum(not files.is_file(photo.file) for photo in learned)
    return Overlap(hashes, pairs, own, gone)


def own_photos(folder: RunFolder) -> Dataset:
    """Return the photos that a run was trained on, or would be if it has not begun.

    Raises BadInput where there are none.
    """
    recipe = folder.recipe()
    with contextlib.suppress(Unreadable):  # then as it would be split today
        if recorded := read_dataset(folder.dataset_file, Path(recipe.data)):
            return recorded[0]
    opened = open_dataset(Path(recipe.data), recipe.validation, recipe.seed)
    return corrected(settle_splits(opened, recipe), recipe.corrections)


def _digest(photo: Photo) -> str:
    try:
        return sha256_of(photo.path)
    except OSError:
        return ""  # counted as unreadable
