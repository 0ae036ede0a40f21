"""Apply a recipe's corrections to a dataset: photos in another class, or left out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bear_tui.data.dataset import Dataset
from bear_tui.data.decisions import OUT, Decisions
from bear_tui.data.folders.layout import same_name
from bear_tui.errors import BadInput


def corrected(dataset: Dataset, corrections: Sequence[tuple[str, str]]) -> Dataset:
    """Return the dataset with corrected labels; each photo stays in its split or is left out.

    Raises BadInput if a correction fits no photo, or leaves a class without photos.
    """
    if not corrections:
        return dataset
    labels = {same_name(path): same_name(label) for path, label in corrections}
    decisions = Decisions(dataset.root, labels)
    unknown = sorted(set(decisions.labels.values()) - {OUT, *dataset.classes})
    if unknown:
        raise BadInput(
            f"corrections: no class `{unknown[0]}` in {dataset.root}; its classes are "
            f"{', '.join(dataset.classes)}."
        )
    photos = (*dataset.train, *dataset.validation, *dataset.test)
    present = {same_name(photo.file) for photo in photos}
    missing = [name for name in decisions.labels if decisions.file(name) not in present]
    if missing:
        raise BadInput(
            f"corrections: {dataset.root} has no photo {min(missing)}; take it out of the "
            "recipe's `corrections`, or put the photo back."
        )
    result = replace(
        dataset,
        train=tuple(decisions.apply(dataset.train)[0]),
        validation=tuple(decisions.apply(dataset.validation)[0]),
        test=tuple(decisions.apply(dataset.test)[0]),
        corrections=tuple(corrections),
    )
    _require_photos(result)
    return result


def _require_photos(dataset: Dataset) -> None:
    for split in ("train", "validation", "test"):
        counts = Counter(photo.label for photo in getattr(dataset, split))
        empty = [name for name in dataset.classes if not counts[name]]
        # The result reports a class that the test lacks. Training needs every class.
        if (split == "train" and empty) or not counts:
            which = empty[0] if empty else "any class"
            raise BadInput(
                f"corrections: no {split} photo of {which} would be left; correct fewer of them."
            )
