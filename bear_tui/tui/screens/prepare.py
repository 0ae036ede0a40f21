"""The sheet that prepares photos: a form, then a plan, then the work. Sources never change."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher, Static

from bear_tui.data.decisions import Decisions
from bear_tui.text import safe
from bear_tui.tui.forms.prepare_form import Wishes, in_form_words, plan_of
from bear_tui.tui.toolkit.modal import Sheet
from bear_tui.tui.widgets.form import Field
from bear_tui.tui.widgets.keybar import KeyBar
from bear_tui.tui.widgets.plan_view import PlanView
from bear_tui.tui.widgets.prepare_form import PrepareForm
from bear_tui.tui.widgets.work_line import WorkLine

if TYPE_CHECKING:
    from bear_tui.data.coco.selection import LocalPhotos
    from bear_tui.data.prepare.plan import Plan


class PrepareScreen(Sheet[Path | None]):
    """Returns the prepared folder, or None."""

    CSS_PATH = "prepare.tcss"
    BINDINGS: ClassVar = [
        Binding("ctrl+r", "plan", "plan", tooltip="show what would be written"),
        Binding("ctrl+r,enter", "write", "write it"),
        Binding("escape,q", "back", "back"),
    ]

    @dataclass
    class Planned(Message):
        """A thread has made a plan, or says why there is none."""

        plan: "Plan | None"
        field: str = ""
        sentence: str = ""

    @dataclass
    class Written(Message):
        """A thread has written the folder, or says why not."""

        out: Path | None
        sentence: str = ""

    def __init__(
        self, source: Path | None, decisions: Decisions, found: "LocalPhotos | None" = None
    ) -> None:
        super().__init__()
        self._source = source
        self._decisions = decisions
        """What was decided about photos of the source, to be carried out."""
        self._found = found
        """Photos taken out of a COCO dataset, in place of a source."""
        self._plan: Plan | None = None
        self._stop = threading.Event()

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet", classes="pane") as sheet:
            sheet.border_title = "prepare photos"
            with ContentSwitcher(initial="form", id="steps"):
                yield PrepareForm(self._source, self._found, id="form")
                yield PlanView(id="plan")
            yield Static("", id="help", classes="hint", markup=False)
            yield Static("", id="sentence", markup=False)
            yield WorkLine(id="work")
        yield KeyBar()

    def on_mount(self) -> None:
        self._form.focus_first()

    def on_unmount(self) -> None:
        """End the work."""
        self._stop.set()

    def on_descendant_focus(self) -> None:
        """Show what the focused field means."""
        help = _NEXT if self._step == "plan" else self._form.help
        self.query_one("#help", Static).update(help)

    @on(Field.Edited)
    def _edited(self) -> None:
        self._say("")

    def _say(self, sentence: str) -> None:
        line = self.query_one("#sentence", Static)
        line.update(safe(f"! {sentence}" if sentence else ""))
        line.set_classes("error" if sentence else "")

    @property
    def _form(self) -> PrepareForm:
        return self.query_one(PrepareForm)

    @property
    def _step(self) -> str:
        return (
            self.query_one("#steps", ContentSwitcher).current if self.is_mounted else ""
        ) or "form"

    @property
    def _busy(self) -> bool:
        return self.is_mounted and self.query_one(WorkLine).busy

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Let one key lead from the form to the plan, and from the plan to the work."""
        if action in ("plan", "write"):
            return not self._busy and (action == "write") == (self._step == "plan")
        return True

    def action_plan(self) -> None:
        """Read every photo and show what would be written."""
        wishes = self._form.read()
        if wishes is not None:
            self._begin("looking at every photo")
            self._make_plan(wishes, self._stop)

    def action_write(self) -> None:
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
        except Exception as error:  # all: a screen waits for its sentence
            self.post_message(self.Planned(None, *in_form_words(error)))
        else:
            self.post_message(self.Planned(plan))

    @work(thread=True, group="prepare", exclusive=True, exit_on_error=False)
    def _write(self, plan: "Plan", stop: threading.Event) -> None:
        from bear_tui.data.prepare.write import carry_out

        try:
            prepared = carry_out(plan, self.query_one(WorkLine).note, stop)
        except Exception as error:  # all: a screen waits for its sentence
            self.post_message(self.Written(None, in_form_words(error)[1]))
        else:
            self.post_message(self.Written(prepared.out))

    def on_prepare_screen_planned(self, event: Planned) -> None:
        """Show the plan, or the problem at its field."""
        self._end()
        if event.plan is None:
            if not self._form.refuse(event.field, event.sentence):
                self._say(event.sentence)
            return
        self._plan = event.plan
        self.query_one("#steps", ContentSwitcher).current = "plan"
        root = self._found.inventory.root if self._found is not None else self._source
        self.query_one(PlanView).show_plan(event.plan, root or Path("/"))
        self.refresh_bindings()

    def on_prepare_screen_written(self, event: Written) -> None:
        """Return the folder, or say what went wrong."""
        self._end()
        if event.out is not None:
            self.dismiss(event.out)
        else:
            self._say(event.sentence)

    def action_back(self) -> None:
        """Stop the work, or return from the plan to the form, or close the sheet."""
        if self._busy:
            self._stop.set()
        elif self._step == "plan":
            self._plan = None
            self.query_one("#steps", ContentSwitcher).current = "form"
            self._form.field("hold_out").focus_control()
        else:
            self.dismiss(None)


_NEXT = "enter writes this · esc goes back to the form"
