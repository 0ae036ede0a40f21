"""Keys are answered one after the other, however close together they come."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from textual.app import App
from textual.driver import Driver
from textual.errors import NoWidget
from textual.events import Event, Key, MouseDown, MouseEvent, MouseUp, Paste
from textual.message_pump import MessagePump

_PATIENCE = 0.5
"""Seconds that a key waits for one that takes longer, such as a handler that waits for a thread."""
_AGAIN = 0.002
"""Seconds until it is looked again whether an answer goes on: a handler that waits has it go on for
long, and to look at once would keep a processor busy."""
_PAINTED_EVERY, _HELD = 0.22, 0.2
"""Seconds in which many keys are painted once, and for how many of these painting is held up."""
_Typed: TypeAlias = Key | Paste | MouseDown | MouseUp


class InTurnApp(App[int]):
    """Textual gives a key to what has the keyboard when it arrives. Of keys that arrive together,
    as over a slow connection, one may be meant for what the one before opens: `/vgg` is a search.
    """

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._typed: deque[_Typed] = deque()
        self.keys_wait = False
        """Whether a key is answered, or others wait for that."""
        self._turn = 0
        self._began = 0.0
        self._held = False
        """Whether painting is, for the keys that wait."""

    async def on_event(self, event: Event) -> None:
        """Textual's own; a key waits until the one before it is answered."""
        if isinstance(event, MouseEvent) and not event.is_forwarded and self._hits_nothing(event):
            return
        if not isinstance(event, _Typed) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if not self.keys_wait:
            await self._answer(self._turn)
        elif len(self._typed) == 1:
            self._lose_patience()

    async def _answer(self, turn: int) -> None:
        """The next key, unless that was done already."""
        if turn != self._turn:
            return
        self._turn += 1
        self.keys_wait = bool(self._typed)
        if not self._typed:
            return
        key = self._typed.popleft()
        if self._typed:
            self._lose_patience()
        self._hold_painting(bool(self._typed))
        way = self._way((self.focused or self.screen).ancestors_with_self)
        if not (isinstance(key, MouseEvent) and self._hits_nothing(key)):
            await super().on_event(key)
        await self._follow(way, self._turn)

    def _hits_nothing(self, event: MouseEvent) -> bool:
        """Whether what is painted there was taken away, and nothing is laid out instead yet."""
        try:
            part, _ = self.get_widget_at(event.x, event.y)
        except NoWidget:  # beside a window that became smaller, as Textual knows
            return False
        return not part.is_attached

    def _lose_patience(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(_PATIENCE, self.call_later, self._answer, self._turn)

    def _hold_painting(self, others_wait: bool) -> None:
        """Each answer would be painted: of a key that repeats, more than anybody sees."""
        now = time.monotonic()
        if not others_wait:
            self._began = now
        hold = others_wait and (now - self._began) % _PAINTED_EVERY < _HELD
        if hold and not self._held:
            self._begin_batch()
        elif self._held and not hold:
            self._end_batch()
            if not self._batch_count:
                self.screen.refresh()
        self._held = hold

    def _way(self, parts: Sequence[MessagePump]) -> Iterator[MessagePump]:
        """Whose queues a key goes through: from `parts` up to the app. What the app does for it may
        tell the app to give the keyboard to another part, or a screen to be mounted first.
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
        if turn == self._turn and self._parts_are_told_something():
            loop = asyncio.get_running_loop()
            loop.call_later(_AGAIN, self.call_later, self._follow, way, turn)
        else:
            await self._answer(turn)

    def _parts_are_told_something(self) -> bool:
        """Whether the answer goes on: a field tells its screen what was typed."""
        return any(
            not part._message_queue.empty()
            for screen in self.screen_stack[-1:]
            for part in screen.walk_children(with_self=True)
        )
