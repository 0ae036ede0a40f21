"""The models to choose from, with a search."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from bear_tui.catalog import MODELS, ModelEntry
from bear_tui.text import safe
from bear_tui.tui.widgets.rows import Rows, columns

FAVOURITES = (
    "mlp",
    "vgg16-scratch",
    "vgg16",
    "mobilenet_v2",
    "resnet18",
    "efficientnet_b0",
    "convnext_tiny",
)
"""The ladder of the course first, then what works well on a few hundred photos."""


@dataclass(frozen=True)
class Line:
    """A heading, or a model."""

    heading: str = ""
    entry: ModelEntry | None = None


def lines(models: Mapping[str, ModelEntry], search: str) -> list[Line]:
    """Return all models under headings, or those that match what was typed."""
    words = search.lower().split()
    if words:
        matching = [
            entry
            for entry in models.values()
            if all(word in f"{entry.name} {entry.family}".lower() for word in words)
        ]
        # The name itself before names that only hold it: `vgg16` before `vgg16-scratch`.
        return _of(sorted(matching, key=lambda entry: entry.name != words[0]))
    listed = [Line("to begin with"), *_of(models[name] for name in FAVOURITES if name in models)]
    family = ""
    for entry in models.values():
        if entry.family == "Course":
            continue
        if entry.family != family:
            family = entry.family
            listed.append(Line(family))
        listed.append(Line(entry=entry))
    return listed


def _of(entries: Iterable[ModelEntry]) -> list[Line]:
    return [Line(entry=entry) for entry in entries]


class Catalogue(Rows):
    """A list of models; enter chooses the one under the cursor."""

    BINDINGS: ClassVar = [Binding("enter", "choose", "take this model")]

    @dataclass
    class Picked(Message):
        """The person has chosen a model."""

        model: str

    @dataclass
    class Highlighted(Message):
        """The cursor is on another model."""

        entry: ModelEntry

    def __init__(
        self,
        models: Mapping[str, ModelEntry] = MODELS,
        on_disk: Callable[[ModelEntry], bool] = ModelEntry.weights_on_disk,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._models = models
        self._on_disk = on_disk
        self._there: dict[str, bool] = {}
        self._lines = lines(models, "")
        self.chosen = ""

    def read_disk(self) -> None:
        """Look up which weights are on disk."""
        self._there = {name: self._on_disk(entry) for name, entry in self._models.items()}
        self.refresh()

    def find(self, search: str) -> None:
        """List the models that match; all for an empty text."""
        self._lines = lines(self._models, search)
        self.rows_changed()
        self.go_to(0)
        self._highlight()

    def choose(self, model: str) -> None:
        """Mark a model as chosen and move the cursor there, without a Picked."""
        self.chosen = model
        at = [n for n, line in enumerate(self._lines) if line.entry and line.entry.name == model]
        if at:
            self.go_to(at[0])
        self.refresh()

    def count(self) -> int:
        return len(self._lines)

    def selectable(self, index: int) -> bool:
        """Let the cursor skip headings."""
        return self._lines[index].entry is not None

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """Draw `● vgg16      ✓ 138M`."""
        line = self._lines[index]
        if line.entry is None:
            return Content.assemble((line.heading, "$foreground-muted italic"))
        chosen = line.entry.name == self.chosen
        mark = "● " if chosen else "  "
        style = "bold" if under_cursor else "bold $primary" if chosen else ""
        quiet = "" if under_cursor else "$foreground-muted"
        on_disk = "✓" if self._there.get(line.entry.name) else " "
        left = Content.assemble((mark, style), (safe(line.entry.name), style))
        right = Content.assemble((f"{on_disk}{short_count(line.entry.parameters):>6}", quiet))
        return columns(left, right, width)

    def on_mount(self) -> None:
        """Look at the disk once: it may be slow."""
        super().on_mount()
        self.read_disk()

    def action_choose(self) -> None:
        entry = self._lines[self.cursor].entry if self.count() else None
        if entry is not None:
            self.chosen = entry.name
            self.refresh()
            self.post_message(self.Picked(entry.name))

    def on_rows_moved(self) -> None:
        self._highlight()

    def _highlight(self) -> None:
        entry = self._lines[self.cursor].entry if self.cursor < self.count() else None
        if entry is not None:
            self.post_message(self.Highlighted(entry))


def short_count(parameters: int) -> str:
    """Return `138M`, `3.5M`, `0.4M`."""
    millions = parameters / 1e6
    return f"{millions:,.0f}M" if millions >= 9.95 else f"{millions:.1f}M"


def facts(entry: ModelEntry, on_disk: bool) -> str:
    """Return what is known of a model in one line."""
    parts = [f"{entry.family}" if entry.family != "Course" else "the course's own"]
    if entry.accuracy is not None:
        parts.append(f"ImageNet {entry.accuracy:.1f}%")
    if entry.megabytes is not None:
        parts.append(f"{entry.megabytes:,.0f} MB" + (" on disk" if on_disk else " to download"))
    return " · ".join(parts)
