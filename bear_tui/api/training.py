"""Train in a new thread; handle its events, and interrupts, in the thread of the caller."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TypeAlias

from bear_tui import limits, memory, paths, torchrun
from bear_tui.api import launch
from bear_tui.api.settings import in_python
from bear_tui.errors import BadInput, Failure, StoppedBefore
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunFailed
from bear_tui.run.folder import RunFolder
from bear_tui.run.report import lines
from bear_tui.run.state import RunState
from bear_tui.text import counted, safe

OnEvent: TypeAlias = Callable[[Event], object]

_Message: TypeAlias = Event | str
"""An event, or a sentence for the person."""

_WAKE = 0.5
"""Seconds between two checks for signals: not every system wakes a waiting thread for one."""


def train_in_thread(
    recipe: Recipe,
    folder: RunFolder,
    control: Control,
    on_event: OnEvent | None,
    progress: bool,
    *,
    accept_changes: bool = False,
    enough_steps: bool = False,
) -> None:
    """Train into `folder`; call `on_event` in this thread, and with `progress` print lines.

    Raises Failure if the training fails. An exception in this thread, such as KeyboardInterrupt,
    is raised after the training has saved.
    """
    if torchrun.group() is not None:
        raise BadInput("several processes train together with `torchrun -m bear_tui train` only.")
    limits.require(torch=True)
    memory.keep_freed()
    state, error = RunState(), ""

    def begin(say: Callable[[str], object]) -> Iterator[Event]:
        @contextmanager
        def work(title: str) -> Iterator[Callable[[int, int], None]]:
            say(f"{title} …")
            yield lambda _done, _total: _raise_if_stopping(control)

        fit = launch.prepare_fit(recipe, folder, enough_steps, say, work)
        with launch.log_to(say):
            yield from fit(folder, control, accept_changes)

    def handle(message: _Message) -> None:
        nonlocal state, error
        line = message if isinstance(message, str) else ""
        if not isinstance(message, str):
            state = state.apply(message)
            line = lines.line(message, state)
            error = message.error if isinstance(message, RunFailed) else ""
        if progress and line:
            print(in_python(safe(line, 10_000)), flush=True)
        if on_event is not None and not isinstance(message, str):
            on_event(message)

    try:
        _in_thread(begin, control, handle)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_interrupted(folder)) from None
    if error:
        raise Failure(error)


def _raise_if_stopping(control: Control) -> None:
    """End work before the training by StoppedBefore, if a stop was asked for."""
    if reason := control.stopping:
        raise StoppedBefore(f"{reason} before the training began; nothing was changed.")


def _interrupted(folder: RunFolder) -> str:
    """Return what became of an interrupted training, and how to resume it."""
    if not folder.on_disk():
        return "stopped before the training began; nothing was changed."
    state = folder.state()
    if not state.ended:
        return f"{folder.run}: the training finishes its step, saves and ends."
    done = f"{state.status} after {state.epochs_done} of {counted(state.epochs, 'epoch')}"
    name = folder.run if folder.path.parent == paths.runs_folder() else str(folder.path)
    return f"{folder.run}: {done}; bear_tui.open_run({name!r}).resume() continues."


def _in_thread(
    begin: Callable[[Callable[[str], object]], Iterator[Event]],
    control: Control,
    handle: Callable[[_Message], object],
) -> None:
    """Iterate over `begin(say)` in a new thread; call `handle` with each event in this one.

    An exception here thus never interrupts torch or the writing of a checkpoint. It asks the
    training to finish its step and save, and is raised after that. A second one does not wait.
    """
    messages: SimpleQueue[_Message | BaseException | None] = SimpleQueue()
    ended = threading.Event()

    def work() -> None:
        try:
            for event in begin(messages.put):
                messages.put(event)
        except BaseException as error:  # raised again in the thread that waits
            messages.put(error)
        else:
            messages.put(None)
        ended.set()

    thread = threading.Thread(target=work, name="training")
    try:
        thread.start()
        while (message := _next(messages)) is not None:
            if isinstance(message, BaseException):
                raise message
            handle(message)
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        control.stop("interrupted" if interrupted else "stopped by an error of its caller")
        # Not join(): if an interrupt comes meanwhile, Python 3.11 believes that the thread has
        # ended, and exits while it still saves.
        while thread.ident is not None and not ended.wait(_WAKE):
            pass
        raise


def _next(
    messages: "SimpleQueue[_Message | BaseException | None]",
) -> _Message | BaseException | None:
    while True:
        with suppress(Empty):
            return messages.get(timeout=_WAKE)
