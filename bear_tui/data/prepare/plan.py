"""A plan to prepare photos: what will be written where, and what is left out and why."""

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

# Measured on photos of 256 pixels: 0.35 bytes a pixel at the quality they are written with.
_BYTES_PER_PIXEL = 0.35

# Of photos that show the same, the one in the first of these stays, so the test does not change.
_KEPT_FIRST = ("test", "validation", "train", None)


@dataclass(frozen=True)
class Step:
    """One photo of the plan and where it goes, relative to the new folder."""

    photo: Photo
    target: str
    moved_from: str = ""
    """The class that its folder gave it, where a decision gave it another."""


@dataclass(frozen=True)
class Plan:
    """What `carry_out` will write."""

    out: Path
    size: int
    pad: str
    enlarge: bool
    seed: int
    quota: Quota
    classes: tuple[str, ...]
    class_names: Mapping[str, str]
    """Real names of classes whose folders have others."""
    steps: tuple[Step, ...]
    excluded: tuple[Problem, ...]
    """Photos and folders left out because something is wrong with them."""
    unused: int
    """Good photos left out by the limit or the balance."""
    kept_together: int
    """Photos that show the same as another and stand on its side of the split."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Photos of the sources that are none of a class, by what they are."""
    origins: Mapping[Path, Mapping[str, object]] = field(default_factory=dict)
    """What else is known of a photo, such as its licence; kept in the manifest."""

    def counts(self) -> dict[str, dict[str, int]]:
        """Photos of each class in train and test, and in validation where there is one."""
        found = {name: {"train": 0, "test": 0} for name in self.classes}
        if any(step.photo.split == "validation" for step in self.steps):
            found = {name: dict.fromkeys(SPLITS, 0) for name in self.classes}
        for step in self.steps:
            found[step.photo.label][step.photo.split or "train"] += 1
        return found

    @property
    def bytes(self) -> int:
        """About how much will be written."""
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

    A source that is split already keeps its split; without a test part it gets one. Unreadable
    photos and copies of the same photo are left out before anything is counted; photos that show
    the same never stand on both sides of a split. Raises BadInput where the quota cannot be met,
    Cancelled once `cancelled` is set.
    """
    quota = quota or Quota()
    _require_sense(size, pad, quota)
    out = absolute(out)
    require_free(out)
    found = gather(sources, out)
    photos, by_hand = _as_decided(found.photos, sources, decisions)
    examined = examine(photos, progress, cancelled)
    near = visual_duplicates(examined, cancelled)
    usable, unusable = _usable(examined, near)
    alike = _alike(near, usable)
    classes = tuple(dict.fromkeys(photo.label for photo in (*found.photos, *photos)))
    chosen, aside = choose(usable, classes, quota, seed, alike)
    doubles = [_seen_elsewhere(photo) for photo in aside]
    before = {photo.path: photo.label for photo in found.photos}
    return Plan(
        out=out,
        size=size,
        pad=pad,
        enlarge=enlarge,
        seed=seed,
        quota=quota,
        classes=classes,
        class_names=found.class_names,
        steps=tuple(_steps(chosen, before)),
        excluded=(*found.problems, *by_hand, *unusable, *doubles),
        unused=len(usable) - len(chosen) - len(aside),
        kept_together=sum(photo.path in alike for photo in chosen),
        left_out=found.left_out,
        origins=origins or {},
    )


def _as_decided(
    photos: Sequence[Photo], sources: Sources, decisions: Decisions
) -> tuple[list[Photo], list[Problem]]:
    """The photos as the source's manifest and `decisions` have them, and those left out."""
    stored = read_decisions(absolute(sources.root)) if isinstance(sources, Inventory) else None
    left: list[Problem] = []
    for one in filter(None, (stored, decisions)):
        folders = {path: class_folder(of) if of else OUT for path, of in one.labels.items()}
        photos, out = replace(one, labels=folders).apply(photos)
        left += out
    return list(photos), left


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
    """The photos that can be written, and what is wrong with the rest.

    Of exact copies one stays. Of photos that merely show the same, all that are in one split.
    """
    excluded = {
        one.photo: Problem(one.photo.path, one.error.kind, one.error.detail)
        for one in examined
        if one.error is not None
    }
    for group in exact_duplicates(examined):
        kept = min((one.photo for one in group), key=_rank)
        for photo in (one.photo for one in group):
            if photo is not kept:
                detail = f"the same photo as {kept.path}, which is kept as {kept.label}"
                excluded[photo] = Problem(photo.path, duplicate_kind(photo, [kept]), detail)
    for alike in near:
        photos = [one.photo for one in alike if one.photo not in excluded]
        for photo in photos:
            kept = min(photos, key=_rank)
            if _rank(photo) > _rank(kept):
                detail = f"looks the same as {kept.path}, which is kept for {_split(kept)}"
                excluded[photo] = Problem(photo.path, "duplicate_across_splits", detail)
    usable = [one.photo for one in examined if one.photo not in excluded]
    return usable, list(excluded.values())


def _rank(photo: Photo) -> int:
    return _KEPT_FIRST.index(photo.split)


def _split(photo: Photo) -> str:
    return photo.split or "train"


def _alike(near: Sequence[Sequence[Examined]], usable: Sequence[Photo]) -> Alike:
    """Each photo's group, where at least two of the group are usable."""
    kept = set(usable)
    groups = [[one.photo.path for one in group if one.photo in kept] for group in near]
    return {path: number for number, of in enumerate(groups) if len(of) > 1 for path in of}


def _seen_elsewhere(photo: Photo) -> Problem:
    detail = "looks the same as a photo that is held out, and cannot stand on both sides"
    return Problem(photo.path, "duplicate_across_splits", detail)


def _steps(photos: Sequence[Photo], before: Mapping[Path, str]) -> Iterator[Step]:
    names: dict[tuple[str, str], FileNames] = {}
    for photo in photos:
        split = _split(photo)
        name = names.setdefault((split, photo.label), FileNames()).name_for(photo.path)
        moved = before[photo.path] if before[photo.path] != photo.label else ""
        yield Step(photo, f"{split}/{photo.label}/{name}", moved)
