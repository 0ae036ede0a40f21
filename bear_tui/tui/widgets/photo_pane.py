"""The photo under the cursor: as it is, and as the network will see it."""

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.widgets import Static

from bear_tui.text import safe
from bear_tui.tui.widgets.picture import Picture


class PhotoPane(Vertical):
    """Two pictures above each other where there is room, else one at a time."""

    DEFAULT_CSS = """
    PhotoPane .caption { height: auto; max-height: 3; color: $foreground-muted; }
    PhotoPane .detail { height: auto; max-height: 5; }
    PhotoPane .detail.-empty { display: none; }
    PhotoPane Picture { height: 1fr; }
    PhotoPane.-one.-seen #as-it-is, PhotoPane.-one.-seen #caption-is { display: none; }
    PhotoPane.-one.-is #as-seen, PhotoPane.-one.-is #caption-seen { display: none; }
    """

    network_size: reactive[int] = reactive(224)
    """Side in pixels of what the network sees."""
    seen: reactive[bool] = reactive(False)
    """Which of the two is shown where only one fits."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._root = Path()

    def compose(self) -> ComposeResult:
        """Each picture with its caption; what is wrong with the photo below."""
        yield Picture(id="as-it-is", empty="no photo here")
        yield Static("", id="caption-is", classes="caption", markup=False)
        yield Picture(network_size=self.network_size, id="as-seen")
        yield Static("", id="caption-seen", classes="caption", markup=False)
        yield Static("", id="detail", classes="detail -empty", markup=False)

    def on_mount(self) -> None:
        """As it is, at first."""
        self.watch_seen(self.seen)

    def on_resize(self) -> None:
        """Both where each has at least a dozen rows."""
        self.set_class(self.size.height < 26, "-one")

    def watch_seen(self, seen: bool) -> None:
        """The other one."""
        self.set_class(seen, "-seen")
        self.set_class(not seen, "-is")

    def watch_network_size(self, size: int) -> None:
        """Another recipe."""
        if self.is_mounted:
            self.query_one("#as-seen", Picture).network_size = size
            self._caption_seen()

    def show(
        self, path: Path | None, root: Path, ahead: Sequence[Path] = (), detail: str = ""
    ) -> None:
        """A photo, and what is wrong with it, if anything."""
        self._root = root
        for picture in self.query(Picture):
            picture.show(path, ahead if picture.id == "as-it-is" else ())
        if path is None:
            self.query_one("#caption-is", Static).update("")
        self._caption_seen()
        text = self.query_one("#detail", Static)
        text.update(safe(detail))
        text.set_class(not detail, "-empty")

    @on(Picture.Shown, "#as-it-is")
    def _photo_shown(self, event: Picture.Shown) -> None:
        path = event.path
        shown = path.relative_to(self._root) if path.is_relative_to(self._root) else path
        facts = f"{event.decoded.facts} · " if event.decoded.facts else ""
        self.query_one("#caption-is", Static).update(facts + safe(shown))

    def _caption_seen(self) -> None:
        has_photo = self.query_one("#as-it-is", Picture).path is not None
        size = self.network_size
        text = f"the network sees {size} x {size} px" if has_photo else ""
        self.query_one("#caption-seen", Static).update(text)
