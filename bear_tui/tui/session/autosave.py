"""Saving what a person changes by key: shown at once, written in a thread in the same order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Generic, TypeVar

from bear_tui.tui.forms.error_text import in_words

T = TypeVar("T")


class OrderedWork:
    """Does jobs in one thread, in order, so that no key waits for a disk.

    All jobs are done, even if the app ends before: Python waits for the thread.
    """

    def __init__(self, call: Callable[[Callable[[], None]], object]) -> None:
        """`call` runs a function on the app's own thread; it may raise RuntimeError at the end."""
        self._call = call
        self._thread = ThreadPoolExecutor(1, "in-order")
        self._left = 0

    @property
    def busy(self) -> bool:
        """Whether a job, or the call that follows it, is still to come."""
        return self._left > 0

    def do(
        self, job: Callable[[], T], then: Callable[[T], object], otherwise: Callable[[str], object]
    ) -> None:
        """Do a job; then call `then` with its result, or `otherwise` with a sentence, on the app's
        thread.
        """

        def work() -> None:
            try:
                result = job()
            except Exception as error:  # all: a screen waits for its sentence
                self._tell(otherwise, in_words(error))
            else:
                self._tell(then, result)

        self._left += 1
        self._thread.submit(work)

    def _tell(self, call: Callable[[T], object], value: T) -> None:
        def tell() -> None:
            self._left -= 1
            call(value)

        with suppress(RuntimeError):  # the app has ended
            self._call(tell)

    def finish(self) -> None:
        """Wait until all jobs are done; not on the app's thread."""
        self._thread.submit(int).result()


class SavedValue(Generic[T]):
    """A value as the person sees it, and as it is saved.

    If the write fails, the UI reverts to the saved value. Quick changes on a slow disk are written
    together.
    """

    def __init__(self, value: T, write: Callable[[T], object]) -> None:
        self.now = value
        self.saved = value
        self._write = write
        self._earlier: list[T] = []
        """The values that `undo` goes back to, the newest last."""
        self.told: Callable[[str], object] = lambda _sentence: None
        """Called with "" when `now` is saved, with a sentence if that failed."""

    @property
    def saving(self) -> bool:
        """Whether the value of now is not saved yet."""
        return self.now is not self.saved

    def put(self, value: T, writes: OrderedWork) -> None:
        """Change the value and save it."""
        if value != self.now:
            self._earlier.append(self.now)
            self._put(value, writes)

    def undo(self, writes: OrderedWork) -> bool:
        """Take the last change back; return False if there was none."""
        if self._earlier:
            self._put(self._earlier.pop(), writes)
            return True
        return False

    def _put(self, value: T, writes: OrderedWork) -> None:
        self.now = value

        def write() -> None:
            if self.now is value:
                self._write(value)
                self.saved = value

        def failed(sentence: str) -> None:
            if self.now is value:
                self.now = self.saved
                # What came after that was never kept.
                kept = [one is self.saved for one in self._earlier]
                del self._earlier[kept.index(True) if any(kept) else len(kept) :]
                self.told(sentence)

        def written(_: None) -> None:
            if self.now is value:
                self.told("")

        writes.do(write, written, failed)
