"""What the person has decided about photos of a folder, in words and on the way to its manifest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bear_tui.data.decisions import (
    OUT,
    Decisions,
    is_prepared,
    read_decisions,
    write_decisions,
)
from bear_tui.data.inventory import Photo
from bear_tui.data.walk import Problem

BY_HAND = "by hand"
"""The kind of a row that says what was decided; no problem, but listed with them."""


@dataclass(frozen=True)
class Decided:
    """The decisions about one folder, and where they go."""

    decisions: Decisions = Decisions()  # noqa: RUF009 - frozen
    prepared: bool = False
    """Whether the folder's manifest keeps them; else the next preparation carries them out."""

    def with_label(self, path: Path, label: str | None) -> "Decided":
        """The photo belongs to `label`, or is OUT; None takes back what was decided."""
        return replace(self, decisions=self.decisions.with_label(path, label))

    def toggled(self, path: Path) -> "Decided":
        """Left out; where something was decided, as its folder says again."""
        return self.with_label(path, OUT if self.decisions.of(path) is None else None)

    def out(self, path: Path) -> bool:
        """Whether a photo is left out."""
        return self.decisions.of(path) == OUT

    def listed(self, photos: Iterable[Photo]) -> list[Problem]:
        """A row for each photo that something was decided about."""
        return [
            Problem(photo.path, BY_HAND, f"its folder says {photo.label}")
            for photo in (photos if self.decisions else ())
            if self.decisions.of(photo.path) is not None
        ]

    def mark(self, path: Path) -> str:
        """`left out`, `→ bear`, or nothing."""
        label = self.decisions.of(path)
        return "" if label is None else "left out" if label == OUT else f"→ {label}"

    @property
    def sentence(self) -> str:
        """How many, and what becomes of them; empty where there are none."""
        count = len(self.decisions)
        if not count:
            return ""
        what = f"{count:,} decision{'s' if count > 1 else ''}"
        where = "kept in the manifest" if self.prepared else "p carries out what you decided"
        return f"{what}: {where}; files stay as they are."


def decided_about(root: Path) -> Decided:
    """What a folder's manifest says; nothing yet of a folder that was not prepared."""
    return Decided(read_decisions(root), is_prepared(root))


def keep(decided: Decided) -> None:
    """Write them to the manifest, where there is one. Raises Failure with a sentence."""
    if decided.prepared:
        write_decisions(decided.decisions)
