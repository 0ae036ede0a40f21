import json
import os

import pytest

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
