"""The app as a process in a pty: what terminals, links and hands do to it."""

import os
import re
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.terminal import Terminal, terminal

COMMAND = [sys.executable, "-m", "bear_tui"]
LEAVE_ALTERNATE_SCREEN = b"\x1b[?1049l"
COLOUR = re.compile(
    rb"[34]8;(?:5;(\d+)|2;(\d+);(\d+);(\d+))[;m]"
)  # whole: what is read may end in one


def ended(held: Terminal, seconds: float = 60.0) -> int:
    """Read until the process has ended; its exit status."""
    for _ in range(int(seconds * 10)):
        held.read(0.1)
        if held.ended:
            break
    else:
        raise TimeoutError(f"it did not end: {held.painted[-300:]!r}")
    _, status = os.waitpid(held.pid, 0)
    return os.waitstatus_to_exitcode(status)


def asks_for(held: Terminal, key: str, answer: str) -> None:
    """Press a key and wait until its answer is painted anew."""
    held.painted = b""
    held.type(key)
    held.wait_for(answer, 30)


@pytest.mark.parametrize("name", ["dumb", ""])
def test_a_terminal_that_cannot_be_drawn_on_gets_a_sentence(name: str) -> None:
    with terminal(COMMAND, 80, 24, {"TERM": name}) as held:
        assert ended(held) == 2
        assert b"cannot show the app" in held.painted
        assert b"\x1b" not in held.painted


# The window gets another size in the moment in which the app has asked for the one before.
TWO_SIZES = """
import fcntl, struct, sys, termios
from bear_tui.cli import main
from bear_tui.tui.toolkit.driver import TerminalDriver

ask = TerminalDriver._get_terminal_size

def ask_slowly(driver):
    size = ask(driver)
    if size == (60, 15):
        fcntl.ioctl(driver.fileno, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    return size

TerminalDriver._get_terminal_size = ask_slowly
sys.exit(main([]))
"""


@pytest.mark.replaces("driver")
def test_of_two_sizes_that_come_together_the_later_one_is_drawn() -> None:
    with terminal([sys.executable, "-c", TWO_SIZES], 120, 40) as held:
        held.wait_for("\x1b[40;1H", 60)
        held.resize(60, 15)
        settled = time.monotonic() + 1.0
        while time.monotonic() < settled:
            held.read(0.05)
        asks_for(held, "\x0c", "\x1b[30;1H")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that takes long")
def test_a_folder_that_is_looked_through_for_long_keeps_no_app_from_ending() -> None:
    with terminal([*COMMAND, "--data", "/"], 120, 40) as held:
        held.wait_for("reading", 60)
        held.type("\x11")
        assert ended(held, 30) == 0


@pytest.mark.replaces("driver")
@pytest.mark.slow
def test_plain_terminals_stray_bytes_a_long_paste_and_a_storm_of_sizes(tmp_path: Path) -> None:
    plain = {"NO_COLOR": "1", "LC_ALL": "C", "XDG_CACHE_HOME": str(tmp_path)}
    with terminal(COMMAND, 80, 24, plain) as held:
        held.wait_for("start from", 30)
        for indexed, *mixed in COLOUR.findall(held.painted):
            assert not indexed or int(indexed) in (0, 15, 16, 231, *range(232, 256)), "no grey"
            assert len(set(mixed)) == 1, "no grey"

        os.write(held.handle, b"\xff\xfe\xc3\x28\xf0\x9f")
        asks_for(held, "2", "models")

        held.type("/\x1b[200~" + "bear " * 200_000 + "\x1b[201~")
        held.type(
            "\x1b"
        )  # and then a moment: escape with a key right behind it is alt and that key
        while held.read(0.5):
            pass
        asks_for(held, "5", "No runs yet")

        for number in range(60):
            held.resize(40 + number * 3, 12 + number % 50)
            held.read(0.01)
        held.resize(80, 24)
        asks_for(held, "1", "start from")

        held.type("q")
        assert ended(held) == 0
        assert LEAVE_ALTERNATE_SCREEN in held.painted


@pytest.mark.replaces("driver")
def test_the_window_may_grow_where_a_shell_exports_its_size(tmp_path: Path) -> None:
    exported = {"COLUMNS": "80", "LINES": "24", "XDG_CACHE_HOME": str(tmp_path)}
    with terminal(COMMAND, 80, 24, exported) as held:
        held.wait_for("start from", 30)
        held.resize(130, 40)
        held.wait_for("─" * 100, 10)


SLOW = 2000
"""Bytes a second: a link on which a whole picture takes two or three seconds."""


@pytest.mark.replaces("driver")
@pytest.mark.slow  # what is measured is seconds of a slow link
def test_over_a_slow_link_keys_do_not_wait_for_pictures_of_the_past(tmp_path: Path) -> None:
    """Each is behind what the terminal holds, one frame on its way and its own: no more.

    Measured: 6.8, 5.6, 2.6, 1.7 and 5.7 seconds. Where frames queue up, the first takes minutes.
    """
    with terminal(COMMAND, 80, 24, {"XDG_CACHE_HOME": str(tmp_path)}) as held:
        held.wait_for("start from", 30)
        while held.read(0.5):
            pass
        for number in range(40):  # each size is a whole new picture, and nobody reads
            held.resize(80 + number % 2, 40 if number < 30 else 24)  # and lower in the end
            time.sleep(0.1)  # a size that comes sooner takes the place of the one before
        for key, answer, seconds in (
            ("?", "Keys of this screen", 9.0),
            ("\x1b", "start from", 7.5),
            ("5", "No runs yet", 4.5),
            ("2", "models", 3.5),
            ("1", "start from", 7.5),
        ):
            held.ask_slowly(key, answer, SLOW, seconds)
        held.type("q")
        assert ended(held) == 0
