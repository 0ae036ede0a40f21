"""Lines cost what they need, and are freed at once: no search through all objects is needed."""

import contextlib
import gc
from operator import attrgetter

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bear_tui.tui.toolkit import strip_patch
from bear_tui.tui.toolkit.strip_patch import make_light


def test_a_line_left_whole_does_not_hold_itself() -> None:
    make_light()
    gc.collect()
    gc.disable()
    try:
        for cuts in ([3], [1, 3]):
            line = Strip([Segment("abc")])
            pieces = line.divide(cuts)
            assert "".join(piece.text for piece in pieces) == "abc"
            del line, pieces
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_line_has_the_caches_that_were_asked_for() -> None:
    make_light()
    line = Strip([Segment("abc"), Segment("def", Style(bold=True))])
    assert held(line) == []
    assert [piece.text for piece in line.divide([2, 6])] == ["ab", "cdef"]
    assert held(line) == ["_divide_cache"]
    assert line.divide([2, 6]) is line.divide([2, 6])
    assert line.crop(1, 4) is line.crop(1, 4)
    assert line.crop(1, 4).text == "bcd"
    with pytest.raises(AttributeError, match="_nothing"):
        attrgetter("_nothing")(line)


def held(line: Strip) -> list[str]:
    """The caches that a line has made."""
    found = []
    for name in strip_patch._caches:
        with contextlib.suppress(AttributeError):
            getattr(Strip, name).__get__(line)
            found.append(name)
    return found


def test_lines_of_the_textual_that_is_installed_are_known() -> None:
    assert set(strip_patch._fresh) == strip_patch._known
