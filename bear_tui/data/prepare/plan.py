"""Plan how to prepare photos: what goes where, what is left out, and why."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bear_tui.data.decisions import OUT, Decisions, read_decisions
from bear_tui.data.folders.examine import (
    Examined,
    duplicate_kind,
    exact_duplicates,
    examine,
    visual_duplicates,
)
from bear_tui.data.folders.inventory import Inventory, Photo
from bear_tui.data.folders.layout import SPLITS
from bear_tui.data.folders.scan import Problem
from bear_tui.data.parallel import Progress
from bear_tui.data.photos.photo import PADS
from bear_tui.data.prepare.naming import FileNames, class_folder
from bear_tui.data.prepare.select import Alike, Quota, choose
from bear_tui.data.prepare.sources import Sources, gather
from bear_tui.data.prepare.whole_folder import require_free
from bear_tui.errors import BadInput
from bear_tui.paths import absolute

# Measured on photos of 256 pixels, at the quality that `write` uses.
_BYTES_PER_PIXEL = 0.35

# Of duplicates, the one in the first of these splits stays, so the test does not change.
_KEPT_FIRST = ("test", "validation", "train", None)


@dataclass(frozen=True)
class Step:
    """One photo and its place relative to the new folder."""

    photo: Photo
    target: str
    moved_from: str = ""
    """The class of its folder, if a decision gave it another."""


@dataclass(frozen=True)
class Plan:
    """Everything that `carry_out` will write."""

    out: Path
    size: int
    pad: str
    enlarge: bool
    seed: int
    quota: Quota
    classes: tuple[str, ...]
    class_names: Mapping[str, str]
    """The real name of each class whose folder has another."""
    steps: tuple[Step, ...]
    excluded: tuple[Problem, ...]
    """Photos and folders that are left out because of a problem."""
    unused: int
    """Good photos that the limit or the balance leaves out."""
    kept_together: int
    """Visual duplicates that go to the same split as the others of their group."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many photos of the sources are in no class, by the reason."""
    origins: Mapping[Path, Mapping[str, object]] = field(default_factory=dict)
    """More about a photo for the manifest, such as its licence."""

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the number of photos by class and split; validation only if there is one."""
        counts = {name: {"train": 0, "test": 0} for name in self.classes}
        if any(step.photo.split == "validation" for step in self.steps):
            counts = {name: dict.fromkeys(SPLITS, 0) for name in self.classes}
        for step in self.steps:
            counts[step.photo.label][step.photo.split or "train"] += 1
        return counts

    @property
    def bytes(self) -> int:
        """Return about how many bytes will be written."""
        return round(len(self.steps) * self.size**2 * _BYTES_PER_PIXEL)


def plan(
    sources: Sources,
    out: Path,
    quota: Quota | None = None,
    size: int = 256,
    pad: str = "black",
    enlarge: bool = False,
    seed: int = 1,
    decisions: Decisions = Decisions(),  # noqa: B008 - frozen
    origins: Mapping[Path, Mapping[str, object]] | None = None,
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> Plan:
    """Decide what to write to `out`: squares of at most `size` pixels, as many as `quota` says.

    A source keeps the splits that it has, and gets a test split if it has none. Unreadable photos
    and exact duplicates are left out before anything is counted. Visual duplicates never stand on
    both sides of a split. Raises BadInput if the quota cannot be met, Cancelled once `cancelled`
    is set.
    """
    quota = quota or Quota()
    _require_sense(size, pad, quota)
    out = absolute(out)
    require_free(out)
    gathered = gather(sources, out)
    photos, by_hand = _apply_decisions(gathered.photos, sources, decisions)
    examined = examine(photos, progress, cancelled)
    near = visual_duplicates(examined, cancelled)
    usable, unusable = _usable(examined, near)
    alike = _group_numbers(near, usable)
    classes = tuple(dict.fromkeys(photo.label for photo in (*gathered.photos, *photos)))
    chosen, dropped = choose(usable, classes, quota, seed, alike)
    duplicates = [_seen_elsewhere(photo) for photo in dropped]
    folder_labels = {photo.path: photo.label for photo in gathered.photos}
    return Plan(
        out=out,
        size=size,
        pad=pad,
        enlarge=enlarge,
        seed=seed,
        quota=quota,
        classes=classes,
        class_names=gathered.class_names,
        steps=tuple(_steps(chosen, folder_labels)),
        excluded=(*gathered.problems, *by_hand, *unusable, *duplicates),
        unused=len(usable) - len(chosen) - len(dropped),
        kept_together=sum(photo.path in alike for photo in chosen),
        left_out=gathered.left_out,
        origins=origins or {},
    )


def _apply_decisions(
    photos: Sequence[Photo], sources: Sources, decisions: Decisions
) -> tuple[list[Photo], list[Problem]]:
    """Apply those of the source's manifest, then `decisions`; return also the excluded photos."""
    stored = read_decisions(absolute(sources.root)) if isinstance(sources, Inventory) else None
    excluded: list[Problem] = []
    for layer in filter(None, (stored, decisions)):
        folders = {
            path: class_folder(label) if label else OUT for path, label in layer.labels.items()
        }
        photos, out = replace(layer, labels=folders).apply(photos)
        excluded += out
    return list(photos), excluded


