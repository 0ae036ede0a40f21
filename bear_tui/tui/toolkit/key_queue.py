"""Keys are handled one after the other, however close together they come."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeAlias

from textual.app import App
from textual.errors import NoWidget
from textual.events import Event, Key, MouseDown, MouseEvent, MouseUp, Paste
from textual.message_pump import MessagePump

_PATIENCE = 0.5
"""Seconds that a key waits for one that takes longer, such as a handler that waits for a thread."""
_RETRY = 0.002
"""Seconds between two looks whether the handling of a key has ended: a handler may wait for long,
and looking without a pause would keep a processor busy."""
_PAINT_PERIOD, _PAINT_PAUSE = 0.22, 0.2
"""While keys wait, the screen is painted once a period, after a pause of so many seconds."""
_Typed: TypeAlias = Key | Paste | MouseDown | MouseUp


class KeyQueue:
    """Hands an app its keys, clicks and pastes one at a time.

    Textual gives a key to the widget that has the focus when the key arrives. Over a slow
    connection several keys arrive together, and one may be meant for what the one before it opens:
    `/vgg` is a search.
    """

    def __init__(self, app: App[Any], handle: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        """Textual's own way with an event."""
        self._typed: deque[_Typed] = deque()
        self.busy = False
        """Whether a key is being handled."""
        self._turn = 0
        self._began = 0.0
        self._paint_paused = False

    async def take(self, event: Event) -> None:
        """Handle an event as Textual does; a key only after the one before it."""
        if isinstance(event, MouseEvent) and not event.is_forwarded and self._hits_nothing(event):
            return
        if not isinstance(event, _Typed) or event.is_forwarded:
            await self._handle(event)
            return
        self._typed.append(event)
        if not self.busy:
            await self._next(self._turn)
        elif len(self._typed) == 1:
            self._limit_wait()

    async def _next(self, turn: int) -> None:
        """Handle the next key, unless that was done already."""
        if turn != self._turn:
            return
        self._turn += 1
        self.busy = bool(self._typed)
        if not self._typed:
            return
        event = self._typed.popleft()
        if self._typed:
            self._limit_wait()
        self._pause_painting(bool(self._typed))
        path = self._path((self._app.focused or self._app.screen).ancestors_with_self)
        if not (isinstance(event, MouseEvent) and self._hits_nothing(event)):
            await self._handle(event)
        await self._follow(path, self._turn)

    def _hits_nothing(self, event: MouseEvent) -> bool:
        """Return whether the widget under the mouse was removed, and no new layout exists yet."""
        try:
            widget, _ = self._app.get_widget_at(event.x, event.y)
        except NoWidget:  # beside a window that became smaller, as Textual knows
            return False
        return not widget.is_attached

    def _limit_wait(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(_PATIENCE, self._app.call_later, self._next, self._turn)

    def _pause_painting(self, others_wait: bool) -> None:
        """Paint only now and then while keys wait: nobody sees each step of a key that repeats."""
        app, now = self._app, time.monotonic()
        if not others_wait:
            self._began = now
        pause = others_wait and (now - self._began) % _PAINT_PERIOD < _PAINT_PAUSE
        if pause and not self._paint_paused:
            app._begin_batch()
        elif self._paint_paused and not pause:
            app._end_batch()
            if not app._batch_count:
                app.screen.refresh()
        self._paint_paused = pause

    def _path(self, widgets: Sequence[MessagePump]) -> Iterator[MessagePump]:
        """Yield whose message queues a key goes through: from a widget up to the app. The app's
        handler may tell the app to move the focus, or wait for a screen to be mounted.
        """
        yield from widgets
        yield self._app
        yield from self._app.screen_stack[-1:]
        yield self._app

    async def _follow(self, path: Iterator[MessagePump], turn: int) -> None:
        """Queue behind a key at each of its stations, then handle the next one."""
        for station in path:
            if station.call_later(self._follow, path, turn):
                return
        if turn == self._turn and self._messages_wait():
            loop = asyncio.get_running_loop()
            loop.call_later(_RETRY, self._app.call_later, self._follow, path, turn)
        else:
            await self._next(turn)

    def _messages_wait(self) -> bool:
        """Return whether handling goes on: a field has yet to tell its screen what was typed."""
        return any(
            not widget._message_queue.empty()
            for screen in self._app.screen_stack[-1:]
            for widget in screen.walk_children(with_self=True)
        )
