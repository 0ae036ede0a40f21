"""What a person decided about photos: another class, or out. Photos themselves never change."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from bear_tui import files
from bear_tui.data.dataset import Dataset
from bear_tui.data.inventory import Photo
from bear_tui.errors import BadInput

Decisions: TypeAlias = dict[str, str]
"""The class of each photo that was decided about, by its path below the dataset; "": out."""


def read_decisions(path: Path) -> Decisions:
    """The decisions in a file; none where there is no such file or it is damaged."""
    try:
        document = json.loads(files.read_text(path))
        return {str(one["path"]): str(one["class"] or "") for one in document["decisions"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def write_decisions(path: Path, decisions: Mapping[str, str]) -> None:
    """Keep the decisions, all of them; "out" is written as null. Raises a sentence."""
    document = {
        "decisions": [{"path": photo, "class": label or None} for photo, label in decisions.items()]
    }
    try:
        files.write_text(path, json.dumps(document, indent=1) + "\n")
    except OSError as error:
        raise files.explain(error, path) from None


def corrected(dataset: Dataset, corrections: Sequence[tuple[str, str]]) -> Dataset:
    """The dataset as a person saw it: each photo stays in its part, with its class or not at all.

    Raises BadInput where a correction fits no photo, or leaves a class without photos.
    """
    if not corrections:
        return dataset
    wanted = dict(corrections)
    unknown = sorted(set(wanted.values()) - {"", *dataset.classes})
    if unknown:
        raise BadInput(
            f"corrections: no class `{unknown[0]}` in {dataset.root}; its classes are "
            f"{', '.join(dataset.classes)}."
        )
    missing = set(wanted)

    def seen(photos: tuple[Photo, ...]) -> tuple[Photo, ...]:
        kept: list[Photo] = []
        for photo in photos:
            name = photo.path.relative_to(dataset.root).as_posix()
            missing.discard(name)
            label = wanted.get(name, photo.label)
            if label:
                kept.append(Photo(photo.file, label, photo.split))
        return tuple(kept)

    result = replace(
        dataset,
        train=seen(dataset.train),
        validation=seen(dataset.validation),
        test=seen(dataset.test),
    )
    if missing:
        raise BadInput(
            f"corrections: {dataset.root} has no photo {min(missing)}; take it out of the "
            "recipe's `corrections`, or put the photo back."
        )
    _require_photos(result)
    return result


def _require_photos(dataset: Dataset) -> None:
    for split in ("train", "validation", "test"):
        found = Counter(photo.label for photo in getattr(dataset, split))
        empty = [name for name in dataset.classes if not found[name]]
        # A test without a class is told with the result; training without one is none.
        if (split == "train" and empty) or not found:
            which = empty[0] if empty else "any class"
            raise BadInput(
                f"corrections: no {split} photo of {which} would be left; correct fewer of them."
            )
