"""The recipe as fields, with what is wrong below each."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from bear_tui.text import safe
from bear_tui.tui.forms.recipe_draft import FORM, WEIGHTS_FILE, Draft, weights_note
from bear_tui.tui.widgets.form import Field


class RecipeForm(VerticalScroll, can_focus=False):
    """Shows a Draft and keeps the person's edits; posts every edit."""

    DEFAULT_CSS = """
    RecipeForm .note { color: $foreground-muted; padding: 0 0 0 2; height: auto; }
    RecipeForm .note.-empty { display: none; }
    """

    class Changed(Message):
        """The person has edited a field."""

    def __init__(self, draft: Draft, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._filled = draft
        self._fields = {
            spec.name: Field(
                spec.name,
                spec.label,
                choices=draft.weights_choices if spec.name == "weights" else spec.choices,
                path=spec.name == "weights_file",
                help=spec.help,
            )
            for spec in FORM
        }

    @property
    def draft(self) -> Draft:
        """Return the draft with all edits since.

        Read from the fields, not from their messages: fast typing is ahead of messages, and an
        older text put back would be posted as an edit in turn, forever.
        """
        draft = self._filled
        for name, field in self._fields.items():
            if field.ahead:
                draft = draft.with_text(name, field.text)
        return draft

    def compose(self) -> ComposeResult:
        for name, field in self._fields.items():
            yield field
            if name == "weights":
                yield Static("", classes="note", id="weights-note", markup=False)

    def on_mount(self) -> None:
        self.fill(self._filled)

    def fill(self, draft: Draft) -> None:
        """Set every field, and say what is wrong with it."""
        self._filled = draft
        _, wrong = draft.read()
        for name, field in self._fields.items():
            field.fill(draft.text(name), draft.weights_choices if name == "weights" else ())
            field.trouble(wrong.get(name, ""))
            if name == "weights_file":
                field.display = draft.text("weights") == WEIGHTS_FILE
        note = self.query_one("#weights-note", Static)
        text = weights_note(draft)
        note.update(safe(text))
        note.set_class(not text, "-empty")

    def on_field_edited(self, event: Field.Edited) -> None:
        """Update the draft; fields left alone may change with it."""
        event.stop()
        self.fill(self.draft)
        if event.field.has_class("-wrong"):
            self.call_after_refresh(event.field.scroll_visible, animate=False)
        self.post_message(self.Changed())

    def on_field_entered(self, event: Field.Entered) -> None:
        event.stop()
        self.screen.focus_next()

    def focus_field(self, name: str) -> None:
        """Focus a field, such as the first in error."""
        if (field := self._fields.get(name)) is not None:  # photos are chosen elsewhere
            field.focus_control()
            field.scroll_visible()
