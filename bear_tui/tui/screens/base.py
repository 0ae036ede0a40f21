"""The base of all screens with a header: the body between header and keys, and following values."""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.events import Event, ScreenResume, ScreenSuspend, Unmount
from textual.geometry import Size
from textual.widget import Widget

from bear_tui.tui.context import AppContext, context_of
from bear_tui.tui.session.observable import Observable
from bear_tui.tui.toolkit.clipboard import CopyingScreen
from bear_tui.tui.toolkit.dismissal import EndsOnTop
from bear_tui.tui.toolkit.screen import StyledOnceScreen
from bear_tui.tui.widgets.header import Header
from bear_tui.tui.widgets.keybar import KeyBar

T = TypeVar("T")

_TAKEN_DOWN, _NOTICE = 1.0, 9.0
"""Seconds after which a screen that is seen again has taken down what has ended meanwhile, and
after which the last notice has ended on one that is left."""


class BearScreen(StyledOnceScreen[None], CopyingScreen[None], EndsOnTop[None]):
    """A screen with a header and a key bar. A subclass names its tab and yields its body."""

    TAB: ClassVar[str]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (150, "-vast")]
    """The class a screen carries at a width: `.tcss` lays out side by side what fits."""

    def __init__(self) -> None:
        super().__init__()
        self._unfollow: list[Callable[[], None]] = []
        self._untold: dict[int, Callable[[], object]] = {}
        """What changed since this screen was last seen: the newest call for each follower."""
        self._ahead: set[int] = set()
        """Followers that may be called before the screen is seen."""

    def follow(
        self,
        values: Observable[T],
        callback: Callable[[T], object],
        ahead: bool = False,
        now: bool = True,
    ) -> None:
        """Call `callback` with each new value and, unless `now` is off, with the one of now.

        While nobody sees this screen, it is called once, when the screen is seen again; with
        `ahead`, where that begins no work to speak of, in a quiet moment before.
        """
        number = len(self._unfollow)
        if ahead:
            self._ahead.add(number)

        def tell(value: T) -> None:
            if self.is_current:
                callback(value)
            else:
                self._untold.pop(number, None)  # the newest is told last
                self._untold[number] = partial(callback, value)

        self._unfollow.append(values.follow(tell))
        if now:
            tell(values.value)

    @on(Unmount)
    def _follow_no_more(self) -> None:
        for unfollow in self._unfollow:
            unfollow()
        self._unfollow.clear()

    async def on_event(self, event: Event) -> None:
        """Call the followers of what changed, before a screen that is seen again reacts to it."""
        if isinstance(event, ScreenResume) and self.is_current:
            self._hear(tuple(self._untold))
        await super().on_event(event)
        if isinstance(event, ScreenResume):
            self.set_timer(_TAKEN_DOWN, self._remove_empty_frames)
        elif isinstance(event, ScreenSuspend):
            self.set_timer(_NOTICE, self._remove_empty_frames)

    def hear_ahead(self) -> bool:
        """Deliver updates that need no visible screen; return True if any were delivered."""
        return self._hear(self._ahead)

    def _hear(self, numbers: Collection[int]) -> bool:
        missed = [self._untold.pop(number) for number in tuple(self._untold) if number in numbers]
        for update in missed:
            update()
        return bool(missed)

    def _remove_empty_frames(self) -> None:
        """Remove frames of ended notices, which Textual leaves on a screen in the background."""
        for rack in self.query_children("ToastRack"):
            for frame in rack.children:
                if frame.is_mounted and not frame.children:
                    frame.remove()

    def focus_first(self) -> None:
        """Focus the first widget that `AUTO_FOCUS` names, unless one has the focus."""
        if self.focused is None and self.AUTO_FOCUS:
            widgets = (widget for widget in self.query(self.AUTO_FOCUS) if widget.focusable)
            self.set_focus(next(widgets, None))

    @property
    def context(self) -> AppContext:
        """Return what this screen may ask of the app."""
        return context_of(self.app)

    def compose(self) -> ComposeResult:
        self._lay_out_for(self.app.size)
        yield Header(self.TAB)
        yield from self.compose_body()
        yield KeyBar()

    def _lay_out_for(self, size: Size) -> None:
        """Set the classes of a size before anything is mounted, so that nothing is styled twice."""
        wide = _class_for(size.width, self.HORIZONTAL_BREAKPOINTS)
        tall = _class_for(size.height, self.VERTICAL_BREAKPOINTS or [])
        self.update_classes(dict.fromkeys((*wide, *tall), True))

    def compose_body(self) -> Iterable[Widget]:
        """Yield the widgets between header and key bar."""
        raise NotImplementedError


def _class_for(cells: int, breakpoints: Iterable[tuple[int, str]]) -> list[str]:
    """Return the class of the largest breakpoint that a length reaches."""
    return [name for least, name in sorted(breakpoints) if cells >= least][-1:]
