"""Read and check the entries of a COCO instances document: its photos, and what they show.

A wrong entry is left out with a sentence. It never costs the file, nor another entry.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from bear_tui.data.folders.scan import Problem
from bear_tui.errors import BadInput

Value = TypeVar("Value")

_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0+)?")
_WEB = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True)
class CocoPhoto:
    """One photo of the file."""

    file_name: str
    url: str
    categories: frozenset[str]
    """The categories that it shows, crowds included; empty if nothing is marked."""
    origin: Mapping[str, object]
    """For the manifest: its source, and the photographer's licence."""


@dataclass(frozen=True)
class Instances:
    """The photos of an instances file."""

    photos: tuple[CocoPhoto, ...]
    problems: tuple[Problem, ...] = ()
    """Entries that cannot be used, and why."""


class Ids(Generic[Value]):
    """Values by their ids, which may be text in one list of the file and numbers in another."""

    def __init__(self) -> None:
        self._exact: dict[object, Value] = {}
        self._by_number: dict[object, Value | None] = {}

    def __contains__(self, id: object) -> bool:
        return id in self._exact

    def put(self, id: object, value: Value) -> None:
        """Add a value; `is_id(id)` holds, and `id` is new."""
        self._exact[id] = value
        number = _number(id)
        self._by_number[number] = None if number in self._by_number else value

    def values(self) -> Iterable[Value]:
        """Return all values, in the order they were added."""
        return self._exact.values()

    def get(self, id: object) -> Value | None:
        """Return the value of this id, else of the only id with the same number, else None."""
        if not is_id(id):
            return None
        return self._exact[id] if id in self._exact else self._by_number.get(_number(id))


def is_id(value: object) -> bool:
    """Return whether a value of the file can be an id: a text or a number."""
    if isinstance(value, str):
        return bool(value.strip())
    return type(value) is int or (isinstance(value, float) and math.isfinite(value))


def _number(id: object) -> object:
    """Return 7 for `7`, `7.0`, `"7"` and `" 07.0 "`; other texts as they are."""
    if isinstance(id, str):
        text = id.strip()
        return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else text
    return id


