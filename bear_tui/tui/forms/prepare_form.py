"""The prepare form: its texts read into values, and errors in its words."""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui import files, paths
from bear_tui.data.decisions import Decisions
from bear_tui.errors import BadInput
from bear_tui.text import relabelled
from bear_tui.tui.forms.error_text import in_words

if TYPE_CHECKING:
    from bear_tui.data.coco.selection import LocalPhotos
    from bear_tui.data.prepare.plan import Plan
    from bear_tui.data.prepare.sources import Sources

PADS = ("black", "mean", "edge", "none")
"""As in data.photo, which would load Pillow; a test checks that both are equal."""


@dataclass(frozen=True)
class Wishes:
    """The values of a form without errors."""

    source: Path | None
    classes: tuple[tuple[str, Path], ...]
    """Classes in other folders, each with its folder."""
    out: Path
    hold_out: int
    size: int
    pad: str
    balance: bool
    limit: int | None
    seed: int
    validation: int = 0
    enlarge: bool = False
    found: "LocalPhotos | None" = None
    """Photos copied from a COCO dataset, in place of folders."""


LABELS = {
    "source": "from",
    "class": "class",
    "hold_out": "hold out",
    "validation": "validation",
    "size": "size px",
    "enlarge": "enlarge",
    "pad": "padding",
    "balance": "balance",
    "limit": "at most",
    "seed": "seed",
    "out": "to",
    "coco": "instances",
    "images": "images",
    "rest": "the rest",
}
"""The label of each option in the forms."""

_NUMBERS = (("hold_out", 0), ("validation", 0), ("size", 1), ("seed", 0), ("limit", 1))
"""The fields for whole numbers, each with its minimum."""


def target_for(source: str) -> str:
    """Return `bears-prepared` beside `bears`, numbered if that is taken; "" without a folder."""
    try:
        folder = paths.meant(source)
        if not source.strip() or not files.is_folder(folder) or not folder.name:
            return ""
        return _free(folder.parent / f"{folder.name}-prepared")
    except (OSError, ValueError):
        return ""


def _free(first: Path) -> str:
    target, number = first, 1
    while files.exists(target):
        number += 1
        target = first.with_name(f"{first.name}-{number}")
    return str(target)


def read_wishes(
    texts: Mapping[str, str],
    classes: tuple[tuple[str, Path], ...],
    found: "LocalPhotos | None" = None,
) -> tuple[Wishes | None, dict[str, str]]:
    """Read the form's texts into values, or return a sentence for each field in error."""
    numbers, wrong = _read_numbers(texts)
    folders = _read_paths(texts, ("source", "out"), wrong)
    if folders.get("source") is None and not classes and found is None:
        wrong.setdefault("source", "name a folder with one folder of photos per class.")
    out = folders.get("out")
    source = folders.get("source")
    if out is None and source is not None and not files.is_folder(source):
        # The target is proposed beside it: whoever has none has mistyped the source.
        wrong.setdefault("source", "there is no such folder; check the path.")
    elif out is None:
        wrong.setdefault("out", "name a new folder to write to.")
    if wrong or out is None:
        return None, wrong
    wishes = Wishes(
        source=folders["source"],
        classes=classes,
        out=out,
        hold_out=numbers["hold_out"],
        size=numbers["size"],
        pad=texts["pad"],
        balance=texts["balance"] == "yes",
        limit=numbers.get("limit"),
        seed=numbers["seed"],
        validation=numbers["validation"],
        enlarge=texts["enlarge"] == "yes",
        found=found,
    )
    return wishes, {}


@dataclass(frozen=True)
class CocoWishes:
    """The values of a form for COCO without errors."""

    coco: Path
    images: Path | None
    rest: str
    limit: int | None
    seed: int


def read_coco_wishes(texts: Mapping[str, str]) -> tuple[CocoWishes | None, dict[str, str]]:
    """Read the form's texts into values, or return a sentence for each field in error."""
    numbers, wrong = _read_numbers(texts)
    files = _read_paths(texts, ("coco", "images"), wrong)
    coco = files.get("coco")
    if coco is None:
        wrong.setdefault("coco", "name an instances JSON, such as instances_train2017.json.")
    if wrong or coco is None:
        return None, wrong
    rest, limit = texts["rest"].strip(), numbers.get("limit")
    return CocoWishes(coco, files["images"], rest, limit, numbers["seed"]), {}


