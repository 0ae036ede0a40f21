import io
import json
import os
import re
import sys
from collections import Counter

import pytest
from rich.cells import cell_len

from bear_tui.commands.output import print_json, print_table, progress_bar, say


def test_json_is_one_line_that_holds_any_file_name(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"path": os.fsdecode(b"caf\xe9\n.jpg"), "class": "Медведь"}
    print_json(document)
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    assert r"\udce9" in printed.out
    assert json.loads(printed.out) == document
    assert printed.err == ""


def test_a_figure_that_is_no_number_is_never_printed_as_json() -> None:
    with pytest.raises(ValueError):
        print_json({"loss": float("nan")})


def test_a_message_goes_to_standard_error_and_cannot_move_the_cursor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say("caf\udce9 \x1b[2J")
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "caf\ufffd \ufffd[2J\n")


def test_a_table_lines_up_its_columns_and_leaves_cells_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    long = "/photos/" + "x" * 300
    rows = [["[bold]bear[/]", "7"], [long, "1,234"], ["a\x1b[31mb\nc", ""]]
    print_table(["class", "photos"], rows, frozenset({"photos"}))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[1].split() == ["[bold]bear[/]", "7"]
    assert lines[2].split() == [long, "1,234"]
    assert lines[3].rstrip() == "a\ufffd[31mb c"
    assert len(lines[0].rstrip()) == len(lines[1]) == len(lines[2])


def test_a_progress_bar_is_silent_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress_bar("downloading") as progress:
        progress(1, 10)
    assert capsys.readouterr() == ("", "")


class Screen(io.StringIO):
    """A terminal as far as Python can tell."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("longest", [20, 30, 36, 50, 90])
@pytest.mark.parametrize("width", [45, 80])
def test_a_narrow_terminal_loses_no_figure_and_breaks_a_name_only_where_it_must(
    width: int, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "stdout", screen := Screen())
    name = "n" * longest
    print_table(
        ["class", "photos", "interval", "status"],
        [[name, "1,234", "83.5 – 98.6%", "✓ completed"]],
        frozenset({"photos"}),
    )
    lines = re.sub(r"\x1b\[\d*m", "", screen.getvalue()).splitlines()
    there = Counter("".join(lines))
    meant = Counter(f"classphotosintervalstatus1,23483.5–98.6%✓completed{name}")
    assert not meant - there, "every character of every cell"
    assert all(cell_len(line.rstrip()) <= width for line in lines)
    if longest + len("photos" + "interval" + "completed") + 6 <= width:
        assert any(name in line for line in lines), "whole"
