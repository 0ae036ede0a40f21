"""Fields one line high: a label, a control, and a sentence under it where something is wrong."""

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
        """Another word was chosen by the person."""

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
        """The word between two arrows."""
        arrows = "$primary" if self.has_focus else "$foreground-muted"
        return Content.assemble(("◂ ", arrows), safe(self.value, 40), (" ▸", arrows))

    def action_step(self, step: int) -> None:
        """The next or previous word, around the end."""
        at = self.choices.index(self.value) if self.value in self.choices else -1
        self.value = self.choices[(at + step) % len(self.choices)]
        self.post_message(self.Changed(self, self.value))

    def on_click(self, event: events.Click) -> None:
        """A click on the left arrow goes back, elsewhere on."""
        self.action_step(-1 if event.x <= 1 else 1)


class Field(Vertical):
    """A named control. `text` is what stands in it.

    It draws its name itself: each part more of a form costs when the form is painted.
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
        """The person has changed what stands in it."""

        field: "Field"
        text: str

        @property
        def control(self) -> "Field":
            """The widget, for `@on` with a selector."""
            return self.field

    @dataclass
    class Entered(Message):
        """Enter was pressed in it."""

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
        """The control, right of the label, and the sentence below."""
        yield self._control
        yield self._trouble

    def render(self) -> Content:
        """The label; the rest covers it."""
        return Content.styled(self._label, self.get_visual_style("field--label"))

    @property
    def text(self) -> str:
        """What stands in it."""
        return self._control.value

    @property
    def ahead(self) -> bool:
        """Whether the person has changed what `put` put there."""
        return self.text != self._set

    def put(self, text: str, choices: tuple[str, ...] = ()) -> None:
        """Fill it, without an Edited."""
        self._set = self._told = text
        if isinstance(self._control, Choice):
            self._control.choices = choices or self._control.choices
            self._control.value = text
        elif self._control.value != text:
            self._control.value = text

    def trouble(self, sentence: str) -> None:
        """Say what is wrong with it; nothing when it is right."""
        if sentence != self._wrong:  # all of the form is laid out anew for it
            self._wrong = sentence
            self.set_class(bool(sentence), "-wrong")
            self._trouble.update(f"! {safe(sentence)}" if sentence else "")

    def focus_control(self) -> None:
        """Put the keyboard in it."""
        self._control.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field, unless the screen has another use for it."""
        event.stop()
        self.post_message(self.Entered(self, event.value))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Typed; what `put` put there is no news."""
        event.stop()
        if event.value != self._told:
            self._told = event.value
            self.post_message(self.Edited(self, event.value))

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """Chosen."""
        event.stop()
        self.post_message(self.Edited(self, event.value))
