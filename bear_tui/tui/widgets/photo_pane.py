"""The photo under the cursor: as it is, and as networks will see it, large and small."""

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.widgets import Static

from bear_tui.recipe import Framing
from bear_tui.text import safe
from bear_tui.tui.widgets.picture import Picture

SMALL = 32
"""What the course's network from scratch sees."""

VIEWS = ("is", "seen", "small")
"""As it is; as the network of the recipe sees it; as one sees it at 32 pixels."""


class PhotoPane(Vertical):
    """Shows all views where there is room, else one at a time."""

    DEFAULT_CSS = """
    PhotoPane .caption { height: auto; max-height: 3; color: $foreground-muted; }
    PhotoPane .detail { height: auto; max-height: 5; }
    PhotoPane .detail.-empty { display: none; }
    PhotoPane Picture { height: 1fr; }
    PhotoPane #seen { height: 1fr; }
    PhotoPane #as-small { margin-left: 1; }
    PhotoPane.-one.-seen #as-it-is, PhotoPane.-one.-seen #caption-is { display: none; }
    PhotoPane.-one.-small #as-it-is, PhotoPane.-one.-small #caption-is { display: none; }
    PhotoPane.-one.-is #seen, PhotoPane.-one.-is #caption-seen { display: none; }
    PhotoPane.-one.-seen #as-small, PhotoPane.-one.-small #as-seen { display: none; }
    PhotoPane.-one #as-small { margin-left: 0; }
    PhotoPane.-unshown #seen, PhotoPane.-unshown #caption-seen { visibility: hidden; }
    PhotoPane.-one #seen, PhotoPane.-one #caption-seen { visibility: visible; }
    """

    network_size: reactive[int] = reactive(224)
    """Side in pixels of what the network sees."""
    framing: reactive[Framing] = reactive[Framing]("crop")
    """How that is made square."""
    view: reactive[str] = reactive("is")
    """Which one is shown where only one fits."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        # The class of the first view from the start: a later one would be a restyling of all.
        super().__init__(id=id, classes=f"{classes or ''} -{VIEWS[0]}")
        self._root = Path()

    def compose(self) -> ComposeResult:
        yield Picture(id="as-it-is", empty="no photo here")
        yield Static("", id="caption-is", classes="caption", markup=False)
        with Horizontal(id="seen"):
            yield Picture(network_size=self.network_size, framing=self.framing, id="as-seen")
            yield Picture(network_size=SMALL, id="as-small")
        yield Static("", id="caption-seen", classes="caption", markup=False)
        yield Static("", id="detail", classes="detail -empty", markup=False)

    def on_mount(self) -> None:
        self.watch_view(self.view)

    def on_resize(self) -> None:
        """Show all views where each gets at least a dozen rows."""
        self.set_class(self.size.height < 26, "-one")
        self._caption_seen()

    def watch_view(self, view: str) -> None:
        for name in VIEWS:
            self.set_class(name == view, f"-{name}")
        if self.is_mounted:
            self._caption_seen()

    @property
    def path(self) -> Path | None:
        """Return the path of the photo."""
        return self.query_one("#as-it-is", Picture).path

    def next_view(self) -> None:
        """Show the next view, where only one fits."""
        self.view = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]

    def watch_network_size(self, size: int) -> None:
        if self.is_mounted:
            self.query_one("#as-seen", Picture).network_size = size
            self._caption_seen()

    def watch_framing(self, framing: Framing) -> None:
        if self.is_mounted:
            self.query_one("#as-seen", Picture).framing = framing

    def show(
        self, path: Path | None, root: Path, ahead: Sequence[Path] = (), detail: str = ""
    ) -> None:
        """Show a photo and what is wrong with it; decode `ahead` meanwhile."""
        self._root = root
        for picture in self.query(Picture):
            picture.show(path, ahead)
        if path is None:
            self.query_one("#caption-is", Static).update("")
        self._caption_seen()
        text = self.query_one("#detail", Static)
        text.update(safe(detail))
        text.set_class(not detail, "-empty")

    @on(Picture.Shown, "#as-it-is")
    def _photo_shown(self, event: Picture.Shown) -> None:
        # Why it cannot be shown is said once.
        self.set_class(bool(event.decoded.error), "-unshown")
        path = event.path
        name = path.relative_to(self._root) if path.is_relative_to(self._root) else path
        facts = f"{event.decoded.facts} · " if event.decoded.facts else ""
        self.query_one("#caption-is", Static).update(facts + safe(name))

    def _caption_seen(self) -> None:
        only: dict[str, tuple[int, ...]] = {"seen": (self.network_size,), "small": (SMALL,)}
        sizes = only.get(self.view, ())
        if not self.has_class("-one"):
            sizes = (self.network_size, SMALL)
        squares = " beside ".join(f"{size} x {size}" for size in sizes)
        has_photo = self.query_one("#as-it-is", Picture).path is not None
        text = f"the network sees {squares} px" if has_photo else ""
        self.query_one("#caption-seen", Static).update(text)
