"""The problems of photos and folders in words, each with its remedy."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui.tui.session.decisions import BY_HAND

if TYPE_CHECKING:
    from bear_tui.data.folders.scan import Problem

_SHORT_NAMES = {
    "unreadable_folder": "no access",
    "empty_class": "empty class",
    "duplicate_across_classes": "in two classes",
    "duplicate_across_splits": "in two splits",
    "not_an_image": "not an image",
    "too_large": "too large",
    "extension_mismatch": "odd name",
}
_NAME_WIDTH = 15

_REMEDIES = {
    "unreadable_folder": "Grant yourself read permission for the folder, or move it elsewhere.",
    "empty_class": "Add photos to this class, or remove its folder.",
    "unreadable": "Convert or delete it; preparing leaves it out.",
    "truncated": "Get the file again, or delete it; preparing leaves it out.",
    "too_large": "Make it smaller, or delete it; preparing leaves it out.",
    "not_an_image": "Delete it or move it elsewhere; preparing leaves it out.",
    "duplicate_across_classes": "Keep it in one class only.",
    "duplicate_across_splits": "A photo used in training must not be in the test.",
    "duplicate": "The copy adds nothing.",
    "extension_mismatch": "Nothing to do: the content counts, not the name.",
    "animated": "Nothing to do.",
    "tiny": "Replace it by a larger one if you can: enlarged it is a blur.",
    BY_HAND: "Space takes the decision back.",
}
"""What to do about each kind, where the detail does not say it."""

_HARMLESS = frozenset({"duplicate", "extension_mismatch", "animated", "tiny", BY_HAND})
"""Kinds that are good to know; the others spoil a training or its test."""


@dataclass(frozen=True)
class Finding:
    """One row: `! truncated  [left out] bear/0012.jpg  the end of the file is missing`."""

    path: Path
    lead: str
    what: str
    detail: str
    serious: bool


def kind_name(kind: str) -> str:
    """Return a kind of problem in two or three words."""
    return _SHORT_NAMES.get(kind, kind.replace("_", " "))


def advice(problem: "Problem") -> str:
    """Return what is wrong and what to do about it."""
    detail = problem.detail[:1].upper() + problem.detail[1:]
    # A detail with a semicolon says already what to do.
    both = ";" in detail and problem.kind not in ("duplicate_across_classes", "tiny")
    return f"{detail}." if both else f"{detail}. {_REMEDIES.get(problem.kind, '')}".strip()


def problem_words(problem: "Problem", root: Path) -> Finding:
    """Return the row `! truncated    bear/0012.jpg  the end of the file is missing`."""
    serious = problem.kind not in _HARMLESS
    kind = kind_name(problem.kind).ljust(_NAME_WIDTH)
    return Finding(
        problem.path,
        f"{'!' if serious else '·'} {kind}",
        str(below(problem.path, root)),
        problem.detail,
        serious,
    )


def below(path: Path, root: Path) -> Path:
    """Return the path relative to `root` where it is below it."""
    return path.relative_to(root) if path.is_relative_to(root) else path
