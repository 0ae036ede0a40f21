"""Makes a folder to train on from folders of photos; the sources never change.

A plan says what will be written, from every photo decoded once; carrying it out writes exactly
that, into a new folder, or nothing.
"""

import hashlib
import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bear_tui.data.digest import sha256_of
from bear_tui.data.examine import Examined, examine, twin_kind, twins
from bear_tui.data.folder import require_free, whole_folder
from bear_tui.data.inventory import SPLITS, Inventory, Photo, Problem, photos_below
from bear_tui.data.manifest import Written, manifest_document, write_manifest
from bear_tui.data.naming import FileNames, class_folder
from bear_tui.data.parallel import Progress, in_threads
from bear_tui.data.photo import PADS, PhotoError, fit, load, square
from bear_tui.data.select import Wish, choose
from bear_tui.errors import BadInput, Failure
from bear_tui.files import explain
from bear_tui.paths import absolute

Sources = Inventory | Mapping[str, Path | Sequence[Path]]
"""Class folders or split folders, or the folders of each class."""

# With full colour resolution: a copy cannot be told from its source by eye.
_QUALITY = 95
# Measured on photos of 256 pixels: 0.35 bytes a pixel at that quality.
_BYTES_PER_PIXEL = 0.35


@dataclass(frozen=True)
class Step:
    """One photo of the plan and where it goes, relative to the new folder."""

    photo: Photo
    target: str


@dataclass(frozen=True)
class Plan:
    """What `carry_out` will write."""

    out: Path
    size: int
    pad: str
    seed: int
    wish: Wish
    classes: tuple[str, ...]
    steps: tuple[Step, ...]
    excluded: tuple[Problem, ...]
    """Photos and folders left out because something is wrong with them."""
    unused: int
    """Good photos left out by the limit or the balance."""

    def counts(self) -> dict[str, dict[str, int]]:
        """Photos of each class in train and test, and in validation where the source has it."""
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


@dataclass(frozen=True)
class Prepared:
    """What was written."""

    out: Path
    counts: dict[str, dict[str, int]]
    excluded: tuple[Problem, ...]
    manifest: Path
    fingerprint: str


