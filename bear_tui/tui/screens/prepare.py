"""Preparing photos: a form, then a plan, then the work. The sources are never changed."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import ContentSwitcher, Static
from textual.worker import Worker, WorkerState

from bear_tui import paths
from bear_tui.data.decisions import Decisions
from bear_tui.errors import BadInput, Failure
from bear_tui.text import safe
from bear_tui.tui.preparing import (
    PADS,
    Wishes,
    in_form_words,
    plan_of,
    read_class,
    read_wishes,
    target_for,
)
from bear_tui.tui.widgets.class_table import ClassRows, ClassTable, Counts
from bear_tui.tui.widgets.form import Field
from bear_tui.tui.widgets.keybar import KeyBar
from bear_tui.tui.widgets.problem_list import ProblemList
from bear_tui.tui.widgets.work_line import WorkLine

if TYPE_CHECKING:
    from bear_tui.data.plan import Plan

_FIRST = {
    "hold_out": "5",
    "validation": "0",
    "size": "256",
    "pad": "black",
    "enlarge": "no",
    "balance": "no",
    "limit": "",
    "seed": "1",
}


class PrepareScreen(ModalScreen[Path | None]):
    """Gives the prepared folder, or None."""

    CSS_PATH = "prepare.tcss"
    BINDINGS: ClassVar = [
        Binding("ctrl+r", "plan", "plan", tooltip="show what would be written"),
        Binding("ctrl+r,enter", "write", "write it"),
        Binding("escape", "back", "back"),
    ]

    class Planned(Message):
        """From the thread: a plan, or why there is none."""

        def __init__(self, plan: "Plan | None", sentence: str = "") -> None:
            super().__init__()
            self.plan = plan
            self.sentence = sentence

    class Written(Message):
        """From the thread: the folder is there, or why not."""

        def __init__(self, out: Path | None, sentence: str = "") -> None:
            super().__init__()
            self.out = out
            self.sentence = sentence

    def __init__(self, source: Path | None, decisions: Decisions) -> None:
        super().__init__()
        self._source = source
        self._decisions = decisions
        """What was decided about photos of the source, to be carried out."""
        self._extra: tuple[tuple[str, Path], ...] = ()
        self._plan: Plan | None = None
        self._own_target = False
        """Whether the person typed where to write; else it follows the source."""
        self._stop = threading.Event()

    def compose(self) -> ComposeResult:
        """The form, or the plan in its place."""
        with Vertical(id="sheet", classes="pane"):
            with ContentSwitcher(initial="form", id="steps"):
                with VerticalScroll(id="form", can_focus=False):
                    yield Static(_PROMISE, classes="hint", markup=False)
                    yield Field("source", "from", path=True, folders_only=True)
                    yield Static("", id="added", markup=False)
                    yield Field(
                        "class", "add class", path=True, folders_only=True, after_equals=True
                    )
                    yield Field("hold_out", "hold out")
                    yield Field("validation", "validation")
                    yield Field("size", "size px")
                    yield Field("enlarge", "enlarge", choices=("no", "yes"))
                    yield Field("pad", "padding", choices=PADS)
                    yield Field("balance", "balance", choices=("no", "yes"))
                    yield Field("limit", "at most")
                    yield Field("seed", "seed")
                    yield Field("out", "to", path=True, folders_only=True)
                with Vertical(id="plan"):
                    yield Static("", id="plan-note", markup=False)
                    yield ClassTable(id="plan-table")
                    yield Static("", id="excluded-note", classes="hint", markup=False)
                    yield ProblemList(id="excluded")
            yield Static("", id="help", classes="hint", markup=False)
            yield Static("", id="sentence", markup=False)
            yield WorkLine(id="work")
        yield KeyBar()

    def on_mount(self) -> None:
        """Filled as suits most; the target beside the source."""
        self.query_one("#sheet").border_title = "prepare photos"
        for name, text in _FIRST.items():
            self._field(name).put(text)
        if self._source is not None:
            self._field("source").put(paths.short(self._source))
            self._field("out").put(paths.short(target_for(str(self._source))))
        self._field("source" if self._source is None else "hold_out").focus_control()

    def on_unmount(self) -> None:
        """Work that goes on ends with the screen."""
        self._stop.set()

    def _field(self, name: str) -> Field:
        return self.query_one(f"#field-{name.replace('_', '-')}", Field)

    def on_descendant_focus(self) -> None:
        """What the field means."""
        above = self.focused.ancestors if self.focused else []
        field = next((one for one in above if isinstance(one, Field)), None)
        text = _HELP.get(field.name or "", "") if field else ""
        self.query_one("#help", Static).update(_NEXT if self._step == "plan" else text)

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        if event.field.name == "class" and event.text.strip():
            self._add_class(event.field)
        else:
            self.focus_next()

    def _add_class(self, field: Field) -> None:
        try:
            added = read_class(field.text)
        except BadInput as problem:
            field.trouble(str(problem))
            return
        field.trouble("")
        field.put("")
        self._extra = (*self._extra, added)
        lines = [f"{'':11}{name} ← {folder}" for name, folder in self._extra]
        self.query_one("#added", Static).update("\n".join(safe(line) for line in lines))
        self.query_one("#added").display = True
        if not self._field("out").text:
            self._field("out").put(paths.short(target_for(str(added[1]))))

    @on(Field.Edited)
    def _edited(self, event: Field.Edited) -> None:
        event.field.trouble("")
        self._say("")
        if event.field.name == "out":
            self._own_target = bool(event.text.strip())
        if event.field.name == "source" and not self._own_target:
            self._field("out").put(paths.short(target_for(event.text)))

    def _texts(self) -> dict[str, str]:
        return {field.name or "": field.text for field in self.query(Field)}

    def _say(self, sentence: str) -> None:
        line = self.query_one("#sentence", Static)
        line.update(safe(f"! {sentence}" if sentence else ""))
        line.set_classes("error" if sentence else "")

    @property
    def _step(self) -> str:
        return (
            self.query_one("#steps", ContentSwitcher).current if self.is_mounted else ""
        ) or "form"

    @property
    def _busy(self) -> bool:
        return self.is_mounted and self.query_one(WorkLine).has_class("-busy")

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """One key goes on: from the form to the plan, from the plan to the work."""
        if action in ("plan", "write"):
            return not self._busy and (action == "write") == (self._step == "plan")
        return True

    def action_plan(self) -> None:
        """Look at every photo and say what would be written."""
        if self._field("class").text.strip():
            self._add_class(self._field("class"))
        wishes, wrong = read_wishes(self._texts(), self._extra)
        for field in self.query(Field):
            field.trouble(wrong.get(field.name or "", ""))
        if wishes is None:
            self._field(next(iter(wrong))).focus_control()
            return
        self._begin("looking at every photo")
        self._make_plan(wishes, self._stop)

    def action_write(self) -> None:
        """Write what the plan says."""
        if self._plan is not None:
            self._begin(f"writing to {safe(self._plan.out.name, 30)}")
            self._write(self._plan, self._stop)

    def _begin(self, verb: str) -> None:
        self._say("")
        self._stop = threading.Event()
        self.query_one(WorkLine).begin(f"{verb}, esc stops,")
        self.refresh_bindings()

    def _end(self) -> None:
        self.query_one(WorkLine).end()
        self.refresh_bindings()

    @work(thread=True, group="prepare", exclusive=True, exit_on_error=False)
    def _make_plan(self, wishes: Wishes, stop: threading.Event) -> None:
        try:
            plan = plan_of(wishes, self.query_one(WorkLine).note, stop, self._decisions)
        except Failure as failure:
            self.post_message(self.Planned(None, str(failure)))
        else:
            self.post_message(self.Planned(plan))

    @work(thread=True, group="prepare", exclusive=True, exit_on_error=False)
    def _write(self, plan: "Plan", stop: threading.Event) -> None:
        from bear_tui.data.prepare import carry_out

        try:
            prepared = carry_out(plan, self.query_one(WorkLine).note, stop)
        except Failure as failure:
            self.post_message(self.Written(None, str(failure)))
        else:
            self.post_message(self.Written(prepared.out))

    def on_prepare_screen_planned(self, event: Planned) -> None:
        """Show what would be written; or what is in the way, where it is."""
        self._end()
        if event.plan is None:
            name, sentence = in_form_words(event.sentence)
            if name in self._texts():
                self._field(name).trouble(sentence)
                self._field(name).focus_control()
            else:
                self._say(sentence)
            return
        self._plan = event.plan
        self._show_plan(event.plan)

    def _show_plan(self, plan: "Plan") -> None:
        found = plan.counts()
        splits = tuple(next(iter(found.values()), {}))
        table = tuple((name, tuple(row.values())) for name, row in found.items())
        self.query_one("#steps", ContentSwitcher).current = "plan"
        self.query_one("#plan-note", Static).update(safe(plan_note(plan)))
        self.query_one(ClassTable).put(Counts(splits, table))
        excluded = self.query_one(ProblemList)
        excluded.put(plan.excluded, self._source or Path("/"))
        excluded.display = bool(plan.excluded)
        self.query_one("#excluded-note", Static).update(excluded_note(plan))
        self.query_one(ClassRows).focus()
        self.refresh_bindings()

    def on_prepare_screen_written(self, event: Written) -> None:
        """Done: back to the dataset screen with the folder. Else everything is as before."""
        self._end()
        if event.out is not None:
            self.dismiss(event.out)
        else:
            self._say(in_form_words(event.sentence)[1])

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What no one foresaw in a thread is a sentence too."""
        if event.state is WorkerState.ERROR:
            self._end()
            error = event.worker.error
            self._say(f"This went wrong: {type(error).__name__}: {error}")

    def action_back(self) -> None:
        """Stop the work; from the plan to the form; from the form to the screen."""
        if self._busy:
            self._stop.set()
        elif self._step == "plan":
            self._plan = None
            self.query_one("#steps", ContentSwitcher).current = "form"
            self._field("hold_out").focus_control()
        else:
            self.dismiss(None)


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


_PROMISE = "Writes a new folder with train/ and test/. Your own photos are never changed."
_NEXT = "enter writes this · esc goes back to the form"
_HELP = {
    "source": "a folder with one folder of photos per class, or with train/ and test/",
    "class": "a class that lies elsewhere: NAME=FOLDER, then enter",
    "hold_out": "test photos per class, never trained on; 0: none",
    "validation": "photos per class that choose the best epoch; 0: chosen when training",
    "enlarge": "yes: smaller photos are enlarged to the size; it adds no detail",
    "size": "larger photos are reduced until their longer side is this",
    "pad": "what fills a photo up to a square; none: its shape stays",
    "balance": "yes: as many photos of every class as the smallest has",
    "limit": "photos per class; empty: all",
    "seed": "the same seed chooses the same test photos",
    "out": "a new folder; ctrl+r shows the plan before anything is written",
}
