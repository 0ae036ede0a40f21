"""What a run has seen of photos that it is asked about: by their bytes, and by what they show."""

import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bear_tui import files
from bear_tui.data.corrections import corrected
from bear_tui.data.dataset import Dataset, open_dataset, split_by_seed
from bear_tui.data.digest import sha256_of
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.lookalikes import Lookalike, lookalikes, similar_groups
from bear_tui.data.parallel import in_threads
from bear_tui.data.recorded import read_dataset
from bear_tui.errors import Unreadable
from bear_tui.run.folder import RunFolder
from bear_tui.run.results.lookalikes import Pair

log = logging.getLogger(__name__)


def paired(found: Iterable[Lookalike], digests: Mapping[str, str]) -> list[Pair]:
    """Rows of lookalikes.csv; `digests` are the SHA-256 of the photos by their paths."""
    return [
        Pair(
            asked.file,
            other.file,
            other.split or "",
            digests.get(asked.file, "") == digests.get(other.file),
            asked.split or "",
        )
        for asked, other in found
    ]


def seen_before(
    folder: RunFolder, photos: Sequence[Photo]
) -> tuple[dict[str, list[str]], list[Pair], bool, int]:
    """The SHA-256 of the photos by split, those asked about as `test`; which of them the run's
    training or validation photos show too; whether the run's own test photos are among them; and
    how many training and validation photos are gone.

    A photo that is gone is known by its bytes alone. Nothing is known of a run whose dataset.json
    cannot be read, which the log says.
    """
    asked = tuple(Photo(photo.file, photo.label, "test") for photo in photos)
    digests = {
        photo.file: digest
        for photo, digest in zip(asked, in_threads(_digest, asked), strict=True)
        if digest
    }
    try:
        found = read_dataset(folder.dataset_file, Path(folder.recipe().data))
    except Unreadable as error:
        log.warning("%s So nobody knows which of these photos trained the model.", error)
        found = None
    if found is None:
        return {"test": list(digests.values())}, [], False, 0
    trained, known = found
    now: Dataset = replace(trained, test=asked)
    hashes = {
        "train": [known[photo.file] for photo in trained.train],
        "validation": [known[photo.file] for photo in trained.validation],
        "test": list(digests.values()),
    }
    pairs = paired(lookalikes(now), {**known, **digests})
    own = not {known[photo.file] for photo in trained.test}.isdisjoint(hashes["test"])
    learned = (*trained.train, *trained.validation)
    gone = sum(not files.is_file(photo.file) for photo in learned)
    return hashes, pairs, own, gone


def own_photos(folder: RunFolder) -> Dataset:
    """The photos of a run as it had them; of a run that has not begun, those it would take.

    Raises BadInput where there are none.
    """
    recipe = folder.recipe()
    with contextlib.suppress(Unreadable):  # then as it would be split today
        if recorded := read_dataset(folder.dataset_file, Path(recipe.data)):
            return recorded[0]
    opened = open_dataset(Path(recipe.data), recipe.validation, recipe.seed)
    opened = split_by_seed(opened, recipe.validation, recipe.seed, similar_groups(opened))
    return corrected(opened, recipe.corrections)


def _digest(photo: Photo) -> str:
    try:
        return sha256_of(photo.path)
    except OSError:
        return ""  # it is counted as one that cannot be read
