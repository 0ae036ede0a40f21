"""Screen 1: choose photos, see what is wrong with them, prepare them."""

import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.events import Mount, ScreenResume
from textual.widget import Widget
from textual.widgets import ContentSwitcher, DirectoryTree, Input

from bear_tui import paths
from bear_tui.recipe import Recipe
from bear_tui.tui.screens.base import BearScreen
from bear_tui.tui.screens.dataset_decisions import DatasetDecisions
from bear_tui.tui.screens.folder_making import FolderMaking
from bear_tui.tui.widgets.class_table import ClassRows
from bear_tui.tui.widgets.finding_list import FindingList
from bear_tui.tui.widgets.folder_contents import FolderContents
from bear_tui.tui.widgets.folder_work import FolderWork
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.photo_pane import PhotoPane
from bear_tui.tui.widgets.rows import Rows
from bear_tui.tui.widgets.starts import Starts
from bear_tui.tui.widgets.ways_in import FolderField, WaysIn
from bear_tui.tui.widgets.welcome import Welcome, is_first_run

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset


class DatasetScreen(BearScreen):
    """Opens a folder, shows what is in it, and uses it for training."""

    TAB = "dataset"
    AUTO_FOCUS = ""
    """In place of Textual's choice, focus_first()."""
    CSS_PATH = "dataset.tcss"
    BINDINGS: ClassVar = [
        Binding("o", "other", "folder", tooltip="choose another folder"),
        Binding("p", "prepare", "prepare", tooltip="hold out, pad and resize into a new folder"),
        Binding("c", "coco", "COCO", show=False, tooltip="take photos out of a COCO dataset"),
        Binding("i", "suspects", "inspect labels", tooltip="photos whose label looks wrong"),
        Binding(
            "x,space", "leave_out", "leave out", tooltip="leave out the photo, or take it in again"
        ),
        Binding("z", "undo", "undo", show=False, tooltip="take the last decision back"),
        Binding("left,h", "leaf(-1)", "previous photo", show=False),
        Binding("right,l", "leaf(1)", "photos", key_display="← →", tooltip="photo by photo"),
        Binding("v", "view", "view", tooltip="as it is, or as the network sees it"),
        Binding("escape", "back", "back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.decisions = DatasetDecisions(self, partial(self._note, wrong=True))
        self.making = FolderMaking(self, self.open_folder)
        self._asked: Path | None = None
        self._use_at_once = False
        self._opened = 0.0

    def compose_body(self) -> Iterable[Widget]:
        yield Welcome(id="welcome", classes="pane")
        yield FolderField(id="folder", classes="pane")
        with ContentSwitcher(initial="ways-in", id="body"):
            yield WaysIn(self.context.settings.now.datasets, id="ways-in")
            yield FolderContents(id="loaded")
        yield FolderWork(id="work")

    def on_mount(self) -> None:
        """Greet a newcomer; follow photos that are chosen elsewhere."""
        first = is_first_run(self.context.settings.now, self.context.training.runs)
        self.query_one(Welcome).display = first
        self.follow(self.context.photos.dataset, self._chosen_elsewhere)
        self.follow(self.context.training.recipe, self._recipe_made, ahead=True)

    @on(Mount)
    @on(ScreenResume)
    def focus_first(self) -> None:
        """Focus the list that is shown.

        Textual would take one that is hidden, and none while another window has the keyboard.
        """
        for rows in self.query(ClassRows if self._loaded else Starts):
            if self.focused is None:
                rows.has_focus = True  # as Textual does: it is styled with it
                self.set_focus(rows)

    def _chosen_elsewhere(self, dataset: "Dataset | None") -> None:
        if dataset is not None and dataset is not self.chosen:
            self.open_folder(dataset.root)

    def _recipe_made(self, recipe: Recipe | None) -> None:
        if recipe is not None:
            pane = self.query_one(PhotoPane)
            pane.network_size, pane.framing = recipe.image_size, recipe.framing

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Offer keys about photos only where there are photos; in the path they are letters."""
        if action in ("leaf", "view", "suspects", "undo") and not self._loaded:
            return False
        if action == "leave_out":
            return self._loaded and isinstance(self.focused, FindingList)
        if action == "view":
            return self.query_one(PhotoPane).has_class("-one")
        if action == "back":
            away = self.decisions.inventory is not None and not self._loaded
            return self._busy or away or isinstance(self.focused, Input)
        typing = isinstance(self.focused, Input)
        return not (typing and action in ("other", "prepare", "coco", "leaf", "suspects", "undo"))

    def path_here(self) -> Path | None:
        """Return the path of the photo in view, else of the folder."""
        if not self._loaded or self.decisions.inventory is None:
            return None
        return self.query_one(PhotoPane).path or self.decisions.inventory.root

    @property
    def chosen(self) -> "Dataset | None":
        """The photos as decided: what is trained on."""
        return self.decisions.chosen

    @property
    def _loaded(self) -> bool:
        return self.is_mounted and self.query_one("#body", ContentSwitcher).current == "loaded"

    @property
    def _busy(self) -> bool:
        return self.is_mounted and self.query_one(FolderWork).busy

    # Choosing a folder

    def open_folder(self, folder: Path, use: bool = False) -> None:
        """Read a folder and show its contents; with `use`, train on it if that is possible."""
        self._use_at_once, self._opened = use, time.monotonic()
        self._asked = folder
        self.query_one(FolderField).fill(paths.short(folder))
        self._note(f"reading {paths.short(folder)} …")
        self.query_one(FolderWork).read(folder)

    def on_folder_work_folder_read(self, event: FolderWork.FolderRead) -> None:
        """Show the folder, or say why it cannot be used."""
        if event.folder != self._asked:
            return
        self._note(event.sentence, wrong=True)
        if event.inventory is None or not event.inventory.photos:
            self.query_one("#body", ContentSwitcher).current = "ways-in"
            self.query_one(PathInput).focus()
            return
        self.query_one("#body", ContentSwitcher).current = "loaded"
        self.query_one(Welcome).display = False
        if sentence := self.decisions.open(event.inventory, event.dataset, event.decided):
            self._note(sentence, wrong=True)
        self.query_one(ClassRows).focus()
        self.decisions.contents.show_photo()
        self.query_one(FolderWork).check(event.inventory, event.decided)
        self.refresh_bindings()
        if self._use_at_once and self.chosen is not None:
            self.context.photos.use(self.chosen)
            # Keys that are meant for this screen would start a training on the next.
            if self.context.last_key < self._opened:
                self.context.navigation.show("model")

    def on_folder_work_checked(self, event: FolderWork.Checked) -> None:
        if event.inventory is not self.decisions.inventory:
            return
        self.query_one(FolderWork).end()
        self.refresh_bindings()
        self.decisions.contents.show_problems(event.problems, event.sentence)

    @on(Input.Submitted, "#path")
    def _path_typed(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._open_text(event.value)

    def _open_text(self, text: str) -> None:
        if "\0" in text:
            self._note("A path holds no NUL character; type it again.", wrong=True)
        else:
            self.open_folder(paths.meant(text))

    @on(Starts.Picked)
    def _start_taken(self, event: Starts.Picked) -> None:
        if event.folder:
            self._open_text(event.folder)
        elif event.coco:
            self.action_coco()
        elif event.train:
            from bear_tui.tui.screens.sample import SampleScreen

            self.app.push_screen(SampleScreen())
        else:
            self.query_one(FolderWork).draw_sample()

    @on(DirectoryTree.DirectorySelected, "#tree")
    def _folder_taken(self, event: DirectoryTree.DirectorySelected) -> None:
        self.open_folder(event.path)

    def on_folder_work_sample_drawn(self, event: FolderWork.SampleDrawn) -> None:
        """Open the folder of sample photos as any other."""
        self.query_one(FolderWork).end()
        if event.sentence:
            self._note(event.sentence, wrong=True)
        else:
            self.open_folder(paths.sample_folder())

    def _note(self, text: str, wrong: bool = False) -> None:
        self.query_one(FolderField).note(text, wrong)

    # The photo under the cursor

    def action_leaf(self, step: int) -> None:
        """Show the next or previous photo of the class under the cursor."""
        self.decisions.contents.leaf(step)

    def action_view(self) -> None:
        """Show the next view of the photo, where only one fits."""
        self.query_one(PhotoPane).next_view()

    def action_leave_out(self) -> None:
        self.decisions.leave_out()

    def action_undo(self) -> None:
        self.decisions.undo()

    def action_suspects(self) -> None:
        self.decisions.find_suspects()

    # Going on

    @on(Rows.Chosen, "ClassRows")
    def _use(self) -> None:
        if self.chosen is not None:
            self.context.photos.use(self.chosen)
            self.context.navigation.show("model")

    def action_other(self) -> None:
        """Show the ways to choose photos, with the focus in the path."""
        self.query_one("#body", ContentSwitcher).current = "ways-in"
        self._note("")  # what was wrong with another folder
        self.query_one(Starts).show_recent(self.context.settings.now.datasets)
        self.query_one(PathInput).focus()

    def action_back(self) -> None:
        """Stop a check, or return from the path to the photos that are open."""
        if self._busy and self.decisions.inventory is not None:
            self.query_one(FolderWork).cancel()
        elif self.decisions.inventory is not None:
            # What was typed is not what is shown below it.
            self.query_one(FolderField).fill(paths.short(self.decisions.inventory.root))
            self._note("")
            self.query_one("#body", ContentSwitcher).current = "loaded"
            self.query_one(ClassRows).focus()
        else:
            self.query_one(Starts).focus()

    def action_prepare(self) -> None:
        inventory = self.decisions.inventory
        root = inventory.root if inventory is not None else None
        self.making.prepare(root, self.decisions.decided)

    def action_coco(self) -> None:
        self.making.take_from_coco()