def trouble_with_path(name: str, text: str) -> str:
    """Return what is wrong with a path of the COCO form; "" for an empty one."""
    if not text.strip():
        return ""
    wrong: dict[str, str] = {}
    path = _read_paths({name: text}, (name,), wrong).get(name)
    if path is None:
        return wrong[name]
    if not os.path.exists(path):  # noqa: PTH110 - Path.exists may raise
        return f"no such {'file' if name == 'coco' else 'folder'}: {path.name}; check the path."
    if name == "coco" and files.is_folder(path):
        return "this is a folder: name the instances JSON in it."
    if name == "images" and not files.is_folder(path):
        return "this is a file: name the folder of the photos."
    return ""


def _read_numbers(texts: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    """Return the whole numbers of a form, and a sentence for each field without one."""
    numbers: dict[str, int] = {}
    wrong: dict[str, str] = {}
    for name, least in _NUMBERS:
        text = texts.get(name, "").strip()
        if name not in texts or (name == "limit" and not text):
            continue
        if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < least:
            wrong[name] = f"type a whole number, {least} or more."
        else:
            numbers[name] = int(text)
    return numbers, wrong


def _read_paths(
    texts: Mapping[str, str], names: Sequence[str], wrong: dict[str, str]
) -> dict[str, Path | None]:
    found: dict[str, Path | None] = {}
    for name in names:
        text = texts[name].strip()
        if "\0" in text:
            wrong[name] = "a path holds no NUL character; type it again."
        else:
            found[name] = paths.meant(texts[name]) if text else None
    return found


def target_of(found: "LocalPhotos") -> str:
    """Return `coco-bear-not_bear` in the current folder, with a number if that is taken."""
    from bear_tui.data.prepare.naming import cleaned

    return _free(paths.here_or_home() / cleaned(f"coco-{'-'.join(found.inventory.classes)}"))


def read_class(text: str) -> tuple[str, Path]:
    """Read `bear=~/photos/bears` as a class and its folder. Raises BadInput with a sentence."""
    name, equals, folder = text.partition("=")
    if not (equals and name.strip() and folder.strip()):
        raise BadInput("type the class and its folder, such as bear=~/photos/bears.")
    try:
        path = paths.meant(folder)
        is_folder = files.is_folder(path)
    except (OSError, ValueError):
        is_folder = False
    if not is_folder:
        raise BadInput(f"{folder.strip()}: there is no such folder; check the path.")
    return name.strip(), path


def sources_of(wishes: Wishes, cancelled: threading.Event | None = None) -> "Sources":
    """Return the folders to take photos from. Raises BadInput if they cannot be combined, Cancelled
    once `cancelled` is set.
    """
    from bear_tui.data.folders.inventory import take_inventory

    if wishes.found is not None:
        return wishes.found.inventory
    if wishes.source is None:
        return _together({}, wishes.classes)
    inventory = take_inventory(wishes.source, cancelled)
    if not wishes.classes:
        return inventory
    if inventory.splits:
        raise BadInput(
            f"{wishes.source}: it is split into train and test already, so no class can be added; "
            "take the class away, or name class folders."
        )
    return _together({name: [*of] for name, of in inventory.folders.items()}, wishes.classes)


def plan_of(
    wishes: Wishes, progress: object, cancelled: threading.Event, decisions: Decisions
) -> "Plan":
    """Return what would be written. Raises BadInput, or Cancelled."""
    from bear_tui.data.prepare.plan import plan
    from bear_tui.data.prepare.select import Quota

    return plan(
        sources_of(wishes, cancelled),
        wishes.out,
        Quota(wishes.hold_out, wishes.balance, wishes.limit, wishes.validation),
        size=wishes.size,
        pad=wishes.pad,
        enlarge=wishes.enlarge,
        seed=wishes.seed,
        decisions=decisions,
        origins=wishes.found.origins if wishes.found is not None else None,
        progress=progress,  # type: ignore[arg-type]
        cancelled=cancelled,
    )


def in_form_words(error: Exception) -> tuple[str, str]:
    """Return the field that an error is about, if any, and the error without command options.

    Of what no one foresaw, what `in_words` makes of it.
    """
    if isinstance(error, BadInput):
        field, told = error.option.replace("-", "_"), error.sentence
    else:
        field, told = "", in_words(error)
    return field, relabelled(told, _OPTIONS)


_OPTIONS = {f"--{name.replace('_', '-')}": label for name, label in LABELS.items()}


def _together(
    folders: dict[str, list[Path]], classes: tuple[tuple[str, Path], ...]
) -> dict[str, list[Path]]:
    for name, folder in classes:
        folders.setdefault(name, []).append(folder)
    if len(folders) < 2:
        raise BadInput("One class is not enough: a classifier tells two or more apart. Add one.")
    return folders
