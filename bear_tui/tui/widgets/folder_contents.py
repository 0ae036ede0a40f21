"""The contents of a folder: its classes, its problems, and the photo under the cursor."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bear_tui import files
from bear_tui.text import counted, safe
from bear_tui.tui.render.class_counts import counts, set_aside_note, with_problems
from bear_tui.tui.render.problems import advice, kind_name, problem_words
from bear_tui.tui.session.decisions import BY_HAND, Decided
from bear_tui.tui.widgets.class_table import ClassRows, ClassTable
from bear_tui.tui.widgets.finding_list import FindingList
from bear_tui.tui.widgets.photo_pane import PhotoPane
from bear_tui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.data.folders.inventory import Inventory, Photo
    from bear_tui.data.folders.scan import Problem

# Photos decoded ahead of a held key, which asks for about thirty a second.
_AHEAD = 8


class FolderContents(Container):
    """Shows one folder; decides and reads nothing itself."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._inventory: Inventory | None = None
        self._chosen: Dataset | None = None
        self._decided = Decided()
        self._saving = False
        self._problems: Sequence[Problem] | None = None
        """What the check found; None until it has."""
        self._unfinished = ""
        """Why there may be more."""
        self._photos: dict[str, list[Photo]] = {}
        self._place: dict[str, int] = {}
        self._step = 1
        """Which way the person leafs: those photos are decoded ahead."""

    def compose(self) -> Iterable[Widget]:
        with Vertical(id="contents"):
            with Vertical(id="classes", classes="pane") as classes:
                classes.border_title = "classes"
                yield ClassTable(id="table")
                yield Static("", id="table-note", classes="hint", markup=False)
            with Vertical(id="problems", classes="pane") as problems:
                problems.border_title = "problems"
                yield Static("", id="problems-note", markup=False)
                yield FindingList(problem_words, id="problem-list")
        pane = PhotoPane(id="photo", classes="pane")
        pane.border_title = "photo"
        yield pane

    @property
    def problem_list(self) -> "FindingList[Problem]":
        """Return the list of problems."""
        return self.query_one("#problem-list", FindingList)

    def open(self, inventory: "Inventory", chosen: "Dataset | None", decided: Decided) -> None:
        """Show another folder; `chosen` is the dataset to train on, None if there is none."""
        self._inventory, self._decided = inventory, decided
        self._problems = None
        self._place = {}
        classes, photos = len(inventory.classes), len(inventory.photos)
        words = "class" if classes == 1 else "classes"
        title = f"{classes:,} {words} · {counted(photos, 'photo')}"
        self.query_one("#classes").border_title = title
        self.show_dataset(chosen)
        self.decide(decided)
        self._show_problems()

    def show_dataset(self, chosen: "Dataset | None") -> None:
        """Show the folder with other decisions."""
        self._chosen = chosen
        self.query_one(ClassRows).usable = chosen is not None
        self._show_counts()
        self._show_note()

    def show_problems(self, problems: "Sequence[Problem]", sentence: str) -> None:
        """Show all problems, worst first; the sentence says why there may be more."""
        self._problems, self._unfinished = problems, sentence
        self._show_counts()
        self._show_problems()

    def decide(self, decided: Decided, saving: bool = False) -> None:
        """Show other decisions: photos appear in the class that they were given."""
        self._decided, self._saving = decided, saving
        if self._inventory is None:
            return
        from bear_tui.data.decisions import with_decisions

        inventory = with_decisions(self._inventory, decided.decisions)
        self._photos = {name: [] for name in inventory.classes}
        for photo in inventory.photos:
            self._photos[photo.label].append(photo)
        self.problem_list.mark(decided)
        self._show_counts()
        self._show_note()
        self._title_problems()

    def show_photo(self) -> None:
        """Show the photo under the cursor, of the class or of the problem."""
        inventory = self._inventory
        if inventory is None:
            return
        pane = self.query_one(PhotoPane)
        listed = self.problem_list
        if listed.has_focus and listed.item is not None:
            problem = listed.item
            path = problem.path if files.is_file(problem.path) else None
            pane.border_title = kind_name(problem.kind)
            pane.show(path, inventory.root, detail=advice(problem))
            return
        label = self.query_one(ClassRows).label
        photos = self._photos.get(label, [])
        if not photos:
            pane.border_title = Content(safe(label, 30))
            pane.show(None, inventory.root)
            return
        at = self._place.get(label, 0) % len(photos)
        ahead = [
            photos[(at + self._step * (number + 1)) % len(photos)].path
            for number in range(min(_AHEAD, len(photos) - 1))
        ]
        pane.border_title = Content(f"{safe(label, 30)} {at + 1:,} of {len(photos):,}")
        pane.show(photos[at].path, inventory.root, ahead)

    def leaf(self, step: int) -> None:
        """Show the next or previous photo of the class under the cursor."""
        label = self.query_one(ClassRows).label
        self._place[label] = self._place.get(label, 0) + step
        self._step = step
        self.show_photo()

    @on(Rows.Moved)
    def _cursor_moved(self) -> None:
        self.show_photo()

    def on_descendant_focus(self) -> None:
        """Show another photo when the focus moves between classes and problems."""
        self.show_photo()

    def _show_counts(self) -> None:
        if self._inventory is None:
            return
        table = counts(self._inventory, self._chosen)
        if self._problems is not None:
            left = [problem for problem in self._problems if self._stands(problem)]
            table = with_problems(table, self._inventory, left)
        self.query_one(ClassTable).show_counts(table)

    def _stands(self, problem: "Problem") -> bool:
        """Check whether a problem remains: no decision, and its photo not left out."""
        return problem.kind != BY_HAND and not self._decided.out(problem.path)

    def _show_note(self) -> None:
        """Update the note below the table."""
        inventory = self._inventory
        if inventory is None:
            return
        from bear_tui.data.folders.summary import found_in, left_out

        note = set_aside_note(inventory, self._chosen) if self._chosen else ""
        use = "enter uses these photos." if self._chosen else ""
        parts = (
            safe(": ".join(filter(None, (found_in(inventory), note)))) + ".",
            safe(left_out(inventory.left_out)),
            self._decided.sentence(self._saving),
            use,
        )
        text = "\n".join(part for part in parts if part)
        table_note = self.query_one("#table-note", Static)
        table_note.update(text)
        table_note.display = bool(text)

    def _show_problems(self) -> None:
        if self._inventory is None:
            return
        problems: Sequence[Problem] = self._inventory.problems
        note_look = "hint"
        text = "" if problems else "looking at every photo …"
        if self._problems is not None:
            problems, text = self._problems, self._unfinished
            if not (problems or text) and self._chosen:
                text, note_look = "✓ no problem found", "good"
            elif not (problems or text):  # what is wrong with the folder stands above
                text = "every photo can be read"
        listed = self.problem_list
        listed.show_items(problems, self._inventory.root, self._decided)
        listed.display = bool(problems)
        note = self.query_one("#problems-note", Static)
        note.update(safe(text))
        note.display = bool(text)
        note.set_classes(note_look)
        self._title_problems()

    def _title_problems(self) -> None:
        listed = self.problem_list.items
        count = sum(self._stands(problem) for problem in listed)
        title = counted(count, "problem") if count else "problems"
        decided = len(listed) - count
        more = f" · {decided:,} decided" if decided else ""
        self.query_one("#problems").border_title = title + more
