"""Classes out of a COCO instances file: photos that show a bear, and photos that show none."""

import difflib
import itertools
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bear_tui.data.inventory import Inventory, Photo
from bear_tui.data.parallel import stop_if
from bear_tui.data.split import shuffled
from bear_tui.data.walk import Problem
from bear_tui.errors import BadInput
from bear_tui.files import reason


@dataclass(frozen=True)
class CocoPhoto:
    """One photo of the file."""

    file_name: str
    url: str
    categories: frozenset[str]
    """What is on it, crowds counted; nothing where no one marked anything."""
    origin: Mapping[str, object]
    """For the manifest: where it is from, and the photographer's licence."""


@dataclass(frozen=True)
class Selection:
    """Which photo belongs to which class."""

    candidates: Mapping[str, tuple[CocoPhoto, ...]]
    """Of each class the photos in the order to take them."""
    in_two: tuple[CocoPhoto, ...]
    """Photos that show two of the classes, so belong to neither."""


@dataclass(frozen=True)
class Found:
    """Photos on this disk, ready to be prepared."""

    inventory: Inventory
    origins: Mapping[Path, Mapping[str, object]]


def classes_of(texts: Iterable[str], rest: str) -> dict[str, list[str]]:
    """The categories of each class, of `NAME=CATEGORY`; two classes at least, `rest` counted.

    Raises BadInput.
    """
    pairs = []
    for text in texts:
        name, separator, category = text.partition("=")
        if not (name and separator and category):
            raise BadInput("write NAME=CATEGORY, such as bear=bear.", "class", text)
        pairs.append((name, category))
    return grouped(pairs, rest)


def grouped(pairs: Iterable[tuple[str, str]], rest: str) -> dict[str, list[str]]:
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


def read_instances(path: Path, cancelled: threading.Event | None = None) -> tuple[CocoPhoto, ...]:
    """The photos of an instances JSON. Raises BadInput where it is none, or Cancelled."""

    def without_outline(entry: dict[str, Any]) -> dict[str, Any]:
        stop_if(cancelled)
        entry.pop("segmentation", None)
        return entry

    try:
        with path.open("rb") as file:
            # Outlines are nearly all of the file; dropped one by one, 450 MB need no 3 GB.
            document = json.load(file, object_hook=without_outline)
    except OSError as error:
        raise BadInput(reason(error), "coco", path) from error
    except (ValueError, RecursionError) as error:
        raise BadInput("this is no JSON file; name an instances JSON.", "coco", path) from error
    try:
        return tuple(_photos(document))
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            "this is no instances file of COCO, which lists images, annotations and categories; "
            "name one such as instances_train2017.json.",
            "coco",
            path,
        ) from error


def select(
    photos: Sequence[CocoPhoto], classes: Mapping[str, Sequence[str]], rest: str, seed: int
) -> Selection:
    """The photos of each class: those that show one of its categories; `rest`: those of none.

    The seed decides the order. In the rest categories take turns, so that the first hundred show
    eighty different things, not a hundred times what is most frequent. Raises BadInput where a
    category is unknown or a class has no photo.
    """
    _require_known(photos, classes)
    labels = {category: label for label, of in classes.items() for category in of}
    found: dict[str, list[CocoPhoto]] = {label: [] for label in (*classes, *([rest] * bool(rest)))}
    in_two = []
    for photo in photos:
        shown = {labels[category] for category in photo.categories if category in labels}
        if len(shown) > 1:
            in_two.append(photo)
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
    return Selection(candidates, tuple(in_two))


def find_photos(selection: Selection, folder: Path, limit: int | None) -> Found:
    """The selected photos that lie in `folder`, at most `limit` a class."""
    if not folder.is_dir():
        raise BadInput("there is no such folder; check the path.", "images", folder)
    chosen: dict[str, list[CocoPhoto]] = {}
    absent: list[CocoPhoto] = []
    for label, candidates in selection.candidates.items():
        chosen[label] = []
        for photo in candidates:
            if limit is not None and len(chosen[label]) >= limit:
                break
            there = _inside(folder, photo.file_name).is_file()
            (chosen[label] if there else absent).append(photo)
        if not chosen[label]:
            raise BadInput(
                f"of the {len(candidates):,} photos for {label} none is here; "
                "name the folder that holds them, or leave --images out to download them.",
                "images",
                folder,
            )
    problems = [
        Problem(_inside(folder, photo.file_name), "unreadable", "listed in the JSON but not here")
        for photo in absent
    ]
    paths = {
        label: {_inside(folder, photo.file_name): photo for photo in of}
        for label, of in chosen.items()
    }
    return found_of(selection, folder, paths, problems)


def found_of(
    selection: Selection,
    root: Path,
    paths: Mapping[str, Mapping[Path, CocoPhoto]],
    problems: Sequence[Problem],
) -> Found:
    """Photos by class and path, as an inventory and their origins."""
    both = [
        Problem(root / photo.file_name, "duplicate_across_classes", _both(photo))
        for photo in selection.in_two
    ]
    photos = [Photo(path, label, None) for label, of in paths.items() for path in of]
    photos.sort(key=lambda photo: str(photo.path))
    inventory = Inventory(root, tuple(paths), tuple(photos), (*problems, *both), 0)
    origins = {path: photo.origin for of in paths.values() for path, photo in of.items()}
    return Found(inventory, origins)


def _both(photo: CocoPhoto) -> str:
    return f"it shows {' and '.join(sorted(photo.categories))}, which are two classes"


def _photos(document: dict[str, Any]) -> Iterator[CocoPhoto]:
    names = {entry["id"]: str(entry["name"]) for entry in document["categories"]}
    shown: dict[object, set[str]] = {entry["id"]: set() for entry in document["images"]}
    for annotation in document["annotations"]:
        if annotation["image_id"] in shown:
            shown[annotation["image_id"]].add(names[annotation["category_id"]])
    licences = {entry["id"]: entry for entry in document.get("licenses") or []}
    for entry in document["images"]:
        urls = [entry[key] for key in ("coco_url", "url", "flickr_url") if entry.get(key)]
        origin: dict[str, object] = {"coco_id": entry["id"]}
        origin |= {key: entry[key] for key in ("coco_url", "flickr_url") if key in entry}
        if "license" in entry:
            origin["licence"] = licences.get(entry["license"], {"id": entry["license"]})
        yield CocoPhoto(
            str(entry["file_name"]),
            str(urls[0]) if urls else "",
            frozenset(shown[entry["id"]]),
            origin,
        )


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
    given: set[str] = set()
    waiting = {category: iter(queues[category]) for category in order}
    for category in itertools.cycle(order):
        if not waiting:
            return
        if category not in waiting:
            continue
        following = next((one for one in waiting[category] if one.file_name not in given), None)
        if following is None:
            del waiting[category]
            continue
        given.add(following.file_name)
        yield following


def _inside(folder: Path, name: str) -> Path:
    """The file `name` of the JSON in `folder`. Raises BadInput where it would lie elsewhere."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise BadInput(f"the file name {name!r} leads out of the folder of photos.", "coco")
    return folder / path


def _name(photo: CocoPhoto) -> str:
    return photo.file_name
