"""Textual's terminal driver, made fit for connections that break and keys that are no UTF-8."""

import asyncio
import os
import selectors
import signal
import sys
from codecs import getincrementaldecoder

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size

from bear_tui.text import safe
from bear_tui.tui.toolkit.output import TerminalFile


class TerminalDriver(LinuxDriver):
    """Reads keys until the terminal is gone, and then tells the app so, once.

    `behind` says whether the terminal has not yet taken what was painted last, `taken_anew` that
    it was taken, at the start or after the shell had it, and nothing has been painted since.
    """

    behind = False
    taken_anew = False

    def start_application_mode(self) -> None:
        """Textual's own, and hear from the thread that writes."""
        if isinstance(self._file, TerminalFile):
            self._file.when_drained(self._drained)
        self.taken_anew = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        loop = asyncio.get_running_loop()
        signal.signal(signal.SIGWINCH, lambda *_: loop.call_soon_threadsafe(self._tell_size))

    def _tell_size(self) -> None:
        """Tell the app how large the window is by now.

        Textual asks in the signal's handler, which another signal may interrupt: of two sizes that
        come together the app then hears the older one last.
        """
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self._app.post_message(Resize(size, size))

    def write(self, data: str) -> None:
        """Hand `data` to the thread that writes."""
        self.behind = isinstance(self._file, TerminalFile)  # another would not say when it is done
        super().write(data)

    def _drained(self) -> None:
        """In the thread that writes: all is written."""
        self.behind = False
        self._app.call_later(self._app.run_action, "paint_rest")

    def _get_terminal_size(self) -> tuple[int, int]:
        """Ask the terminal: COLUMNS and LINES, where a shell exports them, stay as they were."""
        try:
            size = os.get_terminal_size(self.fileno)
        except OSError:
            size = os.terminal_size((0, 0))
        return (size.columns, size.lines) if all(size) else super()._get_terminal_size()

    def run_input_thread(self) -> None:
        """Textual's own spins when the terminal is gone, and ends the app on a stray byte."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    keys = self._read()
                    if not keys:
                        # As the kernel does for the terminal that a session is tied to.
                        os.kill(os.getpid(), signal.SIGHUP)
                        return
                    for event in parser.feed(decode(keys)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _sigtstp_application(self, *_: object) -> None:
        """Stopped from the shell: what became of a training is said there."""
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
            if words := getattr(self._app, "shell_words", ""):
                print(f"bear-tui: {safe(words)}", file=sys.__stderr__, flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)

    def _sigcont_application(self, *_: object) -> None:
        """Continued: take the terminal again, and let the app paint it.

        Of SIGSTOP nobody was told, so the terminal was never left: leaving it late keeps what
        its settings were before, and one thread that reads keys.
        """
        if not os.isatty(self.fileno):
            return  # a hang-up continues what it ends
        if not self._must_signal_resume and self._writer_thread is not None:
            self.suspend_application_mode()
            self._must_signal_resume = True
        super()._sigcont_application()

    def _read(self) -> bytes:
        """What was typed; nothing when the terminal is gone."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""
