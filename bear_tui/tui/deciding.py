"""What the person has decided about photos of a folder, in words and on the way to its manifest."""

from dataclasses import dataclass, replace
from pathlib import Path

from bear_tui.data.decisions import (
    OUT,
    Decisions,
    is_prepared,
    read_decisions,
    write_decisions,
)


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
        """Left out, or in again."""
        return self.with_label(path, None if self.decisions.of(path) == OUT else OUT)

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
