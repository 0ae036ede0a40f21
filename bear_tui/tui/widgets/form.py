"""Fields one line high: a label, a control, and below it a sentence if something is wrong."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static

from bear_tui.text import safe
from bear_tui.tui.widgets.path_input import PathInput, SafeInput


class Choice(Static, can_focus=True):
    """One of a few words: `◂ adam ▸`."""

    BINDINGS: ClassVar = [
        Binding("right,l,space", "step(1)", "next", show=False),
        Binding("left,h", "step(-1)", "previous", show=False),
    ]
    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; padding: 0 1; background: $surface; }
    Choice:focus { background: $block-cursor-blurred-background; color: $primary; }
    """

    value: reactive[str] = reactive("")

    @dataclass
    class Changed(Message):
        """The person has chosen another word."""

        choice: "Choice"
        value: str

        @property
        def control(self) -> "Choice":
            """The widget, for `@on` with a selector."""
            return self.choice

    def __init__(self, choices: tuple[str, ...], id: str | None = None) -> None:
        super().__init__(markup=False, id=id)
        self.choices = choices

    def render(self) -> Content:
        arrows = "$primary" if self.has_focus else "$foreground-muted"
        return Content.assemble(("◂ ", arrows), safe(self.value, 40), (" ▸", arrows))

    def action_step(self, step: int) -> None:
        """Choose the next or previous word, around the end."""
        at = self.choices.index(self.value) if self.value in self.choices else -1
        self.value = self.choices[(at + step) % len(self.choices)]
        self.post_message(self.Changed(self, self.value))

    def on_click(self, event: events.Click) -> None:
        """Choose the previous word on the left arrow, else the next."""
        self.action_step(-1 if event.x <= 1 else 1)


class Field(Vertical):
    """A named control.

    It draws its name itself: each further part of a form slows its painting.
    """

    BINDINGS: ClassVar = [
        Binding("down", "app.focus_next", "next field", show=False),
        Binding("up", "app.focus_previous", "previous field", show=False),
    ]
    COMPONENT_CLASSES: ClassVar = {"field--label"}
    DEFAULT_CSS = """
    Field { height: 1; }
    Field.-wrong { height: auto; }
    Field > .field--label { color: $foreground-muted; }
    Field:focus-within > .field--label { color: $primary; }
    Field.-wrong > .field--label { color: $text-error; text-style: bold; }
    Field Choice { margin-left: 11; }
    Field Input, Field Input.-textual-compact {
        width: 1fr; margin-left: 11; padding: 0 1; background: $surface;
    }
    Field Input.-textual-compact:focus { background: $block-cursor-blurred-background; }
    Field .trouble { height: auto; color: $text-error; padding: 0 0 0 2; display: none; }
    Field.-wrong .trouble { display: block; }
    """

    @dataclass
    class Edited(Message):
        """The person has changed the text."""

        field: "Field"
        text: str

        @property
        def control(self) -> "Field":
            """The widget, for `@on` with a selector."""
            return self.field

    @dataclass
    class Entered(Message):
        """The person has pressed enter."""

        field: "Field"
        text: str

    def __init__(
        self,
        name: str,
        label: str,
        *,
        choices: tuple[str, ...] = (),
        path: bool = False,
        folders_only: bool = False,
        after_equals: bool = False,
        help: str = "",
    ) -> None:
        super().__init__(name=name, id=f"field-{name.replace('_', '-')}")
        self._label = label
        self._control: Choice | Input
        if choices:
            self._control = Choice(choices)
        elif path:
            self._control = PathInput(
                compact=True, folders_only=folders_only, after_equals=after_equals
            )
        else:
            self._control = SafeInput(compact=True)
        self._trouble = Static("", classes="trouble", markup=False)
        self.help = help
        self._set = self._told = self._wrong = ""

    def compose(self) -> ComposeResult:
        yield self._control
        yield self._trouble

    def render(self) -> Content:
        """Draw the label; the control covers the rest."""
        return Content.styled(self._label, self.get_visual_style("field--label"))

    @property
    def text(self) -> str:
        """Return what the control holds."""
        return self._control.value

    @property
    def ahead(self) -> bool:
        """Check whether the person has changed what `fill` set."""
        return self.text != self._set

    def fill(self, text: str, choices: tuple[str, ...] = ()) -> None:
        """Set the text without posting an Edited."""
        self._set = self._told = text
        if isinstance(self._control, Choice):
            self._control.choices = choices or self._control.choices
            self._control.value = text
        elif self._control.value != text:
            self._control.value = text

    def trouble(self, sentence: str) -> None:
        """Show what is wrong; "" when nothing is."""
        if sentence != self._wrong:  # all of the form is laid out anew for it
            self._wrong = sentence
            self.set_class(bool(sentence), "-wrong")
            self._trouble.update(f"! {safe(sentence)}" if sentence else "")

    def focus_control(self) -> None:
        self._control.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next field, unless the screen uses enter otherwise."""
        event.stop()
        self.post_message(self.Entered(self, event.value))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Post what was typed, not what `fill` set."""
        event.stop()
        if event.value != self._told:
            self._told = event.value
            self.post_message(self.Edited(self, event.value))

    def on_choice_changed(self, event: Choice.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(self, event.value))
