"""The sheet that takes photos out of a COCO dataset: from where, and which category is which."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import DescendantBlur
from textual.widgets import Static

from bear_tui import paths
from bear_tui.data.coco.selection import Instances, LocalPhotos
from bear_tui.text import counted, safe
from bear_tui.tui.forms.prepare_form import LABELS, read_coco_wishes, trouble_with_path
from bear_tui.tui.toolkit.modal import Sheet
from bear_tui.tui.widgets.category_rows import CategoryRows
from bear_tui.tui.widgets.coco_work import CocoWork
from bear_tui.tui.widgets.form import Field
from bear_tui.tui.widgets.keybar import KeyBar
from bear_tui.tui.widgets.rows import Rows


class CocoScreen(Sheet[LocalPhotos | None]):
    """A form above a list of categories. Returns photos on this disk, each with its class."""

    CSS_PATH = "coco.tcss"
    BINDINGS: ClassVar = [
        Binding("ctrl+r", "start", "take the photos"),
        Binding("escape,q", "back", "back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._instances = Instances(())
        self._read: Path | None = None
        """The file whose photos these are."""
        self._aside: Path | None = None
        """One that is read because its field was left: the keyboard stays where it is."""
        self._labels: dict[str, str] = {}
        """The class of each category that was chosen."""
        self._agreed: Callable[[], None] | None = None
        """The download that the person was told about; pressing on begins it."""

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet", classes="pane") as sheet:
            sheet.border_title = "photos out of COCO"
            with Vertical(id="fields"):
                yield Field("coco", LABELS["coco"], path=True)
                yield Field("images", LABELS["images"], path=True, folders_only=True)
                yield Field("class", LABELS["class"])
                yield Field("rest", LABELS["rest"])
                yield Field("limit", LABELS["limit"])
                yield Field("seed", LABELS["seed"])
            yield Static(_FIRST, id="categories-note", classes="hint", markup=False)
            yield CategoryRows(id="categories")
            yield Static("", id="help", classes="hint", markup=False)
            yield Static("", id="sentence", markup=False)
            yield CocoWork(id="work")
        yield KeyBar()

    def on_mount(self) -> None:
        self._field("limit").fill("200")
        self._field("seed").fill("1")
        self._field("coco").focus_control()

    def _field(self, name: str) -> Field:
        return self.query_one(f"#field-{name}", Field)

    def on_descendant_focus(self) -> None:
        """Show what the focused field means."""
        above = self.focused.ancestors if self.focused else []
        field = next((widget for widget in above if isinstance(widget, Field)), None)
        self.query_one("#help", Static).update(_HELP.get(field.name or "", "") if field else "")

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Check the path of a field that is left; read the JSON file it names."""
        field = next(
            (widget for widget in event.widget.ancestors if isinstance(widget, Field)), None
        )
        if field is not None and field.name in ("coco", "images"):
            sentence = trouble_with_path(field.name, field.text)
            if sentence:  # else what the last try has said stays
                field.trouble(sentence)
            elif field.name == "coco" and self.is_current and not self._busy:
                self._read_aside()

    def _read_aside(self) -> None:
        wishes, _ = read_coco_wishes(self._texts())
        if wishes is not None and wishes.coco not in (self._read, self._aside):
            self._aside = wishes.coco
            self.query_one(CocoWork).read(wishes.coco)

    def _texts(self) -> dict[str, str]:
        return {field.name or "": field.text for field in self.query(Field)}

    def _say(self, sentence: str, wrong: bool = True) -> None:
        line = self.query_one("#sentence", Static)
        line.update(safe(f"! {sentence}" if sentence and wrong else sentence))
        line.set_classes("error" if wrong else "good")

    @property
    def _busy(self) -> bool:
        return self.is_mounted and self.query_one(CocoWork).busy

    @on(Field.Edited)
    def _edited(self, event: Field.Edited) -> None:
        event.field.trouble("")
        self._changed()

    def _changed(self) -> None:
        """Forget the download that was agreed to: the form says something else now."""
        self._agreed = None
        self._say("")

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        if event.field.name == "coco" and event.text.strip():
            self.action_start()
        elif event.field.name == "class" and event.text.strip():
            self._add_class(event.field)
        else:
            self.focus_next()

    # What the file lists

    def on_coco_work_json_read(self, event: CocoWork.JsonRead) -> None:
        """List the categories of the file; keep the classes of those that it has."""
        self._instances, self._read = event.instances, event.path
        rows = self.query_one(CategoryRows)
        rows.show_photos(event.instances.photos)
        photo_counts = dict(rows.categories)
        self._put_labels(
            {
                category: label
                for category, label in self._labels.items()
                if category in photo_counts
            }
        )
        wrong = counted(len(event.instances.problems), "problem")
        unusable = f" · {wrong}, listed with the plan" if event.instances.problems else ""
        listed = f"{len(event.instances.photos):,} photos{unusable}"
        self.query_one("#categories-note", Static).update(
            f"{listed} · in the list, enter takes a category for a class"
        )
        if event.path != self._aside:
            rows.focus()

    @on(Rows.Chosen, "CategoryRows")
    def _category_chosen(self) -> None:
        category = self.query_one(CategoryRows).category
        others = {name: label for name, label in self._labels.items() if name != category}
        self._put_labels(others if category in self._labels else {**others, category: category})

    def _add_class(self, field: Field) -> bool:
        """Add the class that is typed; if it is none, say so at its field and return False."""
        name, equals, category = (part.strip() for part in field.text.partition("="))
        category = category if equals else name
        if not (name and category):
            field.trouble("type a category, or the class and its category, such as bears=bear.")
            return False
        if self._instances.photos and category not in dict(self.query_one(CategoryRows).categories):
            field.trouble(f"no photo shows {category}; the list below shows what they show.")
            return False
        field.trouble("")
        field.fill("")
        self._put_labels({**self._labels, category: name})
        return True

    def _put_labels(self, labels: Mapping[str, str]) -> None:
        self._changed()
        self._labels = dict(labels)
        self.query_one(CategoryRows).mark(labels)
        rest, names = self._field("rest"), sorted(set(labels.values()))
        if not rest.ahead:
            rest.fill(f"not_{names[0]}" if len(names) == 1 else "")

    # Taking the photos

    def action_start(self) -> None:
        """Read the file; press again to choose photos, and again to download missing ones."""
        if self._busy:
            return
        self._aside = None
        typed = self._field("class")
        if typed.text.strip() and not self._add_class(typed):
            typed.focus_control()
            return
        wishes, wrong = read_coco_wishes(self._texts())
        for field in self.query(Field):
            field.trouble(wrong.get(field.name or "", ""))
        if wishes is None:
            self._field(next(iter(wrong))).focus_control()
        elif wishes.coco != self._read:
            self._say("")
            self.query_one(CocoWork).read(wishes.coco)
        elif self._agreed is not None:
            self._agreed()
        elif not self._labels:
            self._say("Choose a category for a class: enter in the list.")
            self.query_one(CategoryRows).focus()
        elif not wishes.rest and len(set(self._labels.values())) < 2:
            self._field("rest").trouble("one class is not enough: name the rest, or take two.")
            self._field("rest").focus_control()
        else:
            self._say("")
            self.query_one(CocoWork).select(self._instances, self._labels, wishes)

    def on_coco_work_selected(self, event: CocoWork.Selected) -> None:
        """Take local photos at once; announce a download first."""

        def take() -> None:
            self._say("")
            self.query_one(CocoWork).take(event.selection, event.wishes)

        if not event.missing:
            take()
            return
        self._agreed = take
        limit = event.wishes.limit
        counts = ", ".join(
            f"{len(of[:limit]):,} {label}" for label, of in event.selection.candidates.items()
        )
        folder = paths.short(paths.coco_folder())
        self._say(
            f"{counts}: {event.missing:,} of them to download into {folder}. ctrl+r begins.",
            wrong=False,
        )

    def on_coco_work_taken(self, event: CocoWork.Taken) -> None:
        self.dismiss(event.found)

    def on_coco_work_refused(self, event: CocoWork.Refused) -> None:
        """Show the problem at its field, or below the form."""
        if any(field.name == event.field for field in self.query(Field)):
            self._field(event.field).trouble(event.sentence)
            if event.field != "coco" or self._aside is None:
                self._field(event.field).focus_control()
        else:
            self._say(event.sentence)

    def action_back(self) -> None:
        """Stop the work that runs; without any, close the sheet."""
        if self._busy:
            self.query_one(CocoWork).cancel()
        else:
            self.dismiss(None)


_FIRST = "Name an instances JSON, such as instances_train2017.json, and press enter."
_HELP = {
    "coco": "an instances JSON: it says what is on each photo",
    "images": "the folder of its photos; empty: those needed are downloaded",
    "class": "CATEGORY, or NAME=CATEGORY for another name or several categories; then enter",
    "rest": "the class of all photos that show none of these; empty: they are left out",
    "limit": "photos per class; empty: all",
    "seed": "the same seed chooses the same photos",
}
