"""Recognise how a folder of photos is laid out: which folders are splits, which are classes."""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from bear_tui.errors import BadInput
from bear_tui.text import first_few

SPLITS = ("train", "validation", "test")
LAYOUT = "one folder per class inside it, or train/ and test/ with one folder per class each"

_SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "validation": "validation",
    "validate": "validation",
    "val": "validation",
    "valid": "validation",
}

# `training_set`, `Test Data` and `val images` are splits too.
_BESIDE = frozenset(
    ["set", "sets", "data", "dataset", "split", "images", "image", "imgs", "img", "photos"]
)

_PICTURES = frozenset(["image", "images", "img", "imgs", "jpegimages", "photos", "pictures"])
_BOXES = frozenset(
    ["label", "labels", "labeltxt", "annotation", "annotations", "bbox", "bboxes", "mask", "masks"]
)

_FEW = 10
"""At most one photo in so many lies beside folders by mistake."""

Shape = Mapping[str, Mapping[str, int]]
"""For each folder the number of photos by the folder inside it; "" for those directly in it."""


def same_name(name: str) -> str:
    """Return a name in composed form (NFC), so that macOS, Linux and zip files agree on it."""
    return unicodedata.normalize("NFC", name)


def splits_among(names: Iterable[str]) -> dict[str, str]:
    """Return the split of each name that names one: `Training`, `test_set`, `val2017`.

    `seg_train` names one only beside `seg_test`, for a class may be called `steam_train`.
    """
    splits: dict[str, str] = {}
    prefixed: dict[str, dict[str, str]] = {}
    for name in names:
        words = _words(name)
        while len(words) > 1 and words[-1] in _BESIDE:
            words.pop()
        last = re.sub("(set|data|images)$", "", words[-1]) if words else ""
        if split := _SPLIT_NAMES.get(last):
            prefixed.setdefault(" ".join(words[:-1]), {})[name] = split
    for prefix, named in prefixed.items():
        if not prefix or len({*named.values()}) > 1:
            splits |= named
    return splits


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", same_name(name).casefold())


def shape_of(root: Path, photo_counts: Mapping[str, int]) -> dict[str, Counter[str]]:
    """Return how photos lie below `root`, from the number of photos directly in each folder."""
    shape: dict[str, Counter[str]] = {}
    # As text: a set of faces has as many folders as people.
    above = os.path.join(root, "")  # noqa: PTH118
    for folder, photos in photo_counts.items():
        if folder.startswith(above):
            name, _, inside = folder[len(above) :].partition(os.sep)
            shape.setdefault(name, Counter())[inside.partition(os.sep)[0]] += photos
    return shape


def require_classes(root: Path, names: Iterable[str], photo_counts: Mapping[str, int]) -> None:
    """Raise BadInput if the folders `names` in `root` are not classes.

    They may be a detector's images and labels, one folder around everything, or several parts
    that hold the same classes.
    """
    shape = shape_of(root, photo_counts)
    _require_no_detector(root, [*names], shape)
    _require_no_wrapping(root, shape, photo_counts)
    _require_different(root, shape)


def _require_no_detector(root: Path, names: list[str], shape: Shape) -> None:
    pictures = [name for name in names if "".join(_words(name)) in _PICTURES]
    boxes = [name for name in names if "".join(_words(name)) in _BOXES]
    if not pictures or not boxes or len(names) > len(pictures) + len(boxes) + 2:
        return
    inside = [name for name in shape.get(pictures[0], ()) if name]
    if len(inside) > 1 and not splits_among(inside):
        raise BadInput(
            f"{root}: {pictures[0]}/ holds folders of photos; did you mean {root / pictures[0]}?"
        )
    raise BadInput(
        f"{root}: {pictures[0]}/ and {boxes[0]}/ are the photos of a detector and what is marked "
        f"on them, not classes; what is needed is {LAYOUT}. With a COCO file of them, "
        "`bear-tui prepare --coco` makes that."
    )


def _require_no_wrapping(root: Path, shape: Shape, photo_counts: Mapping[str, int]) -> None:
    """Raise BadInput if everything lies in one folder, as in many zip files."""
    inner = root
    while len(shape) == 1:
        ((name, inside),) = shape.items()
        if inside.get(""):
            return
        inner, shape = inner / name, shape_of(inner / name, photo_counts)
    if inner != root and shape:
        raise BadInput(
            f"{root}: all photos lie in {inner}, in {first_few(sorted(shape), 4)}; "
            "did you mean that folder?"
        )


def _require_different(root: Path, shape: Shape) -> None:
    """Raise BadInput if several folders hold the same folders, which are then the classes."""
    inside = {
        name: {same_name(inner).casefold() for inner in counts} for name, counts in shape.items()
    }
    for names, counts in zip(inside.values(), shape.values(), strict=True):
        # A stray photo beside them does not make a class of a folder of folders.
        if _FEW * counts.get("", 0) <= sum(counts.values()):
            names.discard("")
    if len(inside) < 2 or any("" in names for names in inside.values()):
        return
    common = set.intersection(*inside.values())
    outer, shared = sorted(inside), sorted(common)
    if splits_among(common):
        raise BadInput(
            f"{root}: {first_few(outer, 3)} each hold {first_few(shared, 3)}; name one of them, "
            f"such as {root / outer[0]}, or, where they are the classes, put it the other way "
            f"round: {root / shared[0] / outer[0]}."
        )
    if len(common) > 1 and all(2 * len(common) >= len(names) for names in inside.values()):
        raise BadInput(
            f"{root}: {first_few(outer, 3)} hold the same folders ({first_few(shared, 4)}), which "
            f"are probably the classes; did you mean {root / outer[0]}? Parts of a dataset have to "
            "be called train and test; parts of a class are named by `bear-tui prepare --class "
            f"{outer[0]}={root / outer[0]}` and so on."
        )
