"""What was drawn before is freed at once: no search through all objects is needed for it."""

import gc

from rich.segment import Segment
from textual.strip import Strip

from bear_tui.tui.strips import free_undivided


def test_a_line_left_whole_does_not_hold_itself() -> None:
    free_undivided()
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
