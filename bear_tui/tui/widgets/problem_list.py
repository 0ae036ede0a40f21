"""What is wrong with photos and folders, each with its remedy."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from bear_tui.text import safe
from bear_tui.tui.deciding import Decided
from bear_tui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from bear_tui.data.inventory import Problem

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
    "unreadable_folder": "Give yourself the right to read the folder, or move it elsewhere.",
    "empty_class": "Add photos to this class, or remove its folder.",
    "unreadable": "Convert or delete it; preparing leaves it out.",
    "truncated": "Get the file again, or delete it; preparing leaves it out.",
    "too_large": "Make it smaller, or delete it; preparing leaves it out.",
    "not_an_image": "Delete it or move it elsewhere; preparing leaves it out.",
    "duplicate_across_classes": "It cannot be both.",
    "duplicate_across_splits": "A photo seen in training tests nothing.",
    "duplicate": "The second one adds nothing.",
    "extension_mismatch": "Here the content counts: nothing needs doing.",
    "animated": "Nothing needs doing.",
    "tiny": "Replace it by a larger one if you can: enlarged it is a blur.",
}
"""What to do about each kind, where the detail does not say it."""

_HARMLESS = frozenset({"duplicate", "extension_mismatch", "animated", "tiny"})
"""Kinds that are good to know; the others spoil a training or its test."""


def kind_name(kind: str) -> str:
    """A kind in two or three words."""
    return _SHORT_NAMES.get(kind, kind.replace("_", " "))


def advice(problem: "Problem") -> str:
    """What is wrong, and what to do about it."""
    detail = problem.detail[:1].upper() + problem.detail[1:]
    # A detail with a semicolon says already what to do.
    both = ";" in detail and problem.kind not in ("duplicate_across_classes", "tiny")
    return f"{detail}." if both else f"{detail}. {_REMEDIES.get(problem.kind, '')}".strip()


class ProblemList(Rows):
    """A row a problem, in the order they come: `check` puts the worst first."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.problems: list[Problem] = []
        self._root = Path()
        self._decided = Decided()

    def put(self, problems: Sequence["Problem"], root: Path) -> None:
        """Show other problems; paths are shortened by `root`."""
        self.problems = list(problems)
        self._root = root
        self.rows_changed()

    def mark(self, decided: Decided) -> None:
        """Show which of the photos are left out by hand."""
        self._decided = decided
        self.refresh()

    @property
    def problem(self) -> "Problem | None":
        """The one under the cursor."""
        return self.problems[self.cursor] if self.cursor < len(self.problems) else None

    def count(self) -> int:
        """Problems."""
        return len(self.problems)

    def draw(
        self,
        index: int,
        width: int,  # noqa: ARG002 - a row that is too long is cut by Rows
        under_cursor: bool,
    ) -> Content:
        """`! truncated    bear/0012.jpg  the end of the file is missing`."""
        problem = self.problems[index]
        serious = problem.kind not in _HARMLESS
        tint = "" if under_cursor else "$text-error" if serious else "$text-warning"
        quiet = "" if under_cursor else "$foreground-muted"
        path = problem.path
        shown = path.relative_to(self._root) if path.is_relative_to(self._root) else path
        kind = kind_name(problem.kind).ljust(_NAME_WIDTH)
        decided = self._decided.mark(path)
        return Content.assemble(
            ("x " if decided == "left out" else "! " if serious else "· ", tint),
            (kind, tint),
            (f"{safe(decided, 30)}  " if decided else "", "" if under_cursor else "bold $primary"),
            safe(shown, 200),
            "  ",
            (safe(problem.detail, 200), quiet),
        )
