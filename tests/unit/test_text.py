import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bear_tui.text import counted, safe, safe_in_place

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    "text", ["bear_001.jpg", "Медведь 熊 كلب", "café", "e\u0301", "🐻", "50% [bold]x[/bold] \\n"]
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x1b",  # begins every escape sequence
        "\x07",
        "\x08",
        "\x7f",
        "\x9b",  # the same in one byte of Latin-1
        "\u202e",  # writes what follows from right to left
        "\u2066",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\u2029",
        "\udcff",  # a byte of a file name that is no UTF-8
        chr(0xD800),
        "\ue000",
        "\u0378",  # not assigned
    ],
)
def test_what_a_terminal_would_act_on_is_shown_as_a_replacement(character: str) -> None:
    assert safe(f"a{character}b") == "a\N{REPLACEMENT CHARACTER}b"


def test_an_escape_sequence_becomes_harmless_letters() -> None:
    assert safe("\x1b]0;owned\x07\x1b[2J") == "\ufffd]0;owned\ufffd\ufffd[2J"


def test_line_breaks_and_tabs_become_spaces() -> None:
    assert safe("one\ntwo\r\nthree\tfour") == "one two  three four"


def test_a_tower_of_combining_marks_is_cut() -> None:
    assert safe("a" + "\u0301" * 50 + "b") == "a" + "\u0301" * 3 + "b"


def test_a_long_text_is_cut_and_says_so() -> None:
    assert safe("x" * 10, limit=10) == "x" * 10
    assert safe("x" * 11, limit=10) == "x" * 9 + "…"
    assert len(safe("x" * 1_000_000)) == 1000


def test_an_exception_is_shown_as_its_sentence() -> None:
    assert safe(ValueError("no\nway")) == "no way"


@given(ANY_TEXT)
def test_no_text_gets_through_with_more_than_letters(text: str) -> None:
    shown = safe(text, limit=20)
    assert len(shown) <= 20
    unsafe = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not unsafe & {unicodedata.category(character) for character in shown}
    shown.encode("utf-8")


def test_one_is_not_called_many() -> None:
    assert [counted(n, "epoch") for n in (0, 1, 2000)] == ["0 epochs", "1 epoch", "2,000 epochs"]


@given(ANY_TEXT)
def test_text_made_safe_twice_is_the_same(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@given(st.text())
def test_in_place_each_character_stands_for_one_and_none_is_unsafe(text: str) -> None:
    shown = safe_in_place(text)
    assert len(shown) == len(text)
    assert safe(shown, max(1, len(shown))) == shown, "nothing is left for it to do"
