"""What the person has decided about photos of a folder: shown in words, saved, and applied."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui import files, paths
from bear_tui.data.decisions import (
    OUT,
    Decisions,
    is_prepared,
    read_corrections,
    read_decisions,
    write_corrections,
    write_decisions,
)
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.folders.layout import same_name
from bear_tui.data.folders.scan import Problem
from bear_tui.text import counted

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset

BY_HAND = "by hand"
"""The kind of a row for a decision: no problem, but listed with the problems."""


@dataclass(frozen=True)
class Decided:
    """The decisions about one folder, and where they are saved."""

    decisions: Decisions = Decisions()  # noqa: RUF009 - frozen
    prepared: bool = False
    """Whether the folder's manifest keeps them, which training reads. The app keeps those about
    any other folder: they go into the recipe, and the next preparation applies them."""

    def with_label(self, path: Path, label: str | None) -> "Decided":
        """Move a photo to a class, or OUT; None takes the decision back."""
        return replace(self, decisions=self.decisions.with_label(path, label))

    def toggled(self, path: Path) -> "Decided":
        """Leave a photo out, or take the decision about it back if there is one."""
        return self.with_label(path, OUT if self.decisions.of(path) is None else None)

    def out(self, path: Path) -> bool:
        """Return whether a photo is left out."""
        return self.decisions.of(path) == OUT

    def listed(self, photos: Iterable[Photo]) -> list[Problem]:
        """Return a row for each photo with a decision."""
        return [
            Problem(photo.path, BY_HAND, f"its folder says {photo.label}")
            for photo in (photos if self.decisions else ())
            if self.decisions.of(photo.path) is not None
        ]

    def mark(self, path: Path) -> str:
        """Return `left out`, `→ bear` or ""."""
        label = self.decisions.of(path)
        return "" if label is None else "left out" if label == OUT else f"→ {label}"

    def followed(self, dataset: "Dataset") -> "Dataset":
        """Return the dataset with the decisions applied, unless its manifest has them already.

        Ignores decisions about photos that are gone. Raises BadInput if no photos are left.
        """
        if self.prepared or not self.decisions:
            return dataset
        from bear_tui.data.corrections import corrected

        decisions, known = self.decisions, {OUT, *dataset.classes}
        photos = (*dataset.train, *dataset.validation, *dataset.test)
        there = {same_name(one.file) for one in photos}
        meant = [
            (name, label)
            for name, label in decisions.labels.items()
            if label in known and decisions.file(name) in there
        ]
        return corrected(dataset, meant)

    def sentence(self, saving: bool = False) -> str:
        """Return how many there are and where they are kept; "" for none."""
        count = len(self.decisions)
        if not count:
            return ""
        what = counted(count, "decision")
        if saving:
            return f"{what}: saving …"
        where = "kept in the manifest" if self.prepared else "kept for training and for p"
        return f"{what}: {where}; files stay as they are."


def decided_about(root: Path) -> Decided:
    """Return the decisions in a folder's manifest; without one, those that the app has kept.

    Raises Unreadable if the file is there and cannot be read.
    """
    if is_prepared(root):
        return Decided(read_decisions(root), prepared=True)
    file = _kept_file(root)
    # In another person's home, where the app may not write, nothing is kept.
    may_enter = os.access(file.parent, os.X_OK)
    return Decided(read_corrections(file, root) if may_enter else Decisions(root))


def open_decided(folder: Path) -> "Dataset":
    """Open a folder's photos with the decisions applied. Raises Failure with a sentence."""
    from bear_tui.data.dataset import open_dataset

    return decided_about(folder).followed(open_dataset(folder))


def keep(decided: Decided) -> None:
    """Write the decisions to the manifest; without one, to a file of the app. Raises Failure."""
    if decided.prepared:
        write_decisions(decided.decisions)
        return
    path = _kept_file(decided.decisions.root)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not decided.decisions:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise files.explain(error, path) from None
    if decided.decisions:
        write_corrections(path, decided.decisions)


def _kept_file(root: Path) -> Path:
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return paths.decisions_folder() / f"{name}.json"
