"""Select classes from a COCO instances file: photos that show a bear, and photos that do not."""

import difflib
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bear_tui import files
from bear_tui.data.coco.entries import CocoPhoto as CocoPhoto
from bear_tui.data.coco.entries import Instances as Instances
from bear_tui.data.coco.entries import as_written, instances_of
from bear_tui.data.folders.inventory import Inventory, Photo
from bear_tui.data.folders.scan import Problem
from bear_tui.data.parallel import stop_if
from bear_tui.data.split import shuffled
from bear_tui.errors import BadInput
from bear_tui.files import open_to_read, reason


@dataclass(frozen=True)
class Selection:
    """The photos of each class."""

    candidates: Mapping[str, tuple[CocoPhoto, ...]]
    """The photos of each class, in the order to take them."""
    ambiguous: tuple[CocoPhoto, ...]
    """Photos that show two of the classes, so belong to neither."""
    problems: tuple[Problem, ...] = ()
    """Entries of the file that cannot be used."""


@dataclass(frozen=True)
class LocalPhotos:
    """Selected photos that are on this disk, ready to prepare."""

    inventory: Inventory
    origins: Mapping[Path, Mapping[str, object]]


def parse_classes(texts: Iterable[str], rest: str) -> dict[str, list[str]]:
    """Return the categories of each class from texts `NAME=CATEGORY`.

    Raises BadInput, also for fewer than two classes, `rest` included.
    """
    pairs = []
    for text in texts:
        name, separator, category = text.partition("=")
        if not (name and separator and category):
            raise BadInput("write NAME=CATEGORY, such as bear=bear.", "class", text)
        pairs.append((name, category))
    return categories_by_class(pairs, rest)


def categories_by_class(pairs: Iterable[tuple[str, str]], rest: str) -> dict[str, list[str]]:
    """Return the categories of each class from pairs, whose names may contain `=`.

    Raises BadInput as `parse_classes` does.
    """
    classes: dict[str, list[str]] = {}
    for name, category in pairs:
        classes.setdefault(name, []).append(category)
    if rest in classes:
        raise BadInput("a class has this name already; choose another.", "rest", rest)
    if not classes or len({*classes, rest} - {""}) < 2:
        example = "--class bear=bear --rest not_bear"
        raise BadInput(f"name what to tell apart, such as {example}.", "coco")
    return classes


def read_instances(path: Path, cancelled: threading.Event | None = None) -> Instances:
    """Return the photos of an instances JSON. Raises BadInput if it is not one, or Cancelled."""

    def without_outline(entry: dict[str, Any]) -> dict[str, Any]:
        stop_if(cancelled)
        entry.pop("segmentation", None)
        return entry

    try:
        with open_to_read(path, follow=True) as file:
            content = file.read()
        # A name that is not UTF-8 is a problem of its photo alone.
        text = content.decode(json.detect_encoding(content), "surrogateescape")
        del content
        # Outlines are nearly all of the file: without them 450 MB do not take 3 GB of memory.
        document = json.loads(text, object_hook=without_outline)
    except OSError as error:
        raise BadInput(reason(error), "coco", path) from error
    except (ValueError, RecursionError) as error:
        raise BadInput(
            "this is not a JSON file, or its end is missing; name an instances JSON.", "coco", path
        ) from error
    return instances_of(document, path)


def select(
    instances: Instances, classes: Mapping[str, Sequence[str]], rest: str, seed: int
) -> Selection:
    """Return the photos of each class by its categories; class `rest` gets those of no class.

    The seed decides the order. In `rest` the categories take turns, so that the first hundred
    photos show eighty different things instead of the most frequent one. Raises BadInput if a
    category is unknown or a class has no photo.
    """
    photos = instances.photos
    _require_known(photos, classes)
    labels = {category: label for label, categories in classes.items() for category in categories}
    names = (*classes, *([rest] * bool(rest)))
    by_class: dict[str, list[CocoPhoto]] = {label: [] for label in names}
    ambiguous = []
    for photo in photos:
        shown = {labels[category] for category in photo.categories if category in labels}
        if len(shown) > 1:
            ambiguous.append(photo)
        elif shown:
            by_class[shown.pop()].append(photo)
        elif rest:
            by_class[rest].append(photo)
    for label, members in by_class.items():
        if not members:
            categories = " or ".join(classes.get(label, ("anything else",)))
            raise BadInput(f"no photo of the file shows {categories}.", "class", label)
    candidates = {
        label: tuple(
            _round_robin(members, seed) if label == rest else shuffled(members, seed, _name)
        )
        for label, members in by_class.items()
    }
    return Selection(candidates, tuple(ambiguous), instances.problems)


def find_photos(selection: Selection, folder: Path, limit: int | None) -> LocalPhotos:
    """Return the selected photos that lie in `folder`, at most `limit` a class. Raises BadInput."""
    if not files.is_folder(folder):
        raise BadInput("there is no such folder; check the path.", "images", folder)
    selection = without_shared_places(selection, lambda photo: photo.file_name)
    paths: dict[str, dict[Path, CocoPhoto]] = {}
    problems: list[Problem] = []
    for label, candidates in selection.candidates.items():
        paths[label] = {}
        before = len(problems)
        for photo in candidates:
            if limit is not None and len(paths[label]) >= limit:
                break
            if path := find_file(folder, photo.file_name):
                paths[label][path] = photo
            else:
                problems.append(_missing(folder, photo.file_name))
        if not paths[label]:
            first = f" ({problems[before].detail})" if problems[before:] else ""
            raise BadInput(
                f"of the {len(candidates):,} photos for {label} none is here{first}; "
                "name the folder that holds them, or leave --images out to download them.",
                "images",
                folder,
            )
    return as_local_photos(selection, folder, paths, problems)