def plan(
    sources: Sources,
    out: Path,
    hold_out: int = 5,
    size: int = 256,
    pad: str = "black",
    balance: bool = False,
    limit: int | None = None,
    seed: int = 1,
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> Plan:
    """Decide what to write to `out`: squares of at most `size` pixels, `hold_out` test photos a
    class, at most `limit` photos a class, as many of every class with `balance`.

    A source that is split already keeps its split; without a test part it gets one. Unreadable
    photos and copies of the same photo are left out before anything is counted. Raises BadInput
    where the wish cannot be met, Cancelled once `cancelled` is set.
    """
    wish = Wish(hold_out, balance, limit)
    _require_sense(size, pad, wish)
    out = absolute(out)
    require_free(out)
    photos, problems = _gathered(sources, out)
    examined = examine(photos, progress, cancelled)
    usable, excluded = _usable(examined)
    classes = tuple(dict.fromkeys(photo.label for photo in photos))
    chosen = choose(usable, classes, wish, seed)
    return Plan(
        out=out,
        size=size,
        pad=pad,
        seed=seed,
        wish=wish,
        classes=classes,
        steps=tuple(_steps(chosen)),
        excluded=(*problems, *excluded),
        unused=len(usable) - len(chosen),
    )


def carry_out(
    plan: Plan, progress: Progress | None = None, cancelled: threading.Event | None = None
) -> Prepared:
    """Write what the plan says, and manifest.json beside it.

    Everything is written to a folder beside `plan.out`, which then takes its place: a failure, a
    cancel or a crash leaves nothing. Raises Failure where a photo changed since the plan or the
    disk refuses, Cancelled once `cancelled` is set.
    """
    with whole_folder(plan.out) as folder:
        for parent in sorted({Path(step.target).parent for step in plan.steps}):
            (folder / parent).mkdir(parents=True)

        def write(step: Step) -> Written:
            return _write(step, folder, plan.size, plan.pad)

        written = list(in_threads(write, plan.steps, progress, cancelled))
        settings = {
            "hold_out": plan.wish.hold_out,
            "size": plan.size,
            "pad": plan.pad,
            "balance": plan.wish.balance,
            "limit": plan.wish.limit,
            "seed": plan.seed,
        }
        document = manifest_document(settings, plan.counts(), written, plan.excluded)
        write_manifest(folder / "manifest.json", document)
    return Prepared(
        plan.out,
        plan.counts(),
        plan.excluded,
        plan.out / "manifest.json",
        document["fingerprint"],
    )


def _require_sense(size: int, pad: str, wish: Wish) -> None:
    if size < 1:
        raise BadInput(f"--size {size}: name a number of pixels, such as 256.")
    if pad not in PADS:
        raise BadInput(f"--pad {pad}: choose one of {', '.join(PADS)}.")
    if wish.hold_out < 0:
        raise BadInput(f"--hold-out {wish.hold_out}: name a number of photos, such as 5.")
    if wish.limit is not None and wish.limit < 1:
        raise BadInput(f"--limit {wish.limit}: name a number of photos a class, such as 100.")


def _gathered(sources: Sources, out: Path) -> tuple[list[Photo], list[Problem]]:
    """All photos by their absolute paths, their classes named as folders can be."""
    if isinstance(sources, Inventory):
        _require_outside(out, sources.root)
        _require_distinct(sources.classes)
        photos = [
            Photo(absolute(photo.path), class_folder(photo.label), photo.split)
            for photo in sources.photos
        ]
        empty = [problem for problem in sources.problems if problem.kind == "empty_class"]
        if not photos or (empty and not sources.splits):
            where = empty[0].path if empty else sources.root
            raise BadInput(f"{where}: there are no photos here; add some or remove the class.")
        return photos, list(sources.problems)
    _require_distinct(sources)
    photos, problems = [], []
    for name, folders in sources.items():
        for folder in [folders] if isinstance(folders, Path) else folders:
            _require_outside(out, folder)
            paths, refused, _ = photos_below(absolute(folder))
            problems += refused
            photos += [Photo(path, class_folder(name), None) for path in paths]
            if not paths:
                raise BadInput(f"{folder}: there are no photos here for the class {name}.")
    # Folders named twice, or one inside another, hold the same files.
    return list(dict.fromkeys(photos)), problems


def _require_outside(out: Path, source: Path) -> None:
    if out.resolve().is_relative_to(source.resolve()):
        raise BadInput(
            f"--out {out}: this lies inside the source {source}; name a folder elsewhere."
        )


def _require_distinct(names: Sequence[str] | Mapping[str, object]) -> None:
    folders: dict[str, str] = {}
    for name in names:
        folder = class_folder(name).casefold()
        if folder in folders:
            raise BadInput(
                f"The classes {folders[folder]} and {name} would share one folder; rename one."
            )
        folders[folder] = name


def _usable(examined: Sequence[Examined]) -> tuple[list[Photo], list[Problem]]:
    """The photos that can be written, each once, and what is wrong with the rest.

    Of copies the one in the test part stays, so that the test does not change; else the first.
    """
    excluded = {
        one.photo: Problem(one.photo.path, one.error.kind, one.error.detail)
        for one in examined
        if one.error is not None
    }
    for group in twins(examined):
        photos = [one.photo for one in group]
        kept = next((photo for photo in photos if photo.split == "test"), photos[0])
        for photo in photos:
            if photo is not kept:
                detail = f"the same photo as {kept.path}, which is kept as {kept.label}"
                excluded[photo] = Problem(photo.path, twin_kind(photo, [kept]), detail)
    usable = [one.photo for one in examined if one.photo not in excluded]
    return usable, list(excluded.values())


def _steps(photos: Sequence[Photo]) -> Iterator[Step]:
    names: dict[tuple[str, str], FileNames] = {}
    for photo in photos:
        split = photo.split or "train"
        name = names.setdefault((split, photo.label), FileNames()).name_for(photo.path)
        yield Step(photo, f"{split}/{photo.label}/{name}")


def _write(step: Step, folder: Path, size: int, pad: str) -> Written:
    path = step.photo.path
    try:
        source_sha256 = sha256_of(path)
        image, format, (width, height), _ = load(path, size)
    except OSError as error:
        raise explain(error, path) from error
    except PhotoError as error:
        raise Failure(
            f"{path}: {error.detail}; it changed since the plan was made, so make a new one."
        ) from error
    done = [f"{format} of {width} x {height}"]
    if max(image.size) > size:
        image = fit(image, size, Image.Resampling.LANCZOS)
        done.append(f"reduced to {image.width} x {image.height}")
    if pad != "none" and image.width != image.height:
        image = square(image, pad)
        done.append(f"padded {pad}")
    # Encoded in memory: Pillow does not say why when it cannot write to a disk.
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
    content = buffer.getvalue()
    (folder / step.target).write_bytes(content)
    return Written(
        path=step.target,
        source=str(path),
        source_sha256=source_sha256,
        sha256=hashlib.sha256(content).hexdigest(),
        label=step.photo.label,
        split=step.photo.split or "train",
        done=", ".join(done),
    )
