"""A plan to prepare photos: how many go where, and what is left out and why."""

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from bear_tui import paths
from bear_tui.text import safe
from bear_tui.tui.deciding import Decided
from bear_tui.tui.widgets.class_table import ClassRows, ClassTable, Counts
from bear_tui.tui.widgets.finding_list import FindingList
from bear_tui.tui.widgets.problems import problem_words

if TYPE_CHECKING:
    from bear_tui.data.plan import Plan
    from bear_tui.data.walk import Problem


class PlanView(Vertical):
    """Shown before anything is written."""

    def compose(self) -> ComposeResult:
        """Where to, how many, what not."""
        yield Static("", id="plan-note", markup=False)
        yield ClassTable(id="plan-table")
        yield Static("", id="excluded-note", classes="hint", markup=False)
        yield FindingList(problem_words, id="excluded")

    def put(self, plan: "Plan", root: Path) -> None:
        """Another plan; paths are shortened by `root`."""
        found = plan.counts()
        splits = tuple(next(iter(found.values()), {}))
        table = tuple((name, tuple(row.values())) for name, row in found.items())
        self.query_one("#plan-note", Static).update(safe(plan_note(plan)))
        self.query_one(ClassTable).put(Counts(splits, table))
        excluded: FindingList[Problem] = self.query_one("#excluded", FindingList)
        excluded.put(plan.excluded, root, Decided())
        excluded.display = bool(plan.excluded)
        self.query_one("#excluded-note", Static).update(excluded_note(plan))
        self.query_one(ClassRows).focus()


def plan_note(plan: "Plan") -> str:
    """Where it goes and how much it is."""
    padding = "not padded" if plan.pad == "none" else f"padded {plan.pad}"
    size = plan.bytes / 1e6
    much = f"about {size:,.0f} MB" if size >= 1 else "less than 1 MB"
    return (
        f"{len(plan.steps):,} photos of {plan.size} px, {padding}, {much} → {paths.short(plan.out)}"
    )


def excluded_note(plan: "Plan") -> str:
    """What is left out, and why."""
    parts = [f"{len(plan.excluded):,} left out because of:"] if plan.excluded else []
    if plan.unused:
        parts.insert(0, f"{plan.unused:,} more are good but not wanted (balance, at most).")
    return " ".join(parts) or "Nothing is left out."
