"""Screen 1: which photos, what is wrong with them, and preparing them."""

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher, DirectoryTree, Input, Static, Tree
from textual.worker import Worker, WorkerState

from bear_tui import paths
from bear_tui.data.decisions import OUT, Decisions
from bear_tui.errors import Failure
from bear_tui.text import safe
from bear_tui.tui.deciding import Decided, decided_about, keep
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.prepare import PrepareScreen
from bear_tui.tui.screens.sample import SampleScreen
from bear_tui.tui.screens.suspects import SuspectsScreen
from bear_tui.tui.widgets.class_table import (
    ClassRows,
    ClassTable,
    counts,
    set_aside_note,
    with_problems,
)
from bear_tui.tui.widgets.folder_tree import FolderTree
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.photo_pane import PhotoPane
from bear_tui.tui.widgets.problem_list import ProblemList, advice, kind_name
from bear_tui.tui.widgets.rows import Rows
from bear_tui.tui.widgets.starts import Starts
from bear_tui.tui.widgets.welcome import Welcome, is_first_run
from bear_tui.tui.widgets.work_line import WorkLine

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.data.inventory import Inventory, Photo, Problem

_HINT = "tab completes the path, enter opens it"
_USUAL_SIZE = 224

# Photos decoded ahead of a held key, which asks for about thirty a second.
_AHEAD = 8


