"""The form for preparing photos: sources, counts, image size, target."""

from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from bear_tui import paths
from bear_tui.errors import BadInput
from bear_tui.text import safe
from bear_tui.tui.forms.prepare_form import (
    LABELS,
    PADS,
    Wishes,
    read_class,
    read_wishes,
    target_for,
    target_of,
)
from bear_tui.tui.widgets.form import Field

if TYPE_CHECKING:
    from bear_tui.data.coco.selection import LocalPhotos

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


class PrepareForm(VerticalScroll, can_focus=False):
    """Fields; `read` returns what they say."""

    def __init__(self, source: Path | None, found: "LocalPhotos | None", id: str) -> None:
        super().__init__(id=id)
        self._source = source
        self._found = found
        """Photos taken out of a COCO dataset: then no folder is asked for."""
        self._extra: tuple[tuple[str, Path], ...] = ()
        self._own_target = False
        """Whether the person typed where to write; else it follows the source."""

    def compose(self) -> ComposeResult:
        yield Static(_PROMISE, classes="hint", markup=False)
        yield Field("source", LABELS["source"], path=True, folders_only=True)
        yield Static("", id="added", markup=False)
        yield Field("class", "add class", path=True, folders_only=True, after_equals=True)
        yield Field("hold_out", LABELS["hold_out"])
        yield Field("validation", LABELS["validation"])
        yield Field("size", LABELS["size"])
        yield Field("enlarge", LABELS["enlarge"], choices=("no", "yes"))
        yield Field("pad", LABELS["pad"], choices=PADS)
        yield Field("balance", LABELS["balance"], choices=("no", "yes"))
        yield Field("limit", LABELS["limit"])
        yield Field("seed", LABELS["seed"])
        yield Field("out", LABELS["out"], path=True, folders_only=True)

    def on_mount(self) -> None:
        """Fill in common values, with a target beside the source."""
        for name, text in _FIRST.items():
            self.field(name).fill(text)
        if self._source is not None:
            self.field("source").fill(paths.short(self._source))
            self.field("out").fill(paths.short(target_for(str(self._source))))
        if self._found is not None:
            self.field("source").display = self.field("class").display = False
            self._show_added([f"{'from':11}{words_of(self._found)}"])
            self.field("out").fill(paths.short(target_of(self._found)))

    def focus_first(self) -> None:
        """Focus the first field that needs a choice."""
        asked = self._source is None and self._found is None
        self.field("source" if asked else "hold_out").focus_control()

    def field(self, name: str) -> Field:
        """Return a field by name."""
        return self.query_one(f"#field-{name.replace('_', '-')}", Field)

    @property
    def help(self) -> str:
        """Return the meaning of the focused field."""
        above = self.screen.focused.ancestors if self.screen.focused else []
        field = next((widget for widget in above if isinstance(widget, Field)), None)
        return _HELP.get(field.name or "", "") if field else ""

    def read(self) -> Wishes | None:
        """Return the values; at a field in error, say so, focus it and return None."""
        typed = self.field("class")
        not_added = self._add_class(typed) if typed.text.strip() else ""
        texts = {field.name or "": field.text for field in self.query(Field)}
        wishes, wrong = read_wishes(texts, self._extra, self._found)
        if not_added:
            wrong["class"] = not_added
        for field in self.query(Field):
            field.trouble(wrong.get(field.name or "", ""))
        if wrong:
            self.field(next(iter(wrong))).focus_control()
            return None
        return wishes

    def refuse(self, name: str, sentence: str) -> bool:
        """Show a problem at its field; return False if there is no such field."""
        named = any(field.name == name for field in self.query(Field))
        if named:
            self.field(name).trouble(sentence)
            self.field(name).focus_control()
        return named

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        if event.field.name == "class" and event.text.strip():
            event.field.trouble(self._add_class(event.field))
        else:
            self.screen.focus_next()

    def _add_class(self, field: Field) -> str:
        """Add the class that is typed; return what is wrong with it, or ""."""
        try:
            added = read_class(field.text)
        except BadInput as problem:
            return str(problem)
        field.fill("")
        self._extra = (*self._extra, added)
        self._show_added([f"{'':11}{name} ← {folder}" for name, folder in self._extra])
        if not self.field("out").text:
            self.field("out").fill(paths.short(target_for(str(added[1]))))
        return ""

    def _show_added(self, lines: list[str]) -> None:
        self.query_one("#added", Static).update("\n".join(safe(line) for line in lines))
        self.query_one("#added").display = True

    @on(Field.Edited)
    def _edited(self, event: Field.Edited) -> None:
        event.field.trouble("")
        if event.field.name == "out":
            self._own_target = bool(event.text.strip())
        if event.field.name == "source" and not self._own_target:
            self.field("out").fill(paths.short(target_for(event.text)))


def words_of(found: "LocalPhotos") -> str:
    """Return `COCO: 160 bear, 200 not_bear`."""
    labels = [photo.label for photo in found.inventory.photos]
    counts = (f"{labels.count(name):,} {name}" for name in found.inventory.classes)
    return f"COCO: {', '.join(counts)}"


_PROMISE = "Writes a new folder with train/ and test/. Your own photos are never changed."
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
