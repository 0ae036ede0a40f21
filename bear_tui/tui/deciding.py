"""What the person has decided about photos of a folder, on the way to its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bear_tui.data.decisions import Decision


@dataclass(frozen=True)
class Decided:
    """The decisions about one folder: a class for each photo, None where it is left out."""

    root: Path = Path()
    prepared: bool = False
    """Whether the folder's manifest keeps them; else the next preparation carries them out."""
    labels: Mapping[Path, str | None] = field(default_factory=lambda: MappingProxyType({}))

    def with_label(self, path: Path, label: str | None) -> "Decided":
        """The photo belongs to `label`, or to no class."""
        return replace(self, labels=MappingProxyType({**self.labels, path: label}))

    def without(self, path: Path) -> "Decided":
        """The decision about the photo is taken back."""
        others = {one: label for one, label in self.labels.items() if one != path}
        return replace(self, labels=MappingProxyType(others))

    def toggled(self, path: Path) -> "Decided":
        """Left out, or in again."""
        out = path in self.labels and self.labels[path] is None
        return self.without(path) if out else self.with_label(path, None)

    def mark(self, path: Path) -> str:
        """`left out`, `→ bear`, or nothing."""
        if path not in self.labels:
            return ""
        label = self.labels[path]
        return "left out" if label is None else f"→ {label}"

    @property
    def sentence(self) -> str:
        """How many, and what becomes of them; empty where there are none."""
        if not self.labels:
            return ""
        count = len(self.labels)
        what = f"{count:,} decision{'s' if count > 1 else ''}"
        where = "kept in the manifest" if self.prepared else "p carries out what you decided"
        return f"{what}: {where}; files stay as they are."

    def listed(self) -> "list[Decision]":
        """As the data room takes them."""
        from bear_tui.data.decisions import Decision

        return [Decision(path, label) for path, label in self.labels.items()]


def decided_about(root: Path) -> Decided:
    """What a folder's manifest says; nothing yet of a folder that was not prepared."""
    from bear_tui.data.decisions import is_prepared, read_decisions

    found = {decision.path: decision.label for decision in read_decisions(root)}
    return Decided(root, is_prepared(root), MappingProxyType(found))


def keep(decided: Decided) -> None:
    """Write them to the manifest, where there is one. Raises Failure with a sentence."""
    from bear_tui.data.decisions import write_decisions

    if decided.prepared:
        write_decisions(decided.root, decided.listed())