class DatasetScreen(BearScreen):
    """A folder is chosen, looked through, and used."""

    TAB = "dataset"
    CSS_PATH = "dataset.tcss"
    BINDINGS: ClassVar = [
        Binding("o", "other", "folder", tooltip="choose another folder"),
        Binding("p", "prepare", "prepare", tooltip="hold out, pad and resize into a new folder"),
        Binding("i", "suspects", "inspect labels", tooltip="photos whose label looks wrong"),
        Binding(
            "space", "leave_out", "leave out", tooltip="leave out the photo, or take it in again"
        ),
        Binding("left,h", "leaf(-1)", "previous photo", show=False),
        Binding("right,l", "leaf(1)", "photos", key_display="← →", tooltip="next photo"),
        Binding("v", "view", "view", tooltip="as it is, or as the network sees it"),
        Binding("escape", "back", "back"),
    ]

    class FolderRead(Message):
        """From the thread: what lies in a folder, and whether it can be trained on."""

        def __init__(
            self,
            folder: Path,
            inventory: "Inventory | None",
            dataset: "Dataset | None",
            sentence: str,
            decided: Decided,
        ) -> None:
            super().__init__()
            self.folder = folder
            self.inventory = inventory
            self.dataset = dataset
            self.sentence = sentence
            self.decided = decided

    class Checked(Message):
        """From the thread: every photo was looked at, or the person stopped it."""

        def __init__(
            self, inventory: "Inventory", problems: "Sequence[Problem]", sentence: str = ""
        ) -> None:
            super().__init__()
            self.inventory = inventory
            self.problems = problems
            self.sentence = sentence

    class SampleDrawn(Message):
        """From the thread: the sample photos lie there, or why not."""

        def __init__(self, sentence: str = "") -> None:
            super().__init__()
            self.sentence = sentence

    def __init__(self) -> None:
        super().__init__()
        self.inventory: Inventory | None = None
        self.chosen: Dataset | None = None
        self.decided = Decided()
        self._problems: Sequence[Problem] | None = None
        """What the check found; None until it has."""
        self._photos: dict[str, list[Photo]] = {}
        self._place: dict[str, int] = {}
        self._step = 1
        """Which way the person leafs: those photos are decoded ahead."""
        self._asked: Path | None = None
        self._stop = threading.Event()
        self._use_at_once = False

    def compose_body(self) -> Iterable[Widget]:
        """The folder on top; below it the ways in, or what lies in the folder."""
        yield Welcome(id="welcome", classes="pane")
        with Vertical(id="folder", classes="pane"):
            yield PathInput(id="path", compact=True, placeholder="~/photos/bears")
            yield Static(_HINT, id="folder-note", classes="hint", markup=False)
        with ContentSwitcher(initial="ways-in", id="body"):
            with Horizontal(id="ways-in"):
                with Vertical(id="start", classes="pane"):
                    yield Starts(self.bear.settings.datasets, id="starts")
                    yield Static(_WHAT_IS_NEEDED, id="needed", classes="hint", markup=False)
                with Vertical(id="browse", classes="pane"):
                    yield FolderTree(Path.cwd(), id="tree")
            with Container(id="loaded"):
                with Vertical(id="contents"):
                    with Vertical(id="classes", classes="pane"):
                        yield ClassTable(id="table")
                        yield Static("", id="table-note", classes="hint", markup=False)
                    with Vertical(id="problems", classes="pane"):
                        yield Static("", id="problems-note", markup=False)
                        yield ProblemList(id="problem-list")
                yield PhotoPane(id="photo", classes="pane")
        yield WorkLine(id="work")

    def on_mount(self) -> None:
        """Begin where a newcomer begins; follow photos that were chosen elsewhere."""
        titles = {
            "folder": "folder of photos",
            "start": "start from",
            "browse": "or browse",
            "classes": "classes",
            "problems": "problems",
            "photo": "photo",
        }
        for name, title in titles.items():
            self.query_one(f"#{name}").border_title = title
        first = is_first_run(self.bear.settings, self.bear.runs)
        self.query_one(Welcome).display = first
        self.query_one(Starts).focus()
        self.watch(self.app, "dataset", self._chosen_elsewhere)
        self.watch(self.app, "recipe", self._recipe_made)

    def on_unmount(self) -> None:
        """A check that goes on ends with the screen."""
        self._stop.set()

    def _chosen_elsewhere(self, dataset: "Dataset | None") -> None:
        if dataset is not None and dataset is not self.chosen:
            self.open_folder(dataset.root)

    def _recipe_made(self, recipe: object) -> None:
        size = getattr(recipe, "image_size", _USUAL_SIZE)
        self.query_one(PhotoPane).network_size = size

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Keys for photos only where there are photos; in the path they are letters."""
        if action in ("leaf", "view", "suspects") and not self._loaded:
            return False
        if action == "leave_out":
            return self._loaded and isinstance(self.focused, ProblemList)
        if action == "view":
            return self.query_one(PhotoPane).has_class("-one")
        if action == "back":
            away = self.inventory is not None and not self._loaded
            return self._busy or away or isinstance(self.focused, Input)
        typing = isinstance(self.focused, Input)
        return not (typing and action in ("other", "prepare", "leaf", "suspects"))

    def path_here(self) -> Path | None:
        """The photo that is shown; without one the folder."""
        if not self._loaded or self.inventory is None:
            return None
        return self.query_one(PhotoPane).path or self.inventory.root

    @property
    def _loaded(self) -> bool:
        return self.is_mounted and self.query_one("#body", ContentSwitcher).current == "loaded"

    @property
    def _busy(self) -> bool:
        return self.is_mounted and self.query_one(WorkLine).has_class("-busy")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What no one foresaw in a thread is a sentence too, and the app goes on."""
        if event.state is WorkerState.ERROR:
            self.query_one(WorkLine).end()
            error = event.worker.error
            self._note(f"This went wrong: {type(error).__name__}: {error}", wrong=True)

    # Choosing a folder

    def open_folder(self, folder: Path, use: bool = False) -> None:
        """Look through a folder and show what is in it; `use` it at once if it can be."""
        self._use_at_once = use
        self._stop.set()
        self._stop = threading.Event()
        self._asked = folder
        field = self.query_one(PathInput)
        field.value = paths.short(folder)
        self._note(f"reading {paths.short(folder)} …")
        self._read(folder)

    @work(thread=True, group="read", exclusive=True, exit_on_error=False)
    def _read(self, folder: Path) -> None:
        from bear_tui.data.dataset import open_dataset
        from bear_tui.data.inventory import take_inventory

        inventory = dataset = None
        sentence = ""
        decided = Decided()
        try:
            inventory = take_inventory(folder)
            decided = decided_about(folder)
            dataset = open_dataset(folder)
        except Failure as failure:
            sentence = str(failure)
        self.post_message(self.FolderRead(folder, inventory, dataset, sentence, decided))

    def on_dataset_screen_folder_read(self, event: FolderRead) -> None:
        """Show the folder; or the sentence, and leave everything as it was."""
        if event.folder != self._asked:
            return
        if event.inventory is None or not event.inventory.photos:
            self._note(event.sentence, wrong=True)
            self.query_one("#body", ContentSwitcher).current = "ways-in"
            self.query_one(PathInput).focus()
            return
        self.inventory, self.chosen = event.inventory, event.dataset
        self.decided = event.decided
        self._problems = None
        self._note(event.sentence, wrong=True)
        self._photos = {name: [] for name in self.inventory.classes}
        for photo in self.inventory.photos:
            self._photos[photo.label].append(photo)
        self._place = {}
        self._show_contents()
        self._start_check()
        if self._use_at_once:
            self._use()

    def _show_contents(self) -> None:
        inventory = self.inventory
        if inventory is None:
            return
        self.query_one("#body", ContentSwitcher).current = "loaded"
        self.query_one(Welcome).display = False
        self._show_counts()
        self._show_note()
        self.query_one(ClassRows).usable = self.chosen is not None
        self.query_one(
            "#classes"
        ).border_title = f"{len(inventory.classes):,} classes · {len(inventory.photos):,} photos"
        self.query_one(ClassRows).focus()
        self._show_photo()

    def _show_counts(self) -> None:
        if self.inventory is None:
            return
        table = counts(self.inventory, self.chosen)
        if self._problems is not None:
            table = with_problems(table, self.inventory, self._problems)
        self.query_one(ClassTable).put(table)

    def _show_note(self) -> None:
        """What stands under the table."""
        inventory = self.inventory
        if inventory is None:
            return
        left_out = f"{inventory.hidden:,} other files left out. " if inventory.hidden else ""
        note = set_aside_note(inventory, self.chosen) if self.chosen else ""
        use = "enter uses these photos." if self.chosen else ""
        parts = (f"{left_out}{note}".strip(), self.decided.sentence, use)
        text = "\n".join(part for part in parts if part)
        table_note = self.query_one("#table-note", Static)
        table_note.update(text)
        table_note.display = bool(text)

    def _note(self, text: str, wrong: bool = False) -> None:
        note = self.query_one("#folder-note", Static)
        note.update(safe(f"! {text}" if wrong and text else text or _HINT))
        note.set_classes("error" if wrong and text else "hint")

    @on(Input.Submitted, "#path")
    def _path_typed(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._open_text(event.value.strip())

    def _open_text(self, text: str) -> None:
        if "\0" in text:
            self._note("A path holds no NUL character; type it again.", wrong=True)
        else:
            self.open_folder(paths.absolute(text))

    @on(Starts.Taken)
    def _start_taken(self, event: Starts.Taken) -> None:
        if event.folder:
            self._open_text(event.folder)
        elif event.train:
            self.app.push_screen(SampleScreen())
        else:
            self.query_one(WorkLine).begin("drawing the sample photos")
            self._draw_sample()

    @on(Tree.NodeHighlighted, "#tree")
    def _folder_looked_at(self) -> None:
        tree = self.query_one(FolderTree)
        if tree.has_focus and tree.folder is not None:
            self.query_one(PathInput).value = str(tree.folder)

    @on(DirectoryTree.DirectorySelected, "#tree")
    def _folder_taken(self, event: DirectoryTree.DirectorySelected) -> None:
        self.open_folder(event.path)

    # The sample photos

    @work(thread=True, group="sample", exclusive=True, exit_on_error=False)
    def _draw_sample(self) -> None:
        from bear_tui.data.sample import write_sample

        folder = paths.sample_folder()
        sentence = ""
        try:
            if not folder.is_dir():
                write_sample(folder, progress=self.query_one(WorkLine).note)
        except Failure as failure:
            sentence = str(failure)
        self.post_message(self.SampleDrawn(sentence))

    def on_dataset_screen_sample_drawn(self, event: SampleDrawn) -> None:
        """They are a folder like any other."""
        self.query_one(WorkLine).end()
        if event.sentence:
            self._note(event.sentence, wrong=True)
        else:
            self.open_folder(paths.sample_folder())

    # Looking for problems

    def _start_check(self) -> None:
        inventory = self.inventory
        if inventory is None:
            return
        self.query_one(WorkLine).begin("checking photos, esc stops,")
        self.refresh_bindings()
        self._show_problems(inventory.problems, "")
        self._check(inventory, self._stop)

    @work(thread=True, group="check", exclusive=True, exit_on_error=False)
    def _check(self, inventory: "Inventory", stop: threading.Event) -> None:
        from bear_tui.data.check import check
        from bear_tui.data.parallel import Cancelled

        problems: Sequence[Problem] = inventory.problems
        sentence = ""
        try:
            problems = check(inventory, self.query_one(WorkLine).note, stop)
        except Cancelled:
            sentence = "The check was stopped: there may be more."
        except Failure as failure:
            sentence = str(failure)
        self.post_message(self.Checked(inventory, problems, sentence))

    def on_dataset_screen_checked(self, event: Checked) -> None:
        """All problems, worst first."""
        if event.inventory is not self.inventory:
            return
        self.query_one(WorkLine).end()
        self.refresh_bindings()
        self._problems = event.problems
        self._show_counts()
        self._show_problems(event.problems, event.sentence or "✓ no problem found")

    def _show_problems(self, problems: "Sequence[Problem]", none: str) -> None:
        inventory = self.inventory
        if inventory is None:
            return
        listed = self.query_one(ProblemList)
        listed.put(problems, inventory.root)
        listed.mark(self.decided)
        listed.display = bool(problems)
        note = self.query_one("#problems-note", Static)
        stopped = none if problems and not none.startswith("✓") else ""
        text = stopped if problems else none or "looking at every photo …"
        note.update(safe(text))
        note.display = bool(text)
        note.set_classes("good" if text.startswith("✓") else "hint")
        found = f"{len(listed.problems):,} problems" if listed.problems else "problems"
        self.query_one("#problems").border_title = found.replace("1 problems", "1 problem")

    # The photo under the cursor

    @on(Rows.Moved)
    def _cursor_moved(self) -> None:
        self._show_photo()

    def on_descendant_focus(self) -> None:
        """Between classes and problems the photo changes too."""
        if self.inventory is not None:
            self._show_photo()

    def _show_photo(self) -> None:
        inventory = self.inventory
        if inventory is None:
            return
        pane = self.query_one(PhotoPane)
        listed = self.query_one(ProblemList)
        if listed.has_focus and listed.problem is not None:
            problem = listed.problem
            path = problem.path if problem.path.is_file() else None
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

    def action_leaf(self, step: int) -> None:
        """The next or previous photo of the class under the cursor."""
        if self.inventory is not None:
            label = self.query_one(ClassRows).label
            self._place[label] = self._place.get(label, 0) + step
            self._step = step
            self._show_photo()

    def action_view(self) -> None:
        """The next of the pictures, where only one fits."""
        pane = self.query_one(PhotoPane)
        pane.next_view()

    # Deciding about photos

    def action_leave_out(self) -> None:
        """Leave out the photo of a problem, or take it in again."""
        problem = self.query_one(ProblemList).problem
        if problem is not None and self._photo_at(problem.path):
            self._decide(self.decided.toggled(problem.path))

    def _photo_at(self, path: Path) -> bool:
        return (
            any(photo.path == path for photo in self.inventory.photos) if self.inventory else False
        )

    def action_suspects(self) -> None:
        """Look for photos whose label looks wrong."""
        if self.inventory is None:
            return
        if self.bear.training:
            self.bear.say("A training is going on; look for suspects when it is done.", "warning")
            return
        decided = self.decided.decisions
        photos = [photo for photo in self.inventory.photos if decided.of(photo.path) != OUT]
        screen = SuspectsScreen(photos, self.inventory.classes, self.decided)
        self.app.push_screen(screen, self._suspects_seen)

    def _suspects_seen(self, decided: Decided | None) -> None:
        if decided is not None:
            self._decide(decided)

    def _decide(self, decided: Decided) -> None:
        """Keep the decisions, and show the folder as it is with them."""
        if decided == self.decided:
            return
        self.decided = decided
        self.query_one(ProblemList).mark(decided)
        self._show_note()
        if decided.prepared:
            self._keep(decided)

    @work(thread=True, group="decide", exit_on_error=False)
    def _keep(self, decided: Decided) -> None:
        from bear_tui.data.dataset import open_dataset

        try:
            keep(decided)
            dataset = open_dataset(decided.decisions.root)
        except Failure as failure:
            self.app.call_from_thread(self._note, str(failure), True)
        else:
            self.app.call_from_thread(self._kept, dataset)

    def _kept(self, dataset: "Dataset") -> None:
        if self.inventory is None or self.inventory.root != dataset.root:
            return
        used = self.bear.dataset is not None and self.bear.dataset is self.chosen
        self.chosen = dataset
        if used:
            self.bear.dataset = dataset
        self._show_counts()

    # Going on

    @on(Rows.Chosen, "ClassRows")
    def _use(self) -> None:
        if self.chosen is not None:
            self.bear.use_dataset(self.chosen)

    def action_other(self) -> None:
        """Back to the ways in, with the keyboard in the path."""
        self.query_one("#body", ContentSwitcher).current = "ways-in"
        self.query_one(Starts).put(self.bear.settings.datasets)
        self.query_one(PathInput).focus()

    def action_back(self) -> None:
        """Stop a check; leave the path; go back to the photos that are open."""
        if self._busy and self.inventory is not None:
            self._stop.set()
        elif self.inventory is not None:
            self.query_one("#body", ContentSwitcher).current = "loaded"
            self.query_one(ClassRows).focus()
        else:
            self.query_one(Starts).focus()

    def action_prepare(self) -> None:
        """Write a prepared copy, then use it."""
        root = self.inventory.root if self.inventory is not None else None
        decisions = Decisions() if self.decided.prepared else self.decided.decisions
        self.app.push_screen(PrepareScreen(root, decisions), self._prepared)

    def _prepared(self, folder: Path | None) -> None:
        if folder is not None:
            self.open_folder(folder)


_WHAT_IS_NEEDED = (
    "What is needed: a folder with one folder of photos per class in it, or train/ and test/ "
    "with one folder per class each. p prepares one from photos anywhere; they are never changed."
)
