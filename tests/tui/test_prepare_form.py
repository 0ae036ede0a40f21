"""The prepare form as plain values."""

from pathlib import Path

import pytest

from bear_tui.data.photos.photo import PADS as REAL_PADS
from bear_tui.data.prepare.whole_folder import require_free
from bear_tui.errors import BadInput, Failure
from bear_tui.tui.forms.prepare_form import (
    PADS,
    in_form_words,
    read_class,
    read_coco_wishes,
    read_wishes,
    sources_of,
    target_for,
)
from bear_tui.tui.widgets.plan_view import note_on_test

GOOD = {
    "source": "/",
    "class": "",
    "hold_out": "5",
    "validation": "0",
    "enlarge": "no",
    "size": "256",
    "pad": "black",
    "balance": "no",
    "limit": "",
    "seed": "1",
    "out": "/out",
}


def test_the_paddings_are_those_of_the_data_room() -> None:
    assert PADS == REAL_PADS


def test_the_form_is_read() -> None:
    wishes, wrong = read_wishes({**GOOD, "limit": "100", "balance": "yes"}, ())
    assert wrong == {}
    assert wishes is not None
    assert (wishes.source, wishes.out) == (Path("/"), Path("/out"))
    assert (wishes.hold_out, wishes.limit, wishes.balance) == (5, 100, True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hold_out", "-1"),
        ("hold_out", "five"),
        ("size", "0"),
        ("limit", "0"),
        ("seed", ""),
        ("source", ""),
        ("source", "/a\0b"),
        ("out", " "),
    ],
)
def test_a_field_in_error_is_named(name: str, text: str) -> None:
    wishes, wrong = read_wishes({**GOOD, name: text}, ())
    assert wishes is None
    assert list(wrong) == [name]


def test_a_source_that_is_not_there_is_what_is_wrong_and_not_the_target_beside_it() -> None:
    wishes, wrong = read_wishes({**GOOD, "source": "/no/such/folder", "out": ""}, ())
    assert wishes is None
    assert wrong == {"source": "there is no such folder; check the path."}


def test_classes_from_elsewhere_need_no_common_folder(tmp_path: Path) -> None:
    (tmp_path / "bears").mkdir()
    assert read_class(f"bear={tmp_path}/bears") == ("bear", tmp_path / "bears")
    wishes, wrong = read_wishes({**GOOD, "source": ""}, (("bear", tmp_path), ("cat", tmp_path)))
    assert wrong == {}
    assert wishes is not None
    assert sources_of(wishes) == {"bear": [tmp_path], "cat": [tmp_path]}


@pytest.mark.parametrize("text", ["bear", "=x", "bear=", "bear=/no/such/folder", "a=\0"])
def test_a_class_without_its_folder_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_class(text)


def test_paths_are_understood_as_they_are_pasted(tmp_path: Path) -> None:
    (tmp_path / "my bears").mkdir()
    plain, quoted = tmp_path / "my bears", f"'{tmp_path}/my bears' "
    url = f"file://{tmp_path}/my%20bears\n"
    assert read_class(f"bear={quoted}") == ("bear", plain)
    assert target_for(url) == f"{plain}-prepared"
    wishes, _ = read_wishes({**GOOD, "source": url, "out": quoted}, ())
    assert wishes is not None
    assert (wishes.source, wishes.out) == (plain, plain)
    coco, _ = read_coco_wishes({"coco": url, "images": quoted, "rest": "", "seed": "1"})
    assert coco is not None
    assert (coco.coco, coco.images) == (plain, plain)


def test_one_class_alone_is_refused(tmp_path: Path) -> None:
    wishes, _ = read_wishes({**GOOD, "source": ""}, (("bear", tmp_path),))
    assert wishes is not None
    with pytest.raises(BadInput, match="One class is not enough"):
        sources_of(wishes)


def test_the_target_stands_beside_the_source_and_takes_no_ones_place(tmp_path: Path) -> None:
    source = tmp_path / "bears"
    assert target_for(str(source)) == ""
    source.mkdir()
    assert target_for(str(source)) == str(tmp_path / "bears-prepared")
    (tmp_path / "bears-prepared").mkdir()
    assert target_for(str(source)) == str(tmp_path / "bears-prepared-2")


@pytest.mark.parametrize("text", ["", "  ", "/", "\0", "~nobody-has-this-name"])
def test_no_folder_has_no_target(text: str) -> None:
    assert target_for(text) == ""


def test_refusals_speak_of_fields_not_of_options() -> None:
    taken = BadInput("this folder is not empty; name a new folder.", "out", "/a: b --c")
    assert str(taken) == "--out /a: b --c: this folder is not empty; name a new folder."
    assert in_form_words(taken) == ("out", "this folder is not empty; name a new folder.")
    few = "/x--out: 3 are too few; name fewer with --hold-out or more with --limit."
    assert in_form_words(BadInput(few)) == (
        "",
        "/x--out: 3 are too few; name fewer with `hold out` or more with `at most`.",
    )
    assert in_form_words(BadInput("choose another --out, less --pad, a --size."))[1] == (
        "choose another `to`, less `padding`, a `size px`."
    )
    assert in_form_words(Failure("/x: the disk is full.")) == ("", "/x: the disk is full.")


def test_a_target_that_is_taken_is_told_at_its_field(tmp_path: Path) -> None:
    (tmp_path / "a: b").mkdir()
    (tmp_path / "a: b" / "file").touch()
    with pytest.raises(BadInput) as refused:
        require_free(tmp_path / "a: b")
    assert in_form_words(refused.value) == (
        "out",
        "this folder is not empty; name a new folder.",
    )


@pytest.mark.parametrize(
    ("tested", "said"),
    [
        (0, ""),
        (15, "15 test photos tell little: 90% right may mean 70% to 99%."),
        (40, ""),
    ],
)
def test_a_plan_says_where_its_test_can_tell_little(tested: int, said: str) -> None:
    assert said in note_on_test(tested)
    assert bool(note_on_test(tested)) is bool(said)