def without_shared_places(selection: Selection, place: Callable[[CocoPhoto], str]) -> Selection:
    """Drop photos that share a place with a photo of another class.

    Of several photos of one class at one place, the first stays.
    """
    labels: dict[str, set[str]] = {}
    for label, photos in (*selection.candidates.items(), ("", selection.ambiguous)):
        for photo in photos:
            labels.setdefault(place(photo), set()).add(label)
    problems = list(selection.problems)
    candidates: dict[str, tuple[CocoPhoto, ...]] = {}
    for label, photos in selection.candidates.items():
        by_place: dict[str, CocoPhoto] = {}
        for photo in photos:
            where = place(photo)
            if where and (where in by_place or len(labels[where]) > 1):
                words = "another image of the file is the same photo"
                use = "the first is used" if where in by_place else "and shows another class"
                detail = f"{photo.file_name}: {words}, {use}"
                problems.append(Problem(Path(where), "duplicate_across_classes", detail))
            else:
                by_place[where or photo.file_name] = photo
        candidates[label] = tuple(by_place.values())
    return replace(selection, candidates=candidates, problems=tuple(problems))


def as_local_photos(
    selection: Selection,
    root: Path,
    paths: Mapping[str, Mapping[Path, CocoPhoto]],
    problems: Sequence[Problem],
) -> LocalPhotos:
    """Return photos by class and path as an inventory, with the origin of each."""
    ambiguous = [
        Problem(root / photo.file_name, "duplicate_across_classes", _two_classes(photo))
        for photo in selection.ambiguous
    ]
    photos = [Photo(path, label, None) for label, by_path in paths.items() for path in by_path]
    photos.sort(key=lambda photo: str(photo.path))
    all_problems = (*selection.problems, *problems, *ambiguous)
    inventory = Inventory(root, tuple(paths), tuple(photos), all_problems, 0)
    origins = {path: photo.origin for by_path in paths.values() for path, photo in by_path.items()}
    return LocalPhotos(inventory, origins)


def _two_classes(photo: CocoPhoto) -> str:
    return f"it shows {' and '.join(sorted(photo.categories))}, which are two classes"


def _require_known(photos: Sequence[CocoPhoto], classes: Mapping[str, Sequence[str]]) -> None:
    known = set().union(*(photo.categories for photo in photos))
    for label, categories in classes.items():
        for category in categories:
            if category not in known:
                near = difflib.get_close_matches(category, sorted(known), 5, 0.5)
                hint = f"; near names are {', '.join(near)}" if near else ""
                given = f"{label}={category}"
                raise BadInput(f"no photo of the file shows this{hint}.", "class", given)


def _round_robin(photos: Iterable[CocoPhoto], seed: int) -> Iterator[CocoPhoto]:
    """Yield each photo once, one of each category in turn; photos without a category are one."""
    queues: dict[str, list[CocoPhoto]] = {}
    for photo in shuffled(photos, seed, _name):
        for category in photo.categories or {""}:
            queues.setdefault(category, []).append(photo)
    order = shuffled(queues, seed, str)
    yielded: set[int] = set()  # by id(): two photos may have one name
    remaining = {category: iter(queues[category]) for category in order}
    for category in itertools.cycle(order):
        if not remaining:
            return
        if category not in remaining:
            continue
        following = next((p for p in remaining[category] if id(p) not in yielded), None)
        if following is None:
            del remaining[category]
            continue
        yielded.add(id(following))
        yield following


def find_file(folder: Path, name: str) -> Path | None:
    """Return the file `name` in `folder`, or None; tries slashes for backslashes, and Latin-1."""
    for text in dict.fromkeys((name, as_written(name))):
        for candidate in dict.fromkeys((text, text.replace("\\", "/"))):
            # Unlike Path.is_file, files.is_file returns False for a name that is too long.
            if not _leads_out(candidate) and files.is_file(folder / candidate):
                return folder / candidate
    return None


def _missing(folder: Path, name: str) -> Problem:
    if re.match(r"[A-Za-z][\w+.-]+://", name):
        words = "this is a web address, not a file; leave --images out to download it"
    elif _leads_out(name.replace("\\", "/")) or re.match(r"[A-Za-z]:[\\/]", name):
        words = "this name leads out of the folder of photos; only photos inside it are used"
    else:
        words = "listed in the JSON but not here"
        if as_written(name) != name:
            words += "; its name is not UTF-8, so save the JSON as UTF-8"
    detail = f"{as_written(name)}: {words}"
    return Problem(folder / name.replace("\\", "/").lstrip("/"), "unreadable", detail)


def _leads_out(name: str) -> bool:
    path = Path(name)
    return path.is_absolute() or ".." in path.parts or "\0" in name


def _name(photo: CocoPhoto) -> str:
    return photo.file_name
