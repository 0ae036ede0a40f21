"""The entries of a COCO instances document, each checked: which photos it lists and what they show.

An entry that is wrong costs itself, with a sentence; never the file, and never another entry.
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
    """What is on it, crowds counted; nothing where no one marked anything."""
    origin: Mapping[str, object]
    """For the manifest: where it is from, and the photographer's licence."""


@dataclass(frozen=True)
class Instances:
    """What an instances file lists."""

    photos: tuple[CocoPhoto, ...]
    problems: tuple[Problem, ...] = ()
    """Entries that cannot be used, and why."""


class Ids(Generic[Value]):
    """Values by their ids, which may be text in one list of the file and numbers in another."""

    def __init__(self) -> None:
        self._exact: dict[object, Value] = {}
        self._alike: dict[object, Value | None] = {}

    def __contains__(self, id: object) -> bool:
        return id in self._exact

    def put(self, id: object, value: Value) -> None:
        """Keep a value; `id` is one that `is_id` takes, and not there yet."""
        self._exact[id] = value
        number = _number(id)
        self._alike[number] = None if number in self._alike else value

    def values(self) -> Iterable[Value]:
        """Return all, in the order they came."""
        return self._exact.values()

    def get(self, id: object) -> Value | None:
        """Return the value of the same id, else of the only one with the same number."""
        if not is_id(id):
            return None
        return self._exact[id] if id in self._exact else self._alike.get(_number(id))


def is_id(value: object) -> bool:
    """Whether a value of the file can be an id: a text or a number."""
    if isinstance(value, str):
        return bool(value.strip())
    return type(value) is int or (isinstance(value, float) and math.isfinite(value))


def _number(id: object) -> object:
    """`7`, `7.0`, `"7"` and `" 07.0 "` as 7; other texts as they are."""
    if isinstance(id, str):
        text = id.strip()
        return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else text
    return id


def as_written(text: str) -> str:
    """Return a text of a file that is not UTF-8: its bytes beyond ASCII are taken for Latin-1."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("latin-1") if _odd(text) else text
    except UnicodeEncodeError:  # half a character that JSON has escaped
        return text


def _odd(text: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in text)


def instances_of(document: Any, path: Path) -> Instances:
    """Return the photos of a document and what is wrong in it; `path` names the file.

    Raises BadInput where it is no instances document, or where its ids cannot be told apart.
    """
    lists = [document.get(key) for key in _LISTS] if isinstance(document, dict) else []
    if not lists or not all(isinstance(entries, list) for entries in lists):
        raise _refused(path, "")
    return _Reading(document, path).done()


class _Reading:
    """One pass over the three lists."""

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

    def done(self) -> Instances:
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
        twice: set[object] = set()
        for place, entry in enumerate(entries):
            if not isinstance(entry, dict):
                self._problem(f"entry {place} of `images` is no object")
                continue
            id, name = entry.get("id"), entry.get("file_name")
            if not is_id(id):
                self._problem(f"entry {place} of `images` ({name}) has no id")
            elif not isinstance(name, str) or not name.strip():
                self._problem(f"image {id} has no file_name")
                # What is marked on it belongs to an image that the file lists.
                if id not in self._entries:
                    self._entries.put(id, {})
                    self._shown.put(id, set())
            elif id not in self._entries:
                self._entries.put(id, entry)
                self._shown.put(id, set())
            elif (self._entries.get(id) or {}).get("file_name") != name:
                twice.add(id)
                self._problem(f"image {id} is also {name}: none of the two is used")
            else:
                self._problem(f"image {id} ({name}) is listed twice; it is used once")
        for id in twice:
            (self._entries.get(id) or {})["id"] = None

    def _read_annotations(self, entries: list[Any]) -> int:
        """How many are of no image."""
        unmatched = 0
        seen: set[object] = set()
        for place, entry in enumerate(entries):
            if not isinstance(entry, dict):
                self._count("are no objects", f"entry {place}")
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
                "none of its annotations is of an image that it lists: what `image_id` says must "
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
            if id is None:  # told already
                continue
            if None in shown:
                self._problem(
                    f"image {id} ({name}): the category of something on it is not in the file"
                )
            elif not shown and self._unmatched:
                self._problem(
                    f"image {id} ({name}): nothing is marked on it, but some annotations are of no "
                    "image of the file, so what it shows is not known"
                )
            else:
                categories = frozenset(one for one in shown if one is not None)
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
        f"this is no instances file of COCO, which lists images, annotations and categories{more}; "
        "name one such as instances_train2017.json.",
        "coco",
        path,
    )


def _licences(entries: object) -> Ids[dict[str, Any]]:
    found: Ids[dict[str, Any]] = Ids()
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and is_id(entry.get("id")):
            found.put(entry["id"], entry)
    return found


def _address(entry: Mapping[str, Any]) -> str:
    """Where the photo can be downloaded; a file_name that is a web address is one."""
    for key in ("coco_url", "url", "flickr_url", "file_name"):
        value = entry.get(key)
        if isinstance(value, str) and value and (key != "file_name" or _WEB.match(value)):
            return value
    return ""
