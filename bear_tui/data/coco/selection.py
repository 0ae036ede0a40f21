"""Classes out of a COCO instances file: photos that show a bear, and photos that show none."""

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
    """Which photo belongs to which class."""

    candidates: Mapping[str, tuple[CocoPhoto, ...]]
    """Of each class the photos in the order to take them."""
    ambiguous: tuple[CocoPhoto, ...]
    """Photos that show two of the classes, so belong to neither."""
    problems: tuple[Problem, ...] = ()
    """Entries of the file that cannot be used."""


@dataclass(frozen=True)
class LocalPhotos:
    """Photos on this disk, ready to be prepared."""

    inventory: Inventory
    origins: Mapping[Path, Mapping[str, object]]


def parse_classes(texts: Iterable[str], rest: str) -> dict[str, list[str]]:
    """The categories of each class, of `NAME=CATEGORY`; two classes at least, `rest` counted.

    Raises BadInput.
    """
    pairs = []
    for text in texts:
        name, separator, category = text.partition("=")
        if not (name and separator and category):
            raise BadInput("write NAME=CATEGORY, such as bear=bear.", "class", text)
        pairs.append((name, category))
    return categories_by_class(pairs, rest)


def categories_by_class(pairs: Iterable[tuple[str, str]], rest: str) -> dict[str, list[str]]:
    """The same of classes and categories that were chosen: each may have a `=` in its name."""
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
    """The photos of an instances JSON. Raises BadInput where it is none, or Cancelled."""

    def without_outline(entry: dict[str, Any]) -> dict[str, Any]:
        stop_if(cancelled)
        entry.pop("segmentation", None)
        return entry

    try:
        with open_to_read(path, follow=True) as file:
            content = file.read()
        # A name that is not UTF-8 concerns its photo alone.
        text = content.decode(json.detect_encoding(content), "surrogateescape")
        del content
        # Outlines are nearly all of the file; dropped one by one, 450 MB need no 3 GB.
        document = json.loads(text, object_hook=without_outline)
    except OSError as error:
        raise BadInput(reason(error), "coco", path) from error
    except (ValueError, RecursionError) as error:
        raise BadInput(
            "this is no JSON file, or its end is missing; name an instances JSON.", "coco", path
        ) from error
    return instances_of(document, path)


def select(
    instances: Instances, classes: Mapping[str, Sequence[str]], rest: str, seed: int
) -> Selection:
    """The photos of each class: those that show one of its categories; `rest`: those of none.

    The seed decides the order. In the rest categories take turns, so that the first hundred show
    eighty different things, not a hundred times what is most frequent. Raises BadInput where a
    category is unknown or a class has no photo.
    """
    photos = instances.photos
    _require_known(photos, classes)
    labels = {category: label for label, of in classes.items() for category in of}
    found: dict[str, list[CocoPhoto]] = {label: [] for label in (*classes, *([rest] * bool(rest)))}
    ambiguous = []
    for photo in photos:
        shown = {labels[category] for category in photo.categories if category in labels}
        if len(shown) > 1:
            ambiguous.append(photo)
        elif shown:
            found[shown.pop()].append(photo)
        elif rest:
            found[rest].append(photo)
    for label, of in found.items():
        if not of:
            what = " or ".join(classes.get(label, ("anything else",)))
            raise BadInput(f"no photo of the file shows {what}.", "class", label)
    candidates = {
        label: tuple(_taking_turns(of, seed) if label == rest else shuffled(of, seed, _name))
        for label, of in found.items()
    }
    return Selection(candidates, tuple(ambiguous), instances.problems)


