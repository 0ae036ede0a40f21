"""How a folder of photos is laid out: which folders are splits, and what was probably meant."""

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
"""One photo of so many that lies beside folders is there by mistake."""

Shape = Mapping[str, Mapping[str, int]]
"""Photos of each folder by the folder inside it; those directly in it by the empty name."""


def same_name(name: str) -> str:
    """Return a name as macOS, Linux and zip files agree on it: composed (NFC)."""
    return unicodedata.normalize("NFC", name)


def splits_among(names: Iterable[str]) -> dict[str, str]:
    """Return the split of each name that is one: `Training`, `test_set`, `val2017`.

    `seg_train` is one beside `seg_test`, for a class may be called `steam_train`.
    """
    found: dict[str, str] = {}
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
            found |= named
    return found


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", same_name(name).casefold())


def shape_of(root: Path, held: Mapping[str, int]) -> dict[str, Counter[str]]:
    """Return how photos lie below `root`, of each folder's number of photos directly in it."""
    shape: dict[str, Counter[str]] = {}
    # Text: there may be as many folders as people in a set of faces.
    above = os.path.join(root, "")  # noqa: PTH118
    for folder, photos in held.items():
        if folder.startswith(above):
            name, _, inside = folder[len(above) :].partition(os.sep)
            shape.setdefault(name, Counter())[inside.partition(os.sep)[0]] += photos
    return shape


def require_classes(root: Path, names: Iterable[str], held: Mapping[str, int]) -> None:
    """Raise BadInput where the folders `names` in `root` are no classes: a detector's images and
    labels, one folder around everything, or parts that hold the same classes.
    """
    shape = shape_of(root, held)
    _require_no_detector(root, [*names], shape)
    _require_no_wrapping(root, shape, held)
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


def _require_no_wrapping(root: Path, shape: Shape, held: Mapping[str, int]) -> None:
    """Everything lies in one folder, as in a zip file's own."""
    inner = root
    while len(shape) == 1:
        ((name, inside),) = shape.items()
        if inside.get(""):
            return
        inner, shape = inner / name, shape_of(inner / name, held)
    if inner != root and shape:
        raise BadInput(
            f"{root}: all photos lie in {inner}, in {first_few(sorted(shape), 4)}; "
            "did you mean that folder?"
        )


def _require_different(root: Path, shape: Shape) -> None:
    """The same folders in each of several, so that the outer ones are no classes."""
    inside = {name: {same_name(one).casefold() for one in of} for name, of in shape.items()}
    for of, photos in zip(inside.values(), shape.values(), strict=True):
        # A stray photo beside them makes no class of a folder of folders.
        if _FEW * photos.get("", 0) <= sum(photos.values()):
            of.discard("")
    if len(inside) < 2 or any("" in of for of in inside.values()):
        return
    common = set.intersection(*inside.values())
    outer, shared = sorted(inside), sorted(common)
    if splits_among(common):
        raise BadInput(
            f"{root}: {first_few(outer, 3)} each hold {first_few(shared, 3)}; name one of them, "
            f"such as {root / outer[0]}, or, where they are the classes, put it the other way "
            f"round: {root / shared[0] / outer[0]}."
        )
    if len(common) > 1 and all(2 * len(common) >= len(of) for of in inside.values()):
        raise BadInput(
            f"{root}: {first_few(outer, 3)} hold the same folders ({first_few(shared, 4)}), which "
            f"are probably the classes; did you mean {root / outer[0]}? Parts of a dataset have to "
            "be called train and test; parts of a class are named by `bear-tui prepare --class "
            f"{outer[0]}={root / outer[0]}` and so on."
        )
