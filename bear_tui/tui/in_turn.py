"""Keys are answered one after the other, however close together they come."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence

from textual.app import App
from textual.driver import Driver
from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump

_PATIENCE = 0.5
"""Seconds that keys wait for one whose answer cannot be told, such as one that took away the part
that it was for."""


class InTurnApp(App[int]):
    """Textual gives a key to what has the keyboard when it arrives. Of keys that arrive together,
    as over a slow connection, one may be meant for what the one before opens: `/vgg` is a search.
    """

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._typed: deque[Key | Paste] = deque()
        self._answering = False
        self._turn = 0

    async def on_event(self, event: Event) -> None:
        """Textual's own; a key waits until the one before it is answered."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if not self._answering:
            await self._answer(self._turn)
        elif len(self._typed) == 1:
            self._lose_patience()

    async def _answer(self, turn: int) -> None:
        """The next key, unless that was done already."""
        if turn != self._turn:
            return
        self._turn += 1
        self._answering = bool(self._typed)
        if not self._typed:
            return
        key = self._typed.popleft()
        if self._typed:
            self._lose_patience()
        way = self._way((self.focused or self.screen).ancestors_with_self)
        await super().on_event(key)
        await self._follow(way, self._turn)

    def _lose_patience(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(_PATIENCE, self.call_later, self._answer, self._turn)

    def _way(self, parts: Sequence[MessagePump]) -> Iterator[MessagePump]:
        """Whose queues a key goes through: from `parts` up to the app. What the app does for it may
        give the keyboard to another part, or mount a screen first.
        """
        yield from parts
        yield self
        yield from self.screen_stack[-1:]
        yield self

    async def _follow(self, way: Iterator[MessagePump], turn: int) -> None:
        """Behind a key, then the next one."""
        for one in way:
            if one.call_later(self._follow, way, turn):
                return
        await self._answer(turn)