def find_photos(selection: Selection, folder: Path, limit: int | None) -> LocalPhotos:
    """The selected photos that lie in `folder`, at most `limit` a class."""
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
                problems.append(_not_here(folder, photo.file_name))
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
    """The selection without photos that share a place and are of different classes.

    Of those of one class the first stays.
    """
    labels: dict[str, set[str]] = {}
    for label, photos in (*selection.candidates.items(), ("", selection.ambiguous)):
        for photo in photos:
            labels.setdefault(place(photo), set()).add(label)
    problems = list(selection.problems)
    candidates: dict[str, tuple[CocoPhoto, ...]] = {}
    for label, photos in selection.candidates.items():
        kept: dict[str, CocoPhoto] = {}
        for photo in photos:
            where = place(photo)
            if where and (where in kept or len(labels[where]) > 1):
                words = "another image of the file is the same photo"
                use = "the first is used" if where in kept else "and shows another class"
                detail = f"{photo.file_name}: {words}, {use}"
                problems.append(Problem(Path(where), "duplicate_across_classes", detail))
            else:
                kept[where or photo.file_name] = photo
        candidates[label] = tuple(kept.values())
    return replace(selection, candidates=candidates, problems=tuple(problems))


def as_local_photos(
    selection: Selection,
    root: Path,
    paths: Mapping[str, Mapping[Path, CocoPhoto]],
    problems: Sequence[Problem],
) -> LocalPhotos:
    """Photos by class and path, as an inventory and their origins."""
    both = [
        Problem(root / photo.file_name, "duplicate_across_classes", _both(photo))
        for photo in selection.ambiguous
    ]
    photos = [Photo(path, label, None) for label, of in paths.items() for path in of]
    photos.sort(key=lambda photo: str(photo.path))
    told = (*selection.problems, *problems, *both)
    inventory = Inventory(root, tuple(paths), tuple(photos), told, 0)
    origins = {path: photo.origin for of in paths.values() for path, photo in of.items()}
    return LocalPhotos(inventory, origins)


def _both(photo: CocoPhoto) -> str:
    return f"it shows {' and '.join(sorted(photo.categories))}, which are two classes"


def _require_known(photos: Sequence[CocoPhoto], classes: Mapping[str, Sequence[str]]) -> None:
    known = set().union(*(photo.categories for photo in photos))
    for label, categories in classes.items():
        for category in categories:
            if category not in known:
                near = difflib.get_close_matches(category, sorted(known), 5, 0.5)
                hint = f"; near names are {', '.join(near)}" if near else ""
                given = f"{label}={category}"
                raise BadInput(f"no photo shows such a thing{hint}.", "class", given)


def _taking_turns(photos: Iterable[CocoPhoto], seed: int) -> Iterator[CocoPhoto]:
    """Each photo once; one of each category in turn, of those that show nothing too."""
    queues: dict[str, list[CocoPhoto]] = {}
    for photo in shuffled(photos, seed, _name):
        for category in photo.categories or {""}:
            queues.setdefault(category, []).append(photo)
    order = shuffled(queues, seed, str)
    given: set[int] = set()  # two photos may have one name
    waiting = {category: iter(queues[category]) for category in order}
    for category in itertools.cycle(order):
        if not waiting:
            return
        if category not in waiting:
            continue
        following = next((one for one in waiting[category] if id(one) not in given), None)
        if following is None:
            del waiting[category]
            continue
        given.add(id(following))
        yield following


def find_file(folder: Path, name: str) -> Path | None:
    """The file of that name in `folder`; a name with backslashes or in Latin-1 is tried too."""
    for text in dict.fromkeys((name, as_written(name))):
        for tried in dict.fromkeys((text, text.replace("\\", "/"))):
            # Unlike Path.is_file it says no to a name that is too long, or no name at all.
            if not _leads_out(tried) and files.is_file(folder / tried):
                return folder / tried
    return None


def _not_here(folder: Path, name: str) -> Problem:
    if re.match(r"[A-Za-z][\w+.-]+://", name):
        words = "a web address is no name of a file; leave --images out to download it"
    elif _leads_out(name.replace("\\", "/")) or re.match(r"[A-Za-z]:[\\/]", name):
        words = "this name leads out of the folder of photos; only what lies in it is used"
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