def as_written(text: str) -> str:
    """Return a text as Latin-1 if its bytes were not UTF-8, else as it is."""
    try:
        is_utf8 = not any("\udc80" <= character <= "\udcff" for character in text)
        return text if is_utf8 else text.encode("utf-8", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:  # a lone surrogate, which JSON can escape
        return text


def instances_of(document: Any, path: Path) -> Instances:
    """Return the photos and problems of a document; `path` names its file.

    Raises BadInput if it is not an instances document, or if two categories share an id.
    """
    lists = [document.get(key) for key in _LISTS] if isinstance(document, dict) else []
    if not lists or not all(isinstance(entries, list) for entries in lists):
        raise _refused(path, "")
    return _Reader(document, path).instances()


class _Reader:
    """Makes one pass over each of the three lists."""

    def __init__(self, document: dict[str, Any], path: Path) -> None:
        self._path = path
        self._problems: list[Problem] = []
        self._counted: dict[str, tuple[int, str]] = {}
        self._names = self._read_categories(document["categories"])
        self._licences = _licences(document.get("licenses"))
        self._entries: Ids[dict[str, Any]] = Ids()
        self._shown: Ids[set[str | None]] = Ids()
        self._read_images(document["images"])
        self._unmatched = self._read_annotations(document["annotations"])

    def instances(self) -> Instances:
        photos = tuple(self._photos())
        first = f": {self._problems[0].detail}" if self._problems else ""
        if not photos:
            raise _refused(self._path, first)
        for words, (count, example) in self._counted.items():
            self._problem(f"{count:,} of `annotations` {words}, such as {example}")
        return Instances(photos, tuple(self._problems))

    def _problem(self, detail: str) -> None:
        self._problems.append(Problem(self._path, "unreadable", detail))

    def _read_categories(self, entries: list[Any]) -> Ids[str]:
        names: Ids[str] = Ids()
        for place, entry in enumerate(entries):
            id, name = (
                (entry.get("id"), entry.get("name")) if isinstance(entry, dict) else (None, None)
            )
            text = as_written(str(name)).strip() if type(name) in (str, int, float) else ""
            if not is_id(id) or not text:
                self._problem(
                    f"entry {place} of `categories` has no {'name' if is_id(id) else 'id'}"
                )
            elif id in names and names.get(id) != text:
                raise BadInput(
                    f"category {id} is both {names.get(id)} and {text}; give each its own id.",
                    "coco",
                    self._path,
                )
            elif id not in names:
                names.put(id, text)
        return names

    def _read_images(self, entries: list[Any]) -> None:
        ambiguous: set[object] = set()
        for place, entry in enumerate(entries):
            if not isinstance(entry, dict):
                self._problem(f"entry {place} of `images` is not an object")
                continue
            id, name = entry.get("id"), entry.get("file_name")
            if not is_id(id):
                self._problem(f"entry {place} of `images` ({name}) has no id")
            elif not isinstance(name, str) or not name.strip():
                self._problem(f"image {id} has no file_name")
                # Its annotations belong to an image that the file lists.
                if id not in self._entries:
                    self._entries.put(id, {})
                    self._shown.put(id, set())
            elif id not in self._entries:
                self._entries.put(id, entry)
                self._shown.put(id, set())
            elif (self._entries.get(id) or {}).get("file_name") != name:
                ambiguous.add(id)
                self._problem(f"image {id} is also {name}: neither is used")
            else:
                self._problem(f"image {id} ({name}) is listed twice; it is used once")
        for id in ambiguous:
            (self._entries.get(id) or {})["id"] = None

    def _read_annotations(self, entries: list[Any]) -> int:
        """Note what each image shows; return how many annotations belong to no image."""
        unmatched = 0
        seen: set[object] = set()
        for place, entry in enumerate(entries):
            if not isinstance(entry, dict):
                self._count("are not objects", f"entry {place}")
                continue
            image, category, own = (entry.get(key) for key in ("image_id", "category_id", "id"))
            if is_id(own) and own in seen:
                self._count("have the id of another; all are used", f"{own}")
            elif is_id(own):
                seen.add(own)
            shown = self._shown.get(image)
            if shown is None:
                unmatched += 1
                self._count("are of an image that the file does not list", f"image_id {image}")
            else:
                shown.add(self._names.get(category))
        if unmatched and unmatched == len(entries):
            raise BadInput(
                "none of its annotations belongs to an image that it lists: each `image_id` must "
                "be the `id` of an image.",
                "coco",
                self._path,
            )
        return unmatched

    def _count(self, words: str, example: str) -> None:
        count, first = self._counted.get(words, (0, example))
        self._counted[words] = count + 1, first

    def _photos(self) -> Iterator[CocoPhoto]:
        for entry, shown in zip(self._entries.values(), self._shown.values(), strict=True):
            id, name = entry.get("id"), entry.get("file_name", "")
            if id is None:  # reported already
                continue
            if None in shown:
                self._problem(
                    f"image {id} ({name}): one of its annotations has a category that is not in "
                    "the file"
                )
            elif not shown and self._unmatched:
                self._problem(
                    f"image {id} ({name}): it has no annotation, but some annotations belong to no "
                    "image of the file, so what it shows is not known"
                )
            else:
                categories = frozenset(name for name in shown if name is not None)
                yield CocoPhoto(name, _address(entry), categories, self._origin(entry))

    def _origin(self, entry: Mapping[str, Any]) -> dict[str, object]:
        origin: dict[str, object] = {"coco_id": entry["id"]}
        origin |= {key: entry[key] for key in ("coco_url", "flickr_url") if key in entry}
        if "license" in entry:
            licence = entry["license"]
            origin["licence"] = self._licences.get(licence) or {"id": licence}
        return origin


_LISTS = ("images", "annotations", "categories")


def _refused(path: Path, more: str) -> BadInput:
    return BadInput(
        "this is not an instances file of COCO, which lists images, annotations and "
        f"categories{more}; name one such as instances_train2017.json.",
        "coco",
        path,
    )


def _licences(entries: object) -> Ids[dict[str, Any]]:
    licences: Ids[dict[str, Any]] = Ids()
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and is_id(entry.get("id")):
            licences.put(entry["id"], entry)
    return licences


def _address(entry: Mapping[str, Any]) -> str:
    """Return where to download the photo, or ""; `file_name` may be a web address too."""
    for key in ("coco_url", "url", "flickr_url", "file_name"):
        value = entry.get(key)
        if isinstance(value, str) and value and (key != "file_name" or _WEB.match(value)):
            return value
    return ""