def _require_sense(size: int, pad: str, quota: Quota) -> None:
    if size < 1:
        raise BadInput("name a number of pixels, such as 256.", "size", size)
    if pad not in PADS:
        raise BadInput(f"choose one of {', '.join(PADS)}.", "pad", pad)
    if quota.hold_out < 0:
        raise BadInput("name a number of photos, such as 5.", "hold-out", quota.hold_out)
    if quota.validation < 0:
        raise BadInput("name a number of photos, such as 5.", "validation", quota.validation)
    if quota.limit is not None and quota.limit < 1:
        raise BadInput("name a number of photos a class, such as 100.", "limit", quota.limit)


def _usable(
    examined: Sequence[Examined], near: Sequence[Sequence[Examined]]
) -> tuple[list[Photo], list[Problem]]:
    """Return the photos that can be written, and the problems of the rest.

    One of several exact duplicates stays. Of visual duplicates, all of the first split stay.
    """
    excluded = {
        result.photo: Problem(result.photo.path, result.error.kind, result.error.detail)
        for result in examined
        if result.error is not None
    }
    for group in exact_duplicates(examined):
        photos = [result.photo for result in group]
        first = min(photos, key=_rank)
        for photo in photos:
            if photo is not first:
                detail = f"the same photo as {first.path}, which is kept as {first.label}"
                excluded[photo] = Problem(photo.path, duplicate_kind(photo, [first]), detail)
    for alike in near:
        photos = [result.photo for result in alike if result.photo not in excluded]
        for photo in photos:
            first = min(photos, key=_rank)
            if _rank(photo) > _rank(first):
                detail = f"looks the same as {first.path}, which is kept for {_split(first)}"
                excluded[photo] = Problem(photo.path, "duplicate_across_splits", detail)
    usable = [result.photo for result in examined if result.photo not in excluded]
    return usable, list(excluded.values())


def _rank(photo: Photo) -> int:
    return _KEPT_FIRST.index(photo.split)


def _split(photo: Photo) -> str:
    return photo.split or "train"


def _group_numbers(near: Sequence[Sequence[Examined]], usable: Sequence[Photo]) -> Alike:
    """Return the group of each photo, of groups with at least two usable photos."""
    allowed = set(usable)
    groups = [[result.photo.path for result in group if result.photo in allowed] for group in near]
    return {path: number for number, paths in enumerate(groups) if len(paths) > 1 for path in paths}


def _seen_elsewhere(photo: Photo) -> Problem:
    detail = "looks the same as a photo that is held out, and cannot stand on both sides"
    return Problem(photo.path, "duplicate_across_splits", detail)


def _steps(photos: Sequence[Photo], folder_labels: Mapping[Path, str]) -> Iterator[Step]:
    names: dict[tuple[str, str], FileNames] = {}
    for photo in photos:
        split = _split(photo)
        name = names.setdefault((split, photo.label), FileNames()).name_for(photo.path)
        label = folder_labels[photo.path]
        moved_from = label if label != photo.label else ""
        yield Step(photo, f"{split}/{photo.label}/{name}", moved_from)
