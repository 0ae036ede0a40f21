"""A plan to prepare photos: how many go where, and what is left out and why."""

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bear_tui import paths
from bear_tui.metrics import wilson_interval
from bear_tui.text import counted, safe
from bear_tui.tui.render.class_counts import Counts
from bear_tui.tui.render.problems import problem_words
from bear_tui.tui.session.decisions import Decided
from bear_tui.tui.widgets.class_table import ClassRows, ClassTable
from bear_tui.tui.widgets.finding_list import FindingList

if TYPE_CHECKING:
    from bear_tui.data.folders.scan import Problem
    from bear_tui.data.prepare.plan import Plan


class PlanView(Vertical):
    """Shown before anything is written."""

    def compose(self) -> ComposeResult:
        yield Static("", id="plan-note", markup=False)
        yield ClassTable(id="plan-table")
        yield Static("", id="excluded-note", classes="hint", markup=False)
        yield FindingList(problem_words, id="excluded")

    def show_plan(self, plan: "Plan", root: Path) -> None:
        """Show a plan, with paths relative to `root`."""
        counts = plan.counts()
        splits = tuple(next(iter(counts.values()), {}))
        table = tuple((name, tuple(row.values())) for name, row in counts.items())
        tested = sum(row.get("test", 0) for row in counts.values())
        note = Content.assemble(safe(plan_note(plan)), (note_on_test(tested), "$text-warning"))
        self.query_one("#plan-note", Static).update(note)
        self.query_one(ClassTable).show_counts(Counts(splits, table))
        excluded: FindingList[Problem] = self.query_one("#excluded", FindingList)
        excluded.show_items(plan.excluded, root, Decided())
        excluded.display = bool(plan.excluded)
        self.query_one("#excluded-note", Static).update(excluded_note(plan))
        self.query_one(ClassRows).focus()


def plan_note(plan: "Plan") -> str:
    """Return where the photos go and how much is written."""
    padding = "not padded" if plan.pad == "none" else f"padded {plan.pad}"
    size = plan.bytes / 1e6
    much = f"about {size:,.0f} MB" if size >= 1 else "less than 1 MB"
    return (
        f"{len(plan.steps):,} photos of {plan.size} px, {padding}, {much} → {paths.short(plan.out)}"
    )


def note_on_test(tested: int) -> str:
    """Return how little a test on so few photos tells; "" where there are enough."""
    interval = wilson_interval(round(_GOOD * tested), tested)
    if interval is None or interval[1] - interval[0] < _WIDE:
        return ""
    low, high = interval
    return (
        f"\n! {counted(tested, 'test photo')} tell little: {_GOOD:.0%} right may mean {low:.0%} to "
        f"{high:.0%}. Hold out more where you can."
    )


_GOOD, _WIDE = 0.9, 0.2


def excluded_note(plan: "Plan") -> str:
    """Return what is left out and why."""
    parts = [f"{len(plan.excluded):,} left out because of:"] if plan.excluded else []
    if plan.unused:
        parts.insert(0, f"{plan.unused:,} more are good but not wanted (balance, at most).")
    return " ".join(parts) or "Nothing is left out."
